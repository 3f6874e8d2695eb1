"""The e-mails that a business sent, as text that is safe to read."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.scalars import NIL
from manager_nb.model.stored import Stored
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

MAX_BODY = 1_000_000
"""Characters of HTML that are turned into text; the rest of a longer body is left out, and the text says so."""

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
    return Table("Emails", Stored(database, "Emails", SCHEMA_OF_EMAILS, _NEEDS, _present, order))


def _present(raw: pa.RecordBatch, columns: Sequence[str]) -> list[pa.Array]:
    ready = {
        "email": lambda: raw["Key"],
        "time": lambda: times(raw["Timestamp"]),
        "user": lambda: raw["User"],
        "sender": lambda: raw["Sender"],
        "recipients": lambda: pa.array([split_recipients(text) for text in raw["Recipient"].to_pylist()], _LIST),
        "subject": lambda: raw["Subject"],
        "body_text": lambda: pa.array([text_of_html(html) for html in raw["Body"].to_pylist()], pa.string()),
        "object": lambda: pc.if_else(pc.equal(raw["Object"], NIL), pa.scalar(None, pa.string()), raw["Object"]),
        "seen": lambda: pc.not_equal(raw["Seen"], 0),
        "size": lambda: pc.add(_bytes(raw["Body"]), _bytes(raw["Content"])),
    }
    return [ready[column]() for column in columns]


_LIST = pa.list_(pa.string())


def _bytes(column: pa.Array) -> pa.Array:
    return pc.coalesce(pc.binary_length(column).cast(pa.int64()), pa.scalar(0, pa.int64()))


def split_recipients(text: str | None) -> list[str]:
    """The addresses of a ``Recipient`` field: separated by ``;`` or ``,``."""
    return [address for part in re.split("[;,]", text or "") if (address := part.strip())]


def text_of_html(html: str | None) -> str | None:
    """The words of an HTML text, a line a paragraph; no script, style or tag is left.

    Never raises, whatever the text; of more than :data:`MAX_BODY` characters the rest is left out.
    """
    if html is None:
        return None
    reader = _Words()
    reader.feed(html[:MAX_BODY])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n"))
    text = "\n".join(line for line in lines if line)
    return f"{text}\n…" if len(html) > MAX_BODY else text


_BLOCK_TAGS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "center", "dd", "details", "div", "dl", "dt", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre"),
        *("section", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    }
)


class _Words(HTMLParser):
    _SILENT = frozenset({"head", "script", "style", "template", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in self._SILENT
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self._SILENT and self._silent > 0
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(" ".join(re.split(r"\s+", data)))

    def _break(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.words.append(" ")
        elif tag in _BLOCK_TAGS:
            self.words.append("\n")
