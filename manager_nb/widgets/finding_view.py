"""One finding inside a panel: what it says and why, the rows it rests on, its mark of review, the way back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from manager_nb.audit.rule import SEVERITIES
from manager_nb.i18n import mark
from manager_nb.widgets import view
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.email_view import EmailView
from manager_nb.widgets.evidence_rows import CHANGE, RECORD, EvidenceRow, evidence_rows, is_gone
from manager_nb.widgets.naming import record_name
from manager_nb.widgets.record_view import RecordView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager_nb.audit.findings import Findings
    from manager_nb.audit.rule import Review
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

SHOW = mark("Show the record")
_MOST = 50
"""Rows of evidence that are shown at first."""


class FindingView:
    """One finding, opened from the list.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors and its work are shown.
        on_mark: called with whether it is reviewed now, who looked, and the note.
        on_restore: called with the key of a deleted record that is to come back.
        closed: called when a person closes it.

    Attributes:
        by: who reviews; kept from one finding to the next.
    """

    def __init__(
        self,
        panel: Panel,
        place: str,
        *,
        on_mark: Callable[[bool, str, str], None],
        on_restore: Callable[[str], None],
        closed: Callable[[], None],
    ) -> None:
        self._panel, self._place = panel, place
        self._on_mark, self._on_restore, self._closed = on_mark, on_restore, closed
        self._change = ChangeView(
            panel, f"{place}-change", on_record=self._show_record, record_words=SHOW, closed=self._back
        )
        self._record = RecordView(panel, f"{place}-record", closed=self._back)
        self._email = EmailView(panel, f"{place}-email", closed=self._back)
        self._findings: Findings | None = None
        self._business: Business | None = None
        self._earlier: Business | None = None
        self._number = 0
        self._rows: list[EvidenceRow] = []
        self._all = False
        self._open: EvidenceRow | None = None
        self._gone = False
        self._came_from = ""
        self.by = self.note = ""

    @property
    def opened(self) -> int | None:
        """The place of the finding that is shown, in ``findings.found``."""
        return self._number if self._findings is not None else None

    def open(
        self, findings: Findings, number: int, business: Business, earlier: Business | None, review: Review | None
    ) -> None:
        """Show a finding.

        Args:
            findings: what was found.
            number: its place in ``findings.found``.
            business: the business.
            earlier: the earlier backup, where one was looked at.
            review: its mark.
        """
        with self._panel.change(self._place):
            self.close()
            self._findings, self._number = findings, number
            self._business, self._earlier = business, earlier
            finding = findings.found[number][1]
            self._rows = list(evidence_rows(finding.evidence, business, earlier))
            self._gone = finding.object is not None and is_gone(business, finding.object)
            self.note = review.note if review is not None else ""
            self._panel.focus = self._place

    def close(self) -> None:
        """Show nothing."""
        self._findings = self._business = self._earlier = None
        self._rows, self._all = [], False
        self._leave()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self, review: Review | None) -> Node | None:
        """The finding, while one is shown.

        Args:
            review: its mark.
        """
        trouble = self._panel.trouble(self._place)
        if self._findings is None:
            return trouble
        text = self._panel.text
        rule, finding = self._findings.found[self._number]
        return view.section(
            text("{test} — finding {number}", test=text(rule.title), number=self._panel.words.number(self._number + 1)),
            view.paragraph(finding.message.told(self._panel.words, self._findings.zone), look="strong"),
            view.facts(list(self._facts())),
            view.fold(text("Why this is a reason to look"), view.paragraph(text(rule.why)), key=f"{self._place}-why"),
            self._evidence(),
            self._opened_row(),
            self._back_again(),
            self._review(review),
            trouble,
            view.row(view.button(text("Close"), self._close, key=f"{self._place}-close")),
            key=self._place,
            look="detail",
        )

    def _facts(self) -> Iterator[tuple[str, str]]:
        text = self._panel.text
        assert self._findings is not None  # noqa: S101 - only called while one is shown
        _, finding = self._findings.found[self._number]
        yield text("How much it deserves a look"), text(SEVERITIES[finding.severity])
        about = self._findings.about(finding.object)
        if about.label or about.type:
            yield text("Record"), record_name(self._panel.words, about.label, about.type)
        if about.date is not None:
            yield text("Date of the document"), self._panel.words.date(about.date)
        if finding.user:
            yield text("User"), finding.user

    def _evidence(self) -> Node | None:
        text, place = self._panel.text, self._place
        if not self._rows:
            return None
        shown = self._rows if self._all else self._rows[:_MOST]
        rows = [[self._place_of(row), self._opener(row), row.told(self._panel), self._word(row)] for row in shown]
        current = self._open.number if self._open is not None else None
        more = None
        if len(shown) < len(self._rows):
            count = self._panel.words.number(len(self._rows))
            more = view.button(
                text("Show all {count} rows", count=count), self._show_all, key=f"{place}-all", look="quiet"
            )
        title = text("What it rests on")
        columns = [text("Number"), text("Row of the file"), text("What it says"), text("Where it is")]
        return view.section(
            title,
            view.table(title, columns, rows, key=f"{place}-rows", hide_caption=True, current=current),
            more,
            key=f"{place}-evidence",
        )

    def _place_of(self, row: EvidenceRow) -> str:
        number = self._panel.words.number(row.number + 1)
        return self._panel.text("{number}, shown below", number=number) if row is self._open else number

    def _word(self, row: EvidenceRow) -> str:
        text = self._panel.text
        where = {"Changes": text("History"), "Objects": text("Records"), "Emails": text("Emails")}
        told = where.get(row.table, row.table)
        return text("{what}, in the earlier backup", what=told) if row.earlier else told

    def _opener(self, row: EvidenceRow) -> str | Node:
        name = record_name(self._panel.words, row.label, row.type) or row.key
        if not row.opens:
            return name
        # several rows may be of one record: who did what and when tells them apart also for those who only hear it
        told = f"{name}: {row.told(self._panel)}"
        return view.button(name, self._opening(row), key=f"{self._place}-row-{row.number}", look="row", name=told)

    def _opened_row(self) -> Node | None:
        shown = self._change.nodes() or self._record.nodes() or self._email.nodes()
        if shown is None or self._open is None:
            return shown
        number = self._panel.words.number(self._open.number + 1)
        which = self._panel.text("Row {number} of what it rests on", number=number)
        return view.group(view.paragraph(which, look="label"), shown)

    def _back_again(self) -> Node | None:
        if not self._gone:
            return None
        text, _busy = self._panel.text, self._panel.busy
        return view.section(
            text("This record is not in the business any more"),
            view.paragraph(text("A plan shows first what comes back with it. Your file is not changed.")),
            view.row(
                view.button(
                    text("Bring it back"), self._restore, key=f"{self._place}-restore", disabled=self._panel.busy
                )
            ),
            key=f"{self._place}-gone",
        )

    def _review(self, review: Review | None) -> Node:
        text, place = self._panel.text, self._place
        told = None
        if review is not None:
            when = _moment(review.at, self._panel)
            words = text("Reviewed by {user} on {time}.", user=review.by or text("somebody"), time=when)
            if review.note:
                words += f" {review.note}"
            if not review.same_file:
                words += " " + text("That was for another state of this file.")
            told = view.notice(words, look="good")
        label = text("Mark as reviewed") if review is None else text("Change the mark")
        buttons = [view.button(label, self._mark, key=f"{place}-mark", disabled=not self.by.strip())]
        if review is not None:
            buttons.append(view.button(text("Take the mark away"), self._unmark, key=f"{place}-unmark", look="quiet"))
        return view.section(
            text("Review"),
            told,
            view.fields(view.entry(text("Your name"), self.by, self._set_by, key=f"{place}-by")),
            view.entry(text("Note"), self.note, self._set_note, key=f"{place}-note"),
            view.row(*buttons),
            None if self.by.strip() else view.paragraph(text("Your name is needed for the mark."), look="muted"),
            key=f"{place}-review",
        )

    # ---- what happens --------------------------------------------------------------------------------------------

    def _opening(self, row: EvidenceRow) -> Callable[[], None]:
        def open_row() -> None:
            business = self._earlier if row.earlier else self._business
            if business is None:
                return
            self._leave()
            self._open = row
            self._came_from = f"{self._place}-row-{row.number}"
            if row.opens == CHANGE:
                self._change.open(business, row.facts)
            elif row.opens == RECORD:
                self._record.open(business, row.key)
            else:
                self._email.open(business, row.facts)

        return open_row

    def _show_record(self, key: str) -> None:
        business = self._business
        self._change.close()
        if business is not None:
            self._record.open(business, key)

    def _show_all(self) -> None:
        self._all = True

    def _leave(self) -> None:
        self._open = None
        self._change.close()
        self._record.close()
        self._email.close()

    def _back(self) -> None:
        self._leave()
        self._panel.focus = self._came_from

    def _restore(self) -> None:
        if self._findings is not None:
            self._on_restore(str(self._findings.found[self._number][1].object))

    def _mark(self) -> None:
        self._on_mark(True, self.by, self.note)

    def _unmark(self) -> None:
        self._on_mark(False, self.by, "")

    def _set_by(self, words: str) -> None:
        self.by = words

    def _set_note(self, words: str) -> None:
        self.note = words

    def _close(self) -> None:
        self.close()
        self._closed()


def _moment(at: str, panel: Panel) -> str:
    """A moment that a file of reviews has; as it stands there where it is none."""
    try:
        return panel.moment(dt.datetime.fromisoformat(at))
    except (ValueError, OverflowError):
        return at
