"""The first digits of amounts, against the law of Benford."""

from __future__ import annotations

import decimal
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import COUNT, Parameter
from manager_nb.audit.rule import LOW, NOTE, TESTS, Finding, Rule, Tested, rows_of
from manager_nb.audit.tests.amounts import RECURRING
from manager_nb.audit.tests.money import known, standing, there_now, together, type_title
from manager_nb.i18n import mark
from manager_nb.model.said import said
from manager_nb.progress import check, heeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from manager_nb.audit.books import Books, Document

_LEAST = Parameter("benford_population", mark("First digits are counted among at least so many amounts"), COUNT, 300)
_EXACT = decimal.Context(prec=28)
_PLACES = Decimal("0.00001")
_SHOWN = 3

LIMITS = {1: (Decimal("0.012"), Decimal("0.015")), 2: (Decimal("0.0018"), Decimal("0.0022"))}
"""By how many digits: the mean absolute deviation above which amounts conform only marginally, and not at all (Nigrini
2012, table 7.1)."""


@dataclass(frozen=True, slots=True)
class Digits:
    """How often amounts begin with each digit, or each two.

    Attributes:
        digits: how many digits: 1 or 2.
        counts: how many amounts begin with each.
        deviation: the mean absolute deviation of their shares from Benford's, to five places.
        excess: the beginnings that are more frequent than they should be, the farthest first.
    """

    digits: int
    counts: Mapping[int, int]
    deviation: Decimal
    excess: tuple[int, ...]

    @property
    def severity(self) -> str | None:
        """How much that deserves a look; None where the digits conform."""
        marginal, none = LIMITS[self.digits]
        return LOW if self.deviation > none else NOTE if self.deviation > marginal else None


def first_digits(values: Iterable[Decimal], digits: int) -> Digits:
    """Count the first digits of amounts above zero.

    Args:
        values: the amounts.
        digits: how many digits count: 1 or 2.
    """
    counts = Counter(beginning(value, digits) for value in values)
    total = counts.total()
    low, high = 10 ** (digits - 1), 10**digits
    apart = {start: Decimal(counts[start]) / total - expected(start) for start in range(low, high)}
    mean = sum(map(abs, apart.values()), Decimal(0)) / len(apart)
    order = sorted(apart, key=lambda start: (-apart[start], start))
    deviation = mean.quantize(_PLACES, decimal.ROUND_HALF_UP)
    return Digits(digits, dict(sorted(counts.items())), deviation, tuple(one for one in order if apart[one] > 0))


def beginning(value: Decimal, digits: int) -> int:
    """What an amount begins with: 0.0456 with 4, or with 45."""
    text = "".join(map(str, value.as_tuple().digits)).lstrip("0")
    return int(text[:digits].ljust(digits, "0"))


def expected(start: int) -> Decimal:
    """The share of amounts that begin so by Benford's law: log10(1 + 1/d)."""
    return (1 + Decimal(1) / start).log10(_EXACT)


def _benford(books: Books, chosen: Mapping[str, Any]) -> Tested:
    there = there_now(books)
    left = standing(books, there, chosen[RECURRING.name])
    every, notes = known(one for one in heeded(there, books.progress) if one.key not in left)
    if left:
        notes = (*notes, said("{count} documents whose amounts come again and again were left out.", count=len(left)))
    found: list[Finding] = []
    tested, more = 0, []
    for (type_name, currency), those in together(every).items():
        check(books.progress)
        if len(those) < max(chosen[_LEAST.name], 1):
            words = said(
                "{type} in {currency}: not done, since {count} amounts are too few.",
                type=type_title(type_name), currency=currency, count=len(those),
            )  # fmt: skip
            more.append(words)
            continue
        tested += len(those)
        found += _unlike(those, type_name, currency)
    population = said("Amounts of documents that are there now, by type and currency, where there are enough")
    return Tested(population, tested, tuple(found), (*notes, *more))


def _unlike(those: Sequence[tuple[Document, Decimal]], type_name: str, currency: str) -> Iterator[Finding]:
    one, two = (first_digits((value for _, value in those), digits) for digits in (1, 2))
    severity = LOW if LOW in (one.severity, two.severity) else one.severity or two.severity
    if severity is None:
        return
    words = said(
        "{type} in {currency}: the first digits of {count} amounts are not as Benford's law has them. Mean absolute"
        " deviation {one} of the first digit, {two} of the first two. Too frequent: {digits}; {pairs}.",
        type=type_title(type_name), currency=currency, count=len(those), one=one.deviation, two=two.deviation,
        digits=_listed(one), pairs=_listed(two),
    )  # fmt: skip
    odd = [document for document, value in those if two.excess and beginning(value, 2) == two.excess[0]]
    yield Finding(severity, words, evidence=tuple(row for document in odd for row in rows_of(document)))


def _listed(digits: Digits) -> str:
    return ", ".join(f"{start} ({digits.counts.get(start, 0)})" for start in digits.excess[:_SHOWN])


RULES = (
    Rule(
        "benford",
        TESTS,
        mark("First digits (Benford)"),
        mark(
            "Amounts that grow naturally begin with 1 more often than with 9. Where many amounts do not, they may be"
            " made up, split or capped (Nigrini 2012: mean absolute deviation; common practice of journal entry tests)."
        ),
        _benford,
        (_LEAST, RECURRING),
        limits=mark(
            "It says something of a population and nothing of a document. Prices, limits and fees that repeat also make"
            " digits frequent. The rows are those of the two digits that are farthest above."
        ),
    ),
)
"""The tests of this module."""
