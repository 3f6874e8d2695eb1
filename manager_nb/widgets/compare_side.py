"""One of the two sides that are compared: a file, as it is or as it was at a moment."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.demo import demonstration
from manager_nb.format.schema import REVISION
from manager_nb.timeline.business import PastBusiness
from manager_nb.widgets import view
from manager_nb.widgets.damage import damage_told
from manager_nb.widgets.files import FileChooser
from manager_nb.widgets.moment_choice import MomentChoice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.glance import Glance
    from manager_nb.widgets.open_files import Seen, Source
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

WHOLE, MOMENT = "whole", "moment"
_QUARTER = 3


class CompareSide:
    """The choice of one side.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors are shown.
        chosen: called with this side and the file that a person chooses.
        changed: called when the state of the file is chosen otherwise.

    Attributes:
        source: the file, or an open business; None until one is chosen.
        seen: what was read of it; None until then.
        way: "whole" for the file as it is, "moment" for an instant of it.
    """

    def __init__(
        self, panel: Panel, place: str, chosen: Callable[[CompareSide, Path], None], changed: Callable[[], None]
    ) -> None:
        self._panel, self.place, self._changed = panel, place, changed
        self._files = FileChooser(panel, place, lambda path: chosen(self, path))
        self._moment = MomentChoice(panel, changed, prefix=f"{place}-", then="compare")
        self._take_other = chosen
        self.source: Source | None = None
        self.seen: Seen | None = None
        self.way = WHOLE

    def take(self, source: Source | None, way: str = WHOLE) -> None:
        """Take a file that is yet to be read."""
        self.source, self.seen, self.way = source, None, way
        self._moment.forget()

    def show(self, seen: Seen) -> None:
        """Take what was read of it."""
        self.seen = seen
        self._moment.show(seen.actions, suggested_day(self._panel, seen.glance))

    @property
    def is_past(self) -> bool:
        """Whether an instant is chosen."""
        return self.way == MOMENT

    def maker(self) -> Callable[[Progress], Business]:
        """What gives the business of this side, as it is chosen now.

        Raises:
            SelectionError: the day, or the time of day, is none.
        """
        assert self.seen is not None  # noqa: S101 - the button is there only with both sides
        business = self.seen.business
        if not self.is_past:
            return lambda _progress: business
        make = self._moment.past()
        return lambda progress: make(business, progress)

    def told(self) -> str:
        """What is compared of this side, in words."""
        text = self._panel.text
        if self.source is None or self.seen is None:
            return "–"
        name = self.seen.business.source.path.name
        if self.is_past:
            return text("{file}, as it was at {time}", file=name, time=self._moment.told())
        if isinstance(self.seen.business, PastBusiness):
            return text("{file}, as it was at a moment", file=name)
        return text("{file}, as it is", file=name)

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self, heading: str, other: CompareSide) -> Node:
        """The file, its figures, and which state of it.

        Args:
            heading: which side it is.
            other: the other side, whose file can be taken here too.
        """
        text, seen = self._panel.text, self.seen
        choose = text("Choose a file") if self.source is None else text("Choose another file")
        opener = self._files.opener(choose, look="strong" if self.source is None else "")
        return view.section(
            heading,
            view.paragraph(seen.business.source.path.name, look="name") if seen is not None else None,
            self._figures(seen) if seen is not None else None,
            view.row(opener, self._same_file(other)),
            self._files.browser(),
            None if self._files.opened else self._panel.trouble(self.place),
            self._panel.under_way(self.place),
            *(self._remarks(seen) if seen is not None else ()),
            *(self._state() if seen is not None else ()),
            key=f"{self.place}-side",
            look="side",
        )

    def _figures(self, seen: Seen) -> Node:
        words, glance = self._panel.words, seen.glance
        records = self._panel.plural("{count} record", "{count} records", glance.records)
        if glance.first is None or glance.last is None:
            history = self._panel.text("no History")
        else:
            first, last = (words.date(self._panel.local(one).date()) for one in (glance.first, glance.last))
            history = self._panel.text("History from {first} to {last}", first=first, last=last)
        return view.paragraph(f"{records} · {history}", look="muted")

    def _same_file(self, other: CompareSide) -> Node | None:
        path = other.source
        if not isinstance(path, Path) or path == self.source:
            return None
        label = self._panel.text("Take {file} here too", file=path.name)
        return view.button(
            label,
            lambda: self._take_other(self, path),
            key=f"{self.place}-same",
            look="quiet",
            disabled=self._panel.busy,
        )

    def _remarks(self, seen: Seen) -> Iterable[Node | None]:
        text, glance = self._panel.text, seen.glance
        if self.source == demonstration():
            made_up = text("A demonstration: every name and figure in it is made up, so try everything.")
            yield view.paragraph(made_up, look="muted")
        if glance.schema_revision is not None and glance.schema_revision > REVISION:
            words = text("A newer Manager wrote this file. What is unknown here is kept as it is, byte for byte.")
            yield view.notice(words, title=text("Newer file:"))
        yield damage_told(self._panel, glance.damage, f"{self.place}-problems")

    def _state(self) -> Iterable[Node | None]:
        text = self._panel.text
        if self.seen is None or not self.seen.glance.changes:
            yield view.paragraph(text("Without History, only its present state can be compared."), look="muted")
            return
        yield view.choice(
            text("Which state of it"),
            {WHOLE: text("As it is"), MOMENT: text("As it was at a moment")},
            self.way,
            self._choose_way,
            key=f"{self.place}-way",
            disabled=self._panel.busy,
        )
        if self.is_past:
            yield from self._moment.nodes()

    def _choose_way(self, way: str) -> None:
        self.way = way
        self._changed()


def suggested_day(panel: Panel, glance: Glance) -> dt.date | None:
    """The day to begin with: the end of the last quarter before the last change, if History reaches so far back."""
    if glance.first is None or glance.last is None:
        return None
    first, last = (panel.local(one).date() for one in (glance.first, glance.last))
    quarter = last.replace(month=(last.month - 1) // _QUARTER * _QUARTER + 1, day=1)
    if quarter > first:
        return quarter - dt.timedelta(days=1)
    return max(first, last - dt.timedelta(days=1)) if last > dt.date.min else last
