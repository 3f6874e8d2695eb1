"""Reads the rows of one SQLite table in order, a page or a stream, and has each chunk turned into what people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format.layout import quoted
from manager_nb.model.tables import FixedTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from manager_nb.format.database import Database


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a SQLite table, in order.

    Attributes:
        database: where they are read from.
        table: the SQLite table; a file without it has no rows.
        order: how to sort, e.g. ``("Timestamp DESC", "Key DESC")``; a column that the file lacks is left out.
        where: SQL that chooses the rows, None for all.
        params: the values of its placeholders.
    """

    database: Database
    table: str
    order: tuple[str, ...] = ("Key",)
    where: str | None = None
    params: tuple[object, ...] = ()

    def count(self) -> int:
        """How many rows there are."""
        if self.table not in self.database.tables():
            return 0
        if self.where is None:
            return self.database.count(self.table)
        sql = f"SELECT COUNT(*) FROM {quoted(self.table)} WHERE {self.where}"  # noqa: S608 - our own words
        ((counted,),) = self.database.rows(sql, self.params)
        return int(str(counted))

    def read(
        self, columns: Collection[str], offset: int = 0, limit: int | None = None, rows: int = 10_000
    ) -> Iterator[pa.RecordBatch]:
        """Rows in order, a chunk at a time; of a page, only its own rows are read beyond the index."""
        if self.table not in self.database.tables():
            return
        where, params, order = self.where, self.params, self._order()
        if offset or limit is not None:
            within = f" WHERE {where}" if where else ""
            page = f'SELECT "Key" FROM {quoted(self.table)}{within} ORDER BY {order} LIMIT ? OFFSET ?'  # noqa: S608
            where, params = f'"Key" IN ({page})', (*params, -1 if limit is None else limit, offset)
        yield from self.database.batches(
            self.table, sorted(columns), where=where, params=params, order=order, rows=rows
        )

    def _order(self) -> str:
        known = self.database.columns(self.table)
        terms = [term.split() for term in self.order]
        return ", ".join(" ".join([quoted(name), *how]) for name, *how in terms if name in known)


class Stored(FixedTypes):
    """The reader of a table whose rows are those of a SQLite table.

    Args:
        rows: the rows.
        schema: the columns that people read.
        needs: of each of them, the SQLite columns that it is made of.
        present: makes those columns from a chunk of rows.
    """

    __slots__ = ("_needs", "_present", "_rows")

    def __init__(
        self,
        rows: Rows,
        schema: pa.Schema,
        needs: Mapping[str, tuple[str, ...]],
        present: Callable[[pa.RecordBatch, Sequence[str]], list[pa.Array]],
    ) -> None:
        super().__init__(schema)
        self._rows, self._needs, self._present = rows, needs, present

    def count(self) -> int:
        """How many rows there are."""
        return self._rows.count()

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        """Rows in order, a chunk at a time."""
        needed = {"Key", *(raw for column in columns for raw in self._needs[column])}
        schema = self.schema(columns)
        for raw in self._rows.read(needed, offset, limit, rows):
            yield pa.RecordBatch.from_arrays(self._present(raw, columns), schema=schema)
