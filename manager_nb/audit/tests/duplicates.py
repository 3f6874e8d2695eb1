"""Tests for what was entered or paid twice."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import DAYS, Parameter
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, TESTS, Finding, Rule, Tested, about_document, rows_of
from manager_nb.audit.telling import label_of
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
    near, steady = chosen[_NEAR.name], 0
    for group in heeded(alike.values(), books.progress):
        if len(group) > 1:
            group.sort(key=_order)
            found += _same(group)
            if group[0].key not in left:
                found += _near(group, near)
            else:
                told_of = list(_out_of_step(group, near, chosen[RECURRING.name]))
                steady += 0 if told_of else len(group)
                found += told_of
    if steady:
        words = said(
            "{count} documents whose amounts come again and again were held against each other by number only.",
            count=steady,
        )  # fmt: skip
        notes = (*notes, words)
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
                label=label_of(those[-1]), amount=told(those[-1].amount), count=len(those),
            )  # fmt: skip
            yield about_document(those[-1], HIGH, words, *_rows(those), among=those)


def _near(group: Iterable[Document], days: int) -> Iterator[Finding]:
    """Documents near in time, with another number or none."""
    for before, after in pairwise(_dated(group)):
        apart = _apart(before, after)
        if apart <= days and not _same_number(before, after):
            words = said(
                "{label}: the same party and amount ({amount}) as {other}, {days} days before.",
                label=label_of(after), amount=told(after.amount), other=label_of(before), days=apart,
            )  # fmt: skip
            yield about_document(after, LOW, words, *rows_of(before), among=(before, after))


def _out_of_step(group: Iterable[Document], days: int, often: int) -> Iterator[Finding]:
    """Of documents that come again and again: all of them if they came at once, else those far out of their step."""
    dated = _dated(group)
    if len(dated) < 2:
        return
    span = _apart(dated[0], dated[-1])
    if span <= days:
        numbers = {plain(one.reference) for one in dated}
        if len(dated) < often or (len(numbers) == 1 and numbers != {""}):
            return  # those of a day among those of other days; or the same number, which is told of already
        words = said(
            "{label}: the same party and amount ({amount}) are on {count} documents within {days} days.",
            label=label_of(dated[-1]), amount=told(dated[-1].amount), count=len(dated), days=span,
        )  # fmt: skip
        yield about_document(dated[-1], MEDIUM, words, *_rows(dated), among=dated)
    elif span > days * (len(dated) - 1):  # usually they are farther from each other than what is near
        step = span // (len(dated) - 1)
        yield from _near(dated, min(days, step // 2))


def _rows(those: Iterable[Document]) -> Iterator[str]:
    return (row for one in those for row in rows_of(one))


def _dated(group: Iterable[Document]) -> list[Document]:
    return sorted((one for one in group if one.date is not None), key=lambda one: (str(one.date), _order(one)))


def _apart(before: Document, after: Document) -> int:
    return (after.date - before.date).days if after.date and before.date else 0


def _same_number(before: Document, after: Document) -> bool:
    return plain(before.reference) == plain(after.reference) != ""


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
        limits=mark(
            "A party that is there twice under two names is not seen, nor is a document with another amount. Of what"
            " comes again and again only that is told which has the same number, comes at once, or comes twice where"
            " it usually comes once."
        ),
    ),
)
"""The tests of this module."""
