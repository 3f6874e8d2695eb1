"""Walks through the b-trees of a damaged SQLite file: what hangs together, in which order, and where it breaks."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from manager_nb.format.damaged.pages import INTERIOR, INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE
from manager_nb.format.damaged.record import Record, Value, read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager_nb.format.damaged.cells import Cell, CellReader, Node, Payload
    from manager_nb.format.damaged.pages import PageFile

Key = tuple[tuple[int, Value], ...]
"""A key that compares as SQLite compares: NULL, numbers, text, bytes."""


class Fault(enum.Enum):
    """In what way a page breaks the tree that points to it."""

    MISSING = "outside the file"
    ZEROS = "nothing but zeros"
    DAMAGED = "not readable at all"
    UNSOUND = "readable, but not all of it is right"
    TWICE = "pointed to twice"
    OTHER = "holds something else"
    DISPLACED = "right in itself, but some of it does not belong where it is"

    @property
    def unreadable(self) -> bool:
        """Whether nothing of the page was read."""
        return self in (Fault.MISSING, Fault.ZEROS, Fault.DAMAGED)

    @property
    def misfit(self) -> bool:
        """Whether the page may be good and only be of another moment than its neighbours."""
        return self in (Fault.TWICE, Fault.OTHER, Fault.DISPLACED)


class Entry(NamedTuple):
    """A cell that was read.

    Attributes:
        cell: where it is.
        payload: its bytes.
        record: its values, None where the bytes are no whole record.
    """

    cell: Cell
    payload: Payload
    record: Record | None


class Visit(NamedTuple):
    """A page of a tree.

    Attributes:
        node: the page.
        entries: its cells; none where rows are kept by number and this is an inner page.
        displaced: the slots whose keys are not in their place, among them the damaged one.
    """

    node: Node
    entries: list[Entry]
    displaced: frozenset[int]


@dataclass(slots=True)
class Tree:
    """A tree as far as it could be walked.

    Attributes:
        root: its root page.
        faults: the pages where it breaks.
        pages: how many were read.
        leaves: how many of them were leaves.
    """

    root: int
    faults: dict[int, Fault] = field(default_factory=dict)
    pages: int = 0
    leaves: int = 0


class Walker:
    """Walks trees, and remembers the pages that belong to one."""

    def __init__(self, file: PageFile, reader: CellReader) -> None:
        self._file = file
        self._reader = reader
        self.reached: set[int] = set()

    def entries(self, node: Node) -> list[Entry]:
        """The cells of a page, read."""
        if node.kind == INTERIOR_TABLE:
            return []
        return [self.entry(cell) for cell in node.cells]

    def entry(self, cell: Cell) -> Entry:
        """One cell, read."""
        payload = self._reader.payload(cell)
        return Entry(cell, payload, read_record(payload.data, self._file.encoding) if payload.whole else None)

    def walk(
        self, tree: Tree, kinds: frozenset[int], belongs: Callable[[Entry], bool], columns: int | None
    ) -> Iterator[Visit]:
        """The pages of a tree, from the left to the right.

        Args:
            tree: where to begin, and where the faults are noted.
            kinds: :data:`BY_KEY` or :data:`BY_NUMBER`.
            belongs: whether a cell can be of this tree; a page where most cannot is not taken for one of its pages.
            columns: how many of the first columns the tree is sorted by; None: they are not looked at.
        """
        waiting: list[tuple[int, Key | None, Key | None]] = [(tree.root, None, None)]
        while waiting:
            number, low, high = waiting.pop()
            node = self._reader.node(number)
            fault = self._unfit(number, node, kinds)
            if node is None or fault is not None:
                tree.faults[number] = fault or Fault.DAMAGED
                continue
            entries = self.entries(node)
            keys = [self._key(entry, columns) for entry in entries]
            outside = {at for at, key in enumerate(keys) if key is not None and not _between(low, key, high)}
            strange = sum(not belongs(entry) for entry in entries)
            if 2 * max(strange, len(outside)) > len(entries) or (not node.cells and number != tree.root):
                tree.faults[number] = Fault.OTHER
                continue
            inverted = _inverted(keys)
            if not node.sound or inverted or any(entry.record is None for entry in entries):
                tree.faults[number] = Fault.UNSOUND
            elif outside:
                tree.faults[number] = Fault.DISPLACED
            tree.pages += 1
            tree.leaves += node.kind not in INTERIOR
            self.reached.add(number)
            displaced = outside | inverted
            yield Visit(node, entries, frozenset(entries[at].cell.slot for at in displaced))
            if node.kind in INTERIOR:
                sound = [None if at in displaced else key for at, key in enumerate(keys)] or [None] * len(node.cells)
                children = [cell.child for cell in node.cells] + [node.right]
                waiting += reversed(list(zip(children, [low, *sound], [*sound, high], strict=True)))

    def look(self, number: int) -> Visit | None:
        """A page on its own, None where it has no rows. It does not count as reached."""
        node = self._reader.node(number)
        if node is None or node.kind == INTERIOR_TABLE:
            return None
        entries = self.entries(node)
        inverted = _inverted([self._key(entry, 1) for entry in entries]) if node.kind in BY_KEY else set()
        return Visit(node, entries, frozenset(entries[at].cell.slot for at in inverted))

    def _unfit(self, number: int, node: Node | None, kinds: frozenset[int]) -> Fault | None:
        if not 1 <= number <= self._file.count:
            return Fault.MISSING
        if node is None:
            return Fault.DAMAGED if any(self._file.page(number)) else Fault.ZEROS
        if number in self.reached:
            return Fault.TWICE
        return None if node.kind in kinds else Fault.OTHER

    def _key(self, entry: Entry, columns: int | None) -> Key | None:
        if entry.record is None or columns is None:
            return None
        return tuple(self._ordered(value) for value in entry.record.values[:columns])

    def _ordered(self, value: Value) -> tuple[int, Value]:
        """A value as SQLite compares it: text by its bytes in the file."""
        if value is None:
            return 0, 0
        if isinstance(value, str):
            return 2, value.encode(self._file.encoding, "replace")
        return (3 if isinstance(value, bytes) else 1), value


BY_KEY = frozenset({INTERIOR_INDEX, LEAF_INDEX})
"""Pages of indexes, and of tables that are kept WITHOUT ROWID."""

BY_NUMBER = frozenset({INTERIOR_TABLE, LEAF_TABLE})
"""Pages of tables whose rows are kept by number."""


def _between(low: Key | None, key: Key, high: Key | None) -> bool:
    return (low is None or low < key) and (high is None or key < high)


def _inverted(keys: list[Key | None]) -> set[int]:
    """Both sides of every step that does not go up."""
    found: set[int] = set()
    before: int | None = None
    for at, key in enumerate(keys):
        if key is None:
            continue
        if before is not None and not _between(keys[before], key, None):
            found |= {before, at}
        before = at
    return found
