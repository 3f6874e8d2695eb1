"""Protobuf's wire format, a column of messages at a time: the fast sibling of ``wire.py`` (docs/format.md §3).

All messages are read in lock-step: one round reads the next field of every message that has one. A round costs some
forty numpy calls however many messages take part, so the last few messages, and every message that is unusual at some
point (a group, a tag of three bytes, a fault), are handed to the exact reader from where they stand. Both therefore
agree by construction on everything that is not plain.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from manager_nb.format.wire import BYTES, FIXED32, FIXED64, VARINT, read_sound_fields

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Words = NDArray[Any]  # np.uint64, which numpy's annotations lose in every shift

FEW = 16
"""With fewer messages than this a round in numpy costs more than reading one by one."""

_PADDING = 32  # so that eight bytes can be taken at any position, and sixteen of a long number
_NEVER = 1 << 60
_BEHIND_TAG = np.array([_NEVER if wire in (3, 4, 6, 7) else {FIXED64: 8, FIXED32: 4}.get(wire, 0) for wire in range(8)])
_HAS_VARINT = np.array([wire in (VARINT, BYTES) for wire in range(8)], np.int64)
_STOP_BITS = np.uint64(0x8080_8080_8080_8080)


class Bytes:
    """The bytes of a column of blobs, so that eight of them can be taken from many places at once."""

    def __init__(self, blobs: pa.BinaryArray) -> None:
        offsets = _offsets(blobs)
        first, last = int(offsets[0]), int(offsets[-1])
        self.plain = np.zeros(last - first + _PADDING, np.uint8)
        if last > first:
            self.plain[: last - first] = np.frombuffer(blobs.buffers()[2], np.uint8, last - first, first)
        self.words: Words = np.ndarray(len(self.plain) - 7, "<u8", self.plain, strides=(1,))
        self.starts: Numbers = offsets[:-1] - first
        self.ends: Numbers = offsets[1:] - first
        if blobs.null_count:
            self.ends = np.where(blobs.is_null().to_numpy(zero_copy_only=False), self.starts, self.ends)

    def texts(self, starts: Numbers, ends: Numbers) -> pa.BinaryArray:
        """The spans as an Arrow array; they must ascend and not overlap.

        Arrow copies them in one go: of the array of all spans and the gaps between them it takes every second.
        """
        count = len(starts)
        if not count:
            return pa.array([], pa.binary())
        offsets = np.empty(2 * count, np.int32)
        offsets[0::2] = starts
        offsets[1::2] = ends
        both = pa.Array.from_buffers(
            pa.binary(), 2 * count - 1, [None, pa.py_buffer(offsets), pa.py_buffer(self.plain)]
        )
        return both.take(pa.array(np.arange(0, 2 * count, 2)))

    def slice(self, start: int, end: int) -> bytes:
        """One span."""
        return self.plain[start:end].tobytes()


def _offsets(blobs: pa.BinaryArray) -> Numbers:
    if not len(blobs):
        return np.zeros(1, np.int64)
    return np.frombuffer(blobs.buffers()[1], np.int32, len(blobs) + 1, blobs.offset * 4).astype(np.int64)


class Spans(NamedTuple):
    """Messages within the bytes: the row that each belongs to, and where it stands. Rows and places ascend."""

    rows: Numbers
    starts: Numbers
    ends: Numbers


@dataclass(frozen=True, slots=True)
class Tape:
    """The fields of many messages, in the order in which they were written.

    Attributes:
        rows: the row of the message that the field stands in.
        numbers: field numbers.
        wires: wire types.
        values: numbers as unsigned 64 bits; of wire type 2 the length of the content.
        starts: where the field's tag begins.
        ends: where the field ends, so that content of wire type 2 begins at ``ends - values``.
        broken: the rows with a message that breaks off; the fields up to there are on the tape.
    """

    rows: Numbers
    numbers: Numbers
    wires: Numbers
    values: Words
    starts: Numbers
    ends: Numbers
    broken: Numbers

    @classmethod
    def empty(cls) -> Tape:
        """A tape without fields."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, nothing, nothing.view(np.uint64), nothing, nothing, nothing)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: Numbers | NDArray[np.bool_] | slice) -> Tape:
        """Some of the fields."""
        return Tape(
            self.rows[chosen],
            self.numbers[chosen],
            self.wires[chosen],
            self.values[chosen],
            self.starts[chosen],
            self.ends[chosen],
            self.broken,
        )

    def on_rows(self, rows: Numbers) -> Tape:
        """The same fields, said to stand in other rows."""
        return dataclasses.replace(self, rows=rows)

    def contents(self) -> Spans:
        """The insides of fields of wire type 2."""
        return Spans(self.rows, self.ends - self.values.view(np.int64), self.ends)


class _Round(NamedTuple):
    """One field of each of many messages: ``lanes`` says which."""

    lanes: Numbers
    tags: Numbers
    values: Words
    starts: Numbers
    ends: Numbers


def read_tape(source: Bytes, spans: Spans) -> Tape:
    """Read all fields of all messages, each up to its end or to its first fault."""
    lanes = np.flatnonzero(spans.starts < spans.ends)
    positions, limits = spans.starts[lanes], spans.ends[lanes]
    rounds: list[_Round] = []
    unusual: list[tuple[Numbers, Numbers]] = []
    while len(lanes) >= FEW:
        tags, values, ends, plain = _next_fields(source, positions, limits)
        if not plain.all():
            unusual.append((lanes[~plain], positions[~plain]))
            lanes, limits, positions = lanes[plain], limits[plain], positions[plain]
            tags, values, ends = tags[plain], values[plain], ends[plain]
        rounds.append(_Round(lanes, tags, values, positions, ends))
        more = ends < limits
        if more.all():
            positions = ends
        else:
            lanes, limits, positions = lanes[more], limits[more], ends[more]
    unusual.append((lanes, positions))
    return _in_order(spans, rounds, *_one_by_one(source, spans, unusual))


