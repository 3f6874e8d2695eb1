"""A sentence with its facts beside it, told in any language and time zone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from manager_nb.format.scalars import ticks_to_datetime
from manager_nb.i18n import Language
from manager_nb.model.labels import DASH, titled

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
class Called:
    """A record's label in a sentence, its type in the reader's language.

    Attributes:
        label: "Sales Invoice — 1001 — 2025-04-02".
        title: of its type, an English text of the catalogue: "Sales Invoice"; empty where the type is unknown.
    """

    label: str
    title: str

    def told(self, language: Language, zone: str) -> str:
        """The label, its type in the language."""
        del zone
        return language.text(self.title) + self.label.removeprefix(self.title) if self._titled else self.label

    @property
    def _titled(self) -> bool:
        return bool(self.title) and self.label.startswith(self.title)


@dataclass(frozen=True, slots=True)
class FieldName:
    """Where a field stands, in a sentence.

    Attributes:
        steps: English texts of the catalogue, from the record down to it.
    """

    steps: tuple[str, ...]

    def told(self, language: Language, zone: str) -> str:
        """The steps in the language: "Lines — Tax code"."""
        del zone
        return " — ".join(map(language.text, self.steps))


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence.

    Attributes:
        template: an English text of the catalogue.
        facts: what its placeholders stand for: names, never templates; labels of records, whose type is told in the
            reader's language; moments, days, numbers; other sentences.
    """

    template: str
    facts: tuple[tuple[str, Fact], ...] = ()

    def told(self, language: Language = ENGLISH, zone: str = "UTC") -> str:
        """The sentence in a language, its moments in a zone."""
        told = {name: _told(fact, language, zone) for name, fact in self.facts}
        return language.text(self.template).format(**told)


Fact = str | int | Decimal | dt.date | When | Called | FieldName | Said
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
        head, dash, rest = fact.partition(DASH)
        return f"{language.text(head)}{dash}{rest}" if dash and titled(head) else fact
    if isinstance(fact, Decimal | int):
        return language.number(fact)
    return language.date(fact) if isinstance(fact, dt.date) else fact.told(language, zone)
