"""Opening a business of a Manager server in a panel: a proven download, kept as a backup, is what is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.backup.store import Store
from manager_nb.server.everything import Outcome, back_up
from manager_nb.widgets import view
from manager_nb.widgets.extension_words import what_differs
from manager_nb.widgets.files import FolderChooser, store_folder
from manager_nb.widgets.preferences import preferences
from manager_nb.widgets.server_login import ServerLogin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.server.client import Server
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


@dataclass(frozen=True, slots=True)
class Origin:
    """Which business of a server a file is a download of.

    Attributes:
        path: the file.
        business: its name on the server.
        server: the server's address.
    """

    path: Path
    business: str
    server: str


class FromServer:
    """The part of a panel that opens a business of a server.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its work and its errors belong.
        opened: called with the file of the download.

    Attributes:
        login: the part in which a person signs in.
        business: the name of the business that is chosen there.
        folder: where the download goes: a store of backups.
    """

    def __init__(self, panel: Panel, place: str, opened: Callable[[Path], None]) -> None:
        self._panel, self._place, self._opened = panel, place, opened
        self.login = ServerLogin(panel, f"{place}-login", self._signed)
        self.business = ""
        self.folder = store_folder()
        self._origin: Origin | None = None
        self._outcome: Outcome | None = None
        self._folders = FolderChooser(panel, f"{place}-folder", self._use_folder, lambda: self.folder)

    @property
    def server(self) -> Server | None:
        """The server while somebody is signed in."""
        return self.login.server

    def origin_of(self, path: object) -> Origin | None:
        """Which business of the server a file is a download of that was made here; None where it is none."""
        return self._origin if self._origin is not None and self._origin.path == path else None

    def came(self, path: Path, business: str, server: str) -> None:
        """Know a file as a download of a business of a server."""
        self._origin = Origin(path, business, server)

    def download(self) -> None:
        """Download the business that is chosen, and open it."""
        server, name, store = self.login.server, self.business, Store(self.folder)
        if server is None or not name:
            return

        def show(made: Outcome) -> None:
            self._outcome = made
            if made.backup is not None:
                preferences().remember_store(store.folder)
                self.came(made.backup.path, name, server.url)
                self._opened(made.backup.path)
                self._panel.focus = "business"

        def work(progress: Progress) -> Outcome:
            return back_up(server, store, name, progress)

        with self._panel.change(self._place):
            self._outcome = None
            self._panel.run("Downloading", work, show, place=self._place)

    def close(self) -> None:
        """Sign out."""
        self.login.close()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Node:
        """Signing in and choosing, folded away until somebody needs it."""
        inside = view.group(self.login.nodes(), *(self._choice() if self.login.server is not None else ()))
        return view.fold(
            self._panel.text("The business is on a Manager server"), inside, *self._told(), key=f"{self._place}-fold"
        )

    def _choice(self) -> Iterable[Node | None]:
        panel, text = self._panel, self._panel.text
        names = {name: name for name in self.login.names}
        if not names:
            yield view.notice(text("This user may see no business there."), look="warning")
            return
        yield view.select(
            text("Business on the server"),
            names,
            self.business,
            self._choose,
            key=f"{self._place}-business",
            disabled=panel.busy,
        )
        yield view.paragraph(
            text(
                "It is downloaded into the folder below as a backup, and proven; that file is what is opened here. Work"
                " that is done on the server afterwards is not in it."
            ),
            look="muted",
        )
        yield view.row(
            view.copyable(text("Folder"), str(self.folder), key=f"{self._place}-target"),
            self._folders.opener(text("Choose another folder")),
        )
        yield self._folders.browser()
        yield None if self._folders.opened else panel.trouble(f"{self._place}-folder")
        yield panel.trouble(self._place)
        yield panel.under_way(self._place) or view.button(
            text("Download and open"),
            self.download,
            key=f"{self._place}-download",
            look="strong",
            disabled=panel.busy or not self.business,
            focus=True,
        )

    def _told(self) -> Iterable[Node]:
        """What the new backup says against the one before it."""
        one = self._outcome
        if one is not None and one.extension is not None and not one.extension.extends:
            yield view.notice(what_differs(self._panel, one), look="warning", title=f"{one.business}:")

    # ---- what happens --------------------------------------------------------------------------------------------

    def _signed(self) -> None:
        if self.business not in self.login.names:
            self.business = self.login.names[0] if self.login.names else ""
        self._outcome = None

    def _choose(self, name: str) -> None:
        if name in self.login.names:
            self.business = name

    def _use_folder(self, folder: Path) -> None:
        self.folder = folder
        preferences().remember_store(folder)
