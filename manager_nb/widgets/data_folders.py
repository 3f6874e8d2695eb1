"""Whether a folder is Manager's data folder, so that a wrong one is noticed before anything is written there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from manager_nb.backup.manifest import beside
from manager_nb.errors import ManagerNbError
from manager_nb.format.businesses import ENDING
from manager_nb.format.data_folder import BLOBS, BUSINESSES, data_folder, holds_businesses

if TYPE_CHECKING:
    from pathlib import Path

_USERS = "Users"
_PARTS = (BUSINESSES, BLOBS, "Packs", _USERS)


def is_data_folder(folder: Path) -> bool:
    """Whether something of Manager's is in it: its folders, or businesses at its top as in older versions.

    ``Users`` alone is no sign: a disk of Windows or macOS has it too. A ``.manager`` with its manifest beside it is a
    backup.
    """
    with contextlib.suppress(ManagerNbError, OSError):
        top = data_folder(folder).path
        if any(part != _USERS for part in _parts(top)):
            return True
        return any(
            file.suffix.lower() == ENDING and not beside(file).exists() for file in top.iterdir() if file.is_file()
        )
    return False


def data_folder_around(folder: Path) -> Path | None:
    """The data folder in whose inside a folder lies; None where it does not."""
    with contextlib.suppress(ManagerNbError, OSError):
        top = data_folder(folder).path
        if len(_parts(top)) < 2:
            around = (above for above in top.parents if len(_parts(above)) > 1 or holds_businesses(above))
            return next((data_folder(above).path for above in around), None)
    return None


def _parts(folder: Path) -> list[str]:
    return [part for part in _PARTS if (folder / part).is_dir()]
