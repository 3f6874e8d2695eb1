"""A chart of when who was busy, over a table of History; choosing bars narrows the table to their days."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from manager_nb.errors import SelectionError
from manager_nb.listing.activity import DAY, MONTH, WEEK, YEAR, Activity, activity
from manager_nb.listing.query import Filter, Query, answer, day_in
from manager_nb.widgets import view

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from manager_nb.widgets.grid import Grid
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_EVER = "9999-12-31"


class ActivityChart:
    """Changes by time and user, of the rows of a grid that answer to everything but the time.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys.
        grid: whose rows have the columns ``time`` and ``user``.
        narrowed: called when the days were chosen here.

    Attributes:
        unit: what a bar is, "day", "week" or "month"; empty: the smallest that gives few bars.
    """

    def __init__(self, panel: Panel, place: str, grid: Grid, narrowed: Callable[[], None]) -> None:
        self._panel, self._place, self._grid, self._narrowed = panel, place, grid, narrowed
        self.unit = ""
        self._asked: tuple[pa.Table, Query, str] | None = None
        self._known: Activity | None = None

    def nodes(self) -> Node | None:
        """The chart with its buttons; nothing where no row has a time."""
        counted = self._counted()
        if counted is None:
            return None
        panel, text, words = self._panel, self._panel.text, self._panel.words
        chosen = self._chosen(counted)
        names = [self._user(user) for user in counted.users]
        bars = [(self._bar(counted, place, names), counts) for place, counts in enumerate(counted.counts)]
        units = {DAY: text("a day"), WEEK: text("a week"), MONTH: text("a month"), YEAR: text("a year")}
        unit = units[counted.unit]
        most = words.number(max(map(sum, counted.counts)))
        return view.group(
            self._units(counted),
            view.chart(
                text("Changes by time and user"),
                bars,
                names,
                self._brush,
                key=self._place,
                ends=(words.date(counted.first[0]), words.date(counted.last(len(bars) - 1))),
                most=text("at most {count} {unit}", count=most, unit=unit),
                chosen=chosen,
            ),
            view.row(
                view.paragraph(
                    panel.text(
                        "Click a bar, or drag over several, to see only those days. Keys: arrows, Shift, Enter."
                    ),
                    look="muted",
                ),
                view.button(text("Show all days"), self._unbrush, key="unbrush", look="quiet") if chosen else None,
            ),
        )

    def _units(self, counted: Activity) -> Node | None:
        if len(counted.units) < 2:
            return None
        text = self._panel.text
        names = {DAY: text("By day"), WEEK: text("By week"), MONTH: text("By month"), YEAR: text("By year")}
        options = {unit: names[unit] for unit in counted.units}
        return view.choice(text("What a bar is"), options, counted.unit, self._choose, key=f"{self._place}-unit")

    def _chosen(self, counted: Activity) -> tuple[int, int] | None:
        limits = self._grid.query.filters.get("time", Filter())
        if not limits.least and not limits.most:
            return None
        with contextlib.suppress(SelectionError):  # what is typed is no day yet: told where it is typed
            return counted.places(day_in(limits.least or counted.first[0].isoformat()), day_in(limits.most or _EVER))
        return None

    def _bar(self, counted: Activity, place: int, names: list[str]) -> str:
        panel, first, last = self._panel, counted.first[place], counted.last(place)
        days = panel.words.date(first)
        if first != last:
            days = panel.text("{first} to {last}", first=days, last=panel.words.date(last))
        counts = [
            f"{name} {panel.words.number(count)}"
            for name, count in zip(names, counted.counts[place], strict=True)
            if count
        ]
        return f"{days}: {', '.join(counts) or panel.text('nothing')}"

    def _user(self, user: str | None) -> str:
        if user is None:
            return self._panel.text("without a user")
        return user or self._panel.text("others")

    def _counted(self) -> Activity | None:
        """Counted once for each question: a page turned or a row opened changes nothing here."""
        rows, query = self._grid.rows, self._grid.query
        others = {name: limits for name, limits in query.filters.items() if name != "time" and limits}
        asked = Query(query.search, others, zone=query.zone, language=query.language)
        if self._asked is None or self._asked[0] is not rows or self._asked[1:] != (asked, self.unit):
            with contextlib.suppress(SelectionError):  # as long as a limit is no number, the chart stays as it was
                self._known = self._count(rows, asked)
            self._asked = rows, asked, self.unit
        return self._known

    def _count(self, rows: pa.Table, asked: Query) -> Activity | None:
        if "time" not in rows.column_names:
            return None
        if asked.narrows:
            rows = rows.select(["time", "user"]).take(answer(self._grid.plain, asked, self._grid.columns))
        return activity(rows, self._panel.timezone, self.unit)

    def _choose(self, unit: str) -> None:
        self.unit = unit

    def _brush(self, first: int, last: int) -> None:
        counted = self._counted()
        if counted is not None:
            span = {"least": counted.first[first].isoformat(), "most": counted.last(last).isoformat()}
            self._grid.ask(self._grid.query.with_filter("time", **span))
            self._narrowed()

    def _unbrush(self) -> None:
        self._grid.ask(self._grid.query.with_filter("time", least="", most=""))
        self._narrowed()
