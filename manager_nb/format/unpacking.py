"""Unpacks a gzip or zstd file as a stream, within bounds: a small file must not fill the disk."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO

import zstandard

from manager_nb.errors import DamagedFileError, NotABusinessError
from manager_nb.format.kinds import HEAD, Kind
from manager_nb.format.sources import require_room, write_all, writing_privately
from manager_nb.progress import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from manager_nb.progress import Progress

MOST_TIMES = 1000
"""How many times its size a file may unpack to: a business with long runs of free pages packs well, but not so well."""

ALWAYS_ALLOWED = 1 << 30
"""Bytes that any file may unpack to, however small it is."""

_WINDOW = 1 << 27
"""What our own backups use, and the most that is accepted: it is memory."""

_PIECE = 1 << 20
_INPUT = 2 << 10
"""Bytes that are unpacked at once: a hostile zstd frame grows to 32,768 times its size."""

_BETWEEN_LOOKS = 32


def unpack(
    file: BinaryIO, kind: Kind, target: Path, look: Callable[[bytes], None], path: Path, progress: Progress
) -> str | None:
    """Unpack a file into a private one.

    Args:
        file: the packed file; read from its beginning.
        kind: ``GZIP`` or ``ZSTD``.
        target: the new file.
        look: is called with the first unpacked bytes, before more is unpacked; raises if they are no business.
        path: where the packed file is, for errors.
        progress: told in bytes of the packed file.

    Returns:
        What is wrong if the end is damaged or missing, None if all is there.

    Raises:
        NotABusinessError: it unpacks to far more than a business can.
        DamagedFileError: not even its beginning can be unpacked.
        DiskFullError: the result does not fit.
        CancelledError: the user cancelled.
    """
    allowed = max(ALWAYS_ALLOWED, MOST_TIMES * file.seek(0, 2))
    file.seek(0)
    written = 0
    stream = _Stream(file, kind, progress)
    with writing_privately(target.parent), target.open("wb", buffering=0) as output:
        for number, piece in enumerate(stream):
            if number == 0:
                look(piece[:HEAD])
            written += len(piece)
            if written > allowed:
                raise NotABusinessError(
                    "What is packed in {name} is implausibly large: more than {size} bytes.",
                    hint="Choose another file. If it really is a business, unpack it with another program first.",
                    path=path,
                    name=path.name,
                    size=allowed,
                )
            if number % _BETWEEN_LOOKS == 0:
                require_room(target.parent, 0)
            write_all(output, piece)
    fault = stream.fault
    if fault and not written:
        raise DamagedFileError(
            "{name} cannot be unpacked: {reason}.",
            hint="Use another copy of the file; this one is damaged or was packed in an unusual way.",
            path=path,
            name=path.name,
            reason=fault,
        )
    return f"The compressed file is damaged or was cut short after {written} bytes ({fault})." if fault else None


class _Stream:
    """The unpacked bytes in large pieces; ends at the first fault and keeps it."""

    def __init__(self, file: BinaryIO, kind: Kind, progress: Progress) -> None:
        self._file = file
        self._kind = kind
        self._progress = progress
        self.fault: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        gathered: list[bytes] = []
        size = 0
        for piece in self._unpacked():
            gathered.append(piece)
            size += len(piece)
            if size >= _PIECE:
                yield b"".join(gathered)
                gathered, size = [], 0
        if gathered:
            yield b"".join(gathered)

    def _unpacked(self) -> Iterator[bytes]:
        engine = self._engine()
        try:
            for data in self._packed():
                while data and not (engine.eof and not self._begins_again(data)):
                    if engine.eof:
                        engine = self._engine()
                    yield engine.decompress(data)
                    data = engine.unused_data
        except (zlib.error, zstandard.ZstdError) as error:
            self.fault = str(error)
        else:
            self.fault = None if engine.eof else "its end is missing"

    def _packed(self) -> Iterator[bytes]:
        while data := self._file.read(_INPUT):
            check(self._progress)
            self._progress.advance(len(data))
            yield data

    def _engine(self) -> zstandard.ZstdDecompressionObj | zlib._Decompress:
        if self._kind is Kind.GZIP:
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        return zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()

    def _begins_again(self, data: bytes) -> bool:
        """Whether more follows, and not only padding."""
        return bool(data.strip(b"\0"))
