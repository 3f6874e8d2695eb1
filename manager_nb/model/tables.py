"""A table that is read only as far as it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pandas as pd
import pyarrow as pa

from manager_nb.errors import NotFoundError
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROWS = 10_000
"""How many rows are decoded at a time."""


class Reader(Protocol):
    """Where a table's rows come from.

    The chunks of some readers differ in type where their values need it (money with more decimals, a date with a time);
    :meth:`common` and :meth:`fit` make them alike.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns."""

    def schema(self, columns: Sequence[str]) -> pa.Schema:
        """The types that fit all rows; where they depend on the values, this looks at every row."""

    def count(self) -> int:
        """How many rows there are."""

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        """Rows in the table's order, a chunk at a time, decoding only what those columns need.

        Args:
            columns: which columns, in that order.
            offset: how many rows to pass over.
            limit: how many to give, None for all that follow.
            rows: how many to a chunk, at most.
        """

    def common(self, schemas: Sequence[pa.Schema], columns: Sequence[str]) -> pa.Schema:
        """The narrowest types that hold the values of chunks with these types."""

    def fit(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """A chunk in types that :meth:`common` gave."""


class Table:
    """Rows and columns of a business, decoded when asked for: a page at once, all of them, or in a stream.

    Attributes:
        name: what it holds, in Manager's words: "History", "Sales Invoice".
    """

    __slots__ = ("_count", "_reader", "name")

    def __init__(self, name: str, reader: Reader) -> None:
        self.name = name
        self._reader = reader
        self._count: int | None = None

    @classmethod
    def of(cls, name: str, rows: pa.Table) -> Table:
        """A table of rows that are there already."""
        return Table(name, _Ready(rows))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._reader.columns

    @property
    def schema(self) -> pa.Schema:
        """Every column with its Arrow type; of records, types depend on values, so this looks at every row."""
        return self._reader.schema(self.columns)

    def __len__(self) -> int:
        if self._count is None:
            self._count = self._reader.count()
        return self._count

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self)} {'row' if len(self) == 1 else 'rows'}>"

    def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Some rows; only they are decoded, and types are those that they need.

        Args:
            offset: how many rows to pass over.
            limit: how many to give at most.
            columns: which columns; None for all.

        Raises:
            NotFoundError: the table has no such column.
        """
        wanted = self._chosen(columns)
        limit = max(limit, 0)
        return self._together(wanted, self._reader.read(wanted, max(offset, 0), limit, min(max(limit, 1), ROWS)))

    def to_arrow(self, columns: Sequence[str] | None = None, *, progress: Progress = SILENT) -> pa.Table:
        """All rows as an Arrow table.

        Args:
            columns: which columns; None for all.
            progress: told of every chunk; its cancel is heeded between chunks.

        Raises:
            NotFoundError: the table has no such column.
            CancelledError: the user cancelled.
        """
        wanted = self._chosen(columns)
        return self._together(wanted, self._told(self._reader.read(wanted, 0, None, ROWS), progress))

    def to_pandas(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows as a pandas frame whose columns keep their Arrow types (money stays exact).

        Raises:
            NotFoundError: the table has no such column.
        """
        frame: pd.DataFrame = self.to_arrow(columns).to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def batches(
        self, rows: int = ROWS, progress: Progress = SILENT, *, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """All rows as a stream of Arrow batches of one schema, in bounded memory.

        Args:
            rows: how many rows to a batch, at most.
            progress: told of every batch; its cancel is heeded between batches.
            columns: which columns; None for all.

        Raises:
            NotFoundError: the table has no such column.
            CancelledError: the user cancelled.
        """
        wanted = self._chosen(columns)
        schema = self._reader.schema(wanted)
        for batch in self._told(self._reader.read(wanted, 0, None, rows), progress):
            yield self._reader.fit(batch, schema)

    def _told(self, batches: Iterator[pa.RecordBatch], progress: Progress) -> Iterator[pa.RecordBatch]:
        # Nobody is told: then nothing is counted either, which takes as long as reading where rows are worked out.
        progress.start("Reading", None if progress is SILENT else len(self))
        for batch in batches:
            check(progress)
            yield batch
            progress.advance(batch.num_rows)
        progress.finish()

    def _chosen(self, columns: Sequence[str] | None) -> tuple[str, ...]:
        for column in columns or ():
            if column not in self.columns:
                raise NotFoundError(
                    "The table {table} has no column {column}.",
                    hint="Its columns are: {columns}.",
                    table=self.name,
                    column=column,
                    columns=", ".join(self.columns),
                )
        return self.columns if columns is None else tuple(columns)

    def _together(self, columns: Sequence[str], batches: Iterator[pa.RecordBatch]) -> pa.Table:
        read = list(batches)
        schema = self._reader.common([batch.schema for batch in read], columns)
        return pa.Table.from_batches([self._reader.fit(batch, schema) for batch in read], schema)


class FixedTypes:
    """The part of a reader whose columns have the same types whatever the values."""

    __slots__ = ("_all",)

    def __init__(self, schema: pa.Schema) -> None:
        self._all = schema

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(self._all.names)

    def schema(self, columns: Sequence[str]) -> pa.Schema:
        """The types of some columns."""
        return pa.schema([self._all.field(column) for column in columns])

    def common(self, schemas: Sequence[pa.Schema], columns: Sequence[str]) -> pa.Schema:
        """The types of some columns, whatever the chunks."""
        del schemas
        return self.schema(columns)

    def fit(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """The chunk itself."""
        del schema
        return batch


class _Ready(FixedTypes):
    """The reader of rows that are there already."""

    def __init__(self, rows: pa.Table) -> None:
        super().__init__(rows.schema)
        self._rows = rows

    def count(self) -> int:
        return int(self._rows.num_rows)

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        chosen = self._rows.select(list(columns)).slice(offset, limit)
        yield from chosen.to_batches(max_chunksize=rows)
