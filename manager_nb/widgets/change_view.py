"""One change of History inside a panel: who, when, what; before and after, only what changed or everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.fields import KINDS, amounts_of_change, fields_of_change
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model.amounts import Amount
from manager_nb.widgets import view
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_DID = {
    "create": mark("{user} created it on {time}."),
    "update": mark("{user} changed it on {time}."),
    "delete": mark("{user} deleted it on {time}."),
}
_UNSAID = mark("{user} did something with it on {time}; History does not say what was there before or after.")

ALL_CHANGES = mark("All changes of this record")

COLUMNS = (
    Column("path", mark("Field"), paths=True),
    Column("line", mark("Line")),
    Column("of", mark("What the line is for")),
    Column("before", mark("Before")),
    Column("after", mark("After")),
    Column("kind", mark("What happened"), words=KINDS),
)
"""The columns of a table of changed fields."""

_AMOUNT = Column("amount", mark("Amount"), digits=2)
_LINED = ("line", "of")


class ChangeView:
    """One change, opened from a row of History.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys.
        on_record: called with the key of the record, to show it; None: no such button.
        record_words: what that button says, an English text of the catalogue.
        on_commit: called with the key of the action, to show all its changes; None: no such button.
        closed: called when a person closes it.
    """

    def __init__(
        self,
        panel: Panel,
        place: str,
        *,
        on_record: Callable[[str], None] | None = None,
        record_words: str = ALL_CHANGES,
        on_commit: Callable[[str], None] | None = None,
        closed: Callable[[], None] | None = None,
    ) -> None:
        self._panel, self._place = panel, place
        self._on_record, self._on_commit, self._closed = on_record, on_commit, closed
        self._record_words = record_words
        self._fields = Grid(panel, f"{place}-fields", size=100)
        self._business: Business | None = None
        self._row: Mapping[str, Any] = {}
        self._mates = 0
        self._whole = False
        self._told_in = ""
        self._amounts = Amount(None), Amount(None)

    @property
    def opened(self) -> str | None:
        """The key of the change that is shown."""
        return str(self._row["change"]) if self._row else None

    def open(self, business: Business, row: Mapping[str, Any], *, mates: int = 1) -> None:
        """Show a change.

        Args:
            business: whose History.
            row: its row of ``business.history``.
            mates: how many changes its action has.
        """
        with self._panel.change(self._place):
            self._business, self._row, self._mates, self._whole = business, row, mates, False
            self._amounts, self._told_in = (Amount(None), Amount(None)), ""
            self._read()
            self._amounts = amounts_of_change(business, str(row["change"]))
            self._panel.focus = self._place

    def close(self) -> None:
        """Show nothing."""
        self._business, self._row, self._told_in = None, {}, ""
        self._fields.clear()

    def nodes(self) -> Node | None:
        """The change, while one is shown."""
        trouble = self._panel.trouble(self._place)
        if not self._row:
            return trouble
        if self._told_in not in ("", self._panel.words.code):
            self._read()  # the values are told in the reader's language, which is another one now
        row, text = self._row, self._panel.text
        self._fields.rename(text("Changed fields"))
        whole = text("Only what changed") if self._whole else text("All fields")
        return view.section(
            record_name(self._panel.words, row["label"], row["type"]) or text("A change"),
            view.paragraph(self._who()),
            self._unit(),
            trouble,
            self._fields.nodes() if self._fields.rows.num_rows else view.paragraph(text("No field is different.")),
            view.row(
                view.button(whole, self._turn, key=f"{self._place}-whole") if row["action"] == "update" else None,
                self._record_button(),
                view.button(text("Close"), self._close, key=f"{self._place}-close"),
            ),
            key=self._place,
            look="detail",
        )

    def _who(self) -> str:
        row, panel = self._row, self._panel
        user = row["user"] or panel.text("Manager itself, or somebody who was not logged in")
        time = panel.words.datetime(row["time"], panel.timezone, seconds=True) if row["time"] else panel.text("no time")
        told = [panel.text(_DID.get(row["action"] or "", _UNSAID), user=user, time=time)]
        if row["date"] is not None:
            told.append(panel.text("The document is dated {date}.", date=panel.words.date(row["date"])))
        told.append(self._came_to())
        return " ".join(filter(None, told))

    def _came_to(self) -> str:
        """The amount before and after, as the change found and left the document."""
        text, known = self._panel.text, [amount for amount in self._amounts if amount.value is not None]
        told = [f"{_AMOUNT.told(one.value, self._panel.words, 'UTC')} {one.currency or ''}".rstrip() for one in known]
        match told:
            case [before, after] if before != after:
                return text("It came to {before} before, and to {after} after.", before=before, after=after)
            case [_, same]:
                return text("It came to {amount} before and after.", amount=same)
            case [only] if self._row["action"] != "update":
                return text("It came to {amount}.", amount=only)
            case [after] if self._amounts[0].value is None:
                return text("It came to {after} after; what it came to before is not known.", after=after)
            case [before]:
                return text("It came to {before} before; what it came to after is not known.", before=before)
        return ""

    def _unit(self) -> Node | None:
        if self._mates < 2:
            return None
        text = self._panel.text
        words = text("One save made {count} changes; this is one of them.", count=self._panel.words.number(self._mates))
        commit, show = self._row["commit"], self._on_commit
        button = None
        if show is not None and commit:
            button = view.button(
                text("Show all of them"), lambda: show(str(commit)), key=f"{self._place}-commit", look="quiet"
            )
        return view.row(view.paragraph(words), button)

    def _record_button(self) -> Node | None:
        show, key = self._on_record, self._row["object"]
        if show is None or not key:
            return None
        label = self._panel.text(self._record_words)
        return view.button(label, lambda: show(str(key)), key=f"{self._place}-record")

    def _read(self) -> None:
        if self._business is not None:
            words = self._panel.words
            rows = fields_of_change(self._business, str(self._row["change"]), unchanged=self._whole, language=words)
            told = {name for name in _LINED if rows[name].null_count < rows.num_rows}
            columns = [column for column in COLUMNS if column.name not in _LINED or column.name in told]
            self._told_in = words.code
            self._fields.show(self._panel.text("Changed fields"), rows, columns)

    def _turn(self) -> None:
        self._whole = not self._whole
        self._read()

    def _close(self) -> None:
        self.close()
        if self._closed is not None:
            self._closed()
