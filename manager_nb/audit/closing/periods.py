"""What was done to documents of a period after it was closed, or after a date that the user gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.closing.dates import days_of, is_posting, unseen_of
from manager_nb.audit.closing.locks import furthest, in_force, locks_of
from manager_nb.audit.parameters import DAY, Parameter
from manager_nb.audit.rule import CLOSING, HIGH, LOW, MEDIUM, Rule, Tested, about, row
from manager_nb.audit.telling import who
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import heeded
from manager_nb.timeline.moments import last_tick

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from manager_nb.audit.books import Books, Entry
    from manager_nb.audit.closing.locks import Lock

CLOSED, FILED = "closed periods", "after filing"

_END = Parameter("period_end", mark("Last day of the period"), DAY, None)
_FILED = Parameter("filed_on", mark("Filed or reported on"), DAY, None)


def _closed(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    locks = books.kept(locks_of)
    since = min((lock.since for lock in locks if lock.since is not None and lock.until is not None), default=None)
    notes = []
    if locks[0].until is not None:
        notes.append(
            said(
                "Since when the books were locked up to {until} is not told, so changes before the first one of the"
                " lock date could not be tested.",
                until=locks[0].until,
            )
        )
    population = said("Changes of documents since the first lock date")
    if since is None:
        return Tested(population, 0, (), (*notes, said("History tells of no lock date being set.")))
    tested = [
        entry
        for entry in heeded(books.entries, books.progress)
        if is_posting(entry) and entry.ticks is not None and entry.ticks >= since
    ]
    closed = [(entry, why) for entry in heeded(tested, books.progress) if (why := _in_closed(books, locks, entry))]
    unseen = unseen_of(books, (entry for entry, _ in closed))
    found = [
        about(entry, LOW if entry.change in unseen else HIGH, message, *evidence)
        for entry, (message, evidence) in heeded(closed, books.progress)
    ]
    undated = sum(not days_of(books, entry) for entry in heeded(tested, books.progress))
    if undated:
        notes.append(said("{count} of them have no date.", count=undated))
    return Tested(population, len(tested), tuple(found), tuple(notes))


def _in_closed(books: Books, locks: tuple[Lock, ...], entry: Entry) -> tuple[Said, list[str]] | None:
    """Why a change is of a closed period, and the rows that say so; None where it is not."""
    days, ticks = days_of(books, entry), entry.ticks or 0
    reached, now = furthest(locks, ticks), in_force(locks, ticks)
    if not days or reached is None or reached.until is None or days[0] > reached.until:
        return None
    evidence = [row("Changes", lock.entry.change) for lock in (reached, now) if lock and lock.entry]
    what, until = _what(entry, days), reached.until
    if now is not None and now.until is not None and days[0] <= now.until:
        message = said("{what} The period up to {until} was locked at that moment.", what=what, until=until)
    else:
        message = said(
            "{what} The period up to {until} had been locked since {since}; the lock was lifted at that moment.",
            what=what, until=until, since=When(reached.since),
        )  # fmt: skip
    return message, evidence


def _what(entry: Entry, days: tuple[dt.date, ...]) -> Said:
    """What was done to a document, by whom and when, and how it is dated."""
    facts = {"label": entry.label or "–", "user": who(entry.user), "when": When(entry.ticks), "day": days[0]}
    if entry.action == "create":
        return said("{label}, dated {day}, was created by {user} on {when}.", **facts)
    if entry.action == "delete":
        return said("{label}, dated {day}, was deleted by {user} on {when}.", **facts)
    if len(days) > 1:
        other = days[1] if entry.date == days[0] else entry.date or days[1]
        moved = "{label} was changed by {user} on {when}; its date was or became {day}, the other is {other}."
        return said(moved, other=other, **facts)
    return said("{label}, dated {day}, was changed by {user} on {when}.", **facts)


def _after(books: Books, chosen: Mapping[str, Any]) -> Tested:
    end, filed = chosen[_END.name], chosen[_FILED.name]
    population = said("Changes of documents after the period was filed or reported")
    if end is None and filed is None:
        return Tested(
            population, 0, (), (said("Not tested: neither the last day of a period nor the day of filing was given."),)
        )
    end, filed = end or filed, filed or end
    moment = last_tick(filed, books.zone)
    tested = [
        entry
        for entry in heeded(books.entries, books.progress)
        if is_posting(entry) and entry.ticks is not None and entry.ticks > moment
    ]
    dated = [(entry, days_of(books, entry)) for entry in heeded(tested, books.progress)]
    inside = [(entry, days) for entry, days in dated if days and days[0] <= end]
    unseen = unseen_of(books, (entry for entry, _ in inside))
    found = []
    for entry, days in heeded(inside, books.progress):
        message = said("{what} That is after {filed}.", what=_what(entry, days), filed=filed)
        found.append(about(entry, LOW if entry.change in unseen else MEDIUM, message))
    untimed = sum(is_posting(entry) and entry.ticks is None for entry in heeded(books.entries, books.progress))
    notes = (
        (said("{count} changes of documents have no time and could not be tested.", count=untimed),) if untimed else ()
    )
    return Tested(population, len(tested), tuple(found), notes, {_END.name: end, _FILED.name: filed})


RULES = (
    Rule(
        CLOSED,
        CLOSING,
        mark("Changes in closed periods"),
        mark(
            "Documents that were created, changed or deleted with a date, before or after the change, in a period"
            " that had been locked before: while the lock was lifted, or in spite of it (ISA 240, A45: entries at the"
            " end of a period and after closing). What was reported or filed for that period may no longer be what"
            " the books say."
        ),
        _closed,
        weight=3,
        limits=mark(
            "A period counts as closed once History tells of a lock date that reached it. A lock date that is set"
            " without its box being ticked counts as well."
        ),
    ),
    Rule(
        FILED,
        CLOSING,
        mark("Changes after filing or reporting"),
        mark(
            "Documents dated in a period that were created, changed or deleted after the day on which it was filed or"
            " reported. Where only one of the two days is given, it is taken for the other as well."
        ),
        _after,
        (_END, _FILED),
        weight=2,
        limits=mark("Days end at midnight in the time zone of the tests."),
    ),
)
"""The tests of this module."""
