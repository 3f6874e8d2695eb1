"""The lines of records: a row a line, beside the key of the record that it stands in."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.schema import SCHEMA, FieldType
from manager_nb.model.shapes import common_type, fit
from manager_nb.model.tables import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from manager_nb.model.tables import Reader

_BEGINNING = {"record": pa.string(), "line": pa.int64()}


class LinesReader:
    """Reads one repeated field of records, an element a row.

    Args:
        records: the records.
        field: the field; its elements are messages.
    """

    def __init__(self, records: Reader, field: FieldType) -> None:
        self._records = records
        self._field = field
        self._kinds = {kind.name: kind for kind in SCHEMA.message(field.message or "").fields.values()}

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns; which obsolete ones are in use takes one look at every record."""
        return (*_BEGINNING, *(field.name for field in self._all_types))

    @functools.cached_property
    def _all_types(self) -> pa.DataType:
        return self._records.schema([self._field.name]).field(0).type.value_type

    def schema(self, columns: Sequence[str]) -> pa.Schema:
        """The types that fit all lines, which takes one look at every record."""
        lines = self._all_types
        return pa.schema([(column, _BEGINNING.get(column) or lines.field(column).type) for column in columns])

    def count(self) -> int:
        """How many lines there are."""
        return sum(batch.num_rows for batch in self.read(["line"], 0, None, ROWS))

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        """Lines in the order of the records; `rows` records make a chunk."""
        left = limit
        for records in self._records.read(["key", self._field.name], 0, None, rows):
            if left == 0:
                return
            lines = self._explode(records, columns)
            some = lines.slice(offset, left)
            offset = max(0, offset - lines.num_rows)
            left = None if left is None else left - some.num_rows
            if some.num_rows:
                yield some

    def _explode(self, records: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
        lists = records[self._field.name]
        lines = lists.flatten()
        lengths = pc.coalesce(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
        first = np.repeat(np.cumsum(lengths) - lengths, lengths)
        known = {field.name for field in lines.type}
        made = {
            "record": lambda: records["key"].take(pc.list_parent_indices(lists)),
            "line": lambda: pa.array(np.arange(len(lines)) - first + 1, pa.int64()),
        }
        arrays = [
            made[column]() if column in made else lines.field(column) if column in known else pa.nulls(len(lines))
            for column in columns
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def common(self, schemas: Sequence[pa.Schema], columns: Sequence[str]) -> pa.Schema:
        """The narrowest types that hold the values of chunks with these types."""
        if not schemas:
            return self.schema(columns)
        types = [
            _BEGINNING.get(column)
            or common_type(self._kinds[column], [schema.field(column).type for schema in schemas])
            for column in columns
        ]
        return pa.schema(list(zip(columns, types, strict=True)))

    def fit(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """A chunk in types that :meth:`common` gave."""
        made = [
            column if field.name in _BEGINNING else fit(self._kinds[field.name], column, field.type)
            for field, column in zip(schema, batch.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(made, schema=schema)
