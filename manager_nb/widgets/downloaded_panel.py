"""A business that was downloaded by hand from the customer portal: found among the downloads, checked, kept."""

from __future__ import annotations

import contextlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Any

from manager_nb.backup.create import Backup, create_backup
from manager_nb.backup.names import undated
from manager_nb.backup.store import Store
from manager_nb.model.business import open_business
from manager_nb.server.everything import Outcome, add
from manager_nb.widgets import view
from manager_nb.widgets.files import FolderChooser, store_folder
from manager_nb.widgets.folders import Item, list_folder
from manager_nb.widgets.import_panel import PreviewPanel
from manager_nb.widgets.parts import business_facts, business_remarks, how_made
from manager_nb.widgets.preferences import preferences
from manager_nb.widgets.server_outcome import outcomes_section, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.progress import Progress
    from manager_nb.restore.preview import ImportPreview
    from manager_nb.widgets.view import Node

NEWEST = 5
"""How many files are offered."""

_WORK, _RESULT = "work", "result"
_DOWNLOADS = re.compile(r'^XDG_DOWNLOAD_DIR="\$HOME/(.+)"$', re.MULTILINE)


class DownloadedPanel(PreviewPanel):
    """Offers the newest business files among the downloads, checks one, and makes it a backup of the store.

    Args:
        downloads: the folder of downloads; None is the system's own.
        folder: the store; None is the one used last, else "Manager backups" in the home folder.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        downloads: where it looks.
        folder: the store.
        name: the business's name.
        result: the `Outcome` once it is a backup of the store.
    """

    downloads = Any(None)
    folder = Any(None)

    def __init__(
        self,
        downloads: Path | str | None = None,
        folder: Path | str | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self._items: tuple[Item, ...] = ()
        self._places = FolderChooser(self, "downloads", self._use_downloads, lambda: self.downloads)
        self._folders = FolderChooser(self, "folder", self._use_folder, lambda: self.folder)
        super().__init__(None, language=language, timezone=timezone)
        with self.change("downloads"):
            self.downloads = Path(downloads).expanduser() if downloads is not None else downloads_folder()
            self.folder = Path(folder).expanduser() if folder is not None else store_folder()
            self._find()

    # ---- what it does, from a button or from code ----------------------------------------------------------------

    def look_again(self) -> None:
        """Look what is among the downloads by now."""
        with self.change("downloads"):
            self.clear("downloads")
            self._find()

    def keep(self) -> None:
        """Make the file a backup of the store, and hold its History against the one before."""
        source, store, name = self.source, Store(self.folder), self.name.strip()

        def work(progress: Progress) -> Outcome:
            def make(folder: Path, file_name: str) -> Backup:
                with open_business(source, progress=progress) as business:
                    business.open_source.name = name  # the file's own has the day, or a number of the browser's
                    return create_backup(business, folder, name=file_name, progress=progress)

            return add(store, name, make, progress)

        def show(made: Outcome) -> None:
            self.result = made
            preferences().remember_store(store.folder)
            self.focus = _RESULT

        with self.change():
            self.result = None
            self.run("Creating the backup", work, show, place=_WORK)

    def looked(self, seen: ImportPreview) -> None:
        """Take what was seen; the day in the file's name is none of the business's."""
        super().looked(seen)
        self.name = undated(seen.name)
        self.focus = "file"

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("A file downloaded from the customer portal")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text("Finds the file that your browser saved, checks it, and keeps it as a backup.")

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.result is not None and not self.busy:
            return verdict(self, (self.result,), ())
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The newest downloads, the file, what may be done with it, the outcome."""
        yield self._found()
        if self.glance is not None and self.preview is not None:
            yield view.section(
                self.text("The file"),
                view.paragraph(self.glance.name, look="name"),
                business_facts(self, self.glance),
                business_remarks(self, self.glance),
                self._soundness(),
                key="file",
            )
            yield how_made(self, self.preview)
            if self.preview.obstacle is None:
                yield self._keeping()
                yield self._bringing()
        if self.result is not None:
            yield outcomes_section(self, (self.result,), ())

    def _found(self) -> Node:
        columns = [
            self.text("File"),
            self.text("Size"),
            self.text("Saved ({zone})", zone=self.zone),
            self.text("Choose"),
        ]
        rows: list[list[str | Node]] = [
            [item.name, self.words.size(item.size), self.words.datetime(self.local(item.modified)), self._take(n, item)]
            for n, item in enumerate(self._items)
        ]
        caption = self.text("Newest business files among the downloads")
        none = view.paragraph(
            self.text("There is no business file (.manager or .manager.tar) in this folder."), look="muted"
        )
        return view.section(
            caption,
            view.row(
                view.copyable(self.text("Folder of downloads"), str(self.downloads), key="where"),
                self._places.opener(self.text("Choose another folder")),
            ),
            self._places.browser(),
            None if self._places.opened else self.trouble("downloads"),
            view.table(caption, columns, rows, numbers=(1,), key="found", hide_caption=True) if rows else none,
            view.row(view.button(self.text("Look again"), self.look_again, key="again", disabled=self.busy)),
            self.trouble("source"),
            self.under_way("source"),
            key="newest",
        )

    def _take(self, number: int, item: Item) -> Node:
        return view.button(
            self.text("Check this file"),
            lambda: self.open(item.path),
            key=f"take-{number}",
            name=self.text("Check this file: {name}", name=item.name),
            disabled=self.busy,
        )

    def _soundness(self) -> Node | None:
        if self.preview is None or self.preview.obstacle is not None:
            return None
        words = self.text(
            "No sign of damage, nor of a save of which half is missing. Whether somebody saved while the file was being"
            " made cannot be proven afterwards: download at a quiet hour."
        )
        return view.notice(words, look="good", title=self.text("Sound:"))

    def _keeping(self) -> Node:
        usable = bool(self.name.strip()) and not self.busy
        again = self.result is not None
        return view.section(
            self.text("Keep it as a backup"),
            view.entry(
                self.text("Name of the business"),
                self.name,
                lambda name: self.set_trait("name", name),
                key="name",
                disabled=self.busy,
                help=self.text("The backups of one name stand together, and each is compared with the one before."),
            ),
            view.row(
                view.copyable(self.text("Folder"), str(self.folder), key="target"),
                self._folders.opener(self.text("Choose another folder")),
            ),
            self._folders.browser(),
            None if self._folders.opened else self.trouble("folder"),
            view.group(
                self.trouble(),
                self.trouble(_WORK),
                self.under_way(_WORK)
                or view.button(
                    self.text("Keep it once more") if again else self.text("Keep as a backup"),
                    self.keep,
                    key="keep",
                    look="" if again else "primary",
                    disabled=not usable,
                    focus=True,
                ),
                look="action",
            ),
            key="keeping",
        )

    def _bringing(self) -> Node:
        words = self.text(
            "Open the page Import Business: there you can import it into Manager on this computer or into a Manager"
            " server. Press Choose a backup; under “Last used” this file is the first."
        )
        return view.section(self.text("Or work with it"), view.paragraph(words), key="bringing")

    # ---- what happens --------------------------------------------------------------------------------------------

    def _find(self) -> None:
        self._items = ()
        files = (item for item in list_folder(self.downloads).items if not item.folder)
        self._items = tuple(files)[:NEWEST]

    def _use_downloads(self, folder: Path) -> None:
        self.downloads = folder
        self.look_again()

    def _use_folder(self, folder: Path) -> None:
        self.folder = folder
        preferences().remember_store(folder)


def downloads_folder() -> Path:
    """Where browsers of this user save."""
    home = Path.home()
    if sys.platform not in ("win32", "darwin"):
        with contextlib.suppress(OSError, UnicodeError):
            told = _DOWNLOADS.search((home / ".config" / "user-dirs.dirs").read_text("utf-8"))
            if told:
                return home / told[1]
    return home / "Downloads"
