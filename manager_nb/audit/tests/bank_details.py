"""A test on bank details: changed shortly before or after a payment."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.audit.books import is_key
from manager_nb.audit.parameters import DAYS, Parameter
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, TESTS, Finding, Rule, Tested, about, row, rows_of
from manager_nb.audit.telling import label_of
from manager_nb.i18n import mark
from manager_nb.model.said import Fact, Said, When, listed, said
from manager_nb.model.wording import caption
from manager_nb.progress import check, heeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from manager_nb.audit.books import Books, Document, Entry

_DAYS = Parameter("bank_days", mark("A payment is near a change within so many days"), DAYS, 7)
_PARTIES = ("Customer", "Employee", "Supplier")
Field = tuple[bool, str]
"""Whether a field is Manager's own, and its name."""
_TICKS_A_DAY = 864_000_000_000
_NAMES = re.compile(
    r"\b(bank|acct|a/c|iban|swift|bic|ifsc|micr|sort code|routing|bsb|upi)\b|"
    r"\baccount (no|num|number|details|holder)\b|^account$|बैंक|खाता|आईएफएससी|यूपीआई",
    re.IGNORECASE,
)
_VALUES = re.compile(
    r"\b[A-Z]{4}0[A-Z0-9]{6}\b|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}|"
    r"(?i:\ba/?c\b|\bacc(?:oun)?t\b|\biban\b|खाता)[^\n]{0,20}?\d{6}"
)


@dataclass(frozen=True, slots=True)
class _Changed:
    """A change of bank details.

    Attributes:
        entry: the change.
        before: the bank details before it, by their fields.
        after: those after it.
    """

    entry: Entry
    before: Mapping[Field, str]
    after: Mapping[Field, str]

    @property
    def fields(self) -> Fact:
        """The fields that differ, in words."""
        every = self.before.keys() | self.after.keys()
        return listed(
            Said(name) if own else name
            for own, name in sorted(every)
            if self.before.get((own, name)) != self.after.get((own, name))
        )


def _around_payments(books: Books, chosen: Mapping[str, Any]) -> Tested:
    updates: dict[str, list[Entry]] = defaultdict(list)
    for entry in heeded(books.entries, books.progress):
        if entry.type in _PARTIES and entry.action == "update":
            updates[entry.object].append(entry)
    tested = sum(map(len, updates.values()))
    payments = _payments(books, updates)
    near = chosen[_DAYS.name] * _TICKS_A_DAY
    found: list[Finding] = []
    unreadable = 0
    for party in sorted(updates):
        check(books.progress)
        changed, bad = _changes(books, books.of_object.get(party, ()))
        unreadable += bad
        found += _told(changed, payments[party], near)
    words = said("{count} changes cannot be read and were left out.", count=unreadable)
    population = said("Changes of customers, suppliers and employees in History")
    return Tested(population, tested, tuple(found), (words,) if unreadable else ())


def _payments(books: Books, parties: Iterable[str]) -> Mapping[str, list[Document]]:
    found: dict[str, list[Document]] = defaultdict(list)
    wanted = frozenset(parties)
    for document in heeded(books.documents.values(), books.progress):
        if document.type == "Payment" and document.made is not None and document.made.ticks:
            for party in document.parties:
                if party.lower() in wanted:
                    found[party.lower()].append(document)
    for those in found.values():
        those.sort(key=lambda one: (_made(one), one.key))
    return found


def _made(payment: Document) -> int:
    return (payment.made.ticks or 0) if payment.made else 0


def _changes(books: Books, entries: Iterable[Entry]) -> tuple[list[_Changed], int]:
    """The changes of bank details among the updates of a party, and how many updates cannot be read."""
    found, bad = [], 0
    for entry in entries:
        if entry.action != "update" or not entry.ticks:
            continue
        sides = [books.values(entry.change, side) for side in ("Before", "After")]
        if sides[0] is None or sides[1] is None:
            bad += 1
            continue
        before, after = (bank_details(books, side[1]) for side in sides if side)
        if before != after:
            found.append(_Changed(entry, before, after))
    return found, bad


