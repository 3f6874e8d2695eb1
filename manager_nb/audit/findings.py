"""What an audit found: a table of findings, the populations that they came from, and a score for each record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.audit.rule import GROUPS, SEVERITIES, Finding, Review, Rule, Tested
from manager_nb.i18n import Language, mark
from manager_nb.model.said import ENGLISH, Said, said
from manager_nb.model.tables import Table
from manager_nb.model.times import TIME, times
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from manager_nb.audit.parameters import Parameter
    from manager_nb.audit.sampling import Sample

FINDINGS = pa.schema(
    [
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("object", pa.string()),
        ("change", pa.string()),
        ("time", TIME),
        ("user", pa.string()),
        ("message", pa.string()),
        ("evidence", pa.list_(pa.string())),
        ("type", pa.string()),
        ("label", pa.string()),
    ]
)
"""The columns of :meth:`Findings.to_arrow`."""

POPULATION = pa.schema(
    [
        ("rule", pa.string()),
        ("group", pa.string()),
        ("population", pa.string()),
        ("tested", pa.int64()),
        ("findings", pa.int64()),
        ("parameters", pa.string()),
        ("notes", pa.string()),
    ]
)
"""The columns of :attr:`Findings.population`."""

SCORES = pa.schema(
    [
        ("object", pa.string()),
        ("type", pa.string()),
        ("label", pa.string()),
        ("score", pa.int64()),
        ("rules", pa.list_(pa.string())),
    ]
)
"""The columns of :attr:`Findings.scores`."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One test as it was done.

    Attributes:
        rule: the test.
        chosen: the values of its parameters, by name.
        tested: what it gave.
    """

    rule: Rule
    chosen: Mapping[str, Any]
    tested: Tested

    @property
    def idle(self) -> bool:
        """Whether there was nothing to test; its notes say why. That is no result of a test."""
        return not self.tested.count and not self.tested.findings

    def parameters(self, language: Language = ENGLISH) -> Iterator[tuple[Parameter, str]]:
        """Each parameter with the value that was used, in words; "" where there was none."""
        for one in self.rule.parameters:
            used = (self.tested.used or {}).get(one.name, self.chosen[one.name])
            yield one, one.told(used, language)


@dataclass(frozen=True, slots=True)
class About:
    """What a finding is about, in words.

    Attributes:
        type: name of the record's type.
        label: what Manager's History calls it.
        date: the document's own date.
    """

    type: str | None = None
    label: str | None = None
    date: dt.date | None = None


Writer = Callable[..., Path]
"""Writes the working paper: :class:`manager_nb.audit.report.Writer`, which knows the rows of the file."""


class Findings:
    """What an audit found.

    Attributes:
        examined: each test that was done, in the order of the catalogue.
        zone: the time zone in which hours and days were taken (IANA name).
        business: name of the business.
        sources: the files that were looked at: path, SHA-256 and size of the business, and of the earlier backup.
        weights: what a finding of each rule adds to a record's score, by the rule's name.
    """

    def __init__(
        self,
        examined: Iterable[Examined],
        about: Mapping[str, About],
        *,
        zone: str,
        business: str,
        sources: tuple[Mapping[str, Any], ...],
        weights: Mapping[str, int],
        writer: Writer,
    ) -> None:
        self.examined = tuple(examined)
        self.zone, self.business, self.sources, self.weights = zone, business, sources, dict(weights)
        self._about, self._writer = about, writer
        order = list(SEVERITIES)
        found = [(one.rule, finding) for one in self.examined for finding in one.tested.findings]
        places = {rule.name: place for place, rule in enumerate(one.rule for one in self.examined)}
        found.sort(
            key=lambda pair: (order.index(pair[1].severity), places[pair[0].name], pair[1].ticks or 0, _key(pair[1]))
        )
        self.found: tuple[tuple[Rule, Finding], ...] = tuple(found)

    def __len__(self) -> int:
        return len(self.found)

    def __repr__(self) -> str:
        return f"<Findings: {len(self)} of {len(self.examined)} tests on {self.business}>"

    def about(self, key: str | None) -> About:
        """The record that a finding is about, in words."""
        return self._about.get(key or "", About())

    def to_arrow(self, language: Language = ENGLISH) -> pa.Table:
        """The findings, those that deserve a look first first.

        Columns: ``rule``, ``severity`` ("high", "medium", "low", "note"), ``object`` and ``change`` (keys; null where
        it is about none), ``time`` (timestamp, UTC, of the change), ``user``, ``message`` (a sentence, moments in
        `zone`), ``evidence`` (list of rows, each table and key), ``type`` and ``label`` (of the record).

        Args:
            language: of the messages.
        """
        findings = [finding for _, finding in self.found]
        described = [self.about(finding.object) for finding in findings]
        columns: list[Any] = [
            [rule.name for rule, _ in self.found],
            [one.severity for one in findings],
            [one.object for one in findings],
            [one.change for one in findings],
            times(pa.array([one.ticks for one in findings], pa.int64())),
            [one.user for one in findings],
            [one.message.told(language, self.zone) for one in findings],
            [list(one.evidence) for one in findings],
            [one.type for one in described],
            [one.label for one in described],
        ]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, FINDINGS, strict=True)]
        return pa.Table.from_arrays(arrays, schema=FINDINGS)

    def to_pandas(self) -> pd.DataFrame:
        """The findings as a frame of Arrow types; columns as in :meth:`to_arrow`."""
        return self.table.to_pandas()

    @property
    def table(self) -> Table:
        """The findings as a table; columns as in :meth:`to_arrow`."""
        return Table.of("Findings", self.to_arrow())

    @property
    def population(self) -> Table:
        """What each test looked at, a row a test.

        Columns: ``rule``, ``group``, ``population`` (what was tested), ``tested`` and ``findings`` (numbers),
        ``parameters`` (each with its value), ``notes`` (what could not be tested and why; what the test cannot see).
        """
        rows = [
            {
                "rule": one.rule.name,
                "group": one.rule.group,
                "population": one.tested.population.told(zone=self.zone),
                "tested": one.tested.count,
                "findings": len(one.tested.findings),
                "parameters": "; ".join(f"{parameter.name} = {value}" for parameter, value in one.parameters()),
                "notes": " ".join(
                    [*(note.told(zone=self.zone) for note in one.tested.notes), one.rule.limits or ""]
                ).strip(),
            }
            for one in self.examined
        ]
        return Table.of("Population", pa.Table.from_pylist(rows, POPULATION))

    @property
    def scores(self) -> Table:
        """How many and how heavy the reasons to look at each record are, the highest score first.

        Columns: ``object``, ``type``, ``label``, ``score`` (the sum of the weights of the rules that found something,
        each rule once), ``rules`` (each with its weight: "round sums 1"). Findings about no record have no score.
        """
        by_object: dict[str, dict[str, int]] = {}
        for rule, finding in self.found:
            for key in finding.objects:
                by_object.setdefault(key, {})[rule.name] = self.weights[rule.name]
        order = sorted(by_object, key=lambda key: (-sum(by_object[key].values()), key))
        rows = [
            {
                "object": key,
                "type": self.about(key).type,
                "label": self.about(key).label,
                "score": sum(by_object[key].values()),
                "rules": [f"{name} {weight}" for name, weight in by_object[key].items()],
            }
            for key in order
        ]
        return Table.of("Scores", pa.Table.from_pylist(rows, SCORES))

    def describe(self, language: Language = ENGLISH) -> str:
        """The result in words: each test with its population, what it found, and what it could not tell.

        Args:
            language: of the words.
        """
        return "\n".join(self._described(language))

    def export(
        self,
        path: Path | str,
        *,
        language: str = "en",
        prepared_by: str = "",
        prepared_on: dt.date | None = None,
        reviews: Mapping[int, Review] | None = None,
        sample: Sample | Iterable[Sample] | None = None,
        progress: Progress = SILENT,
    ) -> Path:
        """Write a working paper: sources, tests, findings, the rows they rest on, how to repeat it.

        The business, and the earlier backup, must still be open: their rows are the evidence. The same inputs give the
        same bytes.

        Args:
            path: a new file, whose name ends in ``.xlsx`` (Excel) or ``.html`` (a page to print).
            language: "en" or "hi"; names stay as they are in the file.
            prepared_by: who made it.
            prepared_on: when; None writes no day.
            reviews: marks of review, as :meth:`manager_nb.audit.reviews.Reviews.of` gives them.
            sample: a sample that was drawn, or several, to be told as well.
            progress: told of the rows; heeded.

        Returns:
            The new file.

        Raises:
            BusinessNameError: the name has another ending.
            TargetExistsError: there is a file of that name.
            TargetError: it cannot be written there.
            SourceError: the business was closed meanwhile.
            CancelledError: the user cancelled; nothing stays.
        """
        return self._writer(
            self,
            path,
            language=language,
            prepared_by=prepared_by,
            prepared_on=prepared_on,
            reviews=reviews,
            sample=sample,
            progress=progress,
        )

    def _described(self, language: Language) -> Iterator[str]:
        yield language.text("Audit of {business}", business=self.business)
        for group, title in GROUPS.items():
            done = [one for one in self.examined if one.rule.group == group]
            if done:
                yield f"\n{language.text(title)}"
            for one in done:
                facts: Said = said(
                    "{title}: {findings} findings in {tested} tested. {population}.",
                    title=language.text(one.rule.title),
                    findings=len(one.tested.findings),
                    tested=one.tested.count,
                    population=one.tested.population,
                )
                yield f"  {facts.told(language, self.zone)}"
                yield from (f"    {note.told(language, self.zone)}" for note in one.tested.notes)
        yield f"\n{language.text(CAVEAT)}"


CAVEAT = mark(
    "A finding is a reason to look, not a verdict. A test that found nothing says only that nothing of that kind was"
    " found in what was tested."
)
"""What stands under every result."""


def _key(finding: Finding) -> tuple[str, str]:
    return finding.object or "", finding.change or ""
