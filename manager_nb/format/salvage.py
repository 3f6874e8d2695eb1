"""Reads what is left of a damaged SQLite business and writes it into a sound one (docs/format.md §6).

SQLite stops at the first bad page. Here every page is looked at by itself: the trees are walked as far as they hang
together (:mod:`manager_nb.format.damaged.trees`), then come the pages that nothing points to any more, and each row
is weighed (:mod:`manager_nb.format.damaged.carving`). All that is left out, and all that is doubtful, is told.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from manager_nb.errors import DamagedFileError
from manager_nb.format import layout
from manager_nb.format.damaged.carving import TableCarver
from manager_nb.format.damaged.cells import CellReader
from manager_nb.format.damaged.losses import Losses
from manager_nb.format.damaged.other_tables import OtherTable
from manager_nb.format.damaged.pages import MAGIC, PageFile
from manager_nb.format.damaged.report import report
from manager_nb.format.damaged.schema import find_definitions
from manager_nb.format.damaged.trees import Walker
from manager_nb.progress import SILENT, check

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.format.damaged.record import Value
    from manager_nb.format.damaged.trees import Visit
    from manager_nb.format.problems import Problem
    from manager_nb.progress import Progress

_BATCH = 1000
_READINGS = 20
"""So often the overflow pages of a file may be read, all together; honest files need fewer than five."""


def salvage(path: Path, target: Path, progress: Progress = SILENT) -> list[Problem]:
    """Save the rows of a damaged business.

    The target has Manager's current layout, with whatever other tables and columns the file has. Rows come back as
    they are in the file or not at all.

    Args:
        path: a private copy of the file: it must not change meanwhile.
        target: where the sound file goes; nothing may be there yet.
        progress: told in pages, then in rows.

    Returns:
        What is lost, and what is doubtful.

    Raises:
        DamagedFileError: not one row can be read.
        TargetExistsError: there is a file at `target`.
        CancelledError: the user cancelled; `target` is not there.
    """
    if path.stat().st_size < len(MAGIC):
        raise _nothing_left(path)
    with PageFile(path) as file:
        work = _Salvage(file, progress)
        work.find()
        if not work.has_rows() and not work.is_empty_business():
            raise _nothing_left(path)
        work.write(target)
        return work.problems()


class _Salvage:
    """The salvage of one file."""

    def __init__(self, file: PageFile, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._losses = Losses()
        self._reader = CellReader(file)
        self._reader.may_read(_READINGS)
        self._walker = Walker(file, self._reader)
        self._schema = find_definitions(file, self._walker)
        self._references: set[Value] | None = None
        self._free, self._free_known = file.free_pages()
        self._carvers = [
            TableCarver(self._walker, self._reader, found.definition, self._losses, guessed=found.guessed)
            for found in self._schema.manager
        ]
        self._others = [OtherTable(self._walker, self._reader, definition) for definition in self._schema.others]

    def find(self) -> None:
        """Find the rows of all tables and weigh them."""
        self._progress.start("Looking for what can be read", self._file.count)
        for step in (self._trees, self._indexes, self._orphans):
            for pages in step():
                check(self._progress)
                self._progress.advance(pages)
        self._progress.finish()
        for carver in self._carvers:
            carver.find_lost()
        for carver in self._carvers:
            carver.weigh_disagreements(self._referred)
        self._drop_overwritten()

    def has_rows(self) -> bool:
        """Whether there is anything to write."""
        return any(carver.carved.places for carver in self._carvers) or any(other.places for other in self._others)

    def is_empty_business(self) -> bool:
        """Whether there is nothing because there never was: the tables are there, whole and empty."""
        whole = {
            carver.carved.definition.name
            for carver in self._carvers
            if not (carver.carved.tree.faults or carver.carved.guessed)
        }
        return {"Objects", "Changes"} <= whole

    def write(self, target: Path) -> None:
        """Write the rows into a new file."""
        self._reader.may_read(_READINGS)
        there = [carver for carver in self._carvers if carver.carved.definition.root or carver.carved.places]
        self._progress.start("Saving what can be read", sum(len(carver.carved.places) for carver in self._carvers))
        with layout.filling(target, also=[carver.carved.definition.name for carver in there]) as connection:
            for carver in there:
                self._write_table(connection, carver)
            for other in self._others:
                check(self._progress)
                other.write(connection, self._losses)
        self._progress.finish()

    def problems(self) -> list[Problem]:
        """What is lost and what is doubtful."""
        report(
            self._file,
            self._walker,
            self._carvers,
            self._others,
            self._schema,
            self._losses,
            free_known=self._free_known,
        )
        return self._losses.problems()

    def _trees(self) -> Iterator[int]:
        for carver in self._carvers:
            yield from carver.read_tree()
        for other in self._others:
            yield from other.read_tree()

    def _indexes(self) -> Iterator[int]:
        for carver in self._carvers:
            yield from carver.read_indexes()
            carver.weigh_doubts()

    def _orphans(self) -> Iterator[int]:
        """Take the rows of the pages that no tree reached and that are in use."""
        used = {page for carver in self._carvers for chain in carver.carved.chains.values() for page in chain}
        for number in range(2, self._file.count + 1):
            if number in self._walker.reached or number in used or number in self._free:
                continue
            if self._file.is_map(number) or self._file.is_lock_page(number):
                continue
            visit = self._walker.look(number)
            if visit is not None:
                self._take_orphans(visit)
            yield 1

    def _take_orphans(self, visit: Visit) -> None:
        """Give the rows of a page to the table that most of them look like."""
        for carver in self._carvers:
            if 2 * sum(carver.fits(entry) for entry in visit.entries) > len(visit.entries):
                for entry in visit.entries:
                    carver.take_orphan(visit, entry)
                return

    def _write_table(self, connection: sqlite3.Connection, carver: TableCarver) -> None:
        """Insert the rows of a table; a column that the current layout lacks is added."""
        definition = carver.carved.definition
        known = layout.TABLES[definition.name].names
        for name, kind in zip(definition.columns, definition.types, strict=True):
            if name not in known:
                kind = kind if kind.isalpha() else ""
                connection.execute(
                    f"ALTER TABLE {layout.quoted(definition.name)} ADD COLUMN {layout.quoted(name)} {kind}"
                )
        sql = layout.insertion(definition.name, definition.columns)
        for number, row in enumerate(carver.rows()):
            connection.execute(sql, row)
            if number % _BATCH == 0:
                check(self._progress)
            self._progress.advance()

    def _referred(self, key: Value) -> bool:
        """Whether a change names an object by that key."""
        if self._references is None:
            changes = next(carver for carver in self._carvers if carver.carved.definition.name == "Changes")
            columns = changes.carved.definition.columns
            position = columns.index("Object") if "Object" in columns else 0
            self._references = {changes.values(change)[position] for change in changes.carved.places}
        return key in self._references

    def _drop_overwritten(self) -> None:
        """Leave out rows that share an overflow page with others, if the page map does not say that it is theirs."""
        users: defaultdict[int, list[tuple[TableCarver, Value]]] = defaultdict(list)
        for carver in self._carvers:
            for key, chain in carver.carved.chains.items():
                for page in chain:
                    users[page].append((carver, key))
        for page, rows in users.items():
            taken = page in self._walker.reached
            if not taken and page not in self._free and len(rows) == 1:
                continue
            for carver, key in rows:
                carved = carver.carved
                if key in carved.chains and (
                    taken or not self._reader.owns(carved.places[key], page, carved.chains[key])
                ):
                    carver.drop_overwritten(key)


def _nothing_left(path: Path) -> DamagedFileError:
    return DamagedFileError(
        "{name} is a business, but it is so damaged that nothing in it can be read.",
        hint="Use another copy or an older backup of this business.",
        path=path,
        name=path.name,
    )
