"""Fields and values in words that people read, as Manager's History shows them."""

from __future__ import annotations

import datetime as dt
import functools
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import EnumValue
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.i18n import mark
from manager_nb.model import labels
from manager_nb.model.secrets import MASK, is_secret
from manager_nb.model.values import SteadyValues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.model.lookup import Lookup

_DELETED, _RENAMED = mark("{name} (deleted since)"), mark("{name} (now {now})")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+")
_OBSOLETE = "Obsolete_"
_CAPTIONS = {"CustomFields2": "Custom fields", "Sha256": "SHA-256"}


@functools.cache
def caption(field: str) -> str:
    """A field's name in words: "Credit limit"; fields of older versions say so."""
    if field.startswith(_OBSOLETE):
        return f"{caption(field.removeprefix(_OBSOLETE))} (obsolete)"
    return _CAPTIONS.get(field) or sentence(field)


def sentence(name: str) -> str:
    """A name of the program's own in words: "Paragraph text"."""
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in _WORDS.findall(name)]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


class Words:
    """Says values in words as at a moment.

    Args:
        lookup: finds what values refer to.
        ticks: the moment whose names are used; today's stand beside them where they differ.
        values: how single values are told; as tables and scripts have them, unless a reader's language is given.
    """

    def __init__(self, lookup: Lookup, ticks: int | None, values: SteadyValues | None = None) -> None:
        self._lookup, self._ticks = lookup, ticks
        self.values = values or SteadyValues()

    def say(self, message_name: str, kind: FieldType, value: Any) -> str | None:
        """A field's value: figures, dates, names of what it refers to; secrets masked.

        Args:
            message_name: the type or message that the field stands in.
            kind: the field.
            value: as :func:`manager_nb.format.messages.decode` gives it; None is no value.
        """
        if value is None:
            return None
        if is_secret(message_name, kind):
            return MASK if value else ""
        if isinstance(value, list):
            return ", ".join(self._element(kind, element) for element in value)
        return self._element(kind, value)

    def line(self, message_type: MessageType, values: Mapping[str, Any]) -> str:
        """A whole line: "Item: Panel 50 W; Qty: 3"."""
        kinds = {field.name: field for field in message_type.fields.values()}
        told = [(name, self.say(message_type.name, kinds[name], value)) for name, value in values.items()]
        return "; ".join(f"{self.values.text(caption(name))}: {text}" for name, text in told if text is not None)

    def name(self, key: str) -> str:
        """What a record was called then; today's name beside it where it differs; its key where nothing is known."""
        known = SCHEMA.type_of(key)
        if known is not None and not known.singleton:
            return self.values.text(labels.title(known))  # a type of records, e.g. where a custom field is placed
        found = self._lookup.then(key, self._ticks)
        if found is None:
            return key
        then = labels.name(found.type, found.values)
        today = self._lookup.now(key)
        if today is None:
            return self.values.text(_DELETED, name=then)
        now = labels.name(today.type, today.values)
        return then if then == now else self.values.text(_RENAMED, name=then, now=now)

    def _element(self, kind: FieldType, value: Any) -> str:
        if isinstance(value, dict):
            return self._nested(kind, value)
        match value:
            case EnumValue():
                return self.values.text(sentence(value) or str(value))
            case bool():
                return self.values.flag(value)
            case Decimal():
                return self.values.number(value)
            case dt.date():
                return self.values.date(value)
            case bytes():
                return self.values.raw(value)
        if kind.type == "guid":
            return "" if value == NIL else self.name(value)
        return str(value)

    def _nested(self, kind: FieldType, value: Mapping[str, Any]) -> str:
        if kind.type == "map" and kind.value is not None:
            inner = kind.value
            return "; ".join(f"{self.name(key)}: {self.say('', inner, entry)}" for key, entry in value.items())
        return self.line(SCHEMA.message(kind.message or ""), value)
