"""What a person sees who opens the notebooks for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.first_visit


def test_a_page_that_only_ran_by_itself_can_be_closed_unasked(open_notebook: Callable[[str], Page]) -> None:
    page = open_notebook("10_backup.ipynb")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.context.model.dirty === false")
    page.get_by_role("checkbox", name="History").uncheck()
    expect(page.get_by_text("this copy cannot be audited")).to_be_visible()
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.dirty") is False
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload(wait_until="domcontentloaded")
    assert asked == []


def test_the_first_page_shows_a_business_with_nothing_to_press_and_what_a_person_wrote_is_asked_about(
    open_notebook: Callable[[str], Page],
) -> None:
    page = open_notebook("00_start.ipynb")
    expect(page.get_by_text("Himalaya Traders").first).to_be_visible()
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.context.model.dirty === false")
    first = "window.jupyterapp.shell.currentWidget.content.model.cells.get(0)"
    page.evaluate(f"() => {first}.sharedModel.setSource('Mine')")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.context.model.dirty === true")


def test_the_first_page_opens_at_its_top(open_notebook: Callable[..., Page]) -> None:
    """On a usual screen, where the page is longer than the window: JupyterLab would go to the last cell."""
    page = open_notebook("00_start.ipynb", height=800)
    expect(page.get_by_role("heading", name="Health")).to_be_attached()
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.context.model.dirty === false")
    expect(page.get_by_role("heading", name="Welcome").first).to_be_in_viewport()
    notebook = "window.jupyterapp.shell.currentWidget.content"
    assert page.evaluate(f"() => [{notebook}.outerNode.scrollTop, {notebook}.activeCellIndex]") == [0, 0]
    page.evaluate("() => window.jupyterapp.commands.execute('runmenu:run-all')")  # as the page itself advises
    expect(page.get_by_role("heading", name="Welcome").first).to_be_in_viewport()
    assert page.evaluate(f"() => [{notebook}.outerNode.scrollTop, {notebook}.activeCellIndex]") == [0, 0]
    page.locator(".jp-WindowedPanel-outer").hover()
    page.mouse.wheel(0, 500)  # a person goes where they like
    page.wait_for_function(f"() => {notebook}.outerNode.scrollTop > 0")
