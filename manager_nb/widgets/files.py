"""Choosing a file or a folder by clicking, on the machine where the notebook runs.

Not the browser's upload: that copies, and ipywidgets' one silently drops files above 10 MiB. The files stay where they
are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.demo import demonstration
from manager_nb.format.sources import refusal
from manager_nb.widgets import view
from manager_nb.widgets.folder_list import FolderList, folder_name
from manager_nb.widgets.folders import backup_folder, list_folder, make_folder, manager_folders, no_folder, typed_path
from manager_nb.widgets.preferences import preferences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager_nb.widgets.folders import Listing
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


class Chooser:
    """Browses folders inside a panel; the two choosers below say what can be chosen.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors are shown.
        chosen: called with the path that was chosen.
        start: the folder it opens at first; None is the home folder.
    """

    files = True

    def __init__(
        self, panel: Panel, place: str, chosen: Callable[[Path], None], start: Callable[[], Path] = Path.home
    ) -> None:
        self._panel = panel
        self._place = place
        self._chosen = chosen
        self._start = start
        self._listing: Listing | None = None
        self._list = FolderList(panel, place, self.go, self.choose if self.files else None)
        self._typed = ""
        self.opened = False

    def toggle(self) -> None:
        """Open or close it."""
        self._panel.clear(self._place)
        self.opened = not self.opened
        if self.opened:
            preferences().refresh()  # another page may have used files meanwhile
            start = self._listing.folder if self._listing is not None else self._start()
            self._show(next((folder for folder in (start, *start.parents) if folder.is_dir()), Path.home()))

    def go(self, folder: Path) -> None:
        """Show a folder."""
        self._show(folder)
        self._panel.focus = self._list.first

    def choose(self, path: Path) -> None:
        """Take a path as the choice and close."""
        self._panel.clear(self._place)
        self.opened = False
        self._panel.focus = self._key("open")
        self._chosen(path)

    def opener(self, label: str, *, look: str = "") -> Node:
        """The button that opens and closes it."""
        busy = self._panel.busy
        return view.button(label, self.toggle, key=self._key("open"), look=look, expanded=self.opened, disabled=busy)

    def browser(self) -> Node | None:
        """The listing, while it is open."""
        if not self.opened:
            return None
        trouble = self._panel.trouble(self._place)
        return view.group(
            *self._shortcuts(), self._path_field(), trouble, *self._list.nodes(), *self._below(), look="browser"
        )

    # ---- parts of the screen -------------------------------------------------------------------------------------

    def _shortcuts(self) -> Iterable[Node]:
        yield view.paragraph(self._panel.text("Places"), look="label")
        yield view.row(*(self._chip(f"place-{n}", words, path) for n, (words, path) in enumerate(self._places())))

    def _chip(self, key: str, words: str, path: Path) -> Node:
        act = self._opening(path) if path.is_dir() else self._choosing(path)
        return view.button(words, act, key=self._key(key), look="chip")

    def _places(self) -> Iterable[tuple[str, Path]]:
        documents = Path.home() / "Documents"
        yield self._panel.text("Home folder"), Path.home()
        if documents.is_dir():
            yield self._panel.text("Documents"), documents
        for folder in manager_folders():
            yield self._panel.text("Manager’s data folder"), folder
        if backup_folder().is_dir():
            yield self._panel.text("Manager backups"), backup_folder()

    def _path_field(self) -> Node:
        label = self._panel.text("Path of the file or folder") if self.files else self._panel.text("Path of the folder")
        hint = self._panel.text("Choose from the list, or paste a path here and press Enter.")
        field = view.entry(
            label, self._typed, self._type, key=self._key("path"), on_enter=self._follow, path=True, help=hint
        )
        return view.row(field, view.button(self._panel.text("Open"), self._follow, key=self._key("go")))

    def _below(self) -> Iterable[Node]:
        return ()

    # ---- what happens --------------------------------------------------------------------------------------------

    def _show(self, folder: Path) -> None:
        with self._panel.change(self._place):
            self._panel.clear(self._place)
            self._listing = list_folder(folder, files=self.files)
            self._list.show(self._listing)
            self._typed = str(folder)

    def _type(self, words: str) -> None:
        self._typed = words

    def _follow(self) -> None:
        if not self._typed.strip():
            return
        with self._panel.change(self._place):
            path = typed_path(self._typed)
            try:
                is_file, is_folder = path.is_file(), path.is_dir()
                if self.files and not is_file and not is_folder:
                    path.stat()  # told under the box: what is open stays, and so do the words that were typed
            except (OSError, ValueError) as error:  # longer than any path, or in a folder that nobody may look into
                raise refusal(error, path) from error
            if is_file and not self.files:
                self.go(path.parent)
                raise no_folder(path)
            if is_folder or not self.files:
                self.go(path)
            else:
                self.choose(path)

    def _opening(self, path: Path) -> Callable[[], None]:
        return lambda: self.go(path)

    def _choosing(self, path: Path) -> Callable[[], None]:
        return lambda: self.choose(path)

    def _key(self, name: str) -> str:
        return f"{self._place}-{name}"


class FileChooser(Chooser):
    """Chooses a business file or a backup; offers the ones last used and the demonstration business."""

    def _shortcuts(self) -> Iterable[Node]:
        known = [Path(name) for name in preferences().files]
        known = [path for path in known if path.is_file() and path != demonstration()]
        if known:
            yield view.paragraph(self._panel.text("Last used"), look="label")
            yield view.row(*(self._chip(f"recent-{n}", path.name, path) for n, path in enumerate(known)))
        yield from super()._shortcuts()

    def _places(self) -> Iterable[tuple[str, Path]]:
        yield from super()._places()
        yield self._panel.text("Demonstration business"), demonstration()


class FolderChooser(Chooser):
    """Chooses a folder to write to; can make a new one."""

    files = False

    def __init__(
        self, panel: Panel, place: str, chosen: Callable[[Path], None], start: Callable[[], Path] = Path.home
    ) -> None:
        super().__init__(panel, place, chosen, start)
        self._new = ""

    def _below(self) -> Iterable[Node]:
        if self._listing is None:
            return
        panel, here = self._panel, self._listing.folder
        use = panel.text("Use this folder: {folder}", folder=folder_name(here))
        yield view.button(use, self._choosing(here), key=self._key("use"), look="strong")
        field = view.entry(
            panel.text("Name of a new folder here"),
            self._new,
            self._name_new,
            key=self._key("new"),
            on_enter=self._make,
        )
        make = view.button(panel.text("Make folder"), self._make, key=self._key("make"), disabled=not self._new.strip())
        yield view.row(field, make)

    def _name_new(self, words: str) -> None:
        self._new = words

    def _make(self) -> None:
        with self._panel.change(self._place):
            if self._listing is not None:
                folder = make_folder(self._listing.folder, self._new)
                self._new = ""
                self.go(folder)


def store_folder() -> Path:
    """The store of backups that was used last, while it is there; at first where backups go."""
    last = preferences().stores
    return Path(last[0]) if last and Path(last[0]).is_dir() else backup_folder()
