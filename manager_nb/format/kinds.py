"""Tells by a file's first bytes what it is, never by its name, and says of a wrong file what it seems to be."""

from __future__ import annotations

import codecs
import enum
from typing import TYPE_CHECKING

import numpy as np

from manager_nb.errors import EncryptedFileError, NotABusinessError, SourceError
from manager_nb.format.legacy import MAGIC as LEGACY_MAGIC
from manager_nb.format.tars import begins_archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEAD = 1 << 16
"""Bytes from the beginning that are looked at."""


class Kind(enum.Enum):
    """What a business can come as."""

    SQLITE = "manager"
    TAR = "manager.tar"
    LEGACY = "legacy"
    GZIP = "gz"
    ZSTD = "zst"


PACKED = frozenset({Kind.GZIP, Kind.ZSTD})
"""Kinds that must be unpacked first."""

_MAGIC = {
    b"SQLite format 3\0": Kind.SQLITE,
    LEGACY_MAGIC: Kind.LEGACY,
    b"\x1f\x8b\x08": Kind.GZIP,
    b"\x28\xb5\x2f\xfd": Kind.ZSTD,
    **{bytes([first]) + b"\x2a\x4d\x18": Kind.ZSTD for first in range(0x50, 0x60)},  # begins with a skippable frame
}

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
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe")

_MARKUP = ("<!doctype", "<html", "<script", "<?xml", "<head", "<body")
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\x1b")

_PAGE_SIZES = (4096, 1024, 2048, 8192, 16384, 512)
"""Manager's, then others in which three pages fit :data:`HEAD`."""

_TREE_PAGES = frozenset({2, 5, 10, 13})
_ENOUGH_PAGES = 3
_ENOUGH_BYTES = 2048
_CHI_SQUARE = 400.0
"""Random bytes give 255 on average and stay below this; anything with a structure, compressed data too, is above."""


def recognise(head: bytes) -> Kind | None:
    """What a file that begins with these bytes is; None if it is no business.

    A SQLite file whose beginning is destroyed is known by its pages.
    """
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if begins_archive(head):
        return Kind.TAR
    return Kind.SQLITE if _has_pages(head) else None


def refusal(path: Path, head: bytes, size: int, *, packed: bool = False) -> SourceError:
    """The error that a file is no business, with what it seems to be.

    Args:
        path: the file.
        head: its first bytes, or those of what is packed in it.
        size: its length, or that of what is packed in it.
        packed: whether it is about what is packed in it.
    """
    if size == 0:
        return NotABusinessError(
            "{name} is empty.",
            hint="The copy or the download did not work. Copy the file again, or choose a backup.",
            path=path,
            name=path.name,
        )
    if not head.strip(b"\0"):
        return NotABusinessError(
            "{name} contains nothing but zeros.",
            hint="The copy did not work, or the disk has lost the content. Choose a backup.",
            path=path,
            name=path.name,
        )
    if packed and recognise(head) in PACKED:
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


def _has_pages(head: bytes) -> bool:
    """Whether a few of the pages after the first are those of a SQLite file."""
    return any(
        sum(_is_tree_page(head[start : start + size]) for start in range(size, len(head), size)) >= _ENOUGH_PAGES
        for size in _PAGE_SIZES
    )


def _is_tree_page(page: bytes) -> bool:
    if len(page) < _PAGE_SIZES[-1] or page[0] not in _TREE_PAGES:
        return False
    cells, content, first = (
        int.from_bytes(page[start : start + 2], "big") for start in (3, 5, 12 if page[0] < 8 else 8)
    )
    return cells > 0 and 8 + 2 * cells <= content <= first < len(page)
