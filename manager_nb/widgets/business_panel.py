"""What the panels about one business have in common: choose it, open it, show what it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any as Whatever

from traitlets import Any

from manager_nb.backup.manifest import require_no_manifest
from manager_nb.demo import demonstration
from manager_nb.model.business import Business
from manager_nb.widgets import view
from manager_nb.widgets.files import FileChooser
from manager_nb.widgets.glance import opened, take_glance
from manager_nb.widgets.panel import Panel
from manager_nb.widgets.parts import business_facts, business_remarks
from manager_nb.widgets.preferences import preferences

if TYPE_CHECKING:
    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node


class BusinessPanel(Panel):
    """A panel about one business.

    Args:
        source: a business file or an open `Business`; None lets the person choose.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        source: the business file or the open `Business`.
        glance: its figures, a `Glance`; None until they are read.
    """

    source = Any(None)
    glance = Any(None)

    carries = True
    """Whether the other pages open the same business next; a backup that is only looked at is none of them."""

    def __init__(
        self, source: Path | str | Business | None = None, *, language: str | None = None, timezone: str | None = None
    ) -> None:
        self._files = FileChooser(self, "source", self.open)
        super().__init__(language=language, timezone=timezone)
        if source is not None:
            self.open(source)

    def open(self, source: Path | str | Business) -> None:
        """Take a business file or an open business, and look what is in it."""
        subject = source if isinstance(source, Business) else Path(source)

        def look(progress: Progress) -> Whatever:
            if isinstance(subject, Path):
                require_no_manifest(subject)
            return self.look(subject, progress)

        def show(seen: Whatever) -> None:
            self.looked(seen)
            if isinstance(subject, Path):
                preferences().remember_file(subject)
                if self.carries:
                    preferences().choose("business", str(subject))

        with self.change("source"):
            self.forget()
            self.source = subject
            self.run("Opening the business", look, show, place="source")

    def look(self, source: Path | Business, progress: Progress) -> Whatever:
        """Read what this panel wants to know of the business; runs in the thread of the work, touches no trait."""
        with opened(source, progress) as business:
            return take_glance(business, progress)

    def looked(self, seen: Whatever) -> None:
        """Take what :meth:`look` read."""
        self.glance = seen

    def forget(self) -> None:
        """Drop what was known of the business before, and what was made of it."""
        self.glance = self.result = None

    def subject(self) -> str:
        """The file's name, or that of the open business: the same before it is read and after."""
        return getattr(self.source, "name", "")

    def business(self, heading: str = "", choose: str = "", choose_another: str = "", *, types: bool = True) -> Node:
        """The first part of the screen: which business it is, the chooser, its figures.

        Args:
            heading: of this part; empty: "Business".
            choose: the button's words while nothing is chosen; empty: "Choose a business".
            choose_another: its words when something is; empty: "Choose another business".
            types: whether the records by type are among the remarks.
        """
        seen = self.glance
        none_yet = self.source is None
        first = choose or self.text("Choose a business")
        another = choose_another or self.text("Choose another business")
        opener = self._files.opener(first if none_yet else another, look="primary" if none_yet else "")
        made_up = self.text("A demonstration: every name and figure in it is made up, so try everything.")
        return view.section(
            heading or self.text("Business"),
            view.row(view.paragraph(seen.name, look="name"), opener) if seen is not None else opener,
            view.paragraph(made_up, look="muted") if self.source == demonstration() else None,
            self._files.browser(),
            None if self._files.opened else self.trouble("source"),
            self.under_way() if seen is None else None,
            business_facts(self, seen) if seen is not None else None,
            business_remarks(self, seen, types=types) if seen is not None else None,
            key="business",
        )
