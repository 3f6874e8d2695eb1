"""Bytes of every shape that a record can have: what Manager writes, and everything that it would not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from manager_nb.format.messages import NUMBERS
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.format.wire import write_bytes, write_tag, write_varint

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[st.SearchStrategy[Any]], Any]

DEEPEST = 5
EDGES = [0, 1, 2, 15, 127, 128, 2**14, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**35, 2**42, 2**49, 2**56, 2**63, 2**64 - 5]
DAYS = [0, 1, -1, 20_000, -719_162, -719_163, 2_932_896, 2_932_897, 10**18, -(10**18)]

numbers = st.sampled_from(EDGES) | st.integers(0, 2**64 - 1)
texts = st.sampled_from([b"", b"a", "नमस्ते".encode(), b"\xff\xfe", b"\xe0\xa4", b"x" * 200]) | st.binary(max_size=6)


@st.composite
def records(draw: Draw, message_type: MessageType, depth: int = 0) -> bytes:
    """A message of that type, in one of forty whole or broken."""
    kinds = list(message_type.fields.values())
    chosen = draw(st.lists(st.sampled_from(kinds), max_size=6 if depth < 2 else 2)) if kinds and depth < DEEPEST else []
    if draw(st.booleans()):
        chosen.sort(key=lambda kind: kind.number)
    if chosen and draw(st.booleans()):
        chosen.append(chosen[0])
    data = b"".join(draw(fields(kind, depth)) for kind in chosen)
    damage = draw(st.integers(0, 39))
    if damage == 0:
        return data[: draw(st.integers(0, len(data)))]
    if damage == 1 and data:
        place = draw(st.integers(0, len(data) - 1))
        return data[:place] + bytes([draw(st.integers(0, 255))]) + data[place + 1 :]
    return data


@st.composite
def fields(draw: Draw, kind: FieldType, depth: int) -> bytes:
    """A field, rarely of another number or wire type."""
    if draw(st.integers(0, 29)) == 0:
        return draw(strange_fields(draw(st.sampled_from([kind.number, 900, 2047, 2048, 2**29 - 1]))))
    if kind.type != "map":
        return draw(values(kind, depth))
    assert kind.key is not None
    assert kind.value is not None
    parts = [
        draw(values(side, depth)) for side in draw(st.sampled_from(_ENTRIES)) for side in [(kind.key, kind.value)[side]]
    ]
    parts += [draw(strange_fields(3))] if draw(st.integers(0, 19)) == 0 else []
    entry = b"".join(parts)
    if draw(st.integers(0, 29)) == 0:
        entry = entry[: draw(st.integers(0, len(entry)))]
    return write_bytes(kind.number, entry) * draw(st.sampled_from([1, 1, 1, 2]))


_ENTRIES = [(0, 1), (0, 1), (0, 1), (0,), (1,), (1, 0), (0, 1, 1), (0, 0, 1), ()]


@st.composite
def values(draw: Draw, kind: FieldType, depth: int) -> bytes:
    """A field of the right number, in one of the ways in which its type is read."""
    if kind.type in NUMBERS:
        return draw(_packed(kind) if kind.repeated and draw(st.booleans()) else _plain_numbers(kind))
    if kind.type in ("string", "bytes"):
        return write_bytes(kind.number, draw(texts))
    if kind.type == "message":
        return write_bytes(kind.number, draw(records(SCHEMA.message(kind.message or ""), depth + 1)))
    content = draw({"guid": guids, "decimal": decimals, "datetime": datetimes}[kind.type]())
    damage = draw(st.integers(0, 19))
    if damage == 0:
        content = content[: draw(st.integers(0, len(content)))]
    elif damage == 1:
        content += draw(strange_fields(draw(st.sampled_from([1, 2, 3, 4]))))
    return write_bytes(kind.number, content)


@st.composite
def _plain_numbers(draw: Draw, kind: FieldType) -> bytes:
    number = draw(st.integers(0, 3) | numbers)
    form = draw(st.sampled_from(["varint"] * 8 + ["fixed32", "fixed64"]))
    if form == "varint":
        return write_tag(kind.number, 0) + write_varint(number)
    if form == "fixed32":
        return write_tag(kind.number, 5) + (number & 0xFFFF_FFFF).to_bytes(4, "little")
    return write_tag(kind.number, 1) + number.to_bytes(8, "little")


@st.composite
def _packed(draw: Draw, kind: FieldType) -> bytes:
    content = b"".join(write_varint(number) for number in draw(st.lists(st.integers(0, 3) | numbers, max_size=4)))
    return write_bytes(kind.number, content + draw(st.sampled_from([b""] * 9 + [b"\x80"])))


@st.composite
def guids(draw: Draw) -> bytes:
    """Content of a GUID, nil among them."""
    halves = [draw(st.sampled_from([0, 1]) | st.integers(0, 2**64 - 1)).to_bytes(8, "little") for _ in range(2)]
    return draw(st.sampled_from([b"", write_tag(1, 1) + halves[0] + write_tag(2, 1) + halves[1]]))


@st.composite
def decimals(draw: Draw) -> bytes:
    """Content of a decimal, some out of range."""
    high = st.sampled_from([0, 0, 0, 1, 2**32 - 1, 2**32])
    sign_scale = st.sampled_from([0, 1, 2, 3, 4, 5, 8, 56, 57, 58, 0x200, 2**32 + 4])
    return b"".join(
        write_tag(number, 0) + write_varint(part)
        for number, part in enumerate((draw(numbers), draw(high), draw(sign_scale)), 1)
        if part
    )


@st.composite
def datetimes(draw: Draw) -> bytes:
    """Content of a datetime, some out of range."""
    value = draw(st.sampled_from(DAYS) | st.integers(-(2**62), 2**62) | st.integers(-800_000, 800_000))
    zigzag = (value << 1 ^ value >> 63) & (2**64 - 1)
    parts = (zigzag, draw(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6, 15])), draw(st.sampled_from([0, 0, 0, 1, 2, 3])))
    return b"".join(write_tag(number, 0) + write_varint(part) for number, part in enumerate(parts, 1) if part)


@st.composite
def strange_fields(draw: Draw, number: int) -> bytes:
    """A field of any wire type."""
    wire_type = draw(st.integers(0, 5))
    tag = write_tag(number, wire_type)
    if wire_type == 0:
        return tag + write_varint(draw(numbers))
    if wire_type == 2:
        return write_bytes(number, draw(texts))
    if wire_type == 3:
        return tag + draw(st.sampled_from([b"", b"\x08\x07"])) + write_tag(draw(st.sampled_from([number] * 5 + [9])), 4)
    return tag + draw(st.binary(min_size=8, max_size=8))[: {1: 8, 5: 4}.get(wire_type, 0)]
