"""What times tell against themselves: a clock that was set back, keys that were made at another time than their row."""

from __future__ import annotations

import bisect
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import COUNT, DAY, Parameter
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, TRAIL, Finding, Rule, Tested, about, row
from manager_nb.audit.telling import called, named, rows_of, some, together, who
from manager_nb.format.scalars import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_SECOND
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import heeded
from manager_nb.timeline.keys import TICKS_PER_MILLISECOND, born
from manager_nb.timeline.moments import last_tick

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.audit.books import Books, Entry
    from manager_nb.model.said import Fact

CLOCK, KEYS, EMAIL_KEYS, IMPOSSIBLE = "clock set back", "keys and times", "keys of e-mails", "impossible times"

_COMMIT = Parameter("commit_milliseconds", mark("Milliseconds between an action and its key, at most"), COUNT, 1)
_ROW = Parameter("row_seconds", mark("Seconds between a change and its key, at most"), COUNT, 1)
_OBJECT = Parameter("record_minutes", mark("Minutes between a creation and the record's key, at most"), COUNT, 60)
_EMAIL = Parameter("email_seconds", mark("Seconds between an e-mail and its key, at most"), COUNT, 120)
_TAKEN = Parameter("taken_on", mark("The file was taken on"), DAY, None)

_MINUTE = 60 * TICKS_PER_SECOND


