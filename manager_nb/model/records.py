"""The records of a business by type: a row a record, a column a field."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.errors import NotFoundError
from manager_nb.format.messages import Flaw, Unknown, decode
from manager_nb.format.schema import SCHEMA, ContentType
from manager_nb.model import labels, secrets
from manager_nb.model.columns import arrow_type, read_columns
from manager_nb.model.objects import Present, StoredObject, only_records
from manager_nb.model.stored import Stored
from manager_nb.model.tables import ROWS, Table
from manager_nb.model.times import TIME, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from manager_nb.format.database import Database

_BEGINNING = (("key", pa.string()), ("label", pa.string()), ("time", TIME), ("ticks", pa.int64()))
_LINES_BEGINNING = (("record", pa.string()), ("line", pa.int64()))


@dataclass(frozen=True, slots=True)
class Record:
    """One record, read exactly.

    Attributes:
        key: its key, as it is in the file.
        type: the name of its type, e.g. ``"SalesInvoice"``; of an unknown type the GUID.
        content_type: the type's GUID.
        label: what Manager's History calls it.
        fields: its values by field name, only those that differ from the default; secrets masked unless opened.
        raw: its bytes in the file, secrets included: the truth, which ``repr`` hides.
        ticks: when it was last saved, in .NET ticks; None where the file does not say.
        unknown: fields that this version does not know.
        problems: bytes that could not be read as the schema says.
    """

    key: str
    type: str
    content_type: str
    label: str
    fields: dict[str, Any] = field(repr=False)
    raw: bytes = field(repr=False)
    ticks: int | None = field(repr=False)
    unknown: tuple[Unknown, ...] = field(default=(), repr=False)
    problems: tuple[Flaw, ...] = field(default=(), repr=False)


def record_of(stored: StoredObject, *, unmask: bool) -> Record:
    """Read one object.

    Args:
        stored: the row of ``Objects``.
        unmask: whether secrets are shown as they are.
    """
    guid = stored.content_type.lower()
    known = SCHEMA.type_of(guid)
    if known is None:
        return Record(stored.key, guid, stored.content_type, guid, {}, stored.content, stored.ticks)
    read = decode(known, stored.content)
    values = read.values if unmask else secrets.mask(known, read.values)
    called = labels.label(known, read.values)
    return Record(
        stored.key,
        known.name,
        stored.content_type,
        called,
        values,
        stored.content,
        stored.ticks,
        read.unknown,
        read.flaws,
    )


def records_table(database: Database, content_type: ContentType | None, present: Present | None) -> Table:
    """The table of the records of one type, in key order.

    Columns of a known type: ``key``, ``label``, ``time`` (timestamp, UTC), ``ticks``, then a column a field, named as
    in the schema; fields of older versions (``Obsolete_…``) only where some record has them. Of an unknown type:
    ``key``, ``label``, ``time``, ``ticks`` and ``raw`` (its bytes).
    """
    where, params = only_records(present) if present else ("0", ())
    if content_type is not None:
        return RecordTable(labels.title(content_type), RecordReader(database, content_type, where, params))
    guid = present.guid if present else ""
    schema = pa.schema([*_BEGINNING, ("raw", pa.binary())])
    show = functools.partial(_present, None, guid)
    return Table(guid, Stored(database, "Objects", schema, _needs(schema), show, where=where, params=params))


class RecordReader:
    """Reads the records of one type."""

    def __init__(self, database: Database, content_type: ContentType, where: str, params: tuple[object, ...]) -> None:
        self.content_type = content_type
        self._database = database
        self._chosen = (where, params)

    @functools.cached_property
    def schema(self) -> pa.Schema:
        """Names and types of all columns; finding the obsolete ones takes one look at every record of the type."""
        used = self._used_obsolete()
        fields = [field for field in self.content_type.fields.values() if not field.obsolete or field.name in used]
        return pa.schema([*_BEGINNING, *((field.name, arrow_type(field)) for field in fields)])

    @functools.cached_property
    def _stored(self) -> Stored:
        where, params = self._chosen
        show = functools.partial(_present, self.content_type, self.content_type.guid)
        return Stored(self._database, "Objects", self.schema, _needs(self.schema), show, where=where, params=params)

    def count(self) -> int:
        """How many records there are."""
        return self._stored.count()

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        """Records in key order, a chunk at a time."""
        return self._stored.read(columns, offset, limit, rows)

    def _used_obsolete(self) -> set[str]:
        unseen = {field.name for field in self.content_type.fields.values() if field.obsolete}
        used: set[str] = set()
        where, params = self._chosen
        if not unseen or where == "0":
            return used
        for raw in self._database.batches("Objects", ["Content"], where=where, params=params, rows=ROWS):
            values = read_columns(self.content_type, raw["Content"], sorted(unseen)).values
            used |= {name for name, column in values.items() if column.null_count < len(column)}
            unseen -= used
        return used


class RecordTable(Table):
    """The records of one type; :meth:`lines` gives the lines of all of them."""

    __slots__ = ("_records",)

    def __init__(self, name: str, reader: RecordReader) -> None:
        super().__init__(name, reader)
        self._records = reader

    def lines(self, field: str = "Lines") -> Table:
        """The lines of all records, a row a line.

        Columns: ``record`` (its key), ``line`` (from 1), then a column a field of the line.

        Args:
            field: which lines, where records have several sorts.

        Raises:
            NotFoundError: the type has no such lines.
        """
        kind = self._records.content_type.field(field)
        if kind is None or not kind.repeated or kind.message is None:
            known = (kind.name for kind in self._records.content_type.fields.values() if kind.repeated and kind.message)
            raise NotFoundError(
                "{type} has no lines called {field}.",
                hint="It has these: {known}.",
                type=self.name,
                field=field,
                known=", ".join(known) or "-",
            )
        return Table(f"{self.name} {field}", LinesReader(self._records, field))


class LinesReader:
    """Reads the lines of records, one field of theirs."""

    def __init__(self, records: RecordReader, field: str) -> None:
        self._records = records
        self._field = field

    @functools.cached_property
    def schema(self) -> pa.Schema:
        """Names and types of all columns."""
        line = self._records.schema.field(self._field).type.value_type
        return pa.schema([*_LINES_BEGINNING, *(line.field(place) for place in range(line.num_fields))])

    def count(self) -> int:
        """How many lines there are."""
        return sum(batch.num_rows for batch in self.read(["record"], 0, None, ROWS))

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        """Lines in the order of the records, a chunk of records at a time."""
        left = limit
        for records in self._records.read(["key", self._field], 0, None, rows):
            lines = self._explode(records, columns).slice(offset, left)
            offset = max(0, offset - self._count_of(records))
            if lines.num_rows or limit is None:
                yield lines
            if left is not None:
                left -= lines.num_rows
                if left <= 0:
                    return

    def _count_of(self, records: pa.RecordBatch) -> int:
        return len(records[self._field].flatten())

    def _explode(self, records: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
        lists = records[self._field]
        parents = pc.list_parent_indices(lists)
        lines = lists.flatten()
        lengths = pc.coalesce(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
        first = np.repeat(np.cumsum(lengths) - lengths, lengths)
        made = {
            "record": lambda: records["key"].take(parents),
            "line": lambda: pa.array(np.arange(len(lines)) - first + 1, pa.int64()),
        }
        arrays = [made[column]() if column in made else lines.field(column) for column in columns]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([self.schema.field(column) for column in columns]))


def _needs(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    plain = {"key": ("Key",), "time": ("Timestamp",), "ticks": ("Timestamp",)}
    return {name: plain.get(name, ("Content",)) for name in schema.names}


def _present(
    content_type: ContentType | None, guid: str, raw: pa.RecordBatch, columns: Sequence[str]
) -> list[pa.Array]:
    rows = raw.num_rows
    fields = set(columns) - {name for name, _ in _BEGINNING}
    if content_type is not None and "label" in columns:
        fields |= set(labels.rule_of(content_type).fields)
    values = read_columns(content_type, raw["Content"], sorted(fields)).values if content_type and fields else {}
    ready = {
        "key": lambda: raw["Key"],
        "label": lambda: labels.labels(content_type, values, rows) if content_type else pa.repeat(guid, rows),
        "time": lambda: times(raw["Timestamp"]),
        "ticks": lambda: raw["Timestamp"],
    }
    made = [ready[column]() if column in ready else values.get(column) for column in columns]
    return [raw["Content"] if array is None else array for array in made]
