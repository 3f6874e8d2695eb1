"""The format before SQLite, ``MNGR|``, turned into a database of today's layout (docs/format.md §4).

After the magic come frames: an int32 size and that many bytes. A frame is a record (:class:`_Record`) or a hole that a
deleted record left. Where a frame is broken, the next sound record is looked for byte by byte: its two lengths and
its checksum have to agree, which damaged bytes do not do by chance.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from manager_nb.errors import DamagedFileError
from manager_nb.format import layout
from manager_nb.format.problems import Problem
from manager_nb.progress import SILENT, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.progress import Progress

MAGIC = b"MNGR|"

TIMESTAMP = 0
"""The time of every converted object: the format keeps none, and 0 is what Manager itself stores for that."""

_INT32 = struct.Struct("<i")
_HEAD = struct.Struct("<i?16si")
"""Size, present, key, length of the value: the fixed beginning of a record's frame."""

_AROUND = 25
"""Bytes of a record's frame after its size that are not its value: present, key, length and checksum."""

_TYPE = 16
"""A value begins with the GUID of its content type."""

_KEPT = 1 << 20
"""So many of the bytes that could not be read are kept in a problem."""

_TRIALS = 8
"""How many times its own length a file may make us sum up bytes in search of a sound record; a hostile one would
have us do it for ever."""

_STRIDE = 1 << 20
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class _Record:
    key: bytes
    value: bytes
    sound: bool
    """Whether the checksum agrees."""


def convert(path: Path, target: Path, progress: Progress = SILENT) -> list[Problem]:
    """Convert a file of the old format.

    The first record of a key wins, as in the program that wrote it. A record with a wrong checksum is left out and
    its bytes are kept in a problem. Every object gets the time :data:`TIMESTAMP`; such a file has no History.

    Args:
        path: a file that begins with :data:`MAGIC`; only read.
        target: where the database goes; nothing may be there yet.
        progress: told in bytes of the file.

    Returns:
        What could not be read, in the order of the file.

    Raises:
        DamagedFileError: not one record can be read.
        TargetExistsError: there is a file at `target`.
        CancelledError: the user cancelled; `target` is not there.
    """
    problems: list[Problem] = []
    sql = f"{layout.insertion('Objects', layout.TABLES['Objects'].names)} ON CONFLICT DO NOTHING"
    with path.open("rb") as file, layout.filling(target) as connection:
        progress.start("Converting", path.stat().st_size)
        rows = 0
        for row in _rows(_Frames(file, problems, progress), problems):
            rows += connection.execute(sql, row).rowcount
        if not rows:
            raise DamagedFileError(
                "{name} is a business of an old version of Manager, but nothing in it can be read.",
                hint="Use another copy or an older backup of this business.",
                path=path,
                name=path.name,
            )
        progress.finish()
    return problems


def _rows(records: _Frames, problems: list[Problem]) -> Iterator[tuple[str, str, bytes, int]]:
    for record in records:
        key = str(uuid.UUID(bytes_le=record.key))
        if not record.sound:
            what = "The checksum of this record is wrong: its content is damaged. The record was left out."
        elif len(record.value) < _TYPE:
            what = "This record does not say what it is. It was left out."
        else:
            content_type = str(uuid.UUID(bytes_le=record.value[:_TYPE]))
            yield key, content_type, record.value[_TYPE:], TIMESTAMP
            continue
        problems.append(Problem("Objects", key, "Content", what, record.value[:_KEPT], lost=True))


class _Frames:
    """The records of a file, one after the other; holes are passed over, broken stretches become problems."""

    def __init__(self, file: BinaryIO, problems: list[Problem], progress: Progress) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self._problems = problems
        self._progress = progress
        self._trials = _TRIALS * self._size

    def __iter__(self) -> Iterator[_Record]:
        position, told, number = len(MAGIC), 0, 0
        while position < self._size:
            number += 1
            if number % _BATCH == 0:
                check(self._progress)
                self._progress.advance(position - told)
                told = position
            found = self._frame(position)
            if found is None:
                sound = self._next_sound(position + 1)
                self._broken(position, sound)
                position = sound
                continue
            record, position = found
            if record is not None:
                yield record
        self._progress.advance(self._size - told)

    def _frame(self, position: int) -> tuple[_Record | None, int] | None:
        """The record there (None: a hole) and where the next frame begins; None where the frame is broken."""
        size, present, key, length = self._head(position)
        end = position + _INT32.size + size
        if not self._fits(position, size):
            return None
        if not present:
            return (None, end) if end == self._size or self._fits(end, self._head(end)[0]) else None
        if length < 0 or size != _AROUND + length:
            return None
        return self._record(position, key, length), end

    def _fits(self, position: int, size: int) -> bool:
        return size > 0 and position + _INT32.size + size <= self._size

    def _head(self, position: int) -> tuple[int, bool, bytes, int]:
        """Size, present, key and length as they stand there; zeros where the file ends before."""
        self._file.seek(position)
        size, present, key, length = _HEAD.unpack(self._file.read(_HEAD.size).ljust(_HEAD.size, b"\0"))
        return size, present, key, length

    def _record(self, position: int, key: bytes, length: int) -> _Record:
        self._file.seek(position + _HEAD.size)
        value = self._file.read(length)
        checksum = _INT32.unpack(self._file.read(_INT32.size))[0]
        return _Record(key, value, (_sum(value) - checksum) % 2**32 == 0)

    def _next_sound(self, start: int) -> int:
        """Where the next record begins whose lengths and checksum agree; the end of the file if there is none."""
        while start < self._size:
            check(self._progress)
            self._file.seek(start)
            stretch = self._file.read(_STRIDE + _HEAD.size)
            for offset in _candidates(stretch, self._size - start):
                _, _, key, length = self._head(start + offset)
                self._trials -= length
                if self._trials >= 0 and self._record(start + offset, key, length).sound:
                    return start + offset
            start += _STRIDE
        return self._size

    def _broken(self, start: int, end: int) -> None:
        self._file.seek(start)
        kept = self._file.read(min(end - start, _KEPT))
        where = f"{end - start} bytes from position {start} on"
        what = (
            f"The last {where} are not whole records: the file was cut short or is damaged there."
            if end == self._size
            else f"The {where} are damaged. The records after them were read."
        )
        self._problems.append(Problem("file", None, None, what, kept, lost=True))


def _candidates(stretch: bytes, room: int) -> list[int]:
    """Offsets where the two lengths of a record agree and its end is within `room` bytes from the stretch's start."""
    count = min(len(stretch) - _HEAD.size + 1, _STRIDE)
    if count <= 0:
        return []
    octets = np.frombuffer(stretch, np.uint8)
    size = _int32_at(octets, 0, count)
    length = _int32_at(octets, _HEAD.size - _INT32.size, count)
    offsets = np.arange(count, dtype=np.int64)
    agree = (length >= _TYPE) & (size == length + _AROUND) & (octets[4 : 4 + count] == 1)
    return [int(offset) for offset in np.flatnonzero(agree & (offsets + _INT32.size + size <= room))]


def _int32_at(octets: np.ndarray, start: int, count: int) -> np.ndarray:
    """The int32 that begins at each of `count` neighbouring bytes."""
    parts = [octets[start + i : start + i + count].astype(np.int64) << (8 * i) for i in range(4)]
    whole = parts[0] | parts[1] | parts[2] | parts[3]
    return np.where(whole >= 2**31, whole - 2**32, whole)


def _sum(value: bytes) -> int:
    return int(np.frombuffer(value, np.uint8).sum(dtype=np.uint64))
