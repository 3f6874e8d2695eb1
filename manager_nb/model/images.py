"""The pictures that a business keeps of its records, and its logo (docs/format.md §2)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.model.objects import labels_of
from manager_nb.model.stored import Rows, Stored
from manager_nb.model.tables import Table
from manager_nb.model.times import TIME, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager_nb.format.database import Database

LOGO = "38cf4712-6e95-4ce1-b53a-bff03edad273"
"""The key of the business's logo: that of its Business Details."""

SCHEMA_OF_IMAGES = pa.schema(
    [
        ("image", pa.string()),
        ("object", pa.string()),
        ("label", pa.string()),
        ("mime", pa.string()),
        ("size", pa.int64()),
        ("time", TIME),
    ]
)

_NEEDS = {
    "image": ("Key",),
    "object": ("Key",),
    "label": ("Key",),
    "mime": ("ContentType",),
    "size": ("Content",),
    "time": ("Timestamp",),
}


def images_table(database: Database) -> Table:
    """The images table, in key order.

    Columns: ``image`` and ``object`` (both the key of the record: an image has no other), ``label`` (of the record;
    null where it is gone, as the picture of a deleted record stays), ``mime``, ``size`` (bytes), ``time`` (timestamp,
    UTC).
    """
    return Table(
        "Images", Stored(Rows(database, "Images"), SCHEMA_OF_IMAGES, _NEEDS, functools.partial(_present, database))
    )


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as the file holds it.

    Attributes:
        mime: what the file says that it is.
        content: its bytes.
    """

    mime: str
    content: bytes


def find_image(database: Database, key: str) -> Image | None:
    """The picture of a record; None where it has none."""
    if not {"Key", "ContentType", "Content"} <= set(database.columns("Images")):
        return None
    sql = 'SELECT "ContentType", CAST("Content" AS BLOB) FROM "Images" WHERE "Key" IN (?, ?, ?)'
    for mime, content in database.rows(sql, (key, key.lower(), key.upper())):
        return Image(str(mime or ""), content if isinstance(content, bytes) else b"")
    return None


def _present(database: Database, raw: pa.RecordBatch, columns: Sequence[str]) -> list[pa.Array]:
    ready = {
        "image": lambda: raw["Key"],
        "object": lambda: raw["Key"],
        "label": lambda: _labels(database, raw["Key"]),
        "mime": lambda: raw["ContentType"],
        "size": lambda: pc.coalesce(pc.binary_length(raw["Content"]).cast(pa.int64()), pa.scalar(0, pa.int64())),
        "time": lambda: times(raw["Timestamp"]),
    }
    return [ready[column]() for column in columns]


def _labels(database: Database, keys: pa.Array) -> pa.Array:
    told = keys.to_pylist()
    found = labels_of(database, (key for key in told if key))
    return pa.array([found.get(key) for key in told], pa.string())
