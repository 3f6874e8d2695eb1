"""A restore plan on the screen: its words as lists, conflicts and modes, and the plan as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.restore.attached import STATES, Attached, attached_to
from manager_nb.restore.describe import totals_in_words
from manager_nb.restore.plan import DEPENDANTS, FORCE, ONLY_FREE, STOP
from manager_nb.restore.steps import CREATE
from manager_nb.restore.trouble import LEFT_BEHIND
from manager_nb.widgets import view
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_column, record_name, type_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from manager_nb.restore.plan import RestorePlan
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

ACTIONS = {
    "create": mark("Comes back"),
    "revert": mark("Is changed back"),
    "delete": mark("Is deleted"),
    "skip": mark("Stays as it is"),
    "conflict": mark("To be decided"),
}
_COLUMNS = (
    record_column(),
    Column("action", mark("What happens"), words=ACTIONS),
    type_column(),
    Column("reason", mark("Why")),
    Column("depth", mark("Distance"), hidden=True),
    Column("object", mark("Key of the record"), hidden=True),
)
_SOME = 25
"""So many lines of a list are shown at once; the rest is folded."""

_MOST_FILES = 100

_MOST = 1_000
"""So many lines of a list go to the screen; the plan as a table has all."""


class PlanView:
    """A plan in a panel.

    Args:
        panel: the panel it is in.
        choose_mode: called with the mode that a person chooses.
        into_server: tells whether the plan is to be done on a server, not into a new file.
    """

    def __init__(self, panel: Panel, choose_mode: Callable[[str], None], into_server: Callable[[], bool]) -> None:
        self._panel, self._choose_mode, self._into_server = panel, choose_mode, into_server
        self._steps = Grid(panel, "steps")
        self._plan: RestorePlan | None = None
        self._words: tuple[RestorePlan, tuple[object, ...], str] | None = None  # of which plan, told in which way
        self._attached: tuple[RestorePlan, list[Attached]] | None = None  # of which plan

    def read(self, plan: RestorePlan) -> None:
        """Reckon what the screen shows of a plan, which takes its time in a large business; touches no trait."""
        self._describe(plan)
        _ = plan.totals
        self._attached = plan, attached_to(plan)

    def take(self, plan: RestorePlan | None) -> None:
        """Show another plan, or none."""
        self._plan = plan
        self._steps.clear()
        if plan is None:
            self._words = None
        else:
            self._steps.show("", plan.actions.to_arrow(), _COLUMNS)

    def nodes(self) -> Iterable[Node | None]:
        """The plan in words, what it does to counts and sums, and the modes."""
        plan, text = self._plan, self._panel.text
        if plan is None:
            return
        self._steps.rename(text("The plan"))
        yield from _lists(text, self._describe(plan))
        yield self._left_behind(plan)
        yield self._files(plan)
        yield self._totals(plan)
        yield self._modes(plan)
        yield view.fold(text("The plan as a table"), self._steps.nodes(), key="steps-fold")

    def _describe(self, plan: RestorePlan) -> str:
        """The plan in words, reckoned once: it is drawn again and again."""
        known = self._words
        way = language, zone, into_server = self._panel.language, self._panel.timezone, self._into_server()
        if known is None or known[0] is not plan or known[1] != way:
            told = plan.describe(language, zone=zone, totals=False, some=_MOST, into_server=into_server)
            known = self._words = plan, way, told
        return known[2]

    def _left_behind(self, plan: RestorePlan) -> Node | None:
        """What belonged to it and was lost too is offered at once: who misses a customer misses the invoices."""
        count = sum(any(one.kind == LEFT_BEHIND for one in step.troubles) for step in plan.effective)
        if not count or plan.mode == DEPENDANTS:
            return None
        text = self._panel.text
        words = self._panel.plural(
            "{count} record comes back without what belonged to it and was deleted too.",
            "{count} records come back without what belonged to them and was deleted too.",
            count,
        )
        bring = view.button(
            text("Bring that along too"),
            lambda: self._choose_mode(DEPENDANTS),
            key="bring-along",
            look="strong",
            disabled=self._panel.busy,
        )
        return view.group(view.notice(words, look="warning", title=text("Not complete:")), view.row(bring))

    def _totals(self, plan: RestorePlan) -> Node | None:
        lines = totals_in_words(plan.totals, self._panel.words)
        if not lines:
            return None
        text = self._panel.text
        rows = [
            (
                f"{one.name} {one.remark}".rstrip(),
                one.count_before,
                one.count_after,
                *(f"{one.currency} {value}".strip() for value in (one.sum_before, one.sum_after)),
            )
            for one in lines
        ]
        heads = [text("Records, or bank account")]
        heads += [text("Count before"), text("Count after"), text("Sum before"), text("Sum after")]
        caption = text("Control totals: before, and in the new file")
        if self._into_server():
            caption = text("Control totals: before, and afterwards on the server")
        return view.table(caption, heads, rows, numbers=(1, 2, 3, 4), key="totals")

    def _modes(self, plan: RestorePlan) -> Node:
        text = self._panel.text
        wins = text("Your choice wins: later changes of the same records are overwritten in the new file.")
        if self._into_server():
            wins = text("Your choice wins: later changes of the same records are overwritten on the server.")
        return view.choice(
            text("How to deal with what belongs together and with conflicts"),
            {
                STOP: text("Stop at conflicts"),
                DEPENDANTS: text("Bring along what was lost with it"),
                ONLY_FREE: text("Leave alone what has conflicts"),
                FORCE: text("Restore in spite of conflicts"),
            },
            plan.mode,
            self._choose_mode,
            key="mode",
            helps={
                STOP: text("Only what you chose and what it needs. Nothing is done while a conflict is undecided."),
                DEPENDANTS: text(
                    "Also records that belonged to a chosen one and were deleted, as a customer’s invoices."
                ),
                ONLY_FREE: text("Records with a conflict, and those that need them, stay as they are."),
                FORCE: wins,
            },
            disabled=self._panel.busy,
        )

    def _files(self, plan: RestorePlan) -> Node | None:
        """The attachments of what comes back."""
        text = self._panel.text
        if self._attached is None or self._attached[0] is not plan:
            return None
        files = self._attached[1]
        if not files:
            if not any(step.action == CREATE for step in plan.effective):
                return None
            return view.paragraph(text("No attachment belongs to what comes back."), look="muted")
        words = self._panel.words
        rows = [
            [one.name, record_name(words, one.owner.label, one.owner.type), text(STATES[one.state])]
            for one in files[:_MOST_FILES]
        ]
        title = text("Attachments of what comes back")
        more = len(files) - len(rows)
        return view.group(
            view.table(title, [text("File"), text("Record"), text("What becomes of it")], rows, key="plan-files"),
            view.paragraph(text("{count} more", count=words.number(more)), look="muted") if more else None,
        )


def _lists(text: Callable[..., str], words: str) -> Iterable[Node]:
    """The plan's lines as paragraphs, and its lists under their titles."""
    for block in words.split("\n\n"):
        lines = block.split("\n")
        items: list[tuple[str, list[str]]] = []
        plain: list[str] = []
        for line in lines:
            if line.startswith("- "):
                items.append((line[2:], []))
            elif line.startswith(" ") and items:
                items[-1][1].append(line.strip().removeprefix("! ").removeprefix("- "))
            else:
                plain.append(line)
        if not items:
            yield from (view.paragraph(line) for line in plain if line)
            continue
        title, *rest = plain or [""]
        yield view.group(view.paragraph(title, look="strong"), *_folded(text, title, items, whole=not rest))
        yield from (view.paragraph(line, look="muted") for line in rest)


def _folded(
    text: Callable[..., str], title: str, items: Sequence[tuple[str, list[str]]], *, whole: bool
) -> Iterable[Node]:
    """A list, its further lines folded; how many they are is told where they are all there."""
    yield view.bullets(items[:_SOME])
    if len(items) > _SOME:
        more = text("{count} more", count=len(items) - _SOME) if whole else text("More")
        yield view.fold(more, view.bullets(items[_SOME:]), key=f"more-{title}")
