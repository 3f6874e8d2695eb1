"""Bytes of every shape that a record can have: what Manager writes, and everything that it would not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.format.messages import NUMBERS
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.format.wire import write_bytes, write_tag, write_varint

if TYPE_CHECKING:
    from random import Random

DEEPEST = 5
EDGES = [
    *(0, 1, 2, 15, 127, 128, 2**14, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**35, 2**42, 2**49, 2**56 - 1, 2**56),
    *(2**63 - 1, 2**63, 2**64 - 2**31, 2**64 - 2**31 - 1, 2**64 - 1),
]
DAYS = [0, 1, -1, 20_000, -719_162, -719_163, 2_932_896, 2_932_897, 10**18, -(10**18)]
TEXTS = [b"", b"a", "नमस्ते".encode(), b"\xff\xfe", b"\xe0\xa4", b"x" * 130]
ENTRIES = ["kv", "kv", "kv", "kv", "k", "v", "vk", "kvv", "kkv", ""]


def _every_kind() -> MessageType:
    """A message with a field of each type in each of its forms, which a hundred types of the schema share."""
    plain = ("bool", "int32", "int64", "enum", "string", "bytes", "guid", "decimal", "datetime")
    shapes = [
        {"type": kind, "enum": "Enums.SortOrder" if kind == "enum" else None, **form}
        for kind in plain
        for form in ({}, {"nullable": True}, {"repeated": True})
    ]
    shapes += [
        {"type": "message", "message": name, "repeated": repeated}
        for name in ("AdvancedQuery.OrderByLine", "CustomFields", "InventoryWriteOff")
        for repeated in (False, True)
    ]
    found = {
        (kind.key.type, kind.value.type, kind.value.repeated, kind.value.nullable): kind
        for message_type in SCHEMA.types()
        for kind in (*message_type.fields.values(), *SCHEMA.message("CustomFields").fields.values())
        if kind.key and kind.value
    }
    fields = [FieldType(number, f"Field{number}", **shape) for number, shape in enumerate(shapes, 1)]  # type: ignore[arg-type]
    fields += [
        FieldType(number, f"Map{number}", "map", key=kind.key, value=kind.value)
        for number, kind in enumerate(found.values(), 300)  # tags of two bytes
    ]
    return MessageType("EveryKind", {field.number: field for field in fields})


EVERY_KIND = _every_kind()


def record(chance: Random, message_type: MessageType, depth: int = 0) -> bytes:
    """A message of that type, in one of twenty broken."""
    kinds = list(message_type.fields.values())
    count = chance.choice([0, 1, 2, 3, 8]) if depth < 3 else chance.choice([0, 0, 1])
    chosen = [chance.choice(kinds) for _ in range(count)] if kinds and depth < DEEPEST else []
    if chance.random() < 0.6:
        chosen.sort(key=lambda kind: kind.number)
    if chosen and chance.random() < 0.3:
        chosen.append(chosen[0])
    data = b"".join(field(chance, kind, depth) for kind in chosen)
    damage = chance.random()
    if damage < 0.03:
        return data[: chance.randint(0, len(data))]
    if damage < 0.05 and data:
        place = chance.randrange(len(data))
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    return data


def field(chance: Random, kind: FieldType, depth: int) -> bytes:
    """A field, rarely of another number or wire type."""
    if chance.random() < 0.03:
        return strange_field(chance, chance.choice([kind.number, kind.number, 0, 900, 2047, 2048, 2**29 - 1]))
    if kind.type != "map":
        return value(chance, kind, depth)
    assert kind.key is not None
    assert kind.value is not None
    sides = {"k": kind.key, "v": kind.value}
    entry = b"".join(value(chance, sides[side], depth) for side in chance.choice(ENTRIES))
    if chance.random() < 0.05:
        entry += strange_field(chance, chance.choice([1, 2, 3]))
    if chance.random() < 0.03:
        entry = entry[: chance.randint(0, len(entry))]
    again = value(chance, kind.key, depth) + value(chance, kind.value, depth)
    later = entry + value(chance, kind.value, depth)  # the same key with another value
    return b"".join(write_bytes(kind.number, some) for some in chance.choice([[entry]] * 4 + [[entry, again, later]]))


def value(chance: Random, kind: FieldType, depth: int) -> bytes:
    """A field of the right number, in one of the ways in which its type is read."""
    if kind.type in NUMBERS:
        return _packed(chance, kind) if kind.repeated and chance.random() < 0.4 else _number(chance, kind)
    if kind.type in ("string", "bytes"):
        return write_bytes(kind.number, chance.choice(TEXTS))
    if kind.type == "message":
        return write_bytes(kind.number, record(chance, SCHEMA.message(kind.message or ""), depth + 1))
    content = {"guid": guid, "decimal": decimal, "datetime": datetime}[kind.type](chance)
    damage = chance.random()
    if damage < 0.03:
        content = content[: chance.randint(0, len(content))]
    elif damage < 0.08:
        content += strange_field(chance, chance.choice([1, 2, 3, 4]))
    return write_bytes(kind.number, content)


def _number(chance: Random, kind: FieldType) -> bytes:
    number = chance.choice([chance.randrange(4), chance.choice(EDGES), chance.getrandbits(chance.randint(1, 64))])
    form = chance.random()
    if form < 0.8:
        return write_tag(kind.number, 0) + write_varint(number)
    if form < 0.9:
        return write_tag(kind.number, 5) + (number & 0xFFFF_FFFF).to_bytes(4, "little")
    return write_tag(kind.number, 1) + number.to_bytes(8, "little")


def _packed(chance: Random, kind: FieldType) -> bytes:
    numbers = [chance.choice([chance.randrange(4)] * 4 + [chance.choice(EDGES)]) for _ in range(chance.randrange(5))]
    content = b"".join(write_varint(number) for number in numbers)
    return write_bytes(kind.number, content + (b"\x80" if chance.random() < 0.1 else b""))


def guid(chance: Random) -> bytes:
    """Content of a GUID, nil among them."""
    low, high = (chance.choice([0, 1, chance.getrandbits(64)]).to_bytes(8, "little") for _ in range(2))
    return chance.choice([b""] + [write_tag(1, 1) + low + write_tag(2, 1) + high] * 4)


def decimal(chance: Random) -> bytes:
    """Content of a decimal, some out of range."""
    low = chance.choice([*EDGES, 1000, 12_345_000, 10**19, chance.getrandbits(64)])
    high = chance.choice([0, 0, 0, 1, 10**9, 2**32 - 1, 2**32 if chance.random() < 0.1 else 0])
    sign_scale = chance.choice([0, 1, 2, 3, 4, 5, 8, 9, 56, chance.choice([57, 58, 0x200, 2**32 + 4])])
    parts = enumerate((low, high, sign_scale), 1)
    return b"".join(write_tag(number, 0) + write_varint(part) for number, part in parts if part)


def datetime(chance: Random) -> bytes:
    """Content of a datetime, some out of range."""
    moment = chance.choice([chance.choice(DAYS), chance.randint(-(2**62), 2**62), chance.randint(-800_000, 800_000)])
    scale, zone = chance.choice([0, 0, 0, 1, 2, 3, 4, 5, 6, 15]), chance.choice([0] * 8 + [1, 2, 3])
    parts = enumerate(((moment << 1 ^ moment >> 63) & (2**64 - 1), scale, zone), 1)
    return b"".join(write_tag(number, 0) + write_varint(part) for number, part in parts if part)


def strange_field(chance: Random, number: int) -> bytes:
    """A field of any wire type."""
    wire_type = chance.randrange(8)
    tag = write_tag(number, wire_type)
    if wire_type == 0:
        return tag + chance.choice([write_varint(chance.choice(EDGES)), b"\xff" * 9 + b"\x02", b"\x80" * 10 + b"\x01"])
    if wire_type == 2:
        return write_bytes(number, chance.choice(TEXTS))
    if wire_type == 3:
        return tag + chance.choice([b"", b"\x08\x07"]) + write_tag(chance.choice([number] * 5 + [9]), 4)
    return tag + chance.randbytes({1: 8, 5: 4}.get(wire_type, 0))
