"""Backups of the businesses of a Manager server by clicking: into a store, each held against the one before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from traitlets import Any, Bool

from manager_nb.backup.store import Store
from manager_nb.errors import CancelledError, ManagerNbError
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.progress import check
from manager_nb.server.everything import Outcome, tried
from manager_nb.widgets import view
from manager_nb.widgets.backup_contents import PARTS, chosen_contents, contents_section
from manager_nb.widgets.files import FolderChooser, store_folder
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.nightly import Nightly, Plan
from manager_nb.widgets.panel import Panel
from manager_nb.widgets.preferences import preferences
from manager_nb.widgets.retention import RetentionPart
from manager_nb.widgets.server_login import ServerLogin
from manager_nb.widgets.server_outcome import outcomes_section, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node

_BUSINESSES = pa.schema([("business", pa.string()), ("newest", pa.timestamp("us", "UTC")), ("backups", pa.int64())])
_COLUMNS = (
    Column("business", mark("Business"), whole=True),
    Column("newest", mark("Newest backup in the folder")),
    Column("backups", mark("Backups there")),
)
_WORK, _RESULT = "work", "result"


class ServerBackupPanel(Panel):
    """Backs up businesses of a Manager server into a store: signs in, lets choose, shows what came of each.

    Args:
        folder: the store; None is the one used last, else "Manager backups" in the home folder.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        login: the part in which a person signs in; ``login.server`` is the open `Server`.
        folder: the store.
        attachments: whether attachments go into the backups; `emails` and `history` likewise.
        compress: whether they are compressed.
        result: the `Outcome` of each business, None until the first work has ended.
    """

    folder = Any(None)
    attachments = Bool(True)
    emails = Bool(True)
    history = Bool(True)
    compress = Bool(False)

    def __init__(
        self, folder: Path | str | None = None, *, language: str | None = None, timezone: str | None = None
    ) -> None:
        self._stopped: tuple[str, ...] = ()
        self._now = ("", 0, 0)
        self.login = ServerLogin(self, "login", self._signed)
        self.businesses = Grid(self, "businesses", ticks=True)
        self._folders = FolderChooser(self, "folder", self._use_folder, lambda: self.folder)
        self.retention = RetentionPart(self, "retention", lambda: self.folder)
        self._nightly = Nightly(self, "nightly", self._plan)
        super().__init__(language=language, timezone=timezone)
        self.folder = Path(folder).expanduser() if folder is not None else store_folder()

    # ---- what it does, from a button or from code ----------------------------------------------------------------

    @property
    def chosen(self) -> list[str]:
        """The businesses that are ticked."""
        return [str(name) for name in self.businesses.selected["business"].to_pylist()] if self.login.names else []

    def create(self) -> None:
        """Back up what is ticked; a cancel keeps what was made by then."""
        server, names, store = self.login.server, self.chosen, Store(self.folder)
        choices = chosen_contents(self)
        if server is None:
            return
        made: list[Outcome] = []

        def work(progress: Progress) -> None:
            for place, name in enumerate(names, 1):
                self._now = name, place, len(names)
                try:
                    check(progress)
                    made.append(tried(server, store, name, progress, **choices))
                except CancelledError:
                    if not made:
                        raise
                    return

        def show(_none: None) -> None:
            self.result, self._stopped = tuple(made), tuple(names[len(made) :])
            if any(one.backup is not None for one in made):
                preferences().remember_store(store.folder)
            for one in made:
                self.login.heed(one.error)
            self.retention.forget()
            self._list()
            self.focus = _RESULT

        with self.change():
            self.result = None
            self.run("Downloading", work, show, place=_WORK)

    def close(self) -> None:
        """Sign out too."""
        super().close()
        self.login.close()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Backup from a Manager server")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "For books on a Manager server that you sign in to. Nothing is changed there, and the backups go into a"
            " folder on this computer."
        )

    def status(self) -> str:
        """The business that is being backed up, or the outcome."""
        if self.busy:
            name, place, count = self._now
            if name:
                return self.text("Business {place} of {count}: {name}", place=place, count=count, name=name)
        elif self.result is not None:
            return verdict(self, self.result, self._stopped)
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """Signing in, the businesses, what goes into the backups, where they go, the action, the outcome, old ones."""
        yield self.login.nodes()
        if self.login.server is not None:
            yield from self._order()
        if self.result is not None:
            yield outcomes_section(self, self.result, self._stopped)
        if self.login.server is not None or self.result is not None:
            yield self.retention.nodes()
            yield self._nightly.nodes()

    def _order(self) -> Iterable[Node | None]:
        if not self.login.names:
            words = self.text(
                "This user may see no business there. Ask an administrator of the server for access to the business."
            )
            yield view.notice(words, look="warning")
            return
        self.businesses.rename(self.text("Businesses on the server"))
        yield view.section(self.text("Businesses on the server"), self.businesses.nodes(), key="list")
        yield self._contents()
        yield view.section(
            self.text("Where the backups go"),
            view.row(
                view.copyable(self.text("Folder"), str(self.folder), key="target"),
                self._folders.opener(self.text("Choose another folder")),
            ),
            view.paragraph(self.text("Each business gets a folder of its own in it."), look="muted"),
            self._folders.browser(),
            None if self._folders.opened else self.trouble("folder"),
            key="place",
        )
        yield self._action()

    def _contents(self) -> Node:
        made_here = not (self.emails and self.history) or self.compress
        words = self.text(
            "A server itself can leave out nothing but attachments. So each business is downloaded whole, and the copy"
            " with your choices is made on this computer."
        )
        remark = view.paragraph(words, look="muted") if made_here else None
        return contents_section(self, self.text("What goes into the backups"), remark)

    def _action(self) -> Node:
        count = len(self.chosen)
        label = self.plural("Back up {count} business", "Back up {count} businesses", count)
        look = "" if self.result is not None else "primary"
        button = view.button(label, self.create, key="create", look=look, disabled=self.busy or not count, focus=True)
        none = view.paragraph(self.text("Tick at least one business."), look="muted") if not count else None
        bar = self.under_way(_WORK)
        name, place, all_of_them = self._now
        now = self.text("Business {place} of {count}: {name}", place=place, count=all_of_them, name=name)
        return view.group(
            view.paragraph(now, look="strong") if bar is not None and name else None,
            self.trouble(),
            self.trouble(_WORK),
            bar or button,
            none,
            look="action",
        )

    # ---- what happens --------------------------------------------------------------------------------------------

    def _signed(self) -> None:
        """Show the businesses of whoever has signed in; all are ticked."""
        self._list(everything=True)

    def _list(self, *, everything: bool = False) -> None:
        """The businesses, with what the folder has of each; ticks stay."""
        ticked = set(self.login.names) if everything else set(self.chosen)
        rows = [_kept_of(Store(self.folder), name) for name in self.login.names]
        self.businesses.show(self.text("Businesses on the server"), pa.Table.from_pylist(rows, _BUSINESSES), _COLUMNS)
        self.businesses.ticked = {place for place, name in enumerate(self.login.names) if name in ticked}

    def _use_folder(self, folder: Path) -> None:
        self.folder = folder
        preferences().remember_store(folder)
        self.retention.forget()
        self._list()

    def _plan(self) -> Plan | None:
        """What the nightly command has to do; None while nobody has signed in."""
        server = self.login.server
        if server is None:
            return None
        chosen: Sequence[str] = self.chosen
        return Plan(
            server.url,
            server.user,
            self.folder,
            names=() if len(chosen) == len(self.login.names) else tuple(chosen),
            left_out=tuple(part for part in PARTS if not getattr(self, part)),
            compress=self.compress,
            certificate=self.login.certificate.strip(),
            unencrypted=server.url.startswith("http://") and self.login.unencrypted,
            retention=self.retention.chosen,
            coded=self.login.coded,
            remembered=self.login.remembered,
        )


def _kept_of(store: Store, name: str) -> dict[str, object]:
    try:
        kept = store.backups(name)
    except ManagerNbError:  # a name of which no folder can be made: told when it is backed up
        kept = ()
    newest = next((one.made for one in kept if one.whole), None)
    return {"business": name, "newest": newest, "backups": len(kept)}
