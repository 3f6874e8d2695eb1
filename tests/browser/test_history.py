"""Questions to History as a person asks them: by clicking, by keyboard, in either language."""

from __future__ import annotations

import datetime as dt
import zipfile
from typing import TYPE_CHECKING

from playwright.sync_api import expect

import manager_nb as mn
from manager_nb.i18n import Language
from tests.browser.acting import run_code, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    Open = Callable[[str], Page]

JULY = dt.date(2025, 7, 1), dt.date(2025, 7, 31)


def panel_of(page: Page, name: str = "History") -> Locator:
    return page.get_by_role("region", name=name, exact=True)


CHANGED_LINE = "Lines — Qty 1 I015 - Panel 750 W 9 14 Changed"


def changed_invoices() -> list[str]:
    with mn.open_business(mn.demonstration()) as business:
        found = mn.find_changes(
            business, users=["Ravi Kumar"], types=["SalesInvoice"], actions=["update"], between=JULY
        )
        return [str(label) for label in found.to_arrow()["label"].to_pylist()]


def test_which_invoices_did_ravi_change_in_july_and_what_exactly(open_notebook: Open) -> None:
    page = open_notebook("30_history.ipynb")
    panel = panel_of(page)
    panel.get_by_role("button", name="Filters").click()
    panel.get_by_label("Who").select_option("Ravi Kumar")
    panel.get_by_label("Type").select_option("Sales Invoice")
    panel.get_by_label("Action", exact=True).select_option("Changed")
    panel.get_by_label("When (UTC), from").fill("2025-07-01")
    panel.get_by_label("When (UTC), to").fill("2025-07-31")
    expected = changed_invoices()
    expect(panel.get_by_text(f"Rows 1–{len(expected)} of {len(expected)}")).to_be_visible()
    for label in expected:
        panel.get_by_role("button", name=label, exact=True).click()
        expect(panel.get_by_role("heading", name=label, exact=True)).to_be_focused()
        expect(panel.get_by_role("row", name=CHANGED_LINE)).to_be_visible()
    panel.get_by_role("button", name="All fields").click()
    expect(panel.get_by_role("row").filter(has_text="As before").first).to_be_visible()
    assert violations(page) == []
    assert run_code(page, "print(len(panel.changes))") == str(len(expected))


def test_the_same_by_keyboard_alone(open_notebook: Open) -> None:
    page = open_notebook("30_history.ipynb")
    panel = panel_of(page)
    expect(panel.get_by_text("Rows 1–25 of 794")).to_be_visible()
    panel.get_by_role("radio", name="English").focus()

    def go(key: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.dataset.key ?? ''") == key:
                return
        raise AssertionError(f"Tab does not lead to {key}")

    go("history-filters")
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Who")).to_be_visible()
    go("history-filter-user")
    page.keyboard.type("Ravi")
    go("history-filter-action")
    page.keyboard.type("Changed")
    go("history-filter-type")
    page.keyboard.type("Sales I")
    labels = changed_invoices()
    with mn.open_business(mn.demonstration()) as business:
        count = len(mn.find_changes(business, users=["Ravi Kumar"], types=["SalesInvoice"], actions=["update"]))
    expect(panel.get_by_text(f"of {count} (of 794 in all)")).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.closest('tbody') !== null"):
            break
    page.keyboard.press("ArrowRight")
    for _ in range(30):
        if page.evaluate("() => document.activeElement.textContent") == labels[0]:
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name=labels[0], exact=True)).to_be_focused()
    expect(panel.get_by_role("row", name=CHANGED_LINE)).to_be_visible()


def test_the_same_in_hindi(open_notebook: Open) -> None:
    page = open_notebook("30_history.ipynb")
    panel_of(page).get_by_role("radio", name="हिन्दी").check()
    panel = panel_of(page, "इतिहास")
    hindi = Language("hi")
    panel.get_by_role("button", name=hindi.text("Filters")).click()
    panel.get_by_label(hindi.text("Who"), exact=True).select_option("Ravi Kumar")
    panel.get_by_label(hindi.text("Type"), exact=True).select_option(hindi.text("Sales Invoice"))
    panel.get_by_label(hindi.text("Action"), exact=True).select_option(hindi.text("Changed"))
    when = hindi.text("{column} ({zone})", column=hindi.text("When"), zone="UTC")
    panel.get_by_label(hindi.text("{column}, from", column=when)).fill("2025-07-01")
    panel.get_by_label(hindi.text("{column}, to", column=when)).fill("2025-07-31")
    rows = panel.locator(".mnb-grid tbody button")
    expect(rows).to_have_count(len(changed_invoices()))
    told = [label.replace("Sales Invoice", hindi.text("Sales Invoice")) for label in changed_invoices()]
    assert rows.all_inner_texts() == told
    rows.first.click()
    expect(panel.get_by_role("heading", name=told[0], exact=True)).to_be_focused()
    changed = " ".join(
        (*map(hindi.text, ("Lines", "—", "Qty")), "1", "I015 - Panel 750 W", "9", "14", hindi.text("Changed"))
    )
    expect(panel.get_by_role("row", name=changed, exact=True)).to_be_visible()
    assert violations(page) == []


