"""Makes the private database of a business as at an instant, which is then read like any other."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from manager_nb.format.containers import OpenSource
from manager_nb.format.private import PrivateFolder
from manager_nb.timeline.as_at import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.timeline.as_at import Standing


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
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA trusted_schema = off")
            for standing in standings:
                _set_back(database, standing)
            _drop_later_emails(database, ticks)
    except BaseException:
        private.close()
        raise
    return OpenSource(
        today.source, today.name, path, today.blobs, list(today.problems), live=today.live, private=private
    )


def _set_back(database: sqlite3.Connection, standing: Standing) -> None:
    links, now = standing.life.chain.links, standing.life.now
    if standing.image != NOW and now is not None:
        database.execute('DELETE FROM "Objects" WHERE "Key" = ?', (now.key,))
    if isinstance(standing.image, tuple):
        change, side = standing.image
        ticks = links[standing.done - 1].ticks if standing.done else None
        database.execute(_FROM_IMAGE[side], (ticks, change))
    later = [(link.change,) for link in links[standing.done :]]
    database.executemany('DELETE FROM "Changes" WHERE "Key" = ?', later)


def _drop_later_emails(database: sqlite3.Connection, ticks: int) -> None:
    known = {name for _, name, *_ in database.execute('PRAGMA table_info("Emails")')}
    if "Timestamp" in known:
        database.execute('DELETE FROM "Emails" WHERE "Timestamp" > ?', (ticks,))
