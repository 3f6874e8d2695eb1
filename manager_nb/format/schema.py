"""What Manager calls the types, fields and enum values of its records: ``schema.json`` (docs/format.md §3)."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

REVISION = 419
"""The newest schema revision that this version knows in full."""

SCHEMA_TYPE = "a9a71e47-82b3-49db-8aec-898adb460a80"
"""Content type and key of the object that holds a file's schema revision."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """One field of a message: its number on the wire, its name and how its value is written.

    ``type`` is one of bool, int32, int64, enum, string, bytes, guid, decimal, datetime, map, message; ``enum`` and
    ``message`` name the type in the schema; ``key`` and ``value`` are the two sides of a map; ``ref`` is what a guid
    points to.
    """

    number: int
    name: str
    type: str
    repeated: bool = False
    nullable: bool = False
    enum: str | None = None
    message: str | None = None
    key: FieldType | None = None
    value: FieldType | None = None
    ref: str | None = None

    @property
    def obsolete(self) -> bool:
        """Whether only older versions used it."""
        return self.name.startswith("Obsolete_")


@dataclass(frozen=True, slots=True)
class MessageType:
    """The fields of a message, by number."""

    name: str
    fields: dict[int, FieldType]

    @property
    def order(self) -> tuple[str, ...]:
        """The fields' names in ascending number: the order in which they are written."""
        return tuple(field.name for field in self.fields.values())

    def field(self, name: str) -> FieldType | None:
        """The field of that name."""
        return next((field for field in self.fields.values() if field.name == name), None)


@dataclass(frozen=True, slots=True)
class ContentType(MessageType):
    """A type of record: what ``Objects.ContentType`` names by its GUID.

    ``kind`` is ours: transaction (posts to the ledger), record, setting, report or internal.
    """

    guid: str
    kind: str
    singleton: bool
    obsolete: bool


class Schema:
    """All types of Manager's schema revision 419."""

    def __init__(self, source: dict[str, Any]) -> None:
        self._enums: dict[str, dict[int, str]] = {
            name: {number: label for label, number in values.items()} for name, values in source["enums"].items()
        }
        self._refs: dict[str, tuple[str, ...]] = {name: tuple(targets) for name, targets in source["refs"].items()}
        self._types = {
            name: ContentType(
                name, _fields(facts["fields"]), facts["guid"], facts["kind"], facts["singleton"], facts["obsolete"]
            )
            for name, facts in source["types"].items()
        }
        self._by_guid = {content_type.guid: content_type for content_type in self._types.values()}
        self._messages: dict[str, MessageType] = {
            name: MessageType(name, _fields(facts["fields"])) for name, facts in source["messages"].items()
        }

    def type_of(self, guid: str) -> ContentType | None:
        """The content type with that GUID (lower case, hyphens), None where this schema does not know it."""
        return self._by_guid.get(guid)

    def named(self, name: str) -> ContentType | None:
        """The content type of that name, e.g. ``"SalesInvoice"``."""
        return self._types.get(name)

    def message(self, name: str) -> MessageType:
        """The message or content type of that name.

        Raises:
            KeyError: the schema has none.
        """
        return self._messages[name] if name in self._messages else self._types[name]

    def enum(self, name: str) -> dict[int, str]:
        """The names of an enum's numbers."""
        return self._enums[name]

    def targets(self, ref: str) -> tuple[str, ...]:
        """The content types that a guid field with this ``ref`` may point to."""
        return self._refs.get(ref, ())

    def types(self) -> tuple[ContentType, ...]:
        """Every content type."""
        return tuple(self._types.values())


def _fields(facts: list[dict[str, Any]]) -> dict[int, FieldType]:
    return {fact["number"]: _field(fact) for fact in sorted(facts, key=lambda fact: fact["number"])}


def _field(fact: dict[str, Any]) -> FieldType:
    return FieldType(
        number=fact.get("number", 0),
        name=fact.get("name", ""),
        type=fact["type"],
        repeated=fact.get("repeated", False),
        nullable=fact.get("nullable", False),
        enum=fact.get("enum"),
        message=fact.get("message"),
        key=_side(1, fact["key"]) if "key" in fact else None,
        value=_side(2, fact["value"]) if "value" in fact else None,
        ref=fact.get("ref"),
    )


def _side(number: int, fact: str | dict[str, Any]) -> FieldType:
    described = {"type": fact} if isinstance(fact, str) else fact
    return _field({**described, "number": number, "name": "key" if number == 1 else "value"})


@functools.cache
def load() -> Schema:
    """Read the schema that ships with the package."""
    return Schema(json.loads(resources.files("manager_nb.format").joinpath("schema.json").read_text("utf-8")))


SCHEMA = load()
"""The schema of revision 419, ready to use."""
