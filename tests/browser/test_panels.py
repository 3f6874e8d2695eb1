"""What every panel keeps to, whatever it is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.acting import add_cell, run_code, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[[str], Page]

#: What is wider than its place; what is only for screen readers is meant to be.
CUT_OFF = """() =>
  [...document.querySelectorAll('.mnb :is(button, label, p, h2, h3, dt, dd, summary, caption, th, td)')]
    .filter((node) => node.checkVisibility() && !node.closest('.mnb-hidden'))
    .filter((node) => getComputedStyle(node).display !== 'inline')
    .filter((node) => node.scrollWidth > node.clientWidth + 1)
    .map((node) => node.outerHTML.slice(0, 120))"""

#: What a panel says; a path is told as it is.
ITS_WORDS = """(panel) => {
  const copy = panel.cloneNode(true);
  copy.querySelectorAll('code').forEach((path) => path.remove());
  return copy.textContent;
}"""


@pytest.mark.parametrize(
    "name", ["00_start.ipynb", "10_backup.ipynb", "25_import.ipynb"], ids=["start", "backup", "import"]
)
def test_a_panel_speaks_hindi_at_one_click_and_remembers_it(open_notebook: Open, name: str) -> None:
    page = open_notebook(name)
    panel = page.locator(".mnb")
    panel.get_by_role("radio", name="हिन्दी").check()
    expect(panel).to_have_attribute("lang", "hi")
    words = panel.evaluate(ITS_WORDS)
    left = set(re.findall(r"[A-Za-z]{3,}", words)) - {
        "English",
        "Himalaya",
        "Traders",
        "Manager",
        "manager",
        "tar",
        "zst",
    }
    assert left == set()
    assert violations(page) == []
    assert "hi" in run_code(page, "print(type(panel)(panel.source).language)")


def test_two_panels_on_a_page_do_not_disturb_each_other(open_notebook: Open) -> None:
    page = open_notebook("10_backup.ipynb")
    add_cell(page, "other = BackupPanel(demonstration())\nother")
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
    expect(page.locator(".mnb[lang=hi]")).to_have_count(2)
    # the person put two of a kind on the page: that both have one name is no fault of a panel
    assert [found for found in violations(page) if "landmark-unique" not in found] == []


def test_typing_is_not_torn_away_by_what_the_kernel_draws(open_notebook: Open) -> None:
    page = open_notebook("10_backup.ipynb")
    field = page.get_by_label("Name of the backup")
    field.fill("")
    field.press_sequentially("मार्च का बैकअप (dd)", delay=30)
    expect(field).to_be_focused()
    expect(field).to_have_value("मार्च का बैकअप (dd)")
    page.get_by_role("checkbox", name="Emails").uncheck()
    expect(page.get_by_text("cannot show what was sent")).to_be_visible()
    assert run_code(page, "print(panel.name)") == "मार्च का बैकअप (dd)"
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.cells.length") == 5


def test_a_hostile_file_name_is_only_a_name(open_notebook: Open, home: Path) -> None:
    hostile = "<img src=x onerror=document.title=1>.manager"
    (home / hostile).write_bytes(b"<script>document.title=1</script>")
    page = open_notebook("25_import.ipynb")
    page.get_by_role("button", name="Choose a backup").click()
    page.get_by_role("button", name=hostile, exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="onerror")).to_be_visible()
    assert page.locator(".mnb img, .mnb script").count() == 0
    assert "Jupyter" in page.title() or "restore" in page.title()


def test_a_backup_is_made_by_keyboard_alone(open_notebook: Open, home: Path) -> None:
    page = open_notebook("10_backup.ipynb")
    expect(page.get_by_role("button", name="Create backup")).to_be_enabled()
    page.get_by_role("radio", name="English").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("() => document.activeElement.dataset.key ?? ''")
        if focused == "emails":
            page.keyboard.press("Space")
        if focused == "create":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The backup is made and checked")).to_be_focused()
    expect(page.get_by_role("row", name="Emails 74 left out")).to_be_visible()
    assert len(list((home / "Manager backups").glob("*.manager.tar"))) == 1


def test_arrow_keys_walk_through_a_listing(open_notebook: Open, home: Path) -> None:
    for name in ("a", "b", "c"):
        (home / name).mkdir()
    page = open_notebook("25_import.ipynb")
    page.get_by_role("button", name="Choose a backup").click()
    page.get_by_role("button", name=re.compile("^Up to")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Folder a")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Folder c")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No business file (.manager) is in this folder.")).to_be_visible()
    expect(page.get_by_label("Path of the file or folder")).to_have_value(str(home / "c"))


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


@pytest.mark.parametrize("width", [420, 700, 1280])
def test_nothing_is_cut_off_at_any_width(open_notebook: Open, width: int) -> None:
    page = open_notebook("10_backup.ipynb")
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_role("radio", name="हिन्दी").check()
    expect(page.locator(".mnb")).to_have_attribute("lang", "hi")
    assert page.evaluate(CUT_OFF) == []


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
