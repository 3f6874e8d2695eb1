"""Makes indexes of a private copy anew; the rows of tables are never touched."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

from manager_nb.format import layout
from manager_nb.format.checks import complaints
from manager_nb.format.connections import FAILURES
from manager_nb.format.database import Database
from manager_nb.format.layout import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.progress import Progress


def reindexed(database: Path) -> bool:
    """Make all indexes anew from their tables, and say whether that worked."""
    try:
        with contextlib.closing(_writable(database)) as connection:
            connection.execute("REINDEX")
    except FAILURES:
        return False
    return True


def rebuilt(database: Path, target: Path, progress: Progress) -> bool:
    """Copy the tables of a file whose indexes or free pages are damaged, and say whether every table was sound.

    Args:
        database: the damaged file; it stays as it is.
        target: the new file; not there if the tables are damaged, too.
        progress: its cancel is heeded.
    """
    without = target.with_suffix(".tables")
    shutil.copyfile(database, without)
    try:
        with contextlib.closing(_writable(without)) as connection:
            connection.execute("PRAGMA writable_schema = on")
            connection.execute("DELETE FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        with contextlib.closing(_writable(without)) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            for name in names:
                # Not quick_check, which takes a table for sound whose rows are out of order.
                told = connection.execute(f"PRAGMA integrity_check({quoted(name)})").fetchall()
                if told != [("ok",)]:
                    return False
            connection.execute("VACUUM INTO ?", (str(target),))
        with contextlib.closing(_writable(target)) as connection:
            _add_indexes(connection, Database(target))
        sound = not complaints(target, progress)
    except FAILURES:
        sound = False
    finally:
        without.unlink(missing_ok=True)
    if not sound:
        target.unlink(missing_ok=True)
    return sound


def _add_indexes(connection: sqlite3.Connection, database: Database) -> None:
    for table in layout.TABLES.values():
        for name in set(table.indexed) & set(database.columns(table.name)):
            index, of, column = quoted(f"ix_{table.name}_{name}"), quoted(table.name), quoted(name)
            connection.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {of} ({column})")


def _writable(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database, isolation_level=None)
    for setting in ("trusted_schema = off", "cell_size_check = on", "synchronous = off", "journal_mode = off"):
        connection.execute(f"PRAGMA {setting}")
    return connection
