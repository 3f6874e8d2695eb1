"""A record's fields and lines on the screen: in the reader's language, references as buttons that follow them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.model.field_words import STEP
from manager_nb.model.parts import Raw, Ref, Secret, Word
from manager_nb.model.secrets import MASK
from manager_nb.model.wording import caption
from manager_nb.widgets import view
from manager_nb.widgets.grid import LONG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager_nb.model.naming import Named
    from manager_nb.model.parts import Lines, Parts
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

MOST_LINES = 100
"""So many lines are shown at first."""


@dataclass(frozen=True, slots=True)
class PartsOnScreen:
    """Draws the parts of a record.

    Attributes:
        panel: the panel that they are in.
        place: the prefix of their keys.
        names: what the keys in them stand for.
        follow: called with the key of a record that a person follows.
    """

    panel: Panel
    place: str
    names: Mapping[str, Named]
    follow: Callable[[str], None]

    def fields(self, parts: Parts) -> Node | None:
        """The fields, a row each; None where there are none."""
        if not parts.fields:
            return None
        text = self.panel.text
        rows = [
            [self.path(path), self.cell(value, f"{self.place}-field-{number}")]
            for number, (path, value) in enumerate(parts.fields)
        ]
        heads = [text("Field"), text("Value")]
        return view.table(text("Fields"), heads, rows, key=f"{self.place}-fields", hide_caption=True)

    def lines(self, lines: Lines, most: int) -> Node:
        """A table of lines.

        Args:
            lines: the lines.
            most: how many are shown.
        """
        shown = lines.rows[:most]  # a document may have a hundred thousand, and is drawn again and again
        columns = list(zip(*shown, strict=True)) if shown else [() for _ in lines.columns]
        numbers = [place for place, column in enumerate(columns) if _numeric(column)]
        digits = {place: _decimals(columns[place]) for place in numbers}
        rows: list[list[str | Node]] = []
        for number, row in enumerate(shown, start=1):
            keys = [f"{self.place}-{lines.name}-{number}-{place}" for place in range(len(row))]
            cells = [
                self.panel.words.number(value, digits[place])
                if place in digits and value is not None
                else self.cell(value, keys[place])
                for place, value in enumerate(row)
            ]
            rows.append([self.panel.words.number(number), *cells])
        heads = [self.panel.text("Line"), *map(self.path, lines.columns)]
        title = self.panel.text(caption(lines.name))
        at = [0, *(place + 1 for place in numbers)]
        return view.table(title, heads, rows, numbers=at, key=f"{self.place}-lines-{lines.name}", hide_caption=True)

    def path(self, path: tuple[str | Ref, ...]) -> str:
        """Where a field stands: "Custom fields — GST number"."""
        return STEP.join(self._name(step.key) if isinstance(step, Ref) else self._caption(step) for step in path)

    def cell(self, value: Any, key: str) -> str | Node:
        """A value: words, or buttons that follow what it refers to."""
        if isinstance(value, Ref):
            return self._reference(value, key)
        if isinstance(value, tuple) and value and all(isinstance(one, Ref) for one in value):
            return view.group(*(self._reference(one, f"{key}-{number}") for number, one in enumerate(value)))
        told = self.told(value)
        if len(told) <= LONG:
            return told
        return view.fold(f"{told[: LONG // 2].rstrip()}…", view.preformatted(told, label=told[:40]), key=f"{key}-long")

    def told(self, value: Any) -> str:
        """A value in words."""
        text, words = self.panel.text, self.panel.words
        match value:
            case None:
                return ""
            case bool():
                return text("Yes") if value else text("No")
            case Decimal() | int():
                return words.number(value)
            case dt.datetime():  # the file names no zone for it
                return words.datetime(value.replace(tzinfo=dt.UTC))
            case dt.date():
                return words.date(value)
            case tuple():
                return self._several(value)
            case Ref():
                return self._name(value.key)
            case _:
                return self._other(value)

    def _other(self, value: Any) -> str:
        if isinstance(value, Secret):
            return self.panel.text("{mask} (a secret: it is never shown here)", mask=MASK)
        if isinstance(value, Raw):
            return value.hex if value.hex is not None else self.panel.words.size(value.size)
        return self.panel.text(value.text) if isinstance(value, Word) else str(value)

    def _several(self, value: tuple[Any, ...]) -> str:
        if value and all(isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], tuple) for one in value):
            return "; ".join(f"{self.path(path)}: {self.told(inner)}" for path, inner in value)
        return ", ".join(map(self.told, value))

    def _reference(self, ref: Ref, key: str) -> Node:
        named = self.names.get(ref.key)
        words = self._name(ref.key)
        if named is None or not (named.there or named.gone):
            return view.paragraph(words)
        return view.button(words, lambda: self.follow(ref.key), key=key, look="row")

    def _name(self, key: str) -> str:
        named = self.names.get(key)
        if named is None:
            return self.panel.text("a record that is not known any more: {key}", key=key)
        if named.gone:
            return self.panel.text("{name} (deleted)", name=named.name)
        return named.name if named.there else self.panel.text(named.name)

    def _caption(self, step: str) -> str:
        return self.panel.text(caption(step))


def _numeric(column: tuple[Any, ...]) -> bool:
    values = [value for value in column if value is not None]
    return bool(values) and all(isinstance(value, Decimal | int) and not isinstance(value, bool) for value in values)


def _decimals(column: tuple[Any, ...]) -> int:
    """The decimals that show every value of the column exactly, so that the points stand below each other."""
    return max(max(0, -int(Decimal(value).as_tuple().exponent)) for value in column if value is not None)
