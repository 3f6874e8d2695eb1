"""A private, consistent copy of a business's SQLite file, byte for byte (docs/design.md "Rules of evidence").

Manager may be saving into the file meanwhile. With a rollback journal, SQLite's own SHARED lock is held while the bytes
are copied: a writer waits for that long, and a reader of the original never changes anything. A file in WAL mode, one
with the journal of a program that died, and one that cannot be locked are copied together with what lies beside them,
again until two looks agree; SQLite puts the pieces together in the private folder, never beside the original.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.errors import SourceBusyError
from manager_nb.format import journals
from manager_nb.format.connections import uri
from manager_nb.format.sources import State, changed, copy, digest, reading, state, state_at
from manager_nb.progress import SILENT, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.format.problems import Problem
    from manager_nb.progress import Progress

BUSY = 5.0
"""Seconds that another program's exclusive lock is waited for: as long as Manager itself waits."""

_TRIES = 5
_PAUSE = 0.1
_SETTLED = 3_000_000_000
"""Nanoseconds after which the time of change tells every later write: FAT counts in steps of two seconds."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was copied.

    Attributes:
        sha256: of the main file.
        size: its bytes.
        live: whether another program was at work on it, or had left a journal.
        problems: what is odd about it.
    """

    sha256: str
    size: int
    live: bool
    problems: tuple[Problem, ...]


def take(path: Path, target: Path, progress: Progress = SILENT) -> Snapshot:
    """Copy a SQLite file with everything that was committed to it.

    Args:
        path: the file; neither it nor its folder is changed.
        target: where the copy goes, in a private folder; afterwards it is a database without a journal.
        progress: told in bytes.

    Raises:
        SourceBusyError: another program keeps it locked.
        SourceChangedError: it kept changing while it was copied.
        SourceError: it cannot be read.
        DiskFullError: the copy does not fit.
        CancelledError: the user cancelled.
    """
    patience = _Patience(path, progress)
    for attempt in range(_TRIES):
        with reading(path) as file:
            with _shared_lock(path, patience) as locked:
                before = _look(path, file, locked=locked)
                progress.start("Copying", before.main.size)
                hashing = copy(file, target, progress)
                beside = journals.beside(path) if locked else journals.copy_beside(path, target)
                same = _look(path, file, locked=locked) == before
            sha256 = hashing.sha256()
            if same and (locked or _is_surely_same(before, file, sha256)):
                progress.finish()
                problems = () if locked else journals.settle(target)
                return Snapshot(sha256, before.main.size, bool(beside or patience.met or attempt), problems)
        patience.pause()
    raise changed(path)


@dataclass(frozen=True, slots=True)
class _Look:
    """What must not differ before and after a copy."""

    main: State
    named: State | None
    journal: State | None


def _look(path: Path, file: BinaryIO, *, locked: bool) -> _Look:
    """Of a locked file its journal may grow: a writer prepares. Frames added to a WAL meanwhile do no harm either."""
    return _Look(state(file), state_at(path), None if locked else state_at(journals.journal(path)))


def _is_surely_same(look: _Look, file: BinaryIO, sha256: str) -> bool:
    """Whether nothing was written during the copy, although the clock of the file system may be too coarse to tell."""
    newest = max(seen.modified for seen in (look.main, look.journal) if seen)
    return time.time_ns() - newest > _SETTLED or digest(file, SILENT) == sha256


class _Patience:
    """Waits for another program, for :data:`BUSY` seconds in all, and heeds Cancel meanwhile."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path = path
        self._progress = progress
        self._end = time.monotonic() + BUSY
        self.met = False

    def pause(self) -> None:
        """Wait a moment."""
        check(self._progress)
        time.sleep(_PAUSE)

    def busy(self) -> None:
        """Another program held the lock for a moment: go on, if there is still time.

        Raises:
            SourceBusyError: it was waited for long enough.
        """
        self.met = True
        if time.monotonic() > self._end:
            raise SourceBusyError(
                "{name} is locked by another program.",
                hint="Wait until the other program has finished saving, or close the business there, then try again.",
                path=self._path,
                name=self._path.name,
            )
        check(self._progress)


@contextlib.contextmanager
def _shared_lock(path: Path, patience: _Patience) -> Iterator[bool]:
    """Hold SQLite's SHARED lock, and say whether it could be had.

    It cannot of a file in WAL mode, of one with a hot journal, of a damaged one. Enter this after the file is open and
    leave it before that is closed: closing any handle of the file drops the locks of the whole process (POSIX).
    """
    with reading(path) as file:
        wal = journals.uses_wal(file.read(journals.HEAD))
    connection = None if wal else _locked(path, patience)
    try:
        yield connection is not None
    finally:
        if connection is not None:
            connection.close()


def _locked(path: Path, patience: _Patience) -> sqlite3.Connection | None:
    """A connection that holds the lock.

    The original is opened with mode=ro, by which SQLite neither plays back a journal nor makes a file.
    """
    while True:
        try:
            connection = sqlite3.connect(uri(path, "mode=ro"), uri=True, timeout=_PAUSE, isolation_level=None)
        except sqlite3.Error:  # such as a path that is too long for SQLite
            return None
        try:
            connection.execute("BEGIN")
            connection.execute("PRAGMA schema_version").fetchall()
        except sqlite3.Error as error:
            connection.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                return None
            patience.busy()
        else:
            return connection
