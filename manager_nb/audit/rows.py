"""The rows of a table in an earlier backup and in a later file, held against each other by their keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.format.database import Database
from manager_nb.format.layout import quoted
from manager_nb.format.scalars import TICKS_PER_DAY
from manager_nb.progress import Progress, heeded
from manager_nb.timeline.keys import born

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from manager_nb.timeline.business import Business

MISSING, ALTERED, AS_UNDONE, BACKDATED = "missing", "altered", "as undone", "back-dated"

_COMPARED = {
    "Changes": (
        "Commit", "Object", "User", "Timestamp", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore",
        "ContentAfter",
    ),
    "Emails": ("Object", "Sender", "Recipient", "Subject", "Body", "Content", "Filename", "Timestamp", "User"),
}  # fmt: skip
"""What is compared of each row. Of e-mails not whether it was seen, which the recipient's looking changes."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the earlier backup that the later file does not have as it was.

    Attributes:
        key: of the row.
        what: "missing", "altered", "as undone" (missing together with all rows of its action, and every record of it
            was set back to what it was before, or went on from there, as after an undo in Manager), or "back-dated"
            (of the later file only: of a time at which the earlier backup would have it).
        object: key of the record, in lower case; of a change only.
        commit: key of its action; of a change only.
        fields: columns that differ, where it was altered.
        ticks: its time, where it is back-dated.
    """

    key: str
    what: str
    object: str = ""
    commit: str | None = None
    fields: tuple[str, ...] = ()
    ticks: int | None = None


class Both:
    """The rows of a table in both files."""

    def __init__(self, earlier: Business, later: Business, progress: Progress) -> None:
        self._databases = tuple(Database(one.open_source.database) for one in (earlier, later))
        self._progress = progress

    def rows(self, table: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """A digest of every row by its key in lower case."""
        old, new = self._databases
        columns = self._columns(table)
        return self._digests(old, table, columns), self._digests(new, table, columns)

    def differing(self, table: str, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Row]:
        """The rows of the earlier file that the later one lacks or has otherwise."""
        for key in heeded(old, self._progress):
            if key not in new:
                yield Row(key, MISSING)
            elif new[key] != old[key]:
                sides = [self._row(database, table, key) for database in self._databases]
                fields = (
                    name
                    for name, *values in zip(self._columns(table), *sides, strict=True)
                    if len(set(map(_data, values))) > 1
                )
                yield Row(key, ALTERED, fields=tuple(fields))

    def newest(self) -> int | None:
        """When the earlier backup's newest row was written, among those whose keys bear their times out, if any do."""
        times = [
            (key, ticks)
            for table in _COMPARED
            for key, ticks, _ in heeded(_times(self._databases[0], table), self._progress)
            if ticks is not None
        ]
        borne_out = (
            ticks for key, ticks in times if (made := born(key)) is not None and abs(ticks - made) <= TICKS_PER_DAY
        )
        return max(borne_out, default=max((ticks for _, ticks in times), default=None))

    def backdated(self, table: str, old: Collection[str], newest: int | None) -> Iterator[Row]:
        """The rows that only the later file has, of times that the earlier backup covers, oldest first."""
        found = [
            (ticks, key.lower(), str(subject or "").lower())
            for key, ticks, subject in heeded(_times(self._databases[1], table), self._progress)
            if ticks is not None and newest is not None and ticks <= newest and key.lower() not in old
        ]
        yield from (Row(key, BACKDATED, subject, ticks=ticks) for ticks, key, subject in sorted(found))

    def _columns(self, table: str) -> tuple[str, ...]:
        """Those that both files have: an older one may lack some."""
        there = [set(database.columns(table)) for database in self._databases]
        return tuple(name for name in _COMPARED[table] if all(name in columns for columns in there))

    def _digests(self, database: Database, table: str, columns: Sequence[str]) -> dict[str, bytes]:
        there = database.columns(table)
        if "Key" not in there:
            return {}
        names = ", ".join(map(quoted, ("Key", *columns)))
        rows = database.rows(f"SELECT {names} FROM {quoted(table)}")  # noqa: S608 - quoted
        return {str(key).lower(): _digest(values) for key, *values in heeded(rows, self._progress)}

    def _row(self, database: Database, table: str, key: str) -> tuple[Any, ...]:
        columns = self._columns(table)
        names = ", ".join(map(quoted, columns))
        sql = f"SELECT {names} FROM {quoted(table)} WHERE {quoted('Key')} IN (?, ?)"  # noqa: S608 - quoted
        return next(database.rows(sql, (key, key.upper())), (None,) * len(columns))


def _times(database: Database, table: str) -> Iterator[tuple[str, int | None, Any]]:
    """The key, the time and the object of every row."""
    if {"Key", "Timestamp", "Object"} <= set(database.columns(table)):
        sql = f'SELECT "Key", "Timestamp", "Object" FROM {quoted(table)}'  # noqa: S608 - quoted
        for key, ticks, subject in database.rows(sql):
            yield str(key), ticks if isinstance(ticks, int) else None, subject


def _digest(values: Iterable[object]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        data = _data(value)
        digest.update((b"0" if value is None else b"1") + len(data).to_bytes(8, "little") + data)
    return digest.digest()


def _data(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None else str(value).encode("utf-8", "surrogatepass")
