"""A damaged SQLite file as numbered pages, with what its header and its own page map tell about them.

Nothing is believed that the bytes do not bear out: the header may be the damaged part. The file format is SQLite's,
https://www.sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from manager_nb.format.layout import PAGE_SIZE

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

MAGIC = b"SQLite format 3\0"

HEADER = 100
"""Bytes of the file header, at the beginning of page 1."""

INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE = 0x02, 0x05, 0x0A, 0x0D
INTERIOR = frozenset({INTERIOR_INDEX, INTERIOR_TABLE})
B_TREE = frozenset({INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE})
"""First byte of a b-tree page."""

ROOT, FREE, OVERFLOW_FIRST, OVERFLOW_NEXT, CHILD = range(1, 6)
"""What the page map says a page is."""

_LOCK_BYTE = 1 << 30
_ENCODINGS = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
_PAGE_SIZES = (PAGE_SIZE, *(size for size in (1 << power for power in range(16, 8, -1)) if size != PAGE_SIZE))
_SAMPLE = 500
"""Pages looked at to learn the page size."""

_SAMPLED = 4 << 20
"""Bytes looked at to learn the text encoding."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What the page map says of a page: what it is, and the page that points to it (0: none)."""

    kind: int
    parent: int


class PageFile:
    """The pages of a file; a context manager.

    Attributes:
        page_size: bytes of a page.
        usable: bytes of a page that hold data.
        count: how many pages there are; the last may be cut short.
        told: how many there should be, None where the header cannot be read.
        encoding: Python's name of the text encoding.
        has_map: whether SQLite keeps a page map in it (``auto_vacuum``).
    """

    def __init__(self, path: Path) -> None:
        """Open it.

        Args:
            path: a private copy, not empty: it must not change while it is read.
        """
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = self._bytes[:HEADER].ljust(HEADER, b"\0")
        self.page_size, reserved = _page_size(self._bytes, header)
        self.usable = self.page_size - reserved
        self.count = -(-len(self._bytes) // self.page_size)
        self.encoding = _encoding(self._bytes, header)
        self._header = header if _reads(header, self.page_size) else None
        self.told = self._told()
        self.has_map = self._find_map()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bytes.close()

    def page(self, number: int) -> bytes:
        """The usable bytes of a page, fewer where the file was cut short, none outside the file."""
        if not 1 <= number <= self.count:
            return b""
        start = (number - 1) * self.page_size
        return self._bytes[start : start + self.usable]

    def is_map(self, number: int) -> bool:
        """Whether the page is one of those that hold the page map."""
        return self.has_map and number == self._map_of(number)

    def is_lock_page(self, number: int) -> bool:
        """Whether the page is the one that SQLite never uses."""
        return number == _LOCK_BYTE // self.page_size + 1

    def mapped(self, number: int) -> Mapped | None:
        """What the page map says of a page, None where it says nothing that could be true."""
        if not self.has_map or not 3 <= number <= self.count or self.is_map(number):
            return None
        start = self._map_of(number)
        place = 5 * (number - start - 1)
        entry = self.page(start)[place : place + 5]
        kind, parent = int.from_bytes(entry[:1], "big"), int.from_bytes(entry[1:], "big")
        if len(entry) < 5 or not ROOT <= kind <= CHILD or (kind in (ROOT, FREE)) != (parent == 0):
            return None
        return Mapped(kind, parent) if parent <= self.count else None

    @property
    def has_header(self) -> bool:
        """Whether the file begins with a header as SQLite writes it."""
        return self._header is not None and self._bytes[: len(MAGIC)] == MAGIC

    def map_is_damaged(self) -> bool:
        """Whether the page map has entries that cannot be true."""
        numbers = range(3, min(self.count, self.told or self.count) + 1) if self.has_map else ()
        return any(
            self.mapped(number) is None
            for number in numbers
            if not self.is_map(number) and not self.is_lock_page(number)
        )

    def free_pages(self) -> tuple[frozenset[int], bool]:
        """The pages that hold nothing any more, and whether that list is whole."""
        if self._header is None:
            return self._mapped_free(), self.has_map
        trunk, told = self._number(32), self._number(36)
        free: set[int] = set()
        trunks: set[int] = set()
        while 1 < trunk <= self.count and trunk not in trunks:
            trunks.add(trunk)
            page = self.page(trunk)
            leaves = [int.from_bytes(page[place : place + 4], "big") for place in range(8, len(page) - 3, 4)]
            free.update(leaf for leaf in leaves[: int.from_bytes(page[4:8], "big")] if 1 < leaf <= self.count)
            trunk = int.from_bytes(page[:4], "big")
        free |= trunks
        if trunk == 0 and len(free) == told:
            return frozenset(free), True
        return (self._mapped_free(), True) if self.has_map else (frozenset(free), False)

    def _mapped_free(self) -> frozenset[int]:
        numbers = range(3, self.count + 1) if self.has_map else ()
        return frozenset(number for number in numbers if (entry := self.mapped(number)) and entry.kind == FREE)

    def _number(self, place: int) -> int:
        return int.from_bytes((self._header or b"")[place : place + 4], "big")

    def _told(self) -> int | None:
        """The page count of the header; it is valid only where the two change counters agree."""
        if self._header is None or self._header[24:28] != self._header[92:96]:
            return None
        return self._number(28) or None

    def _map_of(self, number: int) -> int:
        """The page of the page map that has the entry of `number` (or is that page itself)."""
        stretch = self.usable // 5 + 1
        start = (number - 2) // stretch * stretch + 2
        return start + 1 if self.is_lock_page(start) else start

    def _find_map(self) -> bool:
        """Whether page 2 is a page map: it looks like one, or the header says so and nothing speaks against it."""
        page = self.page(2)
        kinds = page[: 5 * max(0, min(self.count - 2, self.usable // 5)) : 5]
        likely = sum(ROOT <= kind <= CHILD for kind in kinds)
        told = self._header is not None and self._number(52) != 0
        if page and cells_end_at(page, 0, self.usable):
            return False
        return told or (bool(kinds) and 2 * likely > len(kinds))


def cells_end_at(page: bytes, start: int, end: int) -> bool:
    """Whether `page` looks like a b-tree page whose data fill it up to `end`.

    Args:
        page: the bytes.
        start: where its b-tree header begins: 100 in page 1.
        end: the usable size to test.
    """
    if len(page) < end or page[start] not in B_TREE:
        return False
    cells = int.from_bytes(page[start + 3 : start + 5], "big")
    content = int.from_bytes(page[start + 5 : start + 7], "big") or 65536
    array = start + (12 if page[start] in INTERIOR else 8)
    if not array + 2 * cells <= content <= end:
        return False
    if not cells:
        return content == end
    places = [int.from_bytes(page[place : place + 2], "big") for place in range(array, array + 2 * cells, 2)]
    return all(content <= place <= end - 4 for place in places) and max(places) > end - end // 2


def _page_size(data: mmap.mmap, header: bytes) -> tuple[int, int]:
    """Page size and reserved bytes: what the header says if the pages bear it out, else what they look like."""
    told = int.from_bytes(header[16:18], "big")
    size, reserved = 65536 if told == 1 else told, header[20]
    candidates = [(size, reserved), (size, 0)] if size in _PAGE_SIZES and reserved <= size - 480 else []
    candidates += [(size, 0) for size in _PAGE_SIZES]
    best, most = candidates[0], 0
    for size, reserved in candidates:
        looked_at = min(_SAMPLE * PAGE_SIZE, len(data)) // size
        stride = max(1, len(data) // size // max(1, looked_at))
        found = sum(
            cells_end_at(data[place : place + size - reserved], 0 if place else HEADER, size - reserved)
            for place in range(0, stride * looked_at * size, stride * size)
        )
        if found * size > most:
            best, most = (size, reserved), found * size
    return best


def _encoding(data: mmap.mmap, header: bytes) -> str:
    """The text encoding in which keys are found; the header's where there are none.

    The beginning of a key in UTF-16 of either byte order can be read in the other one, but for one byte: a key that
    follows a record's header is found only in the right one if that is little-endian, in both if it is big-endian.
    """
    found = {name: len(_beginning_of_keys(name).findall(data[:_SAMPLED])) for name in _ENCODINGS.values()}
    told = _ENCODINGS.get(int.from_bytes(header[56:60], "big"), "utf-8")
    best = max(("utf-8", "utf-16-be", "utf-16-le"), key=lambda name: found[name])
    return best if found[best] > found[told] or (found[best] == found[told] and best == "utf-16-be") else told


def _beginning_of_keys(encoding: str) -> re.Pattern[bytes]:
    before, after = {"utf-8": (b"", b""), "utf-16-le": (b"", b"\0"), "utf-16-be": (b"\0", b"")}[encoding]
    digit, hyphen = before + b"[0-9a-f]" + after, before + b"-" + after
    return re.compile(b"(?:" + digit + b"){8}" + hyphen)


def _reads(header: bytes, page_size: int) -> bool:
    """Whether the header is one, so that its other numbers may be asked."""
    told = int.from_bytes(header[16:18], "big")
    return header[21:24] == b"\x40\x20\x20" and (65536 if told == 1 else told) == page_size
