"""A past of the business, chosen by clicking: a moment, or another backup; and what differs between then and now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.compare import DIFFERING, ONLY_LEFT, ONLY_RIGHT, Comparison, compare
from manager_nb.audit.fields import KINDS
from manager_nb.audit.side_by_side import fields_that_differ, related
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model.held import held
from manager_nb.restore.selection import Selection
from manager_nb.timeline.business import Business, PastBusiness, open_business
from manager_nb.widgets import view
from manager_nb.widgets.certainty import certificate_part, stranger
from manager_nb.widgets.files import FileChooser
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.moment_choice import MomentChoice
from manager_nb.widgets.naming import record_column, record_name, type_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager_nb.progress import Progress
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_STATES = {
    ONLY_LEFT: mark("Gone since then: comes back"),
    ONLY_RIGHT: mark("Made since then: is deleted"),
    DIFFERING: mark("Changed since then: is changed back"),
}
_DIFFERING_COLUMNS = (
    record_column(),
    Column("state", mark("What happens"), words=_STATES),
    type_column(),
    Column("fields", mark("Fields that differ"), paths=True),
    Column("key", mark("Key of the record"), hidden=True),
)
_FIELD_COLUMNS = (
    Column("path", mark("Field"), paths=True),
    Column("line", mark("Line")),
    Column("before", mark("Then")),
    Column("after", mark("Now")),
    Column("kind", mark("What happened"), words=KINDS, hidden=True),
)
_PLACE = "past"


class PastChoice:
    """The choice of a past, and of the records that differ from it.

    Args:
        panel: the panel it is in.
        changed: called when what is chosen has changed.

    Attributes:
        past: the past; None until it was looked at.
        everything: whether the whole business is to become what it was.
    """

    def __init__(self, panel: Panel, changed: Callable[[], None]) -> None:
        self._panel, self._changed = panel, changed
        self.past: Business | None = None
        self.everything = False
        self._current: Business | None = None
        self._moment = MomentChoice(panel, self._choose)
        self._differing = Grid(panel, "differing", opens=self._open_differing, ticks=True, changed=changed)
        self._fields = Grid(panel, "fields", size=100)
        self._files = FileChooser(panel, "other", self._open_other, self._beside)
        self._comparison: Comparison | None = None
        self._related = True
        self._asked = object()

    def show(self, business: Business, actions: pa.Table) -> None:
        """Take a business with its actions."""
        self.forget()
        self._current = business
        newest = pc.max(actions["time"]).as_py()
        self._moment.show(actions, self._panel.local(newest).date() if newest else None)

    def forget(self) -> None:
        """Drop everything that was chosen."""
        self._moment.forget()
        self._current = None
        self.leave()

    def leave(self) -> None:
        """Drop the past; the moment that was typed stays."""
        if self.past is not None:
            _closed(self.past)
        self.past = self._comparison = None
        self._asked = object()
        self.everything = False
        self._differing.clear()
        self._fields.clear()

    @property
    def selection(self) -> Selection | None:
        """What is chosen of the past; None while nothing is."""
        if self.past is None:
            return None
        if self.everything:
            return Selection.everything()
        return Selection(keys=self._differing.selected["key"].to_pylist()) if self._differing.ticked else None

    # ---- the screen ----------------------------------------------------------------------------------------------

    def moment_nodes(self) -> Iterable[Node | None]:
        """The choice of a moment, and what differs from it."""
        text, panel = self._panel.text, self._panel
        yield from self._moment.nodes()
        yield view.button(
            text("See what differs"), self._look_back, key="look", look="strong", disabled=panel.busy, focus=True
        )
        yield from self._past_part()

    def backup_nodes(self) -> Iterable[Node | None]:
        """The choice of another backup, and what differs from it."""
        text = self._panel.text
        yield self._files.opener(text("Choose the other backup"), look="strong" if self.past is None else "")
        yield self._files.browser()
        yield from self._past_part(None if self._files.opened else self._panel.trouble("other"))

    def _past_part(self, trouble: Node | None = None) -> Iterable[Node | None]:
        """What differs between the past and now."""
        text, past = self._panel.text, self.past
        yield self._panel.under_way(_PLACE) or self._panel.under_way("other")
        yield self._panel.trouble(_PLACE)
        yield trouble
        if past is None or self._comparison is None:
            return
        yield view.paragraph(self._whence(past), look="strong")
        if isinstance(past, PastBusiness):
            yield certificate_part(self._panel, past.certificate)
        elif not self._related:
            yield stranger(self._panel)
        self._differing.rename(text("What differs"))
        self._fields.rename(text("Then and now"))
        same = self._panel.words.number(self._comparison.same)
        yield view.paragraph(
            text("{count} records and form defaults are the same, byte by byte.", count=same), look="muted"
        )
        if not self._differing.rows.num_rows:
            yield view.notice(text("Nothing differs."), look="good")
            return
        yield view.check(
            text("Everything: the whole business becomes what it was then"),
            self.everything,
            self._take_everything,
            key="everything",
            help=text("Settings too; what was made since is deleted. Without it, only what you tick below."),
        )
        yield self._differing.nodes()
        if self._fields.rows.num_rows:
            yield view.section(
                self._differing_name(),
                self._fields.nodes(),
                view.button(text("Close"), self._close_fields, key="fields-close"),
                key="fields",
                look="detail",
            )

    def _whence(self, past: Business) -> str:
        if isinstance(past, PastBusiness):
            return self._panel.text("The business as it was at {time}", time=self._moment.told())
        return self._panel.text("The business in {file}", file=past.source.path.name)

    def _differing_name(self) -> str:
        row = self._differing.opened
        if row is None:
            return self._panel.text("Then and now")
        one = self._differing.rows.slice(row, 1).to_pylist()[0]
        return record_name(self._panel.words, one["label"], one["type"])

    # ---- what happens --------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        """Another moment was chosen."""
        self.leave()
        self._changed()

    def _look_back(self) -> None:
        """Make the past and compare it with now."""
        with self._panel.change(_PLACE):
            self.leave()
            self._changed()
            current = self._current
            if current is None:
                return
            make = self._moment.past()
            self._compare(lambda progress: make(current, progress), _PLACE)

    def _beside(self) -> Path:
        """Where another backup may be: beside the business."""
        return self._current.source.path.parent if self._current is not None else Path.home()

    def _open_other(self, path: Path) -> None:
        with self._panel.change("other"):
            self.leave()
            self._changed()
            self._compare(lambda progress: open_business(path, progress=progress), "other")

    def _compare(self, make: Callable[[Progress], Business], place: str) -> None:
        current, asked = self._current, self._asked

        def work(progress: Progress) -> tuple[Business, Comparison, pa.Table, bool]:
            assert current is not None  # noqa: S101 - the way is shown only with a business
            past = make(progress)
            try:
                comparison = compare(past, current, progress=progress)
                kin = isinstance(past, PastBusiness) or related(held(past.objects()), held(current.objects()))
            except BaseException:
                _closed(past)
                raise
            return past, comparison, _with_fields(comparison), kin

        def show(done: tuple[Business, Comparison, pa.Table, bool]) -> None:
            if asked is not self._asked:  # another past was chosen meanwhile
                _closed(done[0])
                return
            self.past, self._comparison, rows, self._related = done
            self._differing.show("", rows, _DIFFERING_COLUMNS)
            self._panel.focus = "everything"

        self._panel.run("Comparing", work, show, place=place)

    def _open_differing(self, number: int) -> None:
        if self._comparison is None:
            return
        self._differing.opened = number
        key = self._differing.rows["key"][number]
        rows = self._comparison.changes.to_arrow()
        self._fields.show("", rows.filter(pc.equal(rows["key"], key)), _FIELD_COLUMNS)
        self._panel.focus = "fields"

    def _close_fields(self) -> None:
        self._fields.clear()
        self._differing.opened = None

    def _take_everything(self, everything: bool) -> None:
        self.everything = everything
        self._changed()


def _closed(past: Business) -> None:
    """Close another file; a moment of the business is closed with it."""
    if not isinstance(past, PastBusiness):
        past.close()


def _with_fields(comparison: Comparison) -> pa.Table:
    """The differing records, each with the names of the fields that differ."""
    fields = fields_that_differ(comparison)
    rows = comparison.records.to_arrow()
    told = [fields.get(key, "") for key in rows["key"].to_pylist()]
    return rows.append_column("fields", pa.array(told, pa.string()))
