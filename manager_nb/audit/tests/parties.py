"""Tests on parties: revived after a long silence; made and dealt with by one person only."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from manager_nb.audit.books import is_key
from manager_nb.audit.parameters import DAYS, PERCENT, Parameter
from manager_nb.audit.rule import LOW, MEDIUM, NOTE, TESTS, Finding, Rule, Tested, about, about_document, row, rows_of
from manager_nb.audit.telling import label_of
from manager_nb.audit.tests.money import there_now
from manager_nb.i18n import mark
from manager_nb.model.said import said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager_nb.audit.books import Books, Document, Entry

_DORMANT = Parameter("dormant_days", mark("Silent means without a document for so many days"), DAYS, 180)
_ALONE = Parameter(
    "alone", mark("One person runs the business who makes at least so much of all changes"), PERCENT, Decimal(90)
)
_PAID = ("Employee", "Supplier")
_HUNDRED = 100


def _dormant(books: Books, chosen: Mapping[str, Any]) -> Tested:
    dated = [one for one in there_now(books) if one.date is not None and is_key(one.party)]
    of_party: dict[str, list[Document]] = defaultdict(list)
    for one in heeded(dated, books.progress):
        of_party[one.party.lower()].append(one)
    found = []
    for party, those in heeded(of_party.items(), books.progress):
        those.sort(key=lambda one: (str(one.date), one.key))
        for before, after in pairwise(those):
            days = (after.date - before.date).days if after.date and before.date else 0
            if chosen[_DORMANT.name] and days >= chosen[_DORMANT.name]:
                words = said(
                    "{label} is the first document with {party} for {count} days.",
                    label=label_of(after), party=books.name(party), count=days,
                )  # fmt: skip
                severity = MEDIUM if after.type == "Payment" else LOW
                found.append(about_document(after, severity, words, *rows_of(before)))
    return Tested(said("Documents that are there now, with a party and a date"), len(dated), tuple(found))


def _one_person(books: Books, chosen: Mapping[str, Any]) -> Tested:
    payments = [one for one in there_now(books, ("Payment",)) if one.parties]
    of_party: dict[str, list[Document]] = defaultdict(list)
    for one in heeded(payments, books.progress):
        for party in one.parties:
            of_party[party.lower()].append(one)
    paid = {party: those for party, those in of_party.items() if _is_paid(books, party)}
    population = said("Suppliers and employees that were paid and whose creation is in History")
    alone = _runs_alone(books, chosen[_ALONE.name])
    if alone is not None:
        words = said("{user} makes nearly all changes: nobody else could look on, so no party is told.", user=alone)
        return Tested(population, len(paid), (Finding(NOTE, words, user=alone),) if paid else ())
    others: dict[str, set[str | None]] = defaultdict(set)
    for document in heeded(books.documents.values(), books.progress):
        for party in document.parties:
            if party.lower() in paid:
                others[party.lower()].update(entry.user for entry in document.entries)
    found = []
    for party, those in sorted(paid.items()):
        entries = books.of_object[party]
        users = others[party] | {entry.user for entry in entries}
        if len(users) == 1 and entries[0].user:
            found.append(_alone(entries[0], entries, those))
    return Tested(population, len(paid), tuple(found))


def _is_paid(books: Books, party: str) -> bool:
    entries = books.of_object.get(party, ())
    return bool(entries) and entries[0].action == "create" and entries[0].type in _PAID


def _alone(made: Entry, entries: Iterable[Entry], payments: Iterable[Document]) -> Finding:
    words = said(
        "{label} was created, dealt with and paid by {user} only.", label=label_of(made), user=made.user or "?"
    )
    rows = [row("Changes", entry.change) for entry in entries]
    return about(made, MEDIUM, words, *rows, *(one for payment in payments for one in rows_of(payment)))


def _runs_alone(books: Books, share: Any) -> str | None:
    """Who makes nearly all changes; None where nobody does."""
    counts: dict[str, int] = defaultdict(int)
    for entry in books.entries:
        if entry.user:
            counts[entry.user] += 1
    most = max(counts, key=lambda user: (counts[user], user), default=None)
    if most is None or share is None or counts[most] * _HUNDRED < share * sum(counts.values()):
        return None
    return most


RULES = (
    Rule(
        "dormant parties",
        TESTS,
        mark("Revived after a long silence"),
        mark(
            "The first document with a party after a long silence: accounts that nobody watches are used to pay"
            " somebody else (common practice of fraud examiners)."
        ),
        _dormant,
        (_DORMANT,),
        limits=mark(
            "Who buys once a season is silent in between. Parties that are only written as a name are left out."
        ),
    ),
    Rule(
        "one person",
        TESTS,
        mark("Created, dealt with and paid by one person"),
        mark(
            "Suppliers and employees whom one person created, entered documents for and paid, while others work in the"
            " business too: duties are not separated (ISA 315; ISA 240, Appendix 1)."
        ),
        _one_person,
        (_ALONE,),
        weight=2,
        limits=mark(
            "Only who entered it is known, not who approved it. A person who works in the program and through its API"
            " has two names."
        ),
    ),
)
"""The tests of this module."""
