"""A past of the business, chosen by clicking: a moment, or another backup; and what differs between then and now."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.compare import DIFFERING, ONLY_LEFT, ONLY_RIGHT, Comparison, compare
from manager_nb.audit.fields import KINDS
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.listing.query import clock_in, day_in
from manager_nb.restore.selection import Selection
from manager_nb.timeline.business import Business, PastBusiness, open_business
from manager_nb.timeline.certificate import EXACT, NOT_POSSIBLE
from manager_nb.widgets import view
from manager_nb.widgets.files import FileChooser
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import ACTION_COLUMNS, record_column, record_name, type_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

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
    Column("fields", mark("Fields that differ")),
    Column("key", mark("Key of the record"), hidden=True),
)
_FIELD_COLUMNS = (
    Column("path", mark("Field")),
    Column("line", mark("Line")),
    Column("before", mark("Then")),
    Column("after", mark("Now")),
    Column("kind", mark("What happened"), words=KINDS, hidden=True),
)
_PLACE = "past"
_FEW_IN_COMMON = 5
"""So many settings can be the same, byte by byte, in any two businesses."""


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
        self._instants = Grid(panel, "instants", opens=self._take_action, size=10)
        self._differing = Grid(panel, "differing", opens=self._open_differing, ticks=True, changed=changed)
        self._fields = Grid(panel, "fields", size=100)
        self._files = FileChooser(panel, "other", self._open_other)
        self._comparison: Comparison | None = None
        self._day = self._clock = ""
        self._action: dict[str, Any] | None = None
        self._at: dt.datetime | None = None
        self._asked = object()

    def show(self, business: Business, actions: pa.Table) -> None:
        """Take a business with its actions."""
        self.forget()
        self._current = business
        timed = actions.filter(pc.or_(pc.is_valid(actions["commit"]), pc.is_valid(actions["ticks"])))
        self._instants.show("", timed, ACTION_COLUMNS)
        newest = pc.max(actions["time"]).as_py()
        self._day = self._panel.local(newest).date().isoformat() if newest else ""

    def forget(self) -> None:
        """Drop everything that was chosen."""
        self._instants.clear()
        self._current, self._action, self._clock, self._day = None, None, "", ""
        self.leave()

    def leave(self) -> None:
        """Drop the past; the moment that was typed stays."""
        if self.past is not None:
            _closed(self.past)
        self.past = self._comparison = self._at = None
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
        self._instants.rename(text("Actions"))
        fields = (
            view.day(text("Day"), self._day, self._set_day, key="day"),
            view.entry(
                text("Time ({zone})", zone=panel.zone),
                self._clock,
                self._set_clock,
                key="clock",
                help=text("Like 14:30; empty is the end of the day."),
            ),
        )
        yield view.fields(*fields)
        chosen = self._action
        if chosen is not None:
            told = text(
                "Right after the action of {time} by {user}", time=self._when(chosen), user=chosen["user"] or "–"
            )
            drop = view.button(text("Take the day instead"), self._drop_action, key="drop-action", look="quiet")
            yield view.row(view.paragraph(told, look="strong"), drop)
        yield view.fold(text("Or right after one action: choose it here"), self._instants.nodes(), key="instants-fold")
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
        yield self._certificate(past)
        yield self._stranger(past)
        self._differing.rename(text("What differs"))
        self._fields.rename(text("Then and now"))
        same = self._panel.words.number(self._comparison.same)
        yield view.paragraph(text("{count} records and settings are the same, byte by byte.", count=same), look="muted")
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
                view.button(text("Close"), self._fields.clear, key="fields-close"),
                key="fields",
                look="detail",
            )

    def _whence(self, past: Business) -> str:
        if isinstance(past, PastBusiness):
            return self._panel.text("The business as it was at {time}", time=self._then())
        return self._panel.text("The business in {file}", file=past.source.path.name)

    def _then(self) -> str:
        if self._action is not None:
            return self._when(self._action)
        return self._panel.moment(self._at) if self._at else "–"

    def _certificate(self, past: Business) -> Node | None:
        if not isinstance(past, PastBusiness):
            return None
        text, certificate = self._panel.text, past.certificate
        title = text("How sure:")
        if certificate.level == EXACT:
            return view.notice(text("exact. Every record is byte for byte what it was."), look="good", title=title)
        if certificate.level == NOT_POSSIBLE:
            words = text("not possible. The file has no History of that time.")
            return view.notice(words, look="warning", title=title)
        count = len(certificate.reasons)
        words = self._panel.plural(
            "not certain of {count} record; the others are exact.",
            "not certain of {count} records; the others are exact.",
            count,
        )
        reasons = certificate.reasons.to_arrow().slice(0, 200).to_pylist()
        lines = [f"{record_name(self._panel.words, row['label'], row['type'])}: {text(row['what'])}" for row in reasons]
        return view.group(
            view.notice(words, look="warning", title=title),
            view.fold(text("Which records, and why"), view.bullets(lines), key="doubts"),
        )

    def _stranger(self, past: Business) -> Node | None:
        """A backup of another business has no record in common with this one."""
        if isinstance(past, PastBusiness) or DIFFERING in self._differing.rows["state"].to_pylist():
            return None
        if self._comparison is None or self._comparison.same > _FEW_IN_COMMON:
            return None
        words = self._panel.text("It has hardly a record in common with this one.")
        return view.notice(words, look="warning", title=self._panel.text("Is this the same business?"))

    def _differing_name(self) -> str:
        row = self._differing.opened
        if row is None:
            return self._panel.text("Then and now")
        one = self._differing.rows.slice(row, 1).to_pylist()[0]
        return record_name(self._panel.words, one["label"], one["type"])

    def _when(self, action: dict[str, Any]) -> str:
        time = action["time"]
        return self._panel.words.datetime(time, self._panel.timezone, seconds=True) if time else "–"

    # ---- what happens --------------------------------------------------------------------------------------------

    def _take_action(self, number: int) -> None:
        self.leave()
        self._action = self._instants.rows.slice(number, 1).to_pylist()[0]
        self._panel.focus = "look"
        self._changed()

    def _drop_action(self) -> None:
        self.leave()
        self._action = None
        self._changed()

    def _set_day(self, day: str) -> None:
        self._day, self._action = day, None
        self.leave()
        self._changed()

    def _set_clock(self, clock: str) -> None:
        self._clock, self._action = clock, None
        self.leave()
        self._changed()

    def _moment(self) -> dt.datetime:
        """The moment that was typed; the last of the minute or of the day.

        Raises:
            SelectionError: the day, or the time of day, is none.
        """
        day, zone = day_in(self._day), ZoneInfo(self._panel.timezone)
        if not self._clock.strip():
            return dt.datetime.combine(day, dt.time.max, zone)
        clock = clock_in(self._clock)
        exact = self._clock.count(":") > 1
        return dt.datetime.combine(day, clock if exact else clock.replace(second=59, microsecond=999_999), zone)

    def _look_back(self) -> None:
        """Make the past and compare it with now."""
        with self._panel.change(_PLACE):
            self.leave()
            self._changed()
            current, action = self._current, self._action
            if current is None:
                return
            commit = action["commit"] if action is not None else None
            self._at = self._moment() if action is None else None
            when = self._at if action is None else (None if commit else action["ticks"])
            self._compare(lambda progress: current.as_at(when, commit=commit, progress=progress), _PLACE)

    def _open_other(self, path: Path) -> None:
        with self._panel.change("other"):
            self.leave()
            self._changed()
            self._compare(lambda progress: open_business(path, progress=progress), "other")

    def _compare(self, make: Callable[[Progress], Business], place: str) -> None:
        current, asked = self._current, self._asked

        def work(progress: Progress) -> tuple[Business, Comparison, pa.Table]:
            assert current is not None  # noqa: S101 - the way is shown only with a business
            past = make(progress)
            try:
                comparison = compare(past, current, progress=progress)
            except BaseException:
                _closed(past)
                raise
            return past, comparison, _with_fields(comparison)

        def show(done: tuple[Business, Comparison, pa.Table]) -> None:
            if asked is not self._asked:  # another past was chosen meanwhile
                _closed(done[0])
                return
            self.past, self._comparison, rows = done
            self._differing.show("", rows, _DIFFERING_COLUMNS)
            self._panel.focus = "everything"

        self._panel.run("Comparing", work, show, place=place)

    def _open_differing(self, number: int) -> None:
        if self._comparison is None:
            return
        key = self._differing.rows["key"][number]
        rows = self._comparison.changes.to_arrow()
        self._fields.show("", rows.filter(pc.equal(rows["key"], key)), _FIELD_COLUMNS)
        self._panel.focus = "fields"

    def _take_everything(self, everything: bool) -> None:
        self.everything = everything
        self._changed()


def _closed(past: Business) -> None:
    """Close another file; a moment of the business is closed with it."""
    if not isinstance(past, PastBusiness):
        past.close()


def _with_fields(comparison: Comparison) -> pa.Table:
    """The differing records, each with the names of the fields that differ."""
    fields: dict[str, list[str]] = {}
    for row in comparison.changes.to_arrow(["key", "path"]).to_pylist():
        names = fields.setdefault(row["key"], [])
        if row["path"] not in names:
            names.append(row["path"])
    rows = comparison.records.to_arrow()
    told = [", ".join(fields.get(key, ())) for key in rows["key"].to_pylist()]
    return rows.append_column("fields", pa.array(told, pa.string()))
