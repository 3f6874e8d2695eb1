"""The cells of a damaged SQLite file: b-tree pages, overflow chains and records, each checked as it is read."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from manager_nb.format.damaged.pages import (
    HEADER,
    INTERIOR,
    INTERIOR_INDEX,
    INTERIOR_TABLE,
    LEAF_INDEX,
    LEAF_TABLE,
    OVERFLOW_FIRST,
    OVERFLOW_NEXT,
)
from manager_nb.format.damaged.record import read_varint

if TYPE_CHECKING:
    from manager_nb.format.damaged.pages import PageFile

_SMALLEST_CELL = 4
_SECTOR = bytes(512)


class Cell(NamedTuple):
    """One cell of a b-tree page, not read yet.

    Attributes:
        page: the page it is on.
        slot: its place in the page's list of cells.
        start: where it begins in the page.
        end: where it ends.
        child: the page to its left, 0 on a leaf.
        rowid: the row's number in a table that is kept by number, else 0.
        size: bytes of its record.
        body: where the record begins in the page.
        held: how many bytes of the record are on this page.
    """

    page: int
    slot: int
    start: int
    end: int
    child: int
    rowid: int
    size: int
    body: int
    held: int


class Node(NamedTuple):
    """A b-tree page.

    Attributes:
        number: its page number.
        kind: its first byte.
        cells: those that can be told from each other.
        broken: how many cells more it should have.
        right: its rightmost child, 0 on a leaf.
        sound: whether its cells, its free blocks and its crumbs fill it exactly.
    """

    number: int
    kind: int
    cells: list[Cell]
    broken: int
    right: int
    sound: bool


class Payload(NamedTuple):
    """The bytes of a record.

    Attributes:
        data: as far as they could be gathered.
        chain: the overflow pages they were gathered from.
        whole: whether they are all there.
        hollow: whether some of them lie in a sector of the disk that is nothing but zeros, as a failed write leaves it.
    """

    data: bytes
    chain: tuple[int, ...]
    whole: bool
    hollow: bool


class CellReader:
    """Reads b-tree pages of a file."""

    def __init__(self, file: PageFile) -> None:
        self._file = file
        self._steps = 0

    def may_read(self, times: int) -> None:
        """Allow so many readings of the whole file through overflow pages; more is a file that has us go round."""
        self._steps = times * self._file.count

    def node(self, number: int) -> Node | None:
        """The b-tree page of that number, None where there is none."""
        page = self._file.page(number)
        start = HEADER if number == 1 else 0
        if len(page) < start + 12 or page[start] not in (INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE):
            return None
        kind, free, count, content, crumbs = struct.unpack_from(">BHHHB", page, start)
        array = start + (12 if kind in INTERIOR else 8)
        if count > (self._file.usable - array) // (2 + _SMALLEST_CELL):
            return None
        cells = [self._cell(page, number, kind, slot) for slot in range(count)]
        found = [cell for cell in cells if cell is not None]
        spans = [(cell.start, cell.end) for cell in found] + _free_blocks(page, free)
        whole = len(page) == self._file.usable and array + 2 * count <= (content or 65536) and len(found) == count
        return Node(
            number,
            kind,
            found,
            broken=count - len(found),
            right=int.from_bytes(page[start + 8 : start + 12], "big") if kind in INTERIOR else 0,
            sound=whole and _fills(spans, content or 65536, len(page), crumbs),
        )

    def cell(self, number: int, slot: int) -> Cell | None:
        """One cell again, without reading the whole page."""
        page = self._file.page(number)
        return self._cell(page, number, page[HEADER if number == 1 else 0], slot)

    def payload(self, cell: Cell) -> Payload:
        """The bytes of a cell's record, through its overflow pages."""
        page = self._file.page(cell.page)
        held = page[cell.body : cell.body + cell.held]
        hollow = _hollow(page, cell.start, cell.end)
        if cell.held == cell.size:
            return Payload(held, (), True, hollow)
        first = int.from_bytes(page[cell.body + cell.held : cell.end], "big")
        return self._chained(cell, held, first, hollow)

    def owns(self, cell: tuple[int, int], page: int, chain: tuple[int, ...]) -> bool:
        """Whether the page map says that an overflow page belongs to the chain of that cell."""
        mapped = self._file.mapped(page)
        place = chain.index(page)
        expected = (OVERFLOW_NEXT, chain[place - 1]) if place else (OVERFLOW_FIRST, cell[0])
        return mapped is not None and (mapped.kind, mapped.parent) == expected

    def _cell(self, page: bytes, number: int, kind: int, slot: int) -> Cell | None:
        array = (HEADER if number == 1 else 0) + (12 if kind in INTERIOR else 8)
        place = array + 2 * slot
        start = int.from_bytes(page[place : place + 2], "big")
        if not array <= start <= len(page) - _SMALLEST_CELL:
            return None
        position, child, rowid, size = start, 0, 0, 0
        if kind in INTERIOR:
            child = int.from_bytes(page[position : position + 4], "big")
            position += 4
        if kind != INTERIOR_TABLE:
            size, position = read_varint(page, position)
        if kind in (INTERIOR_TABLE, LEAF_TABLE):
            rowid, position = read_varint(page, position)
        if position <= 0 or size > self._file.count * self._file.page_size:
            return None
        held = self._held(size, kind)
        end = max(position + held + (4 if held < size else 0), start + _SMALLEST_CELL)
        if end > len(page):
            return None
        return Cell(number, slot, start, end, child, rowid - (1 << 64) * (rowid >> 63), size, position, held)

    def _held(self, size: int, kind: int) -> int:
        """How much of a record stays on its b-tree page."""
        usable = self._file.usable
        most = usable - 35 if kind == LEAF_TABLE else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return size
        least = (usable - 12) * 32 // 255 - 23
        held = least + (size - least) % (usable - 4)
        return held if held <= most else least

    def _chained(self, cell: Cell, held: bytes, number: int, hollow: bool) -> Payload:
        parts, chain, missing = [held], dict[int, None](), cell.size - len(held)
        while missing > 0:
            page = self._file.page(number)
            enough = len(page) >= min(4 + missing, self._file.usable) and any(page)
            self._steps -= 1
            if not enough or number <= 1 or number in chain or self._file.is_map(number) or self._steps < 0:
                return Payload(b"".join(parts), tuple(chain), False, hollow)
            parts.append(page[4 : 4 + missing])
            chain[number] = None
            hollow = hollow or _hollow(page, 0, 4 + len(parts[-1]))
            missing -= len(parts[-1])
            number = int.from_bytes(page[:4], "big")
        return Payload(b"".join(parts), tuple(chain), number == 0, hollow)


def _hollow(page: bytes, start: int, end: int) -> bool:
    """Whether a sector that reaches into that stretch of the page is nothing but zeros."""
    first = start - start % len(_SECTOR)
    return any(page[at : at + len(_SECTOR)] == _SECTOR for at in range(first, end, len(_SECTOR)))


def _free_blocks(page: bytes, first: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    while first and first + 4 <= len(page):
        following, size = struct.unpack_from(">HH", page, first)
        spans.append((first, first + size))
        if following and following <= first:
            return [(0, 0)]
        first = following
    return spans


def _fills(spans: list[tuple[int, int]], content: int, end: int, crumbs: int) -> bool:
    """Whether the spans lie side by side from `content` to `end`, with that many bytes of crumbs between them."""
    position = content
    for start, stop in sorted(spans):
        if start < position:
            return False
        crumbs -= start - position
        position = stop
    return position <= end and crumbs == end - position
