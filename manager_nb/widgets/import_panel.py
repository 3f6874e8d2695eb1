"""Import Business by clicking: see what is in a backup, place it in a data folder, see the proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Any, Unicode

from manager_nb.backup.names import imported_name
from manager_nb.errors import ManagerNbError
from manager_nb.restore.importing import import_business
from manager_nb.restore.preview import ImportPreview, name_in, preview_import
from manager_nb.restore.proof import prove_import
from manager_nb.widgets import view
from manager_nb.widgets.business_panel import BusinessPanel
from manager_nb.widgets.data_folders import data_folder_around, is_data_folder
from manager_nb.widgets.files import FolderChooser
from manager_nb.widgets.folders import list_folder, manager_folders
from manager_nb.widgets.glance import of_preview
from manager_nb.widgets.outcome import import_outcome, import_verdict, second_look
from manager_nb.widgets.parts import how_made
from manager_nb.widgets.preferences import preferences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.backup.verify import Verification
    from manager_nb.model.business import Business
    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node


class PreviewPanel(BusinessPanel):
    """A panel about one backup that is going to be imported somewhere; arguments as for :class:`BusinessPanel`.

    Attributes:
        source: the backup.
        preview: what is in it, an `ImportPreview`; None until it is read.
        name: the name that the business gets.
    """

    carries = False

    preview = Any(None)
    name = Unicode("")

    def look(self, source: Path | Business, progress: Progress) -> ImportPreview:
        """What is in the backup."""
        return preview_import(source if isinstance(source, Path) else source.source.path, progress=progress)

    def looked(self, seen: ImportPreview) -> None:
        """Take it, and its own name."""
        self.preview, self.glance, self.name = seen, of_preview(seen), seen.name

    def forget(self) -> None:
        """Drop what was seen too."""
        super().forget()
        self.preview = None


class ImportPanel(PreviewPanel):
    """Brings a backup back as a business of Manager; nothing is written before the button is pressed.

    Args:
        file: the backup; None lets the person choose.
        data_folder: Manager's data folder; None is the one used last, else where the desktop edition keeps it, if it is
            there.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        source: the backup.
        preview: what is in it, an `ImportPreview`; None until it is read.
        data_folder: where the business goes.
        name: the name that it gets there; on a clash a number is added.
        result: the path of the new business, None until it is there.
    """

    data_folder = Any(None)

    def __init__(
        self,
        file: Path | str | None = None,
        data_folder: Path | str | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self._look: Verification | Exception | None = None
        self._imported = ""
        self._doubted: set[Path] = set()
        self._unlisted: Path | None = None
        self._folders = FolderChooser(self, "folder", self._use_folder, self._start_folder)
        super().__init__(file, language=language, timezone=timezone)
        self.data_folder = Path(data_folder).expanduser() if data_folder is not None else _usual_folder()

    # ---- what it does, from a button or from code ----------------------------------------------------------------

    def import_business(self) -> None:
        """Import the business as chosen, and prove it."""
        file, folder, name = self.source, self.data_folder, self.name

        # as it is now: the import itself makes any folder look like one of Manager's
        if not self._is_known():
            self._doubted.add(folder)

        def place(progress: Progress) -> tuple[Path, Verification | Exception]:
            path = import_business(file, folder, name=name, progress=progress)
            return path, second_look(lambda: prove_import(file, path, progress=progress))

        def show(done: tuple[Path, Verification | Exception]) -> None:
            self.result, self._look = done
            self._imported = name
            self._unlisted = folder if folder in self._doubted else None
            if self._unlisted is None:
                preferences().remember_data_folder(folder)
            self.focus = "result"

        with self.change():
            self.result = self._look = None
            self.run("Importing the business", place, show)

    def forget(self) -> None:
        """Drop the proof too."""
        super().forget()
        self._look = None

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Import Business")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text("Puts a backup where Manager finds it. Nothing is written before you press Import Business.")

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.result is not None and self._look is not None and not self.busy:
            return f"{import_verdict(self, self._look)}: {self.result.stem}"
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The backup, the place, the action, the outcome."""
        yield self.business(self.text("Backup"), self.text("Choose a backup"), self.text("Choose another backup"))
        if self.preview is not None:
            yield how_made(self, self.preview)
        if self.preview is not None and self.preview.obstacle is None:
            yield self._target()
            yield self._action()
        if self.result is not None and self._look is not None:
            yield import_outcome(self, self.result, self._look, preview=self.preview, unlisted=self._unlisted)

    def _target(self) -> Node:
        chosen = self.data_folder is not None
        label = self.text("Choose another folder") if chosen else self.text("Choose Manager’s data folder")
        opener = self._folders.opener(label, look="" if chosen else "primary")
        field = (
            view.copyable(self.text("Manager’s data folder"), str(self.data_folder), key="target") if chosen else None
        )
        return view.section(
            self.text("Where it goes"),
            view.row(field, opener) if chosen else opener,
            *(self._folder_remarks() if chosen else ()),
            self._where_manager_keeps_it(),
            self._folders.browser(),
            None if self._folders.opened else self.trouble("folder"),
            view.entry(
                self.text("Name of the business"),
                self.name,
                lambda name: self.set_trait("name", name),
                key="name",
                disabled=self.busy,
                help="" if self.busy or self._is_there() else self._name_check()[0],
            ),
            key="place",
        )

    def _folder_remarks(self) -> Iterable[Node]:
        """What is in the data folder now, and a warning where it looks like a wrong one."""
        yield view.paragraph(self._how_many(), look="muted")
        around = data_folder_around(self.data_folder)
        title = self.text("Is this the right folder?")
        if around is not None:
            words = self.text(
                "It lies inside Manager’s data folder {folder}. Manager does not look for businesses here.",
                folder=around,
            )
            yield view.notice(words, look="warning", title=title)
            use = self.text("Use this folder: {folder}", folder=around.name)
            yield view.button(use, lambda: self._use_folder(around), key="around", disabled=self.busy)
        elif not self._is_known():
            words = self.text(
                "Nothing of Manager is in it, so it does not look like Manager’s data folder. You may import all the"
                " same, to try it; Manager shows the business only after you choose this folder there with Change"
                " Folder."
            )
            yield view.notice(words, look="warning", title=title)

    def _how_many(self) -> str:
        try:
            count = _count_businesses(self.data_folder)
        except ManagerNbError:
            return self.text("This folder is not there yet; it is made when you import.")
        if count:
            return self.plural("{count} business is in this folder.", "{count} businesses are in this folder.", count)
        return self.text("No business is in this folder yet.")

    def _where_manager_keeps_it(self) -> Node:
        return view.fold(
            self.text("Where is Manager’s data folder?"),
            view.paragraph(
                self.text(
                    "Manager shows its path at the bottom left of the Businesses tab. On Windows, macOS and Linux the"
                    " desktop edition at first uses “Manager.io” inside your Documents folder; on Windows that may be"
                    " inside OneDrive."
                )
            ),
            view.paragraph(
                self.text(
                    "Only to try it, make a new empty folder. In Manager, the button Change Folder then shows what is"
                    " in it; nothing is lost by that, and you can change back."
                )
            ),
            key="where-is-it",
        )

    def _name_check(self) -> tuple[str, bool]:
        try:
            name = imported_name(self.name).text
            there = name_in(self.data_folder, name) if self.data_folder is not None else name
        except ManagerNbError as error:
            return " ".join(error.in_language(self.text)), False
        if there != name:
            words = self.text(
                "There is a business of this name already. The new one will be called “{name}”.", name=there
            )
            return words, True
        if name != self.name:
            return self.text("It will be called “{name}”.", name=name), True
        return "", True

    def _is_there(self) -> bool:
        """Whether the name is that of what was just imported: that it is taken is no news."""
        return self.result is not None and self.name == self._imported

    def _action(self) -> Node:
        ready = not self.busy and self.data_folder is not None and self._name_check()[1]
        again = self.result is not None
        label = self.text("Import once more") if again else self.text("Import Business")
        look = "" if again else "primary"
        button = view.button(label, self.import_business, key="import", look=look, disabled=not ready, focus=True)
        first = view.paragraph(self.text("To import, first choose Manager’s data folder."), look="muted")
        missing = first if self.data_folder is None else None
        return view.group(self.trouble(), self.under_way() or button, missing, look="action")

    # ---- what happens --------------------------------------------------------------------------------------------

    def _is_known(self) -> bool:
        """Whether the folder is Manager's, and no other that an import here has made look like it."""
        folder = self.data_folder
        return folder not in self._doubted and is_data_folder(folder) and data_folder_around(folder) is None

    def _use_folder(self, folder: Path) -> None:
        self.data_folder = folder

    def _start_folder(self) -> Path:
        return self.data_folder if self.data_folder is not None else Path.home()


def _usual_folder() -> Path | None:
    last = [folder for folder in map(Path, preferences().data_folders) if is_data_folder(folder)]
    return next(iter((*last, *manager_folders())), None)


def _count_businesses(folder: Path) -> int:
    inside = folder / "Businesses"
    listing = list_folder(inside if inside.is_dir() else folder)
    return sum(item.name.lower().endswith(".manager") for item in listing.items)
