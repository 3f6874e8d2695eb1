"""History by clicking: every change, asked for in any way, counted in a chart, opened before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from traitlets import Unicode

from manager_nb.audit.fields import amounts_before
from manager_nb.audit.search import commits_of, find_changes, life_of
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.listing.query import Query
from manager_nb.model.tables import Table
from manager_nb.widgets import view
from manager_nb.widgets.activity_chart import ActivityChart
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import (
    ACTION_COLUMNS,
    action_column,
    fields_called,
    fields_column,
    record_column,
    record_name,
    type_column,
)
from manager_nb.widgets.open_panel import MOST_AMOUNTS, OpenPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.view import Node

CHANGES, COMMITS = "changes", "commits"

_BEFORE = "amount_before"
"""A column of this panel's own: what a document came to before the change."""

_CHANGE_COLUMNS = (
    record_column(),
    Column("time", mark("When")),
    Column("user", mark("Who")),
    action_column(),
    type_column(),
    Column("date", mark("Date of the document")),
    Column(_BEFORE, mark("Amount before the change"), digits=2),
    Column("amount", mark("Amount"), digits=2),
    fields_column(),
    Column("object", mark("Key of the record"), hidden=True),
    Column("change", mark("Key of the change"), hidden=True),
    Column("commit", mark("Key of the action"), hidden=True),
    Column("ticks", mark("Ticks (UTC)"), hidden=True),
)
_ACTION_COLUMNS = (*ACTION_COLUMNS, Column("commit", mark("Key of the action"), hidden=True))