def test_who_changed_a_credit_limit_is_asked_by_the_fields_name(open_notebook: Open) -> None:
    page = open_notebook("30_history.ipynb")
    panel = panel_of(page)
    panel.get_by_label("Name of a changed field").fill("credit limit")
    panel.get_by_role("button", name="Find").click()
    with mn.open_business(mn.demonstration()) as business:
        found = mn.find_changes(business, field="CreditLimit", actions=["update"]).to_arrow().to_pylist()
        count = len(mn.find_changes(business, field="CreditLimit"))
    expect(panel.get_by_text(f"Rows 1–25 of {count}")).to_be_visible()
    panel.get_by_role("radio", name="By month").check()
    expect(panel.locator("[data-bar]")).to_have_count(12)
    panel.get_by_role("button", name=str(found[0]["label"]), exact=True).click()
    expect(panel.get_by_role("row", name="Credit limit 300,000 325,000 Changed")).to_be_visible()
    assert violations(page) == []


def test_a_quarter_goes_to_excel_row_by_row(open_notebook: Open, home: Path) -> None:
    page = open_notebook("30_history.ipynb")
    panel = panel_of(page)
    panel.get_by_role("button", name="Filters").click()
    panel.get_by_label("When (UTC), from").fill("2025-07-01")
    panel.get_by_label("When (UTC), to").fill("2025-09-30")
    with mn.open_business(mn.demonstration()) as business:
        count = len(mn.find_changes(business, between=(JULY[0], dt.date(2025, 9, 30))))
    expect(panel.get_by_text(f"of {count} (of 794 in all)")).to_be_visible()
    panel.get_by_role("button", name="Export", exact=False).first.click()
    panel.get_by_role("button", name="Export as Excel").click()
    expect(panel.get_by_role("heading", name=f"History.xlsx is written: {count} rows")).to_be_focused()
    with zipfile.ZipFile(home / "Manager exports" / "History.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == count + 1


def test_the_chart_narrows_by_a_drag_and_by_keys_in_hindi(open_notebook: Open) -> None:
    page = open_notebook("30_history.ipynb")
    panel_of(page).get_by_role("radio", name="हिन्दी").check()
    panel = panel_of(page, "इतिहास")
    bars = panel.locator("[data-bar]")
    expect(bars.first).to_be_visible()
    bars.nth(2).hover()
    page.mouse.down()
    bars.nth(4).hover()
    page.mouse.up()
    expect(panel.get_by_text("(कुल 794 में से)")).to_be_visible()
    dragged = run_code(page, "print(len(panel.changes))")
    assert 0 < int(dragged) < 794
    panel.get_by_role("button", name="सभी दिन दिखाएँ").click()
    expect(panel.get_by_text("(कुल 794 में से)")).to_have_count(0)
    bars.nth(2).focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(panel.get_by_text("(कुल 794 में से)")).to_be_visible()
    assert run_code(page, "print(len(panel.changes))") == dragged


def test_a_batch_is_one_row_and_opens_as_its_changes(open_notebook: Open) -> None:
    page = open_notebook("30_history.ipynb")
    panel = panel_of(page)
    panel.get_by_role("radio", name="Each action").check()
    panel.get_by_role("textbox", name="Search").fill("P4798")
    row = panel.get_by_role("row").filter(has_text="P4798").filter(has_text="27 Sept 2025")
    expect(row).to_contain_text("8")
    row.get_by_role("button").click()
    expect(panel.get_by_text("Rows 1–8 of 8")).to_be_visible()
    expect(panel.get_by_text("Only the changes of one action")).to_be_visible()
    panel.locator(".mnb-grid tbody button").first.click()
    expect(panel.get_by_text("One save made 8 changes; this is one of them.")).to_be_visible()
    panel.get_by_role("button", name="All changes of this record").click()
    expect(panel.get_by_text("Only the life of Purchase Invoice")).to_be_visible()
    panel.get_by_role("button", name="Back to the list as it was").click()
    expect(panel.get_by_text("Rows 1–8 of 8")).to_be_visible()
    panel.get_by_role("button", name="Back to the list as it was").click()
    expect(panel.get_by_role("radio", name="Each action")).to_be_checked()
    expect(panel.get_by_role("textbox", name="Search")).to_have_value("P4798")
    panel.get_by_role("button", name="Show all", exact=True).click()
    expect(panel.get_by_text("Rows 1–25 of")).to_be_visible()
