"""The Arrow type of each field, and the column of a field that no row has."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa

from manager_nb.format.schema import SCHEMA, FieldType

MONEY = pa.decimal128(38, 2)
"""The type of a decimal column none of whose values has more than two decimals."""

WIDE_MONEY = pa.decimal256(76, 28)
"""The type of a decimal column that 38 digits do not hold."""

DAY = pa.date32()
"""The type of a datetime column all of whose values are whole days."""

MOMENT = pa.timestamp("us")
"""The type of a datetime column with a time of day in it."""

PLAIN = {
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "enum": pa.string(),
    "string": pa.string(),
    "bytes": pa.binary(),
    "guid": pa.string(),
    "decimal": MONEY,
    "datetime": DAY,
}
"""The type of a column of single values; of decimals and datetimes the narrowest."""

_COUNTED = {"bool": 1, "int32": 4, "int64": 8, "decimal": 16}  # and the bytes of a value, no fewer


def narrowest_type(kind: FieldType, within: tuple[str, ...]) -> pa.DataType:
    """The type that a field's column has where no row has a value.

    Args:
        kind: the field.
        within: the names of the messages around it.
    """
    if kind.type == "map":
        assert kind.key is not None and kind.value is not None  # noqa: S101, PT018 - a map has both, by the schema
        return pa.map_(narrowest_type(kind.key, within), narrowest_type(kind.value, within))
    if is_endless(kind, within):
        inner = pa.binary()
    else:
        inner = _message_type(kind.message or "", within) if kind.type == "message" else PLAIN[kind.type]
    return pa.list_(inner) if kind.repeated else inner


def is_endless(kind: FieldType, within: tuple[str, ...]) -> bool:
    """Whether the field holds a message of a type that it stands in itself, which no Arrow type can follow."""
    return kind.type == "message" and kind.message in within


@functools.cache
def _message_type(name: str, within: tuple[str, ...]) -> pa.DataType:
    fields = SCHEMA.message(name).fields.values()
    return pa.struct([pa.field(kind.name, narrowest_type(kind, (*within, name))) for kind in fields])


class Blanks:
    """Columns of fields that no row has, made once for every length: most of a type's fields are in use nowhere."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], pa.Array] = {}

    def column(self, kind: FieldType, count: int, within: tuple[str, ...]) -> pa.Array:
        """So many rows without the field: its default, null where it has none."""
        shape = (kind.type, kind.repeated, kind.nullable, kind.enum, kind.message)
        sides = (kind.value.type, kind.value.repeated, kind.key.type) if kind.key and kind.value else ()
        key = (count, shape, sides, within if kind.message else ())
        if key not in self._made:
            self._made[key] = _blank(kind, count, within)
        return self._made[key]


def _blank(kind: FieldType, count: int, within: tuple[str, ...]) -> pa.Array:
    if kind.type in _COUNTED and not kind.repeated and not kind.nullable:
        zeros = pa.py_buffer(np.zeros(_COUNTED[kind.type] * count, np.uint8))
        return pa.Array.from_buffers(PLAIN[kind.type], count, [None, zeros])
    if kind.type == "enum" and not kind.repeated and not kind.nullable:
        return pa.repeat(pa.scalar(enum_name(kind, 0), pa.string()), count)
    return pa.nulls(count, narrowest_type(kind, within))


def enum_name(kind: FieldType, number: int) -> str:
    """The name of an enum's number; a number that the schema does not know is its own name."""
    return SCHEMA.enum(kind.enum or "").get(number, str(number))
