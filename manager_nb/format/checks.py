"""Signs that a copy of a business is damaged or was made while somebody saved (docs/format.md §6)."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.format import layout
from manager_nb.format.connections import FAILURES, connect, reason
from manager_nb.format.damaged.definitions import KINDS, nearly_equal
from manager_nb.format.database import Database, table_itself
from manager_nb.format.layout import quoted
from manager_nb.progress import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from manager_nb.progress import Progress

MAGIC = b"SQLite format 3\0"

_SMALL = 16 << 20
"""Bytes up to which SQLite compares indexes with their tables row by row: 10 ms a MB."""

UNREADABLE = "an index cannot be read"
"""How a finding of :func:`index_faults` begins that tells of no difference."""

DISORDER = "PRIMARY KEY order"
"""Part of a finding of :func:`index_faults` that is about the table itself: one of its keys is damaged."""

_ROWS = None
_MOST, _MOST_ROWS = 10, 1000
_POLL = 0.1
_HEAD = 100
_SECONDS = 10_000_000
_CLOSE = 10 * _SECONDS
"""Ticks before the newest change in which a change counts as one of the last."""

_MOST_LAST = 10_000


@dataclass(frozen=True, slots=True)
class Length:
    """A file's length against what its header says.

    Attributes:
        told: bytes by the header; 0 where it does not say.
        there: bytes that there are.
    """

    told: int
    there: int

    @property
    def missing(self) -> int:
        """Bytes that are missing at the end."""
        return max(0, self.told - self.there)

    @property
    def surplus(self) -> int:
        """Bytes that are too many."""
        return max(0, self.there - self.told) if self.told else 0


def length(database: Path) -> Length:
    """Compare a file's length with what its header says."""
    with database.open("rb") as file:
        head = file.read(_HEAD)
        there = file.seek(0, 2)
    number = [int.from_bytes(head[start : start + size], "big") for start, size in ((16, 2), (24, 4), (28, 4), (92, 4))]
    page_size, counter, pages, valid_for = number
    says = head.startswith(MAGIC) and counter == valid_for
    return Length(pages * (65536 if page_size == 1 else page_size) if says else 0, there)


def complaints(database: Path, progress: Progress) -> list[str]:
    """What SQLite finds wrong with the pages of a file: nothing, if all can be read.

    Indexes are not compared with their tables: see :func:`index_faults`.

    Raises:
        CancelledError: the user cancelled.
    """
    with contextlib.closing(connect(database)) as connection:
        try:
            return _lines(connection, f"PRAGMA quick_check({_MOST})", progress)
        except FAILURES as error:
            return [reason(error)]


def index_faults(database: Path, progress: Progress) -> list[str]:
    """What is wrong with indexes whose pages can be read: what is in them, against the rows of their tables.

    In a large file entries are counted and measured; in a small one each is compared, and the order of keys is looked
    at.

    Raises:
        CancelledError: the user cancelled.
    """
    small = database.stat().st_size <= _SMALL
    with contextlib.closing(connect(database)) as connection:
        try:
            if not small:
                return list(_index_counts(connection, progress))
            found = _lines(connection, f"PRAGMA integrity_check({_MOST_ROWS})", progress)
            return [one for one in found if " index " in one or DISORDER in one]
        except FAILURES as error:
            return [f"{UNREADABLE}: {reason(error)}"]


def misspelled(database: Database) -> list[str]:
    """What the schema names with a wrong letter: columns of Manager's tables, kinds. To SQLite they are like any."""
    sql = f"SELECT CAST(type AS TEXT), CAST(name AS TEXT) FROM sqlite_master WHERE type NOT IN {KINDS}"  # noqa: S608
    found = [f"the entry {name} of its list of tables is called a {kind}" for kind, name in database.rows(sql)]
    for table in sorted(database.tables() & layout.TABLES.keys()):
        known, there = layout.TABLES[table].names, database.columns(table)
        absent = [name for name in known if name not in there]
        wrong = [name for name in there if name not in known and any(nearly_equal(name, one) for one in absent)]
        found += [f"the column {name} of the table {table}" for name in wrong]
    return found


