"""One e-mail inside a panel: its words only; nothing of it is run or fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.listing.columns import Column
from manager_nb.widgets import view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


def email_columns() -> tuple[Column, ...]:
    """The columns of a listing of e-mails."""
    return (
        Column("subject", "Subject"),
        Column("time", "Time"),
        Column("recipients", "Recipients"),
        Column("user", "User"),
        Column("sender", "Sender", hidden=True),
    )


class EmailView:
    """One e-mail, opened from a row of ``business.emails``.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys.
        closed: called when a person closes it.
    """

    def __init__(self, panel: Panel, place: str, *, closed: Callable[[], None] | None = None) -> None:
        self._panel, self._place, self._closed = panel, place, closed
        self._row: Mapping[str, Any] = {}

    @property
    def opened(self) -> bool:
        """Whether one is shown."""
        return bool(self._row)

    def open(self, row: Mapping[str, Any]) -> None:
        """Show an e-mail."""
        self._row = row
        self._panel.focus = self._place

    def close(self) -> None:
        """Show nothing."""
        self._row = {}

    def nodes(self) -> Node | None:
        """The e-mail, while one is shown."""
        if not self._row:
            return None
        row, text = self._row, self._panel.text
        told = [
            (text("Sender"), row["sender"] or ""),
            (text("Recipients"), ", ".join(row["recipients"] or ())),
            (text("Time"), self._panel.moment(row["time"]) if row["time"] is not None else ""),
        ]
        body = row["body_text"]
        return view.section(
            row["subject"] or text("An e-mail without a subject"),
            view.facts([(term, value) for term, value in told if value]),
            view.preformatted(body, label=text("Text of the e-mail")) if body else None,
            view.row(view.button(text("Close"), self._close, key=f"{self._place}-close")),
            key=self._place,
            look="detail",
        )

    def _close(self) -> None:
        self.close()
        if self._closed is not None:
            self._closed()
