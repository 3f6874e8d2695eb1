"""Makes columns of one field alike that were decoded in different chunks.

Some Arrow types depend on the values (see :class:`manager_nb.format.scan.Scanned`): how many decimals money has,
whether a date has a time of day, which obsolete fields are in use inside a line.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format.scan import scan
from manager_nb.format.scan_types import WIDE_MONEY
from manager_nb.format.schema import SCHEMA, FieldType, MessageType

if TYPE_CHECKING:
    from collections.abc import Iterable


_SAFE_SCALE = 38 - 29
"""Manager's whole numbers have up to 29 digits."""


def common_type(kind: FieldType, types: Iterable[pa.DataType]) -> pa.DataType:
    """The narrowest type that holds the values of all of them."""
    return functools.reduce(lambda one, other: _wider(kind, one, other), types)


def _wider(kind: FieldType, one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if one.equals(other):
        return one
    if pa.types.is_map(one):
        assert kind.value is not None  # noqa: S101 - a map has values, by the schema
        return pa.map_(one.key_type, _wider(kind.value, one.item_type, other.item_type))
    if pa.types.is_list(one):
        return pa.list_(_wider(kind, one.value_type, other.value_type))
    if pa.types.is_struct(one):
        return _wider_struct(kind, one, other)
    if pa.types.is_decimal(one):
        return _wider_money(one, other)
    return one if pa.types.is_timestamp(one) else other


def _wider_money(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """With more decimals, where that leaves room for every whole number that Manager can store."""
    larger = max(one, other, key=lambda money: int(money.scale))
    return WIDE_MONEY if WIDE_MONEY in (one, other) or larger.scale > _SAFE_SCALE else larger


def _wider_struct(kind: FieldType, one: pa.DataType, other: pa.DataType) -> pa.DataType:
    names = ({field.name for field in one}, {field.name for field in other})
    fields = []
    for inner in SCHEMA.message(kind.message or "").fields.values():
        types = [
            type_.field(inner.name).type
            for type_, known in zip((one, other), names, strict=True)
            if inner.name in known
        ]
        if types:
            fields.append(pa.field(inner.name, common_type(inner, types)))
    return pa.struct(fields)


def fit(kind: FieldType, column: pa.Array, target: pa.DataType) -> pa.Array:
    """A column in that type, which holds all its values; a field that it lacks gets its default."""
    if column.type.equals(target):
        return column
    if pa.types.is_map(target):
        assert kind.value is not None  # noqa: S101 - a map has values, by the schema
        entries = [column.keys, fit(kind.value, column.items, target.item_type)]
        inside = pa.StructArray.from_arrays(entries, fields=[target.key_field, target.item_field])
        return with_values(column, inside, target)
    if pa.types.is_list(target):
        return with_values(column, fit(kind, column.values, target.value_type), target)
    if pa.types.is_struct(target):
        return _fit_struct(kind, column, target)
    return column.cast(target)


def _fit_struct(kind: FieldType, column: pa.Array, target: pa.DataType) -> pa.Array:
    known = {field.name for field in column.type}
    message_type = SCHEMA.message(kind.message or "")
    inner = {field.name: field for field in message_type.fields.values()}
    made = []
    for field in target:
        kind = inner[field.name]
        if field.name in known:
            made.append(fit(kind, column.field(field.name), field.type))
        elif kind.repeated or kind.type in ("map", "message"):
            made.append(pa.nulls(len(column), field.type))
        else:
            made.append(fit(kind, blank(message_type, field.name, len(column)), field.type))
    return pa.StructArray.from_arrays(made, fields=list(target), mask=column.is_null())


def blank(message_type: MessageType, field: str, rows: int) -> pa.Array:
    """The column of a field that no row has: its default, null where it has none."""
    return scan(message_type, pa.nulls(rows, pa.binary()), fields={field}).struct.field(0)


def with_values(column: pa.Array, values: pa.Array, target: pa.DataType) -> pa.Array:
    """A list or map column with other values in the same places."""
    return pa.Array.from_buffers(target, len(column), column.buffers()[:2], -1, column.offset, [values])
