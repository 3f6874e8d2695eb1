"""Tells by a file's first bytes what it is, never by its name; says of a wrong file what it seems to be."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from manager_nb.errors import EncryptedFileError, NotABusinessError, SourceError
from manager_nb.format.legacy import MAGIC as LEGACY_MAGIC
from manager_nb.format.tars import begins_archive

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 1 << 16
"""Bytes that are looked at."""


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
}


def recognise(head: bytes) -> Kind | None:
    """What a file that begins with these bytes is; None if it is no business."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return Kind.TAR if begins_archive(head) else None


def refusal(path: Path, head: bytes, size: int, *, packed: bool = False) -> SourceError:
    """The error that a file is no business, with what it seems to be."""
    del size, packed
    return NotABusinessError(
        "{name} is not a Manager business.",
        hint="Choose a .manager file, a backup, or the data folder of Manager.",
        path=path,
        name=path.name,
    )
