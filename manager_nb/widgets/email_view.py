"""One e-mail inside a panel: its words; its HTML only when asked for, shut off; nothing of it is run or fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.format.database import Database
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model.emails import Letter, read_letter
from manager_nb.widgets import view
from manager_nb.widgets.email_file import EmailFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_CLOSE = mark("Close")
_NOTHING = Letter(None, None, b"")


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
        leave: the words of the button that closes it, an English text of the catalogue.
    """

    def __init__(
        self, panel: Panel, place: str, *, closed: Callable[[], None] | None = None, leave: str = _CLOSE
    ) -> None:
        self._panel, self._place, self._closed, self._leave = panel, place, closed, leave
        self._row: Mapping[str, Any] = {}
        self._letter = _NOTHING
        self._as_html = False
        self._file = EmailFile(panel, f"{place}-file")

    @property
    def opened(self) -> bool:
        """Whether one is shown."""
        return bool(self._row)

    def open(self, business: Business, row: Mapping[str, Any]) -> None:
        """Show an e-mail.

        Args:
            business: that sent it.
            row: its row of ``business.emails``.
        """
        with self._panel.change(self._place):
            self.close()
            self._letter = read_letter(Database(business.open_source.database), str(row["email"])) or _NOTHING
            self._file.show(self._letter)
            self._row = row
            self._panel.focus = self._place

    def close(self) -> None:
        """Show nothing."""
        self._row, self._letter, self._as_html = {}, _NOTHING, False
        self._file.clear()

    def nodes(self, *more: Node | None) -> Node | None:
        """The e-mail, while one is shown.

        Args:
            *more: what else is told of it, above its text.
        """
        trouble = self._panel.trouble(self._place)
        if not self._row:
            return trouble
        row, text = self._row, self._panel.text
        told = [
            (text("Sender"), row["sender"] or ""),
            (text("Recipients"), ", ".join(row["recipients"] or ())),
            (text("Time"), self._panel.moment(row["time"]) if row["time"] is not None else ""),
            (text("User"), row["user"] or ""),
        ]
        body = row["body_text"]
        return view.section(
            row["subject"] or text("An e-mail without a subject"),
            view.row(view.button(text(self._leave), self._close, key=f"{self._place}-close")),
            trouble,
            view.facts([(term, value) for term, value in told if value]),
            *more,
            view.preformatted(body, label=text("Text of the e-mail"))
            if body
            else view.paragraph(text("It has no text."), look="muted"),
            self._html(),
            self._file.nodes(),
            key=self._place,
            look="detail",
        )

    def _html(self) -> Node | None:
        """The e-mail as it was laid out, for who asks for it."""
        if not self._letter.html:
            return None
        text = self._panel.text
        label = text("Show only its text") if self._as_html else text("Show it as it was laid out")
        button = view.row(view.button(label, self._turn, key=f"{self._place}-html", expanded=self._as_html))
        if not self._as_html:
            return button
        warning = text(
            "This is the e-mail's own layout. It is shut off: no script runs, nothing is loaded from the network, and"
            " links lead nowhere, so pictures may be missing. What it says may still be meant to deceive."
        )
        return view.group(
            button,
            view.notice(warning, look="warning", title=text("Attention:")),
            view.letter(self._letter.html, label=text("The e-mail as it was laid out")),
        )

    def _turn(self) -> None:
        self._as_html = not self._as_html

    def _close(self) -> None:
        self.close()
        if self._closed is not None:
            self._closed()
