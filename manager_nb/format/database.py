"""Reads the private copy of a business with SQLite: rows one by one, or columns as Arrow batches.

The copy belongs to us alone and nobody writes to it, so it is opened as immutable: no locks, and Python's SQLite and
ADBC's may hold it at the same time. Its schema may be hostile: only real tables count, views and triggers are refused,
and nothing in it can call a function that reaches outside.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import adbc_driver_manager
import adbc_driver_sqlite.dbapi as adbc
import pyarrow as pa

from manager_nb.errors import DamagedFileError, WireError
from manager_nb.format import layout
from manager_nb.format.layout import quoted
from manager_nb.format.typed import TypedColumn, typed_columns, valid_text
from manager_nb.format.wire import read_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SCHEMA_KEY = "a9a71e47-82b3-49db-8aec-898adb460a80"
"""Key and content type of the object that holds the schema revision (docs/format.md §2)."""

SAFE = ("trusted_schema = off", "cell_size_check = on", "query_only = on")
"""What every connection to a client's data is set to."""

_CANONICAL = {name.lower(): name for name in layout.TABLES}
_BATCH_BYTES = 32 << 20
_PIECES = 500


class Database:
    """The tables of a business, read-only; any thread may use it, each call has a connection of its own.

    Args:
        path: a private SQLite file that nobody writes to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def tables(self) -> frozenset[str]:
        """The names of the real tables: no views, no virtual tables, none of SQLite's own.

        Manager's tables are called as in :data:`manager_nb.format.layout.TABLES`, however the file spells them.
        """
        return frozenset(self._columns)

    def columns(self, table: str) -> tuple[str, ...]:
        """The names of a table's columns, in the file's order; none where there is no such table."""
        return tuple(self._columns.get(table, ()))

    def count(self, table: str) -> int:
        """How many rows a table has; 0 where there is no such table."""
        if table not in self._columns:
            return 0
        return int(next(self.rows(f"SELECT COUNT(*) FROM {quoted(table)} NOT INDEXED"))[0])  # noqa: S608 - quoted

    def rows(self, sql: str, params: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows that a query gives, one at a time; text that is not UTF-8 comes with the replacement character.

        The connection lives as long as the iteration.

        Raises:
            DamagedFileError: SQLite meets damage.
        """
        with contextlib.closing(self._connect()) as connection, _telling_damage(self.path):
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
    ) -> Iterator[pa.RecordBatch]:
        """Columns of a table as a stream of Arrow batches, in bounded memory.

        Keys, names and other text are ``string``, contents and hashes ``binary``, times (ticks) and flags ``int64``: see
        :mod:`manager_nb.format.typed` for values of another kind. A column that the file lacks is null throughout; a
        table that it lacks has no batches.

        Args:
            table: the table's name.
            columns: the columns' names, in the order in which they are wanted.
            where: SQL that chooses rows, in terms of the table's own columns; None for all.
            params: the values of its placeholders.
            order: SQL terms to sort by; None: in the order of the table.
            rows: at most so many rows to a batch; fewer where they are large.

        Raises:
            DamagedFileError: SQLite meets damage.
        """
        if table not in self._columns:
            return
        typed = typed_columns(table, columns, self._columns[table])
        schema = pa.schema([(column.name, column.type) for column in typed])
        sql = _select(table, typed, where, order)
        with _telling_damage(self.path), _adbc(self.path) as cursor:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(rows)})
            cursor.execute(sql, tuple(params))
            first = True
            for batch in cursor.fetch_record_batch():
                typed_batch = pa.RecordBatch.from_arrays(
                    [valid_text(column) if column.type == pa.string() else column for column in batch.columns],
                    schema=schema,
                )
                real = typed_batch.slice(1) if first else typed_batch
                first = False
                if real.num_rows:
                    yield real

    def schema_revision(self) -> int | None:
        """The revision of Manager's schema that wrote the file; None where the file does not say."""
        if not {"Key", "Content"} <= set(self.columns("Objects")):
            return None
        sql = 'SELECT CAST("Content" AS BLOB) FROM "Objects" WHERE "Key" IN (?, ?)'
        for (content,) in self.rows(sql, (SCHEMA_KEY, SCHEMA_KEY.upper())):
            if isinstance(content, bytes) and (revision := _first_number(content)) is not None:
                return revision
        return None

    @functools.cached_property
    def _columns(self) -> Mapping[str, dict[str, str]]:
        """Every real table with its columns and their declared types, Manager's under their canonical names."""
        found = {}
        for name, sql in self.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"):
            if isinstance(name, str) and isinstance(sql, str) and not name.lower().startswith("sqlite_"):
                canonical = _CANONICAL.get(name.lower(), name)
                found[canonical] = dict(self._declared(name, canonical))
        return found

    def _declared(self, name: str, canonical: str) -> Iterator[tuple[str, str]]:
        known = (
            {column.lower(): column for column in layout.TABLES[canonical].names} if canonical in layout.TABLES else {}
        )
        for row in self.rows(f"PRAGMA table_xinfo({quoted(name)})"):
            column = str(row[1])
            yield known.get(column.lower(), column), str(row[2])

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(uri(self.path, "mode=ro&immutable=1"), uri=True, check_same_thread=False)
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        for setting in SAFE:
            connection.execute(f"PRAGMA {setting}")
        return connection


