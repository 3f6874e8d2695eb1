"""A backup from a server: downloaded, proven, with the same manifest as one that is made here."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from manager_nb.backup import manifest as manifests
from manager_nb.backup.create import Backup, paper_of, place_all, write_copy
from manager_nb.backup.inventory import take_inventory
from manager_nb.backup.manifest import Written
from manager_nb.backup.names import backup_name, dated
from manager_nb.backup.target import Target, require_fit, require_free
from manager_nb.format.businesses import absolute
from manager_nb.format.data_folder import kept_if_done, make_folders
from manager_nb.format.placing import partial
from manager_nb.server.consistent import Proven, fetch
from manager_nb.server.transfer import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from manager_nb.backup.choices import Choices
    from manager_nb.format.placing import Partial
    from manager_nb.progress import Progress
    from manager_nb.server.session import Session

FROM = "server"
"""What the kind of the source begins with, in the manifest."""


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """A backup that is wanted.

    Attributes:
        business: of which business.
        folder: where it goes.
        name: what it is called; None: the business's name and the day.
        choices: what goes into it.
        compress: whether it is compressed.
    """

    business: str
    folder: Path | str
    name: str | None
    choices: Choices
    compress: bool

    @property
    def as_sent(self) -> bool:
        """Whether the backup is the very file that the server sends, which leaves out nothing but attachments."""
        return self.choices.emails and self.choices.history and not self.compress


def keep(session: Session, order: Order, pauses: Sequence[float], progress: Progress) -> Backup:
    """Download a business and keep it as a backup, with its manifest beside it.

    Raises:
        ServerError: it cannot be had; nothing is left behind.
        DamagedFileError: it is damaged on the server itself.
        TargetError: it cannot be written there.
        VerificationError: what was written is not what was meant.
        CancelledError: the user cancelled.
    """
    folder = absolute(order.folder)
    require_fit(folder)
    created = dt.datetime.now().astimezone()
    name = backup_name(dated(order.business, created.date()) if order.name is None else order.name)
    wanted = Wanted(order.business, packed=order.choices.attachments)
    target = Target(folder, name, "manager.tar" if wanted.packed else "manager")
    require_free(target)
    with kept_if_done() as undo:
        make_folders(folder, undo)
        with partial(folder, target.path.name) as file:
            proven = fetch(session, wanted, file, target.path, pauses, progress)
            with proven.business:
                _call(proven, order.business, target)
                if order.as_sent:
                    return _as_sent(proven, order.choices, target, created, file, progress)
                return _chosen(proven, order, target, created, progress)


def _call(proven: Proven, name: str, target: Target) -> None:
    """Give the copy the names that people know, in place of the temporary one."""
    opened = proven.business.open_source
    opened.name = name
    opened.source = dataclasses.replace(
        opened.source, path=target.folder / f"{name.replace('/', '_')}.manager", kind=f"{FROM} {opened.source.kind}"
    )


def _as_sent(
    proven: Proven, choices: Choices, target: Target, created: dt.datetime, file: Partial, progress: Progress
) -> Backup:
    business = proven.business
    inventory = take_inventory(business, progress)
    source = business.source
    written = Written(target.path.name, target.kind, source.size, source.sha256, proven.database)
    described = manifests.describe(business, inventory, choices, written, target.name, created, progress)
    if not choices.attachments:  # they were not asked for: nobody knows whether the server has them
        described["attachments"] |= {"missing": [], "altered": []}
    described["consistent"] = {"because": proven.proof, "downloads": proven.downloads}
    with contextlib.ExitStack() as stack:
        paper = manifests.beside(target.path)
        beside = {paper: stack.enter_context(paper_of(paper, manifests.encoded(described)))}
        place_all(file, target.path, beside)
    return Backup(target.path, described)


def _chosen(proven: Proven, order: Order, target: Target, created: dt.datetime, progress: Progress) -> Backup:
    """The server leaves out nothing but attachments: the copy with these choices is made here."""
    inventory = take_inventory(proven.business, progress)
    tar = ".tar" if order.choices.attachments and inventory.outside else ""
    target = Target(target.folder, target.name, f"manager{tar}{'.zst' if order.compress else ''}")
    return write_copy(proven.business, inventory, order.choices, target, created, progress=progress)
