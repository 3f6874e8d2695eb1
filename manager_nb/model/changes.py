"""What every change of History did, a row a changed field."""

from __future__ import annotations

import bisect
import collections
import itertools
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from manager_nb.model.field_changes import FieldChange, field_changes
from manager_nb.model.field_words import FieldWords
from manager_nb.model.sides import type_guids, type_name
from manager_nb.model.stored import Rows
from manager_nb.model.tables import ROWS, FixedTypes, Table
from manager_nb.model.times import TIME, times
from manager_nb.model.wording import Words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from manager_nb.format.database import Database
    from manager_nb.model.lookup import Lookup

SCHEMA_OF_CHANGES = pa.schema(
    [
        ("change", pa.string()),
        ("path", pa.string()),
        ("line", pa.int64()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("kind", pa.string()),
        ("object", pa.string()),
        ("type", pa.string()),
        ("time", TIME),
        ("user", pa.string()),
        ("field", pa.string()),
    ]
)
"""The columns of :func:`changes_table`."""

_READ = (
    "Key",
    "Object",
    "User",
    "Timestamp",
    "ContentTypeBefore",
    "ContentTypeAfter",
    "ContentBefore",
    "ContentAfter",
)
_A_FEW = 100
"""So many changes are read at first, for a page; then twice as many, and so on."""


def changes_table(database: Database, lookup: Lookup) -> Table:
    """The table of changed fields, in the order of History.

    Columns: ``change`` (key of the change), ``path`` (the field in words, "Credit limit", "Lines — Qty", "Custom fields
    — GST number"), ``line`` (number of the line from 1, after the change; of a removed one, before it), ``before`` and
    ``after`` (in words: plain digits, dates as 2025-06-30, names as they were then with today's beside where it
    differs; null where there was nothing; secrets masked), ``kind``, ``object`` (key of the record), ``type`` (its
    content type), ``time``, ``user``, ``field`` (the field by its name in the schema, "Lines.Qty").

    Kinds: "set", "changed" and "cleared" of a field; "line added", "line removed" and "line moved" of a whole line, one
    row each; "created" and "deleted" for every field and line of a record that came or went (Manager's own page lists
    none of them; here nothing that was entered or lost is left out); "type" where the record became one of another
    type; "unreadable" where a version cannot be read in full (what can be read has its rows too). A number that is
    written with other decimals (1.0 for 1) is no change.

    Args:
        database: the business's tables.
        lookup: finds what values refer to, as it was called.
    """
    return Table("Changes", ChangesReader(database, lookup))


class ChangesReader(FixedTypes):
    """Tells what each change did; how many rows each has is kept, so that a page finds its changes."""

    def __init__(self, database: Database, lookup: Lookup) -> None:
        super().__init__(SCHEMA_OF_CHANGES)
        self._rows = Rows(database, "Changes", ("Timestamp DESC", "Key DESC"))
        self._lookup = lookup
        self._ends: list[int] = []  # after each change so far looked at, how many rows there are up to it
        self._complete = False

    def count(self) -> int:
        """How many rows there are; the first time, this looks at every change."""
        if not self._complete:
            collections.deque(self._changes(len(self._ends), ROWS), maxlen=0)
            self._complete = True
        return self._ends[-1] if self._ends else 0

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of History, a chunk at a time; only those that are given are put in words."""
        first = bisect.bisect_right(self._ends, offset)
        skipped = offset - (self._ends[first - 1] if first else 0)
        end = None if limit is None else skipped + limit
        found = itertools.islice(self._changes(first, _A_FEW if limit else ROWS), skipped, end)
        schema = self.schema(columns)
        while some := list(itertools.islice(found, rows)):
            yield self._told(some, schema)

    def _changes(self, first: int, at_once: int) -> Iterator[tuple[_Fact, FieldChange]]:
        """Every changed field from one change on, with the row of History that it is from.

        History is read in pieces, so that the first ones are there at once however long it is.
        """
        place = first
        while True:
            batches = list(self._rows.read(_READ, place, at_once))
            for fact, found in itertools.chain.from_iterable(map(_differences, batches)):
                self._note(place, len(found))
                place += 1
                yield from ((fact, change) for change in found)
            if sum(batch.num_rows for batch in batches) < at_once:
                return
            at_once = min(at_once * 2, ROWS)

    def _note(self, place: int, rows: int) -> None:
        if place == len(self._ends):
            self._ends.append((self._ends[-1] if self._ends else 0) + rows)

    def _told(self, found: list[tuple[_Fact, FieldChange]], schema: pa.Schema) -> pa.RecordBatch:
        told = [_Told(fact, change, self._lookup) for fact, change in found]
        arrays = [pa.array([getattr(row, field.name)() for row in told], field.type) for field in schema]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _differences(batch: pa.RecordBatch) -> Iterator[tuple[_Fact, list[FieldChange]]]:
    guids = [type_guids(batch[f"ContentType{side}"]).to_pylist() for side in ("Before", "After")]
    columns = [batch[name].to_pylist() for name in ("Key", "Object", "User", "Timestamp")]
    rows = zip(*columns, times(batch["Timestamp"]).to_pylist(), *guids, strict=True)
    for row, (key, record, user, ticks, time, before, after) in enumerate(rows):
        blobs = [batch[f"Content{side}"][row].as_py() or b"" for side in ("Before", "After")]
        yield (
            _Fact(key, record, user, ticks, time, after or before),
            field_changes((before, blobs[0]), (after, blobs[1])),
        )


class _Fact(NamedTuple):
    """A row of History."""

    change: str
    object: str | None
    user: str | None
    ticks: int | None
    time: dt.datetime | None
    type: str | None


class _Told(FieldWords):
    """One row in words; each column is put in words only when it is asked for."""

    def __init__(self, fact: _Fact, change: FieldChange, lookup: Lookup) -> None:
        earlier = None if fact.ticks is None else fact.ticks - 1
        super().__init__(change, Words(lookup, earlier), Words(lookup, fact.ticks))
        self._fact = fact

    def change(self) -> str:
        return self._fact.change

    def object(self) -> str | None:
        return self._fact.object

    def user(self) -> str | None:
        return self._fact.user

    def time(self) -> dt.datetime | None:
        return self._fact.time

    def type(self) -> str | None:
        guid = self._fact.type
        return type_name(guid) if guid else None
