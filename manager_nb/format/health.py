"""Looks whether a private copy can be read throughout, and sees to it that it can."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from manager_nb.errors import NotABusinessError
from manager_nb.format.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.format.problems import Problem
    from manager_nb.progress import Progress


def readable(database: Path, original: Path, problems: list[Problem], progress: Progress) -> Path:
    """A database that SQLite reads without a complaint."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        try:
            sound = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        except sqlite3.DatabaseError:
            sound = False
    if not sound:
        from manager_nb.format.salvage import salvage

        target = database.with_name("salvaged.manager")
        problems += salvage(database, target, progress)
        return target
    if not {"Objects", "Changes"} & Database(database).tables():
        raise NotABusinessError(
            "{name} is a database, but not a Manager business.",
            hint="Choose a .manager file, a backup, or the data folder of Manager.",
            path=original,
            name=original.name,
        )
    return database
