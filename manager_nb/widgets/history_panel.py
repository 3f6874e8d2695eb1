"""History by clicking: every change, asked for in any way, counted in a chart, opened before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from traitlets import Unicode

from manager_nb.audit.search import commits_of, find_changes, life_of
from manager_nb.i18n import mark
from manager_nb.listing.activity import DAY, WEEK, Activity, activity
from manager_nb.listing.columns import Column
from manager_nb.listing.query import Filter, answer, day_in
from manager_nb.model.tables import Table
from manager_nb.widgets import view
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import action_column, record_column, record_name, type_column
from manager_nb.widgets.open_panel import OpenPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.view import Node

CHANGES, COMMITS = "changes", "commits"

_CHANGE_COLUMNS = (
    record_column(),
    Column("time", mark("When")),
    Column("user", mark("Who")),
    action_column(),
    type_column(),
    Column("date", mark("Date of the document")),
    Column("amount", mark("Amount"), digits=2),
    Column("fields_changed", mark("Changed fields")),
    Column("object", mark("Key of the record"), hidden=True),
    Column("change", mark("Key of the change"), hidden=True),
    Column("commit", mark("Key of the action"), hidden=True),
    Column("ticks", mark("Ticks (UTC)"), hidden=True),
)
_ACTION_COLUMNS = (
    record_column("label", mark("First record")),
    Column("time", mark("When")),
    Column("user", mark("Who")),
    Column("changes", mark("Changes")),
    Column("created", mark("Created")),
    Column("updated", mark("Changed")),
    Column("deleted", mark("Deleted")),
    Column("commit", mark("Key of the action"), hidden=True),
)


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
        self._scope: tuple[str, str] | None = None  # what the rows are narrowed to, beside the words that are asked
        self._party = self._words = ""
        self._sizes: Mapping[str, int] = {}
        self.grid = Grid(self, "history", opens=self._open, ticks=True)
        self._change = ChangeView(
            self, "change", on_record=self._show_life, on_commit=self._show_commit, closed=self._closed
        )
        super().__init__(source, language=language, timezone=timezone)

    # ---- from code -----------------------------------------------------------------------------------------------

    @property
    def changes(self) -> Table:
        """The rows that answer to all that is asked, with the columns of ``business.history`` (or of actions)."""
        return Table.of("History", self.grid.filtered)

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked rows, as a pandas frame with Arrow types."""
        return Table.of("History", self.grid.selected).to_pandas()

    def read(self, business: Business, progress: Progress) -> pa.Table:
        """All of History."""
        return business.history.to_arrow(progress=progress)

    def show(self, seen: pa.Table) -> None:
        """Take it."""
        self._history, self._scope, self._party, self._words = seen, None, "", ""
        counts = pc.value_counts(seen["commit"].combine_chunks()) if seen.num_rows else []
        self._sizes = {str(one["values"].as_py()): one["counts"].as_py() for one in counts}
        self._take(seen)

    def forget(self) -> None:
        """Drop what was shown."""
        super().forget()
        self._history = pa.table({})
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
        yield self.business(
            self.text("Business"), self.text("Choose a business"), self.text("Choose another business"), types=False
        )
        if self.current is None:
            return
        if not self._history.num_rows:
            yield view.notice(self.text("This file has no History: it was made without it, or nothing was done yet."))
            return
        self.grid.rename(self.text("History"))
        yield view.section(self.text("Activity"), self._chart(), key="activity")
        yield view.section(self.text("Changes"), self._questions(), self._scope_words(), self.grid.nodes(), key="rows")
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
                    text("Words in what was changed"), self._words, self._set_words, key="words", on_enter=self._find
                ),
                view.button(text("Find"), self._find, key="find", disabled=self.busy),
                self._all_again(),
            ),
            self.under_way("questions"),
            self.trouble("questions"),
        )

    def _all_again(self) -> Node | None:
        narrowed = self._party or self._words or self._scope or self.grid.query.narrows
        return view.button(self.text("Show all"), self._show_all, key="show-all") if narrowed else None

    def _scope_words(self) -> Node | None:
        if self._scope is None:
            return None
        kind, name = self._scope
        told = self.text("Only the changes of one action: {name}", name=name)
        if kind == "life":
            told = self.text("Only the life of {name}", name=name)
        return view.notice(told)

    def _chart(self) -> Node | None:
        counted = self._counted()
        if counted is None:
            return None
        text, words = self.text, self.words
        limits = self.grid.query.filters.get("time", Filter())
        chosen = None
        if limits.least or limits.most:
            first, last = limits.least or counted.first[0].isoformat(), limits.most or "9999-12-31"
            chosen = counted.places(day_in(first), day_in(last))
        names = [self._user(user) for user in counted.users]
        bars = [(self._bar(counted, place, names), counts) for place, counts in enumerate(counted.counts)]
        unit = {DAY: text("a day"), WEEK: text("a week")}.get(counted.unit, text("a month"))
        most = max(map(sum, counted.counts))
        return view.group(
            view.chart(
                text("Changes by time and user"),
                bars,
                names,
                self._brush,
                key="chart",
                ends=(words.date(counted.first[0]), words.date(counted.last(len(bars) - 1))),
                most=text("at most {count} {unit}", count=words.number(most), unit=unit),
                chosen=chosen,
            ),
            view.row(
                view.paragraph(
                    text("Click a bar, or drag over several, to see only those days. Keys: arrows, Shift, Enter."),
                    look="muted",
                ),
                view.button(text("Show all days"), self._unbrush, key="unbrush", look="quiet") if chosen else None,
            ),
        )

    def _counted(self) -> Activity | None:
        """The rows that answer to everything but the time, so that a chosen span is seen among the others."""
        if "time" not in self.grid.rows.column_names:
            return None
        query = self.grid.query
        others = {name: limits for name, limits in query.filters.items() if name != "time"}
        if not query.search and not any(others.values()):
            rows = self.grid.rows
        else:
            found = answer(self.grid.plain, type(query)(query.search, others, zone=query.zone))
            rows = self.grid.rows.take(found)
        return activity(rows, self.timezone)

    def _bar(self, counted: Activity, place: int, names: list[str]) -> str:
        first, last = counted.first[place], counted.last(place)
        days = self.words.date(first)
        if first != last:
            days = self.text("{first} to {last}", first=days, last=self.words.date(last))
        counts = [
            f"{name} {self.words.number(count)}"
            for name, count in zip(names, counted.counts[place], strict=True)
            if count
        ]
        return f"{days}: {', '.join(counts) or self.text('nothing')}"

    def _user(self, user: str | None) -> str:
        if user is None:
            return self.text("without a user")
        return user or self.text("others")

    # ---- what happens --------------------------------------------------------------------------------------------

    def _take(self, rows: pa.Table) -> None:
        """Show rows of History, as changes or as actions; filters of columns that both have stay."""
        query = self.grid.query
        if self.unit == COMMITS:
            rows = commits_of(Table.of("History", rows)).to_arrow()
        columns = _ACTION_COLUMNS if self.unit == COMMITS else _CHANGE_COLUMNS
        self.grid.show(self.text("History"), rows, columns)
        kept = {name: limits for name, limits in query.filters.items() if name in ("time", "user")}
        self.grid.ask(type(query)(query.search, kept, query.by, query.descending, self.timezone))

    def _find(self, scope: tuple[str, str] | None = None, rows: Callable[[], pa.Table] | None = None) -> None:
        business, party, words = self.current, self._party.strip(), self._words.strip()
        if business is None:
            return
        start = rows or (lambda: self._history)

        def work(progress: Progress) -> pa.Table:
            del progress
            if not party and not words:
                return start()
            return find_changes(business, party=party or None, text=words or None).to_arrow()

        def show(found: pa.Table) -> None:
            self._scope = scope
            self._change.close()
            self._take(found)
            self.focus = "rows"

        self.run("Searching", work, show, place="questions")

    def _show_all(self) -> None:
        self._party = self._words = ""
        self.grid.query = type(self.grid.query)()
        self._find()

    def _choose_unit(self, unit: str) -> None:
        self.unit = unit
        self._find()

    def _show_commit(self, commit: str) -> None:
        rows = self._history.filter(pc.equal(self._history["commit"], commit))
        label, type_ = (rows[name][0].as_py() for name in ("label", "type"))
        self._narrow(("commit", record_name(self.words, label, type_)), lambda: rows)

    def _show_life(self, key: str) -> None:
        business = self.current
        if business is None:
            return
        rows = self._history.filter(pc.equal(pc.utf8_lower(self._history["object"]), key.lower()))
        label, type_ = (rows[name][0].as_py() for name in ("label", "type"))
        self._narrow(("life", record_name(self.words, label, type_)), lambda: life_of(business, key).to_arrow())

    def _narrow(self, scope: tuple[str, str], rows: Callable[[], pa.Table]) -> None:
        self.unit = CHANGES
        self._party = self._words = ""
        self.grid.query = type(self.grid.query)()
        self._find(scope, rows)

    def _open(self, number: int) -> None:
        row: dict[str, Any] = self.grid.rows.slice(number, 1).to_pylist()[0]
        if self.unit == COMMITS:
            if row["commit"]:
                self._show_commit(row["commit"])
        elif self.current is not None:
            self._change.open(self.current, row, mates=self._sizes.get(str(row["commit"]), 1))

    def _closed(self) -> None:
        self.grid.opened = None
        self.focus = "rows"

    def _brush(self, first: int, last: int) -> None:
        counted = self._counted()
        if counted is not None:
            span = {"least": counted.first[first].isoformat(), "most": counted.last(last).isoformat()}
            self.grid.ask(self.grid.query.with_filter("time", **span))
            self._change.close()

    def _unbrush(self) -> None:
        self.grid.ask(self.grid.query.with_filter("time", least="", most=""))

    def _set_party(self, words: str) -> None:
        self._party = words

    def _set_words(self, words: str) -> None:
        self._words = words
