"""Columns of field values out of the bytes of many records of one type, secrets masked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA, ContentType, FieldType, MessageType
from manager_nb.model import secrets

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Columns:
    """What was read.

    Attributes:
        values: a column a field, by its name.
        flaws: what is wrong, one row a flaw: ``row`` (int64), ``path``, ``what`` (string), ``data`` (binary).
    """

    values: dict[str, pa.Array]
    flaws: pa.Table


FLAWS = pa.schema([("row", pa.int64()), ("path", pa.string()), ("what", pa.string()), ("data", pa.binary())])


def read_columns(content_type: ContentType, blobs: pa.Array, fields: Sequence[str]) -> Columns:
    """Read some fields of many records.

    Args:
        content_type: the type of all of them.
        blobs: their contents; null is a record with all defaults.
        fields: the names of the fields that are wanted.
    """
    kinds = [kind for kind in content_type.fields.values() if kind.name in set(fields)]
    decoded = [decode(content_type, blob or b"") for blob in blobs.to_pylist()]
    values = {
        kind.name: secrets.mask_column(
            content_type.name,
            kind,
            pa.array([_arrow(kind, row.values.get(kind.name)) for row in decoded], arrow_type(kind)),
        )
        for kind in kinds
    }
    flaws = [(row, flaw.path, flaw.what, flaw.data) for row, read in enumerate(decoded) for flaw in read.flaws]
    return Columns(values, pa.Table.from_pylist([dict(zip(FLAWS.names, flaw, strict=True)) for flaw in flaws], FLAWS))


def _arrow(kind: FieldType, value: Any) -> Any:
    if value is None:
        return None
    if kind.type == "map":
        return [(key, str(entry)) for key, entry in value.items()]
    if kind.repeated:
        return [_one(kind, element) for element in value]
    return _one(kind, value)


def _one(kind: FieldType, value: Any) -> Any:
    if kind.type == "message":
        inner = {field.name: field for field in SCHEMA.message(kind.message or "").fields.values()}
        return {name: _arrow(inner[name], entry) for name, entry in value.items()}
    if kind.type == "datetime":
        return dt.datetime(*value.timetuple()[:6])
    return value


def arrow_type(kind: FieldType, above: tuple[str, ...] = ()) -> pa.DataType:
    """The Arrow type of a field's column."""
    if kind.type == "map":
        return pa.map_(pa.string(), pa.string())
    if kind.type == "message" and kind.message in above:
        return pa.binary()
    one = (
        _struct(SCHEMA.message(kind.message or ""), (*above, kind.message or ""))
        if kind.type == "message"
        else _PLAIN[kind.type]
    )
    return pa.list_(one) if kind.repeated else one


def _struct(message_type: MessageType, above: tuple[str, ...]) -> pa.DataType:
    return pa.struct([pa.field(kind.name, arrow_type(kind, above)) for kind in message_type.fields.values()])


_PLAIN = {
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "enum": pa.string(),
    "string": pa.string(),
    "bytes": pa.binary(),
    "guid": pa.string(),
    "decimal": pa.decimal128(38, 10),
    "datetime": pa.timestamp("us"),
}


def read_flaws(content_type: ContentType, blobs: pa.Array) -> pa.Table:
    """What is wrong with the bytes of many records, at every depth; columns as in :attr:`Columns.flaws`."""
    return read_columns(content_type, blobs, content_type.order).flaws
