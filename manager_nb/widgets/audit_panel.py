"""The audit by clicking: choose tests, see what they found and what that rests on, note it, write the working paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Any

from manager_nb.audit.examine import audit
from manager_nb.errors import SelectionError
from manager_nb.model.tables import Table
from manager_nb.widgets import view
from manager_nb.widgets.audit_choice import AuditChoice
from manager_nb.widgets.audit_earlier import AuditEarlier
from manager_nb.widgets.audit_marks import AuditMarks
from manager_nb.widgets.audit_results import AuditResults
from manager_nb.widgets.finding_view import FindingView
from manager_nb.widgets.open_panel import OpenPanel
from manager_nb.widgets.paper_view import PaperView
from manager_nb.widgets.preferences import preferences
from manager_nb.widgets.record_view import RecordView
from manager_nb.widgets.restore_panel import RestorePanel
from manager_nb.widgets.sample_view import SampleView

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any as Whatever

    import pandas as pd

    from manager_nb.audit.findings import Findings
    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node


class AuditPanel(OpenPanel):
    """Tests a business; arguments as for :class:`BusinessPanel`.

    Attributes:
        findings: what was found, a `Findings`; None until the tests were run.
        choice: which tests are chosen and what they are told: ``panel.choice.choose("trail")``.
        sample: draws samples: ``panel.sample.sample`` is the last one, ``panel.sample.samples`` are all.
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
        self._restore: RestorePanel | None = None
        self.choice = AuditChoice(self, self._choice_changed)
        self._results = AuditResults(self, on_finding=self.open_finding, on_record=self._open_record)
        self._finding = FindingView(
            self, "finding", on_mark=self._mark, on_restore=self._bring_back, closed=self._finding_closed
        )
        self._record = RecordView(self, "record", closed=self._record_closed)
        self.sample = SampleView(self, self._open_record)
        self.paper = PaperView(self, self._read_marks)
        self._marks = AuditMarks(self, self.paper)
        self._earlier = AuditEarlier(self, lambda: self.current, self._earlier_taken)
        self._asked: Whatever = None
        self._unfinished = False
        super().__init__(source, language=language, timezone=timezone)

    # ---- from code -----------------------------------------------------------------------------------------------

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked findings, as a pandas frame with Arrow types."""
        return Table.of("Findings", self._results.grid.selected).to_pandas()

    def take_earlier(self, path: Path | str | None) -> None:
        """Take an earlier backup to compare with; None takes none. The panel's long work."""
        self._earlier.take(path)

    def test(self) -> None:
        """Run the chosen tests; the panel's long work. What was found before stays until it is done."""
        business, earlier, zone = self.current, self._earlier.business, self.timezone
        if business is None or not self.choice.fits():
            return
        rules, values, weights, asked = self.choice.rules, self.choice.values, self.choice.weights, self._asks()

        def work(progress: Progress) -> Findings:
            if not rules:
                raise SelectionError("No test is chosen.", hint="Tick at least one test.")
            return audit(
                business,
                earlier=earlier,
                rules=rules,
                zone=zone,
                weights=weights,
                progress=progress,
                **values,
            )

        def show(findings: Findings) -> None:
            self._drop_result()
            self.findings, self._asked = findings, asked
            self._read_marks()
            self._results.take(findings, self._marks.of)
            self.paper.suggest(findings.business)
            self.focus = "findings"

        self._unfinished = True
        self.run("Testing", work, show, place="run")

    def open_finding(self, number: int) -> None:
        """Show a finding by its place in ``panel.findings.found``."""
        if self.current is not None and self.findings is not None:
            self._restore = None
            self._record.close()
            self._finding.open(self.findings, number, self.current, self._earlier.business, self._marks.of.get(number))

    def export(self, kind: str) -> None:
        """Write the working paper; the panel's long work.

        Args:
            kind: "xlsx" or "html".
        """
        if self.findings is not None:
            self.paper.write(kind, self.findings, self._marks.of, self.sample.samples, by=self._finding.by)

    # ---- the business --------------------------------------------------------------------------------------------

    def open(self, source: Path | str | AnyBusiness) -> None:
        """Take a business, with the tests and settings that were chosen for it last."""
        with self.change("source"):
            super().open(source)
            self.choice.recall(self._kept_choice())

    def show(self, seen: Whatever) -> None:
        """Take the business that was opened, and the earlier backup that was taken with it last."""
        super().show(seen)
        if self.current is not None:
            self.sample.take(self.current)
            earlier = self._kept_choice().get("earlier")
            self._earlier.recall(earlier if isinstance(earlier, str) else "")

    def forget(self) -> None:
        """Drop what was found in the business before."""
        super().forget()
        self._drop_result()
        self._earlier.drop()
        self.sample.clear()

    def close(self) -> None:
        """Let go of everything, the earlier backup too."""
        super().close()
        self._earlier.drop()

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
        yield self._earlier.nodes()
        yield self._tests()
        if self.findings is None:
            return
        yield self._of_before()
        yield from self._results.nodes(self._opened())
        yield self.sample.nodes()
        yield self.paper.nodes(self.export)

    def _of_before(self) -> Node | None:
        """Says that what stands below is of an earlier run, where the screen above asks for another one."""
        told = []
        if self._unfinished:
            told.append(self.text("No run was finished since."))
        if self._asks() != self._asked:
            told.append(self.text("Other tests, settings or another time zone are chosen now: run the tests again."))
        if not told:
            return None
        return view.notice(" ".join(told), look="warning", title=self.text("What follows is of an earlier run."))

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
                self.choice.refusal(),
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
            self._finding.nodes(self._marks.of.get(number) if number is not None else None),
            self._marks.nodes(number is not None),
            view.section(self.text("Bring it back"), view.embed(self._restore.widget), key="bring-back")
            if self._restore is not None
            else None,
            self._record.nodes(),
        )

    # ---- what happens --------------------------------------------------------------------------------------------

    def _asks(self) -> Whatever:
        """All that a run depends on, as it is chosen now."""
        return self.choice.asked, self._earlier.path, self.timezone

    def _kept_choice(self) -> dict[str, Whatever]:
        return preferences().audit_of(self.source) if isinstance(self.source, Path) else {}

    def _keep_choice(self) -> None:
        """Keep what is chosen for the next time that this file is audited."""
        if isinstance(self.source, Path):
            earlier = self._earlier.path or self._earlier.missing
            chosen = {**self.choice.kept, **({"earlier": earlier} if earlier else {})}
            if chosen != self._kept_choice():
                preferences().remember_audit(self.source, chosen)

    def _choice_changed(self) -> None:
        with self.change("run"):
            self.clear("run")
            self._keep_choice()

    def _earlier_taken(self) -> None:
        """What rests on the one before cannot be opened any more."""
        self._drop_result()
        self._keep_choice()

    def _drop_result(self) -> None:
        self.findings = self._asked = self._restore = None
        self._unfinished = False
        self._marks.clear()
        self._results.clear()
        self._finding.close()
        self._record.close()

    def _read_marks(self) -> None:
        if self.findings is not None:
            self._marks.read(self.findings)
            if self._results.findings is not None:
                self._results.review(self._marks.of)

    def _mark(self, reviewed: bool, by: str, note: str) -> None:
        with self.change("finding"):
            self.clear("finding")
            number = self._finding.opened
            if self.findings is None or number is None:
                return
            self._marks.mark(self.findings, number, reviewed, by, note)
            self._results.review(self._marks.of)
            self.focus = "finding-review"

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
