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
from manager_nb.audit.telling import EXAMPLES, joined, label_of
from manager_nb.audit.tests.money import told, type_title
from manager_nb.audit.tests.series import (
    Numbered,
    Numbering,
    Series,
    by_series,
    jumps,
    missing,
    same_number,
    share_used,
    stretches,
)
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import check, heeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from manager_nb.audit.books import Books, Document, Entry
    from manager_nb.model.said import Fact

    Used = Mapping[tuple[Series, int], Entry]

_SERIES = Parameter("series", mark("A series has at least so many numbers"), COUNT, 10)
_COMPLETE = Parameter(
    "complete", mark("A series without breaks uses at least so much of its numbers"), PERCENT, Decimal(90)
)
_HUNDRED = 100


def _gaps(books: Books, chosen: Mapping[str, Any]) -> Tested:
    least, complete = max(chosen[_SERIES.name], 2), chosen[_COMPLETE.name]
    every, bare = _numbered(books)
    here = by_series(one for one in heeded(every, books.progress) if one.document.there)
    found: list[Finding] = []
    notes, tested, left = [], 0, 0
    gone = _gone(every)
    former = functools.cache(functools.partial(_former, books, _numbering(books)))
    for series, those in here.items():
        check(books.progress)
        order = [one.number for one in those]
        cut = stretches(those)
        sound = [_is_sound(stretch, least, complete) for stretch in cut]
        for stretch, is_sound in zip(cut, sound, strict=True):
            documents = bisect_right(order, stretch[-1]) - bisect_left(order, stretch[0])
            if is_sound:
                tested += documents
                found += _told(series, those, missing(stretch), gone, former)
            elif len(stretch) < least:
                left += documents
            else:
                notes.append(_broken(series, stretch))
        blocks, longer = jumps(cut, sound)
        found += _told(series, those, blocks, gone, former)
        if longer:
            notes.append(_jumping(series, order, longer))
    if left:
        notes.append(said("{count} documents have numbers of no series of {least} and were left out.",
                          count=left, least=least))  # fmt: skip
    if bare:
        notes.append(said("{count} documents have no number with digits and were left out.", count=len(bare)))
    population = said("Documents with numbers that follow each other, that are there now")
    return Tested(population, tested, tuple(found), tuple(notes))


def _numbering(books: Books) -> Numbering:
    return books.kept(_read_numbering)


def _read_numbering(books: Books) -> Numbering:
    return Numbering(heeded(books.documents.values(), books.progress))


def _numbered(books: Books) -> tuple[list[Numbered], list[Document]]:
    """The documents with a number, and those that are there now and have none with a digit."""
    numbering = _numbering(books)
    found = list(numbering.numbered(heeded(books.documents.values(), books.progress)))
    keys = {one.document.key for one in found}
    return found, [one for one in books.documents.values() if one.there and one.key not in keys]


def _is_sound(stretch: Sequence[int], least: int, complete: Decimal) -> bool:
    """Whether there are enough numbers, with few enough gaps, to tell each of them."""
    used, span = share_used(stretch)
    return used >= least and used * _HUNDRED >= complete * span


def _jumping(series: Series, order: list[int], count: int) -> Said:
    return said(
        "{type}, {first} to {last}: where the numbers jump far ({count} times) another series is taken to begin.",
        type=type_title(series.type), first=series.written(order[0], 1), last=series.written(order[-1], 1),
        count=count,
    )  # fmt: skip


def _broken(series: Series, stretch: list[int]) -> Said:
    used, span = share_used(stretch)
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
    series: Series,
    those: list[Numbered],
    gaps: list[tuple[int, int]],
    gone: Used,
    former: Callable[[str], Used],
) -> Iterator[Finding]:
    width = max(one.width for one in those)
    at = {one.number: one for one in those}
    for first, last in gaps:
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
        number=number, label=label_of(entry), when=When(entry.ticks),
    )  # fmt: skip
    return about(entry, LOW, words)


def _renumbered(entry: Entry, number: str) -> Finding:
    words = said(
        "The number {number} is missing: {label} had it until {when}.",
        number=number, label=label_of(entry), when=When(entry.ticks),
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


def _former(books: Books, numbering: Numbering, type_name: str) -> Used:
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
            place = numbering.place(document.type, document.party, reference)
            if place is not None and reference != document.reference:
                found[place[0], place[1]] = after
    return found


def _again(books: Books, chosen: Mapping[str, Any]) -> Tested:
    every, bare = _numbered(books)
    sizes = {series: len(those) for series, those in by_series(heeded(every, books.progress)).items()}
    tested = [one for one in every if sizes[one.series] >= chosen[_SERIES.name]]
    small = [one for one in every if sizes[one.series] < chosen[_SERIES.name]]
    found = [_used_again(those) for those in _sharing(books, tested)]
    notes = []
    if small:
        words = said(
            "{count} documents have numbers of no series of {least} and were left out; {twice} of these numbers are on"
            " more than one document.",
            count=len(small), least=chosen[_SERIES.name], twice=len(_sharing(books, small)),
        )  # fmt: skip
        notes.append(words)
    if bare:
        notes.append(said("{count} documents have no number with digits and were left out.", count=len(bare)))
    population = said("Documents with numbers of a series, deleted ones too")
    return Tested(population, len(tested), tuple(found), tuple(notes))


def _sharing(books: Books, those: Iterable[Numbered]) -> list[list[Numbered]]:
    """The documents that share a number, one of which is there at least, in the order of numbers."""
    alike: dict[tuple[Series, int], list[Numbered]] = defaultdict(list)
    for one in heeded(those, books.progress):
        alike[same_number(one)].append(one)
    several = [them for them in alike.values() if len(them) > 1 and any(one.document.there for one in them)]
    for them in several:
        them.sort(key=lambda one: (_made(one), one.document.key))
    return sorted(several, key=lambda them: (them[0].series.type, them[0].series.party, them[0].series.before,
                                             them[0].series.behind, them[0].number))  # fmt: skip


def _made(one: Numbered) -> int:
    return (one.document.made.ticks or 0) if one.document.made else 0


def _used_again(those: list[Numbered]) -> Finding:
    last, every = those[-1].document, [one.document for one in those]
    here = [one for one in every if one.there]
    rows = [row for one in every for row in rows_of(one)]
    if len(here) > 1:
        words = said(
            "{label}: its number is on {count} documents that are there now: {documents}.",
            label=label_of(last), count=len(here), documents=joined([*map(_which, here[:EXAMPLES])], len(here)),
        )  # fmt: skip
        return about_document(last, MEDIUM, words, *rows, among=every)
    words = said("{label}: its number was also on a document that was deleted.", label=label_of(last))
    return about_document(here[0], LOW, words, *rows, among=every)


def _which(document: Document) -> Fact:
    """What tells documents of one number apart: the amount and the day, as far as they are known."""
    if document.date is None:
        return told(document.amount)
    if document.amount.value is None:
        return said("dated {day}", day=document.date)
    return said("{amount}, dated {day}", amount=told(document.amount), day=document.date)


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
            "What is missing before the first or behind the last number is not seen. More missing numbers in a row"
            " than there are numbers on either side are taken for the beginning of another series; that is noted."
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
        limits=mark(
            "Numbers that a supplier gave are compared within that supplier only. Numbers of few documents are counted"
            " and not told one by one: let a series have fewer numbers to see them."
        ),
    ),
)
"""The tests of this module."""
