"""Whether the History of a file extends that of an earlier backup: the strongest test of a trail.

What the earlier backup has was there once. Where it is gone or altered in the later file, History itself was touched:
by undo, which removes rows, by a copy that left History out, or by somebody who edited the file.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manager_nb.format.database import Database
from manager_nb.format.layout import quoted
from manager_nb.format.schema import SCHEMA, SCHEMA_TYPE
from manager_nb.progress import SILENT, Progress, heeded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from manager_nb.timeline.business import Business
    from manager_nb.timeline.chains import Link
    from manager_nb.timeline.trail import Trail

OTHER, SWAPPED, WITHOUT, BEGUN_AGAIN = "other business", "swapped", "without", "begun again"
"""Reasons why two Histories cannot be held against each other row by row: the two have no record in common; the earlier
one is the later; the later (or the earlier) holds no History; the later's begins after all that the earlier has."""

MISSING, ALTERED, AS_UNDONE = "missing", "altered", "as undone"
ADDED, GONE, BROKEN = "added", "gone", "broken"

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
        what: "missing", "altered", or "as undone": missing together with all rows of its action, and what is left fits
            together, as after an undo in Manager.
        object: key of the record, in lower case; of a change only.
        commit: key of its action; of a change only.
        fields: columns that differ, where it was altered.
    """

    key: str
    what: str
    object: str = ""
    commit: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """What became of an earlier backup's History in a later file.

    Attributes:
        rows: how many rows the earlier one has.
        added: how many rows the later one has besides.
        changed: the rows that are gone or altered, in the order of the earlier History.
        objects: keys of records that differ between the two although no change in between tells why, with the cause:
            "altered", "added", "gone", or "broken" (the next change does not begin with what the earlier backup has).
        emails: how many e-mails the earlier one has.
        emails_changed: those that are gone or altered.
        emails_left_out: whether the later one has no e-mails at all.
        upgraded: whether the two have different revisions of Manager's schema: an upgrade rewrites records.
        reason: why it cannot be told row by row, one of the words above; None where it can.
    """

    rows: int
    added: int
    changed: tuple[Row, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    emails: int = 0
    emails_changed: tuple[Row, ...] = ()
    emails_left_out: bool = False
    upgraded: bool = False
    reason: str | None = None

    @property
    def extends(self) -> bool:
        """Whether every row of the earlier History is there, unchanged."""
        return self.reason is None and not self.changed

    def having(self, what: str) -> tuple[Row, ...]:
        """The rows of which one thing is so."""
        return tuple(one for one in self.changed if one.what == what)


def extension(earlier: Business, later: Business, progress: Progress = SILENT) -> Extension:
    """Hold the History of a file against that of an earlier backup of the same business.

    Args:
        earlier: the earlier backup.
        later: the later file.
        progress: its cancel is heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    for one in (earlier, later):
        one.trail.read(progress)
    both = _Both(earlier, later, progress)
    old, new = both.rows("Changes")
    reason = _reason(earlier.trail, later.trail, old, new)
    told = Extension(
        len(old),
        len(new.keys() - old.keys()),
        upgraded=earlier.schema_revision != later.schema_revision,
        reason=reason,
    )
    if reason in (OTHER, SWAPPED):
        return told
    emails, later_emails = both.rows("Emails")
    left_out = bool(emails) and not later_emails
    differing = () if left_out else tuple(both.differing("Emails", emails, later_emails))
    told = replace(told, emails=len(emails), emails_changed=differing, emails_left_out=left_out)
    if reason:
        return told
    changed = _weighed(earlier.trail, later.trail, both.differing("Changes", old, new), progress)
    explained = {row.object for row in changed}
    objects = tuple(_objects(earlier.trail, later.trail, old.keys(), explained, progress))
    return replace(told, changed=changed, objects=objects)


class _Both:
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


def _reason(earlier: Trail, later: Trail, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> str | None:
    """Why the two cannot be held against each other row by row; None where they can."""
    records, others = ({key for key in trail.lives if SCHEMA.type_of(key) is None} for trail in (earlier, later))
    if records and others and not records & others:
        return OTHER
    if not old or not new:
        return WITHOUT
    if new.keys() < old.keys() and _is_older(earlier, later, old.keys() - new.keys()):
        return SWAPPED
    return BEGUN_AGAIN if not old.keys() & new.keys() and later.first > earlier.last else None


def _is_older(earlier: Trail, later: Trail, missing: Collection[str]) -> bool:
    """Whether the file that was called later is the other as it was before the rows that it lacks."""
    for life in earlier.lives.values():
        gone = next((link for link in life.chain.links if link.change.lower() in missing), None)
        if gone is None:
            continue
        there = later.lives.get(life.key)
        now = there.now if there else None
        if (now.state if now else None) != gone.before or (now and (now.ticks or 0) > later.last):
            return False
    return True


def _weighed(earlier: Trail, later: Trail, differing: Iterable[Row], progress: Progress) -> tuple[Row, ...]:
    """The changed rows with what they are about, oldest first; what is gone as an undo takes it away is told apart."""
    changed = tuple(differing)
    if not changed:
        return ()
    wanted = {row.key for row in changed}
    places: dict[str, tuple[str, Link]] = {}
    actions: dict[str, set[str]] = defaultdict(set)
    for life in heeded(earlier.lives.values(), progress):
        for link in (*life.chain.links, *life.chain.twins):
            actions[link.commit or link.change].add(link.change.lower())
            if link.change.lower() in wanted:
                places[link.change.lower()] = life.key, link
    missing = {row.key for row in changed if row.what == MISSING}
    undone: dict[str, bool] = {}
    found: list[tuple[int, Row]] = []
    for row in changed:
        place = places.get(row.key)
        if place is None:
            found.append((-1, row))
            continue
        key, link = place
        action, what = link.commit or link.change, row.what
        if what == MISSING:
            if action not in undone:
                rows = actions[action]
                undone[action] = rows <= missing and all(_as_undone(later, *places[one]) for one in rows)
            what = AS_UNDONE if undone[action] else MISSING
        found.append((link.ticks or -1, replace(row, object=key, commit=link.commit, what=what)))
    return tuple(row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1].key)))


def _as_undone(later: Trail, key: str, gone: Link) -> bool:
    """Whether the later file has the record as an undo of that change leaves it."""
    life = later.lives.get(key)
    if life is None:
        return gone.before is None  # an undone creation leaves nothing
    links = life.chain.links
    state = life.now.state if life.now else None
    if any(life.chain.breaks()) or (links and links[-1].after != state):
        return False
    since = any(link.ticks is not None and gone.ticks is not None and link.ticks > gone.ticks for link in links)
    written = life.now.ticks if life.now else None
    return since or (written is not None and (gone.ticks is None or written > gone.ticks))


def _objects(
    earlier: Trail, later: Trail, old: Collection[str], explained: Collection[str], progress: Progress
) -> Iterator[tuple[str, str]]:
    """The records that no change between the two accounts for."""
    for key in heeded(sorted(earlier.lives.keys() | later.lives.keys()), progress):
        if key == SCHEMA_TYPE or key in explained:
            continue
        was, life = earlier.lives.get(key), later.lives.get(key)
        then, now = (one.now.state if one and one.now else None for one in (was, life))
        links = (*life.chain.links, *life.chain.twins) if life else ()
        since = [link for link in links if link.change.lower() not in old]
        if since:
            if all(link.before != then for link in since):
                yield key, BROKEN
        elif then != now:
            yield key, ADDED if then is None else GONE if now is None else ALTERED


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
