"""Finds records by key, as they are today or as they were at a moment (docs/format.md §2).

What a document refers to may be called or counted otherwise today: a tax code with another rate, a customer with
another name. History holds how it was.
"""

from __future__ import annotations

import bisect
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from manager_nb.format.messages import decode
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.model.objects import find_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.format.database import Database
    from manager_nb.format.schema import ContentType
    from manager_nb.model.held import Held

_KEPT_CHAINS = 20_000
_KEPT_IMAGES = 20_000
_NEEDED = frozenset(
    {"Key", "Object", "Timestamp", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore", "ContentAfter"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it was found.

    Attributes:
        type: its type.
        values: its values, secrets included: not for showing.
    """

    type: ContentType
    values: Mapping[str, Any]


class _Chain(NamedTuple):
    """The changes of one object, oldest first."""

    ticks: tuple[int, ...]
    changes: tuple[object, ...]


class Lookup:
    """The records of a business by key. What was found is kept for a while, so that asking again costs little.

    The changes of an object are taken in the order of their times; where a clock was set back, that is not the order in
    which they happened.
    """

    def __init__(self, database: Database) -> None:
        # Partial functions and not methods: a cache of its own methods would keep the business alive.
        self._now = functools.lru_cache(_KEPT_IMAGES)(functools.partial(_today, database))
        self._chain = functools.lru_cache(_KEPT_CHAINS)(functools.partial(_chain, database))
        self._image = functools.lru_cache(_KEPT_IMAGES)(functools.partial(_image, database))

    def now(self, key: str) -> Found | None:
        """The record as it is; None where the business has none with that key, or of a type that is unknown here."""
        return self._now(key)

    def then(self, key: str, ticks: int | None) -> Found | None:
        """The record as it was after everything that was done up to a moment, that moment included.

        A record that was deleted by then is given as it was last; one that was made only later, as it was at first. A
        record without History is given as it is today.

        Args:
            key: the record's key.
            ticks: the moment in .NET ticks; None is today.
        """
        if ticks is None:
            return self._now(key)
        chain = self._chain(key)
        if not chain.changes:
            return self._now(key)
        done = bisect.bisect_right(chain.ticks, ticks)
        sides = ("After", "Before") if done else ("Before", "After")
        change = chain.changes[max(done - 1, 0)]
        found = (self._image(change, side) for side in sides)
        return next((image for image in found if image is not None), None) or self._now(key)


class ObjectsLookup(Lookup):
    """The records of a business that is not in a file: as a plan leaves it. They have no past.

    Args:
        objects: by key in lower case.
    """

    def __init__(self, objects: Mapping[str, Held]) -> None:
        self._now = functools.lru_cache(_KEPT_IMAGES)(functools.partial(_among, objects))

    def then(self, key: str, ticks: int | None) -> Found | None:
        """The record, whatever the moment."""
        del ticks
        return self._now(key)


def _among(objects: Mapping[str, Held], key: str) -> Found | None:
    one = objects.get(key.lower())
    return _found(one.content_type, one.content) if one else None


def _today(database: Database, key: str) -> Found | None:
    stored = find_object(database, key)
    return _found(stored.content_type, stored.content) if stored else None


def _chain(database: Database, key: str) -> _Chain:
    if not set(database.columns("Changes")) >= _NEEDED:
        return _Chain((), ())
    sql = 'SELECT "Timestamp", "Key" FROM "Changes" WHERE "Object" IN (?, ?)'
    rows = [(_number(ticks), change) for ticks, change in database.rows(sql, (key, key.upper()))]
    rows.sort(key=lambda row: (row[0], str(row[1])))
    return _Chain(tuple(row[0] for row in rows), tuple(row[1] for row in rows))


def _image(database: Database, change: object, side: str) -> Found | None:
    content = f'CAST("Content{side}" AS BLOB)' if database.is_utf8 else f'"Content{side}"'
    sql = f'SELECT "ContentType{side}", {content} FROM "Changes" WHERE "Key" = ?'  # noqa: S608 - our own words
    for content_type, blob in database.rows(sql, (change,)):
        return _found(content_type, blob)
    return None


def _found(content_type: object, content: object) -> Found | None:
    guid = str(content_type or NIL).lower()
    known = SCHEMA.type_of(guid)
    if known is None:
        return None
    blob = content if isinstance(content, bytes) else str(content or "").encode()
    return Found(known, decode(known, blob).values)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
