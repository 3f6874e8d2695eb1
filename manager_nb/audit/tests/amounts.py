"""Tests on amounts: round sums, just below a limit, far larger than its like."""

from __future__ import annotations

import decimal
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import COUNT, MONEY, NUMBER, PERCENT, Parameter
from manager_nb.audit.rule import LOW, MEDIUM, TESTS, Rule, Tested, about_document
from manager_nb.audit.telling import label_of
from manager_nb.audit.tests.money import OUTGOING, known, standing, there_now, together, told, type_title
from manager_nb.i18n import mark
from manager_nb.model.said import Said, said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.audit.books import Books, Document

    Known = Sequence[tuple[Document, Decimal]]

_ROUND_TYPES = ("JournalEntry", "Payment")
_HUNDRED = Decimal(100)
_LEAST_ZEROS = 2
_STEPS = 6
"""So many limits are tried where none are given."""
_FAR_MORE = 2
"""Less than so many times the middle amount is not far more than usual, however alike the others are."""
_EXACT = decimal.Context(prec=28)
_MAD, _MEAN_AD = Decimal("0.6745"), Decimal("1.253314")
"""What the median and the mean of deviations are multiplied or divided by to stand for a standard deviation."""

RECURRING = Parameter(
    "recurring",
    mark("The same amount with the same party so often is a standing one and is left out"),
    COUNT,
    4,
)
_FIGURES = Parameter("figures", mark("A round amount has at most so many figures before its zeros"), COUNT, 2)
_ZEROS = Parameter(
    "zeros", mark("A round amount ends on so many zeros; empty takes what fits the usual amounts"), COUNT, None
)
_LIMITS = Parameter(
    "limits",
    mark("Limits of approval; empty takes 10, 50, 100, 500 and so on above the usual amounts"),
    MONEY,
    (),
    several=True,
)
_MARGIN = Parameter("margin", mark("Just below a limit means by at most so much of it"), PERCENT, Decimal(1))
_OUTLIER = Parameter("outlier", mark("An extreme amount has a modified z-score above"), NUMBER, Decimal("3.5"))
_FEW = Parameter("outlier_population", mark("Extreme amounts are looked for among at least so many"), COUNT, 10)


def _round(books: Books, chosen: Mapping[str, Any]) -> Tested:
    every = there_now(books, _ROUND_TYPES)
    tested, notes = known(heeded(every, books.progress))
    left = standing(books, every, chosen[RECURRING.name])
    figures = chosen[_FIGURES.name]
    found, recurring, more = [], 0, []
    by_currency: dict[str, list[tuple[Document, Decimal]]] = defaultdict(list)
    for document, value in tested:
        by_currency[document.amount.currency or ""].append((document, value))
    for currency, those in sorted(by_currency.items()):
        zeros = chosen[_ZEROS.name]
        if zeros is None:
            zeros = max(_LEAST_ZEROS, median(those).adjusted() - 1)
            more.append(said("Round in {currency}: at least {count} zeros.", currency=currency, count=zeros))
        for document, value in heeded(those, books.progress):
            if is_round(value, figures, zeros):
                recurring += document.key in left
                if document.key not in left:
                    words = said(
                        "{label} comes to a round {amount}.", label=label_of(document), amount=told(document.amount)
                    )
                    found.append(about_document(document, LOW, words))
    if recurring:
        more.append(said("{count} round amounts come again and again and were left out.", count=recurring))
    return Tested(said("Journal entries and payments that are there now"), len(tested), tuple(found), (*notes, *more))


