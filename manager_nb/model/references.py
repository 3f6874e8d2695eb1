"""What a record refers to: the keys of other records in its fields (docs/format.md §3, ``ref`` in the schema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import decode
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA, FieldType, MessageType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Reference:
    """One record named by another.

    Attributes:
        field: the field by its names in the schema, "Lines.Account".
        key: of the record that is named, in lower case.
        essential: whether the record means nothing without it. A value of a custom field that is gone does no harm.
    """

    field: str
    key: str
    essential: bool


def references(content_type: str, content: bytes) -> list[Reference]:
    """What a record refers to, each pair of field and key once, in the order of its fields.

    The nil GUID refers to nothing; a content type's GUID names a type. A type that the schema does not know tells none.

    Args:
        content_type: its GUID.
        content: its bytes.
    """
    known = SCHEMA.type_of(content_type.lower())
    if known is None:
        return []
    return list(dict.fromkeys(_of_message(known, decode(known, content).values, "")))


def _of_message(message_type: MessageType, values: Mapping[str, Any], where: str) -> Iterator[Reference]:
    kinds = {field.name: field for field in message_type.fields.values()}
    for name, value in values.items():
        yield from _of_field(kinds[name], value, f"{where}{name}")


def _of_field(kind: FieldType, value: Any, where: str) -> Iterator[Reference]:
    if kind.type == "map" and isinstance(value, dict):
        for key, entry in value.items():
            if kind.key and kind.key.type == "guid" and _is_record(key):
                yield Reference(where, key.lower(), False)
            if kind.value:
                yield from _of_field(kind.value, entry, where)
    elif isinstance(value, list):
        for element in value:
            yield from _of_field(kind, element, where)
    elif kind.type == "guid" and _is_record(value):
        yield Reference(where, value.lower(), True)
    elif kind.message and isinstance(value, dict):
        yield from _of_message(SCHEMA.message(kind.message), value, f"{where}.")


def _is_record(key: Any) -> bool:
    """Whether a GUID names a record: not nothing, and no type (whose settings the program has without a row)."""
    return isinstance(key, str) and key != NIL and SCHEMA.type_of(key.lower()) is None
