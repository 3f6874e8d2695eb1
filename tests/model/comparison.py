"""Compares decoded values with table cells, which show a default where a record has nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import EnumValue
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA, FieldType, MessageType

if TYPE_CHECKING:
    from collections.abc import Mapping


def cell_of(kind: FieldType, value: Any) -> Any:
    """What the table shows for a value; None: the record does not have the field."""
    if kind.type == "map":
        return [(key, _one(kind.value, entry)) for key, entry in value.items()] if value else None
    if kind.repeated:
        return [_one(kind, element) for element in value] if value else None
    if value is None:
        return None if kind.nullable else _DEFAULTS.get(kind.type) if kind.type != "enum" else zero_of(kind)
    return _one(kind, value)


def row_of(message_type: MessageType, values: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """The cells of some fields of one record."""
    kinds = {kind.name: kind for kind in message_type.fields.values()}
    return {name: cell_of(kinds[name], values.get(name)) for name in names}


def zero_of(kind: FieldType) -> str:
    """The name of an enum's zero."""
    return str(EnumValue.of(kind.enum or "", 0))


def _one(kind: FieldType | None, value: Any) -> Any:
    assert kind is not None
    if kind.type == "message":
        message_type = SCHEMA.message(kind.message or "")
        return {inner.name: cell_of(inner, value.get(inner.name)) for inner in message_type.fields.values()}
    if kind.type == "datetime":
        return value if value != dt.date(1, 1, 1) or kind.nullable else None
    if kind.type == "guid" and value == NIL and not kind.nullable:
        return None
    return str(value) if isinstance(value, EnumValue) else value


def same(cell: Any, expected: Any) -> bool:
    """Whether a cell shows it: obsolete fields that no row uses may be missing, and a tick is cut to a microsecond."""
    if isinstance(expected, dict):
        return isinstance(cell, dict) and all(
            same(cell[name], value) if name in cell else not value for name, value in expected.items()
        )
    if isinstance(expected, (list, tuple)):
        return cell is not None and len(cell) == len(expected) and all(map(same, cell, expected))
    if isinstance(expected, dt.datetime):
        return isinstance(cell, dt.datetime) and cell == dt.datetime(*expected.timetuple()[:6], expected.microsecond)  # noqa: DTZ001 - stored without a zone
    if isinstance(expected, dt.date) and isinstance(cell, dt.datetime):
        return cell == dt.datetime(expected.year, expected.month, expected.day)  # noqa: DTZ001 - stored without a zone
    return bool(cell == expected)


_DEFAULTS: dict[str, Any] = {"bool": False, "int32": 0, "int64": 0, "decimal": Decimal(0)}
