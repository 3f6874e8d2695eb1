"""What the program itself says about the fixtures, turned into the values that manager_nb gives."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import EnumValue
from manager_nb.format.scalars import TickDateTime
from manager_nb.format.schema import SCHEMA, FieldType, MessageType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a ``.jsonl`` file."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def values_of(message_type: MessageType, told: dict[str, Any]) -> dict[str, Any]:
    """Values by field name, from the JSON of ``decoded.jsonl`` and the cases."""
    return {name: _field(message_type.field(name), value) for name, value in told.items()}


def _field(kind: FieldType | None, told: Any) -> Any:
    assert kind is not None
    if told is None:
        return None
    if kind.type == "map":
        return {key: _side(kind.value, value) for key, value in told.items()}
    if kind.repeated:
        return [_scalar(kind, element) for element in told]
    return _scalar(kind, told)


def _side(kind: FieldType | None, told: Any) -> Any:
    assert kind is not None
    if kind.repeated and told is not None:
        return [_scalar(kind, element) for element in told]
    return _scalar(kind, told)


def _scalar(kind: FieldType, told: Any) -> Any:
    if told is None:
        return None
    if kind.type == "enum":
        return EnumValue.of(kind.enum or "", told["value"] if isinstance(told, dict) else told)
    if kind.type == "decimal":
        return Decimal(told)
    if kind.type == "datetime":
        return moment(told)
    if kind.type == "bytes":
        return bytes.fromhex(told)
    if kind.type == "message":
        return values_of(SCHEMA.message(kind.message or ""), told)
    return told


def moment(told: str) -> dt.date:
    """A date, or a date and time with up to seven decimals of a second."""
    if len(told) == 10:
        return dt.date.fromisoformat(told)
    whole, _, fraction = told.partition(".")
    moment = dt.datetime.fromisoformat(whole).replace(tzinfo=dt.UTC)
    seconds = (moment - dt.datetime(1, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(seconds=1)
    return TickDateTime.from_ticks(seconds * 10_000_000 + int(f"{fraction:0<7}" if fraction else 0))
