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
from manager_nb.audit.repeating import command_line, python_call, sample_call
from manager_nb.audit.rule import GROUPS, SEVERITIES
from manager_nb.format.scalars import ticks_to_datetime
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import Language, mark
from manager_nb.model import labels
from manager_nb.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.audit.findings import Examined, Findings
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
        level: of its heading: 2 for a part, 3 for a part of the part before.
        apart: whether it begins a new page when printed.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    widths: tuple[int, ...]
    words: tuple[str, ...] = ()
    headed: bool = False
    level: int = 2
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wants in the paper, besides what was found.

    Attributes:
        language: of the paper.
        prepared_by: who made it; "" says nothing.
        prepared_on: when; None says nothing.
        reviews: the marks of review, by the place of the finding in ``findings.found``.
        samples: the samples that were drawn, in their order.
    """

    language: Language
    prepared_by: str = ""
    prepared_on: dt.date | None = None
    reviews: Mapping[int, Review] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()


def paper_of(findings: Findings, evidence: Part, wanted: Wanted, verdict: Sequence[str]) -> tuple[Part, ...]:
    """The whole paper.

    Args:
        findings: what was found.
        evidence: the rows that it rests on.
        wanted: what the user wants in it.
        verdict: on the trail, in words; empty where the tests of the trail were not done.
    """
    words = wanted.language
    return (
        _summary(findings, wanted, verdict),
        _tests(findings, words),
        _findings(findings, wanted),
        evidence,
        scores_of(findings, words),
        *samples_of(findings, wanted),
    )


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
    rows = [(wanted.language.text(name), value) for name, value in facts_of(findings, wanted, verdict)]
    words = wanted.language
    return Part(words.text("Summary"), (words.text("What"), words.text("Value")), tuple(rows), (32, 120), headed=True)


def facts_of(findings: Findings, wanted: Wanted, verdict: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """What the summary says, each with its name, a text of the catalogue."""
    words = wanted.language
    yield mark("Business"), findings.business
    if wanted.prepared_by:
        yield mark("Prepared by"), wanted.prepared_by
    if wanted.prepared_on is not None:
        yield mark("Prepared on"), wanted.prepared_on
    if verdict:
        yield mark("Can I rely on the trail"), "\n".join(verdict)
    for title, source in zip((mark("File"), mark("Earlier backup")), findings.sources, strict=False):
        size = words.plural("{count} byte", "{count} bytes", source["size"])
        yield title, f"{source['path']}\nSHA-256 {source['sha256']}\n{size}"
    yield mark("Made with"), f"manager_nb {__version__}"
    yield mark("Time zone of hours and days"), f"{words.zone(findings.zone)} ({findings.zone})"
    idle = sum(one.idle for one in findings.examined)
    yield mark("Tests done"), len(findings.examined) - idle
    if idle:
        yield mark("Tests that had nothing to test"), idle
    yield mark("Findings"), len(findings)
    for severity, title in SEVERITIES.items():
        count = sum(finding.severity == severity for _, finding in findings.found)
        yield words.text("Findings: {severity}", severity=words.text(title)), count
    yield mark("Findings reviewed"), len(wanted.reviews)
    yield mark("What this paper does not say"), words.text(CAVEAT)
    yield mark("How the findings are ranked"), ranks_told(words)
    yield mark("How to repeat it in Python"), python_call(findings)
    yield mark("How to repeat it on the command line"), command_line(findings)


def settings_told(one: Examined, words: Language) -> str:
    """What a test was told, a setting a line."""
    return "\n".join(
        f"{words.text(parameter.title)}: {value or words.text('none given')}"
        for parameter, value in one.parameters(words)
    )


def ranks_told(words: Language) -> str:
    """What the ranks and the scores mean."""
    ranks = ", ".join(f"“{words.text(title)}”" for title in SEVERITIES.values())
    return words.text(
        "The rank of a finding ({ranks}) is said by its test, by how strong the reason to look is. The score of a"
        " record is the sum of the weights of the tests that found something about it, each test once; who audits sets"
        " the weights.",
        ranks=ranks,
    )


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
            settings_told(one, words),
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
        mark("Reviewed"), mark("Note"), mark("Reviewed by"),
        words.text("{column} ({zone})", column=words.text("Reviewed on"), zone=words.zone(zone)),
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
        "\n".join(titled(words, one.label, one.type) for one in map(findings.about, finding.objects)),
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


def scores_of(findings: Findings, words: Language) -> Part:
    """The part with the scores."""
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


def samples_of(findings: Findings, wanted: Wanted) -> Iterator[Part]:
    """A part for each sample: how it was drawn, how to draw it again, what was drawn, what was left out."""
    words = wanted.language
    for title, sample in samples_titled(wanted):
        items, left = sample.items.to_arrow(), sample.left_out.to_arrow()
        rows = itertools.chain(
            *(zip(*(one.to_pylist() for one in some.columns), strict=True) for some in (items, left))
        )
        told = tuple(tuple(_plainly(cell, words) for cell in row) for row in rows)
        heads = tuple(words.text(name.replace("_", " ").capitalize()) for name in items.column_names)
        widths = tuple(40 if name in ("label", "reason", "key") else 16 for name in items.column_names)
        yield Part(title, heads, told, widths, sample_told(findings, sample, words))


def samples_titled(wanted: Wanted) -> Iterator[tuple[str, Sample]]:
    """The samples with their titles, numbered where there are several."""
    words, several = wanted.language, len(wanted.samples) > 1
    for number, sample in enumerate(wanted.samples, start=1):
        yield words.text("Sample {number}", number=number) if several else words.text("Sample"), sample


def sample_told(findings: Findings, sample: Sample, words: Language) -> tuple[str, ...]:
    """How a sample was drawn, and how to draw it again."""
    again = sample_call(sample, str(findings.sources[0]["path"]))
    return (*sample.describe(words), f"{words.text('How to repeat it in Python')}:\n{again}")


def _plainly(cell: Any, words: Language) -> Any:
    return words.text(cell) if isinstance(cell, str) and cell in REASONS else cell
