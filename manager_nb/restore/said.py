"""A sentence with its facts beside it, told in any language."""

from __future__ import annotations

from dataclasses import dataclass

from manager_nb.i18n import Language

_ENGLISH = Language("en")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence.

    Attributes:
        template: an English text of the catalogue.
        facts: what its placeholders stand for: names, never templates; or another sentence.
    """

    template: str
    facts: tuple[tuple[str, str | Said], ...] = ()

    def told(self, language: Language = _ENGLISH) -> str:
        """The sentence in a language."""
        told = {name: fact.told(language) if isinstance(fact, Said) else fact for name, fact in self.facts}
        return language.text(self.template).format(**told)


def said(template: str, **facts: str | Said) -> Said:
    """A sentence with its facts."""
    return Said(template, tuple(facts.items()))
