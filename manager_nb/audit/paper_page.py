"""A working paper as it goes into the file on paper: the summary first, then what was found test by test.

The paper for Excel has every row in full; this one says the same in short, and says where it is short.
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

from manager_nb.audit.paper import (
    Part,
    facts_of,
    moment,
    moment_of,
    sample_told,
    samples_titled,
    scores_of,
    settings_told,
    titled,
)
from manager_nb.audit.rule import SEVERITIES
from manager_nb.i18n import mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.audit.findings import Examined, Findings
    from manager_nb.audit.paper import Row, Wanted
    from manager_nb.audit.sampling import Sample
    from manager_nb.i18n import Language

FIELDS, SIGNS = 8, 160
"""So many fields of a change are shown, and so many signs of a text."""

_CUT = "…"


def page_of(findings: Findings, evidence: Part, wanted: Wanted, verdict: Sequence[str]) -> tuple[Part, ...]:
    """The whole page.

    Args:
        findings: what was found.
        evidence: the rows that it rests on, in full.
        wanted: what the user wants in it.
        verdict: on the trail, in words; empty where the tests of the trail were not done.
    """
    words = wanted.language
    rows = _Rows(evidence, words)
    return (
        _summary(findings, wanted, verdict),
        _by_hand(words),
        *_tests(findings, words),
        *_found(findings, wanted, rows),
        rows.part(findings.zone),
        _scores(scores_of(findings, words)),
        *_samples(findings, wanted),
    )


def _summary(findings: Findings, wanted: Wanted, verdict: Sequence[str]) -> Part:
    words = wanted.language
    rows = [(words.text(name), value) for name, value in facts_of(findings, wanted, verdict)]
    where = words.text(
        "The paper for Excel of the same run has everything in full: each test with its reason and what it"
        " cannot see, each finding with the time in UTC, each row of evidence field by field, each item of a sample"
        " with its lot. Here texts of more than {signs} signs end with “…”, and of a change or a record the first"
        " {fields} fields are shown, then how many more it has.",
        signs=SIGNS,
        fields=FIELDS,
    )
    return Part(
        words.text("Summary"),
        (words.text("What"), words.text("Value")),
        (*((name, _plain(value, words)) for name, value in rows), (words.text("Where the rest is"), where)),
        (20, 80),
        headed=True,
    )


def _by_hand(words: Language) -> Part:
    """What only people can say, left empty: a paper in the file names who stands for it (ISA 230, paragraph 9)."""
    rows = tuple(
        (words.text(name), "\n\n")
        for name in (
            mark("Conclusion"),
            mark("Who made it: signature and day"),
            mark("Who reviewed it: signature, day, and what was looked at"),
        )
    )
    title, heads = (
        words.text("To be filled in by hand (ISA 230, paragraph 9)"),
        (words.text("What"), words.text("Value")),
    )
    return Part(title, heads, rows, (20, 80), headed=True)


def _plain(value: Any, words: Language) -> Any:
    """A number among texts stands where they stand."""
    return words.number(value) if isinstance(value, int) else value


def _tests(findings: Findings, words: Language) -> Iterator[Part]:
    """The tests with findings, those without, and those that had nothing to test, a row a test."""
    ranks = list(SEVERITIES)
    heads = (mark("Test"), mark("Population"), mark("Tested"), mark("Settings"), mark("Weight"), mark("Findings"))
    told = tuple(map(words.text, heads))
    found = [one for one in findings.examined if one.tested.findings]
    rows = []
    for one in found:
        counts = [sum(finding.severity == rank for finding in one.tested.findings) for rank in ranks]
        split = ", ".join(
            f"{words.text(SEVERITIES[rank])}: {words.number(count)}"
            for rank, count in zip(ranks, counts, strict=True)
            if count
        )
        rows.append((*_test(findings, one, words), findings.weights[one.rule.name], split))
    yield Part(words.text("Tests that found something"), told, tuple(rows), (24, 25, 8, 22, 7, 14), headed=True)
    heads_of_quiet = (*told[:4], words.text("Notes"))
    for title, those in (
        (
            mark("Tests that found nothing"),
            [one for one in findings.examined if not one.tested.findings and not one.idle],
        ),
        (mark("Tests that had nothing to test"), [one for one in findings.examined if one.idle]),
    ):
        notes = tuple((*_test(findings, one, words), _notes(findings, one, words)) for one in those)
        if notes:
            yield Part(words.text(title), heads_of_quiet, notes, (24, 24, 8, 20, 24), headed=True)


def _test(findings: Findings, one: Examined, words: Language) -> Row:
    population = one.tested.population.told(words, findings.zone)
    return (words.text(one.rule.title), population, one.tested.count, settings_told(one, words))


def _notes(findings: Findings, one: Examined, words: Language) -> str:
    return "\n".join(note.told(words, findings.zone) for note in one.tested.notes)


def _found(findings: Findings, wanted: Wanted, evidence: _Rows) -> Iterator[Part]:
    """What was found, a part a test, in the order of the tests."""
    words, zone = wanted.language, findings.zone
    by_rule: dict[str, list[int]] = {}
    for place, (rule, _) in enumerate(findings.found):
        by_rule.setdefault(rule.name, []).append(place)
    yield Part(words.text("Findings"), (), (), (), _none(not findings.found, words), apart=True)
    heads = (
        words.text("No."), words.text("Rank"), words.text("What was found"),
        _in_zone(words, mark("Time"), zone), words.text("User"), words.text("Evidence"),
        _in_zone(words, mark("Reviewed"), zone),
    )  # fmt: skip
    widths = (5, 9, 45, 11, 11, 8, 11)
    last = len(heads) if wanted.reviews else -1  # the summary says that none was reviewed
    for one in findings.examined:
        places = by_rule.get(one.rule.name, [])
        if not places:
            continue
        rows = tuple(_finding(findings, place, wanted, evidence)[:last] for place in places)
        told = [words.text(one.rule.why), _notes(findings, one, words)]
        if one.rule.limits:
            told.append(words.text("What it cannot see: {limits}", limits=words.text(one.rule.limits)))
        title = words.text(one.rule.title)
        yield Part(title, heads[:last], rows, widths[:last], tuple(filter(None, told)), level=3)


def _none(none: bool, words: Language) -> tuple[str, ...]:
    return (words.text("There are none."),) if none else ()


def _in_zone(words: Language, column: str, zone: str) -> str:
    return words.text("{column} ({zone})", column=words.text(column), zone=words.zone(zone))


def _finding(findings: Findings, place: int, wanted: Wanted, evidence: _Rows) -> Row:
    words, zone = wanted.language, findings.zone
    _, finding = findings.found[place]
    record = findings.about(finding.object)
    message = finding.message.told(words, zone)
    label, date = titled(words, record.label, record.type), words.date(record.date) if record.date else ""
    more = [_short(label)] if label and label not in message else []  # most sentences name both
    if date and date not in message:
        more.append(f"{words.text('Date of the document')}: {date}")
    return (
        place + 1,
        words.text(SEVERITIES[finding.severity]),
        "\n".join(filter(None, (_short(message, 4 * SIGNS), " · ".join(more)))),
        moment(finding.ticks, zone),
        finding.user or "",
        ", ".join(evidence.numbers[row] for row in dict.fromkeys(finding.evidence)),
        _reviewed(place, wanted, zone),
    )


def _reviewed(place: int, wanted: Wanted, zone: str) -> str:
    review, words = wanted.reviews.get(place), wanted.language
    if review is None:
        return ""
    when = moment_of(review.at, zone)
    told = [review.by, words.datetime(when) if isinstance(when, dt.datetime) else when, review.note]
    if not review.same_file:
        told.append(words.text("yes, for another state of the file"))
    return "\n".join(filter(None, told))


class _Rows:
    """The rows of evidence, numbered, a row each."""

    def __init__(self, evidence: Part, words: Language) -> None:
        self._words, self._title = words, evidence.title
        together = itertools.groupby(evidence.rows, lambda row: f"{row[0]} {row[1]}" if row[1] else row[0])
        self._told = {name: list(rows) for name, rows in together}
        self.numbers: Mapping[str, str] = {
            name: words.text("E{number}", number=number) for number, name in enumerate(self._told, start=1)
        }

    def part(self, zone: str) -> Part:
        words = self._words
        heads = (
            words.text("No."), words.text("Findings"), words.text("Record"), _in_zone(words, mark("Time"), zone),
            words.text("Action"), words.text("What happened"),
        )  # fmt: skip
        rows = tuple((self.numbers[name], *self._row(name, lines)) for name, lines in self._told.items())
        told = words.text("A row of the file a line, under its name its table and key. Secrets are masked.")
        return Part(self._title, heads, rows, (5, 8, 33, 12, 10, 32), (told,))

    def _row(self, name: str, lines: Sequence[Row]) -> Row:
        _, _, pointed, time, _, user, action, label, *_ = lines[0]
        changes = [told for told in map(self._field, lines) if told]
        shown = changes[:FIELDS]
        if len(changes) > FIELDS:
            count = len(changes) - FIELDS
            shown.append(self._words.plural("… and {count} more field", "… and {count} more fields", count))
        did = "\n".join(filter(None, (action, user)))
        return (pointed, "\n".join(filter(None, (_short(label or ""), name))), time, did, "\n".join(shown))

    def _field(self, row: Row) -> str:
        *_, field, line, of, before, after, _ = row
        if not field:
            return ""
        where = f" {line}" if line not in (None, "") else ""
        what = f" ({_short(of)})" if of else ""
        old, new = (_short(str(one)) if one not in (None, "") else "–" for one in (before, after))
        told = new if old == "–" else f"{old} → {new}"
        return f"{field}{where}{what}: {told}"


def _short(words: str, most: int = SIGNS) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}{_CUT}"


def _scores(scores: Part) -> Part:
    """The scores without the keys, the weights beside each other."""
    rows = tuple((_short(record), score, weights.replace("\n", "; ")) for record, score, weights, _ in scores.rows)
    return Part(scores.title, scores.heads[:-1], rows, (38, 8, 54), scores.words, True)


def _samples(findings: Findings, wanted: Wanted) -> Iterator[Part]:
    """A part for each sample, with what names an item; lots and points are in the paper for Excel."""
    words = wanted.language
    for title, sample in samples_titled(wanted):
        items = _items(sample, words)
        told = sample_told(findings, sample, words)
        names = [name for name in ("label", "date", "amount", "currency", "stratum", "why", "key") if name in items[0]]
        names = [name for name in names if name != "stratum" or any(row[name] for row in items[1])]
        heads = tuple(words.text("Record") if name == "label" else words.text(name.capitalize()) for name in names)
        rows = tuple(tuple(row[name] for name in names) for row in items[1])
        widths = tuple(26 if name in ("label", "key", "why") else 12 for name in names)
        yield Part(title, heads, rows, widths, told)


def _items(sample: Sample, words: Language) -> tuple[list[str], list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = [*sample.items.to_arrow().to_pylist(), *sample.left_out.to_arrow().to_pylist()]
    told = [{**row, "why": words.text(row["why"]) if row["why"] else ""} for row in rows]
    return list(sample.items.columns), told
