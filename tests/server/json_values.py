"""Records as the program's API tells them, and back: small first letters, decimals as exact numbers (§10)."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.format.encoding import encode
from manager_nb.format.messages import EnumValue, decode
from manager_nb.format.scalars import NIL, TICKS_PER_DAY, TickDateTime, datetime_to_ticks
from manager_nb.format.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.format.schema import ContentType, FieldType, MessageType

_DEFAULTS: dict[str, Any] = {"bool": False, "int32": 0, "int64": 0, "enum": 0, "decimal": Decimal(0), "guid": NIL}


def kinds() -> dict[str, ContentType]:
    """The types by their names in addresses: ``SalesInvoice`` is ``sales-invoice``."""
    return {hyphened(kind.name): kind for kind in SCHEMA.types()}


def hyphened(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def told(kind: MessageType, content: bytes) -> dict[str, Any]:
    """A record: every field, those at their default as well, and one that is derived."""
    return {**_told(kind, decode(kind, content).values), "_derived": {"total": Decimal("0.00")}}


def content_of(kind: ContentType, value: Mapping[str, Any]) -> bytes:
    """The bytes of a record that was sent; what is no field is left out."""
    return encode(kind, _values(kind, value))


def dumps(value: Any) -> str:
    """JSON with decimals as numbers that keep their trailing zeros."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(key))}:{dumps(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value)


def loads(data: bytes) -> Any:
    return json.loads(data, parse_float=Decimal)


def _small(name: str) -> str:
    return name[0].lower() + name[1:]


def _told(kind: MessageType, values: Mapping[str, Any]) -> dict[str, Any]:
    return {_small(field.name): _told_field(field, values.get(field.name)) for field in kind.fields.values()}


def _told_field(field: FieldType, value: Any) -> Any:
    if field.type == "map":
        assert field.value is not None
        return {key: _told_field(field.value, inner) for key, inner in (value or {}).items()}
    if field.repeated:
        return [_told_value(field, inner) for inner in value or ()]
    if value is None:
        return None if field.nullable else _DEFAULTS.get(field.type)
    return _told_value(field, value)


def _told_value(field: FieldType, value: Any) -> Any:
    if field.type == "message":
        return _told(SCHEMA.message(field.message or ""), value)
    if isinstance(value, EnumValue):
        return value.number
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return f"{value.isoformat()}T00:00:00" if isinstance(value, dt.date) else value


def _values(kind: MessageType, sent: Mapping[str, Any]) -> dict[str, Any]:
    by_name = {_small(field.name): field for field in kind.fields.values()}
    return {by_name[name].name: _taken(by_name[name], value) for name, value in sent.items() if name in by_name}


def _taken(field: FieldType, value: Any) -> Any:
    if value is None:
        return None
    if field.type == "map":
        assert field.value is not None
        return {key: _taken(field.value, inner) for key, inner in value.items()}
    return [_taken_value(field, inner) for inner in value] if field.repeated else _taken_value(field, value)


def _taken_value(field: FieldType, value: Any) -> Any:
    if field.type == "message":
        return _values(SCHEMA.message(field.message or ""), value)
    if field.type == "decimal":
        return Decimal(value)
    if field.type == "enum":
        return EnumValue.of(field.enum or "", value)
    if field.type == "bytes":
        return base64.b64decode(value)
    if field.type == "datetime":
        moment = dt.datetime.fromisoformat(value)
        tick = int(value.partition(".")[2][6:7] or 0)  # Python's own moments end at six decimals
        whole = TickDateTime.from_ticks(datetime_to_ticks(moment.replace(tzinfo=dt.UTC)) + tick)
        return moment.date() if whole.ticks % TICKS_PER_DAY == 0 else whole
    return value
