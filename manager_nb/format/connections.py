"""Opens a private SQLite file safely, with Python's SQLite and with ADBC's.

Nobody writes to the file, so it is opened as immutable: no locks, and both libraries may hold it at the same time. Its
schema may be hostile: nothing in it may call a function that reaches outside.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

import adbc_driver_manager
import adbc_driver_sqlite.dbapi as adbc

from manager_nb.errors import DamagedFileError, SourceMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAFE = ("trusted_schema = off", "cell_size_check = on", "query_only = on")
"""What every connection to a client's data is set to."""

_IMMUTABLE = "mode=ro&immutable=1"
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR})
_DAMAGE_TOLD = ("malformed", "not a database", "disk I/O error")

FAILURES = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What Python's SQLite raises on a damaged file: the second where its message quotes bytes that are no text."""


def uri(path: Path, parameters: str) -> str:
    """The URI by which SQLite opens a file, whatever signs are in its path, drive and network folders included."""
    place = path.as_posix()
    root = "" if place.startswith("/") else "/"
    return f"file://{root}{quote(place.encode('utf-8', 'surrogateescape'))}?{parameters}"


def connect(path: Path) -> sqlite3.Connection:
    """Open a private file with Python's SQLite; text that is not UTF-8 comes with the replacement character.

    Raises:
        SourceMissingError: it is not there any more.
    """
    _require(path)
    connection = sqlite3.connect(uri(path, _IMMUTABLE), uri=True, isolation_level=None, check_same_thread=False)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    for setting in SAFE:
        connection.execute(f"PRAGMA {setting}")
    return connection


@contextlib.contextmanager
def arrow_cursor(path: Path, rows: int) -> Iterator[adbc.Cursor]:
    """Open a private file with ADBC for results as Arrow batches.

    Args:
        path: the file.
        rows: how many rows to a batch.

    Raises:
        SourceMissingError: it is not there any more.
    """
    _require(path)
    with adbc.connect(uri(path, _IMMUTABLE)) as connection, connection.cursor() as cursor:
        for setting in SAFE:
            cursor.execute(f"PRAGMA {setting}")
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(rows)})
        yield cursor


@contextlib.contextmanager
def telling_damage(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged file into an error that says what to do.

    Raises:
        DamagedFileError: the file is damaged.
    """
    try:
        yield
    except (*FAILURES, adbc_driver_manager.DatabaseError) as error:
        if not _is_damage(error):
            raise
        raise DamagedFileError(
            "This copy of the business is damaged: {reason}.",
            hint="Make a fresh copy of the file, or open an older backup.",
            path=path,
            reason=reason(error),
        ) from error


def reason(error: Exception) -> str:
    """What SQLite says in an error of :data:`FAILURES`."""
    return error.object.decode("utf-8", "replace") if isinstance(error, UnicodeDecodeError) else str(error)


def _is_damage(error: Exception) -> bool:
    if isinstance(error, UnicodeDecodeError):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _DAMAGE
    return any(sign in str(error) for sign in _DAMAGE_TOLD)


def _require(path: Path) -> None:
    if not path.is_file():
        raise SourceMissingError(
            "The business is closed: its private copy is gone.",
            hint="Open the business again.",
            path=path,
        )
