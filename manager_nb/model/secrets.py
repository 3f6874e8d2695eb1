"""Which fields are secret, and how they are masked on the way out (docs/format.md §5).

A secret that is set shows as :data:`MASK`; one that is not set stays unset, so that a reader still sees whether there
is one. Only ``Business.record(key, unmask=True)`` opens them.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.model.shapes import with_values

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK = "********"
"""What stands in place of a secret."""

_SECRETS: dict[str, frozenset[str]] = {
    "AccessToken": frozenset({"Password"}),
    "EmailSettings": frozenset({"Password", "Obsolete_NewPassword"}),
    "Obsolete.Obsolete85.EinvoiceMe": frozenset({"Authorization"}),
    "Obsolete.Obsolete88.User": frozenset(
        {"Password", "Obsolete_Session", "Session", "PasswordResetToken", "MultifactorAuthentication"}
    ),
    "Obsolete.Obsolete88.Session": frozenset({"Key"}),
}


def is_secret(message_name: str, field: FieldType) -> bool:
    """Whether that field of that type or message is a secret."""
    return field.name in _SECRETS.get(message_name, ())


@functools.cache
def has_secrets(message_name: str) -> bool:
    """Whether a record of that type can hold a secret, at any depth."""
    return _has_secrets(message_name, frozenset())


def _has_secrets(message_name: str, above: frozenset[str]) -> bool:
    if message_name in _SECRETS:
        return True
    inner = {field.message for field in SCHEMA.message(message_name).fields.values() if field.message}
    return any(_has_secrets(name, above | {message_name}) for name in inner - above - {message_name})


def mask(message_type: MessageType, values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of decoded values with every secret masked."""
    if not has_secrets(message_type.name):
        return dict(values)
    kinds = {field.name: field for field in message_type.fields.values()}
    return {name: _masked(message_type.name, kinds[name], value) for name, value in values.items()}


def _masked(message_name: str, field: FieldType, value: Any) -> Any:
    if is_secret(message_name, field):
        return _mask_one(value) if value else value
    if field.message and isinstance(value, list):
        return [mask(SCHEMA.message(field.message), element) for element in value]
    if field.message and isinstance(value, dict):
        return mask(SCHEMA.message(field.message), value)
    return value


def _mask_one(value: Any) -> Any:
    return MASK.encode() if isinstance(value, bytes) else MASK


def mask_column(message_name: str, field: FieldType, column: pa.Array) -> pa.Array:
    """The column of one field with every secret masked; its type is kept, a secret GUID becomes text."""
    if is_secret(message_name, field):
        return _mask_plain(column)
    if field.message is None or not has_secrets(field.message):
        return column
    return _mask_nested(SCHEMA.message(field.message), column)


def _mask_plain(column: pa.Array) -> pa.Array:
    if not (pa.types.is_string(column.type) or pa.types.is_binary(column.type)):
        column = column.cast(pa.string())
    empty = pc.equal(pc.binary_length(column), 0)
    return pc.if_else(empty, column, pc.if_else(pc.is_null(column), column, pa.scalar(MASK).cast(column.type)))


def _mask_nested(message_type: MessageType, column: pa.Array) -> pa.Array:
    if pa.types.is_binary(column.type):  # a type that contains itself: its bytes
        return _mask_plain(column)
    if pa.types.is_list(column.type):
        values = _mask_nested(message_type, column.values)
        return with_values(column, values, pa.list_(values.type))
    kinds = {field.name: field for field in message_type.fields.values()}
    fields = [column.type.field(place) for place in range(column.type.num_fields)]
    inner = [
        mask_column(message_type.name, kinds[field.name], column.field(place)) for place, field in enumerate(fields)
    ]
    masked = [field.with_type(made.type) for field, made in zip(fields, inner, strict=True)]
    return pa.StructArray.from_arrays(inner, fields=masked, mask=column.is_null())
