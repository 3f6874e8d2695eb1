"""Write one message by its schema: the bytes that Manager itself would write (docs/format.md §3)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.errors import EncodeError
from manager_nb.format import scalars
from manager_nb.format.messages import NUMBERS, EnumValue, is_default
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.format.wire import VARINT, write_bytes, write_tag, write_varint

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINT = "Give a value of the field's type."


def encode(message_type: MessageType, values: Mapping[str, Any], path: str = "") -> bytes:
    """The bytes that Manager writes for these values: fields in ascending number, defaults left out.

    Args:
        message_type: the type of the message.
        values: by field name, as :func:`decode` gives them; None is the same as absent.
        path: where this message stands in the record, for error texts.

    Raises:
        EncodeError: a field is unknown, or a value does not fit it.
    """
    known = {field.name for field in message_type.fields.values()}
    for name in values:
        if name not in known:
            raise _misfit(f"{path}.{name}" if path else name, message_type.name)
    prefix = f"{path}." if path else ""
    return b"".join(
        _encode_field(kind, values.get(kind.name), prefix + kind.name) for kind in message_type.fields.values()
    )


def _encode_field(kind: FieldType, value: Any, path: str) -> bytes:
    if kind.type == "map":
        return b"".join(
            write_bytes(kind.number, _encode_entry(kind, key, entry, path)) for key, entry in (value or {}).items()
        )
    if kind.repeated:
        return b"".join(_encode_value(kind, element, f"{path}[{row}]") for row, element in enumerate(value or ()))
    if value is None:
        if kind.type != "datetime" or kind.nullable:
            return b""
        value = dt.date(1, 1, 1)
    if _is_left_out(kind, value):
        return b""
    return _encode_value(kind, value, path)


def _is_left_out(kind: FieldType, value: Any) -> bool:
    if kind.nullable or kind.type in ("datetime", "message"):
        return False
    if isinstance(value, Decimal):
        return not value  # 0.00 loses its scale (docs/format.md §3)
    return is_default(kind, value)


def _encode_entry(kind: FieldType, key: str, value: Any, path: str) -> bytes:
    key_kind, value_kind = kind.key, kind.value
    assert key_kind is not None and value_kind is not None  # noqa: S101, PT018 - a map has both, by the schema
    return _encode_value(key_kind, key, path) + _encode_field(value_kind, value, path)


def _encode_value(kind: FieldType, value: Any, path: str) -> bytes:
    """A field that is written whatever its value."""
    if kind.type in NUMBERS:
        return write_tag(kind.number, VARINT) + write_varint(_plain_number(kind, value, path))
    try:
        return write_bytes(kind.number, _encode_content(kind, value, path))
    except (TypeError, AttributeError):
        raise _misfit(path, type(value).__name__) from None


def _plain_number(kind: FieldType, value: Any, path: str) -> int:
    if isinstance(value, EnumValue):
        return value.number
    if kind.type == "enum" and isinstance(value, str):
        numbers = {name: number for number, name in SCHEMA.enum(kind.enum or "").items()}
        if value in numbers:
            return numbers[value]
    limit = 63 if kind.type == "int64" else 31
    if isinstance(value, int) and -(1 << limit) <= value < 1 << limit:
        return int(value)
    raise _misfit(path, repr(value))


def _encode_content(kind: FieldType, value: Any, path: str) -> bytes:
    if kind.type == "message":
        return encode(SCHEMA.message(kind.message or ""), dict(value), path)
    if kind.type == "string":
        return _utf8(value)
    if kind.type == "bytes":
        return bytes(memoryview(value))
    encoders: dict[str, Any] = {
        "guid": scalars.encode_guid,
        "decimal": scalars.encode_decimal,
        "datetime": scalars.encode_datetime,
    }
    return bytes(encoders[kind.type](value))


def _utf8(text: str) -> bytes:
    """UTF-8 as .NET writes it: half of a surrogate pair becomes U+FFFD."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-8")


def _misfit(path: str, what: str) -> EncodeError:
    return EncodeError("The field {field} cannot hold {value}.", hint=_HINT, field=path, value=what)
