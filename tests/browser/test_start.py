"""What a person sees who opens the notebooks for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


def test_the_first_page_shows_the_demonstration_business_with_nothing_to_press(
    open_notebook: Callable[[str], Page],
) -> None:
    page = open_notebook("00_start.ipynb")
    expect(page.get_by_text("Himalaya Traders").first).to_be_visible()
