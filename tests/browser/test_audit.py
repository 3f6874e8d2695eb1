"""The audit as a person does it: run, find what was planted, open it, mark it, draw a sample, write the paper."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

import manager_nb as mn
from manager_nb.i18n import Language
from tests.audit.papers import Page as Paper
from tests.audit.papers import sheets
from tests.browser.acting import run_code, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    Open = Callable[[str], Page]

#: What was planted in the demonstration, as the list of findings tells it: the test, and words of what it found.
PLANTED = (
    ("Actions that were undone", "C021 - Uma & Sons was undone"),
    ("Bank details changed around a payment", "S004 - Supplier D"),
    ("Changed or deleted after it was e-mailed", "1001 — 2025-04-01"),
    ("The life of the lock date", "locked the books up to 30 Jun 2025"),
    ("Changes in closed periods", "dated 5 Apr 2025, 55,316.99 INR → 84,762.12 INR, was changed by Ravi Kumar"),
    ("Changes in closed periods", "dated 20 Jun 2025, 186,208.19 INR, was created by Ravi Kumar"),
    ("The life of the lock date", "Ravi Kumar lifted the lock of the books up to 30 Jun 2025"),
    ("Entered or paid twice", "INV-5512"),
    ("Just below a limit", "49,999.00"),
    ("Outside the hours of work", "JV-007"),
    ("Round sums", "JV-007"),
    ("Many records changed at once", "8 records"),
    ("Created and deleted by one person", "PV-GHOST"),
    ("The life of the lock date", "to 30 Sept 2025"),
    ("Deleted records", "1111"),
    ("Deleted records", "TEMP"),
    ("Left behind by a deletion", "contract.pdf"),
    ("E-mail settings", "Password"),
    ("Permissions and access tokens", "Access Token was created"),
    ("E-mails that hold more than words", "Statement"),
    ("The life of the lock date", "to 31 Dec 2025"),
    ("Extreme amounts", "JV-BIG"),
)


def panel_of(page: Page, name: str = "Audit") -> Locator:
    return page.get_by_role("region", name=name, exact=True)


@functools.cache
def audited(zone: str) -> mn.Findings:
    with mn.open_business(mn.demonstration()) as business:
        return mn.audit(business, zone=zone)


def after_run(open_notebook: Open) -> tuple[Page, Locator]:
    page = open_notebook("60_audit.ipynb")
    panel = panel_of(page)
    panel.get_by_role("button", name="Run the tests").click()
    expect(panel.get_by_role("heading", name="Findings", exact=True)).to_be_focused()
    return page, panel


def test_everything_that_was_planted_is_found_and_opened_by_clicking(open_notebook: Open) -> None:
    page, panel = after_run(open_notebook)
    expect(panel.get_by_role("heading", name="Can I rely on the trail")).to_be_visible()
    expect(panel.get_by_text("The trail can be relied on, with exceptions", exact=True)).to_be_visible()
    table = panel.get_by_role("group", name="Findings", exact=True)
    search = panel.get_by_label("Search", exact=True).first
    for title, words in PLANTED:
        search.fill(words)
        row = table.get_by_role("row").filter(has=page.get_by_role("button", name=title, exact=True))
        row.filter(has_text=words).first.get_by_role("button", name=title, exact=True).click()
        expect(panel.get_by_role("heading", name=re.compile(f"^{re.escape(title)} — finding"))).to_be_focused()
        expect(panel.get_by_role("heading", name="What it rests on")).to_be_visible()
        panel.get_by_role("button", name="Close", exact=True).last.click()


def test_what_was_found_has_the_width_of_the_page_and_is_no_tower_where_that_is_narrow(open_notebook: Open) -> None:
    page, panel = after_run(open_notebook)
    cell = panel.get_by_role("group", name="Findings", exact=True).locator("td.mnb-whole").first
    for width, least in ((900, 280), (1280, 280), (1900, 600)):
        page.set_viewport_size({"width": width, "height": 1400})
        page.wait_for_function(
            "([cell, least]) => cell.getBoundingClientRect().width >= least", arg=[cell.element_handle(), least]
        )


def test_a_refused_setting_takes_the_focus_where_it_is_folded_away_and_a_reload_finds_what_was_chosen(
    open_notebook: Open,
) -> None:
    page, panel = after_run(open_notebook)
    group = panel.get_by_text("Tests of this group, and their settings").last
    fold = panel.get_by_text("Why, and settings: No description, or a poor one")
    field = panel.get_by_label("A description has at least so many letters")
    group.click()
    fold.click()
    field.fill("many")
    group.click()
    expect(field).to_be_hidden()
    panel.get_by_role("button", name="Run the tests").click()
    expect(field).to_be_focused()
    expect(panel.get_by_text("cannot be “many”", exact=False)).to_be_visible()
    expect(panel.get_by_role("heading", name="Findings", exact=True)).to_be_visible()
    field.fill("7")
    expect(panel.get_by_text("cannot be “many”", exact=False)).to_be_hidden()
    run_code(page, "panel.close()\npanel = AuditPanel(chosen_business())\npanel.wait()")
    assert run_code(page, "print(panel.choice.values['letters'])") == "7"


def test_a_finding_leads_to_its_rows_its_mark_and_a_plan(open_notebook: Open, home: Path) -> None:
    page, panel = after_run(open_notebook)
    panel.get_by_label("Search", exact=True).first.fill("minutes later by")
    table = panel.get_by_role("group", name="Findings", exact=True)
    table.get_by_role("button", name="Created and deleted by one person").click()
    panel.get_by_role("button", name="Payment — PV-GHOST").first.click()
    expect(panel.get_by_role("row", name="1, shown below")).to_have_attribute("aria-current", "true")
    expect(panel.get_by_text(re.compile("^Ravi Kumar (deleted|created) it on"))).to_be_visible()
    expect(panel.get_by_role("row", name=re.compile("Reference.*PV-GHOST"))).to_be_visible()
    panel.get_by_label("Your name").fill("Asha")
    panel.get_by_label("Note").fill("Asked Ravi")
    panel.get_by_role("button", name="Mark as reviewed").click()
    expect(panel.get_by_text(re.compile("^Reviewed by Asha on"))).to_be_visible()
    assert (home / "Manager exports" / "Himalaya Traders.reviews.json").is_file()
    assert violations(page) == []
    panel.get_by_role("button", name="Bring it back").click()
    expect(panel.get_by_role("heading", name="Bring it back")).to_be_focused()
    restore = panel_of(page, "Bring records back")
    expect(restore.get_by_text("1 ticked")).to_be_visible()
    restore.get_by_role("button", name="Show the plan").click()
    expect(restore.get_by_role("heading", name="3. The plan")).to_be_focused()
    expect(restore.get_by_role("row", name=re.compile("PV-GHOST")).last).to_be_visible()
    for label, words in (("Your name", "Meera Shah"), ("Reason", "It was paid")):
        restore.get_by_label(label).press_sequentially(
            words, delay=60
        )  # as people type: the panel around hears nothing
    expect(restore.get_by_role("button", name="Bring back", exact=True)).to_be_enabled()


def test_the_working_paper_has_the_findings_of_the_screen_and_the_sample(open_notebook: Open, home: Path) -> None:
    page, panel = after_run(open_notebook)
    count = len(audited("UTC"))
    expect(panel.get_by_text(re.compile(rf"tests were done\..* {count} findings"))).to_be_visible()
    panel.get_by_text("Draw a sample", exact=True).click()
    panel.get_by_label("From all").select_option("Purchase Invoice")
    panel.get_by_role("radio", name="Monetary unit").check()
    panel.get_by_label("Seed", exact=True).fill("2026")
    panel.get_by_label("In how many intervals the total is cut").fill("10")
    panel.get_by_role("button", name="Draw the sample").click()
    expect(panel.get_by_role("heading", name=re.compile("items were drawn"))).to_be_focused()
    panel.get_by_label("Prepared by").fill("Asha Rao")
    for button, ending in (("Write for Excel", "xlsx"), ("Write a page to print", "html")):
        panel.get_by_role("button", name=button).click()
        expect(panel.get_by_role("heading", name=re.compile(rf"\.{ending} is written"))).to_be_focused()
    assert violations(page) == []
    papers = home / "Manager exports"
    book = sheets(papers / "Audit of Himalaya Traders (2026-03-27).xlsx")
    paper = Paper(papers / "Audit of Himalaya Traders (2026-03-27).html")
    assert len(book["Findings"]) - 1 == len(paper.findings()) == count
    drawn = int(run_code(page, "print(len(panel.sample.sample))"))
    assert len([row for row in book["Sample"] if "hit by a selection point" in row]) == drawn
    assert run_code(page, "print(len(panel.findings))") == str(count)


def test_the_page_to_print_opens_without_a_script_or_a_fault(open_notebook: Open, home: Path) -> None:
    page, panel = after_run(open_notebook)
    panel.get_by_role("button", name="Write a page to print").click()
    expect(panel.get_by_role("heading", name=re.compile("is written"))).to_be_focused()
    path = home / "Manager exports" / "Audit of Himalaya Traders (2026-03-27).html"
    refused: list[str] = []
    paper = page.context.new_page()
    paper.on("console", lambda message: refused.append(message.text))
    asked: list[str] = []
    paper.on("request", lambda request: asked.append(request.url))
    paper.goto(path.as_uri())
    expect(paper.get_by_role("heading", name="Audit of Himalaya Traders (2026-03-27)")).to_be_visible()
    assert paper.evaluate("() => getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    assert paper.evaluate("() => getComputedStyle(document.querySelector('th')).borderTopStyle") == "solid"
    printed = paper.pdf(prefer_css_page_size=True)
    pages = re.findall(rb"/Type\s*/Page\b[^s]", printed)
    assert 10 <= len(pages) <= 18  # for 65 findings; the same as one wide table was 30 pages across
    sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert sizes
    assert all(float(width) < float(height) for width, height in sizes)
    assert asked == [path.as_uri()]
    assert refused == []


def test_the_same_in_hindi(open_notebook: Open) -> None:
    page = open_notebook("60_audit.ipynb")
    panel_of(page).get_by_role("radio", name="हिन्दी").check()
    hindi = Language("hi")
    panel = panel_of(page, hindi.text("Audit"))
    panel.get_by_role("button", name=hindi.text("Run the tests")).click()
    expect(panel.get_by_role("heading", name=hindi.text("Findings"), exact=True)).to_be_focused()
    panel.get_by_label(hindi.text("Search"), exact=True).first.fill("PV-GHOST")
    title = hindi.text("Created and deleted by one person")
    panel.get_by_role("group", name=hindi.text("Findings"), exact=True).get_by_role("button", name=title).click()
    expect(panel.get_by_role("heading", name=re.compile(f"^{re.escape(title)} — "))).to_be_focused()
    assert violations(page) == []
