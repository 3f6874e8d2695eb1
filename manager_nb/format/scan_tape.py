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
_BEHIND_TAG = np.array([{FIXED64: 8, FIXED32: 4}.get(wire, _NEVER) for wire in range(8)])
_NO_VARINT = 5  # a bit of this is set in every wire type but VARINT and BYTES
_MORE = 0x80  # set in each byte of a number but the last
_ALL_BITS = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_STOP_BITS = np.uint64(0x8080_8080_8080_8080)


class Bytes:
    """The bytes of a column of blobs, so that eight of them can be taken from many places at once."""

    def __init__(self, blobs: pa.BinaryArray) -> None:
        offsets = _offsets(blobs)
        first, last = int(offsets[0]), int(offsets[-1])
        self.plain = np.empty(last - first + _PADDING, np.uint8)
        self.plain[last - first :] = 0
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
    """The fields of many messages.

    Attributes:
        rows: the row of the message that the field stands in.
        tags: field number and wire type, as they are written.
        values: numbers as unsigned 64 bits; of wire type 2 the length of the content.
        starts: where the field's tag begins.
        ends: where the field ends, so that content of wire type 2 begins at ``ends - values``.
    """

    rows: Numbers
    tags: NDArray[np.uint32]
    values: Words
    starts: Numbers
    ends: Numbers

    @classmethod
    def empty(cls) -> Tape:
        """A tape without fields."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing.astype(np.uint32), nothing.view(np.uint64), nothing, nothing)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def numbers(self) -> NDArray[np.int32]:
        """Field numbers."""
        return (self.tags >> 3).view(np.int32)

    @property
    def wires(self) -> NDArray[np.int32]:
        """Wire types."""
        return (self.tags & 7).view(np.int32)

    def take(self, chosen: Numbers | NDArray[np.bool_] | slice) -> Tape:
        """Some of the fields."""
        return Tape(self.rows[chosen], self.tags[chosen], self.values[chosen], self.starts[chosen], self.ends[chosen])

    def on_rows(self, rows: Numbers) -> Tape:
        """The same fields, said to stand in other rows."""
        return dataclasses.replace(self, rows=rows)

    def contents(self) -> Spans:
        """The insides of fields of wire type 2."""
        return Spans(self.rows, self.ends - self.values.view(np.int64), self.ends)


@dataclass(frozen=True, slots=True)
class Loose:
    """A tape as the rounds made it: fields of one message in their order, those of different messages mixed.

    Attributes:
        tape: the fields.
        broken: the rows with a message that breaks off; the fields up to there are on the tape.
    """

    tape: Tape
    broken: Numbers
    _lanes: Numbers
    _turns: NDArray[np.int32]

    def order(self) -> Numbers:
        """How to take the fields so that each message's stand together."""
        counts = np.bincount(self._lanes)
        places = (np.cumsum(counts) - counts)[self._lanes] + self._turns
        order = np.empty(len(places), np.int64)
        order[places] = np.arange(len(places))
        return order


class _Round(NamedTuple):
    """One field of each of many messages: ``lanes`` says which messages, ``turns`` which of their fields."""

    lanes: Numbers
    turns: NDArray[np.int32]
    tags: NDArray[np.uint32]
    values: Words
    starts: Numbers
    ends: Numbers


def read_tape(source: Bytes, spans: Spans) -> Tape:
    """All fields of all messages in the order in which they were written, each message up to its first fault."""
    loose = read_loose(source, spans)
    return loose.tape.take(loose.order())


