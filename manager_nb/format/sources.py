"""Reads a file that belongs to somebody else: it is only ever read, and a change of it meanwhile is noticed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import queue
import shutil
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.errors import (
    DiskFullError,
    NotABusinessError,
    SourceBusyError,
    SourceChangedError,
    SourceError,
    SourceMissingError,
    SourceUnreadableError,
)
from manager_nb.progress import check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

    from manager_nb.progress import Progress

CHUNK = 4 << 20
"""Bytes that are read at once."""

SPARE = 64 << 20
"""Bytes that stay free on the disk of the private copies."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_HELD_ELSEWHERE = frozenset({32, 33})
"""Windows: sharing violation, lock violation."""


@dataclass(frozen=True, slots=True)
class State:
    """What tells a file from the same file after a change."""

    device: int
    inode: int
    size: int
    modified: int


def state(file: BinaryIO) -> State:
    """The state of an open file."""
    return _state(os.fstat(file.fileno()))


def state_at(path: Path) -> State | None:
    """The state of what is at a path, None if there is nothing."""
    try:
        return _state(path.stat())
    except OSError:
        return None


def _state(seen: os.stat_result) -> State:
    return State(seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading; what the system refuses meanwhile becomes an error that says what to do.

    Raises:
        SourceMissingError: there is no such file.
        SourceBusyError: another program keeps it for itself.
        SourceUnreadableError: it may not be read, or its disk fails.
        NotABusinessError: it is no file but a device, a pipe or the like.
    """
    with opened(path) as file:
        try:
            yield file
        except OSError as error:
            if error.filename is not None:  # it is about another file
                raise
            raise refusal(error, path) from error


def opened(path: Path) -> BinaryIO:
    """Open a file for reading; whoever calls closes it.

    Raises:
        SourceError: as :func:`reading`.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
            raise NotABusinessError(
                "{name} is not a file.",
                hint="Choose a .manager file, a backup, or the data folder of Manager.",
                path=path,
                name=path.name,
            )
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise refusal(error, path) from error


def changed(path: Path) -> SourceChangedError:
    """The error that a file changes while it is read."""
    return SourceChangedError(
        "{name} changed while it was read.",
        hint="Wait until nobody saves in this business, or close it in Manager, then open it again.",
        path=path,
        name=path.name,
    )


class Hashing:
    """The SHA-256 of a file that is being written, computed in another thread, which reads behind the writer."""

    def __init__(self, path: Path) -> None:
        self._written: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._worker = ThreadPoolExecutor(1)
        self._hash = self._worker.submit(self._follow, path)

    def written(self, size: int) -> None:
        """So many more bytes are there."""
        self._written.put(size)

    def end(self) -> None:
        """No more bytes will come."""
        self._written.put(0)
        self._worker.shutdown(wait=False)

    def sha256(self) -> str:
        """The hash; waits until the thread has come to the end."""
        return self._hash.result()

    def _follow(self, path: Path) -> str:
        total = hashlib.sha256()
        with path.open("rb") as file:
            while size := self._written.get():
                total.update(file.read(size))
        return total.hexdigest()


def copy(file: BinaryIO, target: Path, progress: Progress) -> Hashing:
    """Copy an open file from its beginning into a private one.

    Returns:
        The SHA-256 of what was copied, perhaps still to come: whoever holds a lock gives it up first.

    Raises:
        DiskFullError: the private copy does not fit.
        CancelledError: the user cancelled.
    """
    require_room(target.parent, os.fstat(file.fileno()).st_size)
    file.seek(0)
    with writing_privately(target.parent), target.open("wb", buffering=0) as output:
        hashing = Hashing(target)
        try:
            while chunk := file.read(CHUNK):
                check(progress)
                write_all(output, chunk)
                hashing.written(len(chunk))
                progress.advance(len(chunk))
        finally:
            hashing.end()
    return hashing


def copy_part(file: BinaryIO, offset: int, size: int, target: Path, progress: Progress) -> None:
    """Copy a part of an open file into a private one.

    Raises:
        DiskFullError: the private copy does not fit.
        CancelledError: the user cancelled.
    """
    require_room(target.parent, size)
    file.seek(offset)
    with writing_privately(target.parent), target.open("wb", buffering=0) as output:
        while size and (chunk := file.read(min(CHUNK, size))):
            check(progress)
            write_all(output, chunk)
            size -= len(chunk)
            progress.advance(len(chunk))


def digest(file: BinaryIO, progress: Progress) -> str:
    """The SHA-256 of an open file, from its beginning.

    Raises:
        CancelledError: the user cancelled.
    """
    total = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        check(progress)
        total.update(chunk)
        progress.advance(len(chunk))
    return total.hexdigest()


def require_room(folder: Path, size: int) -> None:
    """Refuse what would fill the disk.

    Raises:
        DiskFullError: fewer than `size` bytes and a little more are free there.
    """
    if shutil.disk_usage(folder).free < size + SPARE:
        raise _no_room(folder)


@contextlib.contextmanager
def writing_privately(folder: Path) -> Iterator[None]:
    """Turn a full disk into an error that says what to do.

    Raises:
        DiskFullError: there is no room left in `folder`.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _no_room(folder) from error
        raise
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise _no_room(folder) from error
        raise


def write_all(output: FileIO, data: bytes) -> None:
    """Write all of it: an unbuffered file may take a part at a time."""
    view = memoryview(data)
    while view:
        view = view[output.write(view) :]


def _no_room(folder: Path) -> DiskFullError:
    return DiskFullError(
        "There is not enough room for a private copy of the business in {folder}.",
        hint="Free some space on that disk, or set the environment variable TMPDIR to a folder on another disk.",
        path=folder,
        folder=folder,
    )


def refusal(error: OSError | ValueError, path: Path) -> SourceError:
    """The error for what the system said about a file that was to be read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):  # ValueError: a NUL in the name
        return SourceMissingError(
            "There is no file {name}.", hint="Check the name and the folder.", path=path, name=path.name
        )
    if getattr(error, "winerror", None) in _HELD_ELSEWHERE:
        return SourceBusyError(
            "{name} is in use by another program.",
            hint="Close the business in Manager, or wait until the other program has finished, then try again.",
            path=path,
            name=path.name,
        )
    if isinstance(error, PermissionError):
        return SourceUnreadableError(
            "You may not read {name}.",
            hint="Ask the owner of the file for permission to read it, or use a copy of it.",
            path=path,
            name=path.name,
        )
    return SourceUnreadableError(
        "{name} cannot be read: {reason}.",
        hint="Check that the disk or the network folder is connected, or copy the file to this computer first.",
        path=path,
        name=path.name,
        reason=error.strerror or str(error),
    )
