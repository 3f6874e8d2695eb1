"""Numpy values to Arrow columns: rows without a value, names of enums, text of GUIDs, money and dates.

The second half of a column's way, after ``scan_scalars.py``.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from manager_nb.format.scalars import TICKS_AT_UNIX_EPOCH, TICKS_PER_DAY
from manager_nb.format.scan_money import money_column
from manager_nb.format.scan_types import DAY, MOMENT, PLAIN, enum_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from manager_nb.format.scan_scalars import Mask, Parts
    from manager_nb.format.scan_tape import Bytes, Numbers
    from manager_nb.format.schema import FieldType


_WITHOUT_DEFAULT = ("string", "bytes", "guid", "datetime")


class Place(enum.Enum):
    """Where a value stands, which decides what a row without one gets."""

    FIELD = "field"
    """A field of a message: its default; null for texts, GUIDs and dates that are not set."""

    ELEMENT = "element"
    """An element of a list: every row has one."""

    SIDE = "side"
    """A key or value of a map: null only where the schema allows it."""


def build(source: Bytes, kind: FieldType, place: Place, rows: Numbers, parts: Parts, count: int) -> pa.Array:
    """The column of a field.

    Args:
        source: the bytes that texts are taken from.
        kind: the field.
        place: where it stands.
        rows: the rows that have a value, ascending, each once.
        parts: their values, as :class:`~manager_nb.format.scan_scalars.Read` describes them.
        count: the number of rows.
    """
    field = place is Place.FIELD
    if field and not kind.nullable and kind.type in ("guid", "datetime"):
        is_set = (parts[0] | parts[-1]) != 0
        if not is_set.all():
            rows, parts = rows[is_set], tuple(part[is_set] for part in parts)
    nulls = kind.nullable or (field and kind.type in _WITHOUT_DEFAULT)
    if kind.type in ("string", "bytes"):
        return _spread(_texts(source, kind, parts), rows, count, nulls=nulls)
    if kind.type == "guid" and nulls:
        return _spread(_guids(kind, parts, None), rows, count, nulls=True)
    present = None
    if len(rows) < count:
        parts = tuple(_filled(part, rows, count) for part in parts)
        present = mask_of(rows, count) if nulls else None
    return _COLUMNS[kind.type](kind, parts, present)


def mask_of(rows: Numbers, count: int) -> Mask:
    """Which of so many rows are among these."""
    mask = np.zeros(count, np.bool_)
    mask[rows] = True
    return mask


def _filled(part: NDArray[Any], rows: Numbers, count: int) -> NDArray[Any]:
    """The values on their rows, 0 on the others."""
    filled = np.zeros(count, part.dtype)
    filled[rows] = part
    return filled


def bitmap(mask: Mask | None) -> pa.Buffer | None:
    """A mask as Arrow keeps it; None where all rows have a value."""
    if mask is None or mask.all():
        return None
    return pa.py_buffer(np.packbits(mask, bitorder="little"))


def offsets_of(rows: Numbers, count: int) -> NDArray[np.int32]:
    """Where each row's elements begin, from the rows that the elements belong to."""
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=offsets[1:])
    return offsets


def _spread(texts: pa.Array, rows: Numbers, count: int, *, nulls: bool) -> pa.Array:
    """Texts put on their rows; the others are null or empty."""
    if len(rows) == count:
        return texts
    present = mask_of(rows, count)
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32, len(texts) + 1) if len(texts) else np.zeros(1, np.int32)
    spread = ends[np.concatenate([[0], np.cumsum(present)])]
    return pa.Array.from_buffers(texts.type, count, [bitmap(present) if nulls else None, pa.py_buffer(spread), data])


def _texts(source: Bytes, kind: FieldType, parts: Parts) -> pa.Array:
    raw = source.texts(*parts)
    if kind.type == "bytes":
        return raw
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:  # not UTF-8
        return pa.array([text.decode("utf-8", "replace") for text in raw.to_pylist()], pa.string())


def _bools(_: FieldType, parts: Parts, present: Mask | None) -> pa.Array:
    bits = pa.py_buffer(np.packbits(parts[0] != 0, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(parts[0]), [bitmap(present), bits])


def _integers(kind: FieldType, parts: Parts, present: Mask | None) -> pa.Array:
    numbers = parts[0].astype(np.int32 if kind.type == "int32" else np.int64)
    return pa.Array.from_buffers(PLAIN[kind.type], len(numbers), [bitmap(present), pa.py_buffer(numbers)])


def _enums(kind: FieldType, parts: Parts, present: Mask | None) -> pa.Array:
    numbers, places = np.unique(parts[0], return_inverse=True)
    names = pa.array([enum_name(kind, int(number)) for number in numbers], pa.string())
    return names.take(pa.array(places.astype(np.int32), mask=None if present is None else ~present))


_FOUR_DIGITS = np.array([f"{pair:04x}".encode() for pair in range(1 << 16)]).view("<u4")
_SWAPPED = ((0, 1), (4, 0), (9, 2), (14, 3))  # where four digits go in a GUID's text, and which pair of bytes they are
_STRAIGHT = ((19, 4), (24, 5), (28, 6), (32, 7))
_TEXT_LENGTH = 36


def _guids(_: FieldType, parts: Parts, present: Mask | None) -> pa.Array:
    assert present is None  # noqa: S101 - texts are put on their rows afterwards
    count = len(parts[0])
    pairs = np.stack(parts, axis=1).view("<u2")
    text = np.full(count * _TEXT_LENGTH, ord("-"), np.uint8)
    for places, order in ((_SWAPPED, pairs), (_STRAIGHT, pairs.byteswap())):
        for at, pair in places:
            digits: NDArray[np.uint32] = np.ndarray(count, "<u4", text[at:], strides=(_TEXT_LENGTH,))
            digits[:] = _FOUR_DIGITS[order[:, pair]]
    offsets = np.arange(count + 1, dtype=np.int32) * _TEXT_LENGTH
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def _datetimes(_: FieldType, parts: Parts, present: Mask | None) -> pa.Array:
    ticks = parts[0]
    days, rest = np.divmod(ticks, TICKS_PER_DAY)
    if rest.any():
        moments = (ticks - TICKS_AT_UNIX_EPOCH) // 10
        return pa.Array.from_buffers(MOMENT, len(ticks), [bitmap(present), pa.py_buffer(moments)])
    days = (days - TICKS_AT_UNIX_EPOCH // TICKS_PER_DAY).astype(np.int32)
    return pa.Array.from_buffers(DAY, len(ticks), [bitmap(present), pa.py_buffer(days)])


def _decimals(_: FieldType, parts: Parts, present: Mask | None) -> pa.Array:
    low, high, sign_scale = parts
    return money_column(low, high, sign_scale, bitmap(present))


_COLUMNS = {
    "bool": _bools,
    "int32": _integers,
    "int64": _integers,
    "enum": _enums,
    "guid": _guids,
    "decimal": _decimals,
    "datetime": _datetimes,
}
