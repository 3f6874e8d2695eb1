"""What is wrong with a file, for an accountant: the good news first, what is lost by part, the rest folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.i18n import mark
from manager_nb.widgets import view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.model.damage import Damage, Part
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_PARTS = {
    "Objects": mark("Records"),
    "Changes": mark("History"),
    "Emails": mark("Emails"),
    "Images": mark("Pictures"),
    "Blobs": mark("Attachments"),
    "Blobs2": mark("Attachments"),
    "attachments": mark("Attachments"),
    "file": mark("The file as a whole"),
}

#: So many lines of technical words are carried to the screen.
_MOST = 200


def damage_told(panel: Panel, damage: Damage, key: str = "problems") -> Node | None:
    """What is wrong with a file; None where nothing is."""
    if not damage.details:
        return None
    text = panel.text
    if damage.torn or damage.parts or damage.cut:
        words = " ".join(_said(panel, damage))
        notice = view.notice(words, look="warning", title=text("Torn copy:") if damage.torn else text("Damage:"))
    else:
        notice = view.notice(text("Something in this file was mended here. No row is lost."), title=text("To know:"))
    return view.group(
        notice,
        _table(panel, damage) if damage.parts else None,
        view.fold(
            text("Technical words, for whoever looks after the computer"),
            view.preformatted("\n".join(_details(panel, damage)), label=text("Technical words")),
            key=key,
        ),
    )


def parts_lacking(panel: Panel, damage: Damage) -> str:
    """The parts of which something is lost or wrong, by name: "Records, History"."""
    return ", ".join(dict.fromkeys(_called(panel, part.where) for part in damage.parts))


def _said(panel: Panel, damage: Damage) -> Iterator[str]:
    text = panel.text
    if damage.torn:
        yield text(
            "This is probably a copy that was made while somebody was saving. That alone is no sign of tampering, and"
            " the business itself may be sound."
        )
    elif damage.cut:
        yield text("This file ends too early: a copy or a download was broken off.")
    else:
        yield text("Parts of this file could not be read. What could be read is here.")
    if damage.lossless:
        yield text("No row is lost.")
    if damage.torn or damage.cut:
        yield text("Copy the business again while nobody works in it, and open that copy.")


def _table(panel: Panel, damage: Damage) -> Node:
    text = panel.text
    columns = [text("Part of the file"), text("Lost")]
    rows: list[list[str]] = [[_called(panel, part.where), _lost(panel, part)] for part in damage.parts]
    if any(part.faults for part in damage.parts):
        columns.append(text("Damaged, but not lost"))
        for row, part in zip(rows, damage.parts, strict=True):
            row.append(_faults(panel, part))
    return view.table(text("What could not be read"), columns, rows, key="damage")


def _lost(panel: Panel, part: Part) -> str:
    if part.lost:
        words = panel.plural("{count} row", "{count} rows", part.lost)
        if part.about:
            words = panel.text("about {rows}", rows=words)
        return panel.text("{rows}, perhaps more", rows=words) if part.unknown else words
    return panel.text("perhaps some; how many is not known") if part.unknown else panel.text("nothing")


def _faults(panel: Panel, part: Part) -> str:
    return panel.plural("in {count} place", "in {count} places", part.faults) if part.faults else ""


def _details(panel: Panel, damage: Damage) -> Iterator[str]:
    for where, what, count in damage.details[:_MOST]:
        times = f" ({panel.words.number(count)} ×)" if count > 1 else ""
        yield f"{_called(panel, where)}{times}: {what}"
    if len(damage.details) > _MOST:
        yield "…"


def _called(panel: Panel, where: str) -> str:
    return panel.text(_PARTS[where]) if where in _PARTS else where
