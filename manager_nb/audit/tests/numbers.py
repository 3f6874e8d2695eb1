"""Tests on the numbers of documents: gaps in a series, and numbers that were used again."""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import COUNT, PERCENT, Parameter
from manager_nb.audit.rule import LOW, MEDIUM, TESTS, Finding, Rule, Tested, about, about_document, rows_of
from manager_nb.audit.tests.money import type_title
from manager_nb.audit.tests.series import (
    Numbered,
    Series,
    by_series,
    missing,
    numbered,
    place_of,
    same_number,
    share_used,
    stretches,
)
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import check, heeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from manager_nb.audit.books import Books, Entry

    Used = Mapping[tuple[Series, int], Entry]

_SERIES = Parameter("series", mark("A series has at least so many numbers"), COUNT, 10)
_COMPLETE = Parameter(
    "complete", mark("A series without breaks uses at least so much of its numbers"), PERCENT, Decimal(90)
)
_HUNDRED = 100


def _gaps(books: Books, chosen: Mapping[str, Any]) -> Tested:
    least, complete = chosen[_SERIES.name] or 0, chosen[_COMPLETE.name] or Decimal(0)
    every = list(numbered(heeded(books.documents.values(), books.progress)))
    here = by_series(one for one in heeded(every, books.progress) if one.document.there)
    found: list[Finding] = []
    notes, tested = [], 0
    gone = _gone(every)
    former = functools.cache(functools.partial(_former, books))
    for series, those in here.items():
        check(books.progress)
        order = [one.number for one in those]
        for stretch in stretches(those):
            if len(stretch) < max(least, 2):
                continue
            used, span = share_used(stretch)
            if used * _HUNDRED < complete * span:
                notes.append(_broken(series, stretch, used, span))
                continue
            low, high = bisect_left(order, stretch[0]), bisect_right(order, stretch[-1])
            tested += high - low
            found += _told(series, those[low:high], stretch, gone, former)
    population = said("Documents with numbers that follow each other, that are there now")
    return Tested(population, tested, tuple(found), tuple(notes))


def _broken(series: Series, stretch: list[int], used: int, span: int) -> Said:
    return said(
        "{type}, {first} to {last}: only {used} of {span} numbers are used; its gaps are not told.",
        type=type_title(series.type), first=series.written(stretch[0], 1), last=series.written(stretch[-1], 1),
        used=used, span=span,
    )  # fmt: skip


def _gone(every: list[Numbered]) -> Used:
    """The numbers of documents that were deleted, each with the change that did it, or that is their last."""
    return {
        (one.series, one.number): one.document.entries[-1]
        for one in sorted(every, key=lambda one: one.document.key)
        if not one.document.there and one.document.entries
    }


def _told(
    series: Series, those: list[Numbered], stretch: list[int], gone: Used, former: Callable[[str], Used]
) -> Iterator[Finding]:
    width = max(one.width for one in those)
    at = {one.number: one for one in those}
    for first, last in missing(stretch):
        around = (at[first - 1], at[last + 1])
        unexplained = []
        for number in range(first, last + 1):
            if (series, number) in gone:
                yield _deleted(gone[series, number], series.written(number, width))
                continue
            if (series, number) in former(series.type):
                yield _renumbered(former(series.type)[series, number], series.written(number, width))
            else:
                unexplained.append(number)
        for low, high in _runs(unexplained):
            yield _untraced(series.written(low, width), series.written(high, width), around)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow each other, each run with its first and last."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        those = [number for _, number in run]
        yield those[0], those[-1]


def _deleted(entry: Entry, number: str) -> Finding:
    words = said(
        "The number {number} is missing: {label} was deleted at {when}.",
        number=number, label=entry.label or "?", when=When(entry.ticks),
    )  # fmt: skip
    return about(entry, LOW, words)


def _renumbered(entry: Entry, number: str) -> Finding:
    words = said(
        "The number {number} is missing: {label} had it until {when}.",
        number=number, label=entry.label or "?", when=When(entry.ticks),
    )  # fmt: skip
    return about(entry, LOW, words)


