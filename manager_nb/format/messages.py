"""Read one message by its schema, exactly: the reference for the column engine (docs/format.md §3).

Reading never raises: what cannot be read is kept and listed. ``encoding.py`` is the way back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from manager_nb.errors import WireError
from manager_nb.format import scalars
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.format.wire import BYTES, FIXED32, VARINT, Field, read_sound_fields, read_varint

Values = dict[str, Any]
"""A message's values by field name: only those that differ from the default."""

MAX_DEPTH = 32
NUMBERS = ("bool", "int32", "int64", "enum")
"""The types that are one varint."""


class EnumValue(str):
    """The name of an enum's value, with its number; a number that the schema does not know is its own name."""

    __slots__ = ("number",)
    number: int

    @classmethod
    def of(cls, enum: str, number: int) -> EnumValue:
        """The value of that number."""
        made = cls(SCHEMA.enum(enum).get(number, str(number)))
        made.number = number
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_enum, (str(self), self.number)


def _rebuild_enum(name: str, number: int) -> EnumValue:
    made = EnumValue(name)
    made.number = number
    return made


@dataclass(frozen=True, slots=True)
class Unknown:
    """A field that the schema does not know: a newer version's.

    Attributes:
        path: the message it stands in, "" for the record itself, else e.g. "Lines[0]".
        number: its field number.
        wire_type: its wire type.
        data: its bytes, tag included.
    """

    path: str
    number: int
    wire_type: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Flaw:
    """Bytes of a message that could not be read as the schema says.

    Attributes:
        path: the field, e.g. "Lines[0].Qty", "" where the record itself breaks off.
        what: what is wrong, a sentence for an accountant.
        data: the bytes, tag included.
    """

    path: str
    what: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message that was read: its values, and what else was in it."""

    values: Values
    unknown: tuple[Unknown, ...]
    flaws: tuple[Flaw, ...]


def decode(message_type: MessageType, data: bytes) -> Decoded:
    """Read one message.

    Values are bool, int, str, bytes, :class:`~decimal.Decimal` (scale kept), date or
    :class:`~manager_nb.format.scalars.TickDateTime`, GUIDs as text, :class:`EnumValue`, lists, and dicts for messages
    and maps. A value that equals its field's default is left out, as Manager leaves it out.
    """
    reader = _Reader()
    values = reader.message(message_type, data, "", 0)
    return Decoded(values, tuple(reader.unknown), tuple(reader.flaws))


def _in_schema_order(message_type: MessageType, values: Values) -> Values:
    if len(values) < 2:
        return values
    ordered = {name: values[name] for name in message_type.order if name in values}
    values.clear()
    values.update(ordered)
    return values


class _BadValueError(Exception):
    """The bytes are sound, but no value of the field's type."""


class _Reader:
    """Collects unknown fields and flaws over all levels of one message."""

    def __init__(self) -> None:
        self.unknown: list[Unknown] = []
        self.flaws: list[Flaw] = []

    def message(
        self, message_type: MessageType, data: bytes, path: str, depth: int, values: Values | None = None
    ) -> Values:
        values = {} if values is None else values
        if depth > MAX_DEPTH:
            self.flaws.append(Flaw(path, "The record is nested too deeply.", data))
            return values
        for field in self._sound(data, path):
            kind = message_type.fields.get(field.number)
            raw = data[field.start : field.end]
            if kind is None:
                self.unknown.append(Unknown(path, field.number, field.wire_type, raw))
                continue
            here = f"{path}.{kind.name}" if path else kind.name
            try:
                self._take(kind, field, values, here, depth)
            except _BadValueError as fault:
                self.flaws.append(Flaw(here, str(fault), raw))
        return _in_schema_order(message_type, values)

    def _sound(self, data: bytes, path: str) -> list[Field]:
        fields, fault, end = read_sound_fields(data)
        if fault is not None:
            self.flaws.append(Flaw(path, fault.message, data[end:]))
        return fields

    def _take(self, kind: FieldType, field: Field, values: Values, path: str, depth: int) -> None:
        if kind.type == "map":
            self._map_entry(kind, _content(field), values.setdefault(kind.name, {}), path)
        elif kind.repeated:
            self._elements(kind, field, values, path, depth)
        elif kind.type == "message":
            content = _content(field)
            earlier = values.setdefault(kind.name, {})
            self.message(SCHEMA.message(kind.message or ""), content, path, depth + 1, earlier)
        else:
            value = self._scalar(kind, field, path)
            if kind.nullable or not is_default(kind, value):
                values[kind.name] = value
            else:
                values.pop(kind.name, None)

    def _elements(self, kind: FieldType, field: Field, values: Values, path: str, depth: int) -> None:
        elements: list[Any] = values.get(kind.name, [])
        if kind.type in NUMBERS and field.wire_type == BYTES:
            elements += [_number(kind, number) for number in _packed(_content(field))]
        elif kind.type == "message":
            here = f"{path}[{len(elements)}]"
            elements.append(self.message(SCHEMA.message(kind.message or ""), _content(field), here, depth + 1))
        else:
            elements.append(self._scalar(kind, field, f"{path}[{len(elements)}]"))
        if elements:
            values[kind.name] = elements

    def _map_entry(self, kind: FieldType, data: bytes, entries: Values, path: str) -> None:
        key_kind, value_kind = kind.key, kind.value
        assert key_kind is not None and value_kind is not None  # noqa: S101, PT018 - a map has both, by the schema
        entry: Values = {"key": "" if key_kind.type == "string" else scalars.NIL}
        if not value_kind.nullable:
            entry["value"] = _zero(value_kind)
        for field in self._sound(data, path):
            side = {1: key_kind, 2: value_kind}.get(field.number)
            raw = data[field.start : field.end]
            if side is None:
                self.unknown.append(Unknown(path, field.number, field.wire_type, raw))
                continue
            try:
                if side.repeated:
                    entry["value"] = [*entry["value"], self._scalar(side, field, path)]
                else:
                    entry[side.name] = self._scalar(side, field, path)
            except _BadValueError as fault:
                self.flaws.append(Flaw(path, str(fault), raw))
        if entry["key"] in entries and key_kind.type == "guid":
            what = "An entry stands twice; Manager cannot open this record. The later one is shown."
            self.flaws.append(Flaw(f"{path}[{entry['key']}]", what, data))
        entries[entry["key"]] = entry.get("value")

    def _scalar(self, kind: FieldType, field: Field, path: str) -> Any:
        if kind.type in NUMBERS:
            if not isinstance(field.value, int):
                raise _BadValueError("A number was expected here.")
            return _number(kind, field.value, wire_type=field.wire_type)
        content = _content(field)
        if kind.type == "string":
            return content.decode("utf-8", "replace")
        if kind.type == "bytes":
            return content
        return self._compound(kind, content, path)

    def _compound(self, kind: FieldType, content: bytes, path: str) -> Any:
        """A GUID, decimal or datetime: a message of up to three numbers, the last of each winning."""
        fields, fault, _ = read_sound_fields(content)
        if fault is not None:
            raise _BadValueError(fault.message)
        parts = [0, 0, 0]
        known = 2 if kind.type == "guid" else 3
        for field in fields:
            if field.number > known:
                self.unknown.append(Unknown(path, field.number, field.wire_type, content[field.start : field.end]))
            elif isinstance(field.value, int):
                parts[field.number - 1] = field.value
            else:
                raise _BadValueError("A number was expected here.")
        return _COMPOUND[kind.type](parts)


