"""The base of the panels that keep a business open while a person looks around in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any as Whatever

from manager_nb.timeline.business import Business, open_business
from manager_nb.widgets.business_panel import BusinessPanel
from manager_nb.widgets.glance import take_glance

if TYPE_CHECKING:
    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.progress import Progress


MOST_AMOUNTS = 20_000
"""The amounts of more documents, or changes, are reckoned only when somebody asks: it takes a while."""


class OpenPanel(BusinessPanel):
    """A panel whose business stays open; arguments as for :class:`BusinessPanel`.

    Attributes:
        current: the open business, None until it is read. One that the panel opened itself is closed when another one
            is taken; one that was given open stays open.
    """

    current: Business | None = None
    _own = False

    def read(self, business: Business, progress: Progress) -> Whatever:
        """Read what the panel shows besides the figures; runs in the thread of the work, touches no trait."""
        del business, progress
        return None

    def show(self, seen: Whatever) -> None:
        """Take what :meth:`read` gave."""

    def look(self, source: Path | AnyBusiness, progress: Progress) -> Whatever:
        """Open the business, take its figures, and read the rest."""
        business = source if isinstance(source, Business) else open_business(_path_of(source), progress=progress)
        try:
            return business, take_glance(business, progress), self.read(business, progress)
        except BaseException:
            if business is not source:
                business.close()
            raise

    def looked(self, seen: Whatever) -> None:
        """Take what :meth:`look` read."""
        self.current, self.glance, read = seen
        self._own = self.current is not self.source
        self.show(read)

    def forget(self) -> None:
        """Close the business before."""
        super().forget()
        if self.current is not None and self._own:
            self.current.close()
        self.current = None

    def close(self) -> None:
        """Let go of everything, the business too if the panel opened it."""
        super().close()
        if self.current is not None and self._own:
            self.current.close()
        self.current = None


def _path_of(source: Path | AnyBusiness) -> Path:
    return source if isinstance(source, Path) else source.source.path
