"""The pictures and the attachments of a business as lists inside a panel; one of them opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.widgets import view
from manager_nb.widgets.attached_files import STATES, AttachedFiles
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_column, record_name
from manager_nb.widgets.record_read import attached_file, picture_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.record_read import AttachedFile
    from manager_nb.widgets.view import Node

PICTURES, ATTACHMENTS = "pictures", "attachments"

_PICTURE_COLUMNS = (
    record_column("name"),
    Column("size", "Size in bytes"),
    Column("mime", "Kind"),
    Column("time", "Time"),
)
_ATTACHMENT_COLUMNS = (
    Column("name", "Name"),
    record_column("label", mark("Belongs to")),
    Column("date", "Time"),
    Column("size", "Size in bytes"),
    Column("state", "State", words=STATES),
    Column("mime", "Kind", hidden=True),
    Column("sha256", "SHA-256", hidden=True),
)


class FileLists:
    """Two lists, read when they are first looked at.

    Args:
        panel: the panel they are in.
        place: their name there: the prefix of their keys.
        opens: called with the key of a record that a person opens.
    """

    def __init__(self, panel: Panel, place: str, opens: Callable[[str], None]) -> None:
        self._panel, self._place, self._opens = panel, place, opens
        self._business: Business | None = None
        self._grids = {
            PICTURES: Grid(panel, f"{place}-{PICTURES}", opens=lambda row: self._open(PICTURES, row)),
            ATTACHMENTS: Grid(panel, f"{place}-{ATTACHMENTS}", opens=lambda row: self._open(ATTACHMENTS, row)),
        }
        self._read: set[str] = set()
        self._files = AttachedFiles(panel, f"{place}-one")
        self._row: Mapping[str, Any] = {}

    def take(self, business: Business) -> None:
        """Take a business."""
        self.clear()
        self._business = business

    def clear(self) -> None:
        """Forget the business."""
        self._business = None
        self._read = set()
        for grid in self._grids.values():
            grid.clear()
        self._close()

    def read(self, which: str) -> None:
        """Read a list, if that was not done; the panel's long work."""
        business = self._business
        self._close()
        if business is None or which in self._read or which not in self._grids:
            return

        def work(progress: Progress) -> pa.Table:
            return _pictures(business, progress) if which == PICTURES else _attachments(business, progress)

        def show(rows: pa.Table) -> None:
            self._read.add(which)
            columns = _PICTURE_COLUMNS if which == PICTURES else _ATTACHMENT_COLUMNS
            self._grids[which].show(which, rows, columns)

        self._panel.run("Reading", work, show, place=self._place)

    def pictures(self) -> Node:
        """The list of pictures, or the picture that is open."""
        return self._list(PICTURES, self._panel.text("Pictures"))

    def attachments(self) -> Node:
        """The list of attachments, or the attachment that is open."""
        return self._list(ATTACHMENTS, self._panel.text("Attachments"))

    def _list(self, which: str, title: str) -> Node:
        self._grids[which].rename(title)
        opened = self._files.files
        shown = self._opened(opened[0]) if opened else self._grids[which].nodes() if which in self._read else None
        return view.group(self._panel.under_way(self._place), self._panel.trouble(self._place), shown)

    def _opened(self, file: AttachedFile) -> Node:
        text, key = self._panel.text, self._row["object"]
        name = record_name(self._panel.words, file.name, None) if file.image else file.name
        record = None
        if key:
            called = record_name(self._panel.words, self._row["label"], None) or text("the record")
            label = text("Open {name}", name=called)
            record = view.button(label, lambda: self._opens(key), key=f"{self._place}-record")
        back = view.button(text("Back to the list"), self._leave, key=f"{self._place}-leave")
        return view.section(
            name or text("no name"), view.row(back, record), self._files.nodes(), key=f"{self._place}-opened"
        )

    def _open(self, which: str, number: int) -> None:
        business, row = self._business, self._grids[which].rows.slice(number, 1).to_pylist()[0]
        if business is None:
            return

        def read(progress: Progress) -> AttachedFile | None:
            del progress
            if which == PICTURES:
                return picture_of(business, row["image"], row["name"])
            return attached_file(business, row)

        def show(file: AttachedFile | None) -> None:
            self._row = row
            self._files.show(business, [file] if file is not None else [])
            self._panel.focus = f"{self._place}-opened"

        self._panel.run("Reading", read, show, place=self._place)

    def _leave(self) -> None:
        self._close()
        self._panel.focus = "look-through"

    def _close(self) -> None:
        self._row = {}
        self._files.clear()


def _pictures(business: Business, progress: Progress) -> pa.Table:
    rows = business.images.to_arrow(progress=progress)
    names = [
        label or _called(business, key)
        for label, key in zip(rows["label"].to_pylist(), rows["object"].to_pylist(), strict=True)
    ]
    return rows.append_column("name", pa.array(names, pa.string()))


def _attachments(business: Business, progress: Progress) -> pa.Table:
    rows = business.attachments.to_arrow(progress=progress)
    known = {key: _called(business, key) for key in rows["object"].unique().to_pylist() if key}
    return rows.append_column("label", pa.array(map(known.get, rows["object"].to_pylist()), pa.string()))


def _called(business: Business, key: str) -> str | None:
    named = business.named(key)
    return named.label if named is not None else None
