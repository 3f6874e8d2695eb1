"""History by clicking: every change, asked for in any way, counted in a chart, opened before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from traitlets import Unicode

from manager_nb.audit.search import find_changes, life_of
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.listing.query import Query
from manager_nb.model.tables import Table
from manager_nb.widgets import view
from manager_nb.widgets.activity_chart import ActivityChart
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.history_rows import BEFORE, CHANGES, COMMITS, NAMED, in_full, in_order, in_units, quickly
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


_CHANGE_COLUMNS = (
    record_column(NAMED),
    Column("time", mark("When")),
    Column("user", mark("Who")),
    action_column(),
    type_column(),
    Column("date", mark("Date of the document")),
    Column(BEFORE, mark("Amount before"), digits=2),
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
        self._coming = ""  # what a row is to be, while that is worked out
        self._back: _Asked | None = None  # what was shown before it was narrowed
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
        return Table.of("History", rows.select([name for name in rows.column_names if name not in (BEFORE, NAMED)]))

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked rows, as a pandas frame with Arrow types."""
        return Table.of("History", self.grid.selected).to_pandas()

    def read(self, business: Business, progress: Progress) -> tuple[pa.Table, Mapping[str, int], pa.Table]:
        """All of History, how many changes each action has, and the rows that the screen begins with."""
        history = in_full(business, progress) if len(business.history) <= MOST_AMOUNTS else quickly(business, progress)
        counts = pc.value_counts(history["commit"].combine_chunks()) if history.num_rows else []
        sizes = {str(one["values"].as_py()): one["counts"].as_py() for one in counts}
        return history, sizes, in_units(history, self.unit, progress)

    def show(self, seen: tuple[pa.Table, Mapping[str, int], pa.Table]) -> None:
        """Take them."""
        self._history, self._sizes, rows = seen
        self._scope, self._back, self._party, self._words, self._field = None, None, "", "", ""
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
        if not self.busy:
            self._coming = ""
        return view.group(
            view.choice(
                text("What a row is"),
                {CHANGES: text("Each change"), COMMITS: text("Each action")},
                (self.busy and self._coming) or self.unit,
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
        life, action = (
            self.text("Only the life of {name}", name=name),
            self.text("Only the changes of one action: {name}", name=name),
        )
        back = self.text("Back to the list as it was")
        return view.row(
            view.notice(life if self._scope.life else action),
            view.button(back, self._go_back, key="back", look="strong", disabled=self.busy),
        )

    def reckon(self) -> None:
        """Reckon the amounts of a long History; the panel's long work."""
        business, unit = self.current, self.unit
        if business is None:
            return

        def work(progress: Progress) -> tuple[pa.Table, pa.Table]:
            history = in_full(business, progress)
            return history, in_units(history, unit, progress)

        def show(seen: tuple[pa.Table, pa.Table]) -> None:
            self._history, rows = seen
            self._scope, self._back, self._answered = None, None, None
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

    def _find(self, asked: _Asked | None = None) -> None:
        """Ask; what is asked becomes the panel's only with the answer, so that Cancel leaves all as it was."""
        business, history = self.current, self._history
        if business is None:
            return
        new = asked or self._asked._replace(scope=None, back=None)
        question: dict[str, Any] = {
            "party": new.party.strip() or None,
            "text": new.words.strip() or None,
            "field": fields_called(self.words, new.field) if new.field.strip() else None,
        }
        before = self._answered  # to the same question, where only what a row is has changed

        def work(progress: Progress) -> tuple[pa.Table, _Answered]:
            answered = before if before is not None and before[0] == question else None
            if new.scope is not None:
                return in_units(new.scope.rows(), new.unit, progress), before
            if answered is None and any(question.values()):
                found = find_changes(business, among=Table.of("History", history), progress=progress, **question)
                answered = question, found.to_arrow()
            return in_units(history if answered is None else answered[1], new.unit, progress), answered

        def show(seen: tuple[pa.Table, _Answered]) -> None:
            found, self._answered = seen
            self.unit, self._party, self._words, self._field, self._scope, self._back = new[:6]
            self._change.close()
            if new.query is not None:
                self.grid.query = new.query
            self._take(found)
            if new.query is not None:
                self.grid.ask(replace(new.query, zone=self.timezone))
            self.focus = "rows"

        self.run("Searching", work, show, place="questions")

    @property
    def _asked(self) -> _Asked:
        """All that is asked now."""
        return _Asked(self.unit, self._party, self._words, self._field, self._scope, self._back)

    def _show_all(self) -> None:
        self._find(_Asked(self.unit, query=Query()))

    def _go_back(self) -> None:
        """Show what was shown before it was narrowed, with its filters."""
        if self._back is not None:
            self._find(self._back)

    def _choose_unit(self, unit: str) -> None:
        self._coming = unit
        self._find(self._asked._replace(unit=unit))

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
        self._narrow(rows, lambda: in_order(rows, life_of(business, key).to_arrow(["change"])))

    def _narrow(self, rows: pa.Table, life: Callable[[], pa.Table] | None = None) -> None:
        """Show only the changes of an action, or of a record in the order of its life."""
        label, type_ = (rows[name][0].as_py() for name in (NAMED, "type"))
        scope = _Scope(life is not None, label, type_, life or (lambda: rows))
        back = self._asked._replace(query=self.grid.query)
        self._find(_Asked(CHANGES, scope=scope, back=back, query=Query()))

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
    rows: Callable[[], pa.Table]


class _Asked(NamedTuple):
    """All that is asked of History; `query` is what is asked of the table, None leaves that as it is."""

    unit: str
    party: str = ""
    words: str = ""
    field: str = ""
    scope: _Scope | None = None
    back: _Asked | None = None
    query: Query | None = None