def median(those: Known) -> Decimal:
    """The middle amount; of an even number, the lower one of the two in the middle."""
    return sorted(value for _, value in those)[(len(those) - 1) // 2]


def is_round(value: Decimal, figures: int | None, zeros: int) -> bool:
    """Whether an amount is a few figures with zeros behind: 25000 has two figures and three zeros."""
    if value != value.to_integral_value():
        return False
    digits = str(int(value))
    ending = len(digits) - len(digits.rstrip("0"))
    return ending >= zeros and (figures is None or len(digits) - ending <= figures)


def _below(books: Books, chosen: Mapping[str, Any]) -> Tested:
    every, notes = known(heeded(there_now(books, OUTGOING), books.progress))
    tested = [(document, value) for document, value in every if document.amount.currency == books.base]
    if len(tested) < len(every):
        words = said("{count} documents in foreign currency were left out.", count=len(every) - len(tested))
        notes = (*notes, words)
    limits = chosen[_LIMITS.name] or (usual_limits(median(tested)) if tested else ())
    share = _HUNDRED - chosen[_MARGIN.name]
    found = []
    for document, value in heeded(tested, books.progress):
        limit = next((one for one in limits if one * share <= value * _HUNDRED < one * _HUNDRED), None)
        if limit is not None:
            words = said(
                "{label} comes to {amount}, just below {limit}.",
                label=label_of(document), amount=told(document.amount), limit=limit,
            )  # fmt: skip
            found.append(about_document(document, LOW, words))
    return Tested(_COMMITTING, len(tested), tuple(found), notes, {_LIMITS.name: limits})


_COMMITTING = said("Payments, purchases, claims and journal entries that are there now, in the base currency")


def usual_limits(usual: Decimal) -> tuple[Decimal, ...]:
    """The next limits that people would set above a usual amount: of 10, 50, 100, 500 and so on."""
    power = usual.adjusted()
    steps = [Decimal(first).scaleb(power + more) for more in range(_STEPS) for first in (1, 5)]
    return tuple(Decimal(int(step)) for step in steps if step > usual and step >= 1)[:_STEPS]


def _extreme(books: Books, chosen: Mapping[str, Any]) -> Tested:
    every, notes = known(heeded(there_now(books), books.progress))
    limit, few = chosen[_OUTLIER.name], max(chosen[_FEW.name], 1)
    found, tested, more = [], 0, []
    for (type_name, currency), those in together(every).items():
        if len(those) < few:
            more.append(_too_few(type_name, currency, len(those)))
            continue
        tested += len(those)
        middle = median(those)
        extreme = list(heeded(outliers(those, limit), books.progress))
        if extreme and sum(value == middle for _, value in those) > (len(those) - 1) // 2:
            more.append(_by_the_mean(type_name, currency))
        for document, score in extreme:
            words = said(
                "{label} comes to {amount}, far more than usual: the middle amount of its kind is {middle} and its"
                " modified z-score {score}.",
                label=label_of(document), amount=told(document.amount), middle=middle,
                score=score.quantize(Decimal("0.01"), decimal.ROUND_HALF_UP),
            )  # fmt: skip
            found.append(about_document(document, MEDIUM, words))
    return Tested(said("Documents that are there now, by type and currency"), tested, tuple(found), (*notes, *more))


def _by_the_mean(type_name: str, currency: str) -> Said:
    """How the score is reckoned where the usual way would divide by 0: without it nobody could reckon it again."""
    return said(
        "{type} in {currency}: at least half of the amounts are the same, so the score is the distance of the natural"
        " logarithms from the middle, divided by 1.253314 times the mean of all distances.",
        type=type_title(type_name),
        currency=currency,
    )


def _too_few(type_name: str, currency: str, count: int) -> Said:
    return said(
        "{type} in {currency}: {count} are too few to compare.",
        type=type_title(type_name),
        currency=currency,
        count=count,
    )


def outliers(those: Known, limit: Decimal) -> Iterator[tuple[Document, Decimal]]:
    """The amounts that are extremely large for their kind, each with its modified z-score, in key order.

    The score of Iglewicz and Hoaglin, of the logarithms: 0.6745 times the distance from the median, by the median of
    the distances; where more than half of the amounts are the same, the distance by 1.253314 times the mean of the
    distances. Logarithms, since amounts of a business are skewed: in a sound year a few are many times the usual one.

    Args:
        those: amounts of one kind, above zero.
        limit: scores above are given, of amounts at least twice the median.
    """
    middle = median(those)
    ratios = sorted(max(value, middle) / min(value, middle) for _, value in those)
    typical = ratios[(len(ratios) - 1) // 2]
    if typical > 1:
        spread = typical.ln(_EXACT) / _MAD
    else:
        spread = _MEAN_AD * sum((ratio.ln(_EXACT) for ratio in ratios if ratio > 1), Decimal(0)) / len(ratios)
    if not spread:
        return
    least = middle * _EXACT.exp(limit * spread) if limit * spread < _HUNDRED else None
    for document, value in those:
        if least is not None and value > least and value >= _FAR_MORE * middle:
            yield document, (value / middle).ln(_EXACT) / spread


RULES: tuple[Rule, ...] = (
    Rule(
        "round sums",
        TESTS,
        mark("Round sums"),
        mark("Journal entries and payments of a round amount: estimates, and sums that were made up (ISA 240, A45)."),
        _round,
        (_FIGURES, _ZEROS, RECURRING),
        limits=mark("Rent, wages and advances are often round. Those that come again and again are left out."),
    ),
    Rule(
        "just below a limit",
        TESTS,
        mark("Just below a limit"),
        mark(
            "Amounts just below a limit from which on somebody else would have to approve them (common practice of"
            " fraud examiners)."
        ),
        _below,
        (_LIMITS, _MARGIN),
        weight=2,
        limits=mark(
            "Give the limits that the business really has: those taken here are only what people like to"
            " choose."
        ),
    ),
    Rule(
        "extreme amounts",
        TESTS,
        mark("Extreme amounts"),
        mark(
            "Amounts far larger than others of their type and currency, by the modified z-score of their"
            " logarithms (Iglewicz and Hoaglin 1993; ISA 520)."
        ),
        _extreme,
        (_OUTLIER, _FEW),
        weight=2,
        limits=mark(
            "It compares with the other amounts of the same type only; small amounts are not told, nor what is less"
            " than twice the middle amount."
        ),
    ),
)  # fmt: skip
"""The tests of this module."""
