"""Protobuf's wire format, one message at a time and exactly: the reference, and what edits use (docs/format.md §3).

Nothing here knows what a field means. Every field keeps its place in the message, so that an edit can replace some
bytes and leave all others alone.
"""

from __future__ import annotations

from typing import NamedTuple

from manager_nb.errors import WireError

VARINT, FIXED64, BYTES, GROUP, GROUP_END, FIXED32 = range(6)

CUT_SHORT = "The record ends in the middle of a value."
"""The fault for which Manager does not open a business at all (docs/format.md §3)."""

_MAX_DEPTH = 64
_HINT = "The record is listed under problems, with its bytes; the other records are not affected."


class Field(NamedTuple):
    """One field as it stands on the wire.

    Attributes:
        number: the field number.
        wire_type: 0 varint, 1 fixed64, 2 bytes, 3 group, 5 fixed32.
        value: the unsigned number, or the bytes inside (of a group: without its end tag).
        start: where its tag begins in the message.
        end: where the next field begins.
    """

    number: int
    wire_type: int
    value: int | bytes
    start: int
    end: int


def read_fields(data: bytes) -> list[Field]:
    """The fields of a message, in the order in which they were written.

    Raises:
        WireError: the bytes are not a message.
    """
    fields, fault, _ = read_sound_fields(data)
    if fault is not None:
        raise fault
    return fields


def read_sound_fields(data: bytes) -> tuple[list[Field], WireError | None, int]:
    """The fields up to the first fault, the fault (None: the message is sound), and where sound reading ended."""
    fields: list[Field] = []
    position = 0
    while position < len(data):
        try:
            field = _read_field(data, position, 0)
        except WireError as fault:
            return fields, fault, position
        fields.append(field)
        position = field.end
    return fields, None, position


def _read_field(data: bytes, start: int, depth: int) -> Field:
    number, wire_type, position = read_tag(data, start)
    value: int | bytes
    if wire_type == VARINT:
        value, end = read_varint(data, position)
    elif wire_type == BYTES:
        length, position = read_varint(data, position)
        end = position + length
        value = _slice(data, position, end)
    elif wire_type in (FIXED64, FIXED32):
        end = position + (8 if wire_type == FIXED64 else 4)
        value = int.from_bytes(_slice(data, position, end), "little")
    elif wire_type == GROUP:
        value, end = _read_group(data, position, number, depth)
    else:
        raise _fault("The record has a field of the unknown wire type {wire_type}.", wire_type=wire_type)
    return Field(number, wire_type, value, start, end)


def _read_group(data: bytes, start: int, number: int, depth: int) -> tuple[bytes, int]:
    if depth >= _MAX_DEPTH:
        raise _fault("The record is nested too deeply.")
    position = start
    while True:
        inner, wire_type, after = read_tag(data, position)
        if wire_type == GROUP_END:
            if inner != number:
                raise _fault("The record ends a group that it did not begin.")
            return data[start:position], after
        position = _read_field(data, position, depth + 1).end


def read_tag(data: bytes, start: int) -> tuple[int, int, int]:
    """Field number, wire type, and where the value begins.

    Raises:
        WireError: no tag stands there.
    """
    tag, position = read_varint(data, start)
    if tag >> 32:
        raise _fault("The record has a field number that is too large.")
    if not tag >> 3:
        raise _fault("The record has a field with the number 0.")
    return tag >> 3, tag & 7, position


def read_varint(data: bytes, start: int) -> tuple[int, int]:
    """The unsigned 64-bit number that begins there, and where it ends.

    Raises:
        WireError: it does not end, or is larger than 64 bits.
    """
    value = shift = 0
    for position in range(start, min(start + 10, len(data))):
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >> 64:
                raise _fault("The record has a number that is too large.")
            return value, position + 1
        shift += 7
    if len(data) - start < 10:
        raise _fault(CUT_SHORT)
    raise _fault("The record has a number that is too large.")


def write_varint(value: int) -> bytes:
    """An integer as a varint; a negative one in ten bytes, sign-extended."""
    value &= 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_tag(number: int, wire_type: int) -> bytes:
    """A field's tag."""
    return write_varint(number << 3 | wire_type)


def write_bytes(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return write_tag(number, BYTES) + write_varint(len(content)) + content


def _slice(data: bytes, start: int, end: int) -> bytes:
    if end > len(data):
        raise _fault(CUT_SHORT)
    return data[start:end]


def _fault(message: str, **facts: int) -> WireError:
    return WireError(message, hint=_HINT, path=None, **facts)