class HistoryPanel(OpenPanel):
    """Who changed what, and when; arguments as for :class:`BusinessPanel`.

    Attributes:
        unit: "changes" shows a row a change, "commits" a row an action.
    """

    unit = Unicode(CHANGES)

    def __init__(
        self,
        source: Path | str | AnyBusiness | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self._history = pa.table({})
        self._scope: _Scope | None = None  # what the rows are narrowed to, beside the words that are asked
        self._party = self._words = self._field = ""
        self._answered: _Answered = None
        self._sizes: Mapping[str, int] = {}
        self.grid = Grid(self, "history", opens=self._open, ticks=True)
        self._change = ChangeView(
            self, "change", on_record=self._show_life, on_commit=self._show_commit, closed=self._closed
        )
        self._chart = ActivityChart(self, "chart", self.grid, self._put_away)
        super().__init__(source, language=language, timezone=timezone)

    # ---- from code -----------------------------------------------------------------------------------------------

    @property
    def changes(self) -> Table:
        """The rows that answer to all that is asked, with the columns of ``business.history`` (or of actions)."""
        rows = self.grid.filtered
        return Table.of("History", rows.select([name for name in rows.column_names if name != _BEFORE]))

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked rows, as a pandas frame with Arrow types."""
        return Table.of("History", self.grid.selected).to_pandas()

    def read(self, business: Business, progress: Progress) -> tuple[pa.Table, Mapping[str, int], pa.Table]:
        """All of History, how many changes each action has, and the rows that the screen begins with."""
        history = _in_full(business, progress) if _is_short(business) else _quickly(business, progress)
        counts = pc.value_counts(history["commit"].combine_chunks()) if history.num_rows else []
        sizes = {str(one["values"].as_py()): one["counts"].as_py() for one in counts}
        return history, sizes, _in_units(history, self.unit, progress)

    def show(self, seen: tuple[pa.Table, Mapping[str, int], pa.Table]) -> None:
        """Take them."""
        self._history, self._sizes, rows = seen
        self._scope, self._party, self._words, self._field = None, "", "", ""
        self._take(rows)

    def forget(self) -> None:
        """Drop what was shown."""
        super().forget()
        self._history, self._answered = pa.table({}), None
        self._change.close()
        self.grid.clear()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("History")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text("Who changed what, and when. Click a row to see it before and after.")

    def status(self) -> str:
        """How many rows there are."""
        if self.current is not None and not self.busy:
            return self.plural("{count} row", "{count} rows", len(self.grid.found))
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business, the questions, the chart, the rows, the change that is open."""
        yield self.business(types=False)
        if self.current is None:
            return
        if not self._history.num_rows:
            yield view.notice(self.text("This file has no History: it was made without it, or nothing was done yet."))
            return
        self.grid.rename(self.text("History"))
        yield view.section(self.text("Activity"), self._chart.nodes(), key="activity")
        yield view.section(
            self.text("Changes"), self._questions(), self._amounts(), self._scope_words(), self.grid.nodes(), key="rows"
        )
        yield self._change.nodes()
        if self._change.opened:
            yield view.paragraph(
                self.text(
                    "To bring something back or to undo it, go on to the page “Bring records back” (20_restore)."
                ),
                look="muted",
            )

    def _questions(self) -> Node:
        text = self.text
        return view.group(
            view.choice(
                text("What a row is"),
                {CHANGES: text("Each change"), COMMITS: text("Each action")},
                self.unit,
                self._choose_unit,
                key="unit",
                disabled=self.busy,
            ),
            view.row(
                view.entry(
                    text("Customer, supplier or employee"),
                    self._party,
                    self._set_party,
                    key="party",
                    on_enter=self._find,
                ),
                view.entry(
                    text("Name of a changed field"), self._field, self._set_field, key="field", on_enter=self._find
                ),
                view.entry(
                    text("Words in what was changed"), self._words, self._set_words, key="words", on_enter=self._find
                ),
            ),
            view.row(
                view.button(text("Find"), self._find, key="find", disabled=self.busy),
                self._all_again(),
            ),
            self.under_way("questions"),
            self.trouble("questions"),
        )

    def _amounts(self) -> Node | None:
        """The offer to reckon the amounts of a long History, which were left out so that it opens soon."""
        if "problems" in self._history.column_names:
            return None
        words = self.text(
            "So that this long History opens soon, the amounts of the changes were not reckoned. The change that you"
            " open tells its own."
        )
        button = view.button(
            self.text("Reckon the amounts"), self.reckon, key="reckon", look="quiet", disabled=self.busy
        )
        return view.group(view.notice(words), button, self.under_way("amounts"), self.trouble("amounts"))

    def _all_again(self) -> Node | None:
        narrowed = self._party or self._words or self._field or self._scope or self.grid.query.narrows
        return view.button(self.text("Show all"), self._show_all, key="show-all") if narrowed else None

    def _scope_words(self) -> Node | None:
        if self._scope is None:
            return None
        name = record_name(self.words, self._scope.label, self._scope.type)
        if self._scope.life:
            return view.notice(self.text("Only the life of {name}", name=name))
        return view.notice(self.text("Only the changes of one action: {name}", name=name))

    def reckon(self) -> None:
        """Reckon the amounts of a long History; the panel's long work."""
        business, unit = self.current, self.unit
        if business is None:
            return

        def work(progress: Progress) -> tuple[pa.Table, pa.Table]:
            history = _in_full(business, progress)
            return history, _in_units(history, unit, progress)

        def show(seen: tuple[pa.Table, pa.Table]) -> None:
            self._history, rows = seen
            self._scope, self._answered = None, None
            self._put_away()
            self._take(rows)

        self.run("Reading", work, show, place="amounts")

    # ---- what happens --------------------------------------------------------------------------------------------

    def _take(self, rows: pa.Table) -> None:
        """Show rows of History, as changes or as actions; filters of columns that both have stay."""
        query = self.grid.query
        columns = _ACTION_COLUMNS if self.unit == COMMITS else _CHANGE_COLUMNS
        self.grid.show(self.text("History"), rows, columns)
        kept = {name: limits for name, limits in query.filters.items() if name in ("time", "user")}
        self.grid.ask(Query(query.search, kept, query.by, query.descending, self.timezone))

    def _find(self, scope: _Scope | None = None, rows: Callable[[], pa.Table] | None = None) -> None:
        business, unit, history = self.current, self.unit, self._history
        if business is None:
            return
        asked: dict[str, Any] = {
            "party": self._party.strip() or None,
            "text": self._words.strip() or None,
            "field": fields_called(self.words, self._field) if self._field.strip() else None,
        }

        before = self._answered  # to the same question, where only what a row is has changed

        def work(progress: Progress) -> tuple[pa.Table, _Answered]:
            answered = before if before is not None and before[0] == asked else None
            if answered is None and any(asked.values()):
                found = find_changes(business, among=Table.of("History", history), progress=progress, **asked)
                answered = asked, found.to_arrow()
            read = rows() if rows is not None else history
            return _in_units(read if answered is None else answered[1], unit, progress), answered

        def show(seen: tuple[pa.Table, _Answered]) -> None:
            found, self._answered = seen
            self._scope = scope
            self._change.close()
            self._take(found)
            self.focus = "rows"

        self.run("Searching", work, show, place="questions")

    def _show_all(self) -> None:
        self._party = self._words = self._field = ""
        self.grid.query = Query()
        self._find()

    def _choose_unit(self, unit: str) -> None:
        self.unit = unit
        self._find()

    def _show_commit(self, commit: str) -> None:
        self._narrow(self._history.filter(pc.equal(self._history["commit"], commit)))

    def _show_moment(self, ticks: int, user: str | None) -> None:
        """The action of old rows, which have no key of it: those of one moment and user."""
        rows = self._history.filter(pc.equal(self._history["ticks"], ticks))
        self._narrow(rows.filter(pc.is_in(rows["user"], pa.array([user], pa.string()))))

    def _show_life(self, key: str) -> None:
        business = self.current
        if business is None:
            return
        rows = self._history.filter(pc.equal(pc.utf8_lower(self._history["object"]), key.lower()))
        self._narrow(rows, lambda: _in_order(rows, life_of(business, key).to_arrow(["change"])))

    def _narrow(self, rows: pa.Table, life: Callable[[], pa.Table] | None = None) -> None:
        """Show only the changes of an action, or of a record in the order of its life."""
        label, type_ = (rows[name][0].as_py() for name in ("label", "type"))
        self.unit = CHANGES
        self._party = self._words = self._field = ""
        self.grid.query = Query()
        self._find(_Scope(life is not None, label, type_), life or (lambda: rows))

    def _open(self, number: int) -> None:
        row: dict[str, Any] = self.grid.rows.slice(number, 1).to_pylist()[0]
        if self.unit == COMMITS:
            if row["commit"]:
                self._show_commit(row["commit"])
            else:
                self._show_moment(row["ticks"], row["user"])
        elif self.current is not None:
            self._change.open(self.current, row, mates=self._sizes.get(str(row["commit"]), 1))

    def _put_away(self) -> None:
        self._change.close()
        self.grid.opened = None

    def _closed(self) -> None:
        self.grid.opened = None
        self.focus = "rows"

    def _set_party(self, words: str) -> None:
        self._party = words

    def _set_words(self, words: str) -> None:
        self._words = words

    def _set_field(self, words: str) -> None:
        self._field = words


_Answered = tuple[dict[str, Any], pa.Table] | None
"""The last question to the engine, and the rows that answered."""


class _Scope(NamedTuple):
    """What the rows are narrowed to: the changes of an action, or the life of a record."""

    life: bool
    label: str | None
    type: str | None


def _is_short(business: Business) -> bool:
    return len(business.history) <= MOST_AMOUNTS


def _in_full(business: Business, progress: Progress) -> pa.Table:
    """All of History, with what each updated document came to before."""
    rows = business.history.to_arrow(progress=progress)
    before = amounts_before(business, progress)
    values = [before.get(change) for change in rows["change"].to_pylist()]
    return rows.append_column(_BEFORE, pa.array(values, rows.schema.field("amount").type))


def _in_order(rows: pa.Table, order: pa.Table) -> pa.Table:
    """Rows of History in the order of other rows' changes."""
    return rows.take(pc.index_in(order["change"], rows["change"].combine_chunks()).drop_null())


def _quickly(business: Business, progress: Progress) -> pa.Table:
    """All of History without what takes long: the amounts, which are null, and the problems, which tell why."""
    names = [name for name in business.history.columns if name not in ("amount", "problems")]
    rows = business.history.to_arrow(names, progress=progress)
    place = business.history.columns.index("amount")
    return rows.add_column(place, "amount", pa.nulls(rows.num_rows, pa.decimal128(38, 2)))


def _in_units(rows: pa.Table, unit: str, progress: Progress) -> pa.Table:
    """Rows of History, as changes or as actions."""
    return commits_of(Table.of("History", rows), progress).to_arrow() if unit == COMMITS else rows
