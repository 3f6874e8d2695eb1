"""The two sides of changes, before and after: what was done, to what, and which fields differ (docs/format.md §2)."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA, ContentType
from manager_nb.format.wire import read_sound_fields
from manager_nb.model import labels
from manager_nb.model.columns import read_columns

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
        """Of an update, the top-level fields whose bytes differ; a field that the schema does not know is its number."""
        both = pc.and_(pc.is_valid(self._before), pc.is_valid(self._after)).to_pylist()
        before, after = self._raw["ContentBefore"].to_pylist(), self._raw["ContentAfter"].to_pylist()
        guids = self._after.to_pylist()
        changed = [
            _differing(guid, left or b"", right or b"") if update else None
            for guid, left, right, update in zip(guids, before, after, both, strict=True)
        ]
        return pa.array(changed, TEXTS)

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
        return tuple(pa.concat_arrays(list(kind)).take(back) for kind in zip(*parts, strict=True))  # type: ignore[return-value]


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


def _differing(guid: str, before: bytes, after: bytes) -> list[str]:
    """Names of the fields whose bytes differ, in schema order."""
    left, right = _by_number(before), _by_number(after)
    known: ContentType | None = SCHEMA.type_of(guid)
    numbers = sorted(number for number in left.keys() | right.keys() if left.get(number) != right.get(number))
    return [known.fields[number].name if known and number in known.fields else str(number) for number in numbers]


def _by_number(data: bytes) -> dict[int, list[bytes]]:
    fields: dict[int, list[bytes]] = {}
    for field in read_sound_fields(data)[0]:
        fields.setdefault(field.number, []).append(data[field.start : field.end])
    return fields
