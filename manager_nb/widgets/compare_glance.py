"""A comparison at a glance: what it is of, how many records differ by type, and what the totals say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.compare import DIFFERING, ONLY_LEFT, ONLY_RIGHT
from manager_nb.audit.totals import BANK_ACCOUNT, TYPE
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.timeline.business import PastBusiness
from manager_nb.timeline.certificate import EXACT
from manager_nb.widgets import view
from manager_nb.widgets.certainty import certificate_part, stranger
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import type_column, type_titles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager_nb.widgets.compared import Compared
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

STATES = {
    ONLY_LEFT: mark("Only in the earlier"),
    ONLY_RIGHT: mark("Only in the later"),
    DIFFERING: mark("Different"),
}
"""How the two sides stand to each other in a record, in words."""

_SAME = mark("The same")
_TYPE_COLUMNS = (
    type_column(),
    Column("only_left", STATES[ONLY_LEFT]),
    Column("only_right", STATES[ONLY_RIGHT]),
    Column("differing", STATES[DIFFERING]),
    Column("same", _SAME),
)


def _total_columns(heading: str, *, unknown: bool) -> tuple[Column, ...]:
    """The columns of totals; how many amounts are not known is shown only where some are not."""
    return (
        Column("name", heading, words={title: title for title in type_titles().values()}),
        Column("currency", mark("Currency")),
        Column("count_before", mark("Count, earlier")),
        Column("count_after", mark("Count, later")),
        Column("sum_before", mark("Sum, earlier"), digits=2),
        Column("sum_after", mark("Sum, later"), digits=2),
        Column("sum_difference", mark("Difference"), digits=2),
        Column("count_difference", mark("Difference of the counts"), hidden=True),
        Column("unknown", mark("Amounts not known"), hidden=not unknown),
    )


class CompareGlance:
    """The counts and totals of a comparison.

    Args:
        panel: the panel it is in.
        swap: called to compare the other way round.
        narrow: called with a type whose records are wanted.
        reckon: called to reckon totals that were left out.

    Attributes:
        totals: counts and sums of both sides; None until they are reckoned.
    """

    def __init__(
        self, panel: Panel, swap: Callable[[], None], narrow: Callable[[str], None], reckon: Callable[[], None]
    ) -> None:
        self._panel, self._swap, self._narrow, self._reckon = panel, swap, narrow, reckon
        self._types = Grid(panel, "by-type", opens=self._open_type, size=50)
        self._documents = Grid(panel, "totals", size=50, exports=True)
        self._accounts = Grid(panel, "account-totals", size=50, exports=True)
        self._compared: Compared | None = None
        self.totals: pa.Table | None = None

    def clear(self) -> None:
        """Show nothing."""
        self._compared = self.totals = None
        for grid in (self._types, self._documents, self._accounts):
            grid.clear()

    def show(self, one: Compared) -> None:
        """Take a comparison."""
        self.clear()
        self._compared = one
        moved = pc.greater(
            pc.add(pc.add(one.by_type["only_left"], one.by_type["only_right"]), one.by_type["differing"]), 0
        )
        self._types.show("", one.by_type.filter(moved), _TYPE_COLUMNS)
        if one.totals is not None:
            self.show_totals(one.totals)

    def show_totals(self, totals: pa.Table) -> None:
        """Take the totals."""
        self.totals = totals
        for grid, group, heading in (
            (self._documents, TYPE, mark("Type")),
            (self._accounts, BANK_ACCOUNT, mark("Bank or cash account")),
        ):
            rows = totals.filter(pc.equal(totals["group"], group))
            unknown = bool(rows.num_rows) and pc.sum(rows["unknown"]).as_py() > 0
            grid.show("", rows, _total_columns(heading, unknown=unknown))

    # ---- the screen ----------------------------------------------------------------------------------------------

    def remarks(self, told: tuple[str, str]) -> Iterable[Node | None]:
        """What is compared, and what keeps it from telling anything.

        Args:
            told: each side in words, the earlier first.
        """
        one, text = self._compared, self._panel.text
        if one is None:
            return
        yield view.paragraph(text("Earlier: {side}", side=told[0]))
        yield view.paragraph(text("Later: {side}", side=told[1]))
        if one.same_twice:
            words = text("Both sides are the same file, byte by byte, so nothing can differ. Choose a moment for one.")
            yield view.notice(words, look="warning", title=text("The same file twice:"))
        if not one.related:
            yield stranger(self._panel)
        if one.swapped and one.related:
            words = text("The file on the earlier side holds later records than the other one.")
            swap = view.button(
                text("Swap and compare again"), self._swap, key="swap-again", look="strong", disabled=self._panel.busy
            )
            yield view.notice(words, look="warning", title=text("The wrong way round?"))
            yield view.row(swap)
        for key, side in (("left", one.left), ("right", one.right)):
            if isinstance(side, PastBusiness):
                yield self._certificate(key, side)

    def _certificate(self, key: str, side: PastBusiness) -> Node:
        text = self._panel.text
        both = {"left": text("How sure the earlier side is:"), "right": text("How sure the later side is:")}
        if side.certificate.level == EXACT:
            words = text("exact. Every record is byte for byte what it was.")
            return view.paragraph(f"{both[key]} {words}", look="muted")
        return certificate_part(self._panel, side.certificate, key=f"{key}-doubts", title=both[key])

    def counts(self) -> Iterable[Node | None]:
        """How many records differ, by type."""
        one, text, number = self._compared, self._panel.text, self._panel.words.number
        if one is None:
            return
        states = one.records["state"].to_pylist()
        cards = [(text(words), number(states.count(state))) for state, words in STATES.items()]
        yield view.facts([*cards, (text(_SAME), number(one.comparison.same))])
        limits = text(
            "Records and settings are compared byte by byte. Emails, pictures and the content of attachments are not."
        )
        yield view.paragraph(limits, look="muted")
        if not self._types.rows.num_rows:
            yield view.notice(text("Nothing differs."), look="good")
            return
        self._types.rename(text("Differences by type"))
        yield self._types.nodes()
        others = one.by_type.num_rows - self._types.rows.num_rows
        if others:
            yield view.paragraph(
                self._panel.plural(
                    "Of {count} other type everything is the same.",
                    "Of {count} other types everything is the same.",
                    others,
                ),
                look="muted",
            )

    def totals_part(self) -> Iterable[Node | None]:
        """Counts and sums of the documents, and what moved on bank accounts."""
        one, text, panel = self._compared, self._panel.text, self._panel
        if one is None:
            return
        if self.totals is None:
            words = text("There are very many documents: reckoning what they come to takes a while.")
            button = view.button(text("Reckon the totals"), self._reckon, key="reckon", disabled=panel.busy)
            yield view.row(view.paragraph(words), button)
        yield panel.under_way("totals")
        yield panel.trouble("totals")
        if self._documents.rows.num_rows:
            self._documents.rename(text("Totals of the documents"))
            yield self._documents.nodes()
            yield self._not_known()
        elif self.totals is not None:
            yield view.paragraph(text("Neither side has documents with amounts."), look="muted")
        if self._accounts.rows.num_rows:
            self._accounts.rename(text("Bank and cash accounts: receipts less payments, and transfers"))
            yield self._accounts.nodes()
            words = text("Starting balances are not in it.")
            yield view.paragraph(words, look="muted")

    def _not_known(self) -> Node | None:
        rows = self._documents.rows
        unknown = pc.sum(rows["unknown"]).as_py()
        if not unknown:
            return None
        words = self._panel.plural(
            "The amount of {count} document cannot be known; the sums lack it.",
            "The amounts of {count} documents cannot be known; the sums lack them.",
            unknown,
        )
        return view.notice(words, look="warning", title=self._panel.text("Not complete:"))

    def _open_type(self, number: int) -> None:
        self._narrow(self._types.rows["type"][number].as_py())
