"""A record as the API of a Manager server takes and tells it: JSON by the schema, money exact.

Names have a small first letter; a GUID is text, an enum its number, a date ``2026-04-02T00:00:00``, bytes base64, a map
an object by its keys, lines an array; what is at its default is left out. A decimal is a JSON number with all its
decimals, ``10.50``: it never passes through a float, in either direction.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.errors import EncodeError
from manager_nb.format.encoding import encode
from manager_nb.format.messages import EnumValue, decode
from manager_nb.format.scalars import TICKS_PER_DAY, TICKS_PER_SECOND, TickDateTime
from manager_nb.format.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.format.schema import ContentType, FieldType, MessageType

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?)?Z?")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def path_of(kind: ContentType) -> str:
    """Where the API has records of a type: ``SalesInvoice`` at ``/api4/sales-invoice``."""
    return f"/api4/{_HUMP.sub('-', kind.name).lower()}"


def canonical(kind: ContentType, content: bytes) -> bytes:
    """The bytes that the program would write for what it reads in these."""
    return encode(kind, decode(kind, content).values)


def to_json(kind: ContentType, content: bytes) -> str:
    """A record as JSON text: the fields that are not at their default."""
    return _message_text(kind, decode(kind, content).values)


def parsed(text: bytes | str) -> Any:
    """JSON with its numbers exact; None where it is none.

    An answer may hold anything: more digits than a number has, levels without end.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def from_json(kind: ContentType, told: Mapping[str, Any]) -> bytes | None:
    """The bytes of a record that was told as JSON; None where a value does not fit its field.

    What is no field of the type is left out: the API tells derived values besides.
    """
    try:
        return encode(kind, _message(kind, told))
    except (EncodeError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        return None


def names_sent(kind: ContentType, content: bytes) -> set[str]:
    """The names of the fields that the JSON of a record has."""
    return {_small(name) for name in decode(kind, content).values}


def has_unsure_number(value: Any) -> bool:
    """Whether a minus stands before a zero somewhere: nobody knows whether it would arrive."""
    if isinstance(value, dict):
        return any(map(has_unsure_number, value.values()))
    if isinstance(value, list):
        return any(map(has_unsure_number, value))
    return isinstance(value, Decimal) and not value and value.is_signed()


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


# ---- there -----------------------------------------------------------------------------------------------------------


def _message_text(kind: MessageType, values: Mapping[str, Any]) -> str:
    fields = {field.name: field for field in kind.fields.values()}
    return _object({_small(name): _field_text(fields[name], value) for name, value in values.items()})


def _object(texts: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in texts.items()) + "}"


def _field_text(field: FieldType, value: Any) -> str:
    if value is None:
        return "null"
    if field.type == "map":
        side = field.value
        assert side is not None  # noqa: S101 - a map has it, by the schema
        return _object({key: _field_text(side, inner) for key, inner in value.items()})
    if field.repeated:
        return "[" + ",".join(_value_text(field, inner) for inner in value) + "]"
    return _value_text(field, value)


def _value_text(field: FieldType, value: Any) -> str:
    if field.type == "message":
        return _message_text(SCHEMA.message(field.message or ""), value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, EnumValue):
        return str(value.number)
    if isinstance(value, bytes):
        return json.dumps(base64.b64encode(value).decode())
    if isinstance(value, dt.datetime):
        return json.dumps(value.isoformat())
    return json.dumps(f"{value.isoformat()}T00:00:00" if isinstance(value, dt.date) else value)


# ---- and back --------------------------------------------------------------------------------------------------------


def _message(kind: MessageType, told: Mapping[str, Any]) -> dict[str, Any]:
    fields = {_small(field.name): field for field in kind.fields.values()}
    return {fields[name].name: _field(fields[name], value) for name, value in told.items() if name in fields}


def _field(field: FieldType, told: Any) -> Any:
    if told is None:
        return None
    if field.type == "map":
        side = field.value
        assert side is not None  # noqa: S101 - a map has it, by the schema
        return {key: _field(side, inner) for key, inner in told.items()}
    if field.repeated:
        if not isinstance(told, list):
            raise TypeError
        return [_value(field, inner) for inner in told]
    return _value(field, told)


def _value(field: FieldType, told: Any) -> Any:
    if field.type == "message":
        return _message(SCHEMA.message(field.message or ""), told)
    if field.type == "decimal":
        if isinstance(told, bool) or not isinstance(told, int | Decimal):
            raise TypeError
        return Decimal(told)
    if field.type in ("bool", "int32", "int64", "enum"):
        if isinstance(told, bool) is not (field.type == "bool") or not isinstance(told, int):
            raise TypeError
        return EnumValue.of(field.enum or "", told) if field.type == "enum" else told
    if not isinstance(told, str):
        raise TypeError
    if field.type == "bytes":
        return base64.b64decode(told, validate=True)
    return _moment(told) if field.type == "datetime" else told


def _moment(text: str) -> dt.date | TickDateTime:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day, hours, minutes, seconds, parts = found.groups()
    date = dt.date.fromisoformat(day)
    clock = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    ticks = clock * TICKS_PER_SECOND + int((parts or "").ljust(7, "0"))
    if not ticks:
        return date
    if ticks >= TICKS_PER_DAY:
        raise ValueError(text)
    return TickDateTime.from_ticks((date.toordinal() - 1) * TICKS_PER_DAY + ticks)


def _no_number(text: str) -> Any:
    raise ValueError(text)
