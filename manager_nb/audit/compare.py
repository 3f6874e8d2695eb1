"""Two businesses held against each other: two files, two instants, or a file and an instant.

Everything in ``Objects`` is compared byte by byte, settings and form defaults included, types that are unknown here
too. What differs is told field by field, each side with the names that records have there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format.database import Database
from manager_nb.model.field_changes import field_changes
from manager_nb.model.field_words import FieldWords
from manager_nb.model.held import Held, held, same
from manager_nb.model.lookup import Lookup
from manager_nb.model.tables import Table
from manager_nb.model.wording import Words
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.model.business import Business

ONLY_LEFT, ONLY_RIGHT, DIFFERING = "only left", "only right", "differing"

RECORDS = pa.schema([("key", pa.string()), ("type", pa.string()), ("label", pa.string()), ("state", pa.string())])
"""The columns of :attr:`Comparison.records`."""

CHANGES = pa.schema(
    [
        ("key", pa.string()),
        ("path", pa.string()),
        ("line", pa.int64()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("kind", pa.string()),
        ("type", pa.string()),
        ("label", pa.string()),
        ("field", pa.string()),
    ]
)
"""The columns of :attr:`Comparison.changes`."""

_EVERY = 500


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two businesses, left and right.

    Attributes:
        records: one row a record that is not the same on both sides: ``key``, ``type`` and ``label`` (of the right side
            where it is there), ``state`` ("only left", "only right", "differing").
        changes: one row a field that differs: ``key``, ``path``, ``line``, ``before`` (left), ``after`` (right),
            ``kind``, ``type``, ``label``, ``field``; the words and kinds are those of
            :func:`manager_nb.model.changes.changes_table`. A record whose bytes differ only in how a number is written
            (1.0 for 1) has none.
        same: how many records are the same, byte by byte.
    """

    records: Table
    changes: Table
    same: int = field(default=0)

    def __repr__(self) -> str:
        return f"<Comparison: {len(self.records)} of {len(self.records) + self.same} records differ>"


def compare(a: Business, b: Business, *, progress: Progress | None = None) -> Comparison:
    """Compare two businesses: files, instants (:meth:`~manager_nb.Business.as_at`), or one of each.

    Args:
        a: the left one, usually the earlier.
        b: the right one.
        progress: told in records; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    progress = progress or SILENT
    left, right = held(a.objects()), held(b.objects())
    keys = sorted(left.keys() | right.keys())
    progress.start("Comparing", len(keys))
    words = [Words(Lookup(Database(business.open_source.database)), None) for business in (a, b)]
    records: list[dict[str, object]] = []
    changes: list[dict[str, object]] = []
    for row, key in enumerate(keys):
        if row % _EVERY == 0:
            check(progress)
        mine, other = left.get(key), right.get(key)
        if not same(mine, other):
            shown = other or mine
            assert shown is not None  # noqa: S101 - the key is of one of them
            facts = {"key": shown.key, "type": shown.type, "label": shown.label}
            records.append({**facts, "state": _state(mine, other)})
            changes += ({**facts, **told} for told in _fields(mine, other, *words))
        progress.advance()
    progress.finish()
    tables = [pa.Table.from_pylist(rows, schema) for rows, schema in ((records, RECORDS), (changes, CHANGES))]
    return Comparison(
        Table.of("Differing records", tables[0]), Table.of("Differing fields", tables[1]), len(keys) - len(records)
    )


def _state(mine: Held | None, other: Held | None) -> str:
    return ONLY_RIGHT if mine is None else ONLY_LEFT if other is None else DIFFERING


def _fields(mine: Held | None, other: Held | None, left: Words, right: Words) -> Iterator[Mapping[str, object]]:
    for found in field_changes(_side(mine), _side(other)):
        told = FieldWords(found, left, right)
        yield {
            "path": told.path(),
            "line": told.line(),
            "before": told.before(),
            "after": told.after(),
            "kind": told.kind(),
            "field": told.field(),
        }


def _side(one: Held | None) -> tuple[str | None, bytes]:
    return (one.content_type, one.content) if one else (None, b"")
