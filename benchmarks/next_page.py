"""The next page of a long table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.long_table import prepare as prepare

if TYPE_CHECKING:
    from manager_nb.widgets import PagedTable


def ours(panel: PagedTable) -> int:
    with panel.change():
        panel.grid.turn(1)
    return len(panel.widget.screen["children"])
