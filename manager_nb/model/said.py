"""A sentence with its facts beside it, told in any language and time zone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from manager_nb.format.scalars import ticks_to_datetime
from manager_nb.i18n import Language

if TYPE_CHECKING:
    from collections.abc import Iterable

ENGLISH = Language("en")


@dataclass(frozen=True, slots=True)
class When:
    """A moment in a sentence.

    Attributes:
        ticks: in .NET ticks (UTC); None where it is not known.
    """

    ticks: int | None

    def told(self, language: Language, zone: str) -> str:
        """The moment in words, with the zone's name."""
        try:
            return "?" if self.ticks is None else language.datetime(ticks_to_datetime(self.ticks), zone)
        except (OverflowError, ValueError):
            return f"{self.ticks} ticks"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence.

    Attributes:
        template: an English text of the catalogue.
        facts: what its placeholders stand for: names, never templates; moments, days, numbers; other sentences.
    """

    template: str
    facts: tuple[tuple[str, Fact], ...] = ()

    def told(self, language: Language = ENGLISH, zone: str = "UTC") -> str:
        """The sentence in a language, its moments in a zone."""
        told = {name: _told(fact, language, zone) for name, fact in self.facts}
        return language.text(self.template).format(**told)


Fact = str | int | Decimal | dt.date | When | Said
"""What a placeholder can stand for."""


def said(template: str, **facts: Fact) -> Said:
    """A sentence with its facts."""
    return Said(template, tuple(facts.items()))


def listed(facts: Iterable[Fact]) -> Fact:
    """Several facts with commas between them, each told in its own way; "?" where there is none."""
    told: Fact | None = None
    for fact in facts:
        told = fact if told is None else said("{first}, {more}", first=told, more=fact)
    return "?" if told is None else told


def _told(fact: Fact, language: Language, zone: str) -> str:
    if isinstance(fact, str):
        return fact
    if isinstance(fact, Decimal | int):
        return language.number(fact)
    return language.date(fact) if isinstance(fact, dt.date) else fact.told(language, zone)
