"""What differs between two versions of a record, field by field; values as they are, not yet in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import Decoded, decode
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.model.lines_matching import match_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Values = Mapping[str, Any]

ADDED, REMOVED, MOVED = "line added", "line removed", "line moved"
SET, CLEARED, CHANGED = "set", "cleared", "changed"
CREATED, DELETED, TYPE, UNREADABLE = "created", "deleted", "type", "unreadable"
UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, or one line, that differs.

    Attributes:
        path: the fields from the record down to it, by their names in the schema; of a map's entry also its key.
        line: the line's number from 1, after the change (of a removed line, before it); None outside lines.
        before: its value, None where it had none; for a moved line its number, for "type" the type's GUID, for
            "unreadable" a sentence.
        after: likewise.
        kind: one of the words above.
        message: the name of the message that the field stands in.
        field: the field; None where there is none to name.
        owner: the line that the field stands in, after the change; None of a whole line and outside lines.
    """

    path: tuple[str, ...]
    line: int | None
    before: Any
    after: Any
    kind: str
    message: str = ""
    field: FieldType | None = None
    owner: Values | None = None


def field_changes(before: tuple[str | None, bytes], after: tuple[str | None, bytes]) -> list[FieldChange]:
    """What a change did.

    Args:
        before: content type (GUID in lower case; None where there was no record) and bytes.
        after: likewise.
    """
    old, new = _Side.of(*before), _Side.of(*after)
    if old.guid and new.guid:
        return list(_updated(old, new))
    kind = CREATED if new.guid else DELETED
    found = [*old.flaws(new), *_compare(old.type or new.type, old.values, new.values)]
    return [change if change.kind == UNREADABLE else replace(change, kind=kind) for change in found]


def unchanged_fields(before: tuple[str | None, bytes], after: tuple[str | None, bytes]) -> list[FieldChange]:
    """What a change left as it was, both sides as they are; of a line that it changed, the fields that stayed.

    Args:
        before: as for :func:`field_changes`.
        after: likewise.
    """
    old, new = _Side.of(*before), _Side.of(*after)
    return list(_same(new.type, old.values, new.values)) if old.guid == new.guid else []


@dataclass(frozen=True, slots=True)
class _Side:
    """One version of a record, read."""

    guid: str | None
    type: MessageType | None
    read: Decoded
    size: int

    @classmethod
    def of(cls, guid: str | None, content: bytes) -> _Side:
        known = SCHEMA.type_of(guid) if guid else None
        return cls(guid, known, decode(known, content) if known else Decoded({}, (), ()), len(content))

    @property
    def values(self) -> Values:
        return self.read.values

    def told(self) -> str | None:
        """What could not be read, a sentence; None where everything could."""
        if self.guid and self.type is None:
            return f"{self.size} bytes of a type that is unknown to this version"
        if self.read.flaws:
            return "; ".join(f"{flaw.path}: {flaw.what}" if flaw.path else flaw.what for flaw in self.read.flaws)
        return None

    def flaws(self, new: _Side) -> Iterator[FieldChange]:
        """A row where one of the two could not be read."""
        before, after = self.told(), new.told()
        if before or after:
            yield FieldChange((), None, before, after, UNREADABLE)


def _updated(old: _Side, new: _Side) -> Iterator[FieldChange]:
    yield from old.flaws(new)
    if old.guid == new.guid:
        yield from _compare(old.type, old.values, new.values)
        yield from _unknown_fields(old, new)
        return
    yield FieldChange((), None, old.guid, new.guid, TYPE)
    yield from _compare(old.type, old.values, {})
    yield from _compare(new.type, {}, new.values)


def _unknown_fields(old: _Side, new: _Side) -> Iterator[FieldChange]:
    """Fields of a newer version: that they differ, not what they say."""
    before, after = ({(unknown.path, unknown.number): b"" for unknown in side.read.unknown} for side in (old, new))
    for side, sums in ((old, before), (new, after)):
        for unknown in side.read.unknown:
            sums[unknown.path, unknown.number] += unknown.data
    for path, number in sorted(before.keys() | after.keys()):
        pair = before.get((path, number)), after.get((path, number))
        if pair[0] != pair[1]:
            where = (*([path] if path else []), f"Field {number}")
            yield FieldChange(where, None, _unknown_bytes(pair[0]), _unknown_bytes(pair[1]), _kind(*pair))