def _told(changed: list[_Changed], payments: list[Document], near: int) -> Iterator[Finding]:
    """A finding for each change with a payment near, a change back with it."""
    backs: set[str] = set()
    for place, one in enumerate(changed):
        at = one.entry.ticks or 0
        close = [payment for payment in payments if abs(_made(payment) - at) <= near]
        if one.entry.change in backs or not close:
            continue
        back = next((later for later in changed[place + 1 :] if later.after == one.before), None)
        between = [payment for payment in close if back and at <= _made(payment) <= (back.entry.ticks or 0)]
        if back is not None and between:
            backs.add(back.entry.change)
            yield _changed_back(one, back, between)
        else:
            yield _changed_near(one, close)


def _changed_back(one: _Changed, back: _Changed, payments: list[Document]) -> Finding:
    words = said(
        "Bank details of {label} ({fields}) were changed at {when} and set back at {back}; {payment} was entered in"
        " between.",
        label=label_of(one.entry), fields=one.fields, when=When(one.entry.ticks),
        back=When(back.entry.ticks), payment=label_of(payments[0]),
    )  # fmt: skip
    rows = [found for payment in payments for found in rows_of(payment)]
    return about(one.entry, HIGH, words, row("Changes", back.entry.change), *rows)


def _changed_near(one: _Changed, payments: list[Document]) -> Finding:
    at = one.entry.ticks or 0
    nearest = min(payments, key=lambda payment: (_made(payment) < at, abs(_made(payment) - at), payment.key))
    later = _made(nearest) >= at
    facts: dict[str, Fact] = {"label": label_of(one.entry), "fields": one.fields, "payment": label_of(nearest)}
    template = (
        mark("Bank details of {label} ({fields}) were changed before {payment} was entered, at {when}.")
        if later
        else mark("Bank details of {label} ({fields}) were changed after {payment} was entered, at {when}.")
    )
    severity = MEDIUM if later and one.before else LOW
    rows = [found for payment in payments for found in rows_of(payment)]
    return about(one.entry, severity, said(template, when=When(at), **facts), *rows)


def bank_details(books: Books, values: Mapping[str, Any]) -> dict[Field, str]:
    """The texts of a party that look like bank details, by field: by its name, or by what they say."""
    found: dict[Field, str] = {}
    for own, name, text in _texts(books, values):
        if text.strip() and not is_key(text) and (_NAMES.search(name) or _VALUES.search(text)):
            found[own, name] = "\n".join(filter(None, (found.get((own, name)), text.strip())))
    return found


def _texts(books: Books, values: Mapping[str, Any]) -> Iterator[tuple[bool, str, str]]:
    """Every text of a record, with whether its field is Manager's own: custom fields have the name that people gave."""
    for field, value in values.items():
        if isinstance(value, str):
            yield True, caption(field), value
        elif isinstance(value, dict):
            for inner, told in value.items():
                if isinstance(told, dict):
                    yield from (
                        (False, books.name(str(key)), text) for key, text in told.items() if isinstance(text, str)
                    )
                elif isinstance(told, str):
                    yield False, books.name(str(inner)), told


RULES = (
    Rule(
        "bank details",
        TESTS,
        mark("Bank details changed around a payment"),
        mark(
            "Bank details of a customer, supplier or employee that were changed shortly before or after a payment to"
            " them, and above all those that were set back afterwards: the money may have gone elsewhere (common"
            " practice of fraud examiners; payment diversion)."
        ),
        _around_payments,
        (_DAYS,),
        weight=4,
        limits=mark(
            "Bank details are known by the name of their field (bank, account, IBAN, IFSC and the like) or by how they"
            " look; others are not seen. Nothing tells where a payment really went: compare with the bank statement."
        ),
    ),
)
"""The tests of this module."""
