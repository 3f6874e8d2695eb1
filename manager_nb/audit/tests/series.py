"""The numbers of documents as series: "INV-0012" is number 12 of the series "INV-"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from manager_nb.audit.tests.duplicates import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from manager_nb.audit.books import Document

_THEIRS = frozenset({"PurchaseInvoice"})
"""Types whose numbers the other side gives: each party has series of its own."""

_YEARS = re.compile(r"[/-](?:\d\d)?(\d\d)-(?:\d\d)?(\d\d)$")
_LAST = re.compile(r"^(.*?)(\d{1,15})$", re.DOTALL)
_FAR = 20
"""A longer jump begins a new stretch of numbers: nobody lost so many documents one after the other."""


@dataclass(frozen=True, slots=True)
class Series:
    """What numbers that belong together share.

    Attributes:
        type: of the documents.
        party: whose numbers they are; "" for those that the business gives.
        before: what stands before the number, in lower case.
        behind: what stands behind it: a year, as in "12/2025-26".
        shown: what stands before the number, as one document has it.
    """

    type: str
    party: str
    before: str
    behind: str
    shown: str = field(compare=False)

    def written(self, number: int, width: int) -> str:
        """A number of the series as a document would have it."""
        return f"{self.shown}{number:0{width}d}{self.behind}"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A document with its place in a series.

    Attributes:
        series: the series.
        number: its number there.
        width: how many digits it is padded to; 1 where it is not.
        document: the document.
    """

    series: Series
    number: int
    width: int
    document: Document


def place_of(type_name: str, party: str, reference: str) -> tuple[Series, int, int] | None:
    """The series, the number and the width of a document's number; None where it ends on no digit."""
    behind = ""
    years = _YEARS.search(reference)
    if years and int(years[2]) == (int(years[1]) + 1) % 100 and _LAST.match(reference[: years.start()]):
        reference, behind = reference[: years.start()], years[0]
    found = _LAST.match(reference)
    if found is None or not found[2].isascii():
        return None
    series = Series(type_name, party if type_name in _THEIRS else "", found[1].casefold(), behind, found[1])
    return series, int(found[2]), len(found[2]) if found[2].startswith("0") else 1


def numbered(documents: Iterable[Document]) -> Iterator[Numbered]:
    """The documents that have a number, each with its place in its series."""
    for document in documents:
        place = place_of(document.type, document.party, document.reference)
        if place is not None:
            yield Numbered(*place, document)


def stretches(those: Iterable[Numbered]) -> list[list[int]]:
    """The different numbers of a series in order, cut where they jump far."""
    found: list[list[int]] = []
    numbers = sorted({one.number for one in those})
    for before, after in pairwise([None, *numbers]):
        if after is not None:
            if before is None or after - before > _FAR:
                found.append([])
            found[-1].append(after)
    return found


def missing(stretch: Sequence[int]) -> list[tuple[int, int]]:
    """The gaps of a stretch, each with its first and last number."""
    return [(before + 1, after - 1) for before, after in pairwise(stretch) if after - before > 1]


def share_used(stretch: Sequence[int]) -> tuple[int, int]:
    """How many numbers of a stretch are used, and how many there could be."""
    return len(stretch), stretch[-1] - stretch[0] + 1


def by_series(those: Iterable[Numbered]) -> Mapping[Series, list[Numbered]]:
    """The documents of each series, in the order of their numbers."""
    found: dict[Series, list[Numbered]] = {}
    for one in those:
        found.setdefault(one.series, []).append(one)
    for several in found.values():
        several.sort(key=lambda one: (one.number, one.document.key))
    order = sorted(found, key=lambda series: (series.type, series.party, series.before, series.behind))
    return {series: found[series] for series in order}


def same_number(one: Numbered) -> tuple[str, str, str]:
    """By what two documents of a series have the same number, however it is written."""
    return one.series.type, one.series.party, plain(one.document.reference)
