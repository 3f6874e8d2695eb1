"""What was done to documents of a period: what is found about it, in sentences, one for each action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from manager_nb.audit.amounts_said import Amounts, amounts_of, amounts_said, totals_said
from manager_nb.audit.closing.dates import days_of, is_opening, turned_from, unseen_of
from manager_nb.audit.rule import LOW, Finding, about
from manager_nb.audit.telling import EXAMPLES, cut, joined, label_of, rows_of, who
from manager_nb.audit.tests.money import type_title
from manager_nb.model.said import Said, When, said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manager_nb.audit.books import Books, Entry


class Why(NamedTuple):
    """Why a change is of a period.

    Attributes:
        severity: how much that deserves a look.
        words: a sentence.
        rows: that say so.
    """

    severity: str
    words: Said
    rows: tuple[str, ...] = ()


def findings_of(books: Books, changes: Sequence[tuple[Entry, Why]]) -> tuple[Finding, ...]:
    """What is found about changes: one finding for each, and one for those that one action made for one reason.

    A person decided an action once and answers for it once, however many documents it touched. The finding is about
    all of their records and rests on all of their rows.
    """
    entries = [entry for entry, _ in changes]
    unseen, amounts = unseen_of(books, entries), amounts_of(books, entries)
    actions: dict[Any, list[Entry]] = {}
    for entry, why in heeded(changes, books.progress):
        weighed = why._replace(severity=LOW) if entry.change in unseen else why
        actions.setdefault((entry.commit or entry.change, weighed), []).append(entry)
    return tuple(
        _one(books, some[0], why, amounts.get(some[0].change)) if len(some) == 1 else _many(some, why, amounts)
        for (_, why), some in heeded(actions.items(), books.progress)
    )


def _one(books: Books, entry: Entry, why: Why, amounts: Amounts | None) -> Finding:
    message = said("{what} {why}", what=_what(books, entry, amounts), why=why.words)
    return about(entry, why.severity, message, *why.rows)


def _many(entries: Sequence[Entry], why: Why, amounts: Mapping[str, Amounts]) -> Finding:
    first, records = entries[0], tuple(dict.fromkeys(entry.object for entry in entries))
    named = [
        said("{label}{amounts}", label=label_of(one), amounts=amounts_said(amounts.get(one.change)))
        for one in entries[:EXAMPLES]
    ]
    facts: dict[str, Any] = {
        "count": len(records),
        "user": who(first.user),
        "when": When(first.ticks),
        "names": joined(named, len(entries)),
        "totals": totals_said(amounts.get(entry.change) for entry in entries),
        "why": why.words,
    }
    done = {entry.action for entry in entries}
    if done == {"create"}:
        message = said(
            "{count} records of the period were created by {user} on {when} in one action: {names}.{totals} {why}",
            **facts,
        )
    elif done == {"update"}:
        message = said(
            "{count} records of the period were changed by {user} on {when} in one action: {names}.{totals} {why}",
            **facts,
        )
    elif done == {"delete"}:
        message = said(
            "{count} records of the period were deleted by {user} on {when} in one action: {names}.{totals} {why}",
            **facts,
        )
    else:
        message = said(
            "{count} records of the period were created, changed or deleted by {user} on {when} in one action:"
            " {names}.{totals} {why}",
            **facts,
        )
    if len(records) == 1:
        return about(first, why.severity, message, *rows_of(entries), *why.rows)
    rows = tuple(dict.fromkeys((*rows_of(entries), *why.rows)))
    message = cut(message, len(entries))
    return Finding(why.severity, message, None, None, first.ticks, first.user, rows, records)


def _what(books: Books, entry: Entry, amounts: Amounts | None) -> Said:
    """What was done to a document, by whom and when, how it is dated, and what it came to."""
    days, was = days_of(books, entry), turned_from(books, entry)
    facts: dict[str, Any] = {"label": label_of(entry), "user": who(entry.user), "when": When(entry.ticks)}
    if is_opening(entry) or not days:
        return _opening(entry, facts)
    facts |= {"day": days[0], "amounts": amounts_said(amounts)}
    if was is not None and was.date is not None:
        facts["day"] = was.date
        return said(
            "{type}, dated {day}{amounts}, was turned into {label} by {user} on {when}.",
            type=type_title(was.type), **facts,
        )  # fmt: skip
    if entry.action == "create":
        return said("{label}, dated {day}{amounts}, was created by {user} on {when}.", **facts)
    if entry.action == "delete":
        return said("{label}, dated {day}{amounts}, was deleted by {user} on {when}.", **facts)
    if len(days) > 1:
        other = days[1] if entry.date == days[0] else entry.date or days[1]
        moved = "{label}{amounts}, was changed by {user} on {when}; its date was or became {day}, the other is {other}."
        return said(moved, other=other, **facts)
    return said("{label}, dated {day}{amounts}, was changed by {user} on {when}.", **facts)


def _opening(entry: Entry, facts: Mapping[str, Any]) -> Said:
    """What was done to an opening balance."""
    if entry.action == "create":
        return said("{label}, an opening balance, was created by {user} on {when}.", **facts)
    if entry.action == "delete":
        return said("{label}, an opening balance, was deleted by {user} on {when}.", **facts)
    return said("{label}, an opening balance, was changed by {user} on {when}.", **facts)
