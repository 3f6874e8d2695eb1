"""The last backup of a business that can be found here: by the manifests beside backups, without opening any."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.backup.manifest import SUFFIX, Manifest, history_head, read_manifest
from manager_nb.format.database import Database
from manager_nb.format.digests import HISTORY
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager_nb.model.business import Business

#: How many manifests of a folder are read, the newest first.
MOST = 300


@dataclass(frozen=True, slots=True)
class KnownBackup:
    """A backup of the business.

    Attributes:
        path: the backup.
        made: when it was made.
        since: how many changes the business's History has after the last one that the backup knew; 0: none, the backup
            holds the same last change; None: that cannot be told, since its last change is not in this History.
        itself: whether the business was opened from this very backup.
        left_out: what was left out of it: "attachments", "emails", "history".
    """

    path: Path
    made: dt.datetime
    since: int | None
    itself: bool
    left_out: tuple[str, ...]


def last_backup(business: Business, folders: Iterable[Path], progress: Progress = SILENT) -> KnownBackup | None:
    """Find the newest backup of a business.

    A backup is known as one of this business by what its manifest says: it was made from this very file, or the last
    change that it knew is in this History; failing both, by the business's name.

    Args:
        business: the business.
        folders: where to look; folders inside them are not looked into.
        progress: heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    surely: list[KnownBackup] = []
    by_name: list[KnownBackup] = []
    database = Database(business.open_source.database)
    for backup, manifest in _manifests(folders, progress):
        made = _made(manifest)
        if made is None:
            continue
        known = _compared(business, database, backup, manifest, made)
        if known.since is not None:
            surely.append(known)
        elif manifest["business"]["name"] == business.name:
            by_name.append(known)
    return max(surely or by_name, key=lambda known: known.made, default=None)


def _compared(
    business: Business, database: Database, backup: Path, manifest: Manifest, made: dt.datetime
) -> KnownBackup:
    itself = manifest["file"]["sha256"] == business.source.sha256
    source = manifest.get("source")
    same = itself or (isinstance(source, dict) and source.get("sha256") == business.source.sha256)
    left_out = tuple(part for part, told in manifest["choices"].items() if not told["included"])
    return KnownBackup(backup, made, 0 if same else _since(database, manifest), itself, left_out)


def _since(database: Database, manifest: Manifest) -> int | None:
    """How many changes came after the last one that a manifest tells of; None where that one is not there."""
    head = history_head(manifest)
    if head.change is None or not {"Key", "Timestamp"} <= set(database.columns(HISTORY)):
        return None
    sql = f'SELECT 1 FROM "{HISTORY}" WHERE "Key" = ?'  # noqa: S608 - our own words
    if next(database.rows(sql, (head.change,)), None) is None:
        return None
    later = f'SELECT COUNT(*) FROM "{HISTORY}" WHERE "Timestamp" > ?'  # noqa: S608 - our own words
    (count,) = next(database.rows(later, (head.ticks,)))
    more = database.count(HISTORY) - head.rows
    # A clock that was set back dates what came later earlier; an undo takes changes away.
    return max(count if isinstance(count, int) else 0, more, 1 if more else 0)


def _manifests(folders: Iterable[Path], progress: Progress) -> Iterator[tuple[Path, Manifest]]:
    for folder in dict.fromkeys(folders):
        check(progress)
        for backup in _backups(folder):
            check(progress)
            manifest = read_manifest(backup)
            if manifest is not None and _size(backup) == manifest["file"]["size"]:
                yield backup, manifest


def _backups(folder: Path) -> list[Path]:
    """The files of a folder that have a manifest beside them, those with the newest manifest first."""
    found: list[tuple[float, Path]] = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(SUFFIX):
                with contextlib.suppress(OSError):
                    found.append((entry.stat().st_mtime, Path(entry.path.removesuffix(SUFFIX))))
    return [path for _, path in sorted(found, reverse=True)[:MOST]]


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _made(manifest: Manifest) -> dt.datetime | None:
    try:
        made = dt.datetime.fromisoformat(manifest["created"])
    except ValueError:
        return None
    return made if made.tzinfo is not None else None
