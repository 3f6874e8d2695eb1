"""Tests for what was entered or paid twice."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import DAYS, Parameter
from manager_nb.audit.rule import HIGH, LOW, TESTS, Finding, Rule, Tested, about_document, rows_of
from manager_nb.audit.tests.amounts import RECURRING
from manager_nb.audit.tests.money import known, standing, there_now, told
from manager_nb.audit.tests.series import digits_as_ascii
from manager_nb.i18n import mark
from manager_nb.model.said import said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from manager_nb.audit.books import Books, Document

_NEAR = Parameter("near_days", mark("Near each other means by at most so many days"), DAYS, 7)


def _twice(books: Books, chosen: Mapping[str, Any]) -> Tested:
    every, notes = known(heeded(there_now(books), books.progress))
    tested = [document for document, _ in every if _side(document)]
    if len(tested) < len(every):
        words = said(
            "{count} documents with neither a party nor accounts were left out.", count=len(every) - len(tested)
        )
        notes = (*notes, words)
    alike: dict[tuple[object, ...], list[Document]] = defaultdict(list)
    for document in heeded(tested, books.progress):
        alike[document.type, _side(document), document.amount.value, document.amount.currency].append(document)
    left = standing(books, tested, chosen[RECURRING.name])
    found: list[Finding] = []
    for group in heeded(alike.values(), books.progress):
        if len(group) > 1:
            group.sort(key=_order)
            found += _same(group)
            if group[0].key not in left:
                found += _near(group, chosen[_NEAR.name])
    return Tested(said("Documents that are there now, with a party or accounts"), len(tested), tuple(found), notes)


def _side(document: Document) -> object:
    """Who or what two documents have to share: the party; of those without, the accounts and the date."""
    if document.party:
        return document.party.lower()
    return (document.accounts, document.date) if document.accounts else None


def _order(document: Document) -> tuple[Any, ...]:
    made = document.made.ticks if document.made else None
    return made or 0, str(document.date), document.key


def _same(group: Iterable[Document]) -> Iterator[Finding]:
    """Documents with the same number too, one finding for each number."""
    by_number: dict[str, list[Document]] = defaultdict(list)
    for document in group:
        if plain(document.reference):
            by_number[plain(document.reference)].append(document)
    for those in by_number.values():
        if len(those) > 1:
            words = said(
                "{label}: the same party, amount ({amount}) and number are on {count} documents.",
                label=those[-1].label, amount=told(those[-1].amount), count=len(those),
            )  # fmt: skip
            yield about_document(those[-1], HIGH, words, *(row for one in those for row in rows_of(one)))


def _near(group: Iterable[Document], days: int | None) -> Iterator[Finding]:
    """Documents near in time, with another number or none."""
    dated = sorted((one for one in group if one.date is not None), key=lambda one: (str(one.date), _order(one)))
    for before, after in pairwise(dated):
        apart = (after.date - before.date).days if after.date and before.date else 0
        same = plain(before.reference) == plain(after.reference) != ""
        if not same and days is not None and apart <= days:
            words = said(
                "{label}: the same party and amount ({amount}) as {other}, {days} days before.",
                label=after.label, amount=told(after.amount), other=before.label, days=apart,
            )  # fmt: skip
            yield about_document(after, LOW, words, *rows_of(before))


def plain(reference: str) -> str:
    """A number as it is compared: letters and digits only, of whatever script, upper and lower case the same."""
    signs = digits_as_ascii(reference.casefold())
    return "".join(sign for sign in signs if sign.isalnum() or unicodedata.category(sign)[0] == "M")


RULES = (
    Rule(
        "duplicates",
        TESTS,
        mark("Entered or paid twice"),
        mark(
            "Documents of one type with the same party, amount and number, or with the same party and amount on near"
            " dates (common practice of audits of payments)."
        ),
        _twice,
        (_NEAR, RECURRING),
        weight=3,
        limits=mark("A party that is there twice under two names is not seen, nor is a document with another amount."),
    ),
)
"""The tests of this module."""
