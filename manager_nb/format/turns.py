"""One writer at a time for a file that is read, altered and put back, whichever program they are."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PATIENCE = 20.0
"""Seconds: others hold their turn for as long as a small file takes to be written."""
_PAUSE = 0.02
_TAKEN = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})


@contextlib.contextmanager
def own_turn(path: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Wait until nobody else is in such a block for the same file; the system ends a turn when its process ends.

    Where the file system knows no locks, nobody waits.

    Args:
        path: the file; its folder has to be there.
        patience: how many seconds to wait.

    Raises:
        OSError: somebody else's turn does not end.
    """
    place = path.parent / f".{path.name}.turn" if sys.platform == "win32" else path.parent
    handle = os.open(place, os.O_RDWR | os.O_CREAT if sys.platform == "win32" else os.O_RDONLY)
    try:
        _wait(handle, patience)
        yield
    finally:
        os.close(handle)
        if sys.platform == "win32":
            with contextlib.suppress(OSError):  # refused while another waits for it
                place.unlink()


def _wait(handle: int, patience: float) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            if sys.platform == "win32":
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _TAKEN:
                return
            if time.monotonic() >= end:
                raise
            time.sleep(_PAUSE)
        else:
            return
