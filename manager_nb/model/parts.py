"""A record in parts, as a page shows it: its fields one by one, and a table for each sort of lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import EnumValue
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.model.secrets import is_secret
from manager_nb.model.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from manager_nb.model.records import Record


@dataclass(frozen=True, slots=True)
class Ref:
    """A value, or a step of a path, that names another record by its key."""

    key: str


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is a word of the program's own, in English: "Paragraph text"."""

    text: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is not shown."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes that mean nothing to people.

    Attributes:
        size: how many.
        hex: what they are, where they are few, such as a digest.
    """

    size: int
    hex: str | None


Path = tuple["str | Ref", ...]
"""The steps to a field: names in the schema, or the custom field that a value belongs to."""

_FEW = 32


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one sort.

    Attributes:
        name: the field that holds them.
        columns: the fields that some line has, in the schema's order.
        rows: a line's values, None where it has none.
    """

    name: str
    columns: tuple[Path, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """A record in parts.

    Values are as decoded (text, numbers, Decimal, dates, bool), or :class:`Ref`, :class:`Word`, :class:`Secret`,
    :class:`Raw`; several values are a tuple of them.

    Attributes:
        fields: (path, value) in the schema's order; fields without a value are left out, as the file does.
        lines: its tables.
    """

    fields: tuple[tuple[Path, Any], ...]
    lines: tuple[Lines, ...]

    def references(self) -> set[str]:
        """The keys of everything that is named in it."""
        rows = (value for lines in self.lines for row in lines.rows for value in row)
        paths = (step for path, _ in self._paths() for step in path)
        values = (value for _, value in self.fields)
        return {ref.key for ref in _refs((*values, *rows, *paths))}

    def _paths(self) -> Iterator[tuple[Path, None]]:
        yield from ((path, None) for path, _ in self.fields)
        yield from ((path, None) for lines in self.lines for path in lines.columns)


def parts_of(record: Record) -> Parts:
    """Take a record apart; an unknown type has no parts that are known."""
    known = SCHEMA.type_of(record.content_type.lower())
    if known is None:
        return Parts((), ())
    kinds = {field.name: field for field in known.fields.values()}
    lined = {name for name, value in record.fields.items() if _has_lines(kinds[name], value)}
    single = {name: value for name, value in record.fields.items() if name not in lined}
    lines = [_lines(kinds[name], record.fields[name]) for name in kinds if name in lined]
    return Parts(tuple(_walk(known, single, ())), tuple(lines))


def _has_lines(kind: FieldType, value: Any) -> bool:
    return kind.message is not None and isinstance(value, list) and bool(value)


def _lines(kind: FieldType, value: list[Mapping[str, Any]]) -> Lines:
    message_type = SCHEMA.message(kind.message or "")
    rows = [dict(_walk(message_type, line, ())) for line in value]
    order = {name: place for place, name in enumerate(message_type.order)}
    columns = sorted(
        dict.fromkeys(path for row in rows for path in row), key=lambda path: order.get(str(path[0]), len(order))
    )
    return Lines(kind.name, tuple(columns), tuple(tuple(row.get(path) for path in columns) for row in rows))


def _walk(message_type: MessageType, values: Mapping[str, Any], above: Path) -> Iterator[tuple[Path, Any]]:
    for kind in message_type.fields.values():
        if kind.name in values:
            yield from _of_field(message_type.name, kind, values[kind.name], (*above, kind.name))


def _of_field(message_name: str, kind: FieldType, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if is_secret(message_name, kind):
        yield path, Secret()
    elif isinstance(value, dict) and kind.type == "map":
        inner = kind.value
        for key, entry in value.items():
            # the sort of value that a custom field has ("Strings") is no step that people know
            step = path[:-1] if path[:1] == ("CustomFields2",) else path
            yield from _of_field("", inner, entry, (*step, Ref(str(key)))) if inner else ()
    elif isinstance(value, dict):
        yield from _walk(SCHEMA.message(kind.message or ""), value, path)
    elif isinstance(value, list):
        yield path, tuple(found for element in value if (found := _element(kind, element)) is not None)
    elif (found := _element(kind, value)) is not None:
        yield path, found


def _element(kind: FieldType, value: Any) -> Any:
    if isinstance(value, dict):  # lines within a line: told one after another
        return tuple(_walk(SCHEMA.message(kind.message or ""), value, ()))
    if isinstance(value, EnumValue):
        return Word(sentence(value) or str(value))
    if isinstance(value, bytes):
        return Raw(len(value), value.hex() if len(value) <= _FEW else None)
    if kind.type == "guid":
        return None if value == NIL else Ref(str(value))
    return value


def _refs(values: Iterable[Any]) -> Iterator[Ref]:
    for value in values:
        if isinstance(value, Ref):
            yield value
        elif isinstance(value, tuple):
            yield from _refs(value)
