"""The first panel that a person sees: choose a language and a business, see what is in it and how it does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any as Whatever

from traitlets import Any

from manager_nb.widgets import view
from manager_nb.widgets.business_panel import BusinessPanel
from manager_nb.widgets.glance import Glance, opened, take_glance
from manager_nb.widgets.health import Health, health_section, take_health
from manager_nb.widgets.parts import types_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from manager_nb.model.business import Business
    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node


class StartPanel(BusinessPanel):
    """Shows a business at a glance; arguments as for :class:`BusinessPanel`.

    Attributes:
        health: how the business does, a `Health`; None until it is read.
    """

    health = Any(None)

    def look(self, source: Path | Business, progress: Progress) -> tuple[Glance, Health]:
        """Its figures and its health."""
        with opened(source, progress) as business:
            return take_glance(business, progress), take_health(business, progress)

    def looked(self, seen: Whatever) -> None:
        """Take both."""
        self.glance, self.health = seen

    def forget(self) -> None:
        """Drop both."""
        super().forget()
        self.health = None

    def title(self) -> str:
        """Its heading."""
        return self.text("Welcome")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "This page reads files of Manager and never changes them. Choose your language and time zone at the top"
            " right."
        )

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.glance is not None and not self.busy:
            return self.text("{name} is open.", name=self.glance.name)
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business, how it does, and what is in it."""
        yield self.business(types=False)
        if self.glance is not None and self.health is not None:
            yield health_section(self, self.glance, self.health)
            yield view.section(self.text("Records by type"), types_table(self, self.glance), key="by-type")
