"""Put a business into a data folder as Manager's Import Business does, and prove it there (docs/format.md §1).

The file gets the very bytes of the source's ``.manager``, so that its SHA-256 is the one in the manifest; attachments
go to ``Blobs`` under the hash of what they are. What is there already is never rewritten.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

from manager_nb.backup.names import LONGEST_BUSINESS, numbered
from manager_nb.backup.proof import prove, reopened
from manager_nb.errors import BusinessNameError, TargetExistsError
from manager_nb.format import sources
from manager_nb.format.blobs import IN_PACKS, FolderBlobs
from manager_nb.format.data_folder import (
    DataFolder,
    data_folder,
    kept_if_done,
    make_folders,
    place_blob,
    place_business,
)
from manager_nb.format.steps import reached
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.backup.inventory import Inventory
    from manager_nb.model.business import Business


def rebuild(business: Business, inventory: Inventory, folder: Path, name: str, progress: Progress = SILENT) -> Path:
    """Place a business in a data folder and prove it there.

    Attachments whose content the source does not have, or has altered, are not placed: they are in its problems.

    Args:
        business: what to place.
        inventory: what it holds.
        folder: the data folder; made if it is not there.
        name: the business's name; on a clash ``NAME(2)``, ``NAME(3)`` … as Manager gives it.
        progress: told of every step; its cancel is heeded and leaves nothing.

    Returns:
        The new business file.

    Raises:
        BusinessNameError: the name would be too long for Manager to work with.
        TargetError: the folder cannot be written, or is full.
        VerificationError: what was placed differs, or the folder holds a damaged attachment of the same hash.
        CancelledError: the user cancelled.
    """
    where = data_folder(folder)
    with kept_if_done() as undo:
        make_folders(where.businesses, undo)
        _place_attachments(business, inventory, where, undo, progress)
        progress.start("Copying", business.open_source.database.stat().st_size)
        path = _place_database(business.open_source.database, where, name, undo, progress)
        progress.finish()
        reached("business placed")
        hashes = {one.sha256 for one in inventory.outside if one.sha256}
        with reopened(path, progress) as placed:
            prove(business, inventory, placed, attachments=hashes, progress=progress)
        reached("verified")
    return path


def _place_attachments(
    business: Business, inventory: Inventory, where: DataFolder, undo: contextlib.ExitStack, progress: Progress
) -> None:
    """Put the contents in their places that the folder does not have yet, loose or in a pack."""
    already = FolderBlobs(where.path, [], progress)
    progress.start("Attachments", sum(one.size for one in inventory.outside))
    for one in inventory.outside:
        check(progress)
        sha256 = one.sha256 or ""
        if already.where(sha256) == IN_PACKS and _is_sound(already, sha256):
            progress.advance(one.size)
            continue
        content = business.open_source.blobs.open(sha256)
        if content is not None:
            with content:
                place_blob(where, sha256, content, undo, progress)
    progress.finish()


def _is_sound(blobs: FolderBlobs, sha256: str) -> bool:
    content = blobs.open(sha256)
    if content is None:
        return False
    with content:
        return sources.digest(content, SILENT) == sha256


def _place_database(
    database: Path, where: DataFolder, name: str, undo: contextlib.ExitStack, progress: Progress
) -> Path:
    """Give the file the first name that is free, also while another import looks for one."""
    for number in itertools.count(1):
        wanted = numbered(name, number)
        if len(wanted.encode()) > LONGEST_BUSINESS:
            raise BusinessNameError(
                "The name {name} is too long: Manager could open such a business, but not save in it.",
                hint="Give a shorter name.",
                path=where.businesses,
                name=wanted,
            )
        if where.is_free(wanted):
            with contextlib.suppress(TargetExistsError):
                return place_business(where, wanted, database, undo, progress)
    raise AssertionError  # numbers do not end
