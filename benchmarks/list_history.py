"""From a closed file to the whole list of its History: who, when, what was done, to which record, what was changed.

Ours copies the file, checks it and shows a record by its label. The naive way reads both images of every change and
compares their fields, without a copy and without a check.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from benchmarks.naive import Reader
from manager_nb import open_business

if TYPE_CHECKING:
    from pathlib import Path

SQL = (
    "SELECT User, Timestamp, ContentTypeBefore, ContentBefore, ContentTypeAfter, ContentAfter FROM Changes"
    " ORDER BY Timestamp DESC"
)


def ours(path: Path) -> int:
    with open_business(path) as business:
        columns = [name for name in business.history.columns if name not in ("amount", "problems")]
        return int(business.history.to_arrow(columns).num_rows)


def naive(path: Path) -> int:
    reader, listed = Reader(), []
    with contextlib.closing(sqlite3.connect(path)) as database:
        for user, ticks, *sides in database.execute(SQL):
            before, after = (
                reader.message(reader.types[guid], content or b"") if guid in reader.types else {}
                for guid, content in (sides[:2], sides[2:])
            )
            changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
            listed.append((user, ticks, changed))
    return len(listed)
