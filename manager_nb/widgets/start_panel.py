"""The first panel that a person sees: choose a language and a business, and see what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Any

from manager_nb.demo import demonstration
from manager_nb.model.business import Business
from manager_nb.widgets import view
from manager_nb.widgets.files import FileChooser
from manager_nb.widgets.glance import Glance, glance, opened
from manager_nb.widgets.panel import Panel
from manager_nb.widgets.parts import business_facts, business_remarks, types_table
from manager_nb.widgets.preferences import preferences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node


class StartPanel(Panel):
    """Shows a business at a glance.

    Args:
        source: a business file or an open `Business`; None lets the person choose.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        source: the business that is shown.
        result: its figures, a `Glance`; None until they are read.
    """

    source = Any(None)

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

        def look(progress: Progress) -> Glance:
            with opened(subject, progress) as business:
                return glance(business, progress)

        def show(seen: Glance) -> None:
            self.result = seen
            if isinstance(subject, Path):
                preferences().remember_file(subject)

        with self.change("source"):
            self.source, self.result = subject, None
            self.run("Opening the business", look, show, place="source")

    def title(self) -> str:
        """Its heading."""
        return self.text("Welcome")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "This page reads the files of Manager and never changes them. Choose your language on the right."
        )

    def subject(self) -> str:
        """The business."""
        return self.result.name if self.result is not None else getattr(self.source, "name", "")

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.result is not None and not self.busy:
            return self.text("{name} is open.", name=self.result.name)
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business and what is in it."""
        yield self._business()
        if self.result is not None:
            yield view.section(self.text("Records by type"), types_table(self, self.result), key="by-type")

    def _business(self) -> Node:
        seen = self.result
        label = self.text("Choose a business") if self.source is None else self.text("Choose another business")
        opener = self._files.opener(label, look="primary" if self.source is None else "")
        made_up = self.source == demonstration()
        remark = self.text("A demonstration: every name and figure in it is made up, so try everything.")
        return view.section(
            self.text("Business"),
            view.row(view.paragraph(seen.name, look="name"), opener) if seen is not None else opener,
            view.paragraph(remark, look="muted") if made_up else None,
            self._files.browser(),
            None if self._files.opened else self.trouble("source"),
            self.under_way() if seen is None else None,
            business_facts(self, seen) if seen is not None else None,
            business_remarks(self, seen, types=False) if seen is not None else None,
            key="business",
        )
