"""What the columns of a scan must hold, told from the exact reader's values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from manager_nb.format.messages import EnumValue, Values, decode
from manager_nb.format.scalars import TickDateTime
from manager_nb.format.schema import SCHEMA, FieldType, MessageType

MICROSECONDS_A_DAY = 86_400_000_000


def told_row(message_type: MessageType, values: Values) -> dict[str, Any]:
    """A row of the struct."""
    return {kind.name: _field(kind, values.get(kind.name)) for kind in message_type.fields.values()}


def _field(kind: FieldType, value: Any) -> Any:
    if value is None:
        plain = not (kind.repeated or kind.nullable)
        return _DEFAULTS.get(kind.type, _first(kind) if kind.enum else None) if plain else None
    if kind.type == "map":
        assert kind.value is not None
        return [(key, _side(kind.value, side)) for key, side in value.items()]
    return [_element(kind, element) for element in value] if kind.repeated else _element(kind, value)


_DEFAULTS = {"bool": False, "int32": 0, "int64": 0, "decimal": Decimal(0)}


def _first(kind: FieldType) -> str:
    return str(EnumValue.of(kind.enum or "", 0))


def _side(kind: FieldType, value: Any) -> Any:
    if kind.repeated:
        return [_element(kind, element) for element in value]
    return None if value is None else _element(kind, value)


def _element(kind: FieldType, value: Any) -> Any:
    if kind.type == "message":
        return told_row(SCHEMA.message(kind.message or ""), value)
    if kind.type == "enum":
        return str(value)
    if kind.type != "datetime":
        return value
    if isinstance(value, TickDateTime):
        return value.ticks // 10
    return (value.toordinal() - 1) * MICROSECONDS_A_DAY


def microseconds(seen: Any) -> Any:
    """A value of Arrow's with each date and time as microseconds since the year 1."""
    if isinstance(seen, dict):
        return {name: microseconds(value) for name, value in seen.items()}
    if isinstance(seen, list | tuple):
        return type(seen)(microseconds(value) for value in seen)
    if isinstance(seen, dt.datetime):
        return (seen.replace(tzinfo=dt.UTC) - dt.datetime(1, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    return (seen.toordinal() - 1) * MICROSECONDS_A_DAY if isinstance(seen, dt.date) else seen


def differences(message_type: MessageType, seen: Any, told: Any) -> list[str]:
    """The fields in which two rows differ; a message that the columns keep as bytes is decoded first."""
    return [kind.name for kind in message_type.fields.values() if not _agree(kind, seen[kind.name], told[kind.name])]


def _agree(kind: FieldType, seen: Any, told: Any) -> bool:
    if seen is None or told is None or kind.type != "message":
        return bool(seen == told)
    if isinstance(told, list):
        return len(seen) == len(told) and all(_agree(kind, *pair) for pair in zip(seen, told, strict=True))
    message_type = SCHEMA.message(kind.message or "")
    if isinstance(seen, bytes):
        return microseconds(told_row(message_type, decode(message_type, seen).values)) == told
    return seen.keys() == told.keys() and not differences(message_type, seen, told)
