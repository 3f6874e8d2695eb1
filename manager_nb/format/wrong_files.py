"""Says of a file that is no business what it seems to be, and what to do."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import numpy as np

from manager_nb.errors import EncryptedFileError, NotABusinessError, SourceError
from manager_nb.format.kinds import HEAD, PACKED, recognise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import BinaryIO

_ARCHIVES = {
    b"PK\x03\x04": "ZIP",
    b"PK\x05\x06": "ZIP",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
}
_DOCUMENTS = {b"%PDF": "PDF", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "Office"}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_COMPANION = b"\0\x05\x16\x07"
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe")

_MARKUP = ("<!doctype", "<html", "<script", "<?xml", "<head", "<body")
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\x1b")


_ENOUGH_BYTES = 2048
_CHI_SQUARE = 400.0
"""Random bytes give 255 on average and stay below this; anything with a structure, compressed data too, is above."""


def no_business(path: Path, file: BinaryIO, *, packed: bool = False) -> SourceError:
    """The error that a file is no business, with what it seems to be.

    Args:
        path: the file that the user chose.
        file: it, or what is packed in it, open.
        packed: whether it is what is packed in it.
    """
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return NotABusinessError(
            "{name} is empty.",
            hint="The copy or the download did not work. Copy the file again, or choose a backup.",
            path=path,
            name=path.name,
        )
    if _is_zero(file):
        return NotABusinessError(
            "{name} contains nothing but zeros.",
            hint="The copy did not work, or the disk has lost the content. Choose a backup.",
            path=path,
            name=path.name,
        )
    if packed and recognise(file) in PACKED:
        return NotABusinessError(
            "{name} is compressed twice.",
            hint="Unpack it once with another program, then open the result.",
            path=path,
            name=path.name,
        )
    text = _text(head)
    return _binary(path, head) if text is None else _textual(path, text)


def _textual(path: Path, text: str) -> SourceError:
    if text.startswith(("{", "[")):
        return NotABusinessError(
            "{name} is a JSON text, not a Manager business.",
            hint="In Manager, import it with Import Business, then make a backup and open that.",
            path=path,
            name=path.name,
        )
    if text[:20].lower().startswith(_MARKUP):
        return NotABusinessError(
            "{name} is a web page, not a Manager business.",
            hint="The download gave a page, such as the login page. Log in to Manager and make the backup again.",
            path=path,
            name=path.name,
        )
    return NotABusinessError(
        "{name} is a text, not a Manager business.",
        hint="Choose a .manager file, a backup, or the data folder of Manager.",
        path=path,
        name=path.name,
    )


def _binary(path: Path, head: bytes) -> SourceError:
    if archive := _known(_ARCHIVES, head):
        return NotABusinessError(
            "{name} is an archive ({format}), not a Manager business.",
            hint="Unpack it, then open the .manager file that is in it.",
            path=path,
            name=path.name,
            format=archive,
        )
    if document := _known(_DOCUMENTS, head):
        return NotABusinessError(
            "{name} is a document ({format}), not a Manager business.",
            hint="Choose a .manager file, a backup, or the data folder of Manager.",
            path=path,
            name=path.name,
            format=document,
        )
    if head.startswith((*_PICTURES, *_PROGRAMS)):
        return NotABusinessError(
            "{name} is a picture or a program, not a Manager business.",
            hint="Choose a .manager file, a backup, or the data folder of Manager.",
            path=path,
            name=path.name,
        )
    if head.startswith(_COMPANION):
        return NotABusinessError(
            "{name} is a companion of a file that macOS made, not a Manager business.",
            hint="Choose the file of the same name without the ._ at its beginning.",
            path=path,
            name=path.name,
        )
    if _is_random(head):
        return EncryptedFileError(
            "{name} seems to be encrypted: its bytes follow no pattern.",
            hint="Decrypt it with the program that encrypted it, then open the result.",
            path=path,
            name=path.name,
        )
    return NotABusinessError(
        "{name} is not a Manager business.",
        hint="Choose a .manager file, a backup, or the data folder of Manager.",
        path=path,
        name=path.name,
    )


def _is_zero(file: BinaryIO) -> bool:
    file.seek(0)
    return not any(chunk.strip(b"\0") for chunk in iter(lambda: file.read(HEAD), b""))


def _known(magics: Mapping[bytes, str], head: bytes) -> str | None:
    return next((name for magic, name in magics.items() if head.startswith(magic)), None)


def _text(head: bytes) -> str | None:
    """The beginning of a text without leading blanks, None if it is no text."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.intersection(text) else text.lstrip()


def _is_random(head: bytes) -> bool:
    if len(head) < _ENOUGH_BYTES:
        return False
    counts = np.bincount(np.frombuffer(head, np.uint8), minlength=256)
    expected = len(head) / 256
    return float(((counts - expected) ** 2 / expected).sum()) < _CHI_SQUARE