def _guid(parts: list[int]) -> str:
    return scalars.guid_from_bytes(parts[0].to_bytes(8, "little") + parts[1].to_bytes(8, "little"))


def _decimal(parts: list[int]) -> Decimal:
    if max(parts[1:]) >> 32:
        raise _BadValueError("A decimal number is out of range.")
    try:
        return scalars.decimal_from_parts(*parts)
    except ValueError:
        raise _BadValueError("A decimal number is out of range.") from None


def _datetime(parts: list[int]) -> dt.date:
    value = parts[0] >> 1 ^ -(parts[0] & 1)
    try:
        return scalars.datetime_from_parts(value, parts[1], parts[2])
    except ValueError:
        raise _BadValueError("A date is out of range.") from None


_COMPOUND = {"guid": _guid, "decimal": _decimal, "datetime": _datetime}


def _content(field: Field) -> bytes:
    if field.wire_type != BYTES or isinstance(field.value, int):
        raise _BadValueError("A text or a message was expected here.")
    return field.value


def _packed(data: bytes) -> list[int]:
    numbers, position = [], 0
    while position < len(data):
        try:
            number, position = read_varint(data, position)
        except WireError:
            raise _BadValueError("A list of numbers breaks off.") from None
        numbers.append(number)
    return numbers


def _number(kind: FieldType, number: int, *, wire_type: int = VARINT) -> Any:
    if kind.type == "bool":
        return number != 0
    if kind.type == "int64":
        return _signed(number, 32 if wire_type == FIXED32 else 64)
    number = _signed(number, 32 if wire_type == FIXED32 or (wire_type == VARINT and number < 2**32) else 64)
    if not -(2**31) <= number < 2**31:
        raise _BadValueError("A number is out of range.")
    return EnumValue.of(kind.enum or "", number) if kind.type == "enum" else number


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> (bits - 1) & 1 else number


def _zero(kind: FieldType) -> Any:
    """What a field that may not be null has when nothing is written."""
    if kind.repeated:
        return []
    if kind.type == "enum":
        return EnumValue.of(kind.enum or "", 0)
    zeros: dict[str, Any] = {
        "bool": False,
        "int32": 0,
        "int64": 0,
        "string": "",
        "guid": scalars.NIL,
        "decimal": Decimal(0),
        "datetime": dt.date(1, 1, 1),
    }
    return zeros[kind.type]


def is_default(kind: FieldType, value: Any) -> bool:
    """Whether a field that may not be null has its default value; a decimal's scale counts (0.00 is not 0)."""
    if kind.type in ("string", "bytes"):
        return False
    if isinstance(value, Decimal):
        return not value and value.as_tuple().exponent == 0
    if isinstance(value, EnumValue):
        return value.number == 0
    return bool(value == _zero(kind))
