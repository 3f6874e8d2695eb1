"""Write a business file: the compact database, Manager's tar, and compression (docs/format.md §1).

Nothing here knows a name or a folder of the user's: :mod:`manager_nb.format.placing` does. The bytes stream, so that a
business of any size fits.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import tarfile
from typing import TYPE_CHECKING, BinaryIO, Protocol

import zstandard

from manager_nb.errors import DamagedFileError, DiskFullError
from manager_nb.format.database import uri
from manager_nb.format.layout import quoted
from manager_nb.format.steps import reached
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

PIECE = 1 << 20
"""Bytes that are copied at a time."""

_LEVEL, _WINDOW_LOG = 3, 27
"""History repeats whole images far apart: a long window finds them (docs/design.md "Decisions")."""

_STATISTICS = ("sqlite_stat1", "sqlite_stat4")
_CHECK_EVERY = 20_000
_BLOCK = tarfile.BLOCKSIZE


def write_compact(
    database: Path, target: Path, *, scratch: Path, empty: Collection[str] = (), progress: Progress = SILENT
) -> None:
    """Write a database anew: same rows, same tables, no free space and nothing that was deleted.

    Page size, text encoding, auto_vacuum and whatever is unknown stay as they are; the journal mode is *delete*.

    Args:
        database: a private file that nobody writes to; it is only read.
        target: where the new one goes; nothing may be there.
        scratch: a private folder for an intermediate copy, needed where tables are emptied.
        empty: tables whose rows are left out; a table that the file does not have is passed over.
        progress: heeded all the time.

    Raises:
        DamagedFileError: SQLite cannot read the database.
        DiskFullError: there is no room left.
        CancelledError: the user cancelled; ``target`` is not there.
    """
    try:
        if not empty:
            _vacuum_into(database, target, progress)
            return
        emptied = scratch / f"{target.name}.emptied"
        try:
            _copy_without(database, emptied, empty, progress)
            _vacuum_into(emptied, target, progress)
        finally:
            emptied.unlink(missing_ok=True)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _vacuum_into(database: Path, target: Path, progress: Progress) -> None:
    with _working(database, target, progress) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def _copy_without(database: Path, target: Path, empty: Collection[str], progress: Progress) -> None:
    with _working(database, target, progress) as connection:
        copy = sqlite3.connect(target, isolation_level=None)
        with contextlib.closing(copy):
            copy.execute("PRAGMA trusted_schema = OFF")
            copy.execute("PRAGMA synchronous = OFF")  # private, and gone after a power cut anyway
            copy.execute("PRAGMA journal_mode = OFF")
            connection.backup(copy, pages=4096, progress=lambda *_: check(progress))
            _empty(copy, empty)


def _empty(connection: sqlite3.Connection, tables: Collection[str]) -> None:
    """Delete all rows of these tables."""
    real = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
    present = {name for (name,) in real}
    wanted = {name.lower() for name in tables}
    with without_triggers(connection):
        for table in (name for name in present if name.lower() in wanted):
            connection.execute(f"DELETE FROM {quoted(table)}")  # noqa: S608 - quoted
            for statistics in present & set(_STATISTICS):  # they hold samples of what was in it
                connection.execute(f"DELETE FROM {quoted(statistics)} WHERE tbl = ?", (table,))  # noqa: S608 - ours


@contextlib.contextmanager
def without_triggers(connection: sqlite3.Connection) -> Iterator[None]:
    """Write to a file whose own triggers, whatever they would do, do not run; they stay in the file."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    yield
    for _, sql in triggers:
        connection.execute(sql)


