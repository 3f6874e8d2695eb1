"""What an upgrade of the file can have done to a record, and what it has not been seen to do.

A newer Manager rewrites records when it opens an older file, and writes nothing of it into History (docs/format.md §2).
That cause is believed only of what such a rewriting is like: every record of a kind alike, nothing but what was in the
record before or follows from it, and no other total. What is not like that may still be the upgrade's, or an edit.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import EnumValue, decode
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.amounts import amount_of
from manager_nb.model.field_changes import ADDED, CLEARED, MOVED, REMOVED, UNREADABLE, FieldChange, field_changes

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from manager_nb.model.lookup import Lookup

Side = tuple[str, bytes]
"""A record as content type (GUID in lower case) and content."""

Path = tuple[str, ...]

AMOUNT = mark("the document comes to another amount")
TYPED = mark("what it says now stood nowhere in it before, or what it said is gone")
UNEVEN = mark("other records like it were left as they were")
SINGLE = mark("no other record differs in that way")
TIMED = mark("its own time is another than that of its last change, which an upgrade leaves alone")
"""Why a difference is not like an upgrade's, the strongest first."""

_ALIKE = 2
_NUMBERS = (0, 1)
"""Numbers that an upgrade writes of its own: it has been seen to set a rate to 1."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How one record differs without a change that tells why.

    Attributes:
        key: what the caller knows it by.
        type: its content type before, a GUID.
        fields: where it differs.
        held: which of these places held something before.
        last: when it had been changed last, in ticks; 0 where that does not count.
        unlike: one of the reasons above; None where the record by itself is as an upgrade leaves it.
    """

    key: Hashable
    type: str
    fields: tuple[Path, ...]
    held: tuple[bool, ...]
    last: int
    unlike: str | None

    @property
    def kind(self) -> Hashable:
        """Records that an upgrade would treat alike have the same."""
        return self.type, self.fields


def difference(key: Hashable, before: Side, after: Side, lookup: Lookup, last: int = 0) -> Difference:
    """See how a record differs.

    Args:
        key: what the caller knows it by.
        before: as its last change left it.
        after: as it was found.
        lookup: finds what its total depends on.
        last: when it had been changed last, in ticks.
    """
    changes = field_changes(before, after)
    old, new = (_values(side) for side in (before, after))
    fields = tuple(sorted({_named(change.path) for change in changes}))
    known = SCHEMA.type_of(before[0])
    kind = known.kind if known else ""
    unlike = None
    if kind == "transaction" and _other_amount(before, after, lookup):
        unlike = AMOUNT
    elif any(_by_hand(change, old, new, setting=kind == "setting") for change in changes):
        unlike = TYPED
    return Difference(key, before[0], fields, _held(old, fields), last, unlike)


@dataclass(slots=True)
class Standing:
    """A record that was there and does not differ: what the others are held against.

    Attributes:
        key: of the record.
        type: its content type, a GUID.
        content: its bytes.
        last: when it was changed last, in ticks; 0 where that does not count.
    """

    key: str
    type: str
    content: bytes
    last: int = field(default=0)


def unlike(differences: Iterable[Difference], standing: Iterable[Standing]) -> dict[Hashable, str]:
    """Why differences are not like those that an upgrade makes, by their keys; the others are left out.

    A record that was changed after all of its kind that differ says nothing: the upgrade may have come before.
    """
    kinds: dict[Hashable, list[Difference]] = defaultdict(list)
    found: dict[Hashable, str] = {}
    for one in differences:
        if one.unlike:
            found[one.key] = one.unlike
        else:
            kinds[one.kind].append(one)
    uneven = _uneven(kinds, standing)
    for kind, alike in kinds.items():
        known = SCHEMA.type_of(alike[0].type)
        reason = UNEVEN if kind in uneven else None
        if len(alike) < _ALIKE and (known is None or not known.singleton):
            reason = reason or SINGLE
        if reason:
            found.update((one.key, reason) for one in alike)
    return found


def _uneven(kinds: Mapping[Hashable, list[Difference]], standing: Iterable[Standing]) -> set[Hashable]:
    """The kinds of which a record was left as it was although it had the same places filled."""
    by_type: dict[str, list[tuple[Hashable, tuple[Path, ...], set[tuple[bool, ...]], int]]] = defaultdict(list)
    for kind, alike in kinds.items():
        first = alike[0]
        by_type[first.type].append(
            (kind, first.fields, {one.held for one in alike}, max(one.last for one in alike)),
        )
    found: set[Hashable] = set()
    for one in standing if kinds else ():
        if one.type not in by_type or one.key == one.type:
            continue
        values = _values((one.type, one.content))
        for kind, fields, shapes, bound in by_type[one.type]:
            if kind not in found and one.last <= bound and _held(values, fields) in shapes:
                found.add(kind)
    return found


def _values(side: Side) -> Mapping[str, Any]:
    known = SCHEMA.type_of(side[0])
    return decode(known, side[1]).values if known else {}


def _other_amount(before: Side, after: Side, lookup: Lookup) -> bool:
    """Whether a document comes to another amount; one that was known and no longer is counts as well."""
    was, now = (amount_of(SCHEMA.type_of(side[0]), side[1], lookup).value for side in (before, after))
    return was is not None and was != now


def _by_hand(change: FieldChange, old: Mapping[str, Any], new: Mapping[str, Any], *, setting: bool) -> bool:
    """Whether a difference is one that only somebody who knows more than the record can have made."""
    if change.kind == MOVED:
        return True
    if not change.path:  # of another type, or not to be read
        known = SCHEMA.type_of(str(change.before)) if change.kind != UNREADABLE else None
        return known is None or not known.obsolete
    obsolete = any(name.startswith("Obsolete_") for name in change.path)
    if change.kind in (CLEARED, REMOVED) and not obsolete:
        gone = [value for value in _leaves(change.before) if setting or not isinstance(value, _COUNTED)]
        return not set(gone) <= set(_leaves(new))
    if change.kind in (CLEARED, REMOVED):
        return False
    if setting and change.before is not None:
        return True
    return any(not _follows(value, change.kind) and value not in set(_leaves(old)) for value in _leaves(change.after))


_COUNTED = (bool, int, Decimal, EnumValue)


def _follows(value: object, kind: str) -> bool:
    """Whether a program can write a value that was nowhere before: no text, date or number that only people know."""
    if isinstance(value, bool | EnumValue) or value == "":
        return kind != ADDED or value == ""
    if isinstance(value, int | Decimal):
        return value in _NUMBERS
    return isinstance(value, str) and SCHEMA.type_of(value.lower()) is not None


def _leaves(value: object) -> Iterator[Any]:
    """Every single value in a value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str | bytes | bool | int | Decimal | dt.date):
        yield value


def _named(path: Path) -> Path:
    """Where a field stands, without the keys of entries."""
    return tuple(name for name in path if name.isidentifier() or name.startswith("Field "))


def _held(values: Mapping[str, Any], fields: Iterable[Path]) -> tuple[bool, ...]:
    return tuple(_holds(values, path) for path in fields)


def _holds(value: object, path: Path) -> bool:
    """Whether anything stands at a place, in any line."""
    if isinstance(value, list | tuple):
        return any(_holds(inner, path) for inner in value)
    if not path:
        return value is not None
    if not isinstance(value, dict):
        return value is not None
    return path[0] in value and _holds(value[path[0]], path[1:])
