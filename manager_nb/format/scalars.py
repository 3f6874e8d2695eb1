"""Scalar values: GUIDs, decimals, dates and .NET ticks, between bytes and Python (docs/format.md §3)."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from manager_nb.errors import EncodeError
from manager_nb.format.wire import FIXED64, VARINT, write_tag, write_varint

NIL = "00000000-0000-0000-0000-000000000000"
"""The GUID that stands for none."""

TICKS_AT_UNIX_EPOCH = 621_355_968_000_000_000
TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND
MAX_TICKS = 3_155_378_975_999_999_999
"""9999-12-31T23:59:59.9999999."""

MAX_SCALE = 28
MAX_MANTISSA = 2**96 - 1

DATETIME_UNITS = (TICKS_PER_DAY, 36_000_000_000, 600_000_000, TICKS_PER_SECOND, 10_000, 1)
"""Ticks of one unit, by the scale of a datetime message: days, hours, minutes, seconds, milliseconds, ticks."""

DATETIME_MINMAX = 15
"""The scale of a datetime message whose value is 1 for the largest and -1 for the smallest datetime."""

_ZERO_DATE = dt.date(1, 1, 1)
_HINT = "Give a value of the field's type."


class TickDateTime(dt.datetime):
    """A date with a time of day, exact to .NET's tick (100 ns); Python's own datetime stops at a microsecond.

    Without a time zone, as Manager stores it. Equal to another only when the ticks are equal.
    """

    ticks: int

    @classmethod
    def from_ticks(cls, ticks: int) -> TickDateTime:
        """The moment that many ticks after 0001-01-01T00:00.

        Raises:
            OverflowError: no year from 1 to 9999 holds it.
        """
        moment = dt.datetime(1, 1, 1) + dt.timedelta(microseconds=ticks // 10)  # noqa: DTZ001 - stored without a zone
        made = cls(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond)
        made.ticks = ticks
        return made

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        """ISO 8601 with all seven decimals of a second."""
        if timespec != "auto":
            return super().isoformat(sep, timespec)
        return f"{super().isoformat(sep, 'seconds')}.{self.ticks % TICKS_PER_SECOND:07d}"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TickDateTime):
            return self.ticks == other.ticks
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other  # datetime has one of its own, which would compare microseconds

    def __hash__(self) -> int:
        return super().__hash__()

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        del protocol
        return TickDateTime.from_ticks, (self.ticks,)


def ticks_to_datetime(ticks: int) -> dt.datetime:
    """A table's ``Timestamp`` as an aware datetime in UTC, cut to the microsecond.

    Raises:
        OverflowError: no year from 1 to 9999 holds it.
    """
    return dt.datetime(1, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=ticks // 10)


def datetime_to_ticks(moment: dt.datetime) -> int:
    """Ticks of an aware datetime.

    Raises:
        ValueError: it has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - dt.datetime(1, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1) * 10


def guid_from_bytes(data: bytes) -> str:
    """Text of the 16 bytes of .NET's ``Guid.ToByteArray()``."""
    return str(uuid.UUID(bytes_le=data))


def guid_to_bytes(text: str) -> bytes:
    """The 16 bytes of .NET's ``Guid.ToByteArray()``.

    Raises:
        EncodeError: it is not a GUID.
    """
    try:
        return uuid.UUID(text).bytes_le
    except (ValueError, AttributeError, TypeError):
        raise EncodeError("{value} is not a GUID.", hint=_HINT, value=repr(text)) from None


def decimal_from_parts(low: int, high: int, sign_scale: int) -> Decimal:
    """A .NET decimal with its scale, from the three numbers of its message.

    Raises:
        ValueError: its scale is above 28.
    """
    scale = (sign_scale & 0x1FE) >> 1
    if scale > MAX_SCALE:
        raise ValueError(f"scale {scale}")
    digits = tuple(int(digit) for digit in str(high << 64 | low))
    return Decimal((sign_scale & 1, digits, -scale))


def encode_guid(text: str) -> bytes:
    """The message of a GUID; an empty one for nil."""
    data = guid_to_bytes(text)
    if not any(data):
        return b""
    return write_tag(1, FIXED64) + data[:8] + write_tag(2, FIXED64) + data[8:]


def encode_decimal(value: Decimal) -> bytes:
    """The message of a decimal, its scale kept.

    Raises:
        EncodeError: it has more than 96 bits or 28 decimals, or is no number.
    """
    if not isinstance(value, Decimal) or not value.is_finite():
        raise EncodeError("{value} is not a decimal number.", hint=_HINT, value=repr(value))
    sign, digits, exponent = value.as_tuple()
    mantissa = int("".join(map(str, digits)))
    if isinstance(exponent, int) and exponent > 0:
        mantissa, exponent = mantissa * 10**exponent, 0
    scale = -int(exponent)
    if scale > MAX_SCALE or mantissa > MAX_MANTISSA:
        raise EncodeError("{value} has more digits than Manager can store.", hint=_HINT, value=str(value))
    parts = (mantissa & 0xFFFF_FFFF_FFFF_FFFF, mantissa >> 64, scale << 1 | sign)
    return b"".join(write_tag(number, VARINT) + write_varint(part) for number, part in enumerate(parts, 1) if part)


def datetime_from_parts(value: int, scale: int, kind: int) -> dt.date | TickDateTime:
    """A whole day as a date, anything else as a :class:`TickDateTime`.

    Raises:
        ValueError: the scale or kind is unknown, or no year from 1 to 9999 holds it.
    """
    if kind not in (0, 1, 2):
        raise ValueError(f"kind {kind}")
    if scale == DATETIME_MINMAX:
        ticks = {1: MAX_TICKS, -1: 0}.get(value, -1)
    elif 0 <= scale < len(DATETIME_UNITS):
        ticks = TICKS_AT_UNIX_EPOCH + value * DATETIME_UNITS[scale]
    else:
        raise ValueError(f"scale {scale}")
    if not 0 <= ticks <= MAX_TICKS:
        raise ValueError("out of range")
    if ticks % TICKS_PER_DAY == 0:
        return _ZERO_DATE + dt.timedelta(days=ticks // TICKS_PER_DAY)
    return TickDateTime.from_ticks(ticks)


def encode_datetime(value: dt.date) -> bytes:
    """The message of a date or datetime, in the coarsest unit that is exact.

    Raises:
        EncodeError: it is neither.
    """
    if not isinstance(value, dt.date):
        raise EncodeError("{value} is not a date.", hint=_HINT, value=repr(value))
    ticks = _ticks_of(value)
    if ticks == 0:
        return _datetime_parts(-1, DATETIME_MINMAX)
    if ticks == MAX_TICKS:
        return _datetime_parts(1, DATETIME_MINMAX)
    offset = ticks - TICKS_AT_UNIX_EPOCH
    scale, unit = next((scale, unit) for scale, unit in enumerate(DATETIME_UNITS) if offset % unit == 0)
    return _datetime_parts(offset // unit, scale)


def _ticks_of(value: dt.date) -> int:
    if isinstance(value, TickDateTime):
        return value.ticks
    ticks = (value.toordinal() - 1) * TICKS_PER_DAY
    if isinstance(value, dt.datetime):
        midnight = value.replace(hour=0, minute=0, second=0, microsecond=0)
        ticks += (value - midnight) // dt.timedelta(microseconds=1) * 10
    return ticks


def _datetime_parts(value: int, scale: int) -> bytes:
    zigzag = value << 1 ^ value >> 63
    parts = ((1, zigzag), (2, scale))
    return b"".join(write_tag(number, VARINT) + write_varint(part) for number, part in parts if part)
