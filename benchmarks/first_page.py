"""The first page of the History of an open business, as a panel shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb import Business, open_business

if TYPE_CHECKING:
    from pathlib import Path


def prepare(path: Path) -> Business:
    return open_business(path)


def ours(business: Business) -> int:
    return int(business.history.page(0, 25).num_rows)
