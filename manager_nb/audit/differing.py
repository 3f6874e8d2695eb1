"""Which fields of a record differ between two states of it, from what to what, in a sentence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.audit.telling import EXAMPLES, joined
from manager_nb.model.field_changes import FieldChange, field_changes
from manager_nb.model.field_words import STEP, FieldWords
from manager_nb.model.said import Fact, FieldName, said
from manager_nb.model.secrets import is_secret
from manager_nb.model.wording import Words

if TYPE_CHECKING:
    from manager_nb.model.lookup import Lookup

_LONG = 80
"""Longer values are cut, and that is said."""

Side = tuple[str, bytes]
"""A state of a record: its type's GUID and its content."""


def differences_said(
    before: Side, after: Side, then: Lookup, now: Lookup, ticks: tuple[int | None, int | None] = (None, None)
) -> Fact:
    """What differs between two states of a record: "Reference: 17 → 18; Lines — Qty (line 2): 3 → 5; and 2 more".

    Secrets are masked. Names are as they were at the two moments. Of many fields the first are told, and how many more
    there are.

    Args:
        before: the one state.
        after: the other.
        then: finds what the one refers to.
        now: finds what the other refers to.
        ticks: the moments of the two; None is today.
    """
    found = list(field_changes(before, after))
    words = Words(then, ticks[0]), Words(now, ticks[1])
    return joined([_one(change, *words) for change in found[:EXAMPLES]], len(found))


def value_said(value: str | None) -> Fact:
    """A text as a value in a sentence: that there is none is said, and one that is long is cut, and that is said."""
    if value is None or value == "":
        return said("(nothing)")
    if len(value) <= _LONG:
        return value
    return said("{start}… ({count} characters)", start=value[:_LONG], count=len(value))


def _one(change: FieldChange, then: Words, now: Words) -> Fact:
    words = FieldWords(change, then, now)
    field: Fact = FieldName(tuple(words.path().split(STEP)))
    if change.line is not None:
        field = said("{field} (line {number})", field=field, number=change.line)
    return said(
        "{field}: {before} → {after}",
        field=field,
        before=_value(change, change.before, words.before()),
        after=_value(change, change.after, words.after()),
    )


def _value(change: FieldChange, value: Any, told: str | None) -> Fact:
    """A figure or a day as such, so that each language tells it in its own way; anything else in words."""
    plain = change.field is not None and not is_secret(change.message, change.field)
    if plain and isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value_said(told)
    return value if plain and isinstance(value, Decimal | dt.date) else value_said(told)
