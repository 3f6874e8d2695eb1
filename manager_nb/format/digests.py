"""The contents of a table as one number: the same in every copy, whatever the file's pages look like.

Compacting, compressing and importing change a file's bytes and keep its rows. So the proof that two files hold the
same, and that a later History extends an earlier one, is a digest of the rows: SHA-256 over the columns' names and over
each row's values with their types, in the table's order.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.database import SAFE, uri
from manager_nb.format.layout import TABLES, quoted
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

HISTORY = "Changes"
"""The table whose rows stand in the order of their times, so that a later History begins with an earlier one."""

_ROWS = 2_000
_WITHOUT = 'WHERE "Key" NOT IN (SELECT value FROM json_each(?))'
_CANONICAL = {name.lower(): name for name in TABLES}


@dataclass(frozen=True, slots=True)
class TableDigest:
    """What a table holds.

    Attributes:
        rows: how many rows.
        columns: its columns, in the order in which they were read.
        sha256: of all values, in hex.
    """

    rows: int
    columns: tuple[str, ...]
    sha256: str


def digest_tables(
    database: Path, *, passed_over: Collection[str] = (), progress: Progress = SILENT
) -> dict[str, TableDigest]:
    """The digest of every table by its name, unknown ones included.

    Views and virtual tables hold nothing themselves, and SQLite's statistics are about the others.

    Args:
        database: a private SQLite file; only read.
        passed_over: tables that are not wanted. Manager's own are called as in
            :data:`~manager_nb.format.layout.TABLES` here and in the result, however the file spells them.
        progress: told in rows; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    with _reading(database) as connection:
        return {
            called: digest_rows(connection, name, columns_of(connection, name), progress=progress)
            for name, called in _tables(connection)
            if called not in passed_over
        }


def digest_without(
    database: Path, table: str, columns: Sequence[str], keys: Collection[str], progress: Progress = SILENT
) -> TableDigest:
    """The digest of a table's rows save some.

    Args:
        database: a private SQLite file; only read.
        table: the table.
        columns: which columns, in that order.
        keys: of the rows that are left out (column ``Key``).
        progress: told in rows; heeded.
    """
    with _reading(database) as connection:
        return digest_rows(connection, table, columns, without=keys, progress=progress)


def digest_history(database: Path, columns: Sequence[str], rows: int, progress: Progress = SILENT) -> TableDigest:
    """The digest of the first ``rows`` changes, as an earlier backup with these columns would have told it.

    Args:
        database: a private SQLite file; only read.
        columns: the columns of the earlier one, in its order.
        rows: how many it had.
        progress: told in rows; heeded.
    """
    with _reading(database) as connection:
        return digest_rows(connection, HISTORY, columns, limit=rows, progress=progress)


def schema_of(database: Path) -> tuple[tuple[str, str, str], ...]:
    """The statements that make the file's tables, indexes, triggers and views: type, name, SQL; by type and name."""
    with _reading(database) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
        return tuple((_told(kind), _told(name), _told(sql)) for kind, name, sql in rows)


def digest_rows(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    *,
    limit: int = -1,
    without: Collection[str] = (),
    progress: Progress = SILENT,
) -> TableDigest:
    """The digest of a table's rows, in primary key order; of :data:`HISTORY` by Timestamp, then Key.

    What goes into it: the names of the columns, each followed by a zero byte; then of each row one letter a value for
    its type (``n i r t b`` as SQLite names them), the lengths of the values as little-endian uint64, and the values:
    BLOB and TEXT as stored, INTEGER in decimal digits, REAL with 17 digits, NULL as nothing.
    """
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" for name in columns))
    pack = struct.Struct(f"<{len(columns)}Q").pack
    sql = _rows_sql(table, columns, _order(connection, table), _WITHOUT if without else "")
    cursor = connection.execute(sql, (*([json.dumps(list(without))] if without else []), limit))
    count = 0
    while rows := cursor.fetchmany(_ROWS):
        check(progress)
        for kinds, *values in rows:
            digest.update(b"".join((kinds, pack(*map(len, values)), *values)))
        count += len(rows)
        progress.advance(len(rows))
    return TableDigest(count, tuple(columns), digest.hexdigest())


def _rows_sql(table: str, columns: Sequence[str], order: str, where: str) -> str:
    """All values as bytes, so that nothing is left to do in Python for each of them."""
    names = [quoted(column) for column in columns]
    kinds = " || ".join(f"substr(typeof({name}), 1, 1)" for name in names)
    values = ", ".join(
        f"coalesce(CAST(CASE typeof({name}) WHEN 'real' THEN printf('%!.17g', {name}) ELSE {name} END AS BLOB), x'')"
        for name in names
    )
    return f"SELECT {kinds}, {values} FROM {quoted(table)} {where} ORDER BY {order} LIMIT ?"  # noqa: S608 - quoted


def columns_of(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """The names of a table's columns, as declared."""
    return tuple(_told(row[1]) for row in connection.execute(f"PRAGMA table_info({quoted(table)})"))


def canonical(table: str) -> str:
    """What Manager calls a table, however a file spells it; an unknown one keeps its name."""
    return _CANONICAL.get(table.lower(), table)


@contextlib.contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(uri(database, "mode=ro&immutable=1"), uri=True, isolation_level=None)
    try:
        for setting in SAFE:
            connection.execute(f"PRAGMA {setting}")
        connection.text_factory = bytes  # a text may be invalid UTF-8
        yield connection
    finally:
        connection.close()


def _tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name"
    names = [_told(name) for (name,) in connection.execute(sql)]
    return [(name, canonical(name)) for name in names if not name.startswith("sqlite_stat")]


def _order(connection: sqlite3.Connection, table: str) -> str:
    facts = [(_told(row[1]), row[5]) for row in connection.execute(f"PRAGMA table_info({quoted(table)})")]
    names = [name for name, _ in facts]
    if canonical(table) == HISTORY and {"Timestamp", "Key"} <= set(names):
        return '"Timestamp", "Key"'
    key = [name for name, place in sorted(facts, key=lambda fact: fact[1]) if place]
    return ", ".join(map(quoted, key or ["rowid"]))


def _told(text: object) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
