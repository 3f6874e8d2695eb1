"""A new file under its final name: whole, or not at all (docs/design.md "Write order").

It grows under a hidden temporary name in the folder where it will stay, reaches the disk, can be read and checked, and
only then gets its name, which nobody else may have taken meanwhile: an existing file is never replaced. Whatever goes
wrong, the temporary file is removed. After a power cut or a kill it can remain; the next attempt for the same name
removes it, unless its writer is still alive.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import sys
import time
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.errors import BusinessNameError, DiskFullError, TargetError, TargetExistsError, TargetUnwritableError
from manager_nb.format.steps import reached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform != "win32":
    import fcntl

SUFFIX = ".partial"
"""Of the temporary names."""

_STEM = 180
"""At most so many bytes of a name go into its temporary name: file systems end at 255."""

_RANDOM = 8
_TEMPORARY = re.compile(rf"\..+\.[0-9a-f]{{{_RANDOM}}}{re.escape(SUFFIX)}", re.DOTALL)
_YOUNG = 60.0
"""Seconds after which a temporary file's writer has locked it, if it lives."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


class Partial:
    """A file that has no name of its own yet.

    Attributes:
        path: where it is meanwhile.
        file: open for writing.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.file = file

    def sync(self) -> None:
        """Bring what was written to the disk; the file can then be read through :attr:`path`.

        Raises:
            TargetError: the disk does not take it.
        """
        with writing(self.path):
            self.file.flush()
            os.fsync(self.file.fileno())

    def place(self, target: Path) -> None:
        """Give it its name.

        Raises:
            TargetExistsError: there is a file of that name.
            TargetError: the name cannot be given.
        """
        if not self.file.closed:
            self.sync()
        reached(f"before the name {target.suffix}")
        with writing(target):
            if sys.platform == "win32":
                self.file.close()  # an open file cannot be renamed there; an existing target is refused
                self.path.rename(target)
            else:
                _link(self.path, target)
                self.file.close()
        reached(f"after the name {target.suffix}")
        sync_folder(target.parent)


@contextlib.contextmanager
def partial(folder: Path, name: str) -> Iterator[Partial]:
    """Begin a file that will be called ``name``; when the block ends without :meth:`Partial.place`, it is removed.

    Raises:
        TargetError: no file can be made in that folder.
    """
    prefix = _prefix(name)
    path = folder / f"{prefix}{secrets.token_hex(_RANDOM // 2)}{SUFFIX}"
    with writing(folder / name):
        _sweep(folder, prefix)
        file = path.open("xb")
    try:
        with contextlib.suppress(OSError):  # a file system without locks: nobody sweeps there
            _lock(file)
        reached("partial begun")
        yield Partial(path, file)
    finally:
        with contextlib.suppress(OSError):  # what could not be written is not wanted any more
            file.close()
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into errors that say what to do.

    Raises:
        TargetExistsError: there is a file of that name.
        DiskFullError: there is no room left.
        BusinessNameError: the name is too long there.
        TargetUnwritableError: anything else.
    """
    try:
        yield
    except FileExistsError as error:
        raise exists(path) from error
    except OSError as error:
        raise _refusal(error, path) from error


def standing(path: Path, about: Path | None = None) -> os.stat_result | None:
    """What stands where something is to be written; None: nothing.

    Args:
        path: the place.
        about: the folder that the user named, where it is another.

    Raises:
        TargetError: the system does not let us look there, or has no such names.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _refusal(error, about or path) from error


def exists(path: Path, free: str | None = None) -> TargetExistsError:
    """The error that there is a file of that name already.

    Args:
        path: the file.
        free: a name that is free, where one is known.
    """
    if free is None:
        return TargetExistsError(
            "There is already a file {name}.",
            hint="Choose another name or another folder; a file that exists is never overwritten.",
            path=path,
            name=path.name,
        )
    return TargetExistsError(
        "There is already a file {name}.",
        hint="The name {free} is still free; a file that exists is never overwritten.",
        path=path,
        name=path.name,
        free=free,
    )


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the system can do that."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):  # some network file systems refuse it; the names are there all the same
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refusal(error: OSError | ValueError, path: Path) -> TargetError:
    number = getattr(error, "errno", None)
    if number in _FULL:
        return DiskFullError(
            "There is not enough room for {name} on this disk.",
            hint="Free some space, or choose a folder on another disk. Nothing was left behind.",
            path=path,
            name=path.name,
        )
    if number == errno.ENAMETOOLONG:
        return BusinessNameError(
            "The name {name} is too long for this folder.", hint="Give a shorter name.", path=path, name=path.name
        )
    return TargetUnwritableError(
        "{name} cannot be written here: {reason}.",
        hint="Choose a folder in which you may create files, such as one in your Documents.",
        path=path,
        name=path.name,
        reason=getattr(error, "strerror", None) or str(error),
    )


def _prefix(name: str) -> str:
    """What all temporary names for that name begin with."""
    raw = name.encode("utf-8", "surrogateescape")
    if len(raw) <= _STEM:
        return f".{name}."
    return f".{raw[:_STEM].decode('utf-8', 'ignore')}~{hashlib.sha256(raw).hexdigest()[:8]}."


def sweep(folder: Path) -> None:
    """Remove what killed attempts have left in a folder, whatever they were to be called.

    One that is being written stays, and one so young that its writer may not have locked it yet.
    """
    with contextlib.suppress(OSError):
        for path in _left(folder, "."):
            if time.time() - path.stat().st_mtime > _YOUNG:
                _remove_dead(path)


def _sweep(folder: Path, prefix: str) -> None:
    """Remove what a killed attempt for the same name has left; one that is still being written stays."""
    for path in _left(folder, prefix):
        if len(path.name) == len(prefix) + _RANDOM + len(SUFFIX):
            _remove_dead(path)


def _left(folder: Path, prefix: str) -> list[Path]:
    """Temporary files in a folder that begin so."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(prefix)]
    return [folder / name for name in names if _TEMPORARY.fullmatch(name)]


def _remove_dead(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("rb+") as file:
        _lock(file)
        if sys.platform != "win32":
            path.unlink()
    if sys.platform == "win32":
        with contextlib.suppress(OSError):  # refused while its writer has it open
            path.unlink()


def _lock(file: BinaryIO) -> None:
    """Show that the file has a living writer; the system forgets it when the process ends, however it ends.

    Raises:
        OSError: another process is its writer.
    """
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _link(path: Path, target: Path) -> None:
    """Rename without replacing: a hard link cannot be made over an existing file."""
    try:
        os.link(path, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without links (a USB stick): reserve the name first, then put the file over the reservation.
        target.open("xb").close()
        try:
            path.replace(target)
        except OSError:
            target.unlink()
            raise
    else:
        path.unlink()