def _untraced(low: str, high: str, around: tuple[Numbered, Numbered]) -> Finding:
    """A gap that History does not explain; it weighs less where History does not reach back to it."""
    reaches = all(one.document.made for one in around)
    if low == high:
        words = said(
            "The number {number} is missing, and History has no document that ever had it: it may have been undone.",
            number=low,
        ) if reaches else said(
            "The number {number} is missing; History does not reach back to it.", number=low
        )  # fmt: skip
    else:
        words = said(
            "The numbers {low} to {high} are missing, and History has no document that ever had them: they may have"
            " been undone.",
            low=low, high=high,
        ) if reaches else said(
            "The numbers {low} to {high} are missing; History does not reach back to them.", low=low, high=high
        )  # fmt: skip
    found = about_document(around[1].document, MEDIUM if reaches else LOW, words, *rows_of(around[0].document))
    return Finding(found.severity, found.message, None, None, found.ticks, None, found.evidence)


def _former(books: Books, type_name: str) -> Used:
    """The numbers that documents of a type had before they got another, each with the change that took it."""
    found: dict[tuple[Series, int], Entry] = {}
    for document in heeded(books.documents.values(), books.progress):
        if document.type != type_name:
            continue
        for before, after in pairwise(document.entries):
            if after.action != "update" or before.label == after.label:
                continue  # the number is in the label
            image = books.values(after.change, "Before")
            reference = str(image[1].get("Reference") or "").strip() if image else ""
            place = place_of(document.type, document.party, reference)
            if place is not None and reference != document.reference:
                found[place[0], place[1]] = after
    return found


def _again(books: Books, chosen: Mapping[str, Any]) -> Tested:
    every = list(numbered(heeded(books.documents.values(), books.progress)))
    sizes = {series: len(those) for series, those in by_series(heeded(every, books.progress)).items()}
    tested = [one for one in every if sizes[one.series] >= (chosen[_SERIES.name] or 0)]
    alike: dict[tuple[str, str, str], list[Numbered]] = defaultdict(list)
    for one in heeded(tested, books.progress):
        alike[same_number(one)].append(one)
    found = []
    for _, those in heeded(sorted(alike.items()), books.progress):
        if len(those) > 1 and any(one.document.there for one in those):
            those.sort(key=lambda one: (_made(one), one.document.key))
            found.append(_used_again(those))
    return Tested(said("Documents with numbers of a series, deleted ones too"), len(tested), tuple(found))


def _made(one: Numbered) -> int:
    return (one.document.made.ticks or 0) if one.document.made else 0


def _used_again(those: list[Numbered]) -> Finding:
    last = those[-1].document
    here = [one for one in those if one.document.there]
    rows = [row for one in those for row in rows_of(one.document)]
    if len(here) > 1:
        words = said(
            "{label}: its number is on {count} documents that are there now.", label=last.label, count=len(here)
        )
        return about_document(last, MEDIUM, words, *rows)
    words = said("{label}: its number was also on a document that was deleted.", label=last.label)
    return about_document(here[0].document, LOW, words, *rows)


RULES = (
    Rule(
        "sequence gaps",
        TESTS,
        mark("Missing numbers"),
        mark(
            "Numbers that are missing in a series: documents that were deleted, undone, or never entered"
            " (completeness, ISA 315, ISA 500)."
        ),
        _gaps,
        (_SERIES, _COMPLETE),
        weight=2,
        limits=mark(
            "What is missing before the first or behind the last number is not seen, nor numbers without digits."
        ),
    ),
    Rule(
        "reused numbers",
        TESTS,
        mark("Numbers used again"),
        mark(
            "A number that two documents of a type share, or that a document took over from a deleted one: one may"
            " stand in for the other (common practice; tax rules want numbers used once)."
        ),
        _again,
        (_SERIES,),
        limits=mark("Numbers that a supplier gave are compared within that supplier only."),
    ),
)
"""The tests of this module."""
