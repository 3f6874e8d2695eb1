"""A backup without attachments, proven: how many rows of History it has.

The naive way writes the file anew statement by statement, as `.dump` does, and proves nothing.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from pathlib import Path

from manager_nb import create_backup


def ours(path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        backup = create_backup(path, folder, attachments=False)
        return int(backup.manifest["tables"]["Changes"]["rows"])


def naive(path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "copy.manager"
        with (
            contextlib.closing(sqlite3.connect(path)) as old,
            contextlib.closing(sqlite3.connect(target, isolation_level=None)) as new,
        ):
            for statement in old.iterdump():
                new.execute(statement)
            return int(new.execute("SELECT COUNT(*) FROM Changes").fetchone()[0])
