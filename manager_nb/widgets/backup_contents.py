"""What goes into a backup, as ticks: attachments, e-mails, History, and whether it is compressed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from manager_nb.backup.choices import MEANINGS
from manager_nb.widgets import view

if TYPE_CHECKING:
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

PARTS = tuple(MEANINGS)
"""What can be left out: attributes of the panel, as is ``compress``."""


def chosen_contents(panel: Panel) -> dict[str, bool]:
    """What is ticked, by the names that a backup takes."""
    return {name: bool(getattr(panel, name)) for name in (*PARTS, "compress")}


def contents_section(panel: Panel, title: str, remark: Node | None = None) -> Node:
    """The section with the ticks.

    Args:
        panel: has what is ticked as its attributes.
        title: the heading.
        remark: stands under the parts.
    """
    text = panel.text
    return view.section(
        title,
        _part(panel, "attachments", text("Attachments"), text("The files attached to records: receipts, photos.")),
        _part(panel, "emails", text("Emails"), text("The e-mails that were sent from Manager.")),
        _part(panel, "history", text("History"), text("Who created, changed or deleted what, and when.")),
        remark,
        view.fold(
            text("More choices"),
            _box(
                panel,
                "compress",
                text("Compress the file (.zst)"),
                text("Much smaller, for archives. Manager cannot open it like that; Import Business here can."),
            ),
            key="more",
        ),
        key="contents",
    )


def _part(panel: Panel, name: str, label: str, meaning: str) -> Node:
    """A choice with its meaning; unticked, with what is lost."""
    lost = panel.text("Left out. {meaning}", meaning=panel.text(MEANINGS[name]))
    return _box(panel, name, label, meaning if getattr(panel, name) else lost)


def _box(panel: Panel, name: str, label: str, meaning: str) -> Node:
    take = functools.partial(panel.set_trait, name)
    return view.check(label, getattr(panel, name), take, key=name, help=meaning, disabled=panel.busy)
