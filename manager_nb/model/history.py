"""The History of a business: one row a change, newest first, as Manager lists it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.model.amount_tables import ChangeAmounts, amount_column
from manager_nb.model.sides import Sides
from manager_nb.model.stored import Rows, Stored
from manager_nb.model.tables import Table
from manager_nb.model.times import TIME, times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from manager_nb.format.database import Database
    from manager_nb.model.amounts import Amount
    from manager_nb.model.lookup import Lookup

SCHEMA_OF_HISTORY = pa.schema(
    [
        ("change", pa.string()),
        ("commit", pa.string()),
        ("time", TIME),
        ("ticks", pa.int64()),
        ("user", pa.string()),
        ("action", pa.string()),
        ("type", pa.string()),
        ("object", pa.string()),
        ("label", pa.string()),
        ("date", pa.date32()),
        ("amount", pa.decimal128(38, 2)),
        ("fields_changed", pa.list_(pa.string())),
        ("problems", pa.list_(pa.string())),
    ]
)

_IMAGES = ("ContentTypeBefore", "ContentTypeAfter", "ContentBefore", "ContentAfter")
_NEEDS: dict[str, tuple[str, ...]] = {
    "change": ("Key",),
    "commit": ("Commit",),
    "time": ("Timestamp",),
    "ticks": ("Timestamp",),
    "user": ("User",),
    "action": _IMAGES[:2],
    "type": _IMAGES[:2],
    "object": ("Object",),
    "label": _IMAGES,
    "date": _IMAGES,
    "amount": ("Object", "Timestamp", *_IMAGES),
    "fields_changed": _IMAGES,
    "problems": ("Object", "Timestamp", *_IMAGES),
}


def history_table(
    database: Database, lookup: Lookup, record: str | None = None, changes: Sequence[str] | None = None
) -> Table:
    """The History table.

    Columns: ``change`` and ``commit`` (keys), ``time`` (timestamp, UTC), ``ticks`` (exact), ``user`` (null for what the
    program did itself), ``action`` (create, update, delete), ``type`` (name of the content type, its GUID where it is
    unknown), ``object`` (key of the record), ``label`` (of the record after the change; of a deleted one, before it),
    ``date`` (the document's own), ``amount`` (decimal128(38, 2), with more decimals where a currency of the business
    has them: the document's total after the change, of a deleted one before it, in its own currency, with the tax codes
    and currencies of that moment; :mod:`manager_nb.model.amounts` has the rules; null for what has no total, and where
    it cannot be known), ``fields_changed`` (top-level fields that an update changed; null otherwise), ``problems``
    (what was wrong in the bytes that this table reads, ``Business.problems`` reads all; why an amount is not known).

    Args:
        database: the business's tables.
        lookup: finds tax codes, currencies and parties as they were.
        record: key of the one record whose changes it holds; None holds all.
        changes: keys of the changes that it holds, as History has them, at most 30,000; None holds all.
    """
    order = ("Timestamp DESC", "Key DESC")
    if changes is not None:
        rows = Rows(database, "Changes", order, f'"Key" IN ({", ".join("?" * len(changes))})', tuple(changes))
    elif record is None:
        rows = Rows(database, "Changes", order)
    else:
        rows = Rows(database, "Changes", order, '"Object" IN (?, ?, ?)', (record, record.lower(), record.upper()))
    return Table("History", _History(rows, ChangeAmounts(database, lookup)))


class _History(Stored):
    """The reader; amounts are reckoned only where they are asked for."""

    __slots__ = ("_amounts",)

    def __init__(self, rows: Rows, amounts: ChangeAmounts) -> None:
        super().__init__(rows, SCHEMA_OF_HISTORY, _NEEDS, functools.partial(_present, amounts))
        self._amounts = amounts

    def schema(self, columns: Sequence[str]) -> pa.Schema:
        """The types of some columns; that of amounts depends on the currencies of the business."""
        schema = super().schema(columns)
        if "amount" not in columns:
            return schema
        return schema.set(schema.get_field_index("amount"), pa.field("amount", self._amounts.type))


def _present(amounts: ChangeAmounts, raw: pa.RecordBatch, columns: Sequence[str]) -> list[pa.Array]:
    reckoned = amounts.of(raw) if {"amount", "problems"} & set(columns) else []
    sides = Sides(raw)
    ready: dict[str, Callable[[], pa.Array]] = {
        "change": lambda: raw["Key"],
        "commit": lambda: raw["Commit"],
        "time": lambda: times(raw["Timestamp"]),
        "ticks": lambda: raw["Timestamp"],
        "user": lambda: raw["User"],
        "action": sides.action,
        "type": sides.type,
        "object": lambda: raw["Object"],
        "label": sides.label,
        "date": sides.date,
        "amount": lambda: amount_column(reckoned, amounts.type),
        "fields_changed": sides.fields_changed,
        "problems": lambda: _with_reasons(sides.problems(), reckoned),
    }
    return [ready[column]() for column in columns]


def _with_reasons(problems: pa.Array, amounts: Sequence[Amount]) -> pa.Array:
    """The problems of each change, and why its amount is not known."""
    reasons = [amount.reason for amount in amounts]
    if not any(reasons):
        return problems
    told = [[*found, reason] if reason else found for found, reason in zip(problems.to_pylist(), reasons, strict=True)]
    return pa.array(told, problems.type)
