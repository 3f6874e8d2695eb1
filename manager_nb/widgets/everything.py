"""A search across everything that a business holds, inside a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from manager_nb.audit.words import EMAIL, find_words, words_of
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.widgets import view
from manager_nb.widgets.email_view import EmailView
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_column, type_titles

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_LABEL = mark("Its name")


class SearchEverything:
    """A field for words, and the records and e-mails that hold all of them.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors and its work are shown.
        opens: called with the key of a record that a person opens.
    """

    def __init__(self, panel: Panel, place: str, opens: Callable[[str], None]) -> None:
        self._panel, self._place, self._opens = panel, place, opens
        self._business: Business | None = None
        self._index: pa.Table | None = None
        self._typed, self._asked = "", ""
        self._rows = Grid(panel, f"{place}-found", opens=self._open)
        self._email = EmailView(panel, f"{place}-email", closed=self._email_closed)

    def take(self, business: Business) -> None:
        """Search in this business."""
        self.clear()
        self._business = business

    def clear(self) -> None:
        """Forget the business, and what was found."""
        self._business = self._index = None
        self._typed = ""
        self.forget()

    def forget(self) -> None:
        """Show no findings."""
        self._asked = ""
        self._rows.clear()
        self._email.close()

    @property
    def found(self) -> pa.Table:
        """The records and e-mails that were found; columns as :func:`manager_nb.audit.words.words_of` has them."""
        return self._rows.rows

    def ask(self, words: str) -> None:
        """Look for words; the panel's long work. The first search reads the business, the next ones do not."""
        business, index = self._business, self._index
        if business is None or not words.strip():
            self.forget()
            return

        def look(progress: Progress) -> tuple[pa.Table, pa.Table]:
            known = index if index is not None else words_of(business, progress=progress).to_arrow()
            return known, find_words(known, words)

        def show(seen: tuple[pa.Table, pa.Table]) -> None:
            self._index, found = seen
            self._asked = self._typed = words
            columns = (
                record_column(),
                Column("field", "Found in", paths=True),
                Column("text", "Words there", heads=record_column().heads),
                Column("type", "Type", words={**type_titles(), EMAIL: mark("Email")}),
            )
            self._rows.show(self._panel.text("Found"), _with_places(found), columns)
            self._panel.focus = f"{self._place}-result"

        self.forget()
        self._typed = words
        self._panel.run("Reading", look, show, place=self._place)

    def nodes(self) -> Node:
        """The field, and what was found."""
        text = self._panel.text
        return view.section(
            text("Search everything"),
            view.row(
                view.entry(
                    text("Words to look for"),
                    self._typed,
                    self._type,
                    key=f"{self._place}-words",
                    help=text("In all records and their lines, names of attachments and subjects of e-mails."),
                    on_enter=self._search,
                ),
                view.button(text("Search"), self._search, key=f"{self._place}-go", look="primary"),
            ),
            self._panel.under_way(self._place),
            self._panel.trouble(self._place),
            self._result(),
            key=f"{self._place}-part",
        )

    def _result(self) -> Node | None:
        if not self._asked:
            return None
        text, count = self._panel.text, self.found.num_rows
        if self._email.opened:
            return self._email.nodes()
        heading = self._panel.plural("Found in {count} place", "Found in {count} places", count)
        self._rows.rename(heading)
        return view.section(
            heading,
            self._rows.nodes()
            if count
            else view.paragraph(text("Nothing holds “{words}”. Try fewer words, or a part of one.", words=self._asked)),
            view.row(view.button(text("Close the search"), self._leave, key=f"{self._place}-close")),
            key=f"{self._place}-result",
        )

    def _type(self, words: str) -> None:
        self._typed = words

    def _search(self) -> None:
        self.ask(self._typed)

    def _leave(self) -> None:
        self._typed = ""
        self.forget()
        self._panel.focus = f"{self._place}-words"

    def _email_closed(self) -> None:
        self._panel.focus = f"{self._place}-result"

    def _open(self, row: int) -> None:
        key, kind = (self.found[name][row].as_py() for name in ("object", "type"))
        if kind != EMAIL:
            self._opens(key)
        elif self._business is not None:
            emails = self._business.emails
            place = emails.to_arrow(["email"])["email"].to_pylist().index(key)
            self._email.open(self._business, emails.page(place, 1).to_pylist()[0])


def _with_places(found: pa.Table) -> pa.Table:
    """What was found, with words for where a label or a subject stands: it is in no field."""
    place = found.schema.get_field_index("field")
    return found.set_column(place, "field", pc.coalesce(found["field"], _LABEL))
