"""The query string of Manager's pages: base64url of a protobuf message (docs of the protocol, §0)."""

from __future__ import annotations

import base64
import binascii
import contextlib
from urllib.parse import unquote

BUSINESS = 100


def query(fields: dict[int, str | bool]) -> str:
    """The query that carries these fields."""
    return base64.urlsafe_b64encode(message(fields)).decode().rstrip("=")


def message(fields: dict[int, str | bool]) -> bytes:
    data = b""
    for number, value in fields.items():
        if isinstance(value, str):
            raw = value.encode()
            data += _varint(number << 3 | 2) + _varint(len(raw)) + raw
        else:
            data += _varint(number << 3) + _varint(int(value))
    return data


def fields_of(text: str) -> dict[int, str]:
    """The text fields of a query; of rubbish, or with padding, none: the real program takes it for no query."""
    text = unquote(text.partition("&")[0])
    if "=" in text:
        return {}
    with contextlib.suppress(binascii.Error, IndexError, ValueError):
        return _read(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return {}


def _read(data: bytes) -> dict[int, str]:
    found: dict[int, str] = {}
    place = 0
    while place < len(data):
        tag, place = _number(data, place)
        size, place = _number(data, place)
        if tag & 7 == 2:
            if place + size > len(data):
                return {}
            found[tag >> 3] = data[place : place + size].decode()
            place += size
    return found


def _number(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place


def _varint(number: int) -> bytes:
    data = b""
    while number > 127:
        data += bytes([number & 127 | 128])
        number >>= 7
    return data + bytes([number])
