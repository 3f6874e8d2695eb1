"""The business objects of a file: which types there are, and one object by its key (docs/format.md §2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format.schema import SCHEMA, ContentType
from manager_nb.model.sides import describe, type_name
from manager_nb.model.stored import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from manager_nb.format.database import Database

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
    known = set(database.columns("Objects"))
    if not {"Key", "ContentType", "Content"} <= known:
        return None
    ticks = '"Timestamp"' if "Timestamp" in known else "NULL"
    sql = f'SELECT "Key", "ContentType", CAST("Content" AS BLOB), {ticks} FROM "Objects" WHERE '  # noqa: S608
    for condition, value in (('"Key" = ?', key), ('lower("Key") = ?', key.lower())):
        for row in database.rows(sql + condition, (value,)):
            return StoredObject(_text(row[0]), _text(row[1]), _bytes(row[2]), _number(row[3]))
    return None


def all_objects(database: Database) -> Iterator[tuple[str, str, bytes]]:
    """Key, content type and content of every object, as they are in the file, in key order."""
    if not {"Key", "ContentType", "Content"} <= set(database.columns("Objects")):
        return
    sql = 'SELECT "Key", "ContentType", CAST("Content" AS BLOB) FROM "Objects" ORDER BY "Key"'
    for key, content_type, content in database.rows(sql):
        yield _text(key), _text(content_type), _bytes(content)


def labels_of(database: Database, keys: Iterable[str]) -> Mapping[str, str]:
    """The labels of the objects with these keys; a key that is not there is left out."""
    wanted = sorted(set(keys))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _LOOKED_UP_AT_ONCE):
        some = wanted[start : start + _LOOKED_UP_AT_ONCE]
        sql = (
            'SELECT "Key", lower("ContentType"), CAST("Content" AS BLOB) FROM "Objects"'  # noqa: S608 - placeholders
            f' WHERE "Key" IN ({", ".join("?" * len(some))})'
        )
        for key, guid, content in database.rows(sql, tuple(some)):
            found[_text(key)] = describe(_text(guid), pa.array([_bytes(content)]))[0][0].as_py()
    return found


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
