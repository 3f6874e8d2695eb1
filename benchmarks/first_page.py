"""From a closed file to the first page of its History, as a panel shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb import open_business

if TYPE_CHECKING:
    from pathlib import Path


def ours(path: Path) -> int:
    with open_business(path) as business:
        return int(business.history.page(0, 25).num_rows)
