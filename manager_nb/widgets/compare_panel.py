"""Two backups side by side, or a backup and a moment: what differs, by how much, and who did it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.model.tables import Table
from manager_nb.timeline.business import Business
from manager_nb.widgets import view
from manager_nb.widgets.compare_glance import CompareGlance
from manager_nb.widgets.compare_rows import CompareRows
from manager_nb.widgets.compare_side import MOMENT, WHOLE, CompareSide
from manager_nb.widgets.compare_trail import CompareTrail
from manager_nb.widgets.compared import Compared, compared, totals_of
from manager_nb.widgets.open_files import OpenFiles, Seen, Source, read
from manager_nb.widgets.panel import Panel
from manager_nb.widgets.preferences import preferences

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

    from manager_nb.audit.compare import Comparison
    from manager_nb.audit.extension import Extension
    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.widgets.view import Node


class ComparePanel(Panel):
    """Compares two businesses; nothing is changed.

    Args:
        left: the earlier one: a business file, or an open business, also one of a moment. Alone, it is compared with a
            moment of itself: the end of the last quarter is suggested.
        right: the later one; given both, they are compared at once.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        result: the `Comparison`; None until it is made.
    """

    def __init__(
        self,
        left: Path | str | AnyBusiness | None = None,
        right: Path | str | AnyBusiness | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self._sides = [CompareSide(self, place, self._choose, self._drop) for place in ("one", "two")]
        self._glance = CompareGlance(self, self._swap_again, self._narrow, self.reckon)
        self._trail = CompareTrail(self)
        self._rows = CompareRows(self)
        self._compared: Compared | None = None
        self._asked = object()
        self._suggests = False
        self._files = OpenFiles()
        super().__init__(language=language, timezone=timezone)
        if left is not None:
            self.open(left, right)

    # ---- what it does, from a button or from code ----------------------------------------------------------------

    @property
    def comparison(self) -> Comparison | None:
        """What differs; None until it was looked at."""
        return self._compared.comparison if self._compared is not None else None

    @property
    def extension(self) -> Extension | None:
        """Whether the earlier History is still in the later one; None where that was not, or cannot be, checked."""
        return self._compared.extension if self._compared is not None else None

    @property
    def totals(self) -> Table | None:
        """Counts and sums of both sides; None until they are reckoned."""
        rows = self._glance.totals
        return None if rows is None else Table.of("Totals", rows)

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked rows, as a pandas frame with Arrow types."""
        return Table.of("Selection", self._rows.grid.selected).to_pandas()

    def open(self, left: Path | str | AnyBusiness, right: Path | str | AnyBusiness | None = None) -> None:
        """Take one file or two; two are compared at once."""
        earlier, later = self._sides
        self._suggests = right is None
        self._drop()
        later.take(_source(left if right is None else right))
        earlier.take(_source(left), MOMENT if right is None else WHOLE)
        self._read(later, then_compare=right is not None)

    def compare(self) -> None:
        """Compare what is chosen; the panel's long work."""
        earlier, later = self._sides
        if earlier.seen is None or later.seen is None:
            return  # a click that was on its way while a file was chosen
        with self.change("compare"):
            self._drop()
            makers = earlier.maker(), later.maker()
            own = earlier.is_past, later.is_past
            asked = self._asked

            def show(found: Compared) -> None:
                if asked is not self._asked:  # something else was chosen meanwhile
                    found.close()
                    return
                self._take(found)
                self.focus = "glance"

            self.run("Comparing", lambda progress: compared(makers, own, progress), show, place="compare")

    def swap(self) -> None:
        """Let the sides change places."""
        self._suggests = False
        self._drop()
        self._sides.reverse()

    def reckon(self) -> None:
        """Reckon the totals of very many documents; the panel's long work."""
        one = self._compared
        if one is None:
            return

        def show(totals: pa.Table) -> None:
            if one is self._compared:
                self._glance.show_totals(totals)

        self.run("Reckoning the totals", lambda progress: totals_of(one, progress), show, place="totals")

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Compare")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "See what differs between two backups, or between a backup and a moment in it, and who changed it. Nothing"
            " is changed."
        )

    def subject(self) -> str:
        """The files' names."""
        names = [side.source.name for side in self._sides if side.source is not None]
        return ", ".join(dict.fromkeys(names))

    def status(self) -> str:
        """The outcome, once there is one."""
        if self._compared is not None and not self.busy:
            count = len(self._compared.comparison.records)
            return self.plural("{count} record differs.", "{count} records differ.", count)
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The two sides; then what differs."""
        earlier, later = self._sides
        yield view.section(
            self.text("1. What is compared"),
            view.group(
                earlier.nodes(self.text("Earlier"), later),
                later.nodes(self.text("Later"), earlier),
                look="sides",
            ),
            self._act(),
            key="sides",
        )
        if self._compared is None:
            return
        told = earlier.told(), later.told()
        one, glance = self._compared, self._glance
        yield view.section(self.text("2. At a glance"), *glance.remarks(told), *glance.counts(), key="glance")
        if one.same_twice:
            return
        if one.related:
            heading = self.text("3. Is the earlier History still there?")
            yield view.section(heading, *self._trail.nodes(), key="trail-part")
        yield view.section(self.text("4. Totals"), *glance.totals_part(), key="totals-part")
        yield view.section(self.text("5. What differs"), *self._rows.nodes(), key="differences")

    def _act(self) -> Node:
        text, ready = self.text, all(side.seen is not None for side in self._sides)
        button = view.button(
            text("Compare"),
            self.compare,
            key="compare",
            look="primary" if self._compared is None else "",
            disabled=self.busy or not ready,
            focus=True,
        )
        swap = view.button(text("Swap the sides"), self.swap, key="swap", look="quiet", disabled=self.busy or not ready)
        hint = None if ready or self.busy else view.paragraph(text("First choose a file for each side."), look="muted")
        return view.group(
            self.trouble("compare"), self.under_way("compare") or view.row(button, swap), hint, look="action"
        )

    # ---- what happens --------------------------------------------------------------------------------------------

    def _choose(self, side: CompareSide, path: Path) -> None:
        """A person chose a file for a side; where the other one was only suggested, it follows."""
        self._drop()
        earlier, later = self._sides
        if self._suggests and side is later:
            earlier.take(path, MOMENT)
        self._suggests = self._suggests and side is later
        side.take(path)
        self._read(side)

    def _read(self, side: CompareSide, *, then_compare: bool = False) -> None:
        """Open what is not open yet, and close what is on no side any more."""
        wanted = [one.source for one in self._sides]
        self._files.close_others(wanted)
        missing = self._files.missing(wanted)

        def show(found: dict[Source, Seen]) -> None:
            self._files.keep(found)
            for one in self._sides:
                seen = self._files.get(one.source)
                if seen is not None and one.seen is None:
                    one.show(seen)
            for path in found:
                if isinstance(path, Path):
                    preferences().remember_file(path)
            if then_compare:
                self.compare()

        with self.change(side.place):
            self.run("Opening the business", lambda progress: read(missing, progress), show, place=side.place)

    def _take(self, found: Compared) -> None:
        self._compared, self.result = found, found.comparison
        self._glance.show(found)
        self._trail.show(found)
        self._rows.show(found)

    def _drop(self) -> None:
        """What is chosen has changed: the comparison is of something else."""
        if self._compared is not None:
            self._compared.close()
        self._compared = self.result = None
        self._asked = object()
        self._glance.clear()
        self._trail.clear()
        self._rows.clear()

    def _swap_again(self) -> None:
        self.swap()
        self.compare()

    def _narrow(self, type_: str) -> None:
        self._rows.narrow(type_)


def _source(given: Path | str | AnyBusiness) -> Source:
    if isinstance(given, Business):
        return given
    return Path(given) if isinstance(given, Path | str) else given.source.path
