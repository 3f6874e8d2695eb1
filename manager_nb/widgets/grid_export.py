"""The part of a long table that writes its rows to a file: the kinds, the folder, and what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.listing.export import FORMATS, export_table
from manager_nb.widgets import view
from manager_nb.widgets.files import FolderChooser
from manager_nb.widgets.folders import export_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from manager_nb.listing.columns import Column
    from manager_nb.progress import Progress
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_FORMAT_NAMES = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}


class GridExport:
    """Exports the rows of one table.

    Args:
        panel: the panel it is in.
        place: the table's name there: the prefix of its keys, and where its errors and its work are shown.

    Attributes:
        done: the file that was written last, None where the rows have changed since.
    """

    def __init__(self, panel: Panel, place: str) -> None:
        self._panel, self._place = panel, place
        self._folder: Path | None = None
        self._folders = FolderChooser(panel, f"{place}-folder", self._use_folder, export_folder)
        self.done: Path | None = None

    def write(self, kind: str, name: str, rows: pa.Table, columns: Sequence[Column]) -> None:
        """Write rows to a file; the panel's long work.

        Args:
            kind: "csv", "xlsx" or "parquet".
            name: what the file is called, without an ending.
            rows: all of them.
            columns: of the rows, in order.
        """
        titles = [self._panel.text(column.title) for column in columns]
        told = _in_words(rows, columns, self._panel)
        folder, zone = self._folder or export_folder(), self._panel.timezone

        def write(progress: Progress) -> Path:
            return export_table(told, folder, name, kind, titles=titles, zone=zone, progress=progress)

        def show(path: Path) -> None:
            self.done = path
            self._panel.focus = self._key("exported")

        self.done = None
        self._panel.run("Exporting", write, show, place=self._place)

    def nodes(self, rows: int, export: Callable[[str], None]) -> Node:
        """The buttons, the folder and the outcome.

        Args:
            rows: how many are written.
            export: called with the kind that is wanted.
        """
        text, done = self._panel.text, self.done
        count = self._panel.words.number(rows)
        folder = self._folder or export_folder()
        buttons = [
            view.button(
                _FORMAT_NAMES[kind],
                _calling(export, kind),
                key=self._key(kind),
                disabled=self._panel.busy,
                name=text("Export as {kind}", kind=_FORMAT_NAMES[kind]),
            )
            for kind in FORMATS
        ]
        return view.group(
            view.paragraph(
                text("All {count} rows that are left are written, in the columns that are shown.", count=count),
                look="muted",
            ),
            view.row(*buttons, self._folders.opener(text("Folder: {folder}", folder=folder.name))),
            self._folders.browser(),
            self._panel.under_way(self._place),
            self._panel.trouble(self._place),
            view.section(
                text("{name} is written: {rows} rows", name=done.name, rows=count),
                self._panel.copyable(text("Path"), str(done), key=self._key("exported-path")),
                key=self._key("exported"),
                look="result",
            )
            if done is not None
            else None,
            look="browser",
        )

    def _use_folder(self, folder: Path) -> None:
        self._folder = folder

    def _key(self, name: str) -> str:
        return f"{self._place}-{name}"


def _calling(export: Callable[[str], None], kind: str) -> Callable[[], None]:
    return lambda: export(kind)


def _in_words(rows: pa.Table, columns: Sequence[Column], panel: Panel) -> pa.Table:
    """The same rows with the values that are names of ours in the reader's language; figures and times as they are."""
    for place, column in enumerate(columns):
        if column.words:
            told = [column.told(value, panel.words, panel.timezone) or None for value in rows[column.name].to_pylist()]
            rows = rows.set_column(place, column.name, pa.array(told, pa.string()))
    return rows
