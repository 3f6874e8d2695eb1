"""Tests on the accounts that journal entries post to: those that are seldom used."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import COUNT, Parameter
from manager_nb.audit.rule import LOW, TESTS, Rule, Tested, about_document, row
from manager_nb.audit.telling import label_of
from manager_nb.audit.tests.money import there_now
from manager_nb.i18n import mark
from manager_nb.model.said import said
from manager_nb.progress import check, heeded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manager_nb.audit.books import Books

_SELDOM = Parameter("seldom", mark("Seldom used means by at most so many documents in a year"), COUNT, 2)
_ORDINARY = ("BalanceSheetAccount", "ProfitAndLossStatementAccount")
_HALF_A_YEAR = dt.timedelta(days=182)
_FEW = 50
"""In a business with fewer documents every account is seldom used."""


def _seldom(books: Books, chosen: Mapping[str, Any]) -> Tested:
    every = [one for one in there_now(books) if one.date is not None]
    tested = [one for one in every if one.type == "JournalEntry"]
    population = said("Journal entries that are there now and have a date")
    if len(every) < _FEW:
        words = said("Not done, since {count} documents are too few.", count=len(every))
        return Tested(population, 0, (), (words,))
    days: dict[str, list[dt.date]] = defaultdict(list)
    for one in heeded(every, books.progress):
        for account in one.accounts:
            days[account].append(one.date or dt.date.min)
    for dates in days.values():
        dates.sort()
    ordinary = {account for account in days if _is_ordinary(books, account)}
    found = []
    for one in heeded(tested, books.progress):
        odd = [
            account
            for account in one.accounts
            if account in ordinary and around(days[account], one.date or dt.date.min) <= chosen[_SELDOM.name]
        ]
        if odd:
            words = said(
                "{label} posts to accounts that are seldom used: {accounts}.",
                label=label_of(one), accounts=", ".join(books.name(account) for account in odd),
            )  # fmt: skip
            found.append(about_document(one, LOW, words, *(row("Objects", account.lower()) for account in odd)))
    return Tested(population, len(tested), tuple(found))


def around(days: Sequence[dt.date], day: dt.date) -> int:
    """How many of these days lie within half a year before or after a day."""
    low = day - _HALF_A_YEAR if day - dt.date.min > _HALF_A_YEAR else dt.date.min
    high = day + _HALF_A_YEAR if dt.date.max - day > _HALF_A_YEAR else dt.date.max
    return bisect_right(days, high) - bisect_left(days, low)


def _is_ordinary(books: Books, account: str) -> bool:
    check(books.progress)  # the first look at an account reads it from the file
    found = books.lookup.now(account)
    return found is not None and found.type.name in _ORDINARY


RULES = (
    Rule(
        "seldom-used accounts",
        TESTS,
        mark("Seldom-used accounts"),
        mark(
            "Journal entries to accounts that hardly any document posts to (ISA 240, A45: unrelated or"
            " seldom-used accounts)."
        ),
        _seldom,
        (_SELDOM,),
        limits=mark(
            "Counted are the documents that name the account in a line, in the year around the entry's date. Accounts"
            " that Manager posts to itself (receivables, payables, tax, stock, bank) are left out."
        ),
    ),
)  # fmt: skip
"""The tests of this module."""