def _unknown_bytes(data: bytes | None) -> str | None:
    return None if data is None else f"{len(data)} bytes of a field that is unknown to this version"


def _compare(
    message_type: MessageType | None, old: Values, new: Values, path: tuple[str, ...] = (), line: int | None = None
) -> Iterator[FieldChange]:
    for field in message_type.fields.values() if message_type else ():
        before, after = old.get(field.name), new.get(field.name)
        if before == after and (before is None) == (after is None):
            continue
        here = (*path, field.name)
        if field.type == "map":
            yield from _entries(message_type.name if message_type else "", field, before or {}, after or {}, here, line)
        elif field.message and field.repeated:
            yield from _lines(SCHEMA.message(field.message), field, before or [], after or [], here)
        elif field.message:
            yield from _compare(SCHEMA.message(field.message), before or {}, after or {}, here, line)
        else:
            name = message_type.name if message_type else ""
            yield FieldChange(here, line, before, after, _kind(before, after), name, field)


def _entries(
    message: str, field: FieldType, old: Values, new: Values, path: tuple[str, ...], line: int | None
) -> Iterator[FieldChange]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before != after:
            yield FieldChange((*path, key), line, before, after, _kind(before, after), message, field.value)


def _lines(
    element: MessageType, field: FieldType, old: list[Values], new: list[Values], path: tuple[str, ...]
) -> Iterator[FieldChange]:
    for pair in match_lines(old, new):
        if pair.old is None and pair.new is not None:
            yield FieldChange(path, pair.new + 1, None, new[pair.new], ADDED, element.name, field)
        elif pair.new is None and pair.old is not None:
            yield FieldChange(path, pair.old + 1, old[pair.old], None, REMOVED, element.name, field)
        elif pair.old is not None and pair.new is not None:
            if pair.moved:
                yield FieldChange(path, pair.new + 1, pair.old + 1, pair.new + 1, MOVED)
            else:
                for change in _compare(element, old[pair.old], new[pair.new], path, pair.new + 1):
                    yield replace(change, owner=new[pair.new])


def _kind(before: Any, after: Any) -> str:
    return SET if before is None else CLEARED if after is None else CHANGED


def _same(
    message_type: MessageType | None, old: Values, new: Values, path: tuple[str, ...] = (), line: int | None = None
) -> Iterator[FieldChange]:
    for field in message_type.fields.values() if message_type else ():
        before, after = old.get(field.name), new.get(field.name)
        if before is None or after is None:
            continue
        here, name = (*path, field.name), message_type.name if message_type else ""
        if field.type == "map":
            for key in (key for key in after if key in before and before[key] == after[key]):
                yield FieldChange((*here, key), line, before[key], after[key], UNCHANGED, name, field.value)
        elif field.message and field.repeated:
            yield from _same_lines(SCHEMA.message(field.message), field, before, after, here)
        elif field.message:
            yield from _same(SCHEMA.message(field.message), before, after, here, line)
        elif before == after:
            yield FieldChange(here, line, before, after, UNCHANGED, name, field)


def _same_lines(
    element: MessageType, field: FieldType, old: list[Values], new: list[Values], path: tuple[str, ...]
) -> Iterator[FieldChange]:
    """Whole lines that are as they were, in the order after; of a line that differs, what stayed in it."""
    pairs = {pair.new: pair for pair in match_lines(old, new)}
    for place, line in enumerate(new):
        pair = pairs.get(place)
        if pair is None or pair.moved:
            yield FieldChange(path, place + 1, line, line, UNCHANGED, element.name, field)
        elif pair.old is not None:
            for found in _same(element, old[pair.old], line, path, place + 1):
                yield replace(found, owner=line)
