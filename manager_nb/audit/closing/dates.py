"""On which days documents were dated before and after each change, and which changes altered nothing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

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
    from collections.abc import Iterable, Iterator

    from manager_nb.audit.books import Books, Entry

_AT_ONCE = 1_000
_SIDES = ["Key", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore", "ContentAfter"]
_NEEDED = {"Key", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore"}
_RATES = ("BankReconciliation", "ExchangeRate", "InventoryUnitCost", "InvestmentMarketPrice")
_POSTINGS = [known for known in SCHEMA.types() if known.kind == "transaction"]
_OPENINGS = {known.guid: known.name for known in _POSTINGS if not labels.date_field(known)}
_DATED = {
    known.guid: field
    for known in (*_POSTINGS, *filter(None, map(SCHEMA.named, _RATES)))
    if (field := labels.date_field(known))
}
_POSTED = {known.name for known in _POSTINGS if known.guid in _DATED}
_NAMES = _POSTED | {*_RATES, *_OPENINGS.values()}


class Was(NamedTuple):
    """What a record was before it was changed.

    Attributes:
        type: name of its type.
        date: its own date; None where it had none.
    """

    type: str
    date: dt.date | None


def shapes_figures(books: Books, entry: Entry) -> bool:
    """Whether a change is of what the figures of a period are made of, after it or before.

    That are documents that post to the ledger, opening balances, rates, unit costs and bank reconciliations.
    """
    known = SCHEMA.named(entry.type or "")
    if known is not None and known.guid == entry.object:  # a form's default
        return False
    return entry.type in _NAMES or entry.change in books.kept(before_updates)


def is_opening(entry: Entry) -> bool:
    """Whether a change is of an opening balance: these have no date, and are in the figures of every period."""
    return entry.type in _OPENINGS.values()


def is_document(books: Books, entry: Entry) -> bool:
    """Whether a change is of a document that posts to the ledger and has a date, after it or before."""
    was = books.kept(before_updates).get(entry.change)
    return entry.type in _POSTED or (was is not None and was.type in _POSTED)


def before_updates(books: Books) -> dict[str, Was]:
    """What the records that shape figures were before a change that updated them, by the change's key."""
    if not set(books.database.columns("Changes")) >= _NEEDED:
        return {}
    found: dict[str, Was] = {}
    updates = (
        "coalesce(\"ContentTypeBefore\", ?1) NOT IN (?1, '') AND coalesce(\"ContentTypeAfter\", ?1) NOT IN (?1, '')"
    )
    columns = ["Key", "ContentTypeBefore", "ContentBefore"]
    for batch in books.database.batches("Changes", columns, where=updates, params=(NIL,), rows=ROWS):
        check(books.progress)
        found.update(_were(batch))
    return found


def _were(batch: pa.RecordBatch) -> Iterator[tuple[str, Was]]:
    guids = type_guids(batch["ContentTypeBefore"])
    for guid in guids.unique().to_pylist():
        known = SCHEMA.type_of(guid) if guid in _DATED or guid in _OPENINGS else None
        if known is None:
            continue
        rows = pc.indices_nonzero(pc.equal(guids, guid))
        keys = batch["Key"].take(rows).to_pylist()
        field = _DATED.get(guid)
        days: list[dt.date | None] = [None] * len(keys)
        if field is not None:
            dates = read_columns(known, batch["ContentBefore"].take(rows), [field]).values[field]
            days = dates.cast(pa.date32(), safe=False).to_pylist()
        yield from ((key, Was(known.name, day)) for key, day in zip(keys, days, strict=True) if key is not None)


def turned_from(books: Books, entry: Entry) -> Was | None:
    """What a record of another type was before a change made it what it is; None where it had that type before."""
    was = books.kept(before_updates).get(entry.change)
    return was if was is not None and was.type != entry.type else None


def days_of(books: Books, entry: Entry) -> tuple[dt.date, ...]:
    """The days that a record was dated on before and after a change, the earliest first."""
    was = books.kept(before_updates).get(entry.change)
    days = {entry.date if entry.type in _NAMES else None, was.date if was else None}
    return tuple(sorted(day for day in days if day is not None))


def first_day(books: Books, entry: Entry) -> dt.date | None:
    """The earliest day that a change is about; an opening balance is before all days."""
    return dt.date.min if is_opening(entry) else next(iter(days_of(books, entry)), None)


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
