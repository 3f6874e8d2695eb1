"""Whether the History of the earlier side is still in the later one: what holds, what does not, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.extension import BEGUN_AGAIN, SWAPPED, WITHOUT, Extension
from manager_nb.audit.rows import ALTERED, AS_UNDONE, MISSING
from manager_nb.audit.upgrade_between import ADDED, BROKEN, GONE
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.widgets import view
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import action_column, record_column, record_name, type_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.widgets.compared import Compared
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_BECAME = {
    AS_UNDONE: mark("Gone, as an undo in Manager leaves it"),
    MISSING: mark("Gone"),
    ALTERED: mark("Altered"),
}
_CAUSES = {
    ADDED: mark("it is new"),
    GONE: mark("it is gone"),
    ALTERED: mark("it is different"),
    BROKEN: mark("the changes in between do not begin with what the earlier side has"),
}
_ROW = {
    "Commit": mark("The action that it belongs to"),
    "Object": mark("The record that it is of"),
    "User": mark("Who"),
    "Timestamp": mark("When"),
    "ContentTypeBefore": mark("Type before"),
    "ContentTypeAfter": mark("Type after"),
    "ContentBefore": mark("What was there before"),
    "ContentAfter": mark("What is there after"),
}
_EARLIER, _LATER = "earlier", "later"
_COLUMNS = (
    record_column(),
    Column("became", mark("What became of the row"), words=_BECAME),
    Column("time", mark("When")),
    Column("user", mark("Who")),
    action_column(),
    type_column(),
    Column("columns", mark("What differs in the row"), words=_ROW, paths=True),
    Column("change", mark("Key of the change"), hidden=True),
    Column("object", mark("Key of the record"), hidden=True),
)
_SOME = 200


class CompareTrail:
    """The check of one History against the other.

    Args:
        panel: the panel it is in.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._grid = Grid(panel, "trail", opens=self._open, size=10, exports=True)
        self._change = ChangeView(panel, "trail-change", closed=self._closed)
        self._compared: Compared | None = None
        self._side = _EARLIER

    def clear(self) -> None:
        """Show nothing."""
        self._compared = None
        self._grid.clear()
        self._change.close()

    def show(self, one: Compared) -> None:
        """Take a comparison."""
        self.clear()
        self._compared = one
        if one.lost is not None:
            self._grid.show("", one.lost, _COLUMNS)

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Iterable[Node | None]:
        """What holds and what does not, and what that means."""
        one, text = self._compared, self._panel.text
        if one is None:
            return
        found = one.extension
        if found is None:
            words = text(
                "Both sides are of one file, so its History cannot be checked here. Choose an earlier backup of the"
                " business, one that nobody could change since."
            )
            yield view.notice(words, title=text("Not checked:"))
            return
        lines = [self._rows(found), *self._objects(found), *self._emails(found)]
        yield view.proof(lines, passed=text("Holds:"), failed=text("Look closely:"), nothing=text("Not checked:"))
        yield from self._meaning(one, found)
        if self._grid.rows.num_rows:
            self._grid.rename(text("Rows of the earlier History"))
            yield self._grid.nodes()
            yield self._which()
            yield self._change.nodes()
        yield self._records(one, found)

    def _rows(self, found: Extension) -> tuple[bool | None, str, str]:
        text, number = self._panel.text, self._panel.words.number
        if found.reason is not None:
            return None, text("Whether the earlier History is still in the later one"), ""
        plural = self._panel.plural
        since = plural("{count} row came since", "{count} rows came since", found.added)
        if found.extends:
            rows = number(found.rows)
            words = text("All {count} rows of the earlier History are in the later one, unaltered", count=rows)
            return True, words, since
        if not found.changed:
            return False, self._backdated(found), since
        undone, gone, altered = (len(found.having(what)) for what in (AS_UNDONE, MISSING, ALTERED))
        parts = [
            plural("{count} gone as an undo leaves it", "{count} gone as an undo leaves them", undone)
            if undone
            else "",
            plural("{count} gone otherwise", "{count} gone otherwise", gone) if gone else "",
            plural("{count} altered", "{count} altered", altered) if altered else "",
            self._backdated(found) if found.backdated else "",
            since,
        ]
        told = plural(
            "{count} row of the earlier History is not in the later one as it was",
            "{count} rows of the earlier History are not in the later one as they were",
            len(found.changed),
        )
        return False, told, "; ".join(filter(None, parts))

    def _backdated(self, found: Extension) -> str:
        return self._panel.plural(
            "{count} row of an earlier time is in the later one only: the earlier should have it",
            "{count} rows of earlier times are in the later one only: the earlier should have them",
            len(found.backdated),
        )

    def _objects(self, found: Extension) -> Iterable[tuple[bool | None, str, str]]:
        if found.reason is not None:
            return
        if not found.objects:
            yield True, self._panel.text("Changes in between account for every record that differs"), ""
            return
        yield (
            False,
            self._panel.plural(
                "{count} record differs although no change in between accounts for it",
                "{count} records differ although no change in between accounts for them",
                len(found.objects),
            ),
            self._panel.text(
                "the two are of different versions of Manager, which rewrites records when it opens a file"
            )
            if found.upgraded and not found.unlike
            else "",
        )

    def _emails(self, found: Extension) -> Iterable[tuple[bool | None, str, str]]:
        text = self._panel.text
        if found.emails_backdated:
            yield (
                False,
                self._panel.plural(
                    "{count} e-mail of an earlier time is only on the later side",
                    "{count} e-mails of earlier times are only on the later side",
                    len(found.emails_backdated),
                ),
                "",
            )
        if found.emails_left_out:
            yield False, text("Whether the e-mails are still there"), text("the later side has no e-mails at all")
        elif found.emails_changed:
            yield (
                False,
                self._panel.plural(
                    "{count} e-mail of the earlier side is gone or altered",
                    "{count} e-mails of the earlier side are gone or altered",
                    len(found.emails_changed),
                ),
                "",
            )
        elif found.emails:
            count = self._panel.words.number(found.emails)
            yield True, text("All {count} e-mails of the earlier side are there, unaltered", count=count), ""

    def _meaning(self, one: Compared, found: Extension) -> Iterable[Node | None]:
        text = self._panel.text
        if found.reason is not None:
            yield view.notice(self._reason(one, found), look="warning", title=text("Why not:"))
        elif found.extends:
            words = text(
                "What was recorded up to the earlier backup has not been changed since, if that backup was kept where"
                " nobody could change it. The check tells nothing of what was done before the backup was made."
            )
            yield view.paragraph(words, look="muted")
        else:
            yield view.notice(self._changed(found), look="warning", title=text("What this means:"))
        if found.objects and (found.unlike or not found.upgraded):
            words = text(
                "A record that differs without a change in History was changed outside it: by a newer Manager that"
                " rewrote it, by another program, or in rows that were removed since."
            )
            yield view.notice(words, look="warning", title=text("What this means:"))

    def _changed(self, found: Extension) -> str:
        text = self._panel.text
        words = [text("Whoever has the file may know why: this is a reason to ask, and proves nothing by itself.")]
        if found.having(AS_UNDONE):
            words.append(
                text("Undo in Manager takes the rows of an action away; those that are gone like that are marked.")
            )
        if found.backdated:
            words.append(
                text(
                    "Rows of earlier times that only the later one has were written later under times that were made"
                    " up, or after the computer's clock was set back, or the earlier one is not whole."
                )
            )
        if found.having(MISSING) or found.having(ALTERED):
            words.append(
                text(
                    "Nothing that people do in Manager removes other rows or alters one. A copy that was damaged or"
                    " made while people worked, an older backup in which work went on, or a change outside Manager can"
                    " be the cause."
                )
            )
        return " ".join(words)

    def _reason(self, one: Compared, found: Extension) -> str:
        text, number = self._panel.text, self._panel.words.number
        if found.reason == WITHOUT:
            if not found.rows:
                return text(
                    "The earlier side has no History: nothing can be checked against it. A backup without History"
                    " proves nothing, neither good nor bad."
                )
            return text(
                "The later side has no History; the earlier one has {count} rows. A backup made without History, or an"
                " import that dropped it, looks just like this. Ask for a backup with History.",
                count=number(found.rows),
            )
        if found.reason == SWAPPED:
            return text(
                "History of the later side is a part of that of the earlier one: are the sides the wrong way round? If"
                " not, the {count} newest rows are gone from it.",
                count=number(found.rows - len(one.right.history)),
            )
        if found.reason == BEGUN_AGAIN:
            return text(
                "History of the later side begins after all that the earlier one has: it was dropped at an import, or"
                " removed. What was before cannot be checked."
            )
        return text("The two have no record in common: there is nothing to check.")

    def _which(self) -> Node | None:
        """The choice of the side whose row is shown, where both have it."""
        number = self._grid.opened
        if number is None or self._grid.rows["became"][number].as_py() != ALTERED:
            return None
        text = self._panel.text
        sides = {_EARLIER: text("As the earlier side has it"), _LATER: text("As the later side has it")}
        return view.row(view.choice(text("Which row"), sides, self._side, self._turn, key="trail-side"))

    def _records(self, one: Compared, found: Extension) -> Node | None:
        if not found.objects:
            return None
        lines = [self._line(one, key, cause) for key, cause in found.objects[:_SOME]]
        if len(found.objects) > _SOME:
            lines.append(self._panel.text("{count} more", count=self._panel.words.number(len(found.objects) - _SOME)))
        return view.fold(self._panel.text("Which records, and why"), view.bullets(lines), key="trail-records")

    def _line(self, one: Compared, key: str, cause: str) -> str:
        record = one.labels.get(key)
        name = record_name(self._panel.words, *record) if record else self._panel.text("A record")
        return f"{name}: {self._panel.text(_CAUSES[cause])}"

    # ---- what happens --------------------------------------------------------------------------------------------

    def _open(self, number: int) -> None:
        self._grid.opened, self._side = number, _EARLIER
        self._show()

    def _turn(self, side: str) -> None:
        self._side = side
        self._show()

    def _show(self) -> None:
        """Show the row that is open, as one of the sides has it."""
        one, number = self._compared, self._grid.opened
        if one is None or number is None:
            return
        business = one.left if self._side == _EARLIER else one.right
        change = self._grid.rows["change"][number].as_py()
        found: list[dict[str, Any]] = business.history_rows([change, change.upper()]).to_arrow().to_pylist()
        if found:
            self._change.open(business, found[0])

    def _closed(self) -> None:
        self._grid.opened = None
        self._panel.focus = "trail-part"
