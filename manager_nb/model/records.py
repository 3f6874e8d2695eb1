"""The records of a business by type: a row a record, a column a field."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.errors import NotFoundError
from manager_nb.format.messages import Flaw, Unknown, decode
from manager_nb.format.schema import SCHEMA, ContentType, FieldType
from manager_nb.model import labels, secrets
from manager_nb.model.columns import read_columns, used_fields
from manager_nb.model.lines import LinesReader
from manager_nb.model.objects import Present, StoredObject, records_of
from manager_nb.model.shapes import blank, common_type, fit
from manager_nb.model.stored import Rows, Stored
from manager_nb.model.tables import ROWS, Table
from manager_nb.model.times import TIME, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.format.database import Database

_BEGINNING = {"key": pa.string(), "label": pa.string(), "time": TIME, "ticks": pa.int64()}
_UNKNOWN_NEEDS = {
    "key": ("Key",),
    "label": (),
    "time": ("Timestamp",),
    "ticks": ("Timestamp",),
    "raw": ("Content",),
}


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
    called = labels.label(known, read.values)
    values, flaws = read.values, read.flaws
    if not unmask and secrets.has_secrets(known.name):
        values = secrets.mask(known, values)
        flaws = tuple(Flaw(flaw.path, flaw.what, secrets.MASK.encode()) for flaw in flaws)
    return Record(
        stored.key,
        known.name,
        stored.content_type,
        called,
        values,
        stored.content,
        stored.ticks,
        read.unknown,
        flaws,
    )


def records_table(database: Database, content_type: ContentType | None, present: Present | None) -> Table:
    """The table of the records of one type, in key order.

    Columns of a known type: ``key``, ``label``, ``time`` (timestamp, UTC), ``ticks``, then a column a field, named as
    in the schema and typed as :class:`manager_nb.format.scan.Scanned` tells; fields of older versions (``Obsolete_…``)
    only where some record has them. Of an unknown type: ``key``, ``label``, ``time``, ``ticks`` and ``raw`` (bytes).
    """
    rows = records_of(database, present)
    if content_type is not None:
        return RecordTable(labels.title(content_type), RecordReader(rows, content_type))
    guid = present.guid if present else ""
    schema = pa.schema([*_BEGINNING.items(), ("raw", pa.binary())])
    return Table(guid, Stored(rows, schema, _UNKNOWN_NEEDS, functools.partial(_present_unknown, guid)))


def _present_unknown(guid: str, raw: pa.RecordBatch, columns: Sequence[str]) -> list[pa.Array]:
    ready = {
        "key": lambda: raw["Key"],
        "label": lambda: pa.repeat(pa.scalar(guid), raw.num_rows),
        "time": lambda: times(raw["Timestamp"]),
        "ticks": lambda: raw["Timestamp"],
        "raw": lambda: raw["Content"],
    }
    return [ready[column]() for column in columns]


class RecordReader:
    """Reads the records of one type."""

    def __init__(self, rows: Rows, content_type: ContentType) -> None:
        self.content_type = content_type
        self._rows = rows

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns; finding the obsolete ones in use takes one look at every record of the type."""
        unseen = {field.name for field in self.content_type.fields.values() if field.obsolete}
        used: set[str] = set()
        for raw in self._rows.read(["Content"], rows=ROWS) if unseen else ():
            used |= used_fields(self.content_type, raw["Content"], unseen - used)
        known = self.content_type.fields.values()
        return (*_BEGINNING, *(field.name for field in known if not field.obsolete or field.name in used))

    def schema(self, columns: Sequence[str]) -> pa.Schema:
        """The types that fit all records, which takes one look at each."""
        return self.common([batch.schema for batch in self.read(columns, 0, None, ROWS)], columns)

    def count(self) -> int:
        """How many records there are."""
        return self._rows.count()

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        """Records in key order, a chunk at a time."""
        fields = set(columns) - set(_BEGINNING)
        needed = {"Key", *(["Timestamp"] if {"time", "ticks"} & set(columns) else [])}
        if "label" in columns:
            fields |= set(labels.rule_of(self.content_type).fields)
        if fields:
            needed.add("Content")
        for raw in self._rows.read(needed, offset, limit, rows):
            yield self._present(raw, columns, fields)

    def _present(self, raw: pa.RecordBatch, columns: Sequence[str], fields: set[str]) -> pa.RecordBatch:
        values = read_columns(self.content_type, raw["Content"], fields).values if fields else {}
        ready = {
            "key": lambda: raw["Key"],
            "label": lambda: labels.labels(self.content_type, values, raw.num_rows),
            "time": lambda: times(raw["Timestamp"]),
            "ticks": lambda: raw["Timestamp"],
        }
        made = [
            ready[column]() if column in ready else self._column(values, column, raw.num_rows) for column in columns
        ]
        return pa.RecordBatch.from_arrays(made, names=list(columns))

    def _column(self, values: Mapping[str, pa.Array], name: str, rows: int) -> pa.Array:
        """The field's column; an obsolete field that no record of the chunk has is its default."""
        return values[name] if name in values else blank(self.content_type, name, rows)

    def _kind(self, name: str) -> FieldType:
        kind = self.content_type.field(name)
        assert kind is not None  # noqa: S101 - columns are fields of the schema
        return kind

    def common(self, schemas: Sequence[pa.Schema], columns: Sequence[str]) -> pa.Schema:
        """The narrowest types that hold the values of chunks with these types."""
        return pa.schema([(column, self._common_type(schemas, column)) for column in columns])

    def _common_type(self, schemas: Sequence[pa.Schema], column: str) -> pa.DataType:
        if column in _BEGINNING:
            return _BEGINNING[column]
        if not schemas:
            return blank(self.content_type, column, 0).type
        return common_type(self._kind(column), [schema.field(column).type for schema in schemas])

    def fit(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """A chunk in types that :meth:`common` gave."""
        made = [
            column if field.name in _BEGINNING else fit(self._kind(field.name), column, field.type)
            for field, column in zip(schema, batch.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(made, schema=schema)


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
        return Table(f"{self.name} {field}", LinesReader(self._records, kind))
