"""The tables of a ``.manager`` file as Manager of schema revision 419 lays them out (docs/format.md §2).

A file that :func:`create` makes differs from a business just begun in Manager only in counters of SQLite's own.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.errors import TargetExistsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PAGE_SIZE = 4096
"""Bytes of a page in the files that Manager makes."""

_CACHE = 64 << 10
"""KiB of pages kept in memory while a file is filled: keys come in no order, so rows land all over it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name and its declared SQLite type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table: WITHOUT ROWID, the first column its primary key.

    Attributes:
        name: the table's name.
        columns: its columns, in the order of a new file. An older file may have another order, or fewer.
        indexed: the columns that have an index of their own.
    """

    name: str
    columns: tuple[Column, ...]
    indexed: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def key(self) -> str:
        """The name of the primary key."""
        return self.columns[0].name

    def statements(self) -> tuple[str, ...]:
        """The SQL that makes the table and its indexes, letter by letter as Manager writes it."""
        first, *others = (f"{quoted(column.name)} {column.type}" for column in self.columns)
        columns = ", ".join([f"{first} PRIMARY KEY", *others])
        return (
            f"CREATE TABLE {quoted(self.name)} ({columns}) WITHOUT ROWID",
            *(
                f"CREATE INDEX {quoted(f'ix_{self.name}_{name}')} ON {quoted(self.name)} ({quoted(name)})"
                for name in self.indexed
            ),
        )


def _columns(**types: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in types.items())


TABLES: dict[str, TableLayout] = {
    table.name: table
    for table in (
        TableLayout(
            "Objects",
            _columns(Key="TEXT", ContentType="TEXT", Content="BLOB", Timestamp="INTEGER"),
            indexed=("ContentType",),
        ),
        TableLayout("Blobs", _columns(Key="TEXT", Name="TEXT", ContentType="TEXT", Content="BLOB")),
        TableLayout(
            "Changes",
            _columns(
                Key="TEXT",
                Commit="TEXT",
                Object="TEXT",
                User="TEXT",
                Timestamp="INTEGER",
                ContentTypeBefore="TEXT",
                ContentTypeAfter="TEXT",
                ContentBefore="BLOB",
                ContentAfter="BLOB",
            ),
            indexed=("Commit", "Object", "User", "Timestamp", "ContentTypeBefore", "ContentTypeAfter"),
        ),
        TableLayout(
            "Emails",
            _columns(
                Key="TEXT",
                Object="TEXT",
                Sender="TEXT",
                Recipient="TEXT",
                Subject="TEXT",
                Body="TEXT",
                Content="TEXT",
                Filename="TEXT",
                Timestamp="INTEGER",
                Seen="INTEGER",
                User="TEXT",
            ),
            indexed=("Object", "Timestamp", "User"),
        ),
        TableLayout("Images", _columns(Key="TEXT", ContentType="TEXT", Content="BLOB", Timestamp="INTEGER")),
        TableLayout("Blobs2", _columns(Hash="BLOB", Content="BLOB")),
    )
}
"""The tables by name, in the order in which Manager creates them."""

OCCASIONAL = frozenset({"Blobs2"})
"""Tables that a new business does not have; they come with what is kept in them (schema 405 to 415)."""


def create(path: Path, *, also: Iterable[str] = ()) -> sqlite3.Connection:
    """Make an empty business file and leave it open.

    The connection is in autocommit mode: begin a transaction before inserting many rows.

    Args:
        path: where; nothing may be there yet.
        also: names of :data:`OCCASIONAL` tables that are needed.

    Raises:
        TargetExistsError: there is a file already.
    """
    try:
        path.touch(exist_ok=False)
    except FileExistsError as there:
        raise TargetExistsError(
            "There is already a file {name}.",
            hint="Choose another name or another folder; a file that exists is never overwritten.",
            path=path,
            name=path.name,
        ) from there
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for setting in (f"page_size = {PAGE_SIZE}", "auto_vacuum = 2", "encoding = 'UTF-8'"):
            connection.execute(f"PRAGMA {setting}")
        wanted = set(also)
        connection.execute("BEGIN")
        for table in TABLES.values():
            if table.name not in OCCASIONAL or table.name in wanted:
                add(connection, table)
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def filling(path: Path, *, also: Iterable[str] = ()) -> Iterator[sqlite3.Connection]:
    """Make a business file and fill it within the ``with`` block, in one transaction: whole or not there at all.

    Args:
        path: where; nothing may be there yet.
        also: names of :data:`OCCASIONAL` tables that are needed.

    Raises:
        TargetExistsError: there is a file already.
    """
    connection = create(path, also=also)
    try:
        with contextlib.closing(connection):
            connection.execute(f"PRAGMA cache_size = -{_CACHE}")
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def add(connection: sqlite3.Connection, table: TableLayout) -> None:
    """Add an empty table with its indexes."""
    for statement in table.statements():
        connection.execute(statement)


def insert(
    connection: sqlite3.Connection,
    table: str,
    rows: Iterable[Sequence[object]],
    columns: Sequence[str] | None = None,
) -> int:
    """Insert rows, and say how many.

    Args:
        connection: an open database that has the table.
        table: its name.
        rows: the values, in the order of `columns`.
        columns: the names of the columns; None: all columns of :data:`TABLES`.

    Raises:
        sqlite3.IntegrityError: a key is there already.
    """
    names = TABLES[table].names if columns is None else tuple(columns)
    return connection.executemany(insertion(table, names), rows).rowcount


def insertion(table: str, columns: Sequence[str]) -> str:
    """The SQL that inserts one row with these columns."""
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, columns))}) VALUES ({places})"  # noqa: S608 - quoted


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever signs are in it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
