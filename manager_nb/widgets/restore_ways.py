"""From where records come back, chosen by clicking: what was deleted, what somebody did, a moment, another backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.search import commits_of, deleted_records
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model.tables import Table
from manager_nb.restore.selection import Selection
from manager_nb.widgets import view
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import ACTION_COLUMNS, action_column, fields_column, record_column, type_column
from manager_nb.widgets.restore_past import PastChoice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

DELETED, UNDO, MOMENT, BACKUP = "deleted", "undo", "moment", "backup"

_DELETED_COLUMNS = (
    record_column(),
    Column("time", mark("Deleted")),
    Column("user", mark("Deleted by")),
    type_column(),
    Column("amount", mark("Amount"), digits=2),
    Column("date", mark("Date"), hidden=True),
    Column("object", mark("Key of the record"), hidden=True),
)
_CHANGE_COLUMNS = (record_column(), action_column(), type_column(), fields_column())
_HISTORY = ("change", "commit", "time", "ticks", "user", "action", "type", "object", "label", "fields_changed")
"""What the lists need of History; amounts take their time, and are read of a change that is opened."""
_ACTION = ("commit", "ticks", "user")
"""What tells actions of History apart."""


class RestoreWays:
    """The choice of records and of the past that they come from.

    Args:
        panel: the panel it is in.
        changed: called when what is chosen has changed.

    Attributes:
        way: which of the four ways.
    """

    def __init__(self, panel: Panel, changed: Callable[[], None]) -> None:
        self._panel, self._changed = panel, changed
        self.way = DELETED
        self._current: Business | None = None
        self._history = pa.table({})
        self._deleted = Grid(panel, "deleted", opens=self._open_deleted, ticks=True, changed=changed, size=10)
        self._actions = Grid(panel, "actions", opens=self._open_action, ticks=True, changed=changed, size=10)
        self._mates = Grid(panel, "mates", opens=self._open_mate)
        self._change = ChangeView(panel, "change", closed=self._close_change)
        self._past = PastChoice(panel, changed)

    # ---- the business --------------------------------------------------------------------------------------------

    def read(self, business: Business, progress: Progress) -> Any:
        """What the lists hold; runs in the thread of the work."""
        history = business.history.to_arrow(_HISTORY, progress=progress)
        actions = commits_of(Table.of("History", history), progress).to_arrow()
        return history, deleted_records(business, progress).to_arrow(), actions

    def show(self, business: Business, seen: Any) -> None:
        """Take a business with what :meth:`read` gave."""
        self.forget()
        self._current = business
        self._history, deleted, actions = seen
        self._deleted.show("", deleted, _DELETED_COLUMNS)
        self._actions.show("", actions, ACTION_COLUMNS)
        self._past.show(business, actions)

    def forget(self) -> None:
        """Drop everything that was chosen."""
        for grid in (self._deleted, self._actions):
            grid.clear()
        self._current = None
        self._past.forget()
        self._leave()

    def tick_deleted(self, keys: Collection[str]) -> None:
        """Tick deleted records by their keys, and show them first."""
        rows = self._deleted.rows
        if keys and rows.num_rows:
            mine = [str(key).lower() in keys for key in rows["object"].to_pylist()]
            self._deleted.ticked = {number for number, ticked in enumerate(mine) if ticked}
            self._deleted.turn_to(self._deleted.ticked)

    # ---- what is chosen ------------------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection | None:
        """What a plan is to be made for; None while nothing is chosen."""
        if self.way == DELETED:
            return Selection(changes=self._deleted.selected["change"].to_pylist()) if self._deleted.ticked else None
        if self.way == UNDO:
            return self._undone() if self._actions.ticked else None
        return self._past.selection

    @property
    def chosen(self) -> frozenset[tuple[object, ...]]:
        """What is chosen, piece by piece, so that two choices can be compared: nothing in common is another restore."""
        if self.way == DELETED:
            return frozenset((DELETED, change) for change in self._deleted.selected["change"].to_pylist())
        if self.way == UNDO:
            return frozenset((UNDO, *action.values()) for action in self._actions.selected.select(_ACTION).to_pylist())
        chosen = self._past.selection
        keys = ("all",) if chosen is None or chosen.all else chosen.keys or ()
        return frozenset((self.way, id(self._past.past), key) for key in keys) if chosen is not None else frozenset()

    def _undone(self) -> Selection:
        """The ticked actions; where old ones have no key, by their changes one by one."""
        actions = self._actions.selected.select(_ACTION).to_pylist()
        commits = [action["commit"] for action in actions]
        if None not in commits:
            return Selection(commits=commits)
        return Selection(
            changes=[change for action in actions for change in self._changes_of(action)["change"].to_pylist()]
        )

    def _changes_of(self, action: dict[str, Any]) -> pa.Table:
        """The rows of History of an action."""
        rows = self._history
        if action["commit"] is not None:
            return rows.filter(pc.equal(rows["commit"], action["commit"]))
        same = (action["ticks"], action["user"])
        mine = zip(*(rows[name].to_pylist() for name in _ACTION), strict=True)
        return rows.filter(pa.array([key is None and (ticks, user) == same for key, ticks, user in mine], pa.bool_()))

    def source(self) -> Business | None:
        """Where the records come from: the business itself, whose changes are taken back, or the past."""
        return self._current if self.way in (DELETED, UNDO) else self._past.past

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Iterable[Node | None]:
        """The choice of the way, and what can be chosen there."""
        text = self._panel.text
        yield view.choice(
            text("What do you want to bring back?"),
            {
                DELETED: text("What was deleted"),
                UNDO: text("Undo what somebody did"),
                MOMENT: text("As it was at a moment"),
                BACKUP: text("From another backup"),
            },
            self.way,
            self._go,
            key="way",
            helps={
                DELETED: text("Records that are gone: when, and by whom. Tick what you want back."),
                UNDO: text("One save, a batch of hundreds, a day’s work: tick it, and everything done since stays."),
                MOMENT: text("See what differs from then. Take back single records, or the whole business."),
                BACKUP: text("See what differs from another file of this business, and take records from it."),
            },
            disabled=self._panel.busy,
        )
        yield from {
            DELETED: self._deleted_part,
            UNDO: self._undo_part,
            MOMENT: self._past.moment_nodes,
            BACKUP: self._past.backup_nodes,
        }[self.way]()

    def _deleted_part(self) -> Iterable[Node | None]:
        self._deleted.rename(self._panel.text("Deleted records"))
        none = self._panel.text("History knows of no deleted record that is still gone.")
        if not self._history.num_rows:
            none = self._panel.text("This file has no History: what was deleted in it, and by whom, is not known.")
        yield self._deleted.nodes() if self._deleted.rows.num_rows else view.paragraph(none)
        yield self._change.nodes()

    def _undo_part(self) -> Iterable[Node | None]:
        text = self._panel.text
        self._actions.rename(text("Actions"))
        self._mates.rename(text("Changes of this action"))
        none = text("History knows of no action.")
        yield self._actions.nodes() if self._actions.rows.num_rows else view.paragraph(none)
        if self._mates.rows.num_rows:
            yield view.section(
                text("Changes of this action"),
                self._mates.nodes(),
                view.button(text("Close"), self._mates.clear, key="mates-close"),
                key="mates",
                look="detail",
            )
        yield self._change.nodes()

    # ---- what happens --------------------------------------------------------------------------------------------

    def _go(self, way: str) -> None:
        self._leave()
        self.way = way
        self._changed()

    def _leave(self) -> None:
        self._past.leave()
        self._mates.clear()
        self._change.close()

    def _open_deleted(self, number: int) -> None:
        if self._current is not None:
            self._change.open(self._current, self._deleted.rows.slice(number, 1).to_pylist()[0])

    def _open_action(self, number: int) -> None:
        action = self._actions.rows.select(_ACTION).slice(number, 1).to_pylist()[0]
        self._change.close()
        self._mates.show("", self._changes_of(action), _CHANGE_COLUMNS)
        self._panel.focus = "mates"

    def _open_mate(self, number: int) -> None:
        if self._current is not None:
            rows = self._mates.rows
            (whole,) = self._current.history_rows([rows["change"][number].as_py()]).to_arrow().to_pylist()
            self._change.open(self._current, whole, mates=rows.num_rows)

    def _close_change(self) -> None:
        self._panel.focus = "mates" if self._mates.rows.num_rows else "way"
