"""Amounts of documents as columns: of a chunk of History, and of the records of one type."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.amounts import Amount, amount_of, has_amount
from manager_nb.model.currencies import most_places
from manager_nb.model.objects import records_of
from manager_nb.model.sides import describe, type_guids
from manager_nb.model.stored import Stored
from manager_nb.model.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager_nb.format.database import Database
    from manager_nb.format.schema import ContentType
    from manager_nb.model.lookup import Lookup
    from manager_nb.model.objects import Present

_NO_AMOUNT = Amount(None)
_NEEDS = {
    "key": ("Key",),
    "label": ("Content",),
    "date": ("Content",),
    "amount": ("Content",),
    "currency": ("Content",),
    "reason": ("Content",),
}


def money_type(database: Database) -> pa.DataType:
    """The type of a column of amounts: with as many decimals as any currency of the business has or had."""
    return pa.decimal128(38, most_places(database))


def amounts_table(database: Database, lookup: Lookup, content_type: ContentType, present: Present | None) -> Table:
    """What every document of one type comes to, in key order, with today's tax codes and currencies.

    Columns: ``key``, ``label``, ``date`` (the document's own), ``amount`` (decimal128, in the document's currency; see
    :mod:`manager_nb.model.amounts`), ``currency`` (its code), ``reason`` (why the amount is null, a sentence;
    null where it is known, and where such records have none).
    """
    schema = pa.schema(
        [
            ("key", pa.string()),
            ("label", pa.string()),
            ("date", pa.date32()),
            ("amount", money_type(database)),
            ("currency", pa.string()),
            ("reason", pa.string()),
        ]
    )

    def columns(raw: pa.RecordBatch, wanted: Sequence[str]) -> list[pa.Array]:
        if wanted == ("key",):
            return [raw["Key"]]
        blobs = raw["Content"]
        called, dates, _ = describe(content_type.guid, blobs)
        amounts = [amount_of(content_type, blob or b"", lookup) for blob in blobs.to_pylist()]
        ready = {
            "key": lambda: raw["Key"],
            "label": lambda: called,
            "date": lambda: dates,
            "amount": lambda: amount_column(amounts, schema.field("amount").type),
            "currency": lambda: pa.array([amount.currency for amount in amounts], pa.string()),
            "reason": lambda: pa.array([amount.reason for amount in amounts], pa.string()),
        }
        return [ready[column]() for column in wanted]

    name = f"{labels.title(content_type)} amounts"
    return Table(name, Stored(records_of(database, present), schema, _NEEDS, columns))


class ChangeAmounts:
    """What the documents in History came to: after the change, of a deleted one before it.

    Tax codes and currencies are those of that moment. Form defaults are no documents and have no amount.
    """

    def __init__(self, database: Database, lookup: Lookup) -> None:
        self._database, self._lookup = database, lookup

    @functools.cached_property
    def type(self) -> pa.DataType:
        """The type of their column."""
        return money_type(self._database)

    def of(self, raw: pa.RecordBatch) -> list[Amount]:
        """The amounts of a chunk of changes."""
        before, after = (type_guids(raw[f"ContentType{side}"]).to_pylist() for side in ("Before", "After"))
        facts = zip(raw["Object"].to_pylist(), raw["Timestamp"].to_pylist(), before, after, strict=True)
        amounts = []
        for row, (key, ticks, guid_before, guid_after) in enumerate(facts):
            known = SCHEMA.type_of(guid_after or guid_before or "")
            if known is None or (key or "").lower() == known.guid:
                amounts.append(_NO_AMOUNT)
                continue
            side = "ContentAfter" if guid_after else "ContentBefore"
            content = raw[side][row].as_py() if has_amount(known) else None
            amounts.append(amount_of(known, content or b"", self._lookup, ticks))
        return amounts


def amount_column(amounts: Sequence[Amount], kind: pa.DataType) -> pa.Array:
    """The values of amounts in a type that has their decimals."""
    return pa.array([amount.value for amount in amounts], kind)
