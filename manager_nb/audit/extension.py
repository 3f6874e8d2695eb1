"""Whether the History of a file extends that of an earlier backup: the strongest test of a trail.

What the earlier backup has was there once. Where it is gone or altered in the later file, History itself was touched:
by undo, which removes rows, by a copy that left History out, or by somebody who edited the file.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from manager_nb.audit.rows import AS_UNDONE, MISSING, Both, Row
from manager_nb.audit.upgrade_between import ADDED, ALTERED, BROKEN, GONE, unlike_an_upgrade
from manager_nb.format.schema import SCHEMA, SCHEMA_TYPE
from manager_nb.progress import SILENT, Progress, heeded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from manager_nb.timeline.business import Business
    from manager_nb.timeline.chains import Link
    from manager_nb.timeline.trail import Trail

OTHER, SWAPPED, WITHOUT, BEGUN_AGAIN = "other business", "swapped", "without", "begun again"
"""Reasons why two Histories cannot be held against each other row by row: the two have no record in common; the earlier
one is the later; the later (or the earlier) holds no History; the later's begins after all that the earlier has."""


@dataclass(frozen=True, slots=True)
class Extension:
    """What became of an earlier backup's History in a later file.

    Attributes:
        rows: how many rows the earlier one has.
        added: how many rows the later one has besides, of times after the earlier backup's newest row.
        backdated: rows that the later one has besides, although their times are not after that.
        changed: the rows that are gone or altered, in the order of the earlier History.
        objects: keys of records that differ between the two although no change in between tells why, with the cause:
            "altered", "added", "gone", or "broken" (the next change does not begin with what the earlier backup has).
        emails: how many e-mails the earlier one has.
        emails_changed: those that are gone or altered.
        emails_backdated: those of the later file that the earlier one lacks although their times are not after it.
        emails_left_out: whether the later one has no e-mails at all.
        upgraded: whether the later one has a higher revision of Manager's schema: an upgrade rewrites records.
        unlike: of `objects` in an upgraded file, those that are not like what an upgrade makes, with the reason (a text
            of :mod:`manager_nb.audit.upgrades`).
        reason: why it cannot be told row by row, one of the words above; None where it can.
        newest: when the earlier backup's newest row was written, as far as keys bear times out: it vouches up to then.
    """

    rows: int
    added: int
    changed: tuple[Row, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    emails: int = 0
    emails_changed: tuple[Row, ...] = ()
    emails_left_out: bool = False
    upgraded: bool = False
    backdated: tuple[Row, ...] = ()
    emails_backdated: tuple[Row, ...] = ()
    unlike: tuple[tuple[str, str], ...] = ()
    reason: str | None = None
    newest: int | None = field(default=None, compare=False)

    @property
    def extends(self) -> bool:
        """Whether every row of the earlier History is there, unchanged, and no other is among them."""
        return self.reason is None and not self.changed and not self.backdated

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
    both = Both(earlier, later, progress)
    old, new = both.rows("Changes")
    reason = _reason(earlier.trail, later.trail, old, new)
    revisions = earlier.schema_revision, later.schema_revision
    upgraded = None not in revisions and revisions[0] < revisions[1]  # type: ignore[operator]
    told = Extension(len(old), len(new.keys() - old.keys()), upgraded=upgraded, reason=reason)
    if reason in (OTHER, SWAPPED):
        return told
    newest = both.newest()
    emails, later_emails = both.rows("Emails")
    told = replace(
        told,
        newest=newest,
        emails=len(emails),
        emails_changed=tuple(both.differing("Emails", emails, later_emails)) if later_emails else (),
        emails_backdated=tuple(both.backdated("Emails", emails, newest)),
        emails_left_out=bool(emails) and not later_emails,
    )
    if reason:
        return told
    changed = _weighed(earlier.trail, later.trail, both.differing("Changes", old, new), progress)
    backdated = tuple(both.backdated("Changes", old, newest))
    explained = {row.object for row in changed if row.what == AS_UNDONE}
    objects = tuple(_objects(earlier.trail, later.trail, old.keys(), explained, progress))
    told = replace(told, changed=changed, backdated=backdated, added=told.added - len(backdated), objects=objects)
    return replace(told, unlike=unlike_an_upgrade(earlier, later, objects, old.keys(), progress)) if upgraded else told


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
                undone[action] = rows <= missing and all(
                    _as_undone(earlier, later, places[one][0], missing) for one in rows
                )
            what = AS_UNDONE if undone[action] else MISSING
        found.append((link.ticks or -1, replace(row, object=key, commit=link.commit, what=what)))
    return tuple(row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1].key)))


def _as_undone(earlier: Trail, later: Trail, key: str, missing: Collection[str]) -> bool:
    """Whether the later file has a record as an undo of its missing changes leaves it.

    Manager undoes the changes of a record last first, sets it back to what it was before them and gives it the time of
    the undo, which was after the earlier backup.
    """
    links = earlier.lives[key].chain.links
    first = next((place for place, link in enumerate(links) if link.change.lower() in missing), None)
    if first is None or any(link.change.lower() not in missing for link in links[first:]):
        return False
    then = links[first].before
    known = {link.change.lower() for link in links}
    life = later.lives.get(key)
    if life is None:
        return then is None  # an undone creation leaves nothing
    state = life.now.state if life.now else None
    since = [link for link in life.chain.links if link.change.lower() not in known]
    if since:
        return since[0].before == then and not any(life.chain.breaks()) and since[-1].after == state
    written = life.now.ticks if life.now else None
    return state == then and (then is None or (written is not None and written > (links[-1].ticks or 0)))


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
