"""Tests on when: outside the hours and days of work, entered long after the document's date or before it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import DAY, DAYS, HOURS, WEEKDAYS, Parameter
from manager_nb.audit.rule import LOW, MEDIUM, TESTS, Finding, Rule, Tested, about, row
from manager_nb.audit.telling import label_of, named
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from manager_nb.audit.books import Books, Document, Entry

_DAY, _WEEK = 24, 7
_FEW_ACTIONS = 100
"""Habits are not worked out from fewer actions."""
_QUIET = 200
"""An hour is quiet that holds at most one action in so many, or only one: once is no habit."""
_NIGHT = 4
"""Quiet hours count as those outside work if so many follow each other: else people work around the clock."""
_WEEKS = 8
"""Days off are not worked out from fewer weeks."""
_SELDOM = 10
"""A day of the week is off on which people work at most once where they work so many times on the busiest."""
_FAR = 120
"""Minutes from the hours of work; beyond, it is no longer a long evening."""

_HOURS = Parameter("hours", mark("Hours of work; empty takes those that History shows"), HOURS, None)
_DAYS_OFF = Parameter(
    "days_off", mark("Days of the week that are off; empty takes those that History shows"), WEEKDAYS, (), several=True
)
_HOLIDAYS = Parameter("holidays", mark("Holidays"), DAY, (), several=True)
_LATE = Parameter("late_days", mark("Entered more than so many days after the document's date"), DAYS, 31)
_AHEAD = Parameter("ahead_days", mark("Dated more than so many days after the day of entry"), DAYS, 1)


def _out_of_hours(books: Books, chosen: Mapping[str, Any]) -> Tested:
    actions = books.actions
    hours = chosen[_HOURS.name] or usual_hours(
        books.local(action[0].ticks) for action in heeded(actions, books.progress)
    )
    notes = list(_without_time(books))
    if hours is None:
        notes.append(
            said("No hours of work were given, and History shows none: too few actions, or people work at all hours.")
        )
        return Tested(_ACTIONS, len(actions), (), tuple(notes))
    found = []
    for action in heeded(actions, books.progress):
        away = _minutes_away(_clock(books, action[0]), hours)
        if away:
            found.append(_odd(books, action, MEDIUM if away >= _FAR else LOW, _OUT_OF_HOURS, hours=_span(hours)))
    return Tested(_ACTIONS, len(actions), tuple(found), tuple(notes), {_HOURS.name: hours})


def _out_of_days(books: Books, chosen: Mapping[str, Any]) -> Tested:
    actions = books.actions
    moments = (books.local(action[0].ticks) for action in heeded(actions, books.progress))
    days = [moment.date() for moment in moments if moment]
    off = chosen[_DAYS_OFF.name] or usual_days_off(days)
    holidays = frozenset(chosen[_HOLIDAYS.name])
    notes = list(_without_time(books))
    if not off and not holidays:
        notes.append(said("No days off were given, and History shows none."))
    found = [
        _odd(books, action, LOW, _HOLIDAY if day in holidays else _OUT_OF_DAYS)
        for action, day in heeded(zip(actions, days, strict=True), books.progress)
        if day in holidays or day.weekday() in off
    ]
    return Tested(_ACTIONS, len(actions), tuple(found), tuple(notes), {_DAYS_OFF.name: tuple(off)})


_ACTIONS = said("Actions of people in History")
_OUT_OF_HOURS = (
    mark("{label} was entered or changed at {when}, outside the hours of work ({hours})."),
    mark("{label} and {count} more were entered or changed at {when}, outside the hours of work ({hours})."),
)
_OUT_OF_DAYS = (
    mark("{label} was entered or changed at {when}, on a day of the week that is off."),
    mark("{label} and {count} more were entered or changed at {when}, on a day of the week that is off."),
)
_HOLIDAY = (
    mark("{label} was entered or changed at {when}, on a holiday."),
    mark("{label} and {count} more were entered or changed at {when}, on a holiday."),
)


def _odd(books: Books, action: Sequence[Entry], severity: str, words: tuple[str, str], **facts: str) -> Finding:
    """A finding about an action: about its first change, resting on all."""
    first, more = action[0], len(action) - 1
    several = {"count": more} if more else {}
    message = said(words[bool(more)], label=named(books, first), when=When(first.ticks), **several, **facts)
    return about(first, severity, message, *(row("Changes", entry.change) for entry in action))


def _without_time(books: Books) -> Iterator[Said]:
    entries = heeded(books.entries, books.progress)
    left = sum(not entry.user or books.local(entry.ticks) is None for entry in entries)
    if left:
        yield said("{count} changes have no user or no time and were left out.", count=left)


def usual_hours(moments: Iterable[dt.datetime | None]) -> tuple[dt.time, dt.time] | None:
    """The hours of work as actions show them: all but the longest run of hours that hold practically none.

    Args:
        moments: when each action was, in the zone of the business.

    Returns:
        None where there are too few actions, or no such run.
    """
    counts = Counter(moment.hour for moment in moments if moment is not None)
    total = counts.total()
    quiet = [counts[hour] <= max(1, total // _QUIET) for hour in range(_DAY)]
    if total < _FEW_ACTIONS:
        return None
    length, start = max((_run(quiet, hour), -hour) for hour in range(_DAY))
    if not _NIGHT <= length < _DAY:
        return None
    return dt.time((-start + length) % _DAY), dt.time(-start % _DAY)


def _run(quiet: Sequence[bool], hour: int) -> int:
    """How many quiet hours follow each other from an hour on, over midnight too."""
    return next((length for length in range(_DAY) if not quiet[(hour + length) % _DAY]), _DAY)


def usual_days_off(days: Iterable[dt.date]) -> tuple[int, ...]:
    """The days of the week on which practically nobody works, as actions show it; 0 is Monday.

    Args:
        days: the day of each action.
    """
    worked = set(days)
    if not worked or (max(worked) - min(worked)).days < _WEEKS * _WEEK:
        return ()
    counts = Counter(day.weekday() for day in worked)
    busiest = max(counts.values())
    return tuple(day for day in range(_WEEK) if counts[day] <= max(1, busiest // _SELDOM))


def _clock(books: Books, entry: Entry) -> dt.time:
    moment = books.local(entry.ticks)
    return moment.time() if moment else dt.time()


def _minutes_away(clock: dt.time, hours: tuple[dt.time, dt.time]) -> int:
    """How far a time of day is from the hours of work, in minutes begun; 0 within them."""
    first, last = (_minute(one) for one in hours)
    at = _minute(clock)
    within = first <= at < last if first < last else at >= first or at < last
    return 0 if within else min((first - at) % (_DAY * 60), (at - last) % (_DAY * 60) + 1)


def _minute(clock: dt.time) -> int:
    return clock.hour * 60 + clock.minute


def _span(hours: tuple[dt.time, dt.time]) -> str:
    return f"{hours[0]:%H:%M}–{hours[1]:%H:%M}"


def _backdated(books: Books, chosen: Mapping[str, Any]) -> Tested:
    late, ahead = chosen[_LATE.name], chosen[_AHEAD.name]
    found: list[Finding] = []
    left, tested = Counter[str](), 0
    for document in heeded(books.documents.values(), books.progress):
        made = document.made
        first = next((entry for entry in document.entries if entry.date is not None), None)
        day = _day(books, first)
        if made is None or _day(books, made) is None:
            left["unknown"] += 1
        elif first is None:
            left["undated"] += 1
        elif day is None:
            left["unknown"] += 1
        else:
            tested += 1
            found += _dated(first, day, late, ahead)
            found += _moved(document, late)
    notes = [
        said(words, count=left[why])
        for why, words in (
            ("unknown", _NO_CREATION),
            ("undated", _NO_DATE),
        )
        if left[why]
    ]
    return Tested(said("Documents whose creation is in History"), tested, tuple(found), tuple(notes))


_NO_CREATION = mark("{count} documents have no creation in History, or no time of it, and were left out.")
_NO_DATE = mark("{count} documents have no date of their own and were left out.")


def _day(books: Books, entry: Entry | None) -> dt.date | None:
    moment = books.local(entry.ticks) if entry else None
    return moment.date() if moment else None


def _dated(first: Entry, day: dt.date, late: int, ahead: int) -> Iterator[Finding]:
    """A creation whose date is far from the day of entry, or a change that gave a document its first date."""
    if first.date is None:
        return
    days = (day - first.date).days
    facts: dict[str, Any] = {"label": label_of(first), "date": first.date, "count": abs(days)}
    made = first.action == "create"
    if days > late:
        words = (
            said("{label} is dated {date} and was entered {count} days later, on {day}.", day=day, **facts)
            if made
            else said("{label} was given the date {date} only {count} days later, on {day}.", day=day, **facts)
        )
        yield about(first, MEDIUM, words)
    elif -days > ahead:
        words = (
            said("{label} is dated {date}, {count} days after it was entered.", **facts)
            if made
            else said("{label} was given the date {date}, {count} days ahead.", **facts)
        )
        yield about(first, LOW, words)


def _moved(document: Document, late: int) -> Iterator[Finding]:
    """Updates after which a document's date is far from where it was, in one step or in several."""
    dated = [entry for entry in document.entries if entry.date is not None]
    steps = dated[:1]
    for after in dated[1:]:
        steps.append(after)
        before = steps[0]
        if before.date and after.date and abs((after.date - before.date).days) > late:
            words = said(
                "The date of {label} was moved from {before} to {after}.",
                label=label_of(after), before=before.date, after=after.date,
            )  # fmt: skip
            rows = (row("Changes", entry.change) for one, entry in pairwise(steps) if one.date != entry.date)
            yield about(after, MEDIUM, words, *rows)
            steps = [after]


RULES = (
    Rule(
        "out of hours",
        TESTS,
        mark("Outside the hours of work"),
        mark(
            "Entries made at unusual times, when nobody looks on (common practice of journal entry tests)."
        ),
        _out_of_hours,
        (_HOURS,),
        limits=mark("What a program does through an access token looks like a person's work."),
    ),
    Rule(
        "out of days",
        TESTS,
        mark("On days off"),
        mark(
            "Entries made on days when nobody should be at work (common practice of journal entry tests)."
        ),
        _out_of_days,
        (_DAYS_OFF, _HOLIDAYS),
        limits=mark("Holidays have to be given; they are not known here."),
    ),
    Rule(
        "backdated",
        TESTS,
        mark("Entered long after its date, or dated ahead"),
        mark(
            "Entries recorded long after the period that they are dated in, or dated in the future, and dates that were"
            " moved far (ISA 240, A45: entries at the end of the period or after closing)."
        ),
        _backdated,
        (_LATE, _AHEAD),
        weight=2,
        limits=mark(
            "Whoever enters a whole month's documents later does so in good faith: choose the days to fit. A date that"
            " was moved by no more days than that is not told."
        ),
    ),
)  # fmt: skip
"""The tests of this module."""
