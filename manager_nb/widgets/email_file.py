"""The file that an e-mail of an older version carries, inside a panel: it is only saved, never shown or run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.listing.saving import save_bytes
from manager_nb.widgets import view
from manager_nb.widgets.folders import export_folder

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.model.emails import Letter
    from manager_nb.progress import Progress
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


class EmailFile:
    """One file with a button that saves it.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors are shown.

    Attributes:
        saved: where it was saved; None until then.
    """

    def __init__(self, panel: Panel, place: str) -> None:
        self._panel, self._place = panel, place
        self._letter: Letter | None = None
        self.saved: Path | None = None

    def show(self, letter: Letter) -> None:
        """Take the file of an e-mail, if it has one."""
        self._letter, self.saved = letter if letter.filename else None, None

    def clear(self) -> None:
        """Show none."""
        self._letter = self.saved = None

    def save(self) -> None:
        """Save it into the exports folder; the panel's long work."""
        letter, folder = self._letter, export_folder()
        if letter is None:
            return

        def work(progress: Progress) -> Path:
            return save_bytes(letter.content, letter.filename or "", folder, progress=progress)

        def done(path: Path) -> None:
            self.saved = path
            self._panel.focus = f"{self._place}-saved"

        self.saved = None
        self._panel.run("Saving", work, done, place=self._place)

    def nodes(self) -> Node | None:
        """The file; None where there is none."""
        if self._letter is None:
            return None
        text, name = self._panel.text, self._letter.filename or ""
        told = f"{name} · {self._panel.words.size(len(self._letter.content))}"
        return view.section(
            text("Attachment of the e-mail"),
            view.paragraph(told, look="strong"),
            view.paragraph(
                text("It is not shown here. Save it, and open it with a program that you trust."), look="muted"
            ),
            view.row(
                view.button(
                    text("Save"),
                    self.save,
                    key=f"{self._place}-save",
                    name=text("Save {name}", name=name),
                    disabled=self._panel.busy,
                )
            ),
            self._panel.under_way(self._place),
            self._panel.trouble(self._place),
            self._outcome(),
        )

    def _outcome(self) -> Node | None:
        if self.saved is None:
            return None
        text = self._panel.text
        path = self._panel.copyable(text("Path"), str(self.saved), key=f"{self._place}-path")
        heading = text("{name} is saved and checked", name=self.saved.name)
        return view.section(heading, path, key=f"{self._place}-saved", look="result")
