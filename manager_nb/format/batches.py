"""Reads columns of a table as Arrow batches: by ADBC, or by Python's SQLite where ADBC cannot be used well."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.format.connections import arrow_cursor, connect, telling_damage
from manager_nb.format.layout import quoted
from manager_nb.format.typed import TypedColumn, valid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BATCH_BYTES = 32 << 20
"""About so many bytes make a batch, where the rows are large."""

_MOST_BYTES = 1 << 30
"""Never more: Arrow counts the bytes of a column in 31 bits."""

FEW_ROWS = 200
"""With as few to a batch Python's SQLite is as good, and knows the size of the rows when it has them."""

_ANY_ROWS_FIT = 64 << 20


@dataclass(frozen=True, slots=True)
class Query:
    """Columns of some rows of a table.

    Attributes:
        path: the private file.
        table: the table's name.
        columns: the columns.
        scan: SQL that has the table itself read: an index of a damaged copy may lack rows.
        where: SQL that chooses rows, None for all.
        params: the values of its placeholders.
        order: SQL terms to sort by, None: the order of the table.
    """

    path: Path
    table: str
    columns: Sequence[TypedColumn]
    scan: str
    where: str | None = None
    params: Sequence[object] = ()
    order: str | None = None

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the batches."""
        return pa.schema([(column.name, column.type) for column in self.columns])

    @property
    def source(self) -> str:
        """What follows the names of the columns in SQL; an index may be used only to choose or to sort."""
        if self.where is None and self.order is None:
            return f"FROM {quoted(self.table)} {self.scan}"
        chosen = f" WHERE {self.where}" if self.where is not None else ""
        sorted_by = f" ORDER BY {self.order}" if self.order is not None else ""
        return f"FROM {quoted(self.table)}{chosen}{sorted_by}"

    def read(self, rows: int, size: Size | None, *, unicode: bool) -> Iterator[pa.RecordBatch]:
        """The rows, at most `rows` to a batch and in bounded memory.

        Args:
            rows: how many rows to a batch.
            size: how large the table's rows are; None where it is not worth looking: for :data:`FEW_ROWS` or less.
            unicode: whether the file's text is UTF-8, so that its bytes are what ADBC gives.
        """
        fitting = size.fitting(rows) if size else 0
        if unicode and fitting >= min(rows, FEW_ROWS):
            return self._by_adbc(fitting)
        return self._by_python(rows, unicode=unicode)

    def _by_adbc(self, rows: int) -> Iterator[pa.RecordBatch]:
        """A first row shows the types: ADBC takes them from what it sees first.

        The results have names of their own, so that `where` and `order` mean the table's columns and use its indexes.
        """
        names = [f"c{i}" for i in range(len(self.columns))]
        shown = ", ".join(f"{one.sentinel} AS {name}" for name, one in zip(names, self.columns, strict=True))
        values = ", ".join(f"{one.value} AS {name}" for name, one in zip(names, self.columns, strict=True))
        sql = f"SELECT {shown} UNION ALL SELECT * FROM (SELECT {values} {self.source})"  # noqa: S608 - quoted
        with telling_damage(self.path), arrow_cursor(self.path, rows) as cursor:
            cursor.execute(sql, tuple(self.params))
            passed_over = 1
            for batch in cursor.fetch_record_batch():
                real, passed_over = batch.slice(passed_over), 0
                if real.num_rows:
                    yield pa.RecordBatch.from_arrays([valid(column) for column in real.columns], schema=self.schema)

    def _by_python(self, rows: int, *, unicode: bool) -> Iterator[pa.RecordBatch]:
        values = ", ".join(
            quoted(one.name) if one.kind == "BLOB" and one.present and not unicode else one.value
            for one in self.columns
        )
        binary = [i for i, one in enumerate(self.columns) if one.kind == "BLOB"]
        gathered: list[list[Any]] = []
        size = 0
        with telling_damage(self.path), contextlib.closing(connect(self.path)) as connection:
            for row in connection.execute(f"SELECT {values} {self.source}", tuple(self.params)):
                typed = list(row)
                for i in binary:
                    typed[i] = _bytes(typed[i])
                gathered.append(typed)
                size += sum(len(value) for value in typed if isinstance(value, str | bytes))
                if len(gathered) >= rows or size >= BATCH_BYTES:
                    yield self._batch(gathered)
                    gathered, size = [], 0
        if gathered:
            yield self._batch(gathered)

    def _batch(self, rows: list[list[Any]]) -> pa.RecordBatch:
        columns = zip(*rows, strict=True)
        return pa.RecordBatch.from_arrays(
            [pa.array(values, one.type) for values, one in zip(columns, self.columns, strict=True)],
            schema=self.schema,
        )


@dataclass(frozen=True, slots=True)
class Size:
    """How large the rows of a table are: bytes on average, and of the largest."""

    average: int = 0
    largest: int = 0

    def fitting(self, rows: int) -> int:
        """How many rows may go into a batch, if `rows` are wanted."""
        return min(rows, BATCH_BYTES // max(self.average, 1), _MOST_BYTES // max(self.largest, 1))


def size_of(path: Path, table: str, columns: Sequence[TypedColumn]) -> Size:
    """How large the rows of a table are in these columns; of a small file nothing need be known."""
    long = [column.value for column in columns if column.present and column.kind != "INTEGER"]
    if not long or path.stat().st_size <= _ANY_ROWS_FIT:
        return Size()
    length = " + ".join(f"coalesce(length(CAST({value} AS BLOB)), 0)" for value in long)
    sql = f"SELECT avg({length}), max({length}) FROM {quoted(table)} NOT INDEXED"  # noqa: S608 - quoted
    with telling_damage(path), contextlib.closing(connect(path)) as connection:
        average, largest = connection.execute(sql).fetchone()
    return Size(int(average or 0), int(largest or 0))


def _bytes(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", "surrogatepass")
