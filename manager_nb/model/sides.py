"""The two sides of changes, before and after: what was done, to what, and which fields differ (docs/format.md §2)."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.columns import read_columns
from manager_nb.model.differences import Differences, differing_fields

TEXTS = pa.list_(pa.string())


class Sides:
    """The sides of a chunk of changes, each thing worked out once and only when asked for.

    Args:
        raw: rows of ``Changes`` with the columns that the question asked needs.
    """

    def __init__(self, raw: pa.RecordBatch) -> None:
        self._raw = raw

    @functools.cached_property
    def _before(self) -> pa.Array:
        return type_guids(self._raw["ContentTypeBefore"])

    @functools.cached_property
    def _after(self) -> pa.Array:
        return type_guids(self._raw["ContentTypeAfter"])

    def action(self) -> pa.Array:
        """``create``, ``update`` or ``delete``; null where a row has neither side."""
        before, after = pc.is_valid(self._before), pc.is_valid(self._after)
        update = pc.if_else(before, "update", "create")
        return pc.if_else(after, update, pc.if_else(before, "delete", pa.scalar(None, pa.string())))

    def type(self) -> pa.Array:
        """The name of the record's type after the change (of a deleted one, before it), its GUID where unknown."""
        return type_names(self._shown_type)

    def label(self) -> pa.Array:
        """The record's label after the change, of a deleted one before it."""
        return self._shown[0]

    def date(self) -> pa.Array:
        """The document's own date on the same side."""
        return self._shown[1]

    def problems(self) -> pa.Array:
        """What was wrong in the bytes that label and date are read from, and in the row itself."""
        return self._shown[2]

    def fields_changed(self) -> pa.Array:
        """Of an update, the top-level fields whose bytes differ; null otherwise.

        A field that the schema of the later type does not know is told by its number.
        """
        updates = pc.indices_nonzero(pc.and_(pc.is_valid(self._before), pc.is_valid(self._after)))
        before, after = (self._raw[side].take(updates) for side in ("ContentBefore", "ContentAfter"))
        changed = differing_fields(before, after)
        named = _field_names(self._after.take(updates), changed)
        lengths = np.zeros(self._raw.num_rows, np.int32)
        lengths[updates.to_numpy()] = np.bincount(changed.rows, minlength=len(updates))
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        untold = np.ones(self._raw.num_rows, bool)
        untold[updates.to_numpy()] = False
        return pa.ListArray.from_arrays(pa.array(offsets), named, mask=pa.array(untold))

    @functools.cached_property
    def _shown_type(self) -> pa.Array:
        return pc.coalesce(self._after, self._before)

    @functools.cached_property
    def _shown(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Labels, dates and problems, type by type, put back in the order of the rows."""
        images = pc.if_else(pc.is_valid(self._after), self._raw["ContentAfter"], self._raw["ContentBefore"])
        order, parts = [], []
        for guid in self._shown_type.unique().to_pylist():
            same = pc.is_null(self._shown_type) if guid is None else pc.equal(self._shown_type, guid)
            rows = pc.indices_nonzero(same)
            order.append(rows)
            parts.append(describe(guid, images.take(rows)))
        if not parts:
            return pa.nulls(0, pa.string()), pa.nulls(0, pa.date32()), pa.nulls(0, TEXTS)
        back = pa.array(np.argsort(pa.concat_arrays(order).to_numpy(), kind="stable"))
        return tuple(pa.concat_arrays(list(kind)).take(back) for kind in zip(*parts, strict=True))


def type_guids(column: pa.Array) -> pa.Array:
    """Content types in lower case; null where there is none (nil, empty or NULL)."""
    lower = pc.utf8_lower(column)
    none = pc.is_in(lower, pa.array([NIL, ""]))
    return pc.if_else(none, pa.scalar(None, pa.string()), lower)


def type_names(guids: pa.Array) -> pa.Array:
    """The names of content types, of an unknown one its GUID."""
    coded = guids.dictionary_encode()
    names = [type_name(guid) for guid in coded.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(coded.indices)


def type_name(guid: str) -> str:
    """The name of a content type, its GUID where the schema does not know it."""
    known = SCHEMA.type_of(guid)
    return known.name if known else guid


def describe(guid: str | None, blobs: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Label, document's date (date32) and problems (list of text) of records of one type."""
    rows = len(blobs)
    known = SCHEMA.type_of(guid) if guid else None
    if known is None:
        what = [] if guid else ["The row says neither what was there before nor what is there after."]
        return (
            pa.repeat(pa.scalar(guid, pa.string()), rows),
            pa.nulls(rows, pa.date32()),
            pa.array([what] * rows, TEXTS),
        )
    dated = labels.date_field(known)
    read = read_columns(known, blobs, [*labels.rule_of(known).fields, *([dated] if dated else [])])
    dates = read.values[dated].cast(pa.date32(), safe=False) if dated else pa.nulls(rows, pa.date32())
    return labels.labels(known, read.values, rows), dates, _by_row(read.flaws, rows)


def _by_row(flaws: pa.Table, rows: int) -> pa.Array:
    told: list[list[str]] = [[] for _ in range(rows)]
    for row, path, what in zip(*(flaws[column].to_pylist() for column in ("row", "path", "what")), strict=True):
        told[row].append(f"{path}: {what}" if path else what)
    return pa.array(told, TEXTS)


def _field_names(guids: pa.Array, fields: Differences) -> pa.Array:
    """The name of each field, by the type of the record that it stands in."""
    coded = guids.dictionary_encode()
    types = coded.indices.to_numpy()[fields.rows] if len(fields.rows) else np.zeros(0, np.int64)
    kinds, where = np.unique(np.stack([types, fields.numbers]), axis=1, return_inverse=True)
    names = [_field_name(coded.dictionary[kind].as_py(), number) for kind, number in kinds.T.tolist()]
    return pa.array(names, pa.string()).take(pa.array(where.reshape(-1)))


def _field_name(guid: str, number: int) -> str:
    known = SCHEMA.type_of(guid)
    field = known.fields.get(number) if known else None
    return field.name if field else str(number)
