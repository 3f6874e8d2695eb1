"""What was done to documents of a period after it was closed, or after a date that the user gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.closing.dates import (
    days_of,
    first_day,
    is_document,
    is_opening,
    shapes_figures,
)
from manager_nb.audit.closing.done import Why, findings_of
from manager_nb.audit.closing.locks import furthest, in_force, locks_of, proved, without_box
from manager_nb.audit.parameters import DAY, Parameter
from manager_nb.audit.rule import CLOSING, HIGH, MEDIUM, Rule, Tested, row
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import heeded
from manager_nb.timeline.moments import last_tick

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.audit.books import Books, Entry
    from manager_nb.audit.closing.locks import Lock

CLOSED, FILED = "closed periods", "after filing"

_END = Parameter("period_end", mark("Last day of the period"), DAY, None)
_FILED = Parameter("filed_on", mark("Filed or reported on"), DAY, None)


def _closed(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    locks = books.kept(locks_of)
    since = min((at for lock in locks if lock.until and (at := proved(locks, lock)) is not None), default=None)
    notes = list(without_box(locks))
    if locks[0].until is not None:
        notes.append(
            said(
                "Since when the books were locked up to {until} is not told, so changes before the first one of the"
                " lock date could not be tested.",
                until=locks[0].until,
            )
        )
    population = said("Changes of documents, opening balances, rates and reconciliations since the first lock date")
    if since is None:
        return Tested(population, 0, (), (*notes, said("History tells of no lock date being set.")))
    tested, behind = _since(books, since)
    closed = [(entry, why) for entry in heeded(tested, books.progress) if (why := _in_closed(books, locks, entry))]
    closed += [(entry, why) for entry, late in behind if (why := _set_back(books, locks, entry, late))]
    found = findings_of(books, closed)
    tested += [entry for entry, _ in behind]
    undated = sum(not (is_opening(one) or days_of(books, one)) for one in heeded(tested, books.progress))
    if undated:
        notes.append(said("{count} of them have no date.", count=undated))
    return Tested(population, len(tested), found, (*notes, *_untimed(books)))


def _since(books: Books, since: int) -> tuple[list[Entry], list[tuple[Entry, int]]]:
    """The changes that came after a moment by their time, and those that did so only by what they came after."""
    tested, behind = [], []
    later = books.kept(_set_behind)
    for entry in heeded(books.entries, books.progress):
        if entry.ticks is None or not shapes_figures(books, entry):
            continue
        if entry.ticks >= since:
            tested.append(entry)
        elif later.get(entry.change, since - 1) >= since:
            behind.append((entry, later[entry.change]))
    return tested, behind


def _set_behind(books: Books) -> dict[str, int]:
    """The changes that came after one of a later time, by the links between them, each with the latest such time."""
    found = {}
    for life in heeded(books.lives.values(), books.progress):
        latest = 0
        for link in life.chain.links:
            if link.ticks is not None and link.ticks < latest:
                found[link.change] = latest
            latest = max(latest, link.ticks or 0)
    return found


def _untimed(books: Books) -> Iterator[Said]:
    untimed = sum(one.ticks is None and shapes_figures(books, one) for one in heeded(books.entries, books.progress))
    if untimed:
        yield said("{count} changes of documents have no time and could not be tested.", count=untimed)


def _in_closed(books: Books, locks: tuple[Lock, ...], entry: Entry) -> Why | None:
    """Why a change is of a closed period; None where it is not."""
    day, ticks = first_day(books, entry), entry.ticks or 0
    reached, now = furthest(locks, ticks), in_force(locks, ticks)
    if day is None or reached is None or reached.until is None or day > reached.until:
        return None
    severity = HIGH if is_document(books, entry) else MEDIUM
    if now is not None and now.until is not None and day <= now.until:
        words = said("The period up to {until} was locked at that moment.", until=now.until)
        return Why(severity, words, _rows(locks, now))
    facts: dict[str, Any] = {"until": reached.until, "since": When(proved(locks, reached))}
    if now is not None and now.until is not None:
        words = said(
            "The period up to {until} had been locked since {since}; at that moment the lock reached only up to {now}.",
            now=now.until, **facts,
        ) if reached.entry else said(
            "The period up to {until} had been locked before {since}; at that moment the lock reached only up to"
            " {now}.",
            now=now.until, **facts,
        )  # fmt: skip
    else:
        words = said(
            "The period up to {until} had been locked since {since}; at that moment no lock reached it.", **facts
        ) if reached.entry else said(
            "The period up to {until} had been locked before {since}; at that moment no lock reached it.", **facts
        )  # fmt: skip
    return Why(severity, words, (*_rows(locks, reached), *_rows(locks, now)))


def _set_back(books: Books, locks: tuple[Lock, ...], entry: Entry, late: int) -> Why | None:
    """Why a change is of a closed period although its time says otherwise; None where it is not."""
    day, reached = first_day(books, entry), furthest(locks, late)
    if day is None or reached is None or reached.until is None or day > reached.until:
        return None
    words = said(
        "By its time that was before the lock; but it came after a change of the same record on {late}, when the"
        " period up to {until} had been locked: a clock was set.",
        late=When(late), until=reached.until,
    )  # fmt: skip
    return Why(MEDIUM, words, _rows(locks, reached))


def _rows(locks: tuple[Lock, ...], lock: Lock | None) -> tuple[str, ...]:
    """The change that shows a lock: that of the first one is the next, which holds it as it was before."""
    entry = lock.entry or locks[1].entry if lock else None
    return (row("Changes", entry.change),) if entry else ()


def _after(books: Books, chosen: Mapping[str, Any]) -> Tested:
    end, filed = chosen[_END.name], chosen[_FILED.name]
    population = said(
        "Changes of documents, opening balances, rates and reconciliations after the period was filed or reported"
    )
    if end is None and filed is None:
        return Tested(
            population, 0, (), (said("Not tested: neither the last day of a period nor the day of filing was given."),)
        )
    end, filed = end or filed, filed or end
    moment = last_tick(filed, books.zone)
    tested = [
        entry
        for entry in heeded(books.entries, books.progress)
        if shapes_figures(books, entry) and entry.ticks is not None and entry.ticks > moment
    ]
    days = [(entry, first_day(books, entry)) for entry in heeded(tested, books.progress)]
    inside = [entry for entry, day in days if day is not None and day <= end]
    why = Why(MEDIUM, said("That is after {filed}.", filed=filed))
    found = findings_of(books, [(entry, why) for entry in inside])
    undated = sum(day is None for _, day in days)
    notes = [said("{count} of them have no date.", count=undated)] if undated else []
    used = {_END.name: end, _FILED.name: filed}
    return Tested(population, len(tested), found, (*notes, *_untimed(books)), used)


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
            "A period counts as closed once History tells of a lock date that reached it. A lock date whose box is not"
            " ticked closes nothing, unless the box is ticked nowhere: then its date alone counts. Opening balances,"
            " exchange rates, unit costs, market prices and bank reconciliations are told as well; whether Manager's"
            " lock holds them back is not known. What changes figures in another way, for example the rate of a tax"
            " code or the group of an account, is not seen."
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
        limits=mark(
            "Days end at midnight in the time zone of the tests. Times are taken as History has them: where a clock was"
            " set back, see the trail. What changes figures in another way, for example the rate of a tax code or the"
            " group of an account, is not seen."
        ),
    ),
)
"""The tests of this module."""
