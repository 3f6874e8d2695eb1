"""The business objects of a file: which types there are, and one object by its key (docs/format.md §2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format.layout import quoted
from manager_nb.format.schema import SCHEMA, ContentType
from manager_nb.model.sides import describe, type_name
from manager_nb.model.stored import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from manager_nb.format.database import Database

_COLUMNS = ("Key", "ContentType", "Content", "Timestamp")
_LOOKED_UP_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Present:
    """A content type that a file has objects of.

    Attributes:
        guid: in lower case.
        known: the type, None where the schema does not know it.
        spellings: how the file spells the GUID.
        records: how many records there are.
        defaults: how many objects are form defaults: a template for new records, not a record.
    """

    guid: str
    known: ContentType | None
    spellings: tuple[object, ...]
    records: int
    defaults: int

    @property
    def name(self) -> str:
        """The type's name, its GUID where it is unknown."""
        return type_name(self.guid)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One row of ``Objects``, as it is in the file."""

    key: str
    content_type: str
    content: bytes
    ticks: int | None


def types_present(database: Database) -> dict[str, Present]:
    """Every content type that has an object, by its GUID in lower case; known ones first, by name."""
    if not {"Key", "ContentType"} <= set(database.columns("Objects")):
        return {}
    counted: dict[str, list[tuple[object, int, int]]] = {}
    sql = (
        'SELECT "ContentType", COUNT(*), SUM(lower("Key") = lower("ContentType")) FROM "Objects" GROUP BY "ContentType"'
    )
    for spelling, rows, own_key in database.rows(sql):
        counted.setdefault(_text(spelling).lower(), []).append((spelling, _number(rows) or 0, _number(own_key) or 0))
    found = [_present(guid, parts) for guid, parts in counted.items()]
    found.sort(key=lambda present: (present.known is None, present.name))
    return {present.guid: present for present in found}


def _present(guid: str, parts: list[tuple[object, int, int]]) -> Present:
    known = SCHEMA.type_of(guid)
    own_key = sum(part[2] for part in parts)
    defaults = own_key if known and not known.singleton else 0
    rows = sum(part[1] for part in parts)
    return Present(guid, known, tuple(part[0] for part in parts), rows - defaults, defaults)


def records_of(database: Database, present: Present | None) -> Rows:
    """The rows of ``Objects`` that are the records of a type, in key order; None has none."""
    if present is None:
        return Rows(database, "Objects", where="0")
    spelled = [spelling for spelling in present.spellings if spelling is not None]
    condition = f'"ContentType" IN ({", ".join("?" * len(spelled))})'
    if None in present.spellings:
        condition = f'({condition} OR "ContentType" IS NULL)'
    if present.defaults:
        condition += ' AND lower("Key") <> lower("ContentType")'
    return Rows(database, "Objects", where=condition, params=tuple(spelled))


def find_object(database: Database, key: str) -> StoredObject | None:
    """The object with that key; upper and lower case are the same."""
    known = database.columns("Objects")
    content = 'CAST("Content" AS BLOB)' if database.is_utf8 else '"Content"'
    values = [content if name == "Content" else quoted(name) if name in known else "NULL" for name in _COLUMNS]
    for condition, wanted in (('"Key" = ?', key), ('lower("Key") = ?', key.lower())):
        sql = f'SELECT {", ".join(values)} FROM "Objects" WHERE {condition}'  # noqa: S608 - our own words
        for row in database.rows(sql, (wanted,)) if known else ():
            return StoredObject(_text(row[0]), _text(row[1]), _bytes(row[2]), _number(row[3]))
    return None


def all_objects(database: Database) -> Iterator[tuple[str, str, bytes]]:
    """Key, content type and content of every object, as they are in the file, in key order."""
    for row in _objects(Rows(database, "Objects")):
        yield row.key, row.content_type, row.content


def labels_of(database: Database, keys: Iterable[str]) -> Mapping[str, str]:
    """The labels of the objects with these keys; a key that is not there is left out."""
    wanted = sorted(set(keys))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _LOOKED_UP_AT_ONCE):
        some = tuple(wanted[start : start + _LOOKED_UP_AT_ONCE])
        rows = Rows(database, "Objects", where=f'"Key" IN ({", ".join("?" * len(some))})', params=some)
        for row in _objects(rows):
            found[row.key] = describe(row.content_type.lower(), pa.array([row.content]))[0][0].as_py()
    return found


def _objects(rows: Rows) -> Iterator[StoredObject]:
    for batch in rows.read(_COLUMNS):
        for key, content_type, content, ticks in zip(*(batch[name].to_pylist() for name in _COLUMNS), strict=True):
            yield StoredObject(key or "", content_type or "", content or b"", ticks)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode()


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
