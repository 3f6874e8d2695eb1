"""One change, or one record, field by field in words: what a person reads to see what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.errors import NotFoundError
from manager_nb.format.database import Database
from manager_nb.i18n import mark
from manager_nb.model.field_changes import field_changes
from manager_nb.model.field_words import FieldWords
from manager_nb.model.lookup import Lookup
from manager_nb.model.wording import Words
from manager_nb.timeline.images import image_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.timeline.business import Business

FIELDS = pa.schema(
    [
        ("path", pa.string()),
        ("line", pa.int64()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("kind", pa.string()),
        ("field", pa.string()),
    ]
)
"""The columns of :func:`fields_of_change`: those of ``business.changes`` that tell of the field."""

UNCHANGED = "unchanged"

KINDS = {
    "set": mark("Filled in"),
    "changed": mark("Changed"),
    "cleared": mark("Emptied"),
    "line added": mark("Line added"),
    "line removed": mark("Line removed"),
    "line moved": mark("Line moved"),
    "created": mark("New"),
    "deleted": mark("Deleted"),
    "type": mark("Another type"),
    "unreadable": mark("Cannot be read in full"),
    UNCHANGED: mark("As before"),
}
"""What happened to a field, in words."""

ACTIONS = {"create": mark("Created"), "update": mark("Changed"), "delete": mark("Deleted")}
"""What History says of a change."""

_Side = tuple[str | None, bytes]


def fields_of_change(business: Business, change: str, *, unchanged: bool = False) -> pa.Table:
    """What one change of History did.

    Args:
        business: whose History.
        change: the change's key.
        unchanged: whether the fields that stayed as they were are told too; their ``kind`` is "unchanged".

    Returns:
        A row a field or line: ``path`` (the field in words), ``line`` (from 1), ``before``, ``after`` (as they were
        called then), ``kind``, ``field``; see :func:`manager_nb.model.changes.changes_table`.

    Raises:
        NotFoundError: History has no such change.
    """
    database = Database(business.open_source.database)
    ticks = next(database.rows('SELECT "Timestamp" FROM "Changes" WHERE "Key" = ?', (change,)), None)
    if ticks is None:
        raise NotFoundError(
            "There is no change with the key {key} in History.",
            hint="Take a key from the column change of business.history.",
            path=business.source.path,
            key=change,
        )
    at = ticks[0] if isinstance(ticks[0], int) else None
    sides = [image_of(database, change, side) or (None, b"") for side in ("Before", "After")]
    lookup = Lookup(database)
    then, now = Words(lookup, None if at is None else at - 1), Words(lookup, at)
    rows = list(_told(sides[0], sides[1], then, now))
    if unchanged:
        known = {(row["field"], row["line"]) for row in rows}
        whole = [row for row in _told((None, b""), sides[1], then, now) if (row["field"], row["line"]) not in known]
        rows += [{**row, "before": row["after"], "kind": UNCHANGED} for row in whole if sides[0][0] is not None]
    return pa.Table.from_pylist(rows, FIELDS)


def _told(before: _Side, after: _Side, then: Words, now: Words) -> Iterator[Mapping[str, object]]:
    for change in field_changes(before, after):
        words = FieldWords(change, then, now)
        yield {
            "path": words.path(),
            "line": words.line(),
            "before": words.before(),
            "after": words.after(),
            "kind": words.kind(),
            "field": words.field(),
        }
