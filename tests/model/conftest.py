"""The businesses of the fixtures, opened once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from manager_nb.model.business import Business, open_business

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHOP = "small/आरोही स्टोर्स (2025-04-22).manager"


@pytest.fixture(scope="session")
def opened(data: Path) -> Iterator[Callable[[str], Business]]:
    """Opens a fixture by its name, once."""
    found: list[Business] = []

    @functools.cache
    def open_it(name: str) -> Business:
        found.append(open_business(data / name))
        return found[-1]

    yield open_it
    for business in found:
        business.close()


@pytest.fixture(scope="session")
def traders(opened: Callable[[str], Business]) -> Business:
    """Himalaya Traders, without the bytes of attachments."""
    return opened("himalaya/Himalaya Traders.manager")


@pytest.fixture(scope="session")
def archived(opened: Callable[[str], Business]) -> Business:
    """Himalaya Traders with attachments in the archive."""
    return opened("himalaya/Himalaya Traders (2026-03-27).manager.tar")


@pytest.fixture(scope="session")
def running(opened: Callable[[str], Business]) -> Business:
    """Himalaya Traders in the data folder of an installation."""
    return opened("data-folder")


@pytest.fixture(scope="session")
def shop(opened: Callable[[str], Business]) -> Business:
    """The small shop: begun by an import, with a deleted invoice."""
    return opened(SHOP)
