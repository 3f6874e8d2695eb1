"""Moments as people name them, in ticks: a time, a day in some zone, or ticks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from manager_nb.errors import MomentError
from manager_nb.format.scalars import datetime_to_ticks

Moment = dt.datetime | dt.date | int
"""An aware datetime, a date, or .NET ticks (UTC)."""


def first_tick(moment: Moment, zone: str = "UTC") -> int:
    """The first tick of a moment: of a date, that of the day in the zone.

    Raises:
        MomentError: it is none, a datetime has no time zone, or there is no such zone.
    """
    if isinstance(moment, int):
        return _stored(moment)
    if isinstance(moment, dt.datetime):
        return _exact(moment)
    return _exact(_midnight(moment, zone))


def last_tick(moment: Moment, zone: str = "UTC") -> int:
    """The last tick of a moment: of a date, that of the day in the zone.

    Raises:
        MomentError: it is none, a datetime has no time zone, or there is no such zone.
    """
    if isinstance(moment, int):
        return _stored(moment)
    if isinstance(moment, dt.datetime):
        return _exact(moment) + 9  # a datetime is exact to 10 ticks, and all of them are meant
    _midnight(moment, zone)
    if moment == dt.date.max:
        return _exact(dt.datetime.max.replace(tzinfo=dt.UTC)) + 9
    return first_tick(moment + dt.timedelta(days=1), zone) - 1


def zone_named(zone: str) -> ZoneInfo:
    """A time zone by its IANA name.

    Raises:
        MomentError: there is none.
    """
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise MomentError(
            "There is no time zone called {zone}.",
            hint='Zones are called as in the IANA list, for example "Asia/Kolkata".',
            zone=zone,
        ) from error


def _midnight(day: object, zone: str) -> dt.datetime:
    if not isinstance(day, dt.date):
        raise MomentError(
            "{value} is no moment.", hint="Give a date, a datetime with a time zone, or ticks.", value=repr(day)
        )
    return dt.datetime.combine(day, dt.time(), zone_named(zone))


def _stored(ticks: int) -> int:
    """Ticks as a file can have them: what is beyond is before, or after, everything."""
    return min(max(ticks, -1 << 63), (1 << 63) - 1)


def _exact(moment: dt.datetime) -> int:
    if moment.tzinfo is None:
        raise MomentError(
            "{value} has no time zone.",
            hint="Give the datetime a zone, for example tzinfo=datetime.UTC.",
            value=moment.isoformat(" "),
        )
    try:
        return datetime_to_ticks(moment)
    except OverflowError:
        return 0 if moment.year <= 1 else (1 << 63) - 10
