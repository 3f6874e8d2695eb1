"""The History of a business: one row a change, newest first, as Manager lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.model.sides import Sides
from manager_nb.model.stored import Rows, Stored
from manager_nb.model.tables import Table
from manager_nb.model.times import TIME, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager_nb.format.database import Database

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
    "amount": (),
    "fields_changed": _IMAGES,
    "problems": _IMAGES,
}


def history_table(database: Database) -> Table:
    """The History table.

    Columns: ``change`` and ``commit`` (keys), ``time`` (timestamp, UTC), ``ticks`` (exact), ``user`` (null for what the
    program did itself), ``action`` (create, update, delete), ``type`` (name of the content type, its GUID where it is
    unknown), ``object`` (key of the record), ``label`` (of the record after the change; of a deleted one, before it),
    ``date`` (the document's own), ``amount`` (decimal128(38, 2); not computed in this version: always null),
    ``fields_changed`` (top-level fields that an update changed; null otherwise), ``problems`` (what was wrong in the
    bytes that this table reads; ``Business.problems`` reads all).
    """
    order = ("Timestamp DESC", "Key DESC")
    return Table("History", Stored(Rows(database, "Changes", order), SCHEMA_OF_HISTORY, _NEEDS, _present))


def _present(raw: pa.RecordBatch, columns: Sequence[str]) -> list[pa.Array]:
    sides = Sides(raw)
    ready = {
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
        "amount": lambda: pa.nulls(raw.num_rows, pa.decimal128(38, 2)),
        "fields_changed": sides.fields_changed,
        "problems": sides.problems,
    }
    return [ready[column]() for column in columns]
