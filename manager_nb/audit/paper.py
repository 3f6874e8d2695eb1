"""What a working paper says, as plain values: parts with their tables, in the user's language.

How it looks as a sheet or as a page is another matter: :mod:`manager_nb.audit.paper_excel`,
:mod:`manager_nb.audit.paper_html`. The same inputs give the same paper; no clock is looked at.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from manager_nb.audit.findings import CAVEAT
from manager_nb.audit.lots import REASONS
from manager_nb.audit.repeating import command_line, python_call
from manager_nb.audit.rule import GROUPS, SEVERITIES
from manager_nb.format.scalars import ticks_to_datetime
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import Language, mark
from manager_nb.model import labels
from manager_nb.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.audit.findings import Findings
    from manager_nb.audit.rule import Finding, Review
    from manager_nb.audit.sampling import Sample

Row = tuple[Any, ...]
"""Cells: texts, numbers, days, moments in their own zone, None."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the paper: a sheet, or a section of the page.

    Attributes:
        title: what it is called.
        heads: headings of its columns.
        rows: of its table.
        widths: how wide the columns are, in signs.
        words: paragraphs above the table.
        headed: whether the first cell of a row is its heading.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    widths: tuple[int, ...]
    words: tuple[str, ...] = ()
    headed: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wants in the paper, besides what was found.

    Attributes:
        language: of the paper.
        prepared_by: who made it; "" says nothing.
        prepared_on: when; None says nothing.
        reviews: the marks of review, by the place of the finding in ``findings.found``.
        sample: a sample that was drawn.
    """

    language: Language
    prepared_by: str = ""
    prepared_on: dt.date | None = None
    reviews: Mapping[int, Review] = field(default_factory=dict)
    sample: Sample | None = None


def paper_of(findings: Findings, evidence: Part, wanted: Wanted, verdict: Sequence[str]) -> tuple[Part, ...]:
    """The whole paper.

    Args:
        findings: what was found.
        evidence: the rows that it rests on.
        wanted: what the user wants in it.
        verdict: on the trail, in words; empty where the tests of the trail were not done.
    """
    words = wanted.language
    parts = [
        _summary(findings, wanted, verdict),
        _tests(findings, words),
        _findings(findings, wanted),
        evidence,
        _scores(findings, words),
    ]
    return (*parts, _sample(wanted.sample, words)) if wanted.sample is not None else tuple(parts)


def titled(words: Language, label: str | None, type_: str | None = None) -> str:
    """A record's label as Manager's History has it, with the title of its type in the reader's language."""
    if not label:
        known = SCHEMA.named(type_) if type_ else None
        return words.text(labels.title(known)) if known is not None else type_ or ""
    head, dash, rest = label.partition(labels.DASH)
    titles = {labels.title(kind) for kind in SCHEMA.types()}
    return f"{words.text(head)}{dash}{rest}" if head in titles else label


def moment(ticks: int | None, zone: str) -> dt.datetime | str | None:
    """A moment in a zone; as ticks where no calendar has it."""
    if ticks is None:
        return None
    try:
        return ticks_to_datetime(ticks).astimezone(ZoneInfo(zone))
    except (OverflowError, ValueError):
        return f"{ticks} ticks"


def moments_headed(words: Language, zone: str) -> tuple[str, str]:
    """The headings of a moment: in the zone of the tests, and in UTC."""
    time = words.text("Time")
    return tuple(words.text("{column} ({zone})", column=time, zone=one) for one in (words.zone(zone), "UTC"))  # type: ignore[return-value]


def _summary(findings: Findings, wanted: Wanted, verdict: Sequence[str]) -> Part:
    rows = [(wanted.language.text(name), value) for name, value in _facts(findings, wanted, verdict)]
    words = wanted.language
    return Part(words.text("Summary"), (words.text("What"), words.text("Value")), tuple(rows), (32, 120), headed=True)


def _facts(findings: Findings, wanted: Wanted, verdict: Sequence[str]) -> Iterator[tuple[str, Any]]:
    words = wanted.language
    yield mark("Business"), findings.business
    if wanted.prepared_by:
        yield mark("Prepared by"), wanted.prepared_by
    if wanted.prepared_on is not None:
        yield mark("Prepared on"), wanted.prepared_on
    for title, source in zip((mark("File"), mark("Earlier backup")), findings.sources, strict=False):
        size = words.plural("{count} byte", "{count} bytes", source["size"])
        yield title, f"{source['path']}\nSHA-256 {source['sha256']}\n{size}"
    yield mark("Made with"), f"manager_nb {__version__}"
    yield mark("Time zone of hours and days"), f"{words.zone(findings.zone)} ({findings.zone})"
    yield mark("Tests done"), len(findings.examined)
    yield mark("Findings"), len(findings)
    for severity, title in SEVERITIES.items():
        count = sum(finding.severity == severity for _, finding in findings.found)
        yield words.text("Findings: {severity}", severity=words.text(title)), count
    yield mark("Findings reviewed"), len(wanted.reviews)
    if verdict:
        yield mark("Can I rely on the trail"), "\n".join(verdict)
    yield mark("What this paper does not say"), words.text(CAVEAT)
    yield mark("How to repeat it in Python"), python_call(findings)
    yield mark("How to repeat it on the command line"), command_line(findings)