def read_loose(source: Bytes, spans: Spans) -> Loose:
    """:func:`read_tape` without putting the fields in order."""
    lanes = np.flatnonzero(spans.starts < spans.ends)
    positions, limits = spans.starts[lanes], spans.ends[lanes]
    rounds: list[_Round] = []
    unusual: list[tuple[Numbers, Numbers, int]] = []
    while len(lanes) >= FEW:
        turn = len(rounds)
        tags, values, ends, plain = _next_fields(source, positions, limits)
        if not plain.all():
            unusual.append((lanes[~plain], positions[~plain], turn))
            lanes, limits, positions = lanes[plain], limits[plain], positions[plain]
            tags, values, ends = tags[plain], values[plain], ends[plain]
        rounds.append(_Round(lanes, np.full(len(lanes), turn, np.int32), tags, values, positions, ends))
        more = ends < limits
        if more.all():
            positions = ends
        else:
            lanes, limits, positions = lanes[more], limits[more], ends[more]
    unusual.append((lanes, positions, len(rounds)))
    rest, broken = _one_by_one(source, spans, unusual)
    lanes, turns, tags, values, starts, ends = (np.concatenate(sides) for sides in zip(*rounds, rest, strict=True))
    tape = Tape(spans.rows[lanes], tags, values, starts, ends)
    return Loose(tape, spans.rows[broken], lanes, turns)


def _next_fields(
    source: Bytes, positions: Numbers, limits: Numbers
) -> tuple[NDArray[np.uint32], Words, Numbers, NDArray[np.bool_]]:
    """Tags, values and ends of the fields that begin there, and which of them are plain."""
    words = source.words[positions]
    two = words & _MORE  # whether the tag has a second byte
    third = np.zeros(1, np.bool_)
    if two.any():
        two >>= 7
        tags = (words & 0x7F) | ((words >> 1) & (two * 0x3F80))
        third = (two & (words >> 15)) != 0
        heads, rest = positions + two.view(np.int64) + 1, words >> (two * 8 + 8)
    else:
        tags, heads, rest = words & 0x7F, positions + 1, words >> 8
    wires = (tags & 7).view(np.int64)
    plain = (tags >= 8) & ~third
    if (rest & _MORE).any():
        values, lengths = _short_varints(rest)
    else:
        values, lengths = rest & 0x7F, np.ones(len(rest), np.int64)
    long = lengths > 5
    if long.any():
        at = np.flatnonzero(long & ((wires == VARINT) | (wires == BYTES)))
        values[at], lengths[at], sound = _long_varints(source, heads[at])
        plain[at] &= sound & ((wires[at] != BYTES) | (values[at] < _NEVER))
    if (wires & _NO_VARINT).any():
        at = np.flatnonzero(wires & _NO_VARINT)
        lengths[at] = _BEHIND_TAG[wires[at]]
        values[at] = source.words[heads[at]] & np.where(wires[at] == FIXED32, 0xFFFF_FFFF, _ALL_BITS)
    ends = heads + lengths
    ends += np.where(wires == BYTES, values.view(np.int64), 0)
    plain &= ends <= limits
    return tags.astype(np.uint32), values, ends, plain


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


def _one_by_one(source: Bytes, spans: Spans, unusual: list[tuple[Numbers, Numbers, int]]) -> tuple[_Round, list[int]]:
    """What the exact reader finds from there to the end of each message, and the messages that break off."""
    found: list[tuple[int, ...]] = []
    broken = []
    for lanes, positions, turn in unusual:
        for lane, position in zip(lanes.tolist(), positions.tolist(), strict=True):
            fields, fault, _ = read_sound_fields(source.slice(position, int(spans.ends[lane])))
            if fault is not None:
                broken.append(lane)
            for place, field in enumerate(fields, turn):
                value = field.value if isinstance(field.value, int) else len(field.value)
                tag = field.number << 3 | field.wire_type
                found.append((lane, place, tag, value, position + field.start, position + field.end))
    sides: list[Any] = list(zip(*found, strict=True)) if found else [()] * len(_Round._fields)
    forms = (np.int64, np.int32, np.uint32, np.uint64, np.int64, np.int64)
    return _Round(*(np.array(side, form) for side, form in zip(sides, forms, strict=True))), sorted(broken)
