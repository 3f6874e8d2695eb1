"""One record in full inside a panel: fields, lines, files, its life, who refers to it; references can be followed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model.wording import caption
from manager_nb.widgets import view
from manager_nb.widgets.attached_files import AttachedFiles
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.email_view import EmailView, email_columns
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import action_column, record_column, record_name, type_column
from manager_nb.widgets.record_parts import MOST_LINES, PartsOnScreen
from manager_nb.widgets.record_read import read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager_nb.model.parts import Lines
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.record_read import SeenRecord
    from manager_nb.widgets.view import Node

CLOSE = mark("Close")

_LIFE = (
    Column("time", "Time"),
    Column("user", "User"),
    action_column(),
    Column("fields_changed", "Changed fields", paths=True),
    Column("amount", "Amount", hidden=True),
    record_column(hidden=True),
)
_REFERENCES = (
    record_column(),
    Column("date", "Date"),
    Column("fields", "Named in", paths=True),
    type_column(hidden=True),
)


class RecordView:
    """One record, opened by its key; also one that is deleted, as History last knew it.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors and its work are shown.
        closed: called when a person closes it.
        leave: the words of the button that closes it, an English text of the catalogue.

    Attributes:
        seen: what is shown, None until it is read.
        trail: the records that a person came from, the first one first: (key, label, type).
    """

    def __init__(
        self, panel: Panel, place: str, *, closed: Callable[[], None] | None = None, leave: str = CLOSE
    ) -> None:
        self._panel, self._place = panel, place
        self._closed, self._leave = closed, leave
        self._business: Business | None = None
        self._key = ""
        self.seen: SeenRecord | None = None
        self.trail: list[tuple[str, str, str]] = []
        self._all_lines: set[str] = set()
        self._files = AttachedFiles(panel, f"{place}-files")
        self._life = Grid(panel, f"{place}-life", opens=self._open_change)
        self._change = ChangeView(panel, f"{place}-change", closed=self._change_closed)
        self._references = Grid(panel, f"{place}-references", opens=self._open_reference)
        self._emails = Grid(panel, f"{place}-emails", opens=self._open_email)
        self._email = EmailView(panel, f"{place}-email")

    # ---- from code -----------------------------------------------------------------------------------------------

    def open(self, business: Business, key: str) -> None:
        """Show a record; the panel's long work.

        Args:
            business: the business.
            key: of the record, which may be gone.
        """
        self.trail = []
        self._read(business, key)

    def follow(self, key: str) -> None:
        """Show a record that this one names, and remember the way back."""
        if self._business is not None:
            if self.seen is not None:
                record = self.seen.record
                self.trail.append((record.key, record.label, record.type))
            self._read(self._business, key)

    def back(self) -> None:
        """Show the record before."""
        if self._business is not None and self.trail:
            self._read(self._business, self.trail.pop()[0])

    def close(self) -> None:
        """Show nothing."""
        self._business, self._key, self.seen, self.trail = None, "", None, []
        self._forget()

    @property
    def opened(self) -> str | None:
        """The key of the record that is shown, or on its way."""
        return self._key or None

    def _read(self, business: Business, key: str) -> None:
        def read(progress: Progress) -> SeenRecord:
            return read_record(business, key, progress)

        self._business, self._key, self.seen = business, key, None
        self._forget()
        self._panel.run("Reading", read, self._show, place=self._place)

    def _show(self, seen: SeenRecord) -> None:
        self.seen, self._key = seen, seen.record.key
        if self._business is not None:
            self._files.show(self._business, seen.files)
        text = self._panel.text
        self._life.show(text("Its life"), _with_captions(seen.life), _LIFE)
        others = seen.references.filter(
            pc.not_equal(seen.references["type"], "Attachment")
        )  # they are shown themselves
        self._references.show(text("What refers to it"), others, _REFERENCES)
        self._emails.show(text("Emails"), seen.emails, email_columns())
        self._panel.focus = self._place

    def _forget(self) -> None:
        self._all_lines = set()
        self._files.clear()
        for grid in (self._life, self._references, self._emails):
            grid.clear()
        self._change.close()
        self._email.close()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Node | None:
        """The record, while one is open."""
        if not self._key:
            return self._panel.trouble(self._place)
        text, seen = self._panel.text, self.seen
        heading = self._name(seen.record.label, seen.record.type) if seen is not None else text("A record")
        return view.section(
            heading,
            view.row(*self._ways_out()),
            self._panel.under_way(self._place),
            self._panel.trouble(self._place),
            *(self._parts(seen) if seen is not None else ()),
            key=self._place,
            look="detail",
        )

    def _ways_out(self) -> Iterator[Node]:
        text = self._panel.text
        if self.trail:
            _, label, kind = self.trail[-1]
            back = text("Back to {name}", name=self._name(label, kind))
            yield view.button(back, self.back, key=f"{self._place}-back")
        yield view.button(text(self._leave), self._close, key=f"{self._place}-close")

    def _parts(self, seen: SeenRecord) -> Iterator[Node | None]:
        text, place = self._panel.text, self._place
        drawn = PartsOnScreen(self._panel, place, seen.names, self.follow)
        yield self._deleted(seen)
        yield view.facts(self._facts(seen))
        yield from self._remarks(seen)
        fields = drawn.fields(seen.parts)
        if fields is not None:
            note = text("Fields that are empty are left out. A name that is underlined leads to that record.")
            yield view.section(text("Fields"), fields, key=f"{place}-fields-part", note=note)
        for lines in seen.parts.lines:
            yield self._lines(drawn, lines)
        if seen.files:
            yield view.section(text("Pictures and attachments"), self._files.nodes(), key=f"{place}-files-part")
        no_life = text("History tells nothing of it: it was made before History begins, or by the program itself.")
        yield self._grid(self._life, text("Its life"), no_life, self._change_node())
        yield self._grid(self._references, text("What refers to it"), text("Nothing refers to it now."))
        if seen.emails.num_rows:
            yield self._grid(self._emails, text("Emails"), "", self._email.nodes())

    def _grid(self, grid: Grid, title: str, nothing: str, opened: Node | None = None) -> Node:
        grid.rename(title)
        rows = grid.nodes() if grid.rows.num_rows else view.paragraph(nothing, look="muted")
        return view.section(title, rows, opened, key=f"{grid.part}-part")

    def _change_node(self) -> Node | None:
        """The change that is open, under a heading of its own: the record's stands above already."""
        node = self._change.nodes()
        if node is None or "heading" not in node.props:
            return node
        return replace(node, props={**node.props, "heading": self._panel.text("What this change did")})

    def _deleted(self, seen: SeenRecord) -> Node | None:
        if not seen.gone:
            return None
        text, row = self._panel.text, seen.deleted
        told = text("It is not in the business any more. This is how History last knew it.")
        if row is not None and row["action"] == "delete" and row["time"] is not None:
            told = text(
                "{user} deleted it on {time}. This is how History last knew it.",
                user=row["user"] or text("Manager itself, or somebody who was not logged in"),
                time=self._panel.moment(row["time"]),
            )
        return view.notice(told, look="warning", title=text("Deleted:"))

    def _facts(self, seen: SeenRecord) -> list[tuple[str, str] | tuple[str, str, str]]:
        text = self._panel.text
        kind = type_column().told(seen.record.type, self._panel.words, self._panel.timezone)
        facts: list[tuple[str, str] | tuple[str, str, str]] = [(text("Type"), kind)]
        if seen.amount.value is not None:
            facts.append((text("Amount"), self._panel.words.number(seen.amount.value), seen.amount.currency or ""))
        saved: Any = seen.saved
        if saved is not None and saved["time"] is not None and not seen.gone:
            label = text("Last saved") if seen.as_saved else text("Last change in History")
            facts.append((label, self._panel.moment(saved["time"]), saved["user"] or ""))
        if seen.life.num_rows:
            facts.append((text("Changes"), self._panel.words.number(seen.life.num_rows)))
        return facts

    def _remarks(self, seen: SeenRecord) -> Iterator[Node]:
        text, record = self._panel.text, seen.record
        if not seen.as_saved:
            words = text(
                "It is not as its last change in History left it. What altered it since, an undo, an upgrade or another"
                " program, History does not tell: what is here is not to be put down to the user named there."
            )
            yield view.notice(words, look="warning", title=text("Changed without History:"))
        if not seen.parts.fields and not seen.parts.lines:
            words = text("It has no fields that are known here. Its bytes are kept as they are.")
            yield view.paragraph(words, look="muted")
        if record.unknown:
            words = self._panel.plural(
                "{count} field in it is of a newer Manager and not known here. It is kept as it is.",
                "{count} fields in it are of a newer Manager and not known here. They are kept as they are.",
                len(record.unknown),
            )
            yield view.notice(words, title=text("Newer file:"))
        if record.problems:
            words = text("Something in this record could not be read. What could be read is here.")
            yield view.notice(words, look="warning", title=text("Damage:"))

    def _lines(self, drawn: PartsOnScreen, lines: Lines) -> Node:
        title, text = self._panel.text(caption(lines.name)), self._panel.text
        everything = lines.name in self._all_lines
        more = None
        if len(lines.rows) > MOST_LINES and not everything:
            count = self._panel.words.number(len(lines.rows))
            more = view.button(
                text("Show all {count} lines", count=count),
                lambda: self._all_lines.add(lines.name),
                key=f"{self._place}-more-{lines.name}",
            )
        table = drawn.lines(lines, len(lines.rows) if everything else MOST_LINES)
        return view.section(title, table, more, key=f"{self._place}-part-{lines.name}")

    def _name(self, label: str, kind: str) -> str:
        return record_name(self._panel.words, label, kind)

    # ---- what happens --------------------------------------------------------------------------------------------

    def _close(self) -> None:
        self.close()
        if self._closed is not None:
            self._closed()

    def _open_change(self, row: int) -> None:
        if self._business is not None and self.seen is not None:
            self._change.open(self._business, self.seen.life.slice(row, 1).to_pylist()[0])

    def _change_closed(self) -> None:
        self._life.opened = None
        self._panel.focus = f"{self._life.part}-part"

    def _open_reference(self, row: int) -> None:
        self.follow(self._references.rows["object"][row].as_py())

    def _open_email(self, row: int) -> None:
        if self._business is not None:
            self._email.open(self._business, self._emails.rows.slice(row, 1).to_pylist()[0])


def _with_captions(life: pa.Table) -> pa.Table:
    """A life whose changed fields are told in words: "Due date" for "DueDate"."""
    told = [", ".join(map(caption, names or ())) for names in life["fields_changed"].to_pylist()]
    place = life.schema.get_field_index("fields_changed")
    return life.set_column(place, "fields_changed", pa.array(told, pa.string()))
