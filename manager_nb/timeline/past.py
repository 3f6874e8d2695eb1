"""Makes the private database of a business as at an instant, which is then read like any other."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from manager_nb.format.containers import OpenSource
from manager_nb.format.layout import quoted
from manager_nb.format.private import PrivateFolder
from manager_nb.format.sources import writing_privately
from manager_nb.format.writer import without_triggers
from manager_nb.timeline.as_at import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from manager_nb.timeline.as_at import Standing


_MANY = 5_000

_FROM_IMAGE = {
    side: " ".join(
        (
            'INSERT INTO "Objects" ("Key", "ContentType", "Content", "Timestamp")',
            f'SELECT "Object", "ContentType{side}", "Content{side}", ? FROM "Changes" WHERE "Key" = ?',  # noqa: S608
        )
    )
    for side in ("Before", "After")
}


def make_past(today: OpenSource, standings: Iterable[Standing], ticks: int) -> OpenSource:
    """Make the database of a moment: the objects as they stood, the History and the e-mails up to then.

    Pictures and the bytes of attachments are outside History: they are those of today.

    Args:
        today: the file as it is.
        standings: how every object stood.
        ticks: the moment; later e-mails are left out.

    Raises:
        DiskFullError: there is no room for it.
    """
    private = PrivateFolder()
    try:
        path = private.path / "past.manager"
        shutil.copyfile(today.database, path)
        with writing_privately(private.path), closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA trusted_schema = off")
            # Nobody reads it before it is whole, and a failure throws it away: no journal, nothing forced to disk.
            database.execute("PRAGMA journal_mode = off")
            database.execute("PRAGMA synchronous = off")
            database.execute("PRAGMA cache_size = -200000")
            with without_triggers(database):  # a client's file may have some, which would change what is set back
                later = [change for standing in standings for change in _set_back(database, standing)]
                _drop_changes(database, later)
                _drop_later_emails(database, ticks)
    except BaseException:
        private.close()
        raise
    return OpenSource(
        today.source, today.name, path, today.blobs, list(today.problems), live=today.live, private=private
    )


def _set_back(database: sqlite3.Connection, standing: Standing) -> Iterator[str]:
    """Set one object back; gives the changes of it that came later."""
    links, now = standing.life.chain.links, standing.life.now
    if standing.image != NOW and now is not None:
        database.execute('DELETE FROM "Objects" WHERE "Key" = ?', (now.key,))
    if isinstance(standing.image, tuple):
        change, side = standing.image
        ticks = links[standing.done - 1].ticks if standing.done else None
        database.execute(_FROM_IMAGE[side], (ticks, change))
    later = links[standing.done :]
    commits = {link.commit for link in later}
    twins = [link for link in standing.life.chain.twins if link.commit in commits]
    return (link.change for link in (*later, *twins))


def _drop_changes(database: sqlite3.Connection, keys: Sequence[str]) -> None:
    """Remove changes; where there are many, the indexes are made anew afterwards, which is quicker than to follow."""
    indexes: list[tuple[str, str]] = []
    if len(keys) > _MANY:
        sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND lower(tbl_name) = 'changes' AND sql <> ''"
        indexes = database.execute(sql).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {quoted(name)}")
    database.executemany('DELETE FROM "Changes" WHERE "Key" = ?', ((key,) for key in sorted(keys)))
    for _, statement in indexes:
        database.execute(statement)


def _drop_later_emails(database: sqlite3.Connection, ticks: int) -> None:
    known = {name for _, name, *_ in database.execute('PRAGMA table_info("Emails")')}
    if "Timestamp" in known:
        database.execute('DELETE FROM "Emails" WHERE "Timestamp" > ?', (ticks,))
