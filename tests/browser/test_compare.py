"""Comparing as a person does it: which invoices are new, by how much the totals moved, whether History holds."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import manager_nb as mn
from manager_nb.i18n import Language
from tests.browser.acting import add_cell, cut_off, dress, resize, run_code, untranslated, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    Open = Callable[[str], Page]


@pytest.fixture
def earlier(data: Path, home: Path) -> Path:
    """The backup of December, in the person's home folder."""
    (path,) = (data / "himalaya" / "earlier").glob("*.manager")
    return shutil.copyfile(path, home / path.name)


def panel_of(page: Page, name: str = "Compare") -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def choose_earlier(panel: Locator, path: Path) -> None:
    side = panel.get_by_role("region", name="Earlier", exact=True)
    side.get_by_role("button", name="Choose another file").click()
    side.get_by_role("button", name=path.name, exact=True).click()
    expect(side.get_by_text("549 records")).to_be_visible()


def test_the_demonstration_is_held_against_a_moment_of_itself_by_one_click(open_notebook: Open) -> None:
    page = open_notebook("70_compare.ipynb")
    panel = panel_of(page)
    panel.get_by_role("button", name="Compare", exact=True).click()
    expect(panel.get_by_role("heading", name="2. At a glance")).to_be_focused()
    expect(panel.get_by_text("as it was at 31 Dec 2025, 23:59 (UTC)")).to_be_visible()
    expect(panel.get_by_text("Both sides are of one file")).to_be_visible()
    panel.get_by_role("button", name="Customer — C002 - Bharat & Sons").click()
    detail = panel.get_by_role("region", name="Customer — C002 - Bharat & Sons, earlier and later")
    expect(detail.get_by_role("row", name="Credit limit 100000 125000 Changed")).to_be_visible()
    detail.get_by_role("button", name="27 Jan 2026, 13:37").click()
    expect(panel.get_by_text("आशा वर्मा changed it on 27 Jan 2026, 13:37:06")).to_be_visible()
    assert violations(page) == []
    assert run_code(page, "print(panel.comparison)") == "<Comparison: 151 of 696 records differ>"


def test_which_invoices_came_since_a_backup_by_how_much_and_whether_history_holds(
    open_notebook: Open, earlier: Path
) -> None:
    page = open_notebook("70_compare.ipynb")
    panel = panel_of(page)
    choose_earlier(panel, earlier)
    panel.get_by_role("button", name="Compare", exact=True).click()
    expect(panel.get_by_text("All 641 rows of the earlier History are in the later one, unaltered")).to_be_visible()
    totals = panel.get_by_role("table", name="Totals of the documents")
    row = totals.get_by_role("row").filter(has_text="Sales Invoice").filter(has_text="INR")
    expect(row).to_contain_text("3,954,811.95")
    panel.get_by_role("table", name="Differences by type").get_by_role("button", name="Sales Invoice").click()
    expect(panel.get_by_role("heading", name="5. What differs")).to_be_focused()
    with mn.open_business(earlier) as old, mn.open_business(mn.demonstration()) as new:
        before = {key for key, _, _ in old.objects()}
        invoices = [one for one in new.records("SalesInvoice").to_arrow().to_pylist() if one["key"] not in before]
    expect(panel.get_by_text(f"Rows 1–25 of {len(invoices)} (of 151 in all)")).to_be_visible()
    shown = panel.get_by_role("table", name="Records that differ").locator("tbody button").all_inner_texts()
    assert set(shown) <= {one["label"] for one in invoices}
    assert len(shown) == 25
    assert violations(page) == []


def test_a_copy_whose_history_lacks_a_row_is_told_as_such(open_notebook: Open, earlier: Path, home: Path) -> None:
    with mn.open_business(earlier) as old:
        victim = old.history.to_arrow().to_pylist()[200]
    copy = home / "copy.manager"
    with mn.open_business(mn.demonstration()) as business:
        shutil.copyfile(business.open_source.database, copy)
    with contextlib.closing(sqlite3.connect(copy)) as database, database:
        assert database.execute('DELETE FROM "Changes" WHERE "Key" = ?', (victim["change"],)).rowcount == 1
    page = open_notebook("70_compare.ipynb")
    add_cell(page, f"other = ComparePanel({str(earlier)!r}, {str(copy)!r})\nother")
    panel = panel_of(page).nth(1)
    expect(panel.get_by_text("1 row of the earlier History is not in the later one as it was")).to_be_visible()
    expect(panel.get_by_text("this is a reason to ask, and proves nothing by itself")).to_be_visible()
    rows = panel.get_by_role("table", name="Rows of the earlier History")
    rows.get_by_role("button", name=victim["label"], exact=True).click()
    expect(panel.get_by_role("heading", name=victim["label"], exact=True)).to_be_focused()
    expect(panel.get_by_text(f"{victim['user']} ").first).to_be_visible()
    assert [one for one in violations(page) if "landmark-unique" not in one] == []


def test_the_result_is_in_hindi_with_nothing_cut_off(open_notebook: Open, earlier: Path) -> None:
    page = open_notebook("70_compare.ipynb")
    panel = panel_of(page)
    choose_earlier(panel, earlier)
    panel.get_by_role("radio", name="हिन्दी").check()
    hindi = Language("hi")
    panel = panel_of(page, hindi.text("Compare"))
    panel.get_by_role("button", name=hindi.text("Compare"), exact=True).click()
    expect(panel.get_by_role("heading", name=hindi.text("2. At a glance"))).to_be_focused()
    assert untranslated(page) == []
    for width in (1280, 700, 420):
        resize(page, width)
        assert cut_off(page) == []
    resize(page, 1280)
    try:
        dress(page, "Dark")
        assert violations(page) == []
    finally:
        dress(page, "Light")
