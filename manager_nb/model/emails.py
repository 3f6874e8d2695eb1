"""The e-mails that a business sent, as text that is safe to read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.scalars import NIL
from manager_nb.model.html_text import text_of_html
from manager_nb.model.stored import Rows, Stored
from manager_nb.model.tables import Table
from manager_nb.model.times import TIME, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager_nb.format.database import Database

SCHEMA_OF_EMAILS = pa.schema(
    [
        ("email", pa.string()),
        ("time", TIME),
        ("user", pa.string()),
        ("sender", pa.string()),
        ("recipients", pa.list_(pa.string())),
        ("subject", pa.string()),
        ("body_text", pa.string()),
        ("object", pa.string()),
        ("seen", pa.bool_()),
        ("size", pa.int64()),
    ]
)

_NEEDS = {
    "email": ("Key",),
    "time": ("Timestamp",),
    "user": ("User",),
    "sender": ("Sender",),
    "recipients": ("Recipient",),
    "subject": ("Subject",),
    "body_text": ("Body",),
    "object": ("Object",),
    "seen": ("Seen",),
    "size": ("Body", "Content"),
}


def emails_table(database: Database) -> Table:
    """The e-mails table, newest first.

    Columns: ``email`` (key), ``time`` (timestamp, UTC), ``user``, ``sender``, ``recipients`` (list of addresses),
    ``subject``, ``body_text`` (the words of the HTML; it is never rendered), ``object`` (key of the record that it was
    sent from; null where the file does not tell, as in all current versions), ``seen``, ``size`` (bytes of body and
    content).
    """
    order = ("Timestamp DESC", "Key DESC")
    return Table("Emails", Stored(Rows(database, "Emails", order), SCHEMA_OF_EMAILS, _NEEDS, _present))


def _present(raw: pa.RecordBatch, columns: Sequence[str]) -> list[pa.Array]:
    ready = {
        "email": lambda: raw["Key"],
        "time": lambda: times(raw["Timestamp"]),
        "user": lambda: raw["User"],
        "sender": lambda: raw["Sender"],
        "recipients": lambda: pa.array([split_recipients(text) for text in raw["Recipient"].to_pylist()], _LIST),
        "subject": lambda: raw["Subject"],
        "body_text": lambda: pa.array(
            [None if html is None else text_of_html(html) for html in raw["Body"].to_pylist()], pa.string()
        ),
        "object": lambda: pc.if_else(pc.equal(raw["Object"], NIL), pa.scalar(None, pa.string()), raw["Object"]),
        "seen": lambda: pc.not_equal(raw["Seen"], 0),
        "size": lambda: pc.add(_bytes(raw["Body"]), _bytes(raw["Content"])),
    }
    return [ready[column]() for column in columns]


_LIST = pa.list_(pa.string())


def _bytes(column: pa.Array) -> pa.Array:
    return pc.coalesce(pc.binary_length(column).cast(pa.int64()), pa.scalar(0, pa.int64()))


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail holds, as the file has it: from outside, and hostile until proven safe.

    Attributes:
        html: its body; None where it has none.
        filename: what its attachment is called; None where it has none, as in all current versions.
        content: the attachment.
    """

    html: str | None
    filename: str | None
    content: bytes


def read_letter(database: Database, key: str) -> Letter | None:
    """What one e-mail holds; None where there is no e-mail with that key.

    Args:
        database: of the business.
        key: of the e-mail.
    """
    rows = Rows(database, "Emails", where='"Key" = ?', params=(key,))
    for batch in rows.read(("Body", "Content", "Filename")):
        for row in batch.to_pylist():
            content = row["Content"] or b""
            blob = content if isinstance(content, bytes) else str(content).encode()
            return Letter(row["Body"], row["Filename"] or ("Attachment" if blob else None), blob)
    return None


def split_recipients(text: str | None) -> list[str]:
    """The addresses of a ``Recipient`` field: separated by ``;`` or ``,``."""
    return [address for part in re.split("[;,]", text or "") if (address := part.strip())]
