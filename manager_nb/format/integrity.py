"""SQLite's own examination of a database (docs/format.md §6: that Manager opens a file proves nothing)."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from manager_nb.format.connections import FAILURES, SAFE, reason, uri
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from pathlib import Path

_CHECK_EVERY = 20_000
_MOST = 20


def examine(database: Path, progress: Progress = SILENT) -> list[str]:
    """What ``PRAGMA integrity_check`` finds wrong, at most twenty findings; none in a sound database.

    Args:
        database: a private SQLite file; only read.
        progress: its cancel is heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    check(progress)
    connection = sqlite3.connect(uri(database, "mode=ro&immutable=1"), uri=True, isolation_level=None)
    with contextlib.closing(connection):
        connection.set_progress_handler(lambda: int(progress.cancelled), _CHECK_EVERY)
        try:
            for setting in SAFE:
                connection.execute(f"PRAGMA {setting}")
            found = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST})")]
        except FAILURES as error:
            check(progress)
            return [reason(error)]
    return [] if found == ["ok"] else found