@contextlib.contextmanager
def _working(database: Path, target: Path, progress: Progress) -> Iterator[sqlite3.Connection]:
    """A reading connection whose long statements heed Cancel, and whose failures are told in our words."""
    check(progress)
    connection = sqlite3.connect(uri(database, "mode=ro"), uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.set_progress_handler(lambda: int(progress.cancelled), _CHECK_EVERY)
        yield connection
    except sqlite3.Error as error:
        check(progress)
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise DiskFullError(
                "There is not enough room for the working copy in {folder}.",
                hint="Free some space on that disk, or set TMPDIR to a folder on another one.",
                path=target.parent,
                folder=str(target.parent),
            ) from error
        raise DamagedFileError(
            "The business cannot be copied: {reason}.",
            hint="Check it with verify_backup, or use an older backup.",
            path=database,
            reason=str(error),
        ) from error
    finally:
        connection.close()


class Writable(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> int:
        """Take some, and say how many."""


class Sink:
    """Where the bytes of a new file go: counted, hashed, and stopped by Cancel.

    Attributes:
        size: bytes so far.
    """

    def __init__(self, file: Writable, progress: Progress = SILENT) -> None:
        self._file = file
        self._progress = progress
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write a piece.

        Raises:
            CancelledError: the user cancelled.
        """
        check(self._progress)
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
        reached("a piece written")
        return len(data)

    @property
    def sha256(self) -> str:
        """SHA-256 of all that was written, in hex."""
        return self._digest.hexdigest()


@contextlib.contextmanager
def compressed(sink: Sink, size: int) -> Iterator[Sink]:
    """A sink whose bytes reach ``sink`` compressed (zstd level 3, long-distance matching, window 2^27).

    Args:
        sink: takes the compressed bytes.
        size: how many bytes will come.
    """
    settings = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, enable_ldm=True, window_log=_WINDOW_LOG, write_checksum=True, source_size=size
    )
    packing = _Packing(sink, zstandard.ZstdCompressor(compression_params=settings).compressobj(size=size))
    yield Sink(packing)
    packing.finish()  # not after a failure: the frame would have to hold what never came


class _Packing:
    """Compresses what is written to it."""

    def __init__(self, sink: Sink, compressor: zstandard.ZstdCompressionObj) -> None:
        self._sink = sink
        self._compressor = compressor

    def write(self, data: bytes) -> int:
        if packed := self._compressor.compress(data):
            self._sink.write(packed)
        return len(data)

    def finish(self) -> None:
        self._sink.write(self._compressor.flush())


def copy_into(sink: Sink, file: BinaryIO, progress: Progress = SILENT) -> None:
    """Copy a whole file into a sink; progress counts bytes."""
    while piece := file.read(PIECE):
        sink.write(piece)
        progress.advance(len(piece))


class TarWriter:
    """A tar as Manager writes it: PAX, plain files of mode 0644, two zero blocks at the end (docs/format.md §1)."""

    def __init__(self, sink: Sink, time: int) -> None:
        self._sink = sink
        self._time = time

    def add(self, name: str, size: int, file: BinaryIO, progress: Progress = SILENT) -> str:
        """Add one file of exactly that size, and give the SHA-256 of what was written.

        Raises:
            DamagedFileError: the file is shorter or longer than it was.
        """
        self._sink.write(header(name, size, self._time))
        digest, left = hashlib.sha256(), size
        while piece := file.read(PIECE):
            left -= len(piece)
            digest.update(piece)
            self._sink.write(piece)
            progress.advance(len(piece))
        if left:
            raise DamagedFileError(
                "{name} changed while it was copied.", hint="Create the backup again.", name=name.rpartition("/")[2]
            )
        self._sink.write(bytes(-size % _BLOCK))
        return digest.hexdigest()

    def close(self) -> None:
        """Write the end."""
        self._sink.write(bytes(2 * _BLOCK))


def header(name: str, size: int, time: int) -> bytes:
    """What stands before a file in the tar."""
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, time, 0o644
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def tar_size(entries: Iterable[tuple[str, int]], time: int) -> int:
    """How many bytes a tar of these files has."""
    return sum(len(header(name, size, time)) + size + -size % _BLOCK for name, size in entries) + 2 * _BLOCK
