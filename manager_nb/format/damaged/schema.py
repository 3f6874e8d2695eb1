"""Where the tables of a damaged file begin: from its own schema, and where that is lost, from what pages look like."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.damaged.definitions import (
    Definition,
    IndexDefinition,
    SchemaRow,
    column_fits,
    current,
    define,
    is_guid,
    looks_right,
    schema_row,
)
from manager_nb.format.damaged.pages import ROOT
from manager_nb.format.damaged.trees import BY_KEY, BY_NUMBER, Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager_nb.format.damaged.pages import PageFile
    from manager_nb.format.damaged.trees import Entry, Walker

_MOST_OTHERS = 200
"""Tables of other programs that are looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """A table, and whether its root page is a guess."""

    definition: Definition
    guessed: bool


@dataclass(frozen=True, slots=True)
class FoundSchema:
    """What tables a file has.

    Attributes:
        manager: all of Manager's tables; one that the file does not have has no root.
        others: the other tables.
        refused: what cannot be copied: views, triggers and the like, and tables that could not be understood.
        damaged: whether the schema is damaged or gone.
    """

    manager: tuple[Found, ...]
    others: tuple[Definition, ...]
    refused: tuple[str, ...]
    damaged: bool


def find_definitions(file: PageFile, walker: Walker) -> FoundSchema:
    """Read the schema, and complete it where it is damaged."""
    tree = Tree(1)
    rows: dict[str, SchemaRow] = {}
    for visit in walker.walk(tree, BY_NUMBER, lambda entry: _row(entry) is not None, None):
        for entry in visit.entries:
            row = _row(entry)
            if row is not None:
                rows.setdefault(row.name, row)
    definitions = define(list(rows.values())[: _MOST_OTHERS * 10])
    claimed = {row.root for row in rows.values()}
    guesses = _Guesses(file, walker, claimed)
    known = {found.name: found for found in definitions if found.known and not guesses.misread(found)}
    told_roots = {row.name: row.root for row in rows.values()}
    manager = [
        Found(known[table.name], guessed=False) if table.name in known else guesses.table(table, told_roots)
        for table in current()
    ]
    others = [found for found in definitions if not found.known]
    names = {found.name for found in definitions} | {index.name for found in definitions for index in found.indexes}
    refused = [row.name for row in rows.values() if row.name not in names and not row.name.startswith("sqlite_")]
    refused += [other.name for other in others[_MOST_OTHERS:]]
    guessed = any(found.guessed and found.definition.root for found in manager)
    damaged = bool(tree.faults) or "Objects" not in known or guessed
    return FoundSchema(tuple(manager), tuple(others[:_MOST_OTHERS]), tuple(refused), damaged)


def _row(entry: Entry) -> SchemaRow | None:
    return schema_row(entry.record.values) if entry.record is not None else None


class _Guesses:
    """Finds roots by what the pages hold."""

    def __init__(self, file: PageFile, walker: Walker, claimed: set[int]) -> None:
        self._file = file
        self._walker = walker
        self._claimed = claimed
        first = 3 if file.has_map else 2
        names = [name for table in current() for name in (table.name, *(index.name for index in table.indexes))]
        self._usual = {name: number for number, name in enumerate(names, first)}

    def table(self, definition: Definition, told: dict[str, int]) -> Found:
        """A table that the schema does not name, or names with SQL that cannot be read."""
        usual = [told.get(definition.name, 0), self._usual[definition.name]]
        for root in (*usual, *self._roots()):
            if self._holds(root, definition):
                self._claimed.add(root)
                indexes = tuple(self._index(definition, index, told) for index in definition.indexes)
                return Found(dataclasses.replace(definition, root=root, indexes=indexes), guessed=True)
        return Found(definition, guessed=True)

    def misread(self, told: Definition) -> bool:
        """Whether the schema tells a table otherwise than its rows are, which are as Manager's own schema has it."""
        usual = next(table for table in current() if table.name == told.name)
        return not self._holds(told.root, told) and self._holds(told.root, usual)

    def _index(self, definition: Definition, index: IndexDefinition, told: dict[str, int]) -> IndexDefinition:
        for root in (told.get(index.name, 0), self._usual[index.name]):
            visit = self._walker.look(root) if root and root not in self._walker.reached else None
            if visit is not None and visit.node.kind in BY_KEY and visit.entries:
                rows = [entry.record.values for entry in visit.entries if entry.record is not None]
                if all(
                    len(row) == 2 and column_fits(definition.name, index.columns[0], row[0]) and is_guid(row[1])
                    for row in rows
                ):
                    return dataclasses.replace(index, root=root)
        return index

    def _roots(self) -> Sequence[int]:
        """The pages that the page map calls roots and that the schema does not name."""
        numbers = range(3, self._file.count + 1) if self._file.has_map else ()
        return [
            number
            for number in numbers
            if (mapped := self._file.mapped(number)) and mapped.kind == ROOT and number not in self._claimed
        ]

    def _holds(self, root: int, definition: Definition) -> bool:
        visit = self._walker.look(root) if root > 1 else None
        if visit is None or visit.node.kind not in BY_KEY or not visit.entries:
            return False
        rows = [entry.record.values for entry in visit.entries if entry.record is not None]
        right = sum(len(row) == len(definition.columns) and looks_right(definition, row) for row in rows)
        return 2 * right > len(visit.entries)
