"""A moment of a business, chosen by clicking: a day and a time of day, or the moment right after an action."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.listing.query import clock_in, day_in
from manager_nb.widgets import view
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import ACTION_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business, PastBusiness
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


class MomentChoice:
    """The choice of a moment.

    Args:
        panel: the panel it is in.
        changed: called when another moment is chosen.
        prefix: of its keys.
        then: the key that gets the focus when an action is chosen.
    """

    def __init__(self, panel: Panel, changed: Callable[[], None], *, prefix: str = "", then: str = "look") -> None:
        self._panel, self._changed, self._prefix, self._next = panel, changed, prefix, then
        self.actions = Grid(panel, f"{prefix}instants", opens=self._take_action, size=10)
        self._day = self._clock = ""
        self._action: dict[str, Any] | None = None
        self._at: dt.datetime | None = None

    def show(self, actions: pa.Table, day: dt.date | None) -> None:
        """Take the actions of a business, and a day to begin with."""
        self.forget()
        timed = actions.filter(pc.or_(pc.is_valid(actions["commit"]), pc.is_valid(actions["ticks"])))
        self.actions.show("", timed, ACTION_COLUMNS)
        self._day = day.isoformat() if day else ""

    def forget(self) -> None:
        """Drop the actions and the choice."""
        self.actions.clear()
        self._action, self._at, self._clock, self._day = None, None, "", ""

    def past(self) -> Callable[[Business, Progress], PastBusiness]:
        """What makes the business of the chosen moment.

        Raises:
            SelectionError: the day, or the time of day, is none.
        """
        action = self._action
        self._at = self._moment() if action is None else None
        commit = action["commit"] if action is not None else None
        when: Any = self._at if action is None else (None if commit else action["ticks"])
        return lambda business, progress: business.as_at(when, commit=commit, progress=progress)

    def told(self) -> str:
        """The moment that :meth:`past` was asked for, in words."""
        if self._action is not None:
            return self._when(self._action)
        return self._panel.moment(self._at) if self._at else "–"

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Iterable[Node | None]:
        """The day, the time of day, and the actions."""
        text, panel = self._panel.text, self._panel
        self.actions.rename(text("Actions"))
        yield view.fields(
            view.day(text("Day"), self._day, self._set_day, key=self._key("day")),
            view.entry(
                text("Time ({zone})", zone=panel.zone),
                self._clock,
                self._set_clock,
                key=self._key("clock"),
                help=text("Like 14:30; empty is the end of the day."),
            ),
        )
        chosen = self._action
        if chosen is not None:
            told = text(
                "Right after the action of {time} by {user}", time=self._when(chosen), user=chosen["user"] or "–"
            )
            drop = view.button(
                text("Take the day instead"), self._drop_action, key=self._key("drop-action"), look="quiet"
            )
            yield view.row(view.paragraph(told, look="strong"), drop)
        yield view.fold(
            text("Or right after one action: choose it here"), self.actions.nodes(), key=self._key("instants-fold")
        )

    def _when(self, action: dict[str, Any]) -> str:
        time = action["time"]
        return self._panel.words.datetime(time, self._panel.timezone, seconds=True) if time else "–"

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    # ---- what happens --------------------------------------------------------------------------------------------

    def _take_action(self, number: int) -> None:
        self._action = self.actions.rows.slice(number, 1).to_pylist()[0]
        self._panel.focus = self._next
        self._changed()

    def _drop_action(self) -> None:
        self._action = None
        self._changed()

    def _set_day(self, day: str) -> None:
        self._day, self._action = day, None
        self._changed()

    def _set_clock(self, clock: str) -> None:
        self._clock, self._action = clock, None
        self._changed()

    def _moment(self) -> dt.datetime:
        """The moment that was typed; the last of the minute or of the day."""
        day, zone = day_in(self._day), ZoneInfo(self._panel.timezone)
        if not self._clock.strip():
            return dt.datetime.combine(day, dt.time.max, zone)
        clock = clock_in(self._clock)
        exact = self._clock.count(":") > 1
        return dt.datetime.combine(day, clock if exact else clock.replace(second=59, microsecond=999_999), zone)
