"""The baseline: a straightforward recursive protobuf reader in Python, one record at a time, to dictionaries.

It is what one writes first, without tricks and without delay: it decodes every field that the schema knows to the same
values as manager_nb's tables hold (names of enums, GUIDs as text, Decimal, dates), and raises on what it cannot read.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from importlib import resources
from typing import Any

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - dates of documents have no zone
UNITS = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1_000, 0.1)  # microseconds


class Reader:
    """Decodes records by the schema."""

    def __init__(self) -> None:
        schema = json.loads(resources.files("manager_nb.format").joinpath("schema.json").read_text("utf-8"))
        self.types = {facts["guid"]: by_number(facts["fields"]) for facts in schema["types"].values()}
        self.messages = {name: by_number(facts["fields"]) for name, facts in schema["types"].items()}
        self.messages |= {name: by_number(facts["fields"]) for name, facts in schema["messages"].items()}
        self.enums = {
            name: {number: label for label, number in values.items()} for name, values in schema["enums"].items()
        }

    def message(self, fields: dict[int, dict[str, Any]], data: bytes) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for number, raw in read_fields(data):
            field = fields.get(number)
            if field is None:
                continue
            name = field["name"]
            if field["type"] == "map":
                key, value = self.entry(field, raw)
                values.setdefault(name, {})[key] = value
            elif field.get("repeated"):
                values.setdefault(name, []).append(self.value(field, raw))
            else:
                values[name] = self.value(field, raw)
        return values

    def entry(self, field: dict[str, Any], data: bytes) -> tuple[Any, Any]:
        sides: dict[int, Any] = {1: None, 2: None}
        for number, raw in read_fields(data):
            side = field["key"] if number == 1 else field["value"]
            side = {"type": side} if isinstance(side, str) else side
            value = self.value(side, raw)
            sides[number] = [*(sides[number] or []), value] if side.get("repeated") else value
        return sides[1], sides[2]

    def value(self, field: dict[str, Any], raw: Any) -> Any:
        kind = field["type"]
        if kind == "message":
            return self.message(self.messages[field["message"]], raw)
        if kind == "string":
            return raw.decode("utf-8", "replace")
        if kind in ("guid", "decimal", "datetime"):
            return COMPOUND[kind](dict(read_fields(raw)))
        if kind == "bool":
            return raw != 0
        if kind == "bytes":
            return raw
        signed = raw - (1 << 64) if raw >> 63 else raw
        return self.enums[field["enum"]].get(signed, str(signed)) if kind == "enum" else signed


def guid(parts: dict[int, bytes]) -> str:
    return str(uuid.UUID(bytes_le=parts.get(1, bytes(8)) + parts.get(2, bytes(8))))


def decimal(parts: dict[int, int]) -> Decimal:
    sign_scale = parts.get(3, 0)
    number = Decimal(parts.get(2, 0) << 64 | parts.get(1, 0)).scaleb(-(sign_scale >> 1))
    return -number if sign_scale & 1 else number


def datetime(parts: dict[int, int]) -> dt.datetime:
    zigzag, scale = parts.get(1, 0), parts.get(2, 0)
    value = zigzag >> 1 ^ -(zigzag & 1)
    if scale == 15:
        return dt.datetime.max if value == 1 else dt.datetime.min  # noqa: DTZ901
    return EPOCH + dt.timedelta(microseconds=value * UNITS[scale])


COMPOUND: dict[str, Any] = {"guid": guid, "decimal": decimal, "datetime": datetime}


def by_number(fields: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {field["number"]: field for field in fields}


def read_fields(data: bytes) -> list[tuple[int, Any]]:
    """Number and value of every field: a number, or bytes."""
    fields: list[tuple[int, Any]] = []
    position, end = 0, len(data)
    while position < end:
        tag, position = read_varint(data, position)
        wire_type = tag & 7
        value: Any
        if wire_type == 0:
            value, position = read_varint(data, position)
        elif wire_type == 2:
            length, position = read_varint(data, position)
            value = data[position : position + length]
            position += length
        elif wire_type == 1:
            value = data[position : position + 8]
            position += 8
        elif wire_type == 5:
            value = data[position : position + 4]
            position += 4
        else:
            raise ValueError(f"wire type {wire_type}")
        fields.append((tag >> 3, value))
    return fields


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """A number, and where it ends."""
    byte = data[position]
    if byte < 0x80:
        return byte, position + 1
    value, shift = byte & 0x7F, 7
    while True:
        position += 1
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position + 1
        shift += 7
