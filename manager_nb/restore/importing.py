"""Import Business: check a backup, place it in Manager's data folder as Manager would, and prove it there."""

from __future__ import annotations

from pathlib import Path

from manager_nb.backup.inventory import take_inventory
from manager_nb.backup.names import business_name
from manager_nb.backup.rebuild import rebuild, require_sound
from manager_nb.model.business import open_business
from manager_nb.progress import SILENT, Progress
from manager_nb.restore.preview import ImportPreview, preview_import

__all__ = ["ImportPreview", "import_business", "preview_import"]


def import_business(
    file: Path | str, data_folder: Path | str, *, name: str | None = None, progress: Progress | None = None
) -> Path:
    """Import a business into Manager's data folder; a running Manager lists it at the next look at Businesses.

    First the file is checked. Then its attachments go to ``Blobs``, by the hash of what they are (those that are there,
    loose or in a pack, are not written again), and the database to ``Businesses`` (older data folders: to the top).
    Last, the result is opened and compared with the file object by object. A failure leaves nothing.

    A file whose damage cost no row is placed mended; one that lost rows is refused. One of the format before SQLite is
    placed as a database with the same objects, which Manager upgrades when it opens it. A newer schema revision is
    placed as it is; only a Manager that knows it can open it. Only attachments that a record of the business lists are
    placed.

    Args:
        file: a backup or any business file, also compressed.
        data_folder: Manager's data folder, or a new or empty one.
        name: the business's name; None takes the file's own (a tar: that of the ``.manager`` in it). On a clash it
            becomes ``NAME(2)``, ``NAME(3)`` … as Manager gives it; nothing is ever overwritten.
        progress: told of every step; its cancel is heeded at every step and leaves nothing.

    Returns:
        The new business file.

    Raises:
        SourceError: the file cannot be read, or holds several businesses.
        DamagedFileError: it is damaged; the hint says what can be done.
        BusinessNameError: Manager could not use the name.
        TargetError: the folder cannot be written, or is full.
        VerificationError: what was placed is not what was meant.
        CancelledError: the user cancelled.
    """
    progress = progress or SILENT
    folder = Path(data_folder).expanduser().absolute()
    with open_business(file, progress=progress) as business:
        wanted = business_name(business.name if name is None else name)
        require_sound(business, progress)
        inventory = take_inventory(business, progress)
        return rebuild(business, inventory, folder, wanted.text, progress)
