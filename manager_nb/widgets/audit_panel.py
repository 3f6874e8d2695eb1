"""The audit by clicking: choose tests, see what they found and what that rests on, note it, write the working paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Any

from manager_nb.audit.examine import audit
from manager_nb.audit.reviews import Reviews
from manager_nb.audit.side_by_side import require_related
from manager_nb.backup.manifest import require_no_manifest
from manager_nb.backup.names import undated
from manager_nb.errors import ManagerNbError, SelectionError
from manager_nb.model.tables import Table
from manager_nb.timeline.business import Business, open_business
from manager_nb.widgets import view
from manager_nb.widgets.audit_choice import AuditChoice
from manager_nb.widgets.audit_results import AuditResults
from manager_nb.widgets.files import FileChooser
from manager_nb.widgets.finding_view import FindingView
from manager_nb.widgets.open_panel import OpenPanel
from manager_nb.widgets.paper_view import PaperView
from manager_nb.widgets.record_view import RecordView
from manager_nb.widgets.restore_panel import RestorePanel
from manager_nb.widgets.sample_view import SampleView

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any as Whatever

    import pandas as pd

    from manager_nb.audit.findings import Findings
    from manager_nb.audit.rule import Review
    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node

SUFFIX = ".reviews.json"
"""What the file with the marks of review is called, behind the name of the business."""


class AuditPanel(OpenPanel):
    """Tests a business; arguments as for :class:`BusinessPanel`.

    Attributes:
        findings: what was found, a `Findings`; None until the tests were run.
        choice: which tests are chosen and what they are told: ``panel.choice.choose("trail")``.
        sample: draws a sample: ``panel.sample.sample``.
        paper: writes the working paper: ``panel.paper.done``.
    """

    findings = Any(None)

    def __init__(
        self,
        source: Path | str | AnyBusiness | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self._earlier: Business | None = None
        self._reviews: Reviews | None = None
        self._marks: dict[int, Review] = {}
        self._restore: RestorePanel | None = None
        self.choice = AuditChoice(self, self._choice_changed)
        self._results = AuditResults(self, on_finding=self.open_finding, on_record=self._open_record)
        self._finding = FindingView(
            self, "finding", on_mark=self._mark, on_restore=self._bring_back, closed=self._finding_closed
        )
        self._record = RecordView(self, "record", closed=self._record_closed)
        self.sample = SampleView(self, self._open_record)
        self.paper = PaperView(self, self._read_reviews)
        self._earlier_files = FileChooser(self, "earlier", self.take_earlier, self._beside)
        super().__init__(source, language=language, timezone=timezone)

    # ---- from code -----------------------------------------------------------------------------------------------

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked findings, as a pandas frame with Arrow types."""
        return Table.of("Findings", self._results.grid.selected).to_pandas()

    def take_earlier(self, path: Path | str | None) -> None:
        """Take an earlier backup to compare with; None takes none. The panel's long work."""
        wanted, current = None if path is None else Path(path), self.current

        def work(progress: Progress) -> Business | None:
            if wanted is None:
                return None
            require_no_manifest(wanted)
            earlier = open_business(wanted, progress=progress)
            if current is not None:
                try:
                    require_related(current, earlier)
                except ManagerNbError:
                    earlier.close()
                    raise
            return earlier

        def show(earlier: Business | None) -> None:
            self._drop_earlier()
            self._earlier = earlier
            self.focus = "earlier-open"

        with self.change("earlier"):
            self._drop_result()
            self.run("Opening the earlier backup", work, show, place="earlier")

    def test(self) -> None:
        """Run the chosen tests; the panel's long work."""
        business, earlier, zone = self.current, self._earlier, self.timezone
        rules, values = self.choice.rules, self.choice.values
        if business is None:
            return

        def work(progress: Progress) -> Findings:
            if not rules:
                raise SelectionError("No test is chosen.", hint="Tick at least one test.")
            return audit(
                business,
                earlier=earlier,
                rules=rules,
                zone=zone,
                weights={name: weight for name, weight in self.choice.weights.items() if name in rules},
                progress=progress,
                **values,
            )

        def show(findings: Findings) -> None:
            self.findings = findings
            self._read_reviews()
            self._results.take(findings, self._marks)
            self.paper.suggest(findings.business)
            self.focus = "findings"

        with self.change("run"):
            self._drop_result()
            self.run("Testing", work, show, place="run")

    def open_finding(self, number: int) -> None:
        """Show a finding by its place in ``panel.findings.found``."""
        if self.current is not None and self.findings is not None:
            self._restore = None
            self._record.close()
            self._finding.open(self.findings, number, self.current, self._earlier, self._marks.get(number))

    def export(self, kind: str) -> None:
        """Write the working paper; the panel's long work.

        Args:
            kind: "xlsx" or "html".
        """
        if self.findings is not None:
            self.paper.write(kind, self.findings, self._marks, self.sample.sample, by=self._finding.by)

    # ---- the business --------------------------------------------------------------------------------------------

    def show(self, seen: Whatever) -> None:
        """Take the business that was opened."""
        super().show(seen)
        if self.current is not None:
            self.sample.take(self.current)

    def forget(self) -> None:
        """Drop what was found in the business before."""
        super().forget()
        self._drop_result()
        self._drop_earlier()
        self.sample.clear()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Audit")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "See whether the History can be relied on, what happened after closing, and what deserves a look. Every"
            " finding opens what it rests on. Your file is only read."
        )

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.findings is not None and not self.busy:
            return self.plural("{count} finding.", "{count} findings.", len(self.findings))
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business, the tests, what they found, the sample, the paper."""
        yield self.business(self.text("1. The business"), types=False)
        if self.current is None:
            return
        yield self._compared()
        yield self._tests()
        if self.findings is None:
            return
        yield from self._results.nodes(self._opened())
        yield self.sample.nodes()
        yield self.paper.nodes(self.export)

    def _compared(self) -> Node:
        text, earlier = self.text, self._earlier
        opener = self._earlier_files.opener(
            text("Choose an earlier backup") if earlier is None else text("Choose another backup")
        )
        drop = view.button(
            text("Without an earlier backup"),
            lambda: self.take_earlier(None),
            key="earlier-drop",
            look="quiet",
            disabled=self.busy,
        )
        return view.section(
            text("2. An earlier backup, if you have one"),
            view.paragraph(earlier.name, look="name") if earlier is not None else None,
            view.row(opener, drop if earlier is not None else None),
            self._earlier_files.browser(),
            None if self._earlier_files.opened else self.trouble("earlier"),
            self.under_way("earlier"),
            key="earlier",
            note=text(
                "Rows that were there and are gone or altered since are the strongest sign that somebody changed the"
                " file itself."
            ),
        )

    def _tests(self) -> Node:
        text = self.text
        chosen = len(self.choice.rules)
        told = self.plural("{count} test is chosen.", "{count} tests are chosen.", chosen)
        hours = text("Hours and days are those of {zone}.", zone=self.zone)
        return view.section(
            text("3. The tests"),
            *self.choice.nodes(),
            view.group(
                self.trouble("run"),
                self.under_way("run")
                or view.button(
                    text("Run the tests"),
                    self.test,
                    key="run",
                    look="primary" if self.findings is None else "",
                    disabled=self.busy or not chosen,
                    focus=True,
                ),
                view.paragraph(f"{told} {hours}", look="muted"),
                look="action",
            ),
            key="choice",
        )

    def _opened(self) -> Node:
        number = self._finding.opened
        return view.group(
            self._finding.nodes(self._marks.get(number) if number is not None else None),
            self._marks_words(),
            view.section(self.text("Bring it back"), view.embed(self._restore.widget), key="bring-back")
            if self._restore is not None
            else None,
            self._record.nodes(),
        )

    def _marks_words(self) -> Node | None:
        trouble = self.trouble("reviews")
        if self._reviews is None or self._finding.opened is None:
            return trouble
        where = self.copyable(self.text("Where the marks are kept"), str(self._reviews.path), key="reviews-path")
        return view.group(trouble, view.fold(self.text("Where the marks are kept"), where, key="reviews-where"))

    # ---- what happens --------------------------------------------------------------------------------------------

    def _choice_changed(self) -> None:
        with self.change("run"):
            self.clear("run")

    def _drop_result(self) -> None:
        self.findings, self._reviews, self._marks, self._restore = None, None, {}, None
        self._results.clear()
        self._finding.close()
        self._record.close()

    def _drop_earlier(self) -> None:
        if self._earlier is not None:
            self._earlier.close()
        self._earlier = None

    def _read_reviews(self) -> None:
        """Take the marks of review of the folder that papers go to."""
        with self.change("reviews"):
            if self.findings is None:
                return
            self._reviews, self._marks = None, {}
            try:
                self._reviews = Reviews(
                    self.paper.folder / f"{self.paper.stem(undated(self.findings.business))}{SUFFIX}"
                )
                self._marks = self._reviews.of(self.findings)
            finally:
                if self._results.findings is not None:
                    self._results.review(self._marks)

    def _mark(self, reviewed: bool, by: str, note: str) -> None:
        with self.change("finding"):
            self.clear("finding")
            number = self._finding.opened
            if self._reviews is None or self.findings is None or number is None:
                return
            if reviewed:
                self._reviews.mark(self.findings, number, by=by, note=note)
            else:
                self._reviews.unmark(self.findings, number)
            self._marks = self._reviews.of(self.findings)
            self._results.review(self._marks)
            self.focus = "finding-review"

    def _beside(self) -> Path:
        """Where the earlier backup may be: beside the business."""
        return self.current.source.path.parent if self.current is not None else Path.home()

    def _bring_back(self, key: str) -> None:
        """Begin to bring a deleted record back, in a panel of its own below."""
        if self.current is not None:
            own = {"language": self.language, "timezone": self.timezone}
            self._restore = RestorePanel(self.current, deleted=(key,), **own)
            self.focus = "bring-back"

    def _open_record(self, key: str) -> None:
        if self.current is not None:
            self._finding.close()
            self._results.grid.opened = None
            self._record.open(self.current, key)

    def _finding_closed(self) -> None:
        self._results.grid.opened = self._restore = None
        self.focus = "findings"

    def _record_closed(self) -> None:
        self.focus = "findings"
