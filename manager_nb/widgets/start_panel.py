"""The first panel that a person sees: choose a language and a business, and see what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.widgets import view
from manager_nb.widgets.business_panel import BusinessPanel
from manager_nb.widgets.parts import types_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.widgets.view import Node


class StartPanel(BusinessPanel):
    """Shows a business at a glance; arguments as for :class:`BusinessPanel`."""

    def title(self) -> str:
        """Its heading."""
        return self.text("Welcome")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "This page reads files of Manager and never changes them. Choose your language at the top right."
        )

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.glance is not None and not self.busy:
            return self.text("{name} is open.", name=self.glance.name)
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business and what is in it."""
        choose, another = self.text("Choose a business"), self.text("Choose another business")
        yield self.business(self.text("Business"), choose, another, types=False)
        if self.glance is not None:
            yield view.section(self.text("Records by type"), types_table(self, self.glance), key="by-type")
