"""The part of the audit that writes the working paper: its name, folder, who made it, and what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.backup.names import file_name
from manager_nb.errors import BusinessNameError, SelectionError
from manager_nb.listing.query import day_in
from manager_nb.widgets import view
from manager_nb.widgets.files import FolderChooser
from manager_nb.widgets.folders import export_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from manager_nb.audit.findings import Findings
    from manager_nb.audit.rule import Review
    from manager_nb.audit.sampling import Sample
    from manager_nb.progress import Progress
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

EXCEL, PAGE = "xlsx", "html"

_PLACE = "paper"


class PaperView:
    """Writes working papers into a folder, which also holds the marks of review.

    Args:
        panel: the panel it is in.
        moved: called when another folder is chosen.

    Attributes:
        folder: where they go.
        name: what they are called, without an ending.
        by: who made it.
        on: when, as ``2026-04-01``; "" writes no day.
        done: the paper that was written last.
    """

    def __init__(self, panel: Panel, moved: Callable[[], None]) -> None:
        self._panel, self._moved = panel, moved
        self.folder = export_folder()
        self._folders = FolderChooser(panel, f"{_PLACE}-folder", self._use, lambda: self.folder)
        self.name = self.by = self.on = ""
        self.done: Path | None = None

    def suggest(self, business: str) -> None:
        """Name the paper after the business."""
        self.done = None
        self.name = self._panel.text("Audit of {business}", business=self.stem(business))

    @staticmethod
    def stem(business: str) -> str:
        """The name of a business as far as it can be a file's."""
        try:
            return file_name(business, longest=150).text
        except BusinessNameError:
            return "_"

    def write(
        self, kind: str, findings: Findings, reviews: Mapping[int, Review], samples: Sequence[Sample], *, by: str = ""
    ) -> None:
        """Write a paper; the panel's long work.

        Args:
            kind: "xlsx" or "html".
            findings: what was found.
            reviews: the marks of review.
            samples: the samples that were drawn.
            by: who made it, where nobody is named here.
        """
        language, maker = self._panel.language, self.by.strip() or by.strip()
        drawn = tuple(samples)

        def work(progress: Progress) -> Path:
            if not self.name.strip(". "):
                raise SelectionError("The working paper has no name.", hint="Write one under “Name of the file”.")
            target = self.folder / f"{file_name(self.name, longest=200).text}.{kind}"
            day = day_in(self.on) if self.on.strip() else None
            target.parent.mkdir(parents=True, exist_ok=True)
            return findings.export(
                target,
                language=language,
                prepared_by=maker,
                prepared_on=day,
                reviews=reviews,
                sample=drawn,
                progress=progress,
            )

        def show(path: Path) -> None:
            self.done = path
            self._panel.focus = f"{_PLACE}-done"

        self.done = None
        self._panel.run("Writing the working paper", work, show, place=_PLACE)

    def nodes(self, write: Callable[[str], None]) -> Node:
        """The fields, the buttons and the outcome.

        Args:
            write: called with the kind that is wanted.
        """
        text, busy = self._panel.text, self._panel.busy
        return view.section(
            text("Working paper"),
            view.fields(
                view.entry(text("Name of the file"), self.name, self._set("name"), key=f"{_PLACE}-name"),
                view.entry(text("Prepared by"), self.by, self._set("by"), key=f"{_PLACE}-by"),
                view.day(
                    text("Prepared on"),
                    self.on,
                    self._set("on"),
                    key=f"{_PLACE}-on",
                    help=text("Left empty, the paper has no day, and repeats to the byte."),
                ),
            ),
            view.row(
                self._panel.copyable(text("Folder"), str(self.folder), key=f"{_PLACE}-where"),
                self._folders.opener(text("Choose another folder")),
            ),
            self._folders.browser(),
            None if self._folders.opened else self._panel.trouble(f"{_PLACE}-folder"),
            view.row(
                view.button(text("Write for Excel"), lambda: write(EXCEL), key=f"{_PLACE}-{EXCEL}", disabled=busy),
                view.button(text("Write a page to print"), lambda: write(PAGE), key=f"{_PLACE}-{PAGE}", disabled=busy),
            ),
            self._panel.under_way(_PLACE),
            self._panel.trouble(_PLACE),
            self._outcome(),
            key=_PLACE,
            note=text(
                "What was tested and how, every finding with the rows it rests on, your marks, the digests of the"
                " files, and how to repeat it."
            ),
        )

    def _outcome(self) -> Node | None:
        if self.done is None:
            return None
        text = self._panel.text
        return view.section(
            text("{name} is written", name=self.done.name),
            self._panel.copyable(text("Path"), str(self.done), key=f"{_PLACE}-path"),
            key=f"{_PLACE}-done",
            look="result",
        )

    def _set(self, name: str) -> Callable[[str], None]:
        return lambda words: setattr(self, name, words)

    def _use(self, folder: Path) -> None:
        self.folder, self.done = folder, None
        self._moved()