def uri(path: Path, parameters: str) -> str:
    """The URI by which SQLite opens a file, whatever signs are in its path, drive and network folders included."""
    place = path.as_posix()
    return (
        f"file://{'' if place.startswith('/') else '/'}{quote(place.encode('utf-8', 'surrogateescape'))}?{parameters}"
    )


def _select(table: str, columns: Sequence[TypedColumn], where: str | None, order: str | None) -> str:
    """A row that shows the types, then the rows: ADBC takes the types from the first rows that it sees.

    The results have names of their own, so that `where` and `order` mean the table's columns and can use its indexes.
    """
    shown = ", ".join(f"{column.sentinel} AS c{i}" for i, column in enumerate(columns))
    values = ", ".join(f"{column.value} AS c{i}" for i, column in enumerate(columns))
    # Without a choice or an order the table itself is read: an index of a damaged copy may lack rows.
    source = f"{quoted(table)} NOT INDEXED" if where is None and order is None else quoted(table)
    chosen = f" WHERE {where}" if where is not None else ""
    sorted_by = f" ORDER BY {order}" if order is not None else ""
    return f"SELECT {shown} UNION ALL SELECT * FROM (SELECT {values} FROM {source}{chosen}{sorted_by})"  # noqa: S608


@contextlib.contextmanager
def _adbc(path: Path) -> Iterator[adbc.Cursor]:
    with adbc.connect(uri(path, "mode=ro&immutable=1")) as connection, connection.cursor() as cursor:
        for setting in SAFE:
            cursor.execute(f"PRAGMA {setting}")
        yield cursor


@contextlib.contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged file into an error that says what to do.

    Raises:
        DamagedFileError: the file is damaged.
    """
    try:
        yield
    except (sqlite3.DatabaseError, adbc_driver_manager.DatabaseError) as error:
        if not _is_damage(error):
            raise
        raise DamagedFileError(
            "This copy of the business is damaged: {reason}.",
            hint="Make a fresh copy of the file, or open an older backup.",
            path=path,
            reason=str(error),
        ) from error


def _is_damage(error: Exception) -> bool:
    return any(sign in str(error) for sign in ("malformed", "not a database", "disk I/O error"))


def _first_number(content: bytes) -> int | None:
    """The value of field 1, as an int32."""
    with contextlib.suppress(WireError):
        for field in read_fields(content):
            if field.number == 1 and isinstance(field.value, int):
                return (field.value + 2**31) % 2**32 - 2**31
    return None
