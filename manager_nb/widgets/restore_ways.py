"""From where records come back, chosen by clicking: what was deleted, what somebody did, a moment, another backup."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.compare import DIFFERING, ONLY_LEFT, ONLY_RIGHT, Comparison, compare
from manager_nb.audit.search import commits_of, deleted_records
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.listing.query import clock_in, day_in
from manager_nb.restore.selection import Selection
from manager_nb.timeline.business import Business, PastBusiness, open_business
from manager_nb.timeline.certificate import EXACT, NOT_POSSIBLE
from manager_nb.widgets import view
from manager_nb.widgets.change_view import KINDS, ChangeView
from manager_nb.widgets.files import FileChooser
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import action_column, record_column, record_name, type_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

DELETED, UNDO, MOMENT, BACKUP = "deleted", "undo", "moment", "backup"

_STATES = {
    ONLY_LEFT: mark("Gone since then: comes back"),
    ONLY_RIGHT: mark("Made since then: is deleted"),
    DIFFERING: mark("Changed since then: is changed back"),
}
_DELETED_COLUMNS = (
    record_column(),
    Column("time", mark("Deleted")),
    Column("user", mark("Deleted by")),
    type_column(),
    Column("amount", mark("Amount"), digits=2),
    Column("date", mark("Date"), hidden=True),
    Column("object", mark("Key of the record"), hidden=True),
)
_ACTION_COLUMNS = (
    record_column("label", mark("First record")),
    Column("time", mark("When")),
    Column("user", mark("Who")),
    Column("changes", mark("Changes")),
    Column("created", mark("Created")),
    Column("updated", mark("Changed")),
    Column("deleted", mark("Deleted")),
)
_CHANGE_COLUMNS = (record_column(), action_column(), type_column(), Column("fields_changed", mark("Changed fields")))
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
_ACTION = ("commit", "ticks", "user")
"""What tells actions of History apart."""
_PLACE = "ways"


class RestoreWays:
    """The choice of records and of the past that they come from.

    Args:
        panel: the panel it is in.
        changed: called when what is chosen has changed.

    Attributes:
        way: which of the four ways.
        past: where records come from in the ways that have a past; None until it was looked at.
        everything: whether the whole business is to become what it was.
    """

    def __init__(self, panel: Panel, changed: Callable[[], None]) -> None:
        self._panel, self._changed = panel, changed
        self.way = DELETED
        self.past: Business | None = None
        self.everything = False
        self._current: Business | None = None
        self._history = pa.table({})
        self._deleted = Grid(panel, "deleted", opens=self._open_deleted, ticks=True, changed=changed, size=10)
        self._actions = Grid(panel, "actions", opens=self._open_action, ticks=True, changed=changed, size=10)
        self._instants = Grid(panel, "instants", opens=self._take_action, size=10)
        self._differing = Grid(panel, "differing", opens=self._open_differing, ticks=True, changed=changed)
        self._mates = Grid(panel, "mates", opens=self._open_mate)
        self._fields = Grid(panel, "fields", size=100)
        self._change = ChangeView(panel, "change", closed=self._close_change)
        self._files = FileChooser(panel, "other", self._open_other)
        self._comparison: Comparison | None = None
        self._day = self._clock = ""
        self._action: dict[str, Any] | None = None
        self._at: dt.datetime | None = None
        self._asked = object()

    # ---- the business --------------------------------------------------------------------------------------------

    def read(self, business: Business, progress: Progress) -> Any:
        """What the lists hold; runs in the thread of the work."""
        history = business.history.to_arrow(progress=progress)
        actions = commits_of(business).to_arrow()
        _ = business.trail  # every plan needs it
        return history, deleted_records(business).to_arrow(), actions

    def show(self, business: Business, seen: Any) -> None:
        """Take a business with what :meth:`read` gave."""
        self.forget()
        self._current = business
        self._history, deleted, actions = seen
        self._deleted.show("", deleted, _DELETED_COLUMNS)
        self._actions.show("", actions, _ACTION_COLUMNS)
        timed = actions.filter(pc.or_(pc.is_valid(actions["commit"]), pc.is_valid(actions["ticks"])))
        self._instants.show("", timed, _ACTION_COLUMNS)
        newest = pc.max(actions["time"]).as_py()
        self._day = self._panel.local(newest).date().isoformat() if newest else ""

    def forget(self) -> None:
        """Drop everything that was chosen."""
        for grid in (self._deleted, self._actions, self._instants):
            grid.clear()
        self._current, self._action, self._clock, self._day = None, None, "", ""
        self._leave_past()

    # ---- what is chosen ------------------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection | None:
        """What a plan is to be made for; None while nothing is chosen."""
        if self.way == DELETED:
            return Selection(changes=self._deleted.selected["change"].to_pylist()) if self._deleted.ticked else None
        if self.way == UNDO:
            return self._undone() if self._actions.ticked else None
        if self.past is None:
            return None
        if self.everything:
            return Selection.everything()
        keys = self._differing.selected["key"].to_pylist() if self._differing.ticked else []
        return Selection(keys=keys) if keys else None

    def _undone(self) -> Selection:
        """The ticked actions; where old ones have no key, by their changes one by one."""
        actions = self._actions.selected.select(_ACTION).to_pylist()
        commits = [action["commit"] for action in actions]
        if None not in commits:
            return Selection(commits=commits)
        return Selection(
            changes=[change for action in actions for change in self._changes_of(action)["change"].to_pylist()]
        )

    def _changes_of(self, action: dict[str, Any]) -> pa.Table:
        """The rows of History of an action."""
        rows = self._history
        if action["commit"] is not None:
            return rows.filter(pc.equal(rows["commit"], action["commit"]))
        same = (action["ticks"], action["user"])
        mine = zip(*(rows[name].to_pylist() for name in _ACTION), strict=True)
        return rows.filter(pa.array([key is None and (ticks, user) == same for key, ticks, user in mine], pa.bool_()))

    def source(self) -> Business | None:
        """Where the records come from: the business itself, whose changes are taken back, or the past."""
        return self._current if self.way in (DELETED, UNDO) else self.past

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Iterable[Node | None]:
        """The choice of the way, and what can be chosen there."""
        text = self._panel.text
        yield view.choice(
            text("What do you want to bring back?"),
            {
                DELETED: text("What was deleted"),
                UNDO: text("Undo what somebody did"),
                MOMENT: text("As it was at a moment"),
                BACKUP: text("From another backup"),
            },
            self.way,
            self._go,
            key="way",
            helps={
                DELETED: text("Records that are gone: when, and by whom. Tick what you want back."),
                UNDO: text("One save, a batch of hundreds, a day’s work: tick it, and everything done since stays."),
                MOMENT: text("See what differs from then. Take back single records, or the whole business."),
                BACKUP: text("See what differs from another file of this business, and take records from it."),
            },
            disabled=self._panel.busy,
        )
        yield from {DELETED: self._deleted_part, UNDO: self._undo_part, MOMENT: self._moment_part}.get(
            self.way, self._backup_part
        )()

    def _deleted_part(self) -> Iterable[Node | None]:
        self._deleted.rename(self._panel.text("Deleted records"))
        none = self._panel.text("History knows of no deleted record that is still gone.")
        yield self._deleted.nodes() if self._deleted.rows.num_rows else view.paragraph(none)
        yield self._change.nodes()

    def _undo_part(self) -> Iterable[Node | None]:
        text = self._panel.text
        self._actions.rename(text("Actions"))
        self._mates.rename(text("Changes of this action"))
        none = text("History knows of no action.")
        yield self._actions.nodes() if self._actions.rows.num_rows else view.paragraph(none)
        if self._mates.rows.num_rows:
            yield view.section(
                text("Changes of this action"),
                self._mates.nodes(),
                view.button(text("Close"), self._mates.clear, key="mates-close"),
                key="mates",
                look="detail",
            )
        yield self._change.nodes()

    def _moment_part(self) -> Iterable[Node | None]:
        text, panel = self._panel.text, self._panel
        self._instants.rename(text("Actions"))
        fields = (
            view.day(text("Day"), self._day, self._set_day, key="day"),
            view.entry(
                text("Time ({zone})", zone=panel.timezone),
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

    def _backup_part(self) -> Iterable[Node | None]:
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

    def _go(self, way: str) -> None:
        self._leave_past()
        self.way = way
        self._changed()

    def _leave_past(self) -> None:
        if self.past is not None:
            _closed(self.past)
        self.past = self._comparison = self._at = None
        self._asked = object()
        self.everything = False
        self._differing.clear()
        self._fields.clear()
        self._mates.clear()
        self._change.close()

    def _open_deleted(self, number: int) -> None:
        if self._current is not None:
            self._change.open(self._current, self._deleted.rows.slice(number, 1).to_pylist()[0])

    def _open_action(self, number: int) -> None:
        action = self._actions.rows.select(_ACTION).slice(number, 1).to_pylist()[0]
        self._change.close()
        self._mates.show("", self._changes_of(action), _CHANGE_COLUMNS)
        self._panel.focus = "mates"

    def _open_mate(self, number: int) -> None:
        if self._current is not None:
            rows = self._mates.rows
            self._change.open(self._current, rows.slice(number, 1).to_pylist()[0], mates=rows.num_rows)

    def _close_change(self) -> None:
        self._panel.focus = "mates" if self._mates.rows.num_rows else "way"

    def _take_action(self, number: int) -> None:
        self._leave_past()
        self._action = self._instants.rows.slice(number, 1).to_pylist()[0]
        self._panel.focus = "look"
        self._changed()

    def _drop_action(self) -> None:
        self._leave_past()
        self._action = None
        self._changed()

    def _set_day(self, day: str) -> None:
        self._day, self._action = day, None
        self._leave_past()
        self._changed()

    def _set_clock(self, clock: str) -> None:
        self._clock, self._action = clock, None
        self._leave_past()
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
            self._leave_past()
            self._changed()
            current, action = self._current, self._action
            if current is None:
                return
            commit = action["commit"] if action is not None else None
            self._at = self._moment() if action is None else None
            when = self._at if action is None else (None if commit else action["ticks"])
            self._compare(lambda _: current.as_at(when, commit=commit), _PLACE)

    def _open_other(self, path: Path) -> None:
        with self._panel.change("other"):
            self._leave_past()
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
