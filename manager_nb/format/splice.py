"""Edit one field of a record and leave every other byte as it is (docs/format.md §3).

Manager drops fields that it does not know when it saves a record again. An edit here does not read and rewrite the
record: it cuts out the bytes of one field and puts others in their place, so that unknown fields, and whatever the
author of the bytes chose to do differently, stay.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from manager_nb.errors import EncodeError, WireError
from manager_nb.format.encoding import encode
from manager_nb.format.messages import NUMBERS, decode
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.format.wire import BYTES, Field, read_fields, write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    FieldPath = Sequence[str | int]

_HINT = 'Name a field of the record, for example "Reference", or a field of a line: "Lines", 2, "Qty".'
_REMOVED = object()


def set_field(message_type: MessageType, data: bytes, path: FieldPath, value: Any) -> bytes:
    """The record with one value set, every other byte as it was.

    Args:
        message_type: the type of the record.
        data: the record's bytes.
        path: the field's name; inside a list the place (from 0; one past the last adds an element) and so on, e.g.
            ``("Lines", 2, "Qty")``; inside a map the key, e.g. ``("CustomFields", "0d0b…")``.
        value: as :func:`~manager_nb.format.messages.decode` gives it. What Manager leaves out (None, the default of a
            field that cannot be null) is left out here. A message, list or map that is set as a whole replaces the old
            one with all that was in it.

    Raises:
        EncodeError: there is no such field, or the value does not fit it.
        WireError: the record, or the message that holds the field, cannot be read.
    """
    if not path:
        raise _no_such("")
    return _edit(message_type, data, tuple(path), value, "")


def clear_field(message_type: MessageType, data: bytes, path: FieldPath) -> bytes:
    """The record without one value, every other byte as it was.

    A path that ends in a list or a map (``("Lines", 2)``) takes that element or entry out. A date that Manager always
    writes becomes 0001-01-01, as Manager writes it.

    Raises:
        EncodeError: there is no such field or element.
        WireError: the record, or the message that holds the field, cannot be read.
    """
    return set_field(message_type, data, path, _REMOVED)


def _edit(message_type: MessageType, data: bytes, path: tuple[str | int, ...], value: Any, where: str) -> bytes:
    name, rest = path[0], path[1:]
    kind = message_type.field(name) if isinstance(name, str) else None
    here = _under(where, str(name))
    if kind is None:
        raise _no_such(here)
    fields = read_fields(data)
    places = [field for field in fields if field.number == kind.number]
    if not rest:
        return _replaced(data, fields, places, _encoded(kind, None if value is _REMOVED else value, where))
    if kind.type == "map":
        return _edit_entry(data, fields, kind, rest, value, where)
    if kind.repeated:
        return _edit_element(data, fields, kind, rest, value, where)
    if kind.type != "message":
        raise _no_such(f"{here}.{rest[0]}")
    # A message that stands several times is one message, its parts one after another (docs/format.md §3).
    parts = b"".join(_content(place, here) for place in places)
    return _replaced(data, fields, places, _message(kind, parts if places else None, rest, value, here))


def _edit_element(
    data: bytes, fields: list[Field], kind: FieldType, path: tuple[str | int, ...], value: Any, where: str
) -> bytes:
    places = [field for field in fields if field.number == kind.number]
    index, rest = path[0], path[1:]
    here = _under(where, f"{kind.name}[{index}]")
    if kind.type in NUMBERS and any(place.wire_type == BYTES for place in places):
        return _edit_packed(data, fields, kind, path, value, where)
    if not isinstance(index, int) or not 0 <= index <= len(places) or (index == len(places) and value is _REMOVED):
        raise _no_such(here)
    old = places[index : index + 1]
    if rest:
        if kind.type != "message":
            raise _no_such(f"{here}.{rest[0]}")
        new = _message(kind, _content(old[0], here) if old else None, rest, value, here)
    else:
        new = b"" if value is _REMOVED else _element(kind, index, value, where)
    if not old and places:
        return data[: places[-1].end] + new + data[places[-1].end :]
    return _replaced(data, fields, old, new, kind.number)


def _edit_packed(
    data: bytes, fields: list[Field], kind: FieldType, path: tuple[str | int, ...], value: Any, where: str
) -> bytes:
    """A list of numbers in one piece, as other writers of protobuf make it: written again number by number."""
    places = [field for field in fields if field.number == kind.number]
    read = decode(_only(kind), b"".join(data[place.start : place.end] for place in places))
    if read.flaws:
        raise WireError(read.flaws[0].what, hint=_HINT)
    elements = list(read.values.get(kind.name, []))
    index = path[0]
    if len(path) > 1 or not isinstance(index, int) or not 0 <= index <= len(elements):
        raise _no_such(_under(where, f"{kind.name}[{index}]"))
    elements[index : index + 1] = [] if value is _REMOVED else [value]
    return _replaced(data, fields, places, _encoded(kind, elements, where))


def _edit_entry(
    data: bytes, fields: list[Field], kind: FieldType, path: tuple[str | int, ...], value: Any, where: str
) -> bytes:
    key = path[0]
    here = _under(where, f"{kind.name}[{key}]")
    if len(path) > 1 or not isinstance(key, str):
        raise _no_such(here)
    places = [field for field in fields if field.number == kind.number]
    old = [place for place in places if _key_of(kind, data, place) == key]
    if not old and value is _REMOVED:
        raise _no_such(here)
    new = b"" if value is _REMOVED else _encoded(kind, {key: value}, where)
    if not old and places:
        return data[: places[-1].end] + new + data[places[-1].end :]
    return _replaced(data, fields, old, new, kind.number)


def _key_of(kind: FieldType, data: bytes, place: Field) -> str | None:
    entries = decode(_only(kind), data[place.start : place.end]).values.get(kind.name, {})
    return next(iter(entries), None)


def _message(kind: FieldType, data: bytes | None, path: tuple[str | int, ...], value: Any, where: str) -> bytes:
    """A nested message with one field edited; a new one has what Manager writes in an empty one."""
    message_type = SCHEMA.message(kind.message or "")
    content = encode(message_type, {}) if data is None else data
    return write_bytes(kind.number, _edit(message_type, content, path, value, where))


def _replaced(data: bytes, fields: list[Field], places: list[Field], new: bytes, number: int | None = None) -> bytes:
    """Put ``new`` where the first of ``places`` was and take out the others; without places, in ascending position."""
    if not places:
        if not new:
            return data
        number = number if number is not None else read_fields(new)[0].number
        at = next((field.start for field in fields if field.number > number), len(data))
        return data[:at] + new + data[at:]
    pieces, position = [], 0
    for turn, place in enumerate(places):
        pieces += [data[position : place.start], new if turn == 0 else b""]
        position = place.end
    return b"".join([*pieces, data[position:]])


def _encoded(kind: FieldType, value: Any, where: str) -> bytes:
    return encode(_only(kind), {kind.name: value}, where)


def _element(kind: FieldType, index: int, value: Any, where: str) -> bytes:
    """One element of a list, written whatever its value."""
    if value is None:
        raise _no_such(_under(where, f"{kind.name}[{index}]"))
    alone = dataclasses.replace(kind, name=f"{kind.name}[{index}]", repeated=False, nullable=True)
    return _encoded(alone, value, where)


def _only(kind: FieldType) -> MessageType:
    """A message type of that one field, so that reading and writing stay in one place."""
    return MessageType(kind.name, {kind.number: kind})


def _content(place: Field, where: str) -> bytes:
    if isinstance(place.value, int) or place.wire_type != BYTES:
        raise _no_such(where)
    return place.value


def _under(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _no_such(path: str) -> EncodeError:
    return EncodeError("The record has no field {field}.", hint=_HINT, field=path)


def differing_numbers(before: bytes, after: bytes) -> frozenset[int]:
    """The numbers of the fields whose bytes are not the same in two versions of a record.

    Raises:
        WireError: one of them cannot be read.
    """
    old, new = _by_number(before), _by_number(after)
    return frozenset(number for number in old.keys() | new.keys() if old.get(number) != new.get(number))


def with_fields_of(data: bytes, other: bytes, numbers: Iterable[int]) -> bytes:
    """The record with some fields as another version has them, every other byte as it was.

    Args:
        data: the record's bytes.
        other: the version that the fields are taken from; one that it does not have is taken out.
        numbers: the fields' numbers.

    Raises:
        WireError: one of them cannot be read.
    """
    taken = _by_number(other)
    for number in sorted(numbers):
        fields = read_fields(data)
        places = [field for field in fields if field.number == number]
        data = _replaced(data, fields, places, taken.get(number, b""), number)
    return data


def _by_number(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for field in read_fields(data):
        found[field.number] = found.get(field.number, b"") + data[field.start : field.end]
    return found
