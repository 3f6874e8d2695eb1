"""The rows that a restore writes: objects as the plan has them, and one commit of changes as Manager would write it.

Every change of the restore has the same commit, user and time; a creation has the nil type and NULL before, a deletion
after (docs/format.md §2). The program lists such a commit in its History like any other.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.layout import TABLES, quoted
from manager_nb.format.scalars import MAX_TICKS, NIL, TICKS_AT_UNIX_EPOCH, datetime_to_ticks
from manager_nb.format.writer import without_triggers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from manager_nb.format.blobs import BlobStore
    from manager_nb.model.held import Held
    from manager_nb.restore.steps import Step

_TICKS_PER_MILLISECOND = 10_000


@dataclass(frozen=True, slots=True)
class Commit:
    """One action of History.

    Attributes:
        key: a UUID of version 7.
        user: who restores.
        ticks: when.
    """

    key: str
    user: str
    ticks: int

    @classmethod
    def now(cls, user: str, newest: int) -> Commit:
        """An action of this moment.

        Args:
            user: who acts.
            newest: ticks of the newest change of the file. If that is later than now, some clock was wrong: the action
                then has the tick after it, so that it stays the last one. What is no time at all does not count.
        """
        ticks = max(datetime_to_ticks(dt.datetime.now(dt.UTC)), newest + 1 if newest < MAX_TICKS else 0)
        return cls(uuid7(ticks), user, ticks)


def uuid7(ticks: int) -> str:
    """A new UUID of version 7 that carries a moment, as Manager's own keys do."""
    milliseconds = max(0, ticks - TICKS_AT_UNIX_EPOCH) // _TICKS_PER_MILLISECOND & ((1 << 48) - 1)
    number = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def write_rows(database: Path, steps: Sequence[Step], commit: Commit) -> list[str]:
    """Do the steps in a private database, and append them to its History.

    Args:
        database: a private copy; it is changed.
        steps: what is done.
        commit: the action that they are.

    Returns:
        The keys of the new changes.
    """
    keys = [uuid7(commit.ticks) for _ in steps]
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("BEGIN IMMEDIATE")
        with without_triggers(connection):
            _require_columns(connection, "Objects")
            _require_columns(connection, "Changes")
            for key, step in zip(keys, steps, strict=True):
                _write_object(connection, step, commit)
                _write_change(connection, key, step, commit)
        connection.execute("COMMIT")
    return keys


def take_in(database: Path, blobs: BlobStore, hashes: Sequence[str]) -> None:
    """Put attachments that lie outside the database into it, into Manager's table ``Blobs2``.

    Args:
        database: a private copy; it is changed.
        blobs: where they are.
        hashes: their SHA-256, in hex.
    """
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("BEGIN IMMEDIATE")
        with without_triggers(connection):
            _require_columns(connection, "Blobs2")
            for sha256 in hashes:
                content = blobs.find(sha256)
                connection.execute(
                    'INSERT OR REPLACE INTO "Blobs2" ("Hash", "Content") VALUES (?, ?)',
                    (bytes.fromhex(sha256), content),
                )
        connection.execute("COMMIT")


def _require_columns(connection: sqlite3.Connection, table: str) -> None:
    """Make the table, or columns of it, that the file of an older version lacks, as Manager does."""
    there = {name.lower() for _, name, *_ in connection.execute(f"PRAGMA table_info({quoted(table)})")}
    if not there:
        for statement in TABLES[table].statements():
            connection.execute(statement)
        return
    for column in TABLES[table].columns:
        if column.name.lower() not in there:
            connection.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(column.name)} {column.type}")


def _write_object(connection: sqlite3.Connection, step: Step, commit: Commit) -> None:
    if step.after is None:
        connection.execute('DELETE FROM "Objects" WHERE "Key" = ?', (_spelled(step),))
    elif step.before is None:
        connection.execute(
            'INSERT INTO "Objects" ("Key", "ContentType", "Content", "Timestamp") VALUES (?, ?, ?, ?)',
            (step.after.key, step.after.content_type, step.after.content, commit.ticks),
        )
    else:
        connection.execute(
            'UPDATE "Objects" SET "ContentType" = ?, "Content" = ?, "Timestamp" = ? WHERE "Key" = ?',
            (step.after.content_type, step.after.content, commit.ticks, _spelled(step)),
        )


def _write_change(connection: sqlite3.Connection, key: str, step: Step, commit: Commit) -> None:
    columns = ", ".join(quoted(name) for name in TABLES["Changes"].names)
    values = (key, commit.key, _spelled(step), commit.user, commit.ticks)
    types = (_type(step.before), _type(step.after))
    contents = (_content(step.before), _content(step.after))
    connection.execute(
        f'INSERT INTO "Changes" ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',  # noqa: S608 - our own words
        (*values, *types, *contents),
    )


def _spelled(step: Step) -> str:
    """The key as the file spells it."""
    return (step.before or step.shown).key


def _type(one: Held | None) -> str:
    return NIL if one is None else one.content_type


def _content(one: Held | None) -> bytes | None:
    return None if one is None else one.content
