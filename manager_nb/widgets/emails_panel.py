"""Sent e-mails by clicking: who was mailed what and when, what it was about, and what was changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any as Whatever

from manager_nb.audit.emailed import CONFIDENCES
from manager_nb.audit.outbox import NONE, SEVERAL, Outbox, read_emails
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model.tables import Table
from manager_nb.widgets import view
from manager_nb.widgets.email_records import EmailRecords
from manager_nb.widgets.email_view import EmailView
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_column
from manager_nb.widgets.open_panel import OpenPanel
from manager_nb.widgets.record_view import RecordView

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.view import Node

MOST_MATCHED = 2_000
"""What more e-mails were about is looked for only when somebody asks: it takes a while."""

_SURE = {**CONFIDENCES, SEVERAL: mark("Several possible"), NONE: mark("None found")}
_BACK_TO_LIST = mark("Back to the list")
_BACK_TO_EMAIL = mark("Back to the e-mail")
_COLUMNS = (
    Column("subject", mark("Subject")),
    Column("time", mark("When")),
    Column("recipients", mark("Recipients")),
    Column("user", mark("Who")),
    record_column("record", mark("About the record")),
    Column("confidence", mark("How sure"), words=_SURE),
    Column("changed", mark("Changes since")),
    Column("parties", mark("Whose address"), hidden=True),
    Column("sender", mark("Sender"), hidden=True),
    Column("body_text", mark("Text"), hidden=True),
    Column("seen", mark("Viewed"), hidden=True),
    Column("size", mark("Size in bytes"), hidden=True),
    Column("email", mark("Key of the e-mail"), hidden=True),
)


class EmailsPanel(OpenPanel):
    """Who was mailed what, and when; arguments as for :class:`BusinessPanel`.

    Attributes:
        grid: the e-mails that are listed.
        record: the record that is open, a :class:`RecordView`.
    """

    def __init__(
        self,
        source: Path | str | AnyBusiness | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self._outbox: Outbox | None = None
        self.grid = Grid(self, "emails", opens=self._open, ticks=True)
        self._email = EmailView(self, "email", closed=self._email_closed, leave=_BACK_TO_LIST)
        self._about = EmailRecords(self, "about", self._open_record)
        self.record = RecordView(self, "record", closed=self._record_closed, leave=_BACK_TO_EMAIL)
        super().__init__(source, language=language, timezone=timezone)

    # ---- from code -----------------------------------------------------------------------------------------------

    @property
    def emails(self) -> Table:
        """The e-mails that answer to what is asked; columns as :class:`manager_nb.audit.outbox.Outbox` has them."""
        return Table.of("Emails", self.grid.filtered)

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked e-mails, as a pandas frame with Arrow types."""
        return Table.of("Emails", self.grid.selected).to_pandas()

    def match(self) -> None:
        """Look for what the e-mails were about; the panel's long work. Done by itself unless there are very many."""
        business = self.current
        if business is not None:
            self.run(
                "Reading e-mails",
                lambda progress: read_emails(business, progress=progress),
                self._take,
                place="match",
            )

    def read(self, business: Business, progress: Progress) -> Outbox:
        """The e-mails, and what they were about."""
        return read_emails(business, match=len(business.emails) <= MOST_MATCHED, progress=progress)

    def show(self, seen: Whatever) -> None:
        """Take them."""
        self._take(seen)

    def forget(self) -> None:
        """Drop what was shown."""
        super().forget()
        self._outbox = None
        self.record.close()
        self._close_email()
        self.grid.clear()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Emails")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "Who was mailed what, and when. Click an e-mail to read it, to see what it was about, and whether that was"
            " changed since."
        )

    def status(self) -> str:
        """How many rows there are."""
        if self.current is not None and not self.busy:
            return self.plural("{count} row", "{count} rows", len(self.grid.found))
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business; then the record that is open, the e-mail that is open, or the list."""
        yield self.business(types=False)
        if self.current is None or self._outbox is None:
            return
        if not self._outbox.rows.num_rows:
            yield view.notice(self.text("This file has no e-mails: it was made without them, or none was sent."))
            return
        record = self.record.nodes()
        if self.record.opened is not None:
            yield record
            return
        yield record
        if self._email.opened:
            yield self._email.nodes(self._about.nodes() if self._matched else None)
            return
        self.grid.rename(self.text("Emails"))
        yield view.section(self.text("Sent e-mails"), self._matching(), self.grid.nodes(), key="list")

    @property
    def _matched(self) -> bool:
        return self._outbox is not None and "confidence" in self._outbox.rows.column_names

    def _matching(self) -> Node | None:
        """The offer to look for what the e-mails were about, where there are very many."""
        if self._matched:
            return None
        words = self.text("So that this long list opens soon, it was not looked for what the e-mails were about.")
        button = view.button(
            self.text("Look for the records"), self.match, key="match", look="quiet", disabled=self.busy
        )
        return view.group(view.notice(words), button, self.under_way("match"), self.trouble("match"))

    # ---- what happens --------------------------------------------------------------------------------------------

    def _take(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._close_email()
        self.grid.show(self.text("Emails"), outbox.rows, _COLUMNS)

    def _open(self, number: int) -> None:
        if self.current is None or self._outbox is None:
            return
        row = self.grid.rows.slice(number, 1).to_pylist()[0]
        self._email.open(self.current, row)
        self._about.show(self.current, self._outbox.sent.get(str(row["email"]), ()))

    def _open_record(self, key: str) -> None:
        if self.current is not None:
            self.record.open(self.current, key)

    def _record_closed(self) -> None:
        self.focus = "about" if self._matched else "email"

    def _close_email(self) -> None:
        self._email.close()
        self._about.clear()

    def _email_closed(self) -> None:
        self._about.clear()
        self.grid.opened = None
        self.focus = "list"
