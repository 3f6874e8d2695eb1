"""The tables of a business in its private copy: what is there, rows one by one, columns as Arrow batches."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from typing import TYPE_CHECKING, Any

from manager_nb.errors import WireError
from manager_nb.format import layout
from manager_nb.format.batches import FEW_ROWS, Query, Size, size_of
from manager_nb.format.connections import SAFE, connect, telling_damage, uri
from manager_nb.format.layout import quoted
from manager_nb.format.private import folder_of
from manager_nb.format.typed import all_bytes, typed_columns
from manager_nb.format.wire import read_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from manager_nb.format.typed import TypedColumn

__all__ = ["SAFE", "SCHEMA_KEY", "Database", "uri"]

SCHEMA_KEY = "a9a71e47-82b3-49db-8aec-898adb460a80"
"""Key and content type of the object that holds the schema revision (docs/format.md §2)."""

_CANONICAL = {name.lower(): name for name in layout.TABLES}
_NOT_GENERATED = 0


class Database:
    """The tables of a business, read-only; any thread may use it, each call has a connection of its own.

    It keeps the private folder that the file lies in for as long as it lives.

    Attributes:
        path: a private SQLite file that nobody writes to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = folder_of(path)
        self._counts: dict[str, int] = {}
        self._sizes: dict[tuple[str, tuple[str, ...]], Size] = {}

    def tables(self) -> frozenset[str]:
        """The names of the real tables: no views, no virtual tables, none of SQLite's own.

        Manager's tables are called as in :data:`manager_nb.format.layout.TABLES`, however the file spells them; so are
        their columns.
        """
        return frozenset(self._columns)

    def columns(self, table: str) -> tuple[str, ...]:
        """The names of a table's columns, in the file's order; none where there is no such table."""
        return tuple(self._columns.get(table, ()))

    def count(self, table: str) -> int:
        """How many rows a table has; 0 where there is no such table.

        Raises:
            DamagedFileError: SQLite meets damage.
        """
        if table not in self._columns:
            return 0
        if table not in self._counts:
            sql = f"SELECT COUNT(*) FROM {quoted(table)} NOT INDEXED"  # noqa: S608 - quoted
            self._counts[table] = next(self.rows(sql))[0]
        return self._counts[table]

    def impostors(self) -> list[str]:
        """Manager's tables that the file has only as a view or as a virtual table: they are never read."""
        return sorted({_CANONICAL[name] for name in self._unreal if name in _CANONICAL} - self.tables())

    def rows(self, sql: str, params: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one at a time; text that is not UTF-8 comes with the replacement character.

        The connection lives as long as the iteration.

        Raises:
            DamagedFileError: SQLite meets damage.
            sqlite3.DatabaseError: the query reads a view or a virtual table.
        """
        with contextlib.closing(connect(self.path)) as connection, telling_damage(self.path):
            if self._unreal:
                connection.set_authorizer(self._authorize)
            yield from connection.execute(sql, tuple(params))

    def batches(
        self,
        table: str,
        columns: Sequence[str],
        *,
        where: str | None = None,
        params: Sequence[object] = (),
        order: str | None = None,
        rows: int = 10_000,
        as_bytes: bool = False,
    ) -> Iterator[pa.RecordBatch]:
        """Columns of a table as a stream of Arrow batches, in bounded memory.

        Keys, names and other text are ``string``, contents and hashes ``binary``, times (ticks) and flags ``int64``;
        :mod:`manager_nb.format.typed` says what becomes of values of another kind. A column that the file lacks is null
        throughout; a table that it lacks has no batches.

        Args:
            table: the table's name.
            columns: the columns' names, in the order in which they are wanted.
            where: SQL that chooses rows, in terms of the table's own columns; None for all.
            params: the values of its placeholders.
            order: SQL terms to sort by; None: in the order of the table.
            rows: at most so many rows to a batch; fewer where they are large.
            as_bytes: give every column as the bytes of its values, untyped.

        Raises:
            DamagedFileError: SQLite meets damage.
        """
        if table in self._columns:
            declared = self._columns[table]
            typed = all_bytes(columns, declared) if as_bytes else typed_columns(table, columns, declared)
            query = Query(self.path, table, typed, self._scan(table), where, params, order)
            size = self._size(table, typed) if rows > FEW_ROWS else None
            yield from query.read(rows, size, unicode=self.is_utf8)

    def schema_revision(self) -> int | None:
        """The revision of Manager's schema that wrote the file; None where the file does not say."""
        if not {"Key", "Content"} <= set(self.columns("Objects")):
            return None
        sql = 'SELECT CAST("Content" AS BLOB) FROM "Objects" WHERE "Key" IN (?, ?)'
        for (content,) in self.rows(sql, (SCHEMA_KEY, SCHEMA_KEY.upper())):
            if content and (revision := _first_number(content)) is not None:
                return revision
        return None

    @functools.cached_property
    def is_utf8(self) -> bool:
        """Whether the file keeps text as UTF-8, as Manager does; else it is UTF-16."""
        return bool(next(self.rows("PRAGMA encoding"))[0] == "UTF-8")

    def _scan(self, table: str) -> str:
        with contextlib.closing(connect(self.path)) as connection, telling_damage(self.path):
            return table_itself(connection, table)

    def _size(self, table: str, columns: Sequence[TypedColumn]) -> Size:
        key = table, tuple(column.name for column in columns)
        if key not in self._sizes:
            self._sizes[key] = size_of(self.path, table, columns)
        return self._sizes[key]

    @functools.cached_property
    def _columns(self) -> Mapping[str, dict[str, str]]:
        """Every real table with its columns and their declared types."""
        found = {}
        for name, sql in self._schema("type = 'table' AND rootpage > 0"):
            if not name.lower().startswith("sqlite_") and not (sql or "").lower().startswith("create virtual"):
                canonical = _CANONICAL.get(name.lower(), name)
                found[canonical] = dict(self._declared(name, canonical))
        return found

    def _declared(self, name: str, canonical: str) -> Iterator[tuple[str, str]]:
        known = layout.TABLES[canonical].names if canonical in layout.TABLES else ()
        spelled = {column.lower(): column for column in known}
        with contextlib.closing(connect(self.path)) as connection, telling_damage(self.path):
            for _, column, declared, *_, hidden in connection.execute(f"PRAGMA table_xinfo({quoted(name)})"):
                if hidden == _NOT_GENERATED:
                    yield spelled.get(column.lower(), column), declared

    @functools.cached_property
    def _unreal(self) -> frozenset[str]:
        """The names of views and virtual tables, in lower case."""
        return frozenset(name.lower() for name, _ in self._schema("type = 'view' OR type = 'table' AND rootpage = 0"))

    def _schema(self, where: str) -> list[tuple[str, str]]:
        with contextlib.closing(connect(self.path)) as connection, telling_damage(self.path):
            # A flipped bit makes a name bytes, which SQLite itself reads as a text.
            sql = f"SELECT CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master WHERE {where}"  # noqa: S608
            return connection.execute(sql).fetchall()

    def _authorize(self, action: int, name: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_READ and (name or "").lower() in self._unreal:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK


def table_itself(connection: sqlite3.Connection, table: str) -> str:
    """SQL that has the table itself read; of a table without rowid, that is its primary key."""
    # NOT INDEXED does not keep SQLite from reading another index of a table without rowid.
    keys = connection.execute("SELECT name FROM pragma_index_list(?) WHERE origin = 'pk'", (table,)).fetchall()
    listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    without_rowid = [key for (key,) in keys if (key,) not in listed]
    return f"INDEXED BY {quoted(without_rowid[0])}" if without_rowid else "NOT INDEXED"


def _first_number(content: bytes) -> int | None:
    """The value of field 1, as an int32."""
    with contextlib.suppress(WireError):
        for field in read_fields(content):
            if field.number == 1 and isinstance(field.value, int):
                return (field.value + 2**31) % 2**32 - 2**31
    return None
