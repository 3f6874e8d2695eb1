"""The lock date's own life: up to which day the books were locked, from when, and by whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manager_nb.audit.closing.dates import first_day, shapes_figures
from manager_nb.audit.rule import CLOSING, MEDIUM, NOTE, Finding, Rule, Tested, about, row
from manager_nb.audit.telling import EXAMPLES, called, cut, joined, rows_of, who
from manager_nb.format.scalars import TICKS_PER_SECOND
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.audit.books import Books, Entry

LOCK = "lock date"

_TYPE = SCHEMA.named("LockDate")
LOCK_DATE = _TYPE.guid if _TYPE else ""
"""Key of the setting."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Lock:
    """How the books were locked from some moment on.

    Attributes:
        since: that moment, in ticks; None where it is not known.
        until: the last day that is locked; None where none is.
        entry: the change that made it so; None where History does not tell.
        boxed: whether the box is ticked without which the date locks nothing.
    """

    since: int | None
    until: dt.date | None
    entry: Entry | None
    boxed: bool = True


def locks_of(books: Books) -> tuple[Lock, ...]:
    """The states of the lock date in the order in which they came about; the first one before any change.

    A date whose box is not ticked locks nothing; where the box is ticked nowhere, the date alone counts, since
    Manager did without the box once.
    """
    life = books.lives.get(LOCK_DATE)
    entries = [books.entry[link.change] for link in (life.chain.links if life else ()) if link.change in books.entry]
    if not entries:
        now = books.lookup.now(LOCK_DATE)
        states = [_lock(None, now.values if now else {}, None)]
    else:
        states = [_lock(None, _values(books, entries[0], "Before"), None)]
    for entry in entries:
        since = entry.ticks if entry.ticks is not None else states[-1].since
        states.append(_lock(since, _values(books, entry, "After"), entry))
    if not any(lock.boxed for lock in states):
        return tuple(states)
    return tuple(lock if lock.boxed else replace(lock, until=None) for lock in states)


def _lock(since: int | None, values: Mapping[str, Any], entry: Entry | None) -> Lock:
    return Lock(since, _day(values.get("Date")), entry, values.get("LockAccountingPeriods") is True)


def _values(books: Books, entry: Entry, side: str) -> Mapping[str, Any]:
    found = books.values(entry.change, side)
    return found[1] if found else {}


def without_box(locks: Sequence[Lock]) -> tuple[Said, ...]:
    """A note where dates counted as locks although no box is ticked."""
    if any(lock.until is not None and not lock.boxed for lock in locks):
        return (said("The box of the lock date is ticked nowhere: its date alone was taken for a lock."),)
    return ()


def _day(value: object) -> dt.date | None:
    return value.date() if isinstance(value, dt.datetime) else value if isinstance(value, dt.date) else None


def in_force(locks: Sequence[Lock], ticks: int) -> Lock | None:
    """The lock at a moment; None where History does not tell of one yet."""
    done = [lock for lock in locks if lock.since is not None and lock.since <= ticks]
    return done[-1] if done else None


def proved(locks: Sequence[Lock], lock: Lock) -> int | None:
    """From when on History proves a lock: the first one, before any change, by the first change; None if never."""
    if lock.since is not None or lock.entry is not None:
        return lock.since
    return next((one.since for one in locks if one.since is not None), None)


def furthest(locks: Sequence[Lock], ticks: int) -> Lock | None:
    """Of the locks up to a moment, the one that reached furthest; None where there was none."""
    known = [(proved(locks, lock), lock) for lock in locks if lock.until is not None]
    done = [(since, lock) for since, lock in known if since is not None and since <= ticks]
    return max(done, key=lambda one: (one[1].until or dt.date.min, -one[0]), default=(0, None))[1]


