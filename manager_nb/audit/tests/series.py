"""The numbers of documents as series: "INV-0012" is number 12 of the series "INV-", "7/INV" number 7 of "/INV"."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from manager_nb.audit.books import Document

_THEIRS = frozenset({"PurchaseInvoice"})
"""Types whose numbers the other side gives: each party has series of its own."""

_YEARS = re.compile(r"[/-](?:\d\d)?(\d\d)-(?:\d\d)?(\d\d)$")
_DATE = re.compile(r"[/ .-](?:19|20)?\d\d$")
_PARTS = 3
"""A year, a month, a day may stand behind a number."""
_LAST = re.compile(r"^(.*?)(\d{1,15})(\D*)$", re.DOTALL)
_FAR = 20
"""A longer jump begins a new stretch of numbers; what it leaves out is told as one block."""


@dataclass(frozen=True, slots=True)
class Series:
    """What numbers that belong together share.

    Attributes:
        type: of the documents.
        party: whose numbers they are; "" for those that the business gives.
        before: what stands before the number, as it is compared.
        behind: what stands behind it, as it is compared: a year, as in "12/2025-26", or letters, as in "12/INV".
        shown: what stands before and behind the number, as one document has it.
    """

    type: str
    party: str
    before: str
    behind: str
    shown: tuple[str, str] = field(compare=False)

    def written(self, number: int, width: int) -> str:
        """A number of the series as a document would have it."""
        return f"{self.shown[0]}{number:0{width}d}{self.shown[1]}"


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


Place = tuple[Series, int, int]
"""The series, the number and the width of a document's number."""


class Numbering:
    """How the numbers of a business are read.

    "001/2025" is number 1 of a series of 2025, and "5-2025" may be number 2025 of branch 5: of the readings that a
    number has, the one is taken that more documents share.

    Args:
        documents: all of them.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self._sizes = Counter(place[0] for one in documents for place in places_of(one.type, one.party, one.reference))

    def place(self, type_name: str, party: str, reference: str) -> Place | None:
        """The place of a number; None where it has no digit."""
        places = places_of(type_name, party, reference)
        return max(places, key=lambda place: self._sizes[place[0]], default=None)

    def numbered(self, documents: Iterable[Document]) -> Iterator[Numbered]:
        """The documents that have a number, each with its place in its series."""
        for document in documents:
            place = self.place(document.type, document.party, document.reference)
            if place is not None:
                yield Numbered(*place, document)


def places_of(type_name: str, party: str, reference: str) -> list[Place]:
    """The readings of a document's number, the usual one first: its last digits, or those before what may be a date."""
    plain_digits = digits_as_ascii(reference)
    years = _YEARS.search(plain_digits)
    if years and int(years[2]) == (int(years[1]) + 1) % 100 and _LAST.match(plain_digits[: years.start()]):
        return _places(type_name, party, reference, years.start())
    ends = [len(reference)]
    while len(ends) <= _PARTS and (part := _DATE.search(plain_digits[: ends[-1]])):
        ends.append(part.start())
    return [place for end in ends for place in _places(type_name, party, reference, end)]


def _places(type_name: str, party: str, reference: str, end: int) -> list[Place]:
    """The last digits before a place in a number."""
    found = _LAST.match(digits_as_ascii(reference)[:end])
    if found is None:
        return []
    shown = reference[: found.start(2)], reference[found.end(2) :]
    before, behind = map(_compared, shown)
    series = Series(type_name, party if type_name in _THEIRS else "", before, behind, shown)
    return [(series, int(found[2]), len(found[2]) if found[2].startswith("0") else 1)]


def digits_as_ascii(text: str) -> str:
    """A text with the digits of every script as 0 to 9, as long as it was."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def _compared(part: str) -> str:
    """What stands around a number, as it is compared: however its letters and signs are written."""
    signs = (sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in part)
    return " ".join(digits_as_ascii("".join(signs)).split()).casefold()


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
    return {found[series][0].series: found[series] for series in order}


def jumps(cut: Sequence[Sequence[int]], sound: Sequence[bool]) -> tuple[list[tuple[int, int]], int]:
    """What is missing between the stretches of a series.

    Args:
        cut: the stretches.
        sound: of each, whether its own gaps are told.

    Returns:
        The blocks of missing numbers, each with its first and last, next to a sound stretch that is at least as long;
        and how many jumps are longer, so that another series seems to begin.
    """
    blocks, longer = [], 0
    pairs = pairwise(zip(cut, sound, strict=True))
    for (before, first), (after, second) in pairs:
        most = max(first and len(before), second and len(after))
        if most and after[0] - before[-1] - 1 <= most:
            blocks.append((before[-1] + 1, after[0] - 1))
        elif most:
            longer += 1
    return blocks, longer


def same_number(one: Numbered) -> tuple[Series, int]:
    """By what two documents have the same number, however it is written."""
    return one.series, one.number
