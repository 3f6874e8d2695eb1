"""Single values in words: steady ones for tables and scripts, or those of a reader's language.

What a value is comes from its field in the schema, never from how it looks: a reference 1001 is text and stays so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from manager_nb.i18n import mark

if TYPE_CHECKING:
    from manager_nb.i18n import Language

CHECKED, UNCHECKED = mark("is checked"), mark("is not checked")
"""What Manager's History says of a box that is ticked, and of one that is not."""

MONEY = 2
"""A figure with decimals has at least so many, so that amounts read as amounts."""

_SHORT = 32


class SteadyValues:
    """The same everywhere: plain digits, dates as 2025-06-30, English."""

    def text(self, msgid: str, **facts: object) -> str:
        """A text of ours."""
        return msgid.format(**facts) if facts else msgid

    def number(self, value: Decimal) -> str:
        """A figure."""
        return format(value, "f")

    def date(self, value: dt.date) -> str:
        """A day, or a moment: the file names no zone for it."""
        if not isinstance(value, dt.datetime):
            return str(value)
        return value.isoformat(" ").rstrip("0") if value.microsecond else value.isoformat(" ")

    def size(self, count: int) -> str:
        """So many bytes."""
        return f"{count} bytes"

    def flag(self, value: bool) -> str:
        """A box."""
        return self.text(CHECKED if value else UNCHECKED)

    def raw(self, value: bytes) -> str:
        """Bytes that mean nothing to people: a digest as it is, the rest by their size."""
        return value.hex() if len(value) <= _SHORT else self.size(len(value))


@dataclass(frozen=True, slots=True)
class ReadersValues(SteadyValues):
    """As the reader's language writes them.

    Attributes:
        language: the reader's.
    """

    language: Language

    def text(self, msgid: str, **facts: object) -> str:
        """A text of ours in that language."""
        return self.language.text(msgid, **facts)

    def number(self, value: Decimal) -> str:
        """A figure with the language's groups: 4,990.70."""
        if not value.is_finite():
            return str(value)
        with localcontext(prec=100):
            places = -int(value.normalize().as_tuple().exponent)
        return self.language.number(value, max(places, MONEY) if places > 0 else 0)

    def date(self, value: dt.date) -> str:
        """A day or a moment, as that language writes them: 5 Apr 2025."""
        if isinstance(value, dt.datetime):
            return self.language.datetime(value.replace(tzinfo=dt.UTC))
        return self.language.date(value)

    def size(self, count: int) -> str:
        """So many bytes."""
        return self.language.size(count)
