"""What the bytes of many single values mean: numbers, texts, GUIDs, decimals and datetimes (docs/format.md §3).

The first half of a column's way: fields on the tape become plain numpy values, and bytes that are no value of the
field's type are told apart. ``scan_arrow.py`` is the second half. ``messages.py`` says the same for one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from manager_nb.errors import WireError
from manager_nb.format.scalars import (
    DATETIME_MINMAX,
    DATETIME_UNITS,
    MAX_SCALE,
    MAX_TICKS,
    TICKS_AT_UNIX_EPOCH,
)
from manager_nb.format.scan_tape import Spans, Tape, read_loose
from manager_nb.format.wire import BYTES, FIXED32, GROUP, VARINT, read_varint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from manager_nb.format.scan_tape import Bytes, Numbers

    Mask = NDArray[np.bool_]
    Parts = tuple[NDArray[Any], ...]

_UNITS = np.array(DATETIME_UNITS)
_FIRST = np.array([-(TICKS_AT_UNIX_EPOCH // unit) for unit in DATETIME_UNITS])
_LAST = np.array([(MAX_TICKS - TICKS_AT_UNIX_EPOCH) // unit for unit in DATETIME_UNITS])
_GUID_LENGTH = 18  # two tags, each with eight bytes behind it
_GUID_LOW, _GUID_HIGH = 0x09, 0x11


class Read(NamedTuple):
    """Single values, one for each field on a tape.

    Attributes:
        sound: which of them are values of the field's type.
        parts: bool, int and enum: one signed number; string and bytes: start and end; guid: the two halves of its
            bytes; decimal: the low 64 bits, the high 32 bits, and sign and scale; datetime: ticks.
        unknown: the fields inside GUIDs, decimals and datetimes that the schema does not know; their ``rows`` are
            places on the tape.
    """

    sound: Mask
    parts: Parts
    unknown: Tape | None = None


def read_values(source: Bytes, kind: str, tape: Tape) -> Read:
    """The values of a field of that type."""
    if kind in ("bool", "int32", "int64", "enum"):
        return _numbers(kind, tape)
    sound = tape.wires == BYTES
    spans = tape.contents()
    if kind in ("string", "bytes"):
        return Read(sound, (spans.starts, spans.ends))
    if not sound.all():
        spans = Spans(spans.rows, np.where(sound, spans.starts, spans.ends), spans.ends)
    if kind == "guid":
        return _guids(source, spans, sound)
    numbers = _Compound(source, spans, 3)
    sound = sound & numbers.sound
    read = _decimals if kind == "decimal" else _datetimes
    return read(numbers, sound)


def _numbers(kind: str, tape: Tape) -> Read:
    values, wires = tape.values, tape.wires
    sound = (wires != BYTES) & (wires != GROUP)
    if kind == "bool":
        return Read(sound, ((values != 0).astype(np.int64),))
    short = wires == FIXED32
    if kind != "int64":
        short |= (wires == VARINT) & (values < 1 << 32)
    signed = np.where(short, values.astype(np.uint32).view(np.int32), values.view(np.int64))
    if kind != "int64":
        sound &= (signed >= -(1 << 31)) & (signed < 1 << 31)
    return Read(sound, (signed,))


class _Compound:
    """Messages of up to three numbers, the last of each winning."""

    def __init__(self, source: Bytes, spans: Spans, known: int) -> None:
        count = len(spans.starts)
        loose = read_loose(source, Spans(np.arange(count), spans.starts, spans.ends))
        tape, numbers, wires = loose.tape, loose.tape.numbers, loose.tape.wires
        strange = numbers > known
        misfit = ~strange & ((wires == BYTES) | (wires == GROUP))
        self.sound = np.ones(count, np.bool_)
        self.sound[loose.broken] = False
        self.sound[tape.rows[misfit]] = False
        self.unknown = tape.take(strange) if strange.any() else None
        self.parts = []
        for number in range(1, known + 1):
            chosen = np.flatnonzero(numbers == number)
            part = np.zeros(count, np.uint64)
            part[tape.rows[chosen]] = tape.values[chosen]
            self.parts.append(part)


def _guids(source: Bytes, spans: Spans, sound: Mask) -> Read:
    """Nearly every GUID is written in the same eighteen bytes."""
    starts = spans.starts
    usual = sound & (spans.ends - starts == _GUID_LENGTH)
    usual &= (source.plain[starts] == _GUID_LOW) & (source.plain[starts + 9] == _GUID_HIGH)
    low, high = source.words[starts + 1], source.words[starts + 10]
    if usual.all():
        return Read(sound, (low, high))
    rest = np.flatnonzero(~usual)
    numbers = _Compound(source, Spans(rest, spans.starts[rest], spans.ends[rest]), 2)
    low[rest], high[rest] = numbers.parts
    sound = sound.copy()
    sound[rest] &= numbers.sound
    unknown = numbers.unknown
    return Read(sound, (low, high), unknown.on_rows(rest[unknown.rows]) if unknown is not None else None)


def _decimals(numbers: _Compound, sound: Mask) -> Read:
    low, high, sign_scale = numbers.parts
    sound &= (high >> 32 == 0) & (sign_scale >> 32 == 0) & ((sign_scale & 0x1FE) >> 1 <= MAX_SCALE)
    return Read(sound, (low, high, sign_scale), numbers.unknown)


def _datetimes(numbers: _Compound, sound: Mask) -> Read:
    zigzag, scale, zone = numbers.parts
    value = (zigzag >> 1).view(np.int64) ^ -(zigzag & 1).view(np.int64)
    unit = np.minimum(scale, len(_UNITS) - 1).view(np.int64)
    within = (scale < len(_UNITS)) & (value >= _FIRST[unit]) & (value <= _LAST[unit])
    ticks = TICKS_AT_UNIX_EPOCH + np.where(within, value, 0) * _UNITS[unit]
    extreme = (scale == DATETIME_MINMAX) & ((value == 1) | (value == -1))
    ticks[extreme] = np.where(value[extreme] == 1, MAX_TICKS, 0)
    return Read(sound & (zone <= 2) & (within | extreme), (ticks,), numbers.unknown)


def unpack(source: Bytes, tape: Tape) -> tuple[Tape, Numbers, Numbers]:
    """Lay every packed list of numbers out as single numbers.

    Returns:
        The wider tape; for each of its fields the place on the tape that was given; the places of packed lists that
        break off.
    """
    packed = np.flatnonzero(tape.wires == BYTES)
    origins = np.arange(len(tape))
    if not len(packed):
        return tape, origins, packed
    spans = tape.contents()
    lists = [_packed(source.slice(int(spans.starts[at]), int(spans.ends[at]))) for at in packed]
    counts = np.ones(len(tape), np.int64)
    counts[packed] = [len(numbers or ()) for numbers in lists]
    origins = np.repeat(origins, counts)
    wide = tape.take(origins)
    inside = wide.wires == BYTES
    wide.values[inside] = np.array([number for numbers in lists for number in numbers or ()], np.uint64)
    wide.tags[inside] -= BYTES - VARINT
    return wide, origins, packed[[numbers is None for numbers in lists]]


def _packed(data: bytes) -> list[int] | None:
    numbers, position = [], 0
    try:
        while position < len(data):
            number, position = read_varint(data, position)
            numbers.append(number)
    except WireError:
        return None
    return numbers
