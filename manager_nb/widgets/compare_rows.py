"""What differs, row by row: records, their fields, or the changes in between; one record in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from manager_nb.audit.compare import DIFFERING
from manager_nb.audit.fields import KINDS
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.listing.query import Filter, Query
from manager_nb.widgets import view
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.compare_glance import STATES
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import action_column, fields_column, record_column, record_name, type_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.widgets.compared import Compared
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

RECORDS, FIELDS, CHANGES = "records", "fields", "changes"

_FIELD = (
    Column("path", mark("Field"), paths=True),
    Column("line", mark("Line")),
    Column("before", mark("Earlier")),
    Column("after", mark("Later")),
    Column("kind", mark("What happened"), words=KINDS),
)
_CHANGE = (Column("time", mark("When")), Column("user", mark("Who")), action_column(), fields_column())
_COLUMNS = {
    RECORDS: (
        record_column(),
        Column("state", mark("Where it is"), words=STATES),
        type_column(),
        Column("fields", mark("Fields that differ"), paths=True),
        Column("amount_left", mark("Amount, earlier"), digits=2),
        Column("amount_right", mark("Amount, later"), digits=2),
        Column("time", mark("Last change")),
        Column("user", mark("Last changed by")),
        Column("currency", mark("Currency"), hidden=True),
        Column("changes", mark("Changes in between"), hidden=True),
        Column("key", mark("Key of the record"), hidden=True),
    ),
    FIELDS: (
        record_column(),
        *_FIELD,
        type_column(),
        Column("key", mark("Key of the record"), hidden=True),
    ),
    CHANGES: (
        record_column(),
        *_CHANGE,
        type_column(),
        Column("object", mark("Key of the record"), hidden=True),
        Column("change", mark("Key of the change"), hidden=True),
        Column("commit", mark("Key of the action"), hidden=True),
        Column("ticks", mark("Ticks (UTC)"), hidden=True),
    ),
}
_LIFE = (_CHANGE[0], *_CHANGE[1:], record_column(hidden=True))


class CompareRows:
    """The long table of a comparison, and the record or change that is open.

    Args:
        panel: the panel it is in.

    Attributes:
        grid: the table.
        unit: "records", "fields" or "changes": what a row of it is.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self.unit = RECORDS
        self.grid = Grid(panel, "rows", opens=self._open, ticks=True)
        self._fields = Grid(panel, "record-fields", size=100)
        self._life = Grid(panel, "record-changes", opens=self._open_of_record, size=10)
        self._change = ChangeView(panel, "change", closed=self._change_closed)
        self._compared: Compared | None = None
        self._record: dict[str, Any] | None = None

    def clear(self) -> None:
        """Show nothing."""
        self._compared = None
        self.grid.clear()
        self._close()

    def show(self, one: Compared) -> None:
        """Take a comparison."""
        self.clear()
        self._compared, self.unit = one, RECORDS
        self._take()

    def narrow(self, type_: str) -> None:
        """Show the records of one type only."""
        self._choose_unit(RECORDS)
        self.grid.ask(Query(filters={"type": Filter(only=type_)}, zone=self._panel.timezone))
        self._panel.focus = "differences"

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Iterable[Node | None]:
        """The table; then what is open."""
        one, text = self._compared, self._panel.text
        if one is None:
            return
        names = {
            RECORDS: text("Records that differ"),
            FIELDS: text("Fields that differ"),
            CHANGES: text("Changes in between"),
        }
        self.grid.rename(names[self.unit])
        units = {RECORDS: text("Each record"), FIELDS: text("Each field"), CHANGES: text("Each change in between")}
        yield view.choice(text("What a row is"), units, self.unit, self._choose_unit, key="unit")
        if self.unit == CHANGES:
            yield view.paragraph(self._whence_changes(one), look="muted")
        yield self._untold(one) if self.unit == RECORDS else None
        if self.grid.query.narrows:
            yield view.row(view.button(text("Show all"), self._show_all, key="show-all"))
        yield self.grid.nodes()
        yield self._opened()
        yield self._change.nodes()

    def _whence_changes(self, one: Compared) -> str:
        if not len(one.right.history):
            return self._panel.text("The later side has no History: it cannot say who changed what.")
        return self._panel.text(
            "What History of the later side tells of the time between. What was made and deleted again in between is"
            " among it."
        )

    def _untold(self, one: Compared) -> Node | None:
        """Records that differ and of which History tells nothing."""
        if not one.records.num_rows:
            return None
        if not len(one.right.history):
            words = self._panel.text("The later side has no History: it cannot say who changed what.")
            return view.notice(words)
        count = one.records["changes"].to_pylist().count(0)
        if not count or not one.related or one.swapped or (one.extension is not None and one.extension.reason is None):
            return None  # the check of History has told it
        words = self._panel.plural(
            "Of {count} record that differs, History of the later side tells no change in between. An undone action, a"
            " newer Manager that rewrote it, or a change outside Manager can be the cause: ask.",
            "Of {count} records that differ, History of the later side tells no change in between. Undone actions, a"
            " newer Manager that rewrote them, or changes outside Manager can be the cause: ask.",
            count,
        )
        button = view.button(self._panel.text("Show them"), self._show_untold, key="untold", look="quiet")
        return view.group(
            view.notice(words, look="warning", title=self._panel.text("Not in History:")), view.row(button)
        )

    def _opened(self) -> Node | None:
        record, text, one = self._record, self._panel.text, self._compared
        if record is None or one is None:
            return None
        self._fields.rename(text("Fields, earlier and later"))
        self._life.rename(text("Who changed it in between"))
        name = record_name(self._panel.words, record["label"], record["type"])
        return view.section(
            text("{record}, earlier and later", record=name),
            view.paragraph(text(STATES[record["state"]]), look="strong"),
            self._fields.nodes() if self._fields.rows.num_rows else view.paragraph(self._no_field(record)),
            view.paragraph(text("Who changed it in between"), look="label"),
            self._life.nodes() if self._life.rows.num_rows else view.paragraph(self._nobody(one)),
            view.row(view.button(text("Close"), self._close_record, key="record-close")),
            key="record",
            look="detail",
        )

    def _no_field(self, record: dict[str, Any]) -> str:
        if record["state"] == DIFFERING:
            return self._panel.text("Only how a value is written differs, as 1.0 for 1; every field tells the same.")
        return self._panel.text("It has no field that is filled in.")

    def _nobody(self, one: Compared) -> str:
        if not len(one.right.history):
            return self._panel.text("The later side has no History: it cannot say who changed what.")
        return self._panel.text("History of the later side tells of no change of it in between.")

    # ---- what happens --------------------------------------------------------------------------------------------

    def _take(self) -> None:
        one = self._compared
        if one is None:
            return
        rows = {RECORDS: one.records, FIELDS: None, CHANGES: one.between}[self.unit]
        self.grid.show("", one.comparison.changes.to_arrow() if rows is None else rows, _COLUMNS[self.unit])

    def _choose_unit(self, unit: str) -> None:
        self._close()
        self.unit = unit
        self._take()

    def _show_all(self) -> None:
        self.grid.ask(Query(zone=self._panel.timezone))
        self._panel.focus = "differences"

    def _show_untold(self) -> None:
        self.grid.ask(Query(filters={"changes": Filter(most="0")}, zone=self._panel.timezone))
        self._panel.focus = "differences"

    def _open(self, number: int) -> None:
        self._close()
        row = self.grid.rows.slice(number, 1).to_pylist()[0]
        self.grid.opened = number
        if self.unit == CHANGES:
            self._open_change(row["change"])
        else:
            self._open_record(row["key"])

    def _open_record(self, key: str) -> None:
        one = self._compared
        if one is None:
            return
        (self._record,) = one.records.filter(pc.equal(one.records["key"], key)).to_pylist()
        fields = one.comparison.changes.to_arrow()
        self._fields.show("", fields.filter(pc.equal(fields["key"], key)), _FIELD)
        mine = pc.equal(pc.utf8_lower(one.between["object"]), key.lower())
        self._life.show("", one.between.filter(mine), _LIFE)
        self._panel.focus = "record"

    def _open_of_record(self, number: int) -> None:
        self._life.opened = number
        self._open_change(self._life.rows["change"][number].as_py())

    def _open_change(self, change: str) -> None:
        one = self._compared
        if one is None:
            return
        (row,) = one.right.history_rows([change]).to_arrow().to_pylist()
        mates = pc.sum(pc.equal(one.between["commit"], row["commit"])).as_py() if row["commit"] else 1
        self._change.open(one.right, row, mates=mates or 1)

    def _change_closed(self) -> None:
        self._life.opened = None
        if self._record is None:
            self.grid.opened = None
        self._panel.focus = "differences" if self._record is None else "record"

    def _close_record(self) -> None:
        self._close()
        self._panel.focus = "differences"

    def _close(self) -> None:
        self._record, self.grid.opened = None, None
        self._fields.clear()
        self._life.clear()
        self._change.close()
