"""Manager's data folder: where its businesses and their attachments lie (docs/format.md §1)."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from stat import S_ISDIR
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.errors import TargetExistsError, TargetUnwritableError, VerificationError
from manager_nb.format.businesses import ENDING, USERS_LIST
from manager_nb.format.placing import exists, partial, standing, sync_folder, writing
from manager_nb.format.steps import reached
from manager_nb.format.writer import Sink, copy_into
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSINESSES, BLOBS = "Businesses", "Blobs"
_COMPANIONS = frozenset({"Users", "Blobs", "Packs", "Indexes", "Filters", "Trash"})
_SIDECARS = ("-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A data folder, or one that is about to become one.

    Attributes:
        path: the folder.
        businesses: where its ``*.manager`` files are: ``Businesses``, or the folder itself in the older layout.
    """

    path: Path
    businesses: Path

    def blob(self, sha256: str) -> Path:
        """Where the loose file of an attachment with that hash belongs."""
        return self.path / BLOBS / sha256[:2] / sha256

    def is_free(self, name: str) -> bool:
        """Whether a business of that name could be placed: nothing of that name, not even a lone journal, is there.

        SQLite would take a journal that an older file left behind for the new file's own.
        """
        file = self.businesses / f"{name}{ENDING}"
        return not any(_is_there(file.with_name(file.name + part)) for part in ("", *_SIDECARS))


def data_folder(path: Path) -> DataFolder:
    """The data folder at that path.

    The folder itself or its ``Businesses`` may be named. One with ``*.manager`` files at its top is of the older
    layout; any other, and one that does not exist yet, becomes one of today's.

    Raises:
        TargetUnwritableError: it is no folder, or may not be looked at.
        TargetError: there can be no folder of that name.
    """
    if path.name == BUSINESSES and _is_managers(path):
        path = path.parent
    there = standing(path)
    if there and not S_ISDIR(there.st_mode):
        raise TargetUnwritableError(
            "{name} is not a folder.",
            hint="Choose Manager's data folder, or an empty folder.",
            path=path,
            name=path.name,
        )
    inside = path / BUSINESSES
    in_it = standing(inside, path)
    older = there and not (in_it and S_ISDIR(in_it.st_mode)) and _has_business(path)
    return DataFolder(path, path if older else inside)


def holds_businesses(folder: Path) -> bool:
    """Whether Manager would list a ``.manager`` file put there as a business.

    It lists what is in the ``Businesses`` of its data folder, sub-folders included, and, in older data folders, what
    is at the top.

    Raises:
        TargetError: it may not be looked at.
    """
    if any(inner.name == BUSINESSES and _is_managers(inner) for inner in (folder, *folder.parents)):
        return True
    return standing(folder / f"{USERS_LIST}{ENDING}", folder) is not None


@contextlib.contextmanager
def kept_if_done() -> Iterator[contextlib.ExitStack]:
    """A stack of what to undo: done in reverse order if the block fails, forgotten if it ends well."""
    with contextlib.ExitStack() as undo:
        yield undo
        undo.pop_all()


def make_folders(folder: Path, undo: contextlib.ExitStack) -> None:
    """Make a folder with those above it; if it is undone, those that are empty go again.

    Raises:
        TargetUnwritableError: it cannot be made.
    """
    missing = [folder, *folder.parents]
    missing = missing[: next(place for place, inner in enumerate(missing) if standing(inner))]
    for inner in reversed(missing):
        with writing(inner):
            inner.mkdir(exist_ok=True)
        undo.callback(_remove_empty, inner)


def place_blob(
    folder: DataFolder, sha256: str, content: BinaryIO, undo: contextlib.ExitStack, progress: Progress = SILENT
) -> None:
    """Put the content of an attachment in its place; a file that is there already is checked, never rewritten.

    Raises:
        VerificationError: the file there, or what was read, does not have that hash.
        TargetError: it cannot be written.
    """
    target = folder.blob(sha256)
    if standing(target):
        _require_hash(target, sha256)
        return
    make_folders(target.parent, undo)
    with partial(target.parent, target.name) as new, writing(target):
        sink = Sink(new.file, progress)
        copy_into(sink, content, progress)
        if sink.sha256 != sha256:
            raise _altered(target)
        try:
            new.place(target)
        except TargetExistsError:  # another import was faster with the same content
            _require_hash(target, sha256)
        else:
            undo.callback(_remove, target)
    reached("attachment placed")


def place_business(
    folder: DataFolder, name: str, copy: Path, undo: contextlib.ExitStack, progress: Progress = SILENT
) -> Path:
    """Put a business file in its place.

    Args:
        folder: where.
        name: the business's name, free a moment ago.
        copy: the file whose bytes it gets.
        undo: learns how to take it away again.
        progress: told in bytes; heeded.

    Raises:
        TargetExistsError: another business got that name meanwhile; nothing was replaced.
        TargetError: it cannot be written.
    """
    target = folder.businesses / f"{name}{ENDING}"
    with partial(target.parent, target.name) as new:
        sink = Sink(new.file, progress)
        with writing(target), copy.open("rb") as source:
            copy_into(sink, source, progress)
        new.sync()
        _require_hash(new.path, sink.sha256)
        if not folder.is_free(name):
            raise exists(target)
        new.place(target)
        undo.callback(_remove, target)
    return target


def _is_managers(folder: Path) -> bool:
    """Whether a folder called Businesses is Manager's own, and not an accountant's folder of clients."""
    with contextlib.suppress(OSError):
        beside = {inner.name for inner in folder.parent.iterdir()}
        return bool(beside & _COMPANIONS) or _has_business(folder)
    return False


def _has_business(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return any(inner.suffix.lower() == ENDING for inner in folder.iterdir())
    return False


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _require_hash(path: Path, sha256: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise _altered(path)


def _altered(path: Path) -> VerificationError:
    return VerificationError(
        "The file {name} does not hold what its name says.",
        hint="Move that file away, then try again; if it happens again, the disk may be failing.",
        path=path,
        name=path.name,
    )


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
