"""What a check found: a sentence with its facts beside it; tables have it in English, a screen as its reader reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from manager_nb.i18n import Language

_ENGLISH = Language("en")


class Size(int):
    """A number of bytes, told in words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence about what was found.

    Attributes:
        template: an English text of the catalogue.
        facts: what its placeholders stand for: names as they are; numbers, sizes and aware times as a language has it.
    """

    template: str
    facts: tuple[tuple[str, str | int | dt.datetime], ...] = ()

    def told(self, language: Language = _ENGLISH, zone: str = "UTC") -> str:
        """The sentence in a language, its times in a zone."""
        facts = {name: _fact(fact, language, zone) for name, fact in self.facts}
        return language.text(self.template).format(**facts)


def found(template: str, **facts: str | int | dt.datetime) -> Found:
    """A sentence with its facts."""
    return Found(template, tuple(facts.items()))


def _fact(fact: str | int | dt.datetime, language: Language, zone: str) -> str:
    if isinstance(fact, dt.datetime):
        return language.datetime(fact, zone)
    if isinstance(fact, Size):
        return language.size(fact)
    return language.number(fact) if isinstance(fact, int) else fact
