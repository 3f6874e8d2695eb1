"""Which records an e-mail was about, inside a panel: how sure that is and why, and what was changed in them since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.audit.emailed import CONFIDENCES
from manager_nb.audit.outbox import changes_since, label_of
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.widgets import view
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import action_column, fields_column, record_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from manager_nb.audit.emailed import Sent
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_SINCE = (
    Column("time", mark("When")),
    Column("user", mark("Who")),
    action_column(),
    fields_column(),
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A record that an e-mail was or may have been about, as it is shown."""

    sent: Sent
    label: str
    type: str
    since: Grid


class EmailRecords:
    """The records of one e-mail.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors and its work are shown.
        on_record: called with the key of a record that a person opens.
    """

    def __init__(self, panel: Panel, place: str, on_record: Callable[[str], None]) -> None:
        self._panel, self._place, self._on_record = panel, place, on_record
        self._business: Business | None = None
        self._told: tuple[_Told, ...] = ()
        self._from = self._place
        self._change = ChangeView(panel, f"{place}-change", closed=self._change_closed)

    def show(self, business: Business, sent: Sequence[Sent]) -> None:
        """Take the records of an e-mail; the panel's long work."""

        def work(progress: Progress) -> tuple[_Told, ...]:
            del progress
            return tuple(self._read(business, number, one) for number, one in enumerate(sent))

        def done(told: tuple[_Told, ...]) -> None:
            self._told = told

        self.clear()
        self._business = business
        if sent:
            self._panel.run("Reading", work, done, place=self._place)

    def clear(self) -> None:
        """Show none."""
        self._business, self._told = None, ()
        self._change.close()

    def nodes(self) -> Node:
        """The records."""
        text = self._panel.text
        busy, trouble = self._panel.under_way(self._place), self._panel.trouble(self._place)
        if not self._told and not busy and not trouble:
            words = text(
                "No record was found that this e-mail names. A statement names none; nor does an e-mail that does not"
                " say the number of a document."
            )
            return view.section(text("What it was about"), view.paragraph(words), key=self._place)
        several = None
        if len(self._told) > 1 and all(told.sent.confidence != "likely" for told in self._told):
            several = view.notice(text("Several records answer equally well; the e-mail does not say which it was."))
        parts = (self._one(number, told) for number, told in enumerate(self._told))
        return view.section(text("What it was about"), busy, trouble, several, *parts, key=self._place)

    def _one(self, number: int, told: _Told) -> Node:
        text, key = self._panel.text, f"{self._place}-{number}"
        name = record_name(self._panel.words, told.label, told.type) or text("A record that the file knows no more")
        sure = text(CONFIDENCES[told.sent.confidence])
        why = told.sent.why.told(self._panel.words, self._panel.timezone)
        count = told.since.rows.num_rows
        since = self._panel.plural(
            "It was changed {count} time after this e-mail.", "It was changed {count} times after this e-mail.", count
        )
        told.since.rename(text("Changes since the e-mail"))
        open_change = view.group(self._change.nodes()) if self._from == key else None
        return view.group(
            view.paragraph(name, look="strong"),
            view.paragraph(text("{sure}: {why}", sure=sure, why=why)),
            view.notice(since, look="warning", title=text("Attention:"))
            if count
            else view.paragraph(text("Nothing was changed in it after this e-mail.")),
            told.since.nodes() if count else None,
            open_change,
            view.row(
                view.button(
                    text("Show the record"),
                    lambda: self._on_record(told.sent.object),
                    key=f"{key}-record",
                    name=text("Show the record: {name}", name=name),
                    disabled=self._panel.busy,
                )
            ),
            look="browser",
        )

    def _read(self, business: Business, number: int, sent: Sent) -> _Told:
        grid = Grid(self._panel, f"{self._place}-{number}-since", opens=lambda row: self._open(number, row))
        grid.show("", changes_since(business, sent), _SINCE)
        return _Told(sent, *label_of(business, sent.object), grid)

    def _open(self, number: int, row: int) -> None:
        if self._business is not None:
            self._from = f"{self._place}-{number}"
            rows = self._told[number].since.rows
            self._change.open(self._business, rows.slice(row, 1).to_pylist()[0])

    def _change_closed(self) -> None:
        self._panel.focus = self._place
