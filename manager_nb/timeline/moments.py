"""Moments as people name them, in ticks: a time, a day in some zone, or ticks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from manager_nb.format.scalars import datetime_to_ticks

Moment = dt.datetime | dt.date | int
"""An aware datetime, a date, or .NET ticks (UTC)."""


def first_tick(moment: Moment, zone: str = "UTC") -> int:
    """The first tick of a moment: of a date, that of the day in the zone.

    Raises:
        ValueError: a datetime has no time zone.
    """
    if isinstance(moment, int):
        return moment
    if isinstance(moment, dt.datetime):
        return datetime_to_ticks(moment)
    return datetime_to_ticks(dt.datetime.combine(moment, dt.time(), ZoneInfo(zone)))


def last_tick(moment: Moment, zone: str = "UTC") -> int:
    """The last tick of a moment: of a date, that of the day in the zone.

    Raises:
        ValueError: a datetime has no time zone.
    """
    if isinstance(moment, int):
        return moment
    if isinstance(moment, dt.datetime):
        return datetime_to_ticks(moment) + 9  # a datetime is exact to 10 ticks, and all of them are meant
    return first_tick(moment + dt.timedelta(days=1), zone) - 1
