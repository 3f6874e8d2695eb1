"""A folder for copies of a client's data: nobody else can read it, and it does not outlive its use."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import BinaryIO

from manager_nb.errors import DiskFullError

if sys.platform != "win32":
    import fcntl

PREFIX = "manager_nb-"
"""What the names of these folders begin with, in the system's folder for temporary files."""

_LOCK = "in use"
_YOUNG = 3600.0
"""Seconds for which a folder without a lock is taken to be just in the making."""

_SETTLED = 10.0
"""Seconds after which a folder's lock has been taken by whoever made it: before, nobody may take it for left behind."""

_open: weakref.WeakValueDictionary[Path, PrivateFolder] = weakref.WeakValueDictionary()


class PrivateFolder:
    """A new folder with mode 0700; removed on :meth:`close`, when it is forgotten, and when the program ends.

    What a program left that was killed is removed when the next folder is made.

    Attributes:
        path: where it is.

    Raises:
        DiskFullError: there is no room for it.
    """

    def __init__(self) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
            lock = (self.path / _LOCK).open("wb")
        except OSError as error:
            raise DiskFullError(
                "There is no place for a private copy: {reason}.",
                hint="Free some space on the disk of the folder for temporary files.",
                path=error.filename,
                reason=error.strerror or str(error),
            ) from error
        _hold(lock)
        self._remove = weakref.finalize(self, _remove, self.path, lock, os.getpid())
        _open[self.path] = self
        _sweep(self.path.parent)

    def close(self) -> None:
        """Remove it with everything in it; a second call does nothing."""
        self._remove()


def folder_of(path: Path) -> PrivateFolder | None:
    """The private folder that a file lies in: who reads the file keeps it, so that it is not removed meanwhile."""
    return _open.get(path.parent)


def _remove(path: Path, lock: BinaryIO, owner: int) -> None:
    lock.close()
    if os.getpid() == owner:  # a forked child must not remove what its parent uses
        shutil.rmtree(path, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove the folders of programs that have ended without doing so."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder not in _open and not folder.is_symlink() and _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    if sys.platform != "win32" and folder.stat().st_uid != os.getuid():
        return False
    try:
        with (folder / _LOCK).open("rb+") as lock:
            if time.time() - os.fstat(lock.fileno()).st_mtime < _SETTLED:
                return False
            _hold(lock)
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime > _YOUNG
    if sys.platform == "win32":
        (folder / _LOCK).unlink()  # refused while its program has it open
    return True


def _hold(lock: BinaryIO) -> None:
    """Show that somebody uses the folder; the system forgets it when the program ends, however it ends.

    Raises:
        OSError: somebody else does.
    """
    if sys.platform != "win32":
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
