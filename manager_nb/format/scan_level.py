"""Where the rows of a column stand in the records, and what was met there that is no plain value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.format.scan_tape import Bytes, Numbers, Tape
    from manager_nb.format.schema import FieldType


@dataclass(frozen=True, slots=True)
class Level:
    """The rows of the records, of the messages in one of their fields, of the messages in those ...

    Attributes:
        within: the names of the message types from the records down to here.
        above: the level around it, None for the records themselves.
        name: the field that holds this level's messages.
        parents: the row above for each row here, ascending; None where they are the same rows.
        listed: whether the rows are elements of a list.
    """

    within: tuple[str, ...]
    above: Level | None = None
    name: str = ""
    parents: Numbers | None = None
    listed: bool = False

    def inside(self, kind: FieldType, parents: Numbers | None = None, *, listed: bool = False) -> Level:
        """The level of a field's messages."""
        within = (*self.within, kind.message) if kind.message else self.within
        return Level(within, self, kind.name, parents, listed)

    def records(self, rows: Numbers) -> Numbers:
        """The records that rows of this level stand in."""
        level: Level | None = self
        while level is not None:
            rows = rows if level.parents is None else level.parents[rows]
            level = level.above
        return rows

    def path(self, row: int) -> str:
        """A row's place as :class:`~manager_nb.format.messages.Unknown` tells it, e.g. ``"Lines[0].CustomFields2"``."""
        names: list[str] = []
        level: Level | None = self
        while level is not None:
            name = level.name
            if level.parents is not None:
                parent = int(level.parents[row])
                name += f"[{row - int(np.searchsorted(level.parents, parent))}]" if level.listed else ""
                row = parent
            names.append(name)
            level = level.above
        return ".".join(name for name in reversed(names) if name)


class Unread(NamedTuple):
    """A field that the schema does not know, as a row of :attr:`manager_nb.format.scan.Scanned.unknown`."""

    row: int
    path: str
    number: int
    wire_type: int
    data: bytes


class Notes:
    """What is met while records are read.

    Attributes:
        flawed: which records the exact reader has to be asked about: it lists flaws in them, or this engine does not
            look inside all of them.
    """

    def __init__(self, records: int) -> None:
        self.flawed = np.zeros(records, np.bool_)
        self._unread: list[tuple[Level, Tape]] = []

    def flag(self, level: Level, rows: Numbers) -> None:
        """The records that these rows stand in are flawed."""
        if len(rows):
            self.flawed[level.records(rows)] = True

    def unread(self, level: Level, tape: Tape) -> None:
        """Keep fields that the schema does not know."""
        self._unread.append((level, tape))

    def unknown(self, source: Bytes) -> Iterator[Unread]:
        """The unknown fields of records without flaws, in the order of the file."""
        found = []
        for level, tape in self._unread:
            records = level.records(tape.rows)
            found += [
                (int(tape.starts[at]), int(records[at]), level, tape, int(at))
                for at in np.flatnonzero(~self.flawed[records])
            ]
        for start, record, level, tape, at in sorted(found, key=lambda field: field[0]):
            data = source.slice(start, int(tape.ends[at]))
            path = level.path(int(tape.rows[at]))
            yield Unread(record, path, int(tape.numbers[at]), int(tape.wires[at]), data)
