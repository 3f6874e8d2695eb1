"""The bytes of one SQLite record as values: https://www.sqlite.org/fileformat2.html#record_format."""

from __future__ import annotations

import struct
from typing import NamedTuple

Value = int | float | str | bytes | None

_MAX_COLUMNS = 2000
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FLOAT, _ZERO, _ONE, _BLOB = 7, 8, 9, 12
_RESERVED = (10, 11)


class Record(NamedTuple):
    """The values of a row.

    Attributes:
        values: one a column; text whose bytes are not text has U+FFFD in their place.
        garbled: the bytes of those texts, by column.
    """

    values: tuple[Value, ...]
    garbled: dict[int, bytes]


def read_record(data: bytes, encoding: str) -> Record | None:
    """The values in the bytes of a record; None unless they fill it exactly.

    Args:
        data: the whole record.
        encoding: Python's name of the database's text encoding.
    """
    head, position = read_varint(data, 0)
    if not 0 < position <= head <= len(data):
        return None
    serials = _serials(data, position, head)
    if not serials or head + sum(map(_size, serials)) != len(data):
        return None
    values: list[Value] = []
    garbled: dict[int, bytes] = {}
    position = head
    for serial in serials:
        part = data[position : position + _size(serial)]
        position += len(part)
        try:
            value = _value(serial, part, encoding)
        except UnicodeDecodeError:
            garbled[len(values)] = part
            value = part.decode(encoding, "replace")
        values.append(value)
    return Record(tuple(values), garbled)


def read_varint(data: bytes, start: int) -> tuple[int, int]:
    """SQLite's variable-length number (unsigned) and where it ends, which is below 0 where it does not."""
    if start < 0:
        return 0, start
    value = 0
    for position in range(start, min(start + 8, len(data))):
        byte = data[position]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position + 1
    if start + 8 < len(data):
        return value << 8 | data[start + 8], start + 9
    return 0, -1


def _serials(data: bytes, position: int, end: int) -> list[int]:
    """The type of each value; none of them where one cannot be."""
    serials: list[int] = []
    while position < end:
        serial, position = read_varint(data, position)
        if not 0 < position <= end or serial in _RESERVED or len(serials) == _MAX_COLUMNS:
            return []
        serials.append(serial)
    return serials


def _size(serial: int) -> int:
    if serial >= _BLOB:
        return (serial - _BLOB) // 2
    return 8 if serial == _FLOAT else _INTEGERS.get(serial, 0)


def _value(serial: int, data: bytes, encoding: str) -> Value:
    if serial >= _BLOB:
        return data.decode(encoding) if serial % 2 else data
    if serial in _INTEGERS:
        return int.from_bytes(data, "big", signed=True)
    if serial == _FLOAT:
        return float(struct.unpack(">d", data)[0])
    return {_ZERO: 0, _ONE: 1}.get(serial)
