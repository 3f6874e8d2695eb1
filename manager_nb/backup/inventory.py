"""Everything that a business holds, counted and digested: what a copy of it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.database import Database
from manager_nb.format.digests import HISTORY, TableDigest, digest_tables
from manager_nb.format.scalars import ticks_to_datetime
from manager_nb.model.contents import MISSING, PRESENT
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    import datetime as dt

    from manager_nb.model.business import Business

OUTSIDE = frozenset({"tar", "Blobs", "Packs"})
"""Where attachments lie that are not in the database."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment as the business lists it.

    Attributes:
        key: its key.
        name: as the browser sent it; never a path.
        sha256: of its content, in hex; None for older ones.
        size: bytes of its content where it is there.
        where: where the content was found, None where it is missing.
        state: "present", "missing" or "altered".
    """

    key: str
    name: str
    sha256: str | None
    size: int
    where: str | None
    state: str


@dataclass(frozen=True, slots=True)
class HistoryHead:
    """Where the History ends.

    A later backup extends this one when its first ``rows`` changes, by Timestamp and Key, have this digest. (Where the
    server's clock was set back in between, the later rows do not stand last, and only comparing row by row tells.)

    Attributes:
        rows: how many changes there are.
        columns: the columns that the digest covers, in its order.
        sha256: the running digest over all of them (:func:`manager_nb.format.digests.digest_rows`).
        change: key of the newest change, None without any.
        ticks: its time in .NET ticks.
        commit: its commit.
    """

    rows: int
    columns: tuple[str, ...]
    sha256: str
    change: str | None
    ticks: int | None
    commit: str | None

    @property
    def time(self) -> dt.datetime | None:
        """The time of the newest change, in UTC."""
        try:
            return ticks_to_datetime(self.ticks) if isinstance(self.ticks, int) else None
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a business holds.

    Attributes:
        tables: the digest of every table.
        types: how many objects of each type, by the type's name; an unknown type is its GUID.
        attachments: every attachment, in key order.
        history: where the History ends.
    """

    tables: dict[str, TableDigest]
    types: dict[str, int]
    attachments: tuple[Attachment, ...]
    history: HistoryHead

    @property
    def outside(self) -> tuple[Attachment, ...]:
        """One attachment for each content that is kept outside the database and is unaltered, in Manager's order."""
        found: dict[str, Attachment] = {}
        for attachment in self.attachments:
            if attachment.state == PRESENT and attachment.where in OUTSIDE and attachment.sha256:
                found.setdefault(attachment.sha256, attachment)
        return tuple(found.values())


def take_inventory(business: Business, progress: Progress = SILENT) -> Inventory:
    """Count and digest everything in a business, and hash every attachment.

    Raises:
        CancelledError: the user cancelled.
    """
    database = Database(business.open_source.database)
    progress.start("Checking", sum(map(database.count, database.tables())))
    tables = digest_tables(database.path, progress=progress)
    progress.finish()
    summary = business.summary()
    types = dict(zip(summary["type"].tolist(), map(int, summary["count"]), strict=True))
    return Inventory(tables, types, tuple(_attachments(business, progress)), _head(database, tables))


def wanting(attachments: tuple[Attachment, ...]) -> tuple[list[Attachment], list[Attachment]]:
    """The attachments whose content is missing, and those whose content is altered."""
    bad = [attachment for attachment in attachments if attachment.state != PRESENT]
    missing = [attachment for attachment in bad if attachment.state == MISSING]
    return missing, [attachment for attachment in bad if attachment.state != MISSING]


def _attachments(business: Business, progress: Progress) -> list[Attachment]:
    columns = ["attachment", "name", "sha256", "size", "where", "state"]
    found = []
    for batch in business.attachments.batches(columns=columns, progress=progress):
        for row in batch.to_pylist():
            key, name, sha256, size, where, state = (row[column] for column in columns)
            found.append(Attachment(key, name or "", sha256, size or 0, where, state))
    return found


def _head(database: Database, tables: dict[str, TableDigest]) -> HistoryHead:
    digest = tables.get(HISTORY) or TableDigest(0, (), "")
    key = ticks = commit = None
    if {"Key", "Timestamp", "Commit"} <= set(digest.columns):
        sql = 'SELECT "Key", "Timestamp", "Commit" FROM "Changes" ORDER BY "Timestamp" DESC, "Key" DESC LIMIT 1'
        for row in database.rows(sql):
            key, ticks, commit = row
    return HistoryHead(
        digest.rows,
        digest.columns,
        digest.sha256,
        str(key) if key is not None else None,
        ticks if isinstance(ticks, int) else None,
        str(commit) if commit is not None else None,
    )