def _next_fields(
    source: Bytes, positions: Numbers, limits: Numbers
) -> tuple[Numbers, Words, Numbers, NDArray[np.bool_]]:
    """Tags, values and ends of the fields that begin there, and which of them are plain."""
    words = source.words[positions]
    two = (words >> 7) & 1  # whether the tag has a second byte
    tags = ((words & 0x7F) | ((words >> 1) & (two * 0x3F80))).view(np.int64)
    third = two & (words >> 15)
    wires = tags & 7
    heads = positions + two.view(np.int64) + 1
    values, lengths = _short_varints(words >> (two * 8 + 8))
    long = _HAS_VARINT[wires] & (lengths + two.view(np.int64) > 7)
    plain = (tags >= 8) & (third == 0)
    if long.any():
        at = np.flatnonzero(long)
        values[at], lengths[at], sound = _long_varints(source, heads[at])
        plain[at] &= sound & ((wires[at] != BYTES) | (values[at] < _NEVER))
    fixed = np.flatnonzero((wires == FIXED64) | (wires == FIXED32))
    if len(fixed):
        raw = source.words[heads[fixed]]
        values[fixed] = np.where(wires[fixed] == FIXED64, raw, raw & 0xFFFF_FFFF)
    ends = heads + _BEHIND_TAG[wires] + _HAS_VARINT[wires] * lengths
    ends += np.where(wires == BYTES, values.view(np.int64), 0)
    plain &= ends <= limits
    return tags, values, ends, plain


def _short_varints(words: Words) -> tuple[Words, Numbers]:
    """Values and lengths of the numbers in the low seven bytes; a length of eight means that it does not end there."""
    stops = ~words & _STOP_BITS
    last = stops & (~stops + 1)  # the top bit of the byte that ends the number
    lengths = ((np.bitwise_count(last - 1) + 1) >> 3).astype(np.int64)
    return _squeeze(words & (last | (last - 1))), lengths


def _squeeze(words: Words) -> Words:
    """Eight times seven bits, moved together."""
    words = (words & 0x007F_007F_007F_007F) | ((words & 0x7F00_7F00_7F00_7F00) >> 1)
    words = (words & 0x0000_3FFF_0000_3FFF) | ((words & 0x3FFF_0000_3FFF_0000) >> 2)
    return (words & 0x0FFF_FFFF) | ((words & 0x0FFF_FFFF_0000_0000) >> 4)


def _long_varints(source: Bytes, positions: Numbers) -> tuple[Words, Numbers, NDArray[np.bool_]]:
    """Values and lengths of numbers of up to ten bytes, and whether they are numbers of 64 bits."""
    low, high = source.words[positions], source.words[positions + 8] & 0xFFFF
    within = (~low & _STOP_BITS) != 0
    short, lengths = _short_varints(np.where(within, low, 0))
    ninth, tenth = high & 0xFF, high >> 8
    nine = ninth < 0x80
    far = _squeeze(low) | ((ninth & 0x7F) << 56) | np.where(nine, 0, (tenth & 1) << 63)
    values = np.where(within, short, far)
    return values, np.where(within, lengths, np.where(nine, 9, 10)), within | nine | (tenth < 2)


def _one_by_one(
    source: Bytes, spans: Spans, unusual: list[tuple[Numbers, Numbers]]
) -> tuple[list[list[tuple[int, int, int, int, int]]], Numbers, Numbers]:
    """What the exact reader finds from there: the fields of each message, the messages, and those that break off."""
    found, lanes, broken = [], [], []
    for lane, position in ((int(lane), int(at)) for some, ats in unusual for lane, at in zip(some, ats, strict=True)):
        fields, fault, _ = read_sound_fields(source.slice(position, int(spans.ends[lane])))
        if fault is not None:
            broken.append(lane)
        lanes.append(lane)
        found.append(
            [
                (
                    field.number,
                    field.wire_type,
                    field.value if isinstance(field.value, int) else len(field.value),
                    position + field.start,
                    position + field.end,
                )
                for field in fields
            ]
        )
    return found, np.array(lanes, np.int64), np.array(sorted(broken), np.int64)


def _in_order(
    spans: Spans,
    rounds: list[_Round],
    found: list[list[tuple[int, int, int, int, int]]],
    last: Numbers,
    broken: Numbers,
) -> Tape:
    """Lay the rounds out so that each message's fields stand together."""
    counts = np.zeros(len(spans.rows), np.int64)
    for turn in rounds:
        counts[turn.lanes] += 1
    before = counts[last]
    counts[last] += np.array([len(fields) for fields in found], np.int64)
    firsts = np.cumsum(counts) - counts
    total = int(counts.sum())
    rows = np.repeat(spans.rows, counts)
    tags, values = np.empty(total, np.int64), np.empty(total, np.uint64)
    starts, ends = np.empty(total, np.int64), np.empty(total, np.int64)
    for number, turn in enumerate(rounds):
        places = firsts[turn.lanes] + number
        tags[places], values[places], starts[places], ends[places] = turn.tags, turn.values, turn.starts, turn.ends
    numbers, wires = tags >> 3, tags & 7
    for lane, skip, fields in zip(last, before, found, strict=True):
        if fields:
            here = slice(int(firsts[lane] + skip), int(firsts[lane] + skip) + len(fields))
            columns = zip(*fields, strict=True)
            for column in (numbers, wires, values, starts, ends):
                column[here] = next(columns)
    return Tape(rows, numbers, wires, values, starts, ends, spans.rows[broken])
