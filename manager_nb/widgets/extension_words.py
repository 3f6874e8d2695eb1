"""Whether a new backup's History extends the one before, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.audit.extension import BEGUN_AGAIN, OTHER, SWAPPED, WITHOUT

if TYPE_CHECKING:
    from manager_nb.server.everything import Outcome
    from manager_nb.widgets.panel import Panel


def history_told(panel: Panel, one: Outcome) -> str:
    """In a few words, for a table."""
    if one.extension is not None:
        return (
            panel.text("extends the earlier one")
            if one.extension.extends
            else panel.text("Look: it does not extend it")
        )
    if one.error is not None:
        return panel.text("could not be compared")
    history = one.backup is not None and one.backup.manifest["choices"]["history"]["included"]
    return panel.text("the first backup with History") if history else panel.text("left out")


def what_differs(panel: Panel, one: Outcome) -> str:
    """What does not fit the backup before, and what to do about it."""
    told = one.extension
    if told is None or one.earlier is None:
        return ""
    reasons = {
        OTHER: panel.text("The two have no record in common: is this another business of the same name?"),
        SWAPPED: panel.text(
            "What was recorded last in the earlier backup is not in it: was an older copy put on the server, or an old"
            " download taken up?"
        ),
        WITHOUT: panel.text("One of the two holds no History."),
        BEGUN_AGAIN: panel.text("None of the earlier History is there; it begins after it."),
    }
    if told.reason is not None:
        found = reasons.get(told.reason, told.reason)
    else:
        gone = panel.plural(
            "{count} row of the earlier History is gone or altered.",
            "{count} rows of the earlier History are gone or altered.",
            len(told.changed),
        )
        late = panel.plural(
            "{count} new row is of an earlier time.", "{count} new rows are of earlier times.", len(told.backdated)
        )
        found = " ".join([gone] * bool(told.changed) + [late] * bool(told.backdated))
    return panel.text(
        "Its History does not extend that of the backup before, {earlier}. {found} Undo in Manager can be the cause,"
        " and so can tampering: hold the two against each other on the page Compare, and ask who worked in it. Neither"
        " of the two is ever removed here.",
        earlier=one.earlier.name,
        found=found,
    )
