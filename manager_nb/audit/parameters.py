"""What a test can be told: limits, days, hours. Each value is checked once, in one place, and told in words."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.errors import ParameterError
from manager_nb.i18n import Language, available, mark, number_typed

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT, DAYS, MONEY, PERCENT, NUMBER, DAY, HOURS, WEEKDAYS, WORDS = (
    "count", "days", "money", "percent", "number", "day", "hours", "weekdays", "words",
)  # fmt: skip
"""What a value can be: a whole number; a number of days; an amount in the base currency; a share in percent; an exact
number; a date; a span of the clock; days of the week (by name; 0 is Monday); several words. ``money`` and ``words``
may hold several values."""

_HOURS = re.compile(r"^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$")
_WEEK, _WHOLE = 7, 100
_MOST = 10**9
"""No count and no number of days that means anything is larger."""
_LARGEST = 24
"""No amount that means anything has a power of ten beyond, and none is so small."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a test can be told.

    Attributes:
        name: the keyword of :func:`manager_nb.audit`; one that several tests have means the same to all.
        title: what it is, a text of the catalogue.
        kind: one of the kinds above.
        default: the value where nobody gives one, or an empty one; None where the test then does without.
        several: whether the value is a tuple of values.
    """

    name: str
    title: str
    kind: str
    default: Any
    several: bool = False

    def read(self, value: object) -> Any:
        """A value as the test wants it, from what code or a person gave.

        Args:
            value: of the right type, or text as a person writes it: "50000", "2026-04-15", "07:00-22:00"; of several,
                with semicolons between them. None and an empty text mean the default.

        Raises:
            ParameterError: it is no such value; money as a float is none, since it is not exact. Its attribute
                ``parameter`` is this one's name, so that a page can show it beside the field; ``rule`` is None.
        """
        if value is None or (isinstance(value, str) and not value.strip()):
            return self.default if self.default is not None or not self.several else ()
        try:
            if not self.several:
                return _READERS[self.kind](value)
            parts = value.split(";") if isinstance(value, str) else value
            return tuple(_READERS[self.kind](part) for part in (parts if isinstance(parts, (list, tuple)) else [parts]))
        except (ValueError, TypeError, ArithmeticError) as error:
            raise ParameterError(
                "The setting “{title}” cannot be “{value}”.",
                hint=_EXACTLY if isinstance(value, float) and self.kind in _EXACT else _ALLOWED,
                value=_shown(value),
                title=self.title,
                parameter=self.name,
                kind=EXAMPLES[self.kind],
            ) from error

    def told(self, value: Any, language: Language) -> str:
        """A value in words; "" where there is none."""
        if self.several:
            return "; ".join(_told(self.kind, one, language) for one in value or ())
        return "" if value is None else _told(self.kind, value, language)

    def written(self, value: Any) -> str:
        """A value as :meth:`read` takes it back."""
        if self.several:
            return "; ".join(_written(self.kind, one) for one in value or ())
        return "" if value is None else _written(self.kind, value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    number = int(value)
    if not 0 <= number <= _MOST:
        raise ValueError
    return number


def _money(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise TypeError
    number = number_typed(value) if isinstance(value, str) else Decimal(value)
    if number is not None and number.is_zero():
        return Decimal(0)  # with however many zeros it came
    if number is None or not number.is_finite() or number < 0 or abs(number.adjusted()) > _LARGEST:
        raise ValueError
    return number


def _percent(value: object) -> Decimal:
    number = _money(value)
    if number > _WHOLE:
        raise ValueError
    return number


def _day(value: object) -> dt.date:
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date | str):
        raise TypeError
    return dt.date.fromisoformat(value.strip()) if isinstance(value, str) else value


def _hours(value: object) -> tuple[dt.time, dt.time]:
    if isinstance(value, str):
        found = _HOURS.match(value.strip())
        if found is None:
            raise ValueError
        first, last = (dt.time(int(found[place]), int(found[place + 1])) for place in (1, 3))
    else:
        first, last = _pair(value)
    if first == last:
        raise ValueError
    return first, last


def _pair(value: object) -> tuple[dt.time, dt.time]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError
    first, last = (dt.time(one) if isinstance(one, int) else one for one in value)
    if not isinstance(first, dt.time) or not isinstance(last, dt.time):
        raise TypeError
    return first, last


def _weekday(value: object) -> int:
    named = _weekdays().get(value.strip().casefold()) if isinstance(value, str) else None
    number = _count(value) if named is None else named
    if number >= _WEEK:
        raise ValueError
    return number


@functools.cache
def _weekdays() -> dict[str, int]:
    """The days of the week by their names in each language, 0 is Monday."""
    return {Language(code).weekday(day).casefold(): day for code in available() for day in range(_WEEK)}


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


_READERS: dict[str, Callable[[object], Any]] = {
    COUNT: _count,
    DAYS: _count,
    MONEY: _money,
    PERCENT: _percent,
    NUMBER: _money,
    DAY: _day,
    HOURS: _hours,
    WEEKDAYS: _weekday,
    WORDS: _words,
}

EXAMPLES = {
    COUNT: mark("a whole number, for example 5"),
    DAYS: mark("a number of days, for example 30"),
    MONEY: mark("an amount in figures, for example 50000"),
    PERCENT: mark("a percentage from 0 to 100, for example 5"),
    NUMBER: mark("a number, for example 3.5"),
    DAY: mark("a date, for example 2026-04-15"),
    HOURS: mark("two times of day, for example 07:00-22:00"),
    WEEKDAYS: mark("a day of the week by its name, for example Saturday"),
    WORDS: mark("words"),
}


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


_LONG = 60
"""More of what was given is not told back."""
_EXACT = (MONEY, PERCENT, NUMBER)
_ALLOWED = mark("What is allowed: {kind}.")
_EXACTLY = mark("What is allowed: {kind}. In code, write it as text or as a Decimal: a float is not exact.")


def _told(kind: str, value: Any, language: Language) -> str:
    if kind in (COUNT, DAYS, MONEY, PERCENT, NUMBER):
        return language.number(value) + ("%" if kind == PERCENT else "")
    if kind == DAY:
        return language.date(value)
    return language.weekday(value) if kind == WEEKDAYS else _written(kind, value)


def _written(kind: str, value: Any) -> str:
    if kind == HOURS:
        return f"{value[0]:%H:%M}-{value[1]:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if kind == WEEKDAYS:
        return Language("en").weekday(value)
    return value.isoformat() if kind == DAY else str(value)
