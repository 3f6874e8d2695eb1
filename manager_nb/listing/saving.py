"""What a business has attached, as a file of its own: checked, under a name that is safe, never over another file."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from manager_nb.backup.names import file_name, numbered
from manager_nb.errors import BusinessNameError, NotFoundError, TargetExistsError, VerificationError
from manager_nb.format.businesses import absolute
from manager_nb.format.placing import partial, writing
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.format.placing import Partial
    from manager_nb.model.business import Business

LONGEST = 200
"""Bytes of the longest name that a saved file gets: a number and a temporary name have to fit too."""

PICTURES = {
    "image/png": (".png", b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": (".jpg", b"\xff\xd8\xff"),
    "image/gif": (".gif", b"GIF8"),
    "image/webp": (".webp", b"RIFF"),
    "image/bmp": (".bmp", b"BM"),
}
"""The kinds of pictures that are shown: their ending, and how their bytes begin."""

_ENDING = re.compile(r"\.[\w-]{1,15}$")
_HIDING = re.compile("[\u200e\u200f\u2028-\u202e\u2066-\u2069\x80-\x9f]")
"""Signs that change how a name is read, so that "fdp.exe" looks like "exe.pdf", and are themselves not seen."""


def picture_kind(content: bytes) -> str | None:
    """The MIME type of a picture that can be shown, told by its bytes, whatever the file says; None for all else."""
    kind = next((mime for mime, (_, begins) in PICTURES.items() if content.startswith(begins)), None)
    return None if kind == "image/webp" and content[8:12] != b"WEBP" else kind


def save_attachment(business: Business, key: str, folder: Path | str, *, progress: Progress = SILENT) -> Path:
    """Save what is attached, proven by its SHA-256 before and after writing.

    Args:
        business: the business.
        key: of the attachment.
        folder: where; made if it is not there.
        progress: heeded until the file gets its name.

    Returns:
        The new file, called as the attachment is, as far as that can be a file's name; if the name is taken it becomes
        ``NAME(2)``, ``NAME(3)`` …

    Raises:
        NotFoundError: there is no such attachment, or this copy does not have its content unaltered.
        TargetError: the folder cannot be written.
        CancelledError: the user cancelled; nothing stays.
    """
    content = business.attachment_bytes(key)
    name = business.record(key).fields.get("Name")
    return save_bytes(content, str(name or "Attachment"), folder, progress=progress)


def save_picture(business: Business, key: str, name: str, folder: Path | str, *, progress: Progress = SILENT) -> Path:
    """Save the picture of a record; as :func:`save_attachment`.

    Args:
        business: the business.
        key: of the record.
        name: what the file is called, without an ending.
        folder: where.
        progress: heeded.

    Raises:
        NotFoundError: the record has no picture.
        TargetError: the folder cannot be written.
    """
    image = business.image(key)
    if image is None:
        raise NotFoundError(
            "{name} has no picture.",
            hint="Take a record from the list of pictures.",
            path=business.source.path,
            name=name,
        )
    content = image.content
    ending = PICTURES.get(picture_kind(content) or "", (".bin", b""))[0]
    return save_bytes(content, name + ending, folder, progress=progress)


def save_bytes(content: bytes, name: str, folder: Path | str, *, progress: Progress = SILENT) -> Path:
    """Write a new file, and read it back before it gets its name.

    Args:
        content: what it holds.
        name: any text, from anywhere: what cannot be in a file's name, or would hide, is replaced.
        folder: where; made if it is not there.
        progress: heeded until the file gets its name.

    Raises:
        VerificationError: what was read back is not what was written; it is removed.
        TargetError: the folder cannot be written.
        CancelledError: the user cancelled; nothing stays.
    """
    place = absolute(folder)
    stem, ending = safe_name(name)
    with writing(place):
        place.mkdir(parents=True, exist_ok=True)
    with partial(place, stem + ending) as made:
        progress.start("Saving", len(content))
        check(progress)
        with writing(place / (stem + ending)):
            made.file.write(content)
        made.sync()
        if hashlib.sha256(made.path.read_bytes()).digest() != hashlib.sha256(content).digest():
            raise VerificationError(
                "What was written of {name} is not what was read.",
                hint="It was removed. The disk may be failing: choose a folder on another one.",
                path=place,
                name=stem + ending,
            )
        check(progress)
        saved = place_free(made, place, stem, ending)
        progress.finish()
        return saved


def place_free(made: Partial, folder: Path, stem: str, ending: str) -> Path:
    """Give a new file its name, or the first free one of ``NAME(2)``, ``NAME(3)`` … where that is taken.

    Raises:
        TargetError: no name can be given there.
    """
    number = 1
    while True:
        target = folder / f"{numbered(stem, number)}{ending}"
        try:
            made.place(target)
        except TargetExistsError:
            number += 1
        else:
            return target


def safe_name(name: str) -> tuple[str, str]:
    """A name as that of a file that every system can hold and that shows what it is: its stem and its ending."""
    seen = _HIDING.sub("_", name)
    found = _ENDING.search(seen)
    ending = found.group() if found and found.start() else ""
    stem = seen.removesuffix(ending)
    stem = re.sub(r"^[.\s]+", "_", stem)  # a name that begins with a dot is hidden
    try:
        safe = file_name(stem, longest=LONGEST - len(ending.encode())).text
    except BusinessNameError:
        safe = "_"
    return safe, ending
