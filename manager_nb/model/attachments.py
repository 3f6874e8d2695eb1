"""The attachments of a business: what is listed, and whether its content is there and unaltered (docs/format.md §2)."""

from __future__ import annotations

import functools
import mimetypes
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.errors import NotFoundError
from manager_nb.format.messages import decode
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.model import contents
from manager_nb.model.columns import read_columns
from manager_nb.model.objects import Present, find_object, records_of
from manager_nb.model.stored import Stored
from manager_nb.model.tables import Table
from manager_nb.model.times import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager_nb.format.database import Database
    from manager_nb.model.contents import Contents, Found

ATTACHMENT = "2e541a82-94d7-42fc-a388-26bdc0803455"
"""The content type of attachments."""

SCHEMA_OF_ATTACHMENTS = pa.schema(
    [
        ("attachment", pa.string()),
        ("name", pa.string()),
        ("date", TIME),
        ("size", pa.int64()),
        ("mime", pa.string()),
        ("object", pa.string()),
        ("sha256", pa.string()),
        ("where", pa.string()),
        ("state", pa.string()),
    ]
)

_ENDINGS = mimetypes.MimeTypes()  # Python's own list, so that a file is told alike on every system
_FIELDS = ("Name", "Date", "Size", "Object", "Sha256")
_NEEDS = {name: ("Key",) if name == "attachment" else ("Key", "Content") for name in SCHEMA_OF_ATTACHMENTS.names}


def attachments_table(database: Database, present: Present | None, found: Contents) -> Table:
    """The attachments table, in key order; those of deleted records stay listed.

    Columns: ``attachment`` (key), ``name`` (as the browser sent it: never use it as a path), ``date`` (of the upload,
    timestamp, UTC), ``size`` (bytes of the content; where that is missing, the recorded size, which is a little more
    than the file's), ``mime`` (as stored, else guessed from the name), ``object`` (key of the record it belongs to),
    ``sha256`` (hex; null for older ones), ``where`` and ``state`` (see :class:`manager_nb.model.contents.Found`).
    """
    show = functools.partial(_present, found)
    return Table("Attachments", Stored(records_of(database, present), SCHEMA_OF_ATTACHMENTS, _NEEDS, show))


def _present(looked: Contents, raw: pa.RecordBatch, columns: Sequence[str]) -> list[pa.Array]:
    content_type = SCHEMA.type_of(ATTACHMENT)
    assert content_type is not None  # noqa: S101 - the schema has it
    keys = raw["Key"]
    values = read_columns(content_type, raw["Content"], _FIELDS).values if set(columns) != {"attachment"} else {}

    @functools.cache
    def found() -> list[Found]:
        hashes = values["Sha256"].to_pylist()
        return [looked.look(key, sha256) for key, sha256 in zip(keys.to_pylist(), hashes, strict=True)]

    ready = {
        "attachment": lambda: keys,
        "name": lambda: values["Name"],
        "date": lambda: values["Date"].cast(pa.timestamp("us")).cast(TIME),
        "size": lambda: pc.coalesce(
            pa.array([one.size for one in found()], pa.int64()), values["Size"].cast(pa.int64())
        ),
        "mime": lambda: pa.array(
            list(map(functools.partial(_mime, looked), keys.to_pylist(), values["Name"].to_pylist())), pa.string()
        ),
        "object": lambda: pc.if_else(pc.equal(values["Object"], NIL), pa.scalar(None, pa.string()), values["Object"]),
        "sha256": lambda: pa.array(
            [sha256.hex() if sha256 else None for sha256 in values["Sha256"].to_pylist()], pa.string()
        ),
        "where": lambda: pa.array([one.where for one in found()], pa.string()),
        "state": lambda: pa.array([one.state for one in found()], pa.string()),
    }
    return [ready[column]() for column in columns]


def _mime(looked: Contents, key: str, name: str | None) -> str | None:
    return looked.mime(key) or _ENDINGS.guess_type(name or "")[0]


def attachment_bytes(database: Database, found: Contents, key: str) -> bytes:
    """The content of an attachment, proven by its hash.

    Raises:
        NotFoundError: there is no such attachment, or this copy does not have its content unaltered.
    """
    content_type = SCHEMA.type_of(ATTACHMENT)
    assert content_type is not None  # noqa: S101 - the schema has it
    stored = find_object(database, key)
    if stored is None or stored.content_type.lower() != ATTACHMENT:
        raise NotFoundError(
            "There is no attachment with the key {key}.",
            hint="Take a key from the attachments table.",
            key=key,
        )
    values = decode(content_type, stored.content).values
    content, what = found.read(stored.key, values.get("Sha256"))
    if content is None:
        raise NotFoundError(
            "The content of the attachment {name} is not in this copy.",
            hint="Open a backup made with attachments (.manager.tar), or the business in Manager's data folder.",
            name=values.get("Name", key),
        )
    if what.state == contents.ALTERED:
        raise NotFoundError(
            "The content of the attachment {name} in this copy is not what was attached.",
            hint="Open another backup; the bytes here do not have the recorded SHA-256.",
            name=values.get("Name", key),
        )
    return content
