"""What an audit found, inside a panel: the verdict on the trail, the tests, the findings, the scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.audit.findings import CAVEAT
from manager_nb.audit.paper import ranks_told
from manager_nb.audit.report import trail_verdict
from manager_nb.audit.rule import GROUPS, SEVERITIES
from manager_nb.audit.trail.verdict import GRADES, RELIABLE
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.widgets import view
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_column, type_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from manager_nb.audit.findings import Examined, Findings
    from manager_nb.audit.rule import Review
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_FINDINGS = (
    Column("test", mark("Test")),
    Column("message", mark("What was found"), whole=True),
    Column("severity", mark("How much it deserves a look"), words=SEVERITIES),
    Column("user", mark("User")),
    Column("time", mark("Time")),
    Column("reviewed", mark("Reviewed")),
    record_column(hidden=True),
    type_column(hidden=True),
    Column("date", mark("Date of the document"), hidden=True),
    Column("note", mark("Note"), hidden=True),
    Column("object", mark("Key of the record"), hidden=True),
    Column("change", mark("Key of the change"), hidden=True),
)
_TESTS = (
    Column("test", mark("Test")),
    Column("findings", mark("Findings")),
    Column("tested", mark("Tested")),
    Column("population", mark("Population")),
    Column("group", mark("Group"), words=GROUPS),
)
_SCORES = (
    record_column(),
    Column("score", mark("Score")),
    Column("weights", mark("Weights")),
    type_column(hidden=True),
    Column("object", mark("Key of the record"), hidden=True),
)


class AuditResults:
    """The result of one run.

    Args:
        panel: the panel it is in.
        on_finding: called with the place of a finding in ``findings.found`` that a person opens.
        on_record: called with the key of a record that a person opens.

    Attributes:
        findings: what was found; None until then.
        grid: the list of findings.
    """

    def __init__(self, panel: Panel, *, on_finding: Callable[[int], None], on_record: Callable[[str], None]) -> None:
        self._panel, self._on_record = panel, on_record
        self.findings: Findings | None = None
        self.grid = Grid(panel, "findings", opens=on_finding, ticks=True)
        self._tests = Grid(panel, "tests", opens=self._open_test, size=50)
        self._scores = Grid(panel, "scores", opens=self._open_score, size=10)
        self._reviews: Mapping[int, Review] = {}
        self._told_in = ""
        self._test: int | None = None

    def take(self, findings: Findings, reviews: Mapping[int, Review]) -> None:
        """Show what was found.

        Args:
            findings: what was found.
            reviews: the marks of review, by the places of the findings.
        """
        self.clear()
        self.findings, self._reviews = findings, reviews
        self._tell()

    def clear(self) -> None:
        """Show nothing."""
        self.findings, self._reviews, self._told_in, self._test = None, {}, "", None
        for grid in (self.grid, self._tests, self._scores):
            grid.clear()

    def review(self, reviews: Mapping[int, Review]) -> None:
        """Take other marks of review; what is asked of the findings, and which are ticked, stays."""
        self._reviews = reviews
        self._tell()

    # ---- in words ------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """The words are those of the reader's language, so that they are searched and ordered by it."""
        findings = self.findings
        if findings is None:
            return
        self._told_in = self._panel.language
        _shown_again(self.grid, self._panel.text("Findings"), self._found_rows(findings), _FINDINGS)
        _shown_again(self._tests, self._panel.text("Tests"), self._test_rows(findings), _TESTS)
        _shown_again(self._scores, self._panel.text("Scores"), self._score_rows(findings), _SCORES)

    def _found_rows(self, findings: Findings) -> pa.Table:
        text = self._panel.text
        rows = findings.to_arrow(self._panel.words)
        reviews = [self._reviews.get(place) for place in range(len(findings))]
        about = [findings.about(finding.object) for _, finding in findings.found]
        more: dict[str, pa.Array] = {
            "test": pa.array([text(rule.title) for rule, _ in findings.found], pa.string()),
            "reviewed": pa.array([review is not None for review in reviews], pa.bool_()),
            "note": pa.array([review.note if review is not None else None for review in reviews], pa.string()),
            "date": pa.array([one.date for one in about], pa.date32()),
        }
        for name, values in more.items():
            rows = rows.append_column(name, values)
        return rows

    def _test_rows(self, findings: Findings) -> pa.Table:
        words = self._panel.words
        rows = [
            {
                "test": words.text(one.rule.title),
                "findings": len(one.tested.findings),
                "tested": one.tested.count,
                "population": one.tested.population.told(words, findings.zone),
                "group": one.rule.group,
            }
            for one in findings.examined
        ]
        text, number = pa.string(), pa.int64()
        schema = pa.schema(
            [("test", text), ("findings", number), ("tested", number), ("population", text), ("group", text)]
        )
        return pa.Table.from_pylist(rows, schema)

    def _score_rows(self, findings: Findings) -> pa.Table:
        titles = {one.rule.name: self._panel.text(one.rule.title) for one in findings.examined}
        rows = findings.scores.to_arrow()
        told = [_weights(names, titles) for names in rows["rules"].to_pylist()]
        return rows.drop_columns(["rules"]).append_column("weights", pa.array(told, pa.string()))

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self, opened: Node | None) -> Iterator[Node | None]:
        """What was found.

        Args:
            opened: the finding that is open.
        """
        if self.findings is None:
            return
        if self._told_in != self._panel.language:
            self._tell()
        text = self._panel.text
        yield self._verdict(self.findings)
        yield view.section(
            text("Findings"),
            view.paragraph(self._counts()),
            view.paragraph(text(CAVEAT), look="muted"),
            view.fold(text("How the findings are ranked"), view.paragraph(ranks_told(self._panel.words)), key="ranks"),
            self.grid.nodes() if len(self.findings) else None,
            key="findings",
        )
        yield opened
        yield view.section(
            text("Tests that were done"),
            self._tests.nodes(),
            self._test_node(self.findings),
            key="tests",
            note=text("Each with what it tested; also those that found nothing. Click one to see what it was told."),
        )
        if self._scores.rows.num_rows:
            yield view.fold(
                text("Scores: the records with the most reasons to look"),
                view.paragraph(
                    text(
                        "The score of a record is the sum of the weights of the tests that found something about it,"
                        " each test once."
                    ),
                    look="muted",
                ),
                self._scores.nodes(),
                key="scores-fold",
            )

    def _verdict(self, findings: Findings) -> Node | None:
        verdict = trail_verdict(findings)
        if verdict is None:
            return None
        panel, zone = self._panel, findings.zone
        look = "good" if verdict.grade == RELIABLE else "warning"
        told, limits = ([one.told(panel.words, zone) for one in some] for some in (verdict.reasons, verdict.limits))
        return view.section(
            panel.text("Can I rely on the trail"),
            view.notice(panel.text(GRADES[verdict.grade]), look=look),
            view.bullets(told),
            view.paragraph(panel.text("What the trail cannot show"), look="label"),
            view.bullets(limits),
            key="verdict",
        )

    def _counts(self) -> str:
        assert self.findings is not None  # noqa: S101 - only called while there are some
        panel = self._panel
        found = [finding.severity for _, finding in self.findings.found]
        idle = sum(one.idle for one in self.findings.examined)
        done = len(self.findings.examined) - idle
        tests = panel.plural("{count} test was done.", "{count} tests were done.", done)
        if idle:
            tests += " " + panel.plural(
                "{count} had nothing to test: the list of the tests says why.",
                "{count} had nothing to test: the list of the tests says why.",
                idle,
            )
        if not found:
            return f"{tests} {panel.text('None of them found anything.')}"
        counts = [
            panel.text("{severity}: {count}", severity=panel.text(title), count=panel.words.number(found.count(name)))
            for name, title in SEVERITIES.items()
            if name in found
        ]
        return f"{tests} {panel.plural('{count} finding.', '{count} findings.', len(found))} {' · '.join(counts)}"

    def _test_node(self, findings: Findings) -> Node | None:
        if self._test is None:
            return None
        one = findings.examined[self._test]
        text = self._panel.text
        return view.section(
            text(one.rule.title),
            view.paragraph(text(one.rule.why)),
            view.bullets(list(self._told(one))),
            view.row(view.button(text("Close"), self._close_test, key="test-close")),
            key="test",
            look="detail",
        )

    def _told(self, one: Examined) -> Iterator[str]:
        panel, zone = self._panel, self.findings.zone if self.findings is not None else "UTC"
        population = one.tested.population.told(panel.words, zone)
        number = panel.words.number
        yield panel.text(
            "{population}: {count} tested, {found} found.",
            population=population, count=number(one.tested.count), found=number(len(one.tested.findings)),
        )  # fmt: skip
        for parameter, value in one.parameters(panel.words):
            yield f"{panel.text(parameter.title)}: {value or panel.text('none given')}"
        yield from (note.told(panel.words, zone) for note in one.tested.notes)
        if one.rule.limits:
            yield panel.text("What it cannot see: {limits}", limits=panel.text(one.rule.limits))

    # ---- what happens --------------------------------------------------------------------------------------------

    def _open_test(self, number: int) -> None:
        self._test = number
        self._panel.focus = "test"

    def _close_test(self) -> None:
        self._test = self._tests.opened = None
        self._panel.focus = "tests"

    def _open_score(self, number: int) -> None:
        self._on_record(self._scores.rows["object"][number].as_py())


def _shown_again(grid: Grid, name: str, rows: pa.Table, columns: Sequence[Column]) -> None:
    """Show rows that are the same in other words: what is asked of them, ticks and the open row stay."""
    query, ticked, opened = grid.query, grid.ticked, grid.opened
    grid.show(name, rows, columns)
    grid.ask(query)
    grid.ticked, grid.opened = ticked, opened


def _weights(names: Sequence[str], titles: Mapping[str, str]) -> str:
    parts: list[Any] = [name.rpartition(" ") for name in names]
    return "; ".join(f"{titles.get(name, name)} {weight}" for name, _, weight in parts)
