"""Tests on who: created and deleted by one person, unusual users for a type, many records at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import COUNT, PERCENT, Parameter
from manager_nb.audit.rule import LOW, MEDIUM, TESTS, Finding, Rule, Tested, about, row
from manager_nb.audit.telling import named
from manager_nb.audit.tests.money import type_title
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.said import When, listed, said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.audit.books import Books, Entry

_WITHIN = Parameter("gone_hours", mark("Deleted within so many hours of its creation"), COUNT, 24)
_UNUSUAL = Parameter(
    "unusual",
    mark("A user is unusual who makes at most so much of what the busiest user makes"),
    PERCENT,
    Decimal(10),
)  # fmt: skip
_REGULAR = Parameter("regular", mark("A type is somebody's work from so many changes on"), COUNT, 10)
_BATCH = Parameter("batch", mark("Many records at once means at least so many"), COUNT, 5)
_PARTS = ("Attachment",)
_TICKS_AN_HOUR = 36_000_000_000
_TICKS_A_MINUTE = 600_000_000
_HUNDRED = 100


def _come_and_gone(books: Books, chosen: Mapping[str, Any]) -> Tested:
    found, tested, left = [], 0, 0
    hours = chosen[_WITHIN.name]
    for _, entries in heeded(sorted(books.of_object.items()), books.progress):
        first, last = entries[0], entries[-1]
        if first.action != "create" or last.action != "delete":
            continue
        if first.user is None or first.ticks is None or last.ticks is None:
            left += 1
            continue
        tested += 1
        apart = last.ticks - first.ticks
        if first.user == last.user and 0 <= apart <= hours * _TICKS_AN_HOUR:
            words = said(
                "{label} was created by {user} and deleted {count} minutes later by the same user.",
                label=named(books, last), user=first.user, count=apart // _TICKS_A_MINUTE,
            )  # fmt: skip
            severity = MEDIUM if last.object in books.documents else LOW
            found.append(about(last, severity, words, *(row("Changes", entry.change) for entry in entries)))
    notes = (said("{count} records without a user or a time were left out.", count=left),) if left else ()
    return Tested(said("Records whose creation and deletion are in History"), tested, tuple(found), notes)


def _unusual(books: Books, chosen: Mapping[str, Any]) -> Tested:
    changes: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    left = 0
    for entry in heeded(books.entries, books.progress):
        if entry.user is None:
            left += 1
        elif entry.type in _PARTS or _is_default(entry):
            continue  # what belongs to another record, and templates for new ones, which are settings
        else:
            changes[entry.type or ""][entry.user].append(entry)
    found, tested = [], 0
    for type_name, users in sorted(changes.items()):
        most = max(map(len, users.values()))
        if most < max(chosen[_REGULAR.name], 1):
            continue
        tested += sum(map(len, users.values()))
        for user, entries in sorted(users.items()):
            if len(entries) * _HUNDRED <= chosen[_UNUSUAL.name] * most:
                found.append(_stranger(books, type_name, user, entries, most))
    notes = (said("{count} changes without a user were left out.", count=left),) if left else ()
    return Tested(said("Changes of types that somebody regularly works on"), tested, tuple(found), notes)


def _is_default(entry: Entry) -> bool:
    known = SCHEMA.named(entry.type or "")
    return known is not None and known.guid == entry.object


def _stranger(books: Books, type_name: str, user: str, entries: list[Entry], most: int) -> Finding:
    words = said(
        "{user} seldom works on records of the type {type}: of the changes in History {count} are theirs, {most} are"
        " those of whoever makes most. The last: {label}.",
        user=user, type=type_title(type_name), count=len(entries), most=most, label=named(books, entries[-1]),
    )  # fmt: skip
    made = about(entries[-1], LOW, words, *(row("Changes", entry.change) for entry in entries))
    objects = {entry.object for entry in entries}
    subject = made.object if len(objects) == 1 else None
    return Finding(made.severity, words, subject, made.change, made.ticks, user, made.evidence)


def _batches(books: Books, chosen: Mapping[str, Any]) -> Tested:
    by_action: dict[str, list[Entry]] = defaultdict(list)
    for entry in heeded(books.entries, books.progress):
        by_action[entry.commit or entry.change].append(entry)
    found = []
    for entries in heeded(by_action.values(), books.progress):
        altered = [entry for entry in entries if entry.action in ("update", "delete")]
        if len({entry.object for entry in altered}) >= max(chosen[_BATCH.name], 2):
            documents = sum(entry.object in books.documents for entry in altered)
            kinds = Counter(entry.type or "?" for entry in altered)
            words = said(
                "{count} records were changed or deleted by one action at {when}: {types}.",
                count=len(altered), when=When(altered[0].ticks),
                types=listed(said("{type} ({count})", type=type_title(k), count=n) for k, n in sorted(kinds.items())),
            )  # fmt: skip
            made = about(altered[0], MEDIUM if documents else LOW, words, *(row("Changes", e.change) for e in altered))
            records = tuple(dict.fromkeys(entry.object for entry in altered))
            found.append(replace(made, object=None, among=records))
    return Tested(said("Actions in History"), len(by_action), tuple(found))


RULES = (
    Rule(
        "created and deleted",
        TESTS,
        mark("Created and deleted by one person"),
        mark(
            "What one person created and deleted again soon after: a mistake set right, or something that was to exist"
            " for a moment only (common practice)."
        ),
        _come_and_gone,
        (_WITHIN,),
        weight=2,
        limits=mark("What was undone in the program instead of deleted leaves no trace in History."),
    ),
    Rule(
        "unusual users",
        TESTS,
        mark("Unusual users for a type"),
        mark(
            "Changes of records by somebody who seldom makes them, while others do so regularly (ISA 240, A45: entries"
            " by individuals who typically do not make journal entries)."
        ),
        _unusual,
        (_UNUSUAL, _REGULAR),
        limits=mark(
            "Who is new, stands in for another, or works through the API under another name looks unusual too."
        ),
    ),
    Rule(
        "batch updates",
        TESTS,
        mark("Many records changed at once"),
        mark("Many records changed or deleted by one action: what nobody looks at one by one (common practice)."),
        _batches,
        (_BATCH,),
        limits=mark("Many records that are created at once, as by an import, are not told."),
    ),
)
"""The tests of this module."""
