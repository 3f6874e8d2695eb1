"""Who refers to a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.errors import EncodeError
from manager_nb.format.database import Database
from manager_nb.format.scalars import guid_to_bytes
from manager_nb.model.field_words import STEP
from manager_nb.model.references import references
from manager_nb.model.sides import describe, type_name
from manager_nb.model.stored import Rows
from manager_nb.model.tables import ROWS, Table
from manager_nb.model.wording import caption
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.timeline.business import Business

REFERENCES = pa.schema(
    [
        ("object", pa.string()),
        ("type", pa.string()),
        ("label", pa.string()),
        ("date", pa.date32()),
        ("fields", pa.list_(pa.string())),
    ]
)
"""The columns of :func:`references_to`."""


def references_to(business: Business, key: str, *, progress: Progress = SILENT) -> Table:
    """The records that refer to one, as they are now, in key order.

    Columns: ``object`` (key), ``type``, ``label``, ``date`` (the document's own), ``fields`` (where it is named, in
    words: "Customer", "Lines — Item").

    Args:
        business: the business.
        key: of the record that is referred to, which may be gone.
        progress: told of the objects that were looked at; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    rows = Rows(Database(business.open_source.database), "Objects")
    wanted = key.lower()
    progress.start("Looking for what refers to it", rows.count())
    found = [row for batch in _naming(rows, wanted, progress) for row in _told(batch, wanted)]
    progress.finish()
    return Table.of("References", pa.Table.from_pylist(found, REFERENCES))


def _naming(rows: Rows, key: str, progress: Progress) -> Iterator[pa.RecordBatch]:
    """The objects whose bytes hold half of the key: decoding all of them would take many times as long."""
    try:
        raw = guid_to_bytes(key)
    except EncodeError:
        return  # no key: nothing refers to it
    half = max(raw[:8], raw[8:])  # a half of nothing but zeros is not written
    for batch in rows.read(("Key", "ContentType", "Content"), rows=ROWS):
        check(progress)
        yield batch.filter(pc.coalesce(pc.match_substring(batch["Content"], half), False))
        progress.advance(batch.num_rows)


def _told(batch: pa.RecordBatch, key: str) -> Iterator[dict[str, Any]]:
    columns = (batch[name].to_pylist() for name in ("Key", "ContentType", "Content"))
    for other, kind, content in zip(*columns, strict=True):
        guid, blob = (kind or "").lower(), content or b""
        named = [reference.field for reference in references(guid, blob) if reference.key == key]
        if named and (other or "").lower() != key:
            label, date, _ = describe(guid, pa.array([blob], pa.binary()))
            yield {
                "object": other,
                "type": type_name(guid),
                "label": label[0].as_py(),
                "date": date[0].as_py(),
                "fields": [STEP.join(map(caption, field.split("."))) for field in named],
            }
