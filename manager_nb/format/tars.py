"""Lists what is in a tar archive and where, without unpacking it; what is damaged or cut short is passed over.

An archive is hostile until proven: no name in it is used as a path here, and no number in it is believed before it is
compared with the length of the file. ustar, pax, GNU and older archives are read. Links, devices, folders and sparse
files are left out, as Manager leaves them out.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.format.problems import Problem
from manager_nb.progress import SILENT, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from manager_nb.progress import Progress

BLOCK = 512
"""Everything in an archive begins at a multiple of it."""

_NAME, _SIZE, _SUM, _TYPE = slice(0, 100), slice(124, 136), slice(148, 156), slice(156, 157)
_MAGIC, _POSIX, _PREFIX = slice(257, 262), slice(257, 263), slice(345, 500)
_ENDS = b"\0" * BLOCK

_FILE = frozenset({b"0", b"\0", b"7"})
_WITHOUT_CONTENT = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_PAX, _LONG_NAME = b"x", b"L"
_IN_BETWEEN = frozenset({b"g", b"K"})
"""Extended headers that say nothing we need; those before them still belong to the next entry."""

_MOST_EXTRA = 1 << 20
"""Bytes of an extended header that are read: a name is far shorter."""

_MOST_PROBLEMS = 100
_STRIDE = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive.

    Attributes:
        name: as it stands there; it may say anything and is never a path of ours.
        offset: where its content begins.
        size: bytes of its content that are there.
        missing: bytes of its content that are not, because the archive was cut short.
    """

    name: str
    offset: int
    size: int
    missing: int = 0


def begins_archive(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a tar archive."""
    block = head[:BLOCK]
    return _has_sum(block) or (block[_MAGIC] == b"ustar" and _number(block[_SIZE]) is not None)


def entries(
    file: BinaryIO, problems: list[Problem], where: str = "file", progress: Progress = SILENT
) -> Iterator[Entry]:
    """The files in an archive, in its order.

    Args:
        file: the archive; it must not be moved elsewhere between two entries.
        problems: gets what is wrong with it, as it is met.
        where: what the problems say they are in.
        progress: its cancel is heeded.
    """
    return iter(_Reader(file, problems, where, progress))


class Content(io.RawIOBase):
    """The content of an entry as a file of its own, for reading; closing it closes the archive."""

    def __init__(self, file: BinaryIO, entry: Entry) -> None:
        super().__init__()
        self._file = file
        self._entry = entry
        self._position = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be moved in."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position of the content."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._entry.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes of the content."""
        wanted = min(len(buffer), max(0, self._entry.size - self._position))
        self._file.seek(self._entry.offset + self._position)
        data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """Close the archive, too."""
        self._file.close()
        super().close()


class _Reader:
    def __init__(self, file: BinaryIO, problems: list[Problem], where: str, progress: Progress) -> None:
        self._file = file
        self._end = file.seek(0, io.SEEK_END)
        self._problems = problems
        self._where = where
        self._progress = progress
        self._found = 0

    def __iter__(self) -> Iterator[Entry]:
        position = 0
        extra: dict[str, str] = {}
        while (block := self._read(position, BLOCK)) and not self._is_end(position, block):
            check(self._progress)
            size = _number(block[_SIZE])
            if size is None or not (_has_sum(block) or block[_MAGIC] == b"ustar"):
                position, extra = self._next_header(position), {}
                continue
            start, kind = position + BLOCK, block[_TYPE]
            if kind in (_PAX, _LONG_NAME):
                extra |= self._extra(kind, start, size)
            else:
                size = _decimal(extra.get("size")) or size
                if kind in _FILE and not any(key.startswith("GNU.sparse") for key in extra):
                    yield self._entry(extra.get("path") or _name(block), start, size)
                extra = extra if kind in _IN_BETWEEN else {}
            position = start + (0 if kind in _WITHOUT_CONTENT else -(-size // BLOCK) * BLOCK)

    def _entry(self, name: str, start: int, size: int) -> Entry:
        there = max(0, min(size, self._end - start))
        if there < size:
            self._tell(f"The archive was cut short: {size - there} bytes of {name!r} are missing, and what came after.")
        return Entry(name, start, there, size - there)

    def _extra(self, kind: bytes, start: int, size: int) -> dict[str, str]:
        """What an extended header says about the next entry."""
        if size > _MOST_EXTRA or start + size > self._end:
            self._tell("A name in the archive is damaged; the entry is listed under a shorter one.")
            return {}
        data = self._read(start, size)
        return {"path": _text(data)} if kind == _LONG_NAME else dict(_records(data))

    def _is_end(self, position: int, block: bytes) -> bool:
        """Two empty blocks end an archive; where the file ends early, one or none may be left of them."""
        if len(block) < BLOCK:
            self._tell(f"The archive was cut short: its last {len(block)} bytes begin something that is not there.")
            return True
        return block == _ENDS and self._read(position + BLOCK, BLOCK) in (_ENDS, b"")

    def _next_header(self, position: int) -> int:
        """Where the next entry begins that its checksum proves; the end of the file if there is none."""
        start = position
        if not self._read(position, BLOCK).strip(b"\0"):
            return position + BLOCK
        while start < self._end:
            check(self._progress)
            stretch = self._read(start, _STRIDE)
            for offset in range(0 if start > position else BLOCK, len(stretch), BLOCK):
                if _has_sum(stretch[offset : offset + BLOCK]):
                    self._passed_over(position, start + offset)
                    return start + offset
            start += _STRIDE
        self._passed_over(position, self._end)
        return self._end

    def _passed_over(self, start: int, end: int) -> None:
        self._tell(f"{end - start} bytes of the archive from position {start} on are damaged and were passed over.")

    def _tell(self, what: str) -> None:
        self._found += 1
        if self._found <= _MOST_PROBLEMS:
            self._problems.append(Problem(self._where, None, None, what))

    def _read(self, position: int, size: int) -> bytes:
        if position >= self._end:  # a seek takes no number of any size
            return b""
        self._file.seek(position)
        return self._file.read(size)


def _has_sum(block: bytes) -> bool:
    """Whether a block is a header with the right checksum (old programs summed signed bytes)."""
    told = _number(block[_SUM]) if len(block) == BLOCK and block[_NAME].strip(b"\0") else None
    if told is None or _number(block[_SIZE]) is None:
        return False
    signs = block[: _SUM.start] + b" " * 8 + block[_SUM.stop :]
    total = sum(signs)
    return told in (total, total - 256 * sum(sign > 127 for sign in signs))


def _number(field: bytes) -> int | None:
    """A number of a header: octal digits, or binary where the first bit is set; None where it is neither."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    if not digits:
        return 0
    return int(digits, 8) if all(sign in b"01234567" for sign in digits) else None


def _decimal(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None


def _name(block: bytes) -> str:
    name = block[_NAME].split(b"\0")[0]
    prefix = block[_PREFIX].split(b"\0")[0] if block[_POSIX] == b"ustar\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(data: bytes) -> str:
    return data.split(b"\0")[0].decode("utf-8", "surrogateescape")


def _records(data: bytes) -> Iterator[tuple[str, str]]:
    """The records of a pax header: ``LENGTH KEY=VALUE`` and a line feed."""
    while data:
        length, blank, _ = data.partition(b" ")
        size = _decimal(length.decode("ascii", "replace"))
        if not blank or not size or size > len(data) or size <= len(length) + 1:
            return
        key, _, value = data[len(length) + 1 : size].removesuffix(b"\n").partition(b"=")
        yield key.decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")
        data = data[size:]
