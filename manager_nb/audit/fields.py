"""One change, or one record, field by field in words: what a person reads to see what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from manager_nb.errors import NotFoundError
from manager_nb.format.database import Database
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.amounts import Amount, amount_of, has_amount
from manager_nb.model.field_changes import UNCHANGED, field_changes, unchanged_fields
from manager_nb.model.field_words import FieldWords
from manager_nb.model.lookup import Lookup
from manager_nb.model.values import ReadersValues
from manager_nb.model.wording import Words
from manager_nb.progress import SILENT, Progress, heeded
from manager_nb.timeline.images import image_of

if TYPE_CHECKING:
    from decimal import Decimal

    from manager_nb.i18n import Language
    from manager_nb.timeline.business import Business

FIELDS = pa.schema(
    [
        ("path", pa.string()),
        ("line", pa.int64()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("kind", pa.string()),
        ("field", pa.string()),
        ("of", pa.string()),
    ]
)
"""The columns of :func:`fields_of_change`: those of ``business.changes`` that tell of the field, and ``of``."""

KINDS = {
    "set": mark("Filled in"),
    "changed": mark("Changed"),
    "cleared": mark("Emptied"),
    "line added": mark("Line added"),
    "line removed": mark("Line removed"),
    "line moved": mark("Line moved"),
    "created": mark("New"),
    "deleted": mark("Deleted"),
    "type": mark("Another type"),
    "unreadable": mark("Cannot be read in full"),
    UNCHANGED: mark("As before"),
}
"""What happened to a field, in words."""

ACTIONS = {"create": mark("Created"), "update": mark("Changed"), "delete": mark("Deleted")}
"""What History says of a change."""

_Side = tuple[str | None, bytes]


def fields_of_change(
    business: Business, change: str, *, unchanged: bool = False, language: Language | None = None
) -> pa.Table:
    """What one change of History did.

    Args:
        business: whose History.
        change: the change's key.
        unchanged: whether the fields that stayed as they were are told too, after the others; their ``kind`` is
            "unchanged". Of a line in which something changed, they are the fields of the line that stayed.
        language: the reader's, in which values are told; None tells them as ``business.changes`` does.

    Returns:
        A row a field or line: ``path`` (the field in words), ``line`` (from 1), ``before``, ``after`` (as they were
        called then), ``kind``, ``field``; see :func:`manager_nb.model.changes.changes_table`; and ``of``, what the line
        is that the field stands in: its item, account or description.

    Raises:
        NotFoundError: History has no such change.
    """
    read = _read(business, change)
    values = ReadersValues(language) if language is not None else None
    then, now = (Words(read.lookup, ticks, values) for ticks in (read.earlier, read.at))
    found = field_changes(read.before, read.after)
    if unchanged:
        found += unchanged_fields(read.before, read.after)
    return pa.Table.from_pylist([_told(FieldWords(one, then, now)) for one in found], FIELDS)


def fields_of_record(business: Business, key: str, *, language: Language | None = None) -> pa.Table:
    """A record as it is now, field by field.

    Args:
        business: the business.
        key: of the record.
        language: the reader's, in which values are told; None tells them as ``business.changes`` does.

    Returns:
        As :func:`fields_of_change` gives it, with the values in ``after``. Secrets are masked.

    Raises:
        NotFoundError: no such record is there now.
    """
    record = business.record(key)
    lookup = Lookup(Database(business.open_source.database))
    words = Words(lookup, None, ReadersValues(language) if language is not None else None)
    found = field_changes((None, b""), (record.content_type.lower(), record.raw))
    return pa.Table.from_pylist([_told(FieldWords(one, words, words)) for one in found], FIELDS)


def amounts_of_change(business: Business, change: str) -> tuple[Amount, Amount]:
    """What the document came to before a change and after it, each with the tax codes and currencies of its moment.

    Args:
        business: whose History.
        change: the change's key.

    Returns:
        Before and after; without a value where the document was not there, has no total, or it cannot be known.

    Raises:
        NotFoundError: History has no such change.
    """
    read = _read(business, change)
    return _amount(read, read.before, read.earlier), _amount(read, read.after, read.at)


def amounts_before(business: Business, progress: Progress = SILENT) -> dict[str, Decimal]:
    """What each document came to before it was changed, by the key of the change; those that are known.

    Args:
        business: whose History.
        progress: its cancel is heeded.
    """
    database = Database(business.open_source.database)
    lookup, found = Lookup(database), {}
    content = 'CAST("ContentBefore" AS BLOB)' if database.is_utf8 else '"ContentBefore"'
    sql = f'SELECT "Key", "Object", "Timestamp", "ContentTypeBefore", {content}, "ContentTypeAfter" FROM "Changes"'  # noqa: S608 - our own words
    for key, record, ticks, kind, blob, becomes in heeded(database.rows(sql), progress):
        if NIL in (str(kind or NIL), str(becomes or NIL)):
            continue
        side = str(kind).lower(), blob if isinstance(blob, bytes) else str(blob or "").encode()
        read = _Read(str(record or "").lower(), ticks if isinstance(ticks, int) else None, side, side, lookup)
        amount = _amount(read, side, read.earlier)
        if amount.value is not None:
            found[str(key)] = amount.value
    return found


class _Read(NamedTuple):
    """A change as it is read: whose, when, and what it found and left."""

    object: str
    at: int | None
    before: _Side
    after: _Side
    lookup: Lookup

    @property
    def earlier(self) -> int | None:
        return None if self.at is None else self.at - 1


def _read(business: Business, change: str) -> _Read:
    database = Database(business.open_source.database)
    row = next(database.rows('SELECT "Object", "Timestamp" FROM "Changes" WHERE "Key" = ?', (change,)), None)
    if row is None:
        raise NotFoundError(
            "There is no change with the key {key} in History.",
            hint="Take a key from the column change of business.history.",
            path=business.source.path,
            key=change,
        )
    before, after = (image_of(database, change, side) or (None, b"") for side in ("Before", "After"))
    ticks = row[1] if isinstance(row[1], int) else None
    return _Read(str(row[0] or "").lower(), ticks, before, after, Lookup(database))


def _amount(read: _Read, side: _Side, ticks: int | None) -> Amount:
    known = SCHEMA.type_of(side[0]) if side[0] else None
    if known is None or not has_amount(known) or read.object == known.guid:  # a form default is no document
        return Amount(None)
    return amount_of(known, side[1], read.lookup, ticks)


def _told(words: FieldWords) -> dict[str, object]:
    return {name: getattr(words, name)() for name in FIELDS.names}
