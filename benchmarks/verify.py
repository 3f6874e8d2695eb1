"""Verify a file in full: whether it is sound. The naive way checks its pages, and reads every record and image."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from benchmarks import decode
from benchmarks.naive import Reader
from manager_nb import verify_backup

if TYPE_CHECKING:
    from pathlib import Path


def ours(path: Path) -> bool:
    checks = verify_backup(path).checks.to_arrow().to_pylist()
    return all(check["ok"] for check in checks if check["check"] == "The database is intact")


def naive(path: Path) -> bool:
    reader = Reader()
    with contextlib.closing(sqlite3.connect(path)) as database:
        sound = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for guid, content in database.execute("SELECT ContentType, Content FROM Objects"):
            if guid in reader.types:
                reader.message(reader.types[guid], content or b"")
    decode.naive(path)
    return sound
