"""Create a backup by clicking."""

from __future__ import annotations

import glob
import itertools
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from traitlets import Any, Bool, Unicode

from manager_nb.backup.create import Backup, create_backup
from manager_nb.backup.names import backup_name, numbered, suggest_name
from manager_nb.backup.verify import Verification, verify_backup
from manager_nb.errors import BusinessNameError
from manager_nb.widgets import view
from manager_nb.widgets.backup_contents import chosen_contents, contents_section
from manager_nb.widgets.business_panel import BusinessPanel
from manager_nb.widgets.files import FolderChooser
from manager_nb.widgets.folders import backup_folder
from manager_nb.widgets.glance import Glance, opened, take_glance
from manager_nb.widgets.outcome import backup_outcome, backup_verdict, second_look
from manager_nb.widgets.preferences import preferences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.model.business import Business
    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node


class BackupPanel(BusinessPanel):
    """Makes a backup of a business: what goes into it, its name, its folder; then shows the proof.

    Args:
        source: a business file or an open `Business`; None lets the person choose.
        folder: where the backup goes; None is the folder used last, else "Manager backups" in the home folder, which is
            made when the first backup is.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        source: what is backed up.
        folder: where the backup goes.
        name: the name that the backup gets, without ending.
        attachments: whether attachments go into it; `emails` and `history` likewise.
        compress: whether it is compressed (Manager cannot open it as it is then).
        result: the `Backup`, None until it is made.
    """

    folder = Any(None)
    name = Unicode("")
    attachments = Bool(True)
    emails = Bool(True)
    history = Bool(True)
    compress = Bool(False)

    def __init__(
        self,
        source: Path | str | Business | None = None,
        folder: Path | str | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self._look: Verification | Exception | None = None
        self._suggested = ""
        self._folders = FolderChooser(self, "folder", self._use_folder, lambda: self.folder)
        super().__init__(source, language=language, timezone=timezone)
        self.folder = Path(folder).expanduser() if folder is not None else _usual_folder()

    # ---- what it does, from a button or from code ----------------------------------------------------------------

    def create(self) -> None:
        """Create the backup as chosen, and check it."""
        source, folder, name = self.source, self.folder, self.name
        choices = chosen_contents(self)

        def make(progress: Progress) -> tuple[Backup, Verification | Exception]:
            backup = create_backup(source, folder, name=name, progress=progress, **choices)
            return backup, second_look(lambda: verify_backup(backup.path, "full", progress=progress))

        def show(made: tuple[Backup, Verification | Exception]) -> None:
            self.result, self._look = made
            self._suggest()
            preferences().remember_file(self.result.path)
            self.focus = "result"

        with self.change():
            self._look = self.result = None
            self.run("Creating the backup", make, show)

    def look(self, source: Path | Business, progress: Progress) -> tuple[Glance, str]:
        """Its figures, and the name to suggest."""
        with opened(source, progress) as business:
            return take_glance(business, progress), suggest_name(business, datetime.now(ZoneInfo(self.timezone)).date())

    def looked(self, seen: tuple[Glance, str]) -> None:
        """Take both."""
        self.glance, self._suggested = seen
        self.name = self._suggested
        self._suggest()

    def _suggest(self) -> None:
        """Where the suggested name is taken, suggest the next free one; a name that was typed stays."""
        if self.folder is None or not re.fullmatch(rf"{re.escape(self._suggested)}(\(\d+\))?", self.name):
            return
        for number in itertools.count(1):
            self.name = numbered(self._suggested, number)
            if not any(Path(self.folder).glob(f"{glob.escape(self.name)}.manager*")):
                return

    def forget(self) -> None:
        """Drop the proof too."""
        super().forget()
        self._look = None

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Backup")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "Makes a copy that Manager can import, and proves that it is whole. The business is only read."
        )

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.result is not None and self._look is not None and not self.busy:
            return f"{backup_verdict(self, self.result, self._look)}: {self.result.path.name}"
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business, the choices, the place, the action, the outcome."""
        yield self.business()
        if self.glance is not None:
            yield contents_section(self, self.text("What goes into the backup"))
            yield self._target()
            yield self._action()
        if self.result is not None and self._look is not None:
            yield backup_outcome(self, self.result, self._look)

    def _target(self) -> Node:
        remark, _ = self._name_check()
        return view.section(
            self.text("Name and place"),
            view.entry(
                self.text("Name of the backup"),
                self.name,
                lambda name: self.set_trait("name", name),
                key="name",
                disabled=self.busy,
                help=remark,
                on_enter=self.create if self._ready() else None,
            ),
            view.row(
                view.copyable(self.text("Folder"), str(self.folder), key="target"),
                self._folders.opener(self.text("Choose another folder")),
            ),
            self._folders.browser(),
            None if self._folders.opened else self.trouble("folder"),
            key="place",
        )

    def _name_check(self) -> tuple[str, bool]:
        try:
            name = backup_name(self.name)
        except BusinessNameError as error:
            return " ".join(error.in_language(self.text)), False
        if name.replaced or name.shortened:
            return self.text("It will be called “{name}”, which every system can store.", name=name.text), True
        return "", True

    def _ready(self) -> bool:
        return not self.busy and self._name_check()[1]

    def _action(self) -> Node:
        again = self.result is not None
        label = self.text("Create another backup") if again else self.text("Create backup")
        look = "" if again else "primary"
        button = view.button(label, self.create, key="create", look=look, disabled=not self._ready(), focus=True)
        return view.group(self.trouble(), self.under_way() or button, look="action")

    def _use_folder(self, folder: Path) -> None:
        self.folder = folder
        preferences().remember_folder(folder)
        self._suggest()


def _usual_folder() -> Path:
    last = preferences().folders
    return Path(last[0]) if last and Path(last[0]).is_dir() else backup_folder()