def _set_back(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    spans = books.business.trail.doubled if books.lives else []
    inside: dict[int, list[Entry]] = defaultdict(list)
    starts = [low for low, _ in spans]
    for key, life in heeded(books.lives.items() if spans else (), books.progress):
        for low, high in life.chain.set_back():
            place = bisect.bisect_right(starts, low) - 1
            inside[place] += [entry for entry in books.of_object.get(key, ()) if entry.ticks in (low, high)]
    found = []
    for place, (low, high) in enumerate(spans):
        entries = list(dict.fromkeys(inside[place]))
        message = said(
            "A change of {low} came after one of {high}, as the links between them show, at {count} records: {names}."
            " The computer's clock was set back, or times were altered.",
            low=When(low),
            high=When(high),
            count=len({entry.object for entry in entries}),
            names=some(books, dict.fromkeys(entry.object for entry in entries)),
        )
        found.append(Finding(MEDIUM, message, ticks=low, evidence=rows_of(entries)))
    links = sum(max(len(life.chain.links) - 1, 0) for life in heeded(books.lives.values(), books.progress))
    return Tested(said("Pairs of changes of one record that follow each other"), links, tuple(found))


def _keys(books: Books, chosen: Mapping[str, Any]) -> Tested:
    untold, found = 0, list(_without_time(books))
    by_commit: dict[object, list[tuple[Entry, int]]] = defaultdict(list)
    for entry in heeded(books.entries, books.progress):
        apart = [_apart(entry.ticks, entry.commit), _apart(entry.ticks, entry.change)]
        untold += all(one is None for one in apart)
        limits = (chosen[_COMMIT.name] * TICKS_PER_MILLISECOND, chosen[_ROW.name] * TICKS_PER_SECOND)
        wrong = [one for one, limit in zip(apart, limits, strict=True) if one is not None and abs(one) > limit]
        if wrong:
            by_commit[entry.commit or entry.change].append((entry, max(wrong, key=abs)))
    for rows in by_commit.values():
        entry, apart_by = max(rows, key=lambda pair: abs(pair[1]))
        severity = HIGH if abs(apart_by) >= _MINUTE else MEDIUM
        message = said(
            "The row says {when}, but its key was made at {made}: {label}{more}, by {user}. Manager makes both at one"
            " moment.",
            when=When(entry.ticks),
            made=When((entry.ticks or 0) - apart_by),
            label=named(books, entry),
            more=said(" and {count} more of that action", count=len(rows) - 1) if len(rows) > 1 else "",
            user=who(entry.user),
        )
        found.append((severity, about(entry, severity, message, *rows_of(one for one, _ in rows))))
    notes = [said("{count} rows have keys that tell no time.", count=untold)] if untold else []
    records, skipped = _record_keys(books, chosen[_OBJECT.name] * _MINUTE)
    if skipped:
        notes.append(said("{count} created records have keys that tell no time.", count=skipped))
    return Tested(said("Changes of History"), len(books.entries), together([*found, *records], _many), tuple(notes))


def _without_time(books: Books) -> Iterator[tuple[str, Finding]]:
    """Rows whose keys tell no time although they come after rows whose keys do, by the clock or by the links.

    Manager gave rows keys of version 4 once and has given them keys of version 7 since: it does not go back.
    """
    begun = min(
        (
            entry.ticks
            for entry in books.entries
            if entry.ticks is not None and (one := _apart(entry.ticks, entry.change)) is not None and abs(one) < _MINUTE
        ),
        default=None,
    )
    for entries in heeded(books.of_object.values(), books.progress):
        after = False
        for entry in entries:
            told = [born(entry.commit) is not None, born(entry.change) is not None]
            if begun is not None and not all(told) and (after or (entry.ticks or 0) > begun):
                severity = MEDIUM if any(told) else HIGH
                message = said(
                    "The keys of the row of {when} by {user}, {label}, do not both tell a time, although rows before it"
                    " have keys that do. Manager was not seen to write such a row: it looks as if"
                    " another program wrote or altered it, and its time is not borne out.",
                    when=When(entry.ticks), user=who(entry.user), label=named(books, entry),
                )  # fmt: skip
                yield f"untold {severity}", about(entry, severity, message)
            after = after or all(told)


def _many(alike: Sequence[Finding]) -> Said:
    return said("{count} times the same; the first: {example}", count=len(alike), example=alike[0].message)


def _record_keys(books: Books, limit: int) -> tuple[list[tuple[str, Finding]], int]:
    """Records whose own key disagrees with the time of their creation, and how many keys tell no time."""
    found, skipped = [], 0
    for key, entries in heeded(books.of_object.items(), books.progress):
        first = entries[0] if entries and entries[0].action == "create" else None
        if first is None or first.ticks is None:
            continue
        apart = _apart(first.ticks, key)
        if apart is None:
            skipped += 1
        elif apart < -TICKS_PER_SECOND:
            message = said(
                "{label} was created on {when}, but its key was made only on {made}.",
                label=called(books, key), when=When(first.ticks), made=When(first.ticks - apart),
            )  # fmt: skip
            found.append((f"later {MEDIUM}", about(first, MEDIUM, message)))
        elif apart > limit:
            message = said(
                "{label} was created on {when} with a key that was made on {made}. Manager makes the key when it"
                " creates a record; a record that was imported or brought back keeps its old one.",
                label=called(books, key), when=When(first.ticks), made=When(first.ticks - apart),
            )  # fmt: skip
            found.append((f"earlier {LOW}", about(first, LOW, message)))
    return found, skipped


def _email_keys(books: Books, chosen: Mapping[str, Any]) -> Tested:
    rows, untold, found = _emails(books), 0, []
    for key, ticks, user, subject in rows:
        apart = _apart(ticks, key)
        if apart is None:
            untold += 1
        elif abs(apart) > chosen[_EMAIL.name] * TICKS_PER_SECOND:
            message = said(
                "The e-mail “{subject}” says {when}, but its key was made at {made}.",
                subject=subject or "–", when=When(ticks), made=When((ticks or 0) - apart),
            )  # fmt: skip
            found.append((True, Finding(MEDIUM, message, None, None, ticks, user, (row("Emails", str(key)),))))
    notes = (said("{count} rows have keys that tell no time.", count=untold),) if untold else ()
    return Tested(said("E-mails sent"), len(rows), together(found, _many), notes)


def _emails(books: Books) -> list[tuple[Any, int | None, str | None, str | None]]:
    columns = ("Key", "Timestamp", "User", "Subject")
    order = '"Timestamp", "Key"' if {"Timestamp", "Key"} <= set(books.database.columns("Emails")) else None
    batches = books.database.batches("Emails", columns, order=order)
    return [
        (one["Key"], one["Timestamp"], one["User"], one["Subject"])
        for batch in batches
        for one in heeded(batch.to_pylist(), books.progress)
    ]


def _apart(ticks: int | None, key: str | None) -> int | None:
    """How much later the row is than its key, in ticks; None where one of them tells no time."""
    made = born(key)
    if made is None or ticks is None:
        return None
    apart = ticks - made
    return 0 if 0 <= apart < TICKS_PER_MILLISECOND else apart


def _impossible(books: Books, chosen: Mapping[str, Any]) -> Tested:
    taken = chosen[_TAKEN.name]
    newest = last_tick(taken, books.zone) if taken else _newest_key(books)
    found: list[tuple[str, Finding]] = []
    for entry in heeded(books.entries, books.progress):
        label = named(books, entry)
        if entry.ticks is None or not 0 < entry.ticks <= MAX_TICKS:
            message = said(
                "The row of {label}, by {user}, has no time, or none that can be.", label=label, user=who(entry.user)
            )
            found.append(("untimed", about(entry, MEDIUM, message)))
        elif newest is not None and entry.ticks > newest:
            message = _ahead(label, entry.ticks, newest, given=bool(taken))
            found.append(("ahead", about(entry, HIGH, message)))
    for key, life in heeded(books.lives.items(), books.progress):
        ticks = life.now.ticks if life.now else None
        if ticks is not None and newest is not None and ticks > newest and not _told(life.chain.links, ticks):
            message = _ahead(called(books, key), ticks, newest, given=bool(taken))
            found.append(("record ahead", Finding(MEDIUM, message, key, None, ticks, None, (row("Objects", key),))))
    for key, ticks, user, subject in _emails(books) if newest is not None else ():
        if ticks is not None and newest is not None and ticks > newest:
            message = _ahead(said("The e-mail “{subject}”", subject=subject or "–"), ticks, newest, given=bool(taken))
            found.append(
                ("e-mail ahead", Finding(MEDIUM, message, None, None, ticks, user, (row("Emails", str(key)),)))
            )
    notes = (
        [] if taken else [said("When the file was taken was not given: times are held against the newest key in it.")]
    )
    if newest is None:
        notes.append(said("No key in the file tells a time."))
    return Tested(
        said("Times of changes, records and e-mails"),
        len(books.entries) + len(books.lives),
        together(found, _many),
        tuple(notes),
    )


def _told(links: Sequence[Any], ticks: int) -> bool:
    return any(link.ticks == ticks for link in links)


def _ahead(label: Fact, ticks: int, newest: int, *, given: bool) -> Said:
    when = When(ticks)
    if given:
        return said("{label}: the row says {when}, which is after the file was taken.", label=label, when=when)
    return said(
        "{label}: the row says {when}, more than a day after the newest key in the file ({newest}).",
        label=label, when=when, newest=When(newest - TICKS_PER_DAY),
    )  # fmt: skip


def _newest_key(books: Books) -> int | None:
    """A day after the newest moment that a key tells: no row is later."""
    return max((made + TICKS_PER_DAY for made in _made(books)), default=None)


def _made(books: Books) -> Iterator[int]:
    for entry in heeded(books.entries, books.progress):
        for key in (entry.commit, entry.change):
            if (made := born(key)) is not None:
                yield made
    yield from (made for key in books.lives if (made := born(key)) is not None)
    yield from (made for key, *_ in _emails(books) if (made := born(key)) is not None)


_FORGED = mark(
    "Somebody who can edit the file can write keys that fit. Keys of version 4, which older versions of Manager"
    " wrote, tell no time."
)

RULES = (
    Rule(
        CLOCK,
        TRAIL,
        mark("Times going backwards"),
        mark(
            "The links between changes tell in which order they happened, whatever the clock said. Where the time goes"
            " backwards along them, the clock was set back, and what is dated in that span was not done then for sure."
        ),
        _set_back,
        weight=2,
        limits=mark("It is seen only at records that were changed on both sides of the moment."),
    ),
    Rule(
        KEYS,
        TRAIL,
        mark("Keys that were made at another time than their row says"),
        mark(
            "Keys carry the moment at which they were made. In what Manager writes, the key of an action is within a"
            " millisecond of its time, that of a row within a fifth of a second, that of a new record within a moment"
            " of its creation. A row whose time was altered, or that another program wrote, shows here, and so does"
            " one whose keys tell no time amid rows whose keys do."
        ),
        _keys,
        (_COMMIT, _ROW, _OBJECT),
        weight=4,
        limits=_FORGED,
    ),
    Rule(
        EMAIL_KEYS,
        TRAIL,
        mark("E-mails whose key was made at another time"),
        mark("As with changes: the key of an e-mail is made when it is sent."),
        _email_keys,
        (_EMAIL,),
        weight=2,
        limits=_FORGED,
    ),
    Rule(
        IMPOSSIBLE,
        TRAIL,
        mark("Times that cannot be"),
        mark(
            "Rows without a time, and rows that are later than the file itself: than the day on which it was taken, or,"
            " where that is not given, more than a day later than the newest key in it."
        ),
        _impossible,
        (_TAKEN,),
        weight=3,
    ),
)
"""The tests of this module."""
