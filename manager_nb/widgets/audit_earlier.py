"""The part of the audit that takes an earlier backup of the same business."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.audit.side_by_side import require_another_file, require_related
from manager_nb.backup.manifest import require_no_manifest
from manager_nb.errors import ManagerNbError
from manager_nb.timeline.business import Business, open_business
from manager_nb.widgets import view
from manager_nb.widgets.files import FileChooser

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager_nb.progress import Progress
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_PLACE = "earlier"


class AuditEarlier:
    """An earlier backup, if there is one.

    Args:
        panel: the panel it is in.
        current: gives the business that is audited.
        taken: called once another one, or none, is taken, before the one before is closed.

    Attributes:
        business: the earlier backup, open; None where none is taken.
        missing: the path of one that was taken another day and is not there any more; "" where none is.
    """

    def __init__(self, panel: Panel, current: Callable[[], Business | None], taken: Callable[[], None]) -> None:
        self._panel, self._current, self._taken = panel, current, taken
        self._files = FileChooser(panel, _PLACE, self.take, self._beside)
        self.business: Business | None = None
        self.missing = ""

    @property
    def path(self) -> str:
        """Where it is; "" where none is taken."""
        return str(self.business.source.path) if self.business is not None else ""

    def take(self, path: Path | str | None) -> None:
        """Take one; None takes none. The panel's long work."""
        wanted, current = None if path is None else Path(path), self._current()

        def work(progress: Progress) -> Business | None:
            if wanted is None:
                return None
            require_no_manifest(wanted)
            earlier = open_business(wanted, progress=progress)
            if current is not None:
                try:
                    require_another_file(current, earlier)
                    require_related(current, earlier)
                except ManagerNbError:
                    earlier.close()
                    raise
            return earlier

        def show(earlier: Business | None) -> None:
            before, self.business, self.missing = self.business, earlier, ""
            self._taken()
            if before is not None:
                before.close()
            self._panel.focus = f"{_PLACE}-open"

        self._panel.run("Opening the earlier backup", work, show, place=_PLACE)

    def recall(self, path: str) -> None:
        """Take the one that was taken another day, or say that it is not there any more."""
        self.missing = ""
        if path and Path(path).exists():
            self.take(path)
        elif path:
            self.missing = path

    def drop(self) -> None:
        """Close it, and forget it."""
        if self.business is not None:
            self.business.close()
        self.business, self.missing = None, ""

    def nodes(self) -> Node:
        """Which one it is, and the chooser."""
        panel, text, earlier = self._panel, self._panel.text, self.business
        opener = self._files.opener(
            text("Choose an earlier backup") if earlier is None else text("Choose another backup")
        )
        drop = view.button(
            text("Without an earlier backup"),
            lambda: self.take(None),
            key=f"{_PLACE}-drop",
            look="quiet",
            disabled=panel.busy,
        )
        return view.section(
            text("2. An earlier backup, if you have one"),
            view.paragraph(earlier.name, look="name") if earlier is not None else None,
            view.paragraph(self.path, look="muted") if earlier is not None else None,
            self._not_there(),
            view.row(opener, drop if earlier is not None else None),
            self._files.browser(),
            None if self._files.opened else panel.trouble(_PLACE),
            panel.under_way(_PLACE),
            key=_PLACE,
            note=text(
                "Rows that were there and are gone or altered since are the strongest sign that somebody changed the"
                " file itself."
            ),
        )

    def _not_there(self) -> Node | None:
        if not self.missing:
            return None
        words = self._panel.text("The earlier backup of last time is not there any more: {path}", path=self.missing)
        return view.notice(words, look="warning")

    def _beside(self) -> Path:
        """Where it may be: beside the business."""
        current = self._current()
        return current.source.path.parent if current is not None else Path.home()
