"""How much happened when, and by whom: changes counted by day, week or month, for a chart."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY, WEEK, MONTH, YEAR = "day", "week", "month", "year"

MOST_BARS = 100
"""A chart has at most so many bars: then weeks are counted instead of days, then months, then years."""

MOST_CHOSEN = 400
"""So many bars a chart has at most where a person chose what a bar is, and where months are counted.

A business whose clock once stood centuries away has years; those in which nothing happened are then left out.
"""

MOST_USERS = 7
"""So many users have a series of their own; the rest are counted together."""


_DAYS = {DAY: 1, WEEK: 7, MONTH: 30}


@dataclass(frozen=True, slots=True)
class Activity:
    """Changes counted.

    Attributes:
        unit: "day", "week" (from Monday), "month" or "year".
        units: those that can be chosen: the rows are not too far apart for them.
        users: the series, the busiest first; None is rows without a user, "" the users beyond `MOST_USERS`.
        first: the first day of each span of time, without gaps unless there are centuries of them.
        counts: for each span, the number of changes of each user.
    """

    unit: str
    units: tuple[str, ...]
    users: tuple[str | None, ...]
    first: tuple[dt.date, ...]
    counts: tuple[tuple[int, ...], ...]

    def last(self, place: int) -> dt.date:
        """The last day of a span."""
        following = _next(self.first[place], self.unit)
        return dt.date.max if following is None else following - dt.timedelta(days=1)

    def places(self, least: dt.date, most: dt.date) -> tuple[int, int] | None:
        """The spans that lie between two days; None where none does."""
        inside = [place for place, day in enumerate(self.first) if day <= most and self.last(place) >= least]
        return (inside[0], inside[-1]) if inside else None


def activity(rows: pa.Table, zone: str, unit: str = "") -> Activity | None:
    """Count rows of History.

    Args:
        rows: with the columns ``time`` and ``user``; a row without a time is not counted.
        zone: IANA name of the zone whose days are meant.
        unit: what a bar is, if that can be chosen for these rows; else it is the smallest that gives few bars.

    Returns:
        None where no row has a time.
    """
    rows = rows.select(["time", "user"]).filter(pc.is_valid(rows["time"]))
    if not rows.num_rows:
        return None
    local = pc.local_timestamp(rows["time"].cast(pa.timestamp("us", zone)))
    days = pc.floor_temporal(local, unit="day").cast(pa.date32())
    first, last = (pa.scalar(day, pa.date32()) for day in (dt.date.min, dt.date.max))  # no zone is beyond the calendar
    days = pc.min_element_wise(pc.max_element_wise(days, first), last)
    bounds = pc.min_max(days).as_py()
    length = (bounds["max"] - bounds["min"]).days + 1
    units = tuple(one for one, days in _DAYS.items() if length <= days * MOST_CHOSEN) or (YEAR,)
    unit = unit if unit in units else _unit(length)
    table = pa.table({"day": days, "user": rows["user"]}).group_by(["day", "user"]).aggregate([([], "count_all")])
    users = _users(table)
    known = {user: place for place, user in enumerate(users)}
    spans = _spans(_floor(bounds["min"], unit), bounds["max"], unit)
    if len(spans) > MOST_CHOSEN:
        spans = sorted({_floor(day, unit) for day in table["day"].to_pylist()})
    places = {day: place for place, day in enumerate(spans)}
    counts = [[0] * len(users) for _ in spans]
    for row in table.to_pylist():
        counts[places[_floor(row["day"], unit)]][known.get(row["user"], len(users) - 1)] += row["count_all"]
    return Activity(unit, units, users, tuple(spans), tuple(map(tuple, counts)))


def _users(table: pa.Table) -> tuple[str | None, ...]:
    busy: Counter[str | None] = Counter()
    for row in table.to_pylist():
        busy[row["user"]] += row["count_all"]
    names = [name for name, _ in busy.most_common()]
    return tuple(names) if len(names) <= MOST_USERS else (*names[:MOST_USERS], "")


def _unit(days: int) -> str:
    if days <= MOST_BARS:
        return DAY
    if days <= _DAYS[WEEK] * MOST_BARS:
        return WEEK
    return MONTH if days <= _DAYS[MONTH] * MOST_CHOSEN else YEAR


def _floor(day: dt.date, unit: str) -> dt.date:
    if unit == WEEK:
        return day - dt.timedelta(days=day.weekday())
    if unit == YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if unit == MONTH else day


def _next(day: dt.date, unit: str) -> dt.date | None:
    """The first day of the span after the one that begins on this day; None where the calendar ends."""
    try:
        if unit == YEAR:
            return day.replace(year=day.year + 1)
        if unit == MONTH:
            return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        return day + dt.timedelta(days=_DAYS[unit])
    except (OverflowError, ValueError):
        return None


def _spans(first: dt.date, last: dt.date, unit: str) -> Sequence[dt.date]:
    spans = [first]
    while (following := _next(spans[-1], unit)) is not None and following <= last:
        spans.append(following)
    return spans
