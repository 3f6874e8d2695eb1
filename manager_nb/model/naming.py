"""What records call the record that they refer to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels

if TYPE_CHECKING:
    from manager_nb.model.lookup import Found, Lookup

_LAST = (1 << 63) - 1
"""A moment after every change."""


@dataclass(frozen=True, slots=True)
class Named:
    """A record that others refer to.

    Attributes:
        name: what they call it: "C003 - Chetan & Sons", "1001".
        label: what Manager's History calls it: "Sales Invoice — 1001 — 2025-04-02".
        type: the name of its type.
        there: whether the business has such a record now.
        gone: whether it had one that was deleted. What is neither is the program's own: an account or a type that it
            has without a row.
    """

    name: str
    label: str
    type: str
    there: bool
    gone: bool = False


def named(lookup: Lookup, key: str) -> Named | None:
    """What a key stands for; None where neither the business, its History nor the schema knows it."""
    now = lookup.now(key)
    known = SCHEMA.type_of(key.lower())
    if now is not None and (known is None or known.singleton):
        return _named(now, there=True)
    if known is not None:
        return Named(labels.title(known), labels.title(known), known.name, there=False)
    last = lookup.then(key, _LAST)
    return _named(last, there=False) if last is not None else None


def _named(found: Found, *, there: bool) -> Named:
    name, label = (word(found.type, found.values) for word in (labels.name, labels.label))
    return Named(name, label, found.type.name, there, not there)
