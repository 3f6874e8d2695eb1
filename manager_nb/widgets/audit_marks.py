"""The marks of review inside the audit: read from the file beside the papers, written to it, and where that lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.audit.reviews import Reviews
from manager_nb.backup.names import undated
from manager_nb.widgets import view

if TYPE_CHECKING:
    from manager_nb.audit.findings import Findings
    from manager_nb.audit.rule import Review
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.paper_view import PaperView
    from manager_nb.widgets.view import Node

SUFFIX = ".reviews.json"
"""What the file with the marks of review is called, behind the name of the business."""

_PLACE = "reviews"


class AuditMarks:
    """The marks on what was found.

    Args:
        panel: the panel it is in.
        paper: knows the folder.

    Attributes:
        of: the marks, by the places of the findings.
    """

    def __init__(self, panel: Panel, paper: PaperView) -> None:
        self._panel, self._paper = panel, paper
        self._reviews: Reviews | None = None
        self.of: dict[int, Review] = {}

    def clear(self) -> None:
        """Know none."""
        self._reviews, self.of = None, {}

    def read(self, findings: Findings) -> None:
        """Take the marks of the folder that papers go to."""
        with self._panel.change(_PLACE):
            self.clear()
            stem = self._paper.stem(undated(findings.business))
            self._reviews = Reviews(self._paper.folder / f"{stem}{SUFFIX}")
            self.of = self._reviews.of(findings)

    def mark(self, findings: Findings, number: int, reviewed: bool, by: str, note: str) -> None:
        """Mark a finding, or take its mark away.

        Raises:
            TargetError: the file cannot be written.
        """
        if self._reviews is None:
            return
        if reviewed:
            self._reviews.mark(findings, number, by=by, note=note)
        else:
            self._reviews.unmark(findings, number)
        self.of = self._reviews.of(findings)

    def nodes(self, opened: bool) -> Node | None:
        """Where they are kept, while a finding is open; what is wrong with them always."""
        trouble = self._panel.trouble(_PLACE)
        if self._reviews is None or not opened:
            return trouble
        title = self._panel.text("Where the marks are kept")
        where = self._panel.copyable(title, str(self._reviews.path), key=f"{_PLACE}-path")
        return view.group(trouble, view.fold(title, where, key=f"{_PLACE}-where"))
