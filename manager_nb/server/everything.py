"""All businesses of a server into a store; each new backup's History is held against that of the one before."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from manager_nb.audit.extension import Extension, extension
from manager_nb.backup.store import Store, tell_history
from manager_nb.errors import CancelledError, ManagerNbError, TargetExistsError
from manager_nb.format.placing import sweep
from manager_nb.progress import SILENT, Progress
from manager_nb.timeline.business import open_business

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
    emails: bool = True,
    history: bool = True,
    compress: bool = False,
    progress: Progress | None = None,
) -> tuple[Outcome, ...]:
    """Back up all businesses that the user may see, or some of them, into a store; one that fails stops no other.

    The History of each is held against that of the newest backup before it that has one.

    Args:
        server: where they are.
        folder: the store; a folder a business in it.
        names: which; None: all.
        attachments: whether the contents of attachments go into the backups.
        emails: whether the e-mails sent go into them.
        history: whether the History goes into them; without it there is nothing to compare.
        compress: whether to compress them.
        progress: told of every step; heeded. The backups that are made by then stay.

    Raises:
        ServerError: there is no list of businesses.
        CancelledError: the user cancelled.
    """
    progress = progress or SILENT
    store = Store(folder)
    choices = {"attachments": attachments, "emails": emails, "history": history, "compress": compress}
    chosen = server.businesses(progress=progress) if names is None else names
    return tuple(tried(server, store, name, progress, **choices) for name in chosen)


def tried(server: Server, store: Store, name: str, progress: Progress, **choices: bool) -> Outcome:
    """Do as :func:`back_up` does; that it fails is an outcome like another.

    Raises:
        CancelledError: the user cancelled; what was made by then stays.
    """
    try:
        return back_up(server, store, name, progress, **choices)
    except CancelledError:
        raise
    except ManagerNbError as error:
        return Outcome(name, error=error)


def back_up(server: Server, store: Store, name: str, progress: Progress, **choices: bool) -> Outcome:
    """Back up one business into a store.

    Args:
        server: where it is.
        store: where the backup goes.
        name: the business.
        progress: told of every step; heeded.
        choices: as for :meth:`Server.download`.

    Raises:
        ManagerNbError: there is no backup.
        CancelledError: the user cancelled; what was made by then stays.
    """

    def make(folder: Path, file_name: str) -> Backup:
        return server.download(name, folder, file_name=file_name, progress=progress, **choices)

    return add(store, name, make, progress)


def add(store: Store, name: str, make: Callable[[Path, str], Backup], progress: Progress) -> Outcome:
    """Put a backup into a store, and hold its History against that of the newest one before it.

    Args:
        store: where it goes.
        name: whose backup it is.
        make: makes it, given the folder and the name.
        progress: heeded.

    Raises:
        ManagerNbError: there is no backup.
        CancelledError: the user cancelled; what was made by then stays.
    """
    before = [one for one in store.backups(name) if one.history and one.whole]
    sweep(store.folder_of(name))  # what a killed run left has another day in its name
    backup = _made(store, name, make)
    if not before or not backup.manifest["choices"]["history"]["included"]:
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


def _made(store: Store, name: str, make: Callable[[Path, str], Backup]) -> Backup:
    """Make it under a free name; where another run takes that meanwhile, under the next."""
    for last in (False, True):
        try:
            return make(store.folder_of(name), store.free_name(name, dt.datetime.now().astimezone().date()))
        except TargetExistsError:
            if last:
                raise
    raise AssertionError


def _told(earlier: Path, compared: Extension) -> dict[str, Any]:
    facts = dataclasses.asdict(compared)
    return {"earlier": earlier.name, "extends": compared.extends, **facts}
