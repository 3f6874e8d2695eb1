"""The user's language: texts from a gettext catalogue, and numbers, sizes and dates as that language writes them.

The English text is the key of its translation. A text with facts is a template with ``{fact}`` placeholders: it is
translated first and filled in then. English has a catalogue too, of what needs a friendlier word. Catalogues are the
`.po` files under ``locale/``, read as they are: who corrects a word there sees it at the next start.
`tests/translations.py` lists what a catalogue lacks.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from babel.messages import Catalog

CATALOGUES = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class _Habits:
    """How a language is called and writes: its locale with Babel, its dates."""

    name: str
    locale: Locale
    day: str


_LANGUAGES = {
    "en": _Habits("English", Locale.parse("en_001"), "d MMM y"),
    "hi": _Habits("हिन्दी", Locale.parse("hi"), "d MMMM y"),
}
_VARIABLES = ("MANAGER_NB_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_NOWHERE, _WORLD = "ZZ", "001"
"""What Babel has for zones that belong to no country."""
_UNSEEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_TURNING = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SIZES = ("kilobyte", "megabyte", "gigabyte", "terabyte")


def available() -> dict[str, str]:
    """The languages, code to own name: ``{"en": "English", "hi": "हिन्दी"}``."""
    return {code: habits.name for code, habits in _LANGUAGES.items()}


def detect() -> str:
    """The code of the available language that the machine is set to, "en" where it is another one.

    The first variable that is set decides: ``MANAGER_NB_LANGUAGE``, then those of POSIX (``LANGUAGE`` may list some),
    else the display language of Windows.
    """
    told = next(filter(None, map(os.environ.get, _VARIABLES)), "") or _of_windows()
    codes = [re.split(r"[_.@-]", name)[0].lower() for name in told.split(":")]
    return next((code for code in codes if code in _LANGUAGES), "en")


def one_line(words: str) -> str:
    """Words for a line of text: what cannot be seen, breaks the line or turns its direction becomes a visible mark.

    A record's name comes from a client's file, and might forge a line of a list or steer a terminal.
    """
    return _UNSEEN.sub("\ufffd", words)


def visible(words: str) -> str:
    """Words for a paper, which may have several lines: as :func:`one_line`, and every mark of direction shows too."""
    return _TURNING.sub("\ufffd", _CONTROLS.sub("\ufffd", words.replace("\r\n", "\n")))


def in_zone(moment: datetime, zone: str) -> datetime:
    """A moment by the clocks of a zone; one at the ends of the calendar, that no clock there shows, in UTC.

    Args:
        moment: an aware time.
        zone: IANA name of the zone.
    """
    return moment.astimezone(ZoneInfo(_calendar_zone(moment, zone)))


def _calendar_zone(moment: datetime, zone: str) -> str:
    try:
        moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        return "UTC"
    return zone


_TYPED = re.compile(r"[-−]?\d{1,38}(\.\d{1,38})?")
_GROUPED = re.compile(r"[-−]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d{1,38})?")


def number_typed(words: str) -> Decimal | None:
    """The number that a person typed, in digits of any script; None where it is none, or not without doubt.

    Commas group digits as people do (50,000; 1,50,000) and never begin the decimals: 1,5 is none.
    """
    bare = "".join(sign for sign in words if sign not in "' \u00a0\u202f’")
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    return Decimal(bare.replace("−", "-")) if _TYPED.fullmatch(bare) else None


def mark(msgid: str) -> str:
    """Give a text back as it is, and say that it belongs into the catalogues: it is translated where it is shown."""
    return msgid


@dataclass(frozen=True, slots=True)
class Language:
    """One language. An unknown code is English.

    Args:
        code: "en" or "hi".
    """

    code: str = "en"

    def __post_init__(self) -> None:
        if self.code not in _LANGUAGES:
            object.__setattr__(self, "code", "en")

    @property
    def name(self) -> str:
        """Its own name for itself."""
        return _LANGUAGES[self.code].name

    def text(self, msgid: str, **facts: object) -> str:
        """A text in this language.

        Args:
            msgid: the text in English; one that the catalogue lacks stays English.
            **facts: what its placeholders stand for. Without any, a template is given back as a template.
        """
        translated = _translation(self.code, msgid)[0] or msgid
        return translated.format(**facts) if facts else translated

    def plural(self, one: str, many: str, count: int, **facts: object) -> str:
        """The form of a text that goes with a number, which is its fact ``{count}``, e.g. "{count} record".

        Args:
            one: the English singular.
            many: the English plural.
            count: the number.
            **facts: what other placeholders stand for.
        """
        forms = _translation(self.code, one)
        chosen = forms[min(_plural_form(self.code, count), len(forms) - 1)] or (one if count == 1 else many)
        return chosen.format(count=self.number(count), **facts)

    def number(self, value: Decimal | int, digits: int | None = None) -> str:
        """A number with this language's signs and groups: 12,345,678.50 in English, 1,23,45,678.50 in Hindi.

        Args:
            value: the number.
            digits: decimals to show, rounded half away from zero; None shows those that the number has.
        """
        exact = Decimal(value)
        if not exact.is_finite():
            return str(exact)
        with localcontext(prec=100):  # a decimal128 has 38 digits, more than the context that others may have set
            shown = max(0, -int(exact.as_tuple().exponent)) if digits is None else digits
            rounded = exact.quantize(Decimal(1).scaleb(-shown), rounding=ROUND_HALF_UP)
            groups = self._locale.decimal_formats[None].pattern.partition(".")[0]  # "#,##,##0" in Hindi
            return format_decimal(rounded, f"{groups}.{'0' * shown}" if shown else groups, locale=self._locale)

    def percent(self, share: float) -> str:
        """A share of one as a whole percentage."""
        return format_percent(share, locale=self._locale)

    def size(self, size: int) -> str:
        """A number of bytes as people read it, in powers of a thousand: 512 bytes, 1.1 MB."""
        if size < 1000:
            return self.plural("{count} byte", "{count} bytes", size)
        power = min((len(str(size)) - 1) // 3, len(_SIZES))
        amount = (Decimal(size) / 1000**power).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return format_unit(amount.normalize(), f"digital-{_SIZES[power - 1]}", "short", locale=self._locale)

    def date(self, day: date) -> str:
        """A day: 27 Mar 2026, in Hindi 27 मार्च 2026."""
        return format_date(day, _LANGUAGES[self.code].day, locale=self._locale)

    def month(self, month: int) -> str:
        """The name of a month, 1 to 12."""
        return str(self._locale.months["stand-alone"]["wide"][month])

    def weekday(self, day: int) -> str:
        """A day of the week; 0 is Monday."""
        return str(self._locale.days["stand-alone"]["wide"][day])

    def datetime(self, moment: datetime, zone: str | None = None, *, seconds: bool = False) -> str:
        """A moment: 27 Mar 2026, 14:05.

        Args:
            moment: an aware time.
            zone: IANA name of the zone to tell it in, named behind it in brackets as :meth:`zone` does; None tells it
                in its own zone and names none (for lists that name it in their heading).
            seconds: whether seconds are told too.

        Raises:
            ValueError: the moment has no zone, so it is none.
        """
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        zone = _calendar_zone(moment, zone) if zone else zone
        local = in_zone(moment, zone) if zone else moment
        pattern = f"{_LANGUAGES[self.code].day}, HH:mm{':ss' if seconds else ''}"
        told = format_datetime(local.replace(tzinfo=None), pattern, locale=self._locale)
        return self.text("{time} ({zone})", time=told, zone=self.zone(zone)) if zone else told

    def zone(self, name: str) -> str:
        """A time zone as people call it: India Time, New York Time, UTC.

        Args:
            name: its IANA name, which stays what files and scripts hold.
        """
        return _zone(self.code, name)

    def country(self, code: str) -> str:
        """A country by its code: IN is India; nothing for a code that is none."""
        return str(self._locale.territories.get(code, ""))

    @property
    def _locale(self) -> Locale:
        return _LANGUAGES[self.code].locale


@functools.cache
def _zone(code: str, name: str) -> str:
    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    known = aliases.get(name, name)
    if territories.get(known, _NOWHERE) in (_NOWHERE, _WORLD):
        return "UTC" if known in ("Etc/UTC", "UTC") else name
    locale = _LANGUAGES[code].locale
    place = get_timezone_location(ZoneInfo(known), locale=locale)
    if "(" not in place:  # else: a country with several zones, whose city says it shorter
        return place
    return str(locale.zone_formats["region"] % get_timezone_location(ZoneInfo(known), locale=locale, return_city=True))


def read_catalogue(code: str) -> Catalog:
    """The catalogue of a language as its translators left it."""
    with (CATALOGUES / code / "LC_MESSAGES" / "manager_nb.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


@functools.cache
def _catalogue(code: str) -> dict[str, tuple[str, ...]]:
    return {forms[0]: translated for forms, translated in pairs(read_catalogue(code))}


def pairs(catalogue: Catalog) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Every text of a catalogue: its English forms (one, or singular and plural) and its translated forms."""
    for message in catalogue:
        if message.id:
            yield _forms(message.id), _forms(message.string)


def _forms(texts: Any) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _translation(code: str, msgid: str) -> tuple[str, ...]:
    return _catalogue(code).get(msgid, ("",))


def _plural_form(code: str, count: int) -> int:
    """Which form of the catalogue a number takes; Hindi treats 0 as it treats 1."""
    return 0 if _LANGUAGES[code].locale.plural_form(count) == "one" else 1


def _of_windows() -> str:
    if sys.platform != "win32":
        return ""
    import ctypes
    import locale

    return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