def _lock_date(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    locks = books.kept(locks_of)
    population = said("Changes of the lock date")
    if len(locks) == 1:
        if locks[0].until is None:
            return Tested(population, 0, (), (said("No lock is set, and History tells of none."),))
        message = said(
            "The books are locked up to {until}; since when, and by whom, History does not tell.", until=locks[0].until
        )
        found = (Finding(NOTE, message, LOCK_DATE, evidence=(row("Objects", LOCK_DATE),)),)
        return Tested(population, 0, found, without_box(locks))
    return Tested(population, len(locks) - 1, tuple(_told(books, locks)), without_box(locks))


def _told(books: Books, locks: Sequence[Lock]) -> Iterator[Finding]:
    for place in range(1, len(locks)):
        before, lock = locks[place - 1], locks[place]
        entry = lock.entry
        if entry is None or lock.until == before.until:
            continue
        facts = {"user": who(entry.user), "when": When(entry.ticks)}
        if before.until is not None and (lock.until is None or lock.until < before.until):
            back = next(
                (one for one in locks[place + 1 :] if one.until is not None and one.until >= before.until), None
            )
            meanwhile = _meanwhile(books, before.until, lock, back)
            what = said(
                "{what} {meanwhile}",
                what=_lifted(before.until, lock, facts, back), meanwhile=_changed(books, meanwhile, back),
            )  # fmt: skip
            yield about(entry, MEDIUM, what, *_rows(back), *rows_of(meanwhile))
        elif before.until is None:
            yield about(
                entry, NOTE, said("{user} locked the books up to {until} on {when}.", until=_no_day(lock), **facts)
            )
        else:
            message = said(
                "{user} moved the lock from {before} to {until} on {when}.",
                before=before.until, until=_no_day(lock), **facts,
            )  # fmt: skip
            yield about(entry, NOTE, message)


def _no_day(lock: Lock) -> dt.date | str:
    return lock.until or "–"


def _rows(back: Lock | None) -> tuple[str, ...]:
    return (row("Changes", back.entry.change),) if back and back.entry else ()


def _meanwhile(books: Books, until: dt.date, lock: Lock, back: Lock | None) -> list[Entry]:
    """What was done to the days that a lock had reached, while it did not reach them."""
    start, end = lock.since or 0, back.since if back is not None else None
    return [
        entry
        for entry in heeded(books.entries, books.progress)
        if entry.ticks is not None
        and entry.ticks >= start
        and (end is None or entry.ticks < end)
        and shapes_figures(books, entry)
        and (day := first_day(books, entry)) is not None
        and day <= until
        and (lock.until is None or day > lock.until)
    ]


def _changed(books: Books, meanwhile: Sequence[Entry], back: Lock | None) -> Said:
    """How many documents these are, and which."""
    if not meanwhile:
        return said("Nothing dated in that period was created, changed or deleted meanwhile.")
    records = list(dict.fromkeys(entry.object for entry in meanwhile))
    names = joined([called(books, key) for key in records[:EXAMPLES]], len(records))
    told = (
        said(
            "Records dated in that period that were created, changed or deleted meanwhile: {count} ({names}).",
            count=len(records), names=names,
        ) if back is not None else said(
            "Records dated in that period that were created, changed or deleted since: {count} ({names}).",
            count=len(records), names=names,
        )
    )  # fmt: skip
    return cut(told, len(meanwhile))


def _lifted(before: dt.date, lock: Lock, facts: Mapping[str, Any], back: Lock | None) -> Said:
    if lock.until is None:
        what = said("{user} lifted the lock of the books up to {before} on {when}.", before=before, **facts)
    else:
        what = said(
            "{user} moved the lock back from {before} to {until} on {when}.", before=before, until=lock.until, **facts
        )
    if back is None or back.entry is None:
        return said("{what} It has not been set to that day again.", what=what)
    return said(
        "{what} {user} set it again on {again}, {lasted} later.",
        what=what,
        user=who(back.entry.user),
        again=When(back.since),
        lasted=_lasting((back.since or 0) - (lock.since or 0)),
    )


def _lasting(ticks: int) -> Said:
    seconds = max(ticks, 0) // TICKS_PER_SECOND
    if seconds < 2 * _HOUR:
        return said("{count} min", count=seconds // _MINUTE)
    if seconds < 2 * _DAY:
        return said("{count} h", count=seconds // _HOUR)
    return said("{count} days", count=seconds // _DAY)


RULES = (
    Rule(
        LOCK,
        CLOSING,
        mark("The life of the lock date"),
        mark(
            "The lock date closes a period. Who set, moved or lifted it, and for how long, shows whether closing was a"
            " control, and whom to ask about what was changed meanwhile (ISA 240, A45: entries after closing)."
        ),
        _lock_date,
        weight=2,
        limits=mark("The lock date does not keep back what comes by the API."),
    ),
)
"""The tests of this module."""
