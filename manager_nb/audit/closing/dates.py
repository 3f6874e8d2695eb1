"""On which days documents were dated before and after each change, and which changes altered nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.columns import read_columns
from manager_nb.model.differences import differing_fields
from manager_nb.model.sides import type_guids
from manager_nb.model.tables import ROWS
from manager_nb.progress import check

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from manager_nb.audit.books import Books, Entry

_AT_ONCE = 1_000
_SIDES = ["Key", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore", "ContentAfter"]
_NEEDED = {"Key", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore"}
_POSTING = {
    known.guid: field for known in SCHEMA.types() if known.kind == "transaction" and (field := labels.date_field(known))
}
_NAMES = {known.name for known in SCHEMA.types() if known.guid in _POSTING}


def is_posting(entry: Entry) -> bool:
    """Whether a change is of a document that posts to the ledger and has a date: what a lock date is about."""
    return entry.type in _NAMES


def dates_before(books: Books) -> dict[str, dt.date]:
    """The date of each document before a change that updated it, by the change's key."""
    if not set(books.database.columns("Changes")) >= _NEEDED:
        return {}
    found: dict[str, dt.date] = {}
    updates = (
        "coalesce(\"ContentTypeBefore\", ?1) NOT IN (?1, '') AND coalesce(\"ContentTypeAfter\", ?1) NOT IN (?1, '')"
    )
    columns = ["Key", "ContentTypeBefore", "ContentBefore"]
    for batch in books.database.batches("Changes", columns, where=updates, params=(NIL,), rows=ROWS):
        check(books.progress)
        found.update(_dated(batch))
    return found


def _dated(batch: pa.RecordBatch) -> Iterator[tuple[str, dt.date]]:
    guids = type_guids(batch["ContentTypeBefore"])
    for guid in guids.unique().to_pylist():
        known = SCHEMA.type_of(guid) if guid in _POSTING else None
        if known is None:
            continue
        rows = pc.indices_nonzero(pc.equal(guids, guid))
        field = _POSTING[guid]
        dates = read_columns(known, batch["ContentBefore"].take(rows), [field]).values[field]
        days = dates.cast(pa.date32(), safe=False).to_pylist()
        for key, day in zip(batch["Key"].take(rows).to_pylist(), days, strict=True):
            if key is not None and day is not None:
                yield key, day


def days_of(books: Books, entry: Entry) -> tuple[dt.date, ...]:
    """The days that a document was dated on before and after a change, the earliest first."""
    days = {day for day in (entry.date, books.kept(dates_before).get(entry.change)) if day is not None}
    return tuple(sorted(days))


def unseen_of(books: Books, entries: Iterable[Entry]) -> set[str]:
    """Of some changes, the keys of those that updated a record without altering any of its fields."""
    updates = [entry.change for entry in entries if entry.action == "update"]
    found: set[str] = set()
    for start in range(0, len(updates), _AT_ONCE):
        some = updates[start : start + _AT_ONCE]
        where = f'"Key" IN ({", ".join("?" * len(some))})'
        for batch in books.database.batches("Changes", _SIDES, where=where, params=some):
            check(books.progress)
            types = [type_guids(batch[side]) for side in ("ContentTypeBefore", "ContentTypeAfter")]
            seen = set(differing_fields(batch["ContentBefore"], batch["ContentAfter"]).rows.tolist())
            alike = pc.fill_null(pc.equal(*types), False).to_pylist()
            found.update(
                key for row, key in enumerate(batch["Key"].to_pylist()) if alike[row] and row not in seen and key
            )
    return found
