"""Where a backup goes, decided before anything is written."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from stat import S_ISDIR
from typing import TYPE_CHECKING

from manager_nb.backup import manifest
from manager_nb.backup.names import numbered
from manager_nb.errors import TargetError, TargetUnwritableError
from manager_nb.format.data_folder import holds_businesses
from manager_nb.format.placing import exists, standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from manager_nb.backup.names import FileName

_BESIDE = ("", manifest.SUFFIX, "-journal", "-wal", "-shm")
"""What must not be there: the file, its manifest, and what SQLite would take for the file's own journal."""


@dataclass(frozen=True, slots=True)
class Target:
    """The file that a backup becomes.

    Attributes:
        folder: where.
        name: its name without an ending: the business's name in Manager after an import.
        kind: its ending: "manager" or "manager.tar", perhaps followed by ".zst".
    """

    folder: Path
    name: FileName
    kind: str

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / f"{self.name.text}.{self.kind}"

    @property
    def is_tar(self) -> bool:
        """Whether attachments come along beside the database."""
        return ".tar" in self.kind

    @property
    def is_compressed(self) -> bool:
        """Whether it is compressed."""
        return self.kind.endswith(".zst")


def require_fit(folder: Path) -> None:
    """Refuse a folder in which no backup can be.

    Raises:
        TargetUnwritableError: it is a file, or may not be looked at.
        TargetError: there can be no folder of that name; or Manager would list the backup as one more business.
    """
    there = standing(folder)
    if there and not S_ISDIR(there.st_mode):
        raise TargetUnwritableError(
            "{name} is not a folder.",
            hint="Choose the folder that the backup is to go to.",
            path=folder,
            name=folder.name,
        )
    if holds_businesses(folder.resolve()):
        raise TargetError(
            "Manager lists every file in this folder as a business, and would list the backup too.",
            hint="Choose a folder outside Manager's data folder.",
            path=folder,
        )


def require_free(target: Target, papers: Iterable[str] = ()) -> None:
    """Refuse a name that is taken, by the backup's file or by one that belongs to it.

    Args:
        target: the file.
        papers: what is appended to its name for further files beside it.

    Raises:
        TargetExistsError: it is taken; the hint names the next that is free.
    """
    beside = (*_BESIDE, *papers)
    taken = _taken(target.path, beside)
    if taken is None:
        return
    number = 2
    while _taken(target.folder / f"{numbered(target.name.text, number)}.{target.kind}", beside):
        number += 1
    raise exists(taken, numbered(target.name.text, number))


def _taken(path: Path, parts: Iterable[str]) -> Path | None:
    """The file that keeps that name from being given, None where it is free."""
    for part in parts:
        with contextlib.suppress(OSError):
            beside = path.with_name(path.name + part)
            beside.lstat()
            return beside
    return None
