"""Files of a business inside a panel: pictures and texts are shown, everything else is only saved; nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.i18n import mark
from manager_nb.listing.saving import save_attachment, save_picture
from manager_nb.widgets import view
from manager_nb.widgets.folders import export_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.record_read import AttachedFile
    from manager_nb.widgets.view import Node

STATES = {
    "present": mark("Present and unaltered"),
    "missing": mark("Missing in this copy"),
    "altered": mark("Altered: not what was attached"),
}
"""What is known of an attachment's content, in words."""

_MEANINGS = {
    "missing": mark("This copy of the business names the file without holding it. A backup made with attachments may."),
    "altered": mark(
        "Its content does not have the recorded SHA-256. It is not shown and cannot be saved as this file."
    ),
}


class AttachedFiles:
    """Some files, each with what can be shown of it and a button that saves it.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys.
    """

    def __init__(self, panel: Panel, place: str) -> None:
        self._panel, self._place = panel, place
        self._business: Business | None = None
        self.files: tuple[AttachedFile, ...] = ()
        self.saved: dict[str, tuple[Path, ...]] = {}

    def show(self, business: Business, files: Sequence[AttachedFile]) -> None:
        """Take files of a business."""
        self._business, self.files, self.saved = business, tuple(files), {}

    def clear(self) -> None:
        """Show none."""
        self._business, self.files, self.saved = None, (), {}

    def save(self, files: Sequence[AttachedFile], place: str = "") -> None:
        """Save files into the exports folder; the panel's long work.

        Args:
            files: which.
            place: where on the screen the outcome is told.
        """
        business, at = self._business, place or self._place
        if business is None:
            return
        folder = export_folder()

        def work(progress: Progress) -> tuple[Path, ...]:
            return tuple(_save(business, file, folder, progress) for file in files)

        def done(paths: tuple[Path, ...]) -> None:
            self.saved[at] = paths
            self._panel.focus = f"{at}-saved"

        self.saved.pop(at, None)
        self._panel.run("Saving", work, done, place=at)

    def nodes(self) -> Node | None:
        """The files; None where there are none."""
        if not self.files:
            return None
        there = [file for file in self.files if _can_be_saved(file)]
        several = None
        if len(there) > 1:
            label = self._panel.text("Save all {count}", count=self._panel.words.number(len(there)))
            several = view.row(
                view.button(label, lambda: self.save(there), key=f"{self._place}-all", disabled=self._panel.busy)
            )
        return view.group(
            *(self._file(number, file) for number, file in enumerate(self.files)), several, self._outcome(self._place)
        )

    def _file(self, number: int, file: AttachedFile) -> Node:
        place, text = f"{self._place}-{number}", self._panel.text
        meaning = _MEANINGS.get(file.facts.get("state", ""))
        save = None
        if _can_be_saved(file):
            name = text("Save {name}", name=file.name)
            save = view.button(
                text("Save"), self._saving(file, place), key=f"{place}-save", name=name, disabled=self._panel.busy
            )
        return view.group(
            view.paragraph(file.name or text("no name"), look="strong"),
            view.paragraph(self._facts(file), look="muted"),
            view.notice(text(meaning), look="warning", title=text("Attention:")) if meaning else None,
            self._content(file) if not meaning else None,
            view.row(save) if save is not None else None,
            self._outcome(place),
            look="browser",
        )

    def _facts(self, file: AttachedFile) -> str:
        words, facts = self._panel.words, file.facts
        told = [words.size(facts["size"])] if facts.get("size") is not None else []
        if facts.get("date") is not None:
            told.append(self._panel.moment(facts["date"]))
        if facts.get("state") in STATES:
            told.append(self._panel.text(STATES[facts["state"]]))
        return " · ".join(told)

    def _content(self, file: AttachedFile) -> Node:
        if file.picture is not None:
            return view.image(file.content, file.picture, file.name)
        if file.words is not None:
            return view.preformatted(file.words, label=file.name)
        return view.paragraph(
            self._panel.text("It is not shown here. Save it, and open it with a program that you trust."), look="muted"
        )

    def _outcome(self, place: str) -> Node | None:
        under_way, trouble = self._panel.under_way(place), self._panel.trouble(place)
        paths = self.saved.get(place, ())
        if not paths:
            return view.group(under_way, trouble) if under_way or trouble else None
        text = self._panel.text
        if len(paths) == 1:
            heading, where = text("{name} is saved and checked", name=paths[0].name), paths[0]
        else:
            heading = self._panel.plural(
                "{count} file is saved and checked", "{count} files are saved and checked", len(paths)
            )
            where = paths[0].parent
        path = self._panel.copyable(text("Path"), str(where), key=f"{place}-path")
        return view.section(heading, path, key=f"{place}-saved", look="result")

    def _saving(self, file: AttachedFile, place: str) -> Callable[[], None]:
        return lambda: self.save([file], place)


def _can_be_saved(file: AttachedFile) -> bool:
    return file.image or file.facts.get("state") == "present"


def _save(business: Business, file: AttachedFile, folder: Path, progress: Progress) -> Path:
    if file.image:
        return save_picture(business, file.key, file.name, folder, progress=progress)
    return save_attachment(business, file.key, folder, progress=progress)
