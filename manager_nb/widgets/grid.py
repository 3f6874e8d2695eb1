"""A long table inside a panel: search, filters, order, columns, ticks, a page at a time, and export of what is left."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.errors import SelectionError
from manager_nb.i18n import mark
from manager_nb.listing.columns import DATE, FLAG, MOMENT, NUMBER, Column, kind_of, plain
from manager_nb.listing.query import NOTHING, Filter, Query, answer, choices
from manager_nb.widgets import view
from manager_nb.widgets.grid_export import GridExport

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path
    from typing import Any

    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

SIZES = (25, 50, 100, 250)

#: A table of so many rows is seen whole: it needs no search and no filters.
FEW = 8

#: Signs of a text that a cell shows; a longer one is folded.
LONG = 160

_FILTERS, _COLUMNS, _EXPORT = "filters", "columns", "export"


class Grid:
    """One long table in a panel. It keeps the rows and what is asked of them; only one page goes to the screen.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors are shown.
        opens: called with the number of a row (in the table as it was given) that a person opens; None: rows do not
            open.
        ticks: whether rows can be ticked.
        changed: called when the ticks have changed.
        size: how many rows a page has at first.
        exports: whether it can be exported also where it has few rows.

    Attributes:
        rows: the table as it was given.
        plain: its columns in types that can be searched and ordered.
        columns: its columns, in order.
        query: what is asked of it.
        found: the numbers of the rows that answer, in their order.
        ticked: the numbers of the ticked rows, whether they are shown or not.
        opened: the number of the row that is open, to mark it.
    """

    def __init__(
        self,
        panel: Panel,
        place: str,
        *,
        opens: Callable[[int], None] | None = None,
        ticks: bool = False,
        changed: Callable[[], None] | None = None,
        size: int = SIZES[0],
        exports: bool = False,
    ) -> None:
        self._panel, self._place, self._opens = panel, place, opens
        self._shows = 0
        self._ticks, self._ticks_changed = ticks, changed
        self._size, self._first, self._exports = size, 0, exports
        self._part = ""
        self._name = ""
        self._export = GridExport(panel, place)
        self.clear()

    # ---- from code -----------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Drop the rows and what was asked of them."""
        self.rows = self.plain = pa.table({})
        self.columns: tuple[Column, ...] = ()
        self.query = Query()
        self._choices: dict[str, list[str] | None] = {}
        self._hidden: set[str] = set()
        self.ticked: set[int] = set()
        self.opened: int | None = None
        self._answer()

    def show(self, name: str, rows: pa.Table, columns: Sequence[Column]) -> None:
        """Take rows; what was asked of earlier ones, and their ticks, are forgotten.

        Args:
            name: what they are, in the reader's language: the table's caption and the name of an export.
            rows: an Arrow table.
            columns: which of its columns, in order; one that it lacks, or that holds bytes, is left out.
        """
        self.clear()
        self._shows += 1
        usable = plain(rows)
        self._name, self.rows = name, rows
        self.columns = tuple(column for column in columns if column.name in usable.column_names)
        self.plain = usable.select([column.name for column in self.columns])
        self._hidden = {column.name for column in self.columns if column.hidden}
        self._answer()

    def rename(self, name: str) -> None:
        """Say what the rows are, in a language that was chosen meanwhile."""
        self._name = name

    def ask(self, query: Query) -> None:
        """Ask something else of the rows; the first page of the answer is shown.

        Raises:
            SelectionError: a limit is no number or no day.
        """
        self.query = query
        self._answer()

    def turn(self, pages: int) -> None:
        """Show a page further on, or further back."""
        first = max(0, self._first + pages * self._size)
        if first < len(self.found):
            self._first = first
            self._panel.focus = f"{self._row_key(self.found[first].as_py())}-{'tick' if self._ticks else 'open'}"

    def turn_to(self, numbers: Collection[int]) -> None:
        """Show the page with the first of some rows."""
        places = [place for place, number in enumerate(self.found.to_pylist()) if number in numbers]
        if places:
            self._first = places[0] // self._size * self._size

    @property
    def filtered(self) -> pa.Table:
        """The rows that answer, in their order, with all columns as they were given."""
        return self.rows.take(self.found)

    @property
    def selected(self) -> pa.Table:
        """The ticked rows, in the order of the table as it was given."""
        return self.rows.take(pa.array(sorted(self.ticked), pa.int64()))

    @property
    def part(self) -> str:
        """Where its errors and its work belong, for :meth:`Panel.trouble` and :meth:`Panel.under_way`."""
        return self._place

    @property
    def exported(self) -> Path | None:
        """The file that was written last, None where the rows have changed since."""
        return self._export.done

    def export(self, kind: str) -> None:
        """Write all rows that answer to a file, in the columns that are shown; the panel's long work.

        Args:
            kind: "csv", "xlsx" or "parquet".
        """
        with self._panel.change(self._place):
            if self._unclear:
                self._answer()  # says again what cannot be understood: these rows are no answer to what stands there
            shown = self._shown
            rows = self.plain.select([column.name for column in shown]).take(self.found)
            self._export.write(kind, self._name, rows, shown)

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Node:
        """The table with all that belongs to it."""
        zone, language = self._panel.timezone, self._panel.words.code
        if (zone, language) != (self.query.zone, self.query.language):
            self.query = replace(self.query, zone=zone, language=language)
            with contextlib.suppress(SelectionError):  # a limit that was mistyped: its message stands already
                self._answer()
        small = self.rows.num_rows <= FEW
        return view.group(
            self._tools_of_few() if small else self._tools(),
            None if small and not self._exports else self._opened_part(),
            self._panel.trouble(self._place) if self._part != _EXPORT else None,
            self._table() if len(self.found) else view.paragraph(self._none(), look="muted"),
            None if small and not self._ticks else self._foot(),
            look="listing",
        )

    @property
    def _shown(self) -> list[Column]:
        """The columns that are not hidden."""
        return [column for column in self.columns if column.name not in self._hidden]

    def _kind(self, column: Column) -> str:
        return kind_of(self.plain.schema.field(column.name).type)

    def _tools(self) -> Node:
        text = self._panel.text
        asked = sum(bool(limits) for limits in self.query.filters.values())
        filters = text("Filters ({count})", count=self._panel.words.number(asked)) if asked else text("Filters")
        return view.row(
            view.entry(text("Search"), self.query.search, self._search, key=self._key("search")),
            self._part_button(filters, _FILTERS),
            self._part_button(text("Columns"), _COLUMNS),
            self._part_button(text("Export"), _EXPORT),
        )

    def _tools_of_few(self) -> Node | None:
        button = self._part_button(self._panel.text("Export"), _EXPORT)
        return view.row(button) if self._exports and self.rows.num_rows else None

    def _part_button(self, label: str, part: str) -> Node:
        def toggle() -> None:
            self._part = "" if self._part == part else part

        return view.button(label, toggle, key=self._key(part), expanded=self._part == part)

    def _opened_part(self) -> Node | None:
        if self._part == _FILTERS:
            return self._filters()
        if self._part == _COLUMNS:
            checks = [
                view.check(
                    self._title(column),
                    column.name not in self._hidden,
                    self._showing(column),
                    key=self._key(f"shown-{column.name}"),
                )
                for column in self.columns
            ]
            return view.group(view.fields(*checks), look="browser")
        return self._export.nodes(len(self.found), self.export) if self._part == _EXPORT else None

    def _filters(self) -> Node:
        shown = self._shown
        clear = view.button(
            self._panel.text("Clear all filters"),
            self._clear_filters,
            key=self._key("clear"),
            look="quiet",
            disabled=not any(self.query.filters.values()),
        )
        fields = [field for column in shown for field in self._filter(column)]
        return view.group(view.fields(*fields), clear, look="browser")

    def _filter(self, column: Column) -> Iterable[Node]:
        text, title = self._panel.text, self._title(column)
        kind = self._kind(column)
        limits = self.query.filters.get(column.name, Filter())
        key = self._key(f"filter-{column.name}")
        if kind in (NUMBER, DATE, MOMENT):
            make = view.entry if kind == NUMBER else view.day
            for part, label in (("least", mark("{column}, from")), ("most", mark("{column}, to"))):
                at = self._limiting(column.name, part)
                yield make(text(label, column=title), getattr(limits, part), at, key=f"{key}-{part}")
            return
        values = ["yes", "no"] if kind == FLAG else self._choices_of(column.name)
        if values is None:
            yield view.entry(
                text("{column} contains", column=title),
                limits.contains,
                self._limiting(column.name, "contains"),
                key=key,
            )
            return
        options = {"": text("Any"), **{value: self._choice(column, kind, value) for value in values}}
        if self.plain[column.name].null_count:
            options[NOTHING] = text("(nothing)")
        yield view.select(title, options, limits.only, self._limiting(column.name, "only"), key=key)

    def _choices_of(self, name: str) -> list[str] | None:
        if name not in self._choices:  # looks at every row, and the rows stay the same
            self._choices[name] = choices(self.plain, name)
        return self._choices[name]

    def _choice(self, column: Column, kind: str, value: str) -> str:
        return column.told(value == "yes" if kind == FLAG else value, self._panel.words, self._panel.timezone)

    def _table(self) -> Node:
        shown = self._shown
        numbers = self.found.slice(self._first, self._size).to_pylist()
        page = self.plain.select([column.name for column in shown]).take(pa.array(numbers, pa.int64())).to_pylist()
        heads = [self._head(column) for column in shown]
        rows = [
            self._row(number, [self._words(column, row[column.name], number) for column in shown])
            for number, row in zip(numbers, page, strict=True)
        ]
        tick = self._panel.text("Ticked") if self._ticks else ""
        return view.grid(self._name, heads, rows, key=self._key("table"), tick=tick)

    def _head(self, column: Column) -> view.Head:
        order = ""
        if self._asked.by == column.name:
            order = "descending" if self._asked.descending else "ascending"
        kind = "whole" if column.whole else self._kind(column)
        return view.Head(self._title(column), self._key(f"sort-{column.name}"), self._sorting(column), order, kind)

    def _row(self, number: int, cells: list[str | Node]) -> view.Line:
        name = cells[0] if cells and isinstance(cells[0], str) else ""
        return view.Line(
            tuple(cells),
            key=self._row_key(number),
            open=self._opening(number) if self._opens is not None else None,
            tick=self._ticking(number) if self._ticks else None,
            ticked=number in self.ticked,
            current=number == self.opened,
            name=self._panel.text("Tick {name}", name=name) if self._ticks else "",
        )

    def _words(self, column: Column, value: Any, number: int) -> str | Node:
        told = column.told(value, self._panel.words, self._panel.timezone)
        if len(told) <= LONG or column.whole:
            return told
        start = f"{told[: LONG // 2].rstrip()}…"
        return view.fold(start, view.paragraph(told), key=self._key(f"long-{column.name}-{number}"))

    def _foot(self) -> Node:
        text, number = self._panel.text, self._panel.words.number
        count = len(self.found)
        last = min(self._first + self._size, count)
        told = text(
            "Rows {first}–{last} of {count}", first=number(min(self._first + 1, last)), last=number(last),
            count=number(count),
        )  # fmt: skip
        if count < self.rows.num_rows:
            told = text("{rows} (of {all} in all)", rows=told, all=number(self.rows.num_rows))
        if self._ticks:
            told = f"{told} · {self._panel.plural('{count} ticked', '{count} ticked', len(self.ticked))}"
        return view.row(view.paragraph(told, look="told"), *self._turns(last, count), *self._tick_buttons())

    def _turns(self, last: int, count: int) -> Iterable[Node]:
        """The buttons that turn pages, where there are several."""
        text, back, on = self._panel.text, self._first > 0, last < count
        if count <= SIZES[0] and not back and not on:
            return
        yield view.button(
            text("Previous page"), lambda: self.turn(-1), key=self._key("back"), look="quiet", disabled=not back
        )
        yield view.button(text("Next page"), lambda: self.turn(1), key=self._key("on"), look="quiet", disabled=not on)
        sizes = {str(size): self._panel.words.number(size) for size in sorted({*SIZES, self._size})}
        yield view.select(text("Rows a page"), sizes, str(self._size), self._resize, key=self._key("size"))

    def _tick_buttons(self) -> Iterable[Node]:
        if not self._ticks:
            return
        text, count = self._panel.text, len(self.found)
        label = text("Tick all {count}", count=self._panel.words.number(count))
        yield view.button(label, self._tick_all, key=self._key("all"), look="quiet", disabled=not count)
        yield view.button(
            text("Tick none"), self._tick_none, key=self._key("none"), look="quiet", disabled=not self.ticked
        )

    def _none(self) -> str:
        if self.query.narrows:
            return self._panel.text("Nothing answers to this search and these filters.")
        return self._panel.text("There are none.")

    def _title(self, column: Column) -> str:
        title = self._panel.text(column.title)
        moment = self._kind(column) == MOMENT
        return self._panel.text("{column} ({zone})", column=title, zone=self._panel.zone) if moment else title

    # ---- what happens --------------------------------------------------------------------------------------------

    def _answer(self) -> None:
        self._unclear = True
        self.found = answer(self.plain, self.query, self.columns)
        self._unclear = False
        self._asked = self.query
        self._first = 0
        self._export.done = None

    def _change(self, query: Query) -> None:
        with self._panel.change(self._place):
            self._panel.clear(self._place)
            self.query = query  # stays as it was typed, also where it cannot be understood
            self._answer()

    def _search(self, words: str) -> None:
        self._change(replace(self.query, search=words))

    def _limiting(self, name: str, part: str) -> Callable[[str], None]:
        return lambda value: self._change(self.query.with_filter(name, **{part: value}))

    def _clear_filters(self) -> None:
        self._change(replace(self.query, filters={}))

    def _sorting(self, column: Column) -> Callable[[], None]:
        def sort() -> None:
            again = self.query.by == column.name
            if again and self.query.descending:
                self._change(replace(self.query, by="", descending=False))
            else:
                self._change(replace(self.query, by=column.name, descending=again))

        return sort

    def _showing(self, column: Column) -> Callable[[bool], None]:
        def show(shown: bool) -> None:
            self._hidden = self._hidden - {column.name} if shown else self._hidden | {column.name}
            if len(self._hidden) == len(self.columns):
                self._hidden -= {column.name}  # a table without columns says nothing

        return show

    def _opening(self, number: int) -> Callable[[], None]:
        def open_row() -> None:
            self.opened = number
            if self._opens is not None:
                self._opens(number)

        return open_row

    def _ticking(self, number: int) -> Callable[[bool], None]:
        def tick(ticked: bool) -> None:
            self.ticked = self.ticked | {number} if ticked else self.ticked - {number}
            self._tell_ticks()

        return tick

    def _tick_all(self) -> None:
        self.ticked = self.ticked | set(self.found.to_pylist())
        self._tell_ticks()

    def _tick_none(self) -> None:
        self.ticked = set()
        self._tell_ticks()

    def _tell_ticks(self) -> None:
        if self._ticks_changed is not None:
            self._ticks_changed()

    def _resize(self, size: str) -> None:
        self._size, self._first = int(size), 0

    def _row_key(self, number: int) -> str:
        """Of a row: not its place on the page, and of no other rows: a click may be on its way while they change."""
        return self._key(f"row-{self._shows}.{number}")

    def _key(self, name: str) -> str:
        return f"{self._place}-{name}"
