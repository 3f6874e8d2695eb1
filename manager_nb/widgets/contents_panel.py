"""Look through a business: its records by type, its pictures and attachments, and every word in it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any as Whatever

import pyarrow as pa

from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.listing.records import lined_fields, list_lines, list_records
from manager_nb.model.amounts import has_amount
from manager_nb.model.business import FORM_DEFAULTS
from manager_nb.model.wording import caption
from manager_nb.widgets import view
from manager_nb.widgets.everything import SearchEverything
from manager_nb.widgets.file_lists import FileLists
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import type_titles
from manager_nb.widgets.open_panel import MOST_AMOUNTS, OpenPanel
from manager_nb.widgets.record_view import RecordView

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from manager_nb.listing.records import Listing
    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.view import Node

_RECORDS, _PICTURES, _ATTACHMENTS = "records", "pictures", "attachments"
_BACK = mark("Back to the list")


class ContentsPanel(OpenPanel):
    """Shows what is in a business; arguments as for :class:`BusinessPanel`.

    Attributes:
        type: name of the type whose records are listed, "" while all types are.
        record: the record that is open, a :class:`RecordView`: ``panel.record.seen``.
        search: the search across everything: ``panel.search.ask("1017")``, ``panel.search.found``.
    """

    def __init__(
        self,
        source: Path | str | AnyBusiness | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self.type = ""
        self._looking = _RECORDS
        self._lines = self._came_from = ""
        self._amounts_left_out = False
        self._lined: tuple[str, ...] = ()
        self._counts, self._told_in = pa.table({}), ""
        self.record = RecordView(self, "record", closed=self._back_to_list, leave=_BACK)
        self.search = SearchEverything(self, "search", self._open_found)
        self._types = Grid(self, "types", opens=self._open_type, size=50)
        self._listed = Grid(self, "listed", opens=self._open_listed, ticks=True)
        self._lists = FileLists(self, "files", self.open_record)
        super().__init__(source, language=language, timezone=timezone)

    # ---- from code -----------------------------------------------------------------------------------------------

    @property
    def records(self) -> pd.DataFrame:
        """The records (or lines) that are listed, as they are searched, filtered and ordered: a pandas frame."""
        return _frame(self._listed.filtered)

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked ones of them."""
        return _frame(self._listed.selected)

    def open_type(self, name: str, lines: str = "", *, amounts: bool | None = None) -> None:
        """List the records of a type; the panel's long work.

        Args:
            name: its name, as in ``business.types()``.
            lines: list their lines instead: the field that holds them, "Lines".
            amounts: whether it is reckoned what they come to; None: unless there are more than `MOST_AMOUNTS`.
        """
        business = self.current
        if business is None:
            return
        with self.change("list"):
            reckon = len(business.records(name)) <= MOST_AMOUNTS if amounts is None else amounts
            self._list_type(business, name, lines, reckon=reckon)

    def _list_type(self, business: Business, name: str, lines: str, *, reckon: bool) -> None:
        def read(progress: Progress) -> tuple[Listing, tuple[str, ...]]:
            lined = self._lined if name == self.type else lined_fields(business, name, progress)
            if lines:
                return list_lines(business, name, lines, progress), lined
            return list_records(business, name, progress, amounts=reckon), lined

        def show(read: tuple[Listing, tuple[str, ...]]) -> None:
            listing, self._lined = read
            self.type, self._lines, self._looking = name, lines, _RECORDS
            known = SCHEMA.named(name)
            self._amounts_left_out = not reckon and not lines and known is not None and has_amount(known)
            self._listed.show(self._title_of_list(), listing.rows, listing.columns)
            self.focus = "list"

        with self.change("list"):
            self.record.close()
            self.run("Reading", read, show, place="list")

    def open_record(self, key: str) -> None:
        """Show a record; the panel's long work."""
        self._came_from = ""
        if self.current is not None:
            self.record.open(self.current, key)

    # ---- the business --------------------------------------------------------------------------------------------

    def read(self, business: Business, progress: Progress) -> Whatever:
        """The counts by type."""
        del progress
        summary = business.summary()
        summary = summary[summary["type"] != FORM_DEFAULTS]
        return pa.Table.from_pandas(summary[["type", "count"]], preserve_index=False)

    def show(self, seen: Whatever) -> None:
        """Take the counts."""
        self._counts = seen
        self._tell_types()
        if self.current is not None:
            self.search.take(self.current)
            self._lists.take(self.current)

    def _tell_types(self) -> None:
        """The titles are words of the reader's language, so that they are found and ordered by it."""
        self._told_in = self.language
        titles = [self.text(type_titles().get(name, name)) for name in self._counts["type"].to_pylist()]
        rows = self._counts.append_column("title", pa.array(titles, pa.string()))
        self._types.show(self.text("Records by type"), rows, (Column("title", "Type"), Column("count", "Records")))

    def forget(self) -> None:
        """Drop everything of the business before."""
        super().forget()
        self.type, self._lines, self._lined, self._looking = "", "", (), _RECORDS
        self.record.close()
        self.search.clear()
        self._lists.clear()
        self._types.clear()
        self._listed.clear()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Contents")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text("Look through a business: records, pictures, attachments, every word. Nothing is changed.")

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.glance is not None and not self.busy:
            return self.text("{name} is open.", name=self.glance.name)
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business; then the record that is open, or the lists."""
        yield self.business(types=False)
        if self.current is None:
            return
        record = self.record.nodes()
        if self.record.opened is not None:
            yield record
            return
        yield record
        yield self.search.nodes()
        yield self._look_through()

    def _look_through(self) -> Node:
        ways = {
            _RECORDS: self.text("Records"),
            _PICTURES: self.text("Pictures"),
            _ATTACHMENTS: self.text("Attachments"),
        }
        bar = view.row(
            view.choice(self.text("Look through"), ways, self._looking, self._look, key="looking", disabled=self.busy)
        )
        if self._looking == _PICTURES:
            inside: tuple[Node | None, ...] = (self._lists.pictures(),)
        elif self._looking == _ATTACHMENTS:
            inside = (self._lists.attachments(),)
        else:
            inside = self._of_type() if self.type else self._all_types()
        return view.section(self.text("Look through"), bar, *inside, key="look-through")

    def _all_types(self) -> tuple[Node | None, ...]:
        if self._told_in != self.language:
            self._tell_types()
        return self.under_way("list"), self.trouble("list"), self._types.nodes()

    def _of_type(self) -> tuple[Node | None, ...]:
        self._listed.rename(self._title_of_list())
        kinds = {_RECORDS: self.text("Records"), **{name: self.text(caption(name)) for name in self._lined}}
        shown = self._lines or _RECORDS
        lines = view.choice(self.text("Show"), kinds, shown, self._show_lines, key="lines", disabled=self.busy)
        return (
            view.row(
                view.button(self.text("All types"), self._leave_type, key="all-types", disabled=self.busy),
                lines if self._lined else None,
            ),
            self.under_way("list"),
            self.trouble("list"),
            self._amounts_on_request() if self._amounts_left_out else None,
            view.section(self._title_of_list(), self._listed.nodes(), key="list"),
        )

    def _amounts_on_request(self) -> Node:
        words = self.text(
            "What {count} documents come to is not shown yet: reckoning it takes a while.",
            count=self.words.number(self._listed.rows.num_rows),
        )
        again = view.button(
            self.text("Reckon the amounts"),
            lambda: self.open_type(self.type, amounts=True),
            key="reckon",
            disabled=self.busy,
        )
        return view.row(view.paragraph(words), again)

    def _title_of_list(self) -> str:
        title = self.text(type_titles().get(self.type, self.type))
        if not self._lines:
            return title
        return self.text("{type} — {lines}", type=title, lines=self.text(caption(self._lines)))

    # ---- what happens --------------------------------------------------------------------------------------------

    def _look(self, way: str) -> None:
        self._looking = way
        self._lists.read(way)

    def _open_type(self, row: int) -> None:
        self.open_type(self._types.rows["type"][row].as_py())

    def _show_lines(self, field: str) -> None:
        self.open_type(self.type, "" if field == _RECORDS else field)

    def _leave_type(self) -> None:
        self.type, self._lines, self._lined = "", "", ()
        self._listed.clear()
        self.focus = "look-through"

    def _open_listed(self, row: int) -> None:
        self.open_record(self._listed.rows["key"][row].as_py())

    def _open_found(self, key: str) -> None:
        self.open_record(key)
        self._came_from = "search-result"

    def _back_to_list(self) -> None:
        self.focus = self._came_from or ("list" if self._looking == _RECORDS and self.type else "look-through")


def _frame(rows: pa.Table) -> pd.DataFrame:
    import pandas as pd

    frame: pd.DataFrame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
