"""Tells by a file's first bytes what it is, never by its name."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from manager_nb.format.legacy import MAGIC as LEGACY_MAGIC
from manager_nb.format.tars import begins_archive

if TYPE_CHECKING:
    from typing import BinaryIO

HEAD = 1 << 16
"""Bytes from the beginning that are looked at; a multiple of every page size."""


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

_PAGE_SIZES = (4096, 1024, 2048, 8192, 16384, 512)
"""Manager's, then others in which three pages fit :data:`HEAD`."""

_TREE_PAGES = frozenset({2, 5, 10, 13})
_ENOUGH_PAGES = 3
_SAMPLES = 4
"""Places in a file that are looked at for pages."""


def recognise(file: BinaryIO) -> Kind | None:
    """What an open file is by its first bytes; None if it is no business.

    A SQLite file whose beginning is destroyed is known by its pages.
    """
    head, size = _at(file, 0), file.seek(0, 2)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if begins_archive(head):
        return Kind.TAR
    places = sorted({size * part // _SAMPLES // HEAD * HEAD for part in range(_SAMPLES)})
    return Kind.SQLITE if any(_has_pages(_at(file, place)) for place in places) else None


def _at(file: BinaryIO, place: int) -> bytes:
    file.seek(place)
    return file.read(HEAD)


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
