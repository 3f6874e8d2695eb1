"""What every panel keeps to, whatever it is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.acting import (
    add_cell,
    cut_off,
    dress,
    resize,
    run_code,
    settled,
    untranslated,
    violations,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[[str], Page]

#: Every notebook with a panel; a new one is added here.
NOTEBOOKS = [
    *("00_start", "10_backup", "20_restore", "25_import", "30_history", "40_emails", "50_contents", "60_audit"),
    "70_compare",
]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_every_panel_keeps_to(open_notebook: Open, name: str) -> None:
    """Fits at every width, has no fault that axe knows, speaks Hindi, and works again after the kernel was restarted.

    That nothing comes from the network, and that no script fails, holds for every page: see `open_notebook`.
    """
    page = open_notebook(f"{name}.ipynb")
    settled(page)
    assert violations(page) == []
    assert fitting(page) == {}
    page.locator(".mnb").first.get_by_role("radio", name="हिन्दी").check()
    expect(page.locator(".mnb:not([lang=hi])")).to_have_count(0)
    assert untranslated(page) == []
    assert fitting(page) == {}
    try:
        dress(page, "Dark")
        assert violations(page) == []
    finally:
        dress(page, "Light")
    restart(page)
    assert untranslated(page) == []
    page.locator(".mnb").first.get_by_role("radio", name="English").check()
    expect(page.locator(".mnb:not([lang=en])")).to_have_count(0)


def fitting(page: Page) -> dict[str, list[str]]:
    """What is cut off at which width: on a wide screen, a narrow one, a phone, and one with the list of files open."""
    found: dict[str, list[str]] = {}
    for width, files in ((1280, True), (500, True), (700, False), (420, False)):
        command = "show" if files else "hide"
        page.evaluate(
            "(name) => window.jupyterapp.shell[name]()", {"show": "expandLeft", "hide": "collapseLeft"}[command]
        )
        resize(page, width)
        found[f"{width}, {command} files"] = cut_off(page)
    page.evaluate("() => window.jupyterapp.shell.expandLeft()")
    resize(page, 1280)
    return {place: nodes for place, nodes in found.items() if nodes}


def restart(page: Page) -> None:
    """Restart the kernel, and run the notebook again."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    settled(page)


def test_two_panels_on_a_page_do_not_disturb_each_other(open_notebook: Open) -> None:
    page = open_notebook("10_backup.ipynb")
    add_cell(page, "from manager_nb.widgets import demonstration\nother = BackupPanel(demonstration())\nother")
    both = page.get_by_role("region", name="Backup", exact=True)
    expect(both).to_have_count(2)
    first, second = both.nth(0), both.nth(1)
    expect(second.get_by_role("checkbox", name="History")).to_be_visible()
    first.get_by_role("checkbox", name="History").uncheck()
    second.get_by_label("Name of the backup").fill("1/2")
    expect(second.get_by_text("It will be called “1_2”")).to_be_visible()
    expect(first.get_by_text("It will be called “1_2”")).to_have_count(0)
    expect(first.get_by_text("this copy cannot be audited")).to_be_visible()
    assert run_code(page, "print(panel.history, other.history, other.name)") == "False True 1/2"
    ids = page.evaluate("() => [...document.querySelectorAll('.mnb [id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))
    second.get_by_role("radio", name="हिन्दी").check()
    expect(page.locator(".mnb[lang=hi]")).to_have_count(page.locator(".mnb").count())
    # the person put two of a kind on the page: that both have one name is no fault of a panel
    assert [found for found in violations(page) if "landmark-unique" not in found] == []


def test_typing_is_not_torn_away_by_what_the_kernel_draws(open_notebook: Open) -> None:
    page = open_notebook("10_backup.ipynb")
    cells = "() => window.jupyterapp.shell.currentWidget.context.model.cells.length"
    before = page.evaluate(cells)
    field = page.get_by_label("Name of the backup")
    field.fill("")
    field.press_sequentially("मार्च का बैकअप (dd)", delay=30)
    expect(field).to_be_focused()
    expect(field).to_have_value("मार्च का बैकअप (dd)")
    page.get_by_role("checkbox", name="Emails").uncheck()
    expect(page.get_by_text("cannot show what was sent")).to_be_visible()
    assert run_code(page, "print(panel.name)") == "मार्च का बैकअप (dd)"
    assert page.evaluate(cells) == before


def test_a_listing_is_walked_by_arrow_keys_and_a_hostile_name_in_it_is_only_a_name(
    open_notebook: Open, home: Path
) -> None:
    hostile = "<img src=x onerror=document.title=1>.manager"
    (home / hostile).write_bytes(b"<script>document.title=1</script>")
    for name in ("a", "b", "c"):
        (home / name).mkdir()
    page = open_notebook("25_import.ipynb")
    page.get_by_role("button", name="Choose a backup").click()
    page.get_by_role("button", name=re.compile("^Up to")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Folder a")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name=hostile, exact=True)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Folder c")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No business file (.manager) is in this folder.")).to_be_visible()
    expect(page.get_by_label("Path of the file or folder")).to_have_value(str(home / "c"))
    expect(page.get_by_role("button", name=re.compile("^Up to"))).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=hostile, exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="onerror")).to_be_visible()
    assert page.locator(".mnb img, .mnb script").count() == 0
    assert page.title() != "1"


def test_after_a_restart_the_page_says_what_to_do_and_running_again_works(open_notebook: Open) -> None:
    page = open_notebook("10_backup.ipynb")
    expect(page.get_by_role("checkbox", name="History")).to_be_visible()
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()")
    page.get_by_role("checkbox", name="History").click()
    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(page.get_by_role("region", name="Backup", exact=True)).to_have_count(1)
    page.get_by_role("checkbox", name="History").uncheck()
    expect(page.get_by_text("this copy cannot be audited")).to_be_visible()


def test_keys_that_are_pressed_in_a_panel_do_not_act_on_the_notebook(open_notebook: Open) -> None:
    """JupyterLab's A inserts a cell, D D deletes one, Shift+R turns one into raw text."""
    page = open_notebook("30_history.ipynb")
    page.get_by_role("button", name="Filters").focus()
    for key in ("a", "d", "d", "Shift+R", "b"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.get_by_label("Who").focus()
    page.keyboard.type("Ravi")
    expect(page.get_by_label("Who")).to_be_focused()
    expect(page.get_by_text("(of 794 in all)")).to_be_visible()
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.cells.length") == 5