def _tests(findings: Findings, words: Language) -> Part:
    heads = (
        mark("Test"), mark("Group"), mark("Why"), mark("Population"), mark("Tested"), mark("Findings"),
        mark("Parameters"), mark("Notes"), mark("What it cannot see"), mark("Weight"),
    )  # fmt: skip
    rows = tuple(
        (
            words.text(one.rule.title),
            words.text(GROUPS[one.rule.group]),
            words.text(one.rule.why),
            one.tested.population.told(words, findings.zone),
            one.tested.count,
            len(one.tested.findings),
            "\n".join(
                f"{words.text(parameter.title)}: {value or words.text('none given')}"
                for parameter, value in one.parameters(words)
            ),
            "\n".join(note.told(words, findings.zone) for note in one.tested.notes),
            words.text(one.rule.limits) if one.rule.limits else "",
            findings.weights[one.rule.name],
        )
        for one in findings.examined
    )
    widths = (28, 20, 50, 32, 9, 9, 36, 40, 36, 8)
    return Part(words.text("Tests"), tuple(map(words.text, heads)), rows, widths, headed=True)


def _findings(findings: Findings, wanted: Wanted) -> Part:
    words, zone = wanted.language, findings.zone
    heads = (
        mark("Number"), mark("How much it deserves a look"), mark("Test"), mark("Record"), mark("Date of the document"),
        *moments_headed(words, zone),
        mark("User"), mark("What was found"), mark("Evidence"),
        mark("Reviewed"), mark("Note"), mark("Reviewed by"), mark("Reviewed on"),
    )  # fmt: skip
    rows = tuple(
        _finding(findings, number, rule.title, finding, wanted)
        for number, (rule, finding) in enumerate(findings.found, start=1)
    )
    widths = (8, 14, 26, 34, 12, 19, 19, 16, 60, 44, 10, 30, 16, 19)
    return Part(words.text("Findings"), tuple(map(words.text, heads)), rows, widths, headed=True)


def _finding(findings: Findings, number: int, title: str, finding: Finding, wanted: Wanted) -> Row:
    words, zone = wanted.language, findings.zone
    record, review = findings.about(finding.object), wanted.reviews.get(number - 1)
    reviewed: Row = ("", "", "", None)
    if review is not None:
        told = words.text("yes") if review.same_file else words.text("yes, for another state of the file")
        reviewed = (told, review.note, review.by, moment_of(review.at, zone))
    return (
        number,
        words.text(SEVERITIES[finding.severity]),
        words.text(title),
        titled(words, record.label, record.type),
        record.date,
        moment(finding.ticks, zone),
        moment(finding.ticks, "UTC"),
        finding.user or "",
        finding.message.told(words, zone),
        "\n".join(finding.evidence),
        *reviewed,
    )


def moment_of(at: str, zone: str) -> dt.datetime | str:
    """A moment that a file of reviews has, in UTC unless it says otherwise; as it stands there where it is none."""
    try:
        moment = dt.datetime.fromisoformat(at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError):
        return at


def _scores(findings: Findings, words: Language) -> Part:
    titles = {one.rule.name: words.text(one.rule.title) for one in findings.examined}
    by_object: dict[str, dict[str, int]] = {}
    for rule, finding in findings.found:
        for key in finding.objects:
            by_object.setdefault(key, {})[rule.name] = findings.weights[rule.name]
    order = sorted(by_object, key=lambda key: (-sum(by_object[key].values()), key))
    rows = tuple(
        (
            titled(words, findings.about(key).label, findings.about(key).type),
            sum(by_object[key].values()),
            "\n".join(f"{titles[name]}: {weight}" for name, weight in by_object[key].items()),
            key,
        )
        for key in order
    )
    heads = (mark("Record"), mark("Score"), mark("Weights"), mark("Key of the record"))
    told = words.text(
        "The score of a record is the sum of the weights of the tests that found something about it, each test once."
    )
    return Part(words.text("Scores"), tuple(map(words.text, heads)), rows, (50, 9, 60, 40), (told,), headed=True)


def _sample(sample: Sample, words: Language) -> Part:
    items = sample.items.to_arrow()
    rows = tuple(zip(*(column.to_pylist() for column in items.columns), strict=True))
    left = sample.left_out.to_arrow()
    left_rows = zip(*(column.to_pylist() for column in left.columns), strict=True)
    both = tuple(itertools.chain(rows, left_rows))
    told = [tuple(_plainly(cell, words) for cell in row) for row in both]
    heads = tuple(words.text(name.replace("_", " ").capitalize()) for name in items.column_names)
    widths = tuple(40 if name in ("label", "reason", "key") else 16 for name in items.column_names)
    return Part(words.text("Sample"), heads, tuple(told), widths, tuple(sample.describe(words)))


def _plainly(cell: Any, words: Language) -> Any:
    return words.text(cell) if isinstance(cell, str) and cell in REASONS else cell
