"""All businesses of a server into a store; each new backup's History is held against that of the one before."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from manager_nb.audit.extension import Extension, extension
from manager_nb.backup.store import Store, tell_history
from manager_nb.errors import CancelledError, ManagerNbError
from manager_nb.progress import SILENT, Progress
from manager_nb.timeline.business import open_business

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from manager_nb.backup.create import Backup
    from manager_nb.server.client import Server


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one business.

    Attributes:
        business: its name.
        backup: its new backup; None where there is none.
        error: why there is none, or why it could not be compared.
        earlier: the backup before, with whose History this one's was compared; None without one.
        extension: how the two compare.
    """

    business: str
    backup: Backup | None = None
    error: ManagerNbError | None = None
    earlier: Path | None = None
    extension: Extension | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a backup, and nothing of the earlier History is missing or altered in it."""
        compared = self.extension is None or self.extension.extends
        return self.backup is not None and self.error is None and compared


def back_up_all(
    server: Server,
    folder: Path | str,
    *,
    names: Sequence[str] | None = None,
    attachments: bool = True,
    compress: bool = False,
    progress: Progress | None = None,
) -> tuple[Outcome, ...]:
    """Back up all businesses that the user may see, or some of them, into a store; one that fails stops no other.

    Args:
        server: where they are.
        folder: the store; a folder a business in it.
        names: which; None: all.
        attachments: whether the contents of attachments go into the backups.
        compress: whether to compress them.
        progress: told of every step; heeded. The backups that are made by then stay.

    Raises:
        ServerError: there is no list of businesses.
        CancelledError: the user cancelled.
    """
    progress = progress or SILENT
    store, outcomes = Store(folder), []
    for name in server.businesses(progress=progress) if names is None else names:
        try:
            outcomes.append(_back_up(server, store, name, attachments, compress, progress))
        except CancelledError:
            raise
        except ManagerNbError as error:
            outcomes.append(Outcome(name, error=error))
    return tuple(outcomes)


def _back_up(server: Server, store: Store, name: str, attachments: bool, compress: bool, progress: Progress) -> Outcome:
    before = store.backups(name)
    backup = server.download(
        name,
        store.folder_of(name),
        attachments=attachments,
        compress=compress,
        file_name=store.free_name(name, dt.datetime.now().astimezone().date()),
        progress=progress,
    )
    if not before:
        return Outcome(name, backup)
    earlier = before[0].path
    try:
        with open_business(earlier, progress=progress) as old, open_business(backup.path, progress=progress) as new:
            compared = extension(old, new, progress)
        tell_history(backup.path, _told(earlier, compared))
    except CancelledError:
        raise
    except ManagerNbError as error:
        return Outcome(name, backup, error, earlier)
    return Outcome(name, backup, None, earlier, compared)


def _told(earlier: Path, compared: Extension) -> dict[str, Any]:
    facts = dataclasses.asdict(compared)
    return {"earlier": earlier.name, "extends": compared.extends, **facts}
