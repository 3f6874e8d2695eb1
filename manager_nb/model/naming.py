"""What records call the record that they refer to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels

if TYPE_CHECKING:
    from manager_nb.model.lookup import Lookup

_LAST = (1 << 63) - 1
"""A moment after every change."""


@dataclass(frozen=True, slots=True)
class Named:
    """A record that others refer to.

    Attributes:
        name: what they call it: "C003 - Chetan & Sons", "1001".
        type: the name of its type.
        there: whether the business has such a record now.
        gone: whether it had one that was deleted. What is neither is the program's own: an account or a type that it
            has without a row.
    """

    name: str
    type: str
    there: bool
    gone: bool = False


def named(lookup: Lookup, key: str) -> Named | None:
    """What a key stands for; None where neither the business, its History nor the schema knows it."""
    now = lookup.now(key)
    known = SCHEMA.type_of(key.lower())
    if now is not None and (known is None or known.singleton):
        return Named(labels.name(now.type, now.values), now.type.name, there=True)
    if known is not None:
        return Named(labels.title(known), known.name, there=False)
    last = lookup.then(key, _LAST)
    return Named(labels.name(last.type, last.values), last.type.name, there=False, gone=True) if last else None
