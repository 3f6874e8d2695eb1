"""What came of backing up businesses: a line each, and in full whatever needs somebody's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.server.consistent import SAME_BYTES, SAME_COUNTER
from manager_nb.server.keeping import FROM
from manager_nb.widgets import view
from manager_nb.widgets.extension_words import history_told, what_differs
from manager_nb.widgets.parts import folded_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from manager_nb.backup.create import Backup
    from manager_nb.server.everything import Outcome
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


def verdict(panel: Panel, outcomes: Sequence[Outcome], stopped: Sequence[str]) -> str:
    """In one line what came of all."""
    made = sum(one.backup is not None for one in outcomes)
    if not made:
        return panel.text("No backup was made")
    told = panel.plural("{count} backup is made and proven", "{count} backups are made and proven", made)
    if made < len(outcomes):
        failed = panel.plural("{count} failed", "{count} failed", len(outcomes) - made)
        told = f"{told}; {failed}"
    if any(one.extension is not None and not one.extension.extends for one in outcomes):
        told = f"{told}; {panel.text('look at what History says')}"
    if stopped:
        left = panel.plural("{count} not begun or cancelled", "{count} not begun or cancelled", len(stopped))
        told = f"{told}; {left}"
    return told


def outcomes_section(panel: Panel, outcomes: Sequence[Outcome], stopped: Sequence[str]) -> Node:
    """A line for each business, then what went wrong and what to look at."""
    failed = any(one.error is not None for one in outcomes)
    suspicious = any(one.extension is not None and not one.extension.extends for one in outcomes)
    columns = [
        panel.text("Business"),
        panel.text("Backup"),
        panel.text("Size"),
        panel.text("How it was proven"),
        panel.text("New changes"),
        panel.text("History"),
    ]
    rows = [_row(panel, one) for one in outcomes]
    rows += [[name, panel.text("none: not begun or cancelled"), "", "", "", ""] for name in stopped]
    return view.section(
        verdict(panel, outcomes, stopped),
        *(one for outcome in outcomes for one in _to_look_at(panel, outcome)),
        view.table(panel.text("What came of each business"), columns, rows, numbers=(2, 4), key="outcomes"),
        *(one for outcome in outcomes for one in _attachments(panel, outcome)),
        panel.copyable(panel.text("Where they are"), str(_store_of(outcomes)), key="store")
        if _store_of(outcomes)
        else None,
        key="result",
        look="failed" if failed else "warned" if suspicious or stopped else "result",
    )


def _store_of(outcomes: Sequence[Outcome]) -> str:
    return next((str(one.backup.path.parent.parent) for one in outcomes if one.backup is not None), "")


def _row(panel: Panel, one: Outcome) -> list[str]:
    if one.backup is None:
        return [one.business, panel.text("none"), "", "", "", ""]
    new = panel.words.number(one.extension.added) if one.extension is not None else ""
    return [
        one.business,
        one.backup.path.name,
        panel.words.size(one.backup.manifest["file"]["size"]),
        how_proven(panel, one.backup),
        new,
        history_told(panel, one),
    ]


def how_proven(panel: Panel, backup: Backup) -> str:
    """What proved that nobody was saving while a copy was made."""
    because = (backup.manifest.get("consistent") or {}).get("because")
    if because == SAME_BYTES:
        return panel.text("A second download was the same, byte by byte")
    if because == SAME_COUNTER:
        return panel.text("SQLite’s check, and nothing was saved meanwhile")
    if str(backup.manifest["source"]["kind"]).startswith(FROM):
        return panel.text("The download was proven; the copy was made from it and read back")
    return panel.text("It was read back and compared with the file")


def _to_look_at(panel: Panel, one: Outcome) -> Iterable[Node]:
    if one.error is not None:
        message, hint = one.error.in_language(panel.text)
        title = one.business if one.backup is None else panel.text("{business}, not compared", business=one.business)
        yield view.trouble(message, hint, title=title)
    if one.extension is not None and not one.extension.extends:
        yield view.notice(what_differs(panel, one), look="warning", title=f"{one.business}:")


def _attachments(panel: Panel, one: Outcome) -> Iterable[Node]:
    if one.backup is None:
        return
    told = one.backup.manifest["attachments"]
    names = [str(row["name"] or row["attachment"]) for state in ("missing", "altered") for row in told[state]]
    if names:
        words = panel.plural(
            "The server no longer has {count} attachment as it was attached, so the backup cannot have it.",
            "The server no longer has {count} attachments as they were attached, so the backup cannot have them.",
            len(names),
        )
        yield view.notice(words, look="warning", title=f"{one.business}:")
        yield folded_lines(panel.text("Names of the missing attachments"), names, key=f"missing-{one.business}")