def half_saved(database: Database) -> int:
    """How many of the last records are as they were before their last change: a save of which half is in the copy."""
    needed = {"Object", "Timestamp", "ContentBefore", "ContentAfter"}
    if not needed <= set(database.columns("Changes")) or not {"Key", "Content"} <= set(database.columns("Objects")):
        return 0
    before: defaultdict[object, set[bytes | None]] = defaultdict(set)
    after: defaultdict[object, set[bytes | None]] = defaultdict(set)
    now: dict[object, bytes | None] = {}
    for key, old, new, content in database.rows(_LAST_CHANGES, (_CLOSE, _MOST_LAST)):
        before[key].add(old)
        after[key].add(new)
        now[key] = content
    # The links tell which image is the last: rows of one moment are in no order.
    last = {key: after[key] - before[key] for key in now}
    return sum(bool(last[key]) and content in before[key] - last[key] for key, content in now.items())


_LAST_CHANGES = """
SELECT c."Object", CAST(c."ContentBefore" AS BLOB), CAST(c."ContentAfter" AS BLOB),
       CASE WHEN o."Key" IS NOT NULL THEN CAST(coalesce(o."Content", x'') AS BLOB) END
FROM "Changes" c LEFT JOIN "Objects" o ON o."Key" = c."Object"
WHERE typeof(c."Timestamp") = 'integer'
  AND c."Timestamp" >= (SELECT max("Timestamp") FROM "Changes" WHERE typeof("Timestamp") = 'integer') - ?
LIMIT ?
"""


def _lines(connection: sqlite3.Connection, pragma: str, progress: Progress) -> list[str]:
    """What a check of SQLite's finds."""
    lines = [line for (row,) in _run(connection, pragma, progress) for line in str(row).splitlines()]
    return [line for line in lines if line != "ok" and not line.startswith("***")]


def _index_counts(connection: sqlite3.Connection, progress: Progress) -> Iterator[str]:
    """Compare how many entries an index has, and how long they are all together, with the rows of its table."""
    sql = "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND coalesce(sql, '') NOT LIKE '% WHERE %'"
    indexes: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for name, table in connection.execute(sql).fetchall():
        listed = connection.execute("SELECT DISTINCT name FROM pragma_index_xinfo(?) WHERE cid >= 0", (name,))
        indexes[table][name] = [column for (column,) in listed]
    for table, columns in indexes.items():
        every = sorted({column for some in columns.values() for column in some})
        told = _sums(connection, f"{quoted(table)} {table_itself(connection, table)}", every, progress)
        for name, some in columns.items():
            there = _sums(connection, f"{quoted(table)} INDEXED BY {quoted(name)}", some, progress)
            if there[_ROWS] != told[_ROWS]:
                yield f"index {name} has {there[_ROWS]} entries for {told[_ROWS]} rows"
            elif any(told[column] != length for column, length in there.items()):
                yield f"the entries of index {name} differ from the rows"


def _sums(
    connection: sqlite3.Connection, rows: str, columns: Sequence[str], progress: Progress
) -> dict[str | None, int]:
    """The number of rows, and the length of all their values by column."""
    # Not COUNT(*), for which SQLite takes the index that it likes best.
    lengths = "".join(f", coalesce(sum(length({quoted(column)})), 0)" for column in columns)
    found = _run(connection, f"SELECT coalesce(sum(1), 0){lengths} FROM {rows}", progress)[0]  # noqa: S608 - quoted
    return dict(zip((_ROWS, *columns), found, strict=True))


def _run(connection: sqlite3.Connection, sql: str, progress: Progress) -> list[tuple[Any, ...]]:
    """All rows of a query that takes long, in another thread, so that Cancel is heeded."""
    check(progress)
    with ThreadPoolExecutor(1) as worker:
        running = worker.submit(lambda: connection.execute(sql).fetchall())
        while True:
            try:
                return running.result(timeout=_POLL)
            except TimeoutError:
                if progress.cancelled:
                    connection.interrupt()
                    with contextlib.suppress(sqlite3.Error):
                        running.result()
                    check(progress)
