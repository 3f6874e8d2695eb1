"""Tables in a damaged file that are not Manager's: copied as far as their trees can be walked, with their schema."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from manager_nb.format.damaged.trees import BY_KEY, BY_NUMBER, Tree
from manager_nb.format.layout import insertion
from manager_nb.format.problems import LOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.format.damaged.cells import CellReader
    from manager_nb.format.damaged.definitions import Definition
    from manager_nb.format.damaged.losses import Losses
    from manager_nb.format.damaged.record import Value
    from manager_nb.format.damaged.trees import Entry, Walker


class OtherTable:
    """One of them.

    Attributes:
        definition: the table.
        tree: its tree as far as it could be walked.
        places: page and slot of its rows.
    """

    def __init__(self, walker: Walker, reader: CellReader, definition: Definition) -> None:
        self.definition = definition
        self.tree = Tree(definition.root)
        self.places: list[tuple[int, int]] = []
        self._walker = walker
        self._reader = reader

    def read_tree(self) -> Iterator[int]:
        """Find the rows; yields 1 after each page."""
        if not self.definition.root:
            return
        kinds = BY_NUMBER if self.definition.by_number else BY_KEY
        for visit in self._walker.walk(self.tree, kinds, self._belongs, None):
            self.places += [(entry.cell.page, entry.cell.slot) for entry in visit.entries if self._belongs(entry)]
            yield 1

    def write(self, connection: sqlite3.Connection, losses: Losses) -> None:
        """Make the table in a new file and insert its rows."""
        name = self.definition.name
        columns = self.definition.columns
        try:
            connection.execute(self.definition.sql)
        except sqlite3.Error:
            losses.tell(name, "This table is not one of Manager's and could not be copied.", LOST)
            return
        refused = 0
        for place in self.places:
            values = self._values(place)
            try:
                connection.execute(insertion(name, columns), values)
            except (sqlite3.Error, OverflowError):
                refused += 1
        for index in self.definition.indexes:
            if index.sql:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute(index.sql)
        if refused:
            losses.tell(name, f"{refused} rows of this table could not be copied.", LOST, refused)

    def _values(self, place: tuple[int, int]) -> tuple[Value, ...]:
        cell = self._reader.cell(*place)
        entry = self._walker.entry(cell) if cell is not None else None
        if entry is None or entry.record is None:
            return ()
        values = self.definition.padded(entry.record.values)
        return tuple(
            entry.cell.rowid if name == self.definition.number else value
            for name, value in zip(self.definition.columns, values, strict=True)
        )

    def _belongs(self, entry: Entry) -> bool:
        return entry.record is not None and len(entry.record.values) <= len(self.definition.columns)
