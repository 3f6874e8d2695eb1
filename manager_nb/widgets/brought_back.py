"""What a restore did, seen in the new file: each record of the plan, which can be opened there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.restore.steps import CREATE, DELETE, REVERT
from manager_nb.widgets import view
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_column, type_column
from manager_nb.widgets.record_view import RecordView

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.restore.plan import RestorePlan
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_DONE = {CREATE: mark("Came back"), REVERT: mark("Was changed back"), DELETE: mark("Was deleted")}
_COLUMNS = (
    record_column(),
    Column("done", mark("What happened"), words=_DONE),
    type_column(),
    Column("object", mark("Key of the record"), hidden=True),
)


class BroughtBack:
    """The records of a plan that was done, once its file is open in the panel.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys.
    """

    def __init__(self, panel: Panel, place: str) -> None:
        self._panel, self._place = panel, place
        self._grid = Grid(panel, f"{place}-rows", opens=self._open)
        self._record = RecordView(panel, f"{place}-record", closed=self._closed)
        self._awaited: tuple[Path, pa.Table] | None = None
        self._business: Business | None = None

    def expect(self, path: Path, plan: RestorePlan) -> None:
        """Keep what was done until the file is open.

        Args:
            path: of the new file.
            plan: what was done.
        """
        steps = sorted(plan.effective, key=lambda step: list(_DONE).index(step.action))
        rows = [
            {"object": step.shown.key, "label": step.shown.label, "type": step.shown.type, "done": step.action}
            for step in steps
        ]
        names = ("object", "label", "type", "done")
        self._awaited = path, pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names]))

    def show(self, business: Business) -> None:
        """Show it if this is the file, and drop it otherwise."""
        awaited, self._awaited = self._awaited, None
        if awaited is not None and business.source.path == awaited[0]:
            self._business = business
            self._grid.show(self._panel.text("What was brought back"), awaited[1], _COLUMNS)
            self._panel.focus = self._place

    def forget(self) -> None:
        """Show nothing; what is expected is still expected."""
        self._business = None
        self._grid.clear()
        self._record.close()

    def nodes(self) -> Node | None:
        """The records, while their file is open."""
        if self._business is None:
            return None
        text = self._panel.text
        self._grid.rename(text("What was brought back"))
        note = text("This is the new file. Click a record to see it as it is there, with its attachments.")
        return view.section(
            text("What was brought back"), self._grid.nodes(), self._record.nodes(), key=self._place, note=note
        )

    def _open(self, number: int) -> None:
        if self._business is not None:
            self._record.open(self._business, self._grid.rows["object"][number].as_py())

    def _closed(self) -> None:
        self._grid.opened = None
        self._panel.focus = self._place
