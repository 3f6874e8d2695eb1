"""What is in a backup, before anything happens with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.backup.fitness import require_sound
from manager_nb.backup.inventory import take_inventory, wanting
from manager_nb.backup.manifest import read_manifest
from manager_nb.backup.names import numbered
from manager_nb.errors import DamagedFileError
from manager_nb.format.businesses import absolute
from manager_nb.format.data_folder import data_folder as data_folder_at
from manager_nb.format.database import Database
from manager_nb.format.digests import HISTORY
from manager_nb.format.scalars import NIL
from manager_nb.model.business import Business, open_business
from manager_nb.model.contents import PRESENT
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from manager_nb.backup.inventory import Attachment
    from manager_nb.backup.manifest import Manifest
    from manager_nb.model.damage import Damage


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """A backup at a glance.

    Attributes:
        file: the file.
        name: the name that the business will get.
        kind: "manager", "manager.tar" or "legacy", perhaps followed by ".gz" or ".zst".
        size: bytes of the file.
        sha256: of the file.
        schema_revision: the revision of Manager's schema, None where the file tells none.
        types: (title, number of records) of each type.
        objects: how many objects there are, form defaults included.
        changes: how many changes there are in its History.
        first: the time of the oldest change, in UTC; None without History.
        last: the time of the newest.
        covered: how many of the objects have their creation in the History; the others were there before it begins.
        emails: how many e-mails.
        attachments: how many attachments are listed.
        attachments_present: how many of them have their content, unaltered.
        missing: the attachments whose content is not in it.
        altered: the attachments whose content is not what was attached.
        manifest: what the manifest beside it says, None where there is none.
        matches: whether the file is the one that the manifest was written for; None without a manifest.
        problems: what is wrong with it, in sentences.
        damage: what that means for the books.
        obstacle: why it cannot be imported; None where it can.
    """

    file: Path
    name: str
    kind: str
    size: int
    sha256: str
    schema_revision: int | None
    types: tuple[tuple[str, int], ...]
    objects: int
    changes: int
    first: dt.datetime | None
    last: dt.datetime | None
    covered: int
    emails: int
    attachments: int
    attachments_present: int
    missing: tuple[Attachment, ...]
    altered: tuple[Attachment, ...]
    manifest: Manifest | None
    matches: bool | None
    problems: tuple[str, ...]
    damage: Damage
    obstacle: DamagedFileError | None

    @property
    def choices(self) -> dict[str, bool] | None:
        """Which of attachments, emails and history went into it, as its manifest says; None without a manifest."""
        if self.manifest is None:
            return None
        return {choice: bool(told["included"]) for choice, told in self.manifest["choices"].items()}


def preview_import(
    file: Path | str, data_folder: Path | str | None = None, *, progress: Progress | None = None
) -> ImportPreview:
    """Look into a backup without writing anything.

    Args:
        file: a backup or any business file.
        data_folder: where it is to be imported; its businesses are looked at for a clash of names.
        progress: told of every step; heeded.

    Raises:
        SourceError: it cannot be read.
        TargetError: the data folder is no folder, or may not be looked at.
        CancelledError: the user cancelled.
    """
    progress = progress or SILENT
    path = absolute(file)
    with open_business(path, progress=progress) as business:
        inventory = take_inventory(business, progress)
        missing, altered = wanting(inventory.attachments)
        manifest = read_manifest(path)
        database = Database(business.open_source.database)
        first, last = _span(business)
        summary = business.summary()
        return ImportPreview(
            file=path,
            name=business.name if data_folder is None else name_in(data_folder, business.name),
            kind=business.source.kind,
            size=business.source.size,
            sha256=business.source.sha256,
            schema_revision=business.schema_revision,
            types=tuple(zip(summary["label"].tolist(), map(int, summary["count"]), strict=True)),
            objects=database.count("Objects"),
            changes=database.count(HISTORY),
            first=first,
            last=last,
            covered=_covered(database),
            emails=database.count("Emails"),
            attachments=len(inventory.attachments),
            attachments_present=sum(one.state == PRESENT for one in inventory.attachments),
            missing=tuple(missing),
            altered=tuple(altered),
            manifest=manifest,
            matches=None if manifest is None else manifest["file"]["sha256"] == business.source.sha256,
            problems=tuple(str(what) for what in business.check(progress).to_arrow(["what"])["what"].to_pylist()),
            damage=business.damage(progress),
            obstacle=_obstacle(business, progress),
        )


def name_in(data_folder: Path | str, name: str) -> str:
    """The name that a business gets in a data folder: its own, or on a clash the next number, as Manager gives it.

    Raises:
        TargetError: it is no folder, or may not be looked at.
    """
    folder = data_folder_at(absolute(data_folder))
    number = 1
    while not folder.is_free(numbered(name, number)):
        number += 1
    return numbered(name, number)


def _span(business: Business) -> tuple[dt.datetime | None, dt.datetime | None]:
    count = len(business.history)
    if not count:
        return None, None
    newest = business.history.page(0, 1, ["time"])["time"][0].as_py()
    return business.history.page(count - 1, 1, ["time"])["time"][0].as_py(), newest


def _covered(database: Database) -> int:
    if not {"Object", "ContentTypeBefore"} <= set(database.columns(HISTORY)) or "Key" not in database.columns(
        "Objects"
    ):
        return 0
    sql = (
        'SELECT COUNT(*) FROM "Objects" WHERE "Key" IN'
        ' (SELECT "Object" FROM "Changes" WHERE coalesce("ContentTypeBefore", ?) = ?)'
    )
    (count,) = next(database.rows(sql, (NIL, NIL)))
    return count if isinstance(count, int) else 0


def _obstacle(business: Business, progress: Progress) -> DamagedFileError | None:
    try:
        require_sound(business, progress)
    except DamagedFileError as error:
        return error
    return None
