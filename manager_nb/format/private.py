"""A folder for copies of a client's data: nobody else can read it, and it does not outlive its use."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

from manager_nb.errors import DiskFullError

PREFIX = "manager_nb-"
"""What the names of these folders begin with, in the system's folder for temporary files."""


class PrivateFolder:
    """A new folder with mode 0700; removed on :meth:`close`, when it is forgotten, and when the program ends.

    Attributes:
        path: where it is.

    Raises:
        DiskFullError: there is no room for it.
    """

    def __init__(self) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        except OSError as error:
            raise DiskFullError(
                "There is no place for a private copy: {reason}.",
                hint="Free some space on the disk of the folder for temporary files.",
                path=error.filename,
                reason=error.strerror or str(error),
            ) from error
        self._remove = weakref.finalize(self, _remove, self.path, os.getpid())

    def close(self) -> None:
        """Remove it with everything in it; a second call does nothing."""
        self._remove()


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child must not remove what its parent uses
        shutil.rmtree(path, ignore_errors=True)
