"""Words of the command line that several commands take."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from manager_nb.timeline.moments import Moment

MOMENT_HELP = "a date (2025-09-30), a time (2025-09-30T17:00, in --zone, or with its own offset) or .NET ticks"


def zone(text: str) -> str:
    """An IANA time zone, known on this machine."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"no such time zone: {text}") from error
    return text


def moment(text: str) -> Moment:
    """A moment as :data:`MOMENT_HELP` says; a time without an offset gets its zone by :func:`in_zone`."""
    if text.isdigit() and len(text) > 8:
        return int(text)
    with contextlib.suppress(ValueError):
        return dt.date.fromisoformat(text)
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a moment: {text}; give {MOMENT_HELP}") from error


def day(text: str) -> dt.date:
    """A date."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a date: {text}; write it as 2025-09-30") from error


def month_and_day(text: str) -> tuple[int, int]:
    """The day on which a financial year ends."""
    month, _, number = text.partition("-")
    try:
        found = dt.date(2024, int(month), int(number))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a month and a day: {text}; write it as 03-31") from error
    return found.month, found.day


def whole(text: str) -> int:
    """A whole number from 0."""
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise argparse.ArgumentTypeError(f"not a whole number: {text}")
    return int(text)


def amount(text: str) -> Decimal:
    """An exact amount."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"not an amount: {text}") from error
    if not value.is_finite():
        raise argparse.ArgumentTypeError(f"not an amount: {text}")
    return value


def in_zone(value: Moment, name: str) -> Moment:
    """A moment whose time, if it had no offset, is of that zone."""
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value.replace(tzinfo=ZoneInfo(name))
    return value


def window(first: Moment | None, last: Moment | None, name: str) -> tuple[Moment, Moment] | None:
    """A window of time of which an end may be open; None where both are."""
    if first is None and last is None:
        return None
    widest = -(1 << 63), (1 << 63) - 1
    return (
        widest[0] if first is None else in_zone(first, name),
        widest[1] if last is None else in_zone(last, name),
    )
