"""The outcome of a restore: the new file, the proof of what it holds, and what to know of the one it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.backup.store import RESTORE_SUFFIX
from manager_nb.widgets import view

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager_nb.restore.plan import RestorePlan
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


@dataclass(frozen=True, slots=True)
class Applied:
    """A plan that was done.

    Attributes:
        plan: the plan.
        user: who did it, as the History of the new file has it.
        current: whether the file that it was made from is still as it was; None where it cannot be told.
    """

    plan: RestorePlan
    user: str
    current: bool | None


def outcome(panel: Panel, path: Path, done: Applied, look_into: Callable[[], None]) -> Node:
    """What was made, the proof of it, and where to go on.

    Args:
        panel: where it is shown.
        path: of the new file.
        done: what was done.
        look_into: called to open the new file here.
    """
    text, number, plan = panel.text, panel.words.number, done.plan
    changed = len(plan.effective)
    same = len(plan.after.keys() & plan.before.keys()) - sum(
        one.before is not None and one.after is not None for one in plan.effective
    )
    holds = [
        panel.plural(
            "{count} record is what the plan says, byte by byte",
            "{count} records are what the plan says, byte by byte",
            changed,
        ),
        text("{count} other records and form defaults are unchanged, byte by byte", count=number(same)),
        _stayed(panel, plan),
        text("History goes on with one action, by {user}", user=done.user),
    ]
    lines: list[tuple[bool | None, str, str]] = [(True, one, "") for one in holds]
    unchanged = text("The file that it was made from was only read, and has not changed meanwhile")
    lines.append((True, unchanged, "") if done.current else (None, *_not_current(panel, done)))
    return view.section(
        text("The records are back, in a new file"),
        view.paragraph(path.name, look="name"),
        panel.copyable(text("Where it is"), str(path), key="result-path"),
        view.proof(lines, passed=text("Holds:"), failed="", nothing=text("To know:")),
        panel.copyable(
            text("Journal: who, why, what"), str(path.with_name(path.name + RESTORE_SUFFIX)), key="result-journal"
        ),
        view.paragraph(
            text(
                "To work in it, go on to the page “Import Business” (25_import) and choose this file there. The"
                " business as it was stays in Manager beside it until you remove it there yourself."
            )
        ),
        view.button(text("Look into the new file here"), look_into, key="look-into"),
        key="result",
        look="result",
    )


def _stayed(panel: Panel, plan: RestorePlan) -> str:
    """What is in the new file besides the records."""
    taken = sum(step.after is None and step.shown.type == "Attachment" for step in plan.effective)
    if not taken:
        return panel.text("Emails, pictures, attachments and the History until now are all there, unchanged")
    return panel.plural(
        "Emails, pictures, the History until now and all other attachments are there, unchanged; {count} attachment"
        " is taken out, as the plan says",
        "Emails, pictures, the History until now and all other attachments are there, unchanged; {count}"
        " attachments are taken out, as the plan says",
        taken,
    )


def _not_current(panel: Panel, done: Applied) -> tuple[str, str]:
    """What is to be said of the file that it was made from, where it is not known to be as it was."""
    if done.current is None:
        return (
            panel.text("The file that it was made from was only read"),
            panel.text(
                "Whether it has changed meanwhile cannot be told: it was in use when it was opened, or it is no"
                " longer where it was. The new file goes on from what it held then."
            ),
        )
    return (
        panel.text("The file that it was made from has changed meanwhile, by another program"),
        panel.text("What was done there since it was opened is not in the new file."),
    )
