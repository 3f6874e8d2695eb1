"""Looking through a business by clicking only."""

from __future__ import annotations

import hashlib
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import manager_nb as mn
from tests.browser.acting import add_cell, cut_off, run_code, violations
from tests.crafting import archive, attach, place
from tests.model.small_files import key, record, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[[str], Page]

NOTEBOOK = "50_contents.ipynb"

#: What stands on the screen, piece by piece; a path is told as it is.
ITS_TEXTS = """(panel) => {
  const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT), texts = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest('code')) texts.push(walker.currentNode.data);
  return texts;
}"""
#: Names in the demonstration, and names that every language keeps.
NAMES = {
    *("English", "Manager", "UTC", "Etc", "INR", "GST", "CGST", "SGST"),
    *("Himalaya", "Traders", "Panel", "Jaya", "North", "Meera", "Iyer", "Ravi", "Kumar", "Supply", "ordered"),
}


def open_invoice(page: Page, words: str = "1017") -> None:
    """Find a sales invoice and open it, as a person does."""
    page.get_by_role("button", name="Sales Invoice", exact=True).click()
    expect(page.get_by_role("heading", name="Sales Invoice", exact=True)).to_be_focused()
    page.get_by_role("textbox", name="Search", exact=True).fill(words)
    expect(page.get_by_text("Rows 1–1 of 1 (of 190 in all)")).to_be_visible()
    page.get_by_role("button", name=re.compile(f"^{words} — ")).click()
    expect(page.get_by_role("heading", name=re.compile(f"^Sales Invoice — {words}"))).to_be_focused()


def test_task_6_every_picture_and_attachment_of_an_invoice_is_opened_and_saved(open_notebook: Open, home: Path) -> None:
    page = open_notebook(NOTEBOOK)
    open_invoice(page)
    part = page.get_by_role("region", name="Pictures and attachments")
    expect(part.get_by_role("group", name="PO 2025-04.txt")).to_contain_text("Purchase order for April 2025")
    picture = part.get_by_role("img", name="रसीद 2025-04.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    part.get_by_role("button", name="Save रसीद 2025-04.png").click()
    expect(part.get_by_role("heading", name="रसीद 2025-04.png is saved and checked")).to_be_focused()
    part.get_by_role("button", name="Save all 2").click()
    expect(part.get_by_role("heading", name="2 files are saved and checked")).to_be_focused()
    with mn.open_business(mn.demonstration()) as business:
        recorded = {row["name"]: row["sha256"] for row in business.attachments.to_arrow().to_pylist()}
    saved = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (home / "Manager exports").iterdir()}
    assert saved == {
        "PO 2025-04.txt": recorded["PO 2025-04.txt"],
        "रसीद 2025-04.png": recorded["रसीद 2025-04.png"],
        "रसीद 2025-04(2).png": recorded["रसीद 2025-04.png"],
    }
    assert violations(page) == []


def test_a_reference_is_followed_and_the_way_leads_back_to_the_list(open_notebook: Open) -> None:
    page = open_notebook(NOTEBOOK)
    open_invoice(page)
    page.get_by_role("button", name="C004 - Deepa एंटरप्राइज़ेज़").click()
    expect(page.get_by_role("heading", name="Customer — C004 - Deepa एंटरप्राइज़ेज़")).to_be_focused()
    expect(page.get_by_role("row", name=re.compile("Credit limit 325,000"))).to_be_visible()
    page.get_by_role("button", name="27 Mar 2026, 13:50").click()  # a change of its life
    expect(page.get_by_role("heading", name="What this change did")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("button", name="Back to Sales Invoice — 1017").click()
    expect(page.get_by_role("heading", name=re.compile("^Sales Invoice — 1017"))).to_be_focused()
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("heading", name="Sales Invoice", exact=True)).to_be_focused()
    expect(page.get_by_text("Rows 1–1 of 1 (of 190 in all)")).to_be_visible()


def test_a_search_across_everything_finds_a_file_whose_invoice_is_deleted(open_notebook: Open) -> None:
    page = open_notebook(NOTEBOOK)
    page.get_by_label("Words to look for").fill("contract")
    page.get_by_label("Words to look for").press("Enter")
    expect(page.get_by_role("heading", name="Found in 1 place")).to_be_visible()
    page.get_by_role("button", name="Attachment — contract.pdf").click()
    page.get_by_role("button", name="1111 (deleted)").click()
    expect(page.get_by_text("This is how History last knew it.")).to_be_visible()
    expect(page.get_by_role("region", name="Pictures and attachments").get_by_text("contract.pdf")).to_be_visible()
    assert run_code(page, "print(panel.record.seen.record.label)") == "Sales Invoice — 1111 — 2025-10-25"


def test_a_hostile_name_is_only_text_and_a_hostile_file_is_only_saved(open_notebook: Open, home: Path) -> None:
    hostile = '<img src=x onerror="document.title=1">'
    page_in_disguise = b"<script>document.title = 'run'</script>"
    file = write(home / "Hostile.manager", [record(1, "Customer", Name=hostile, Code="=1+1")])
    digest = attach(file, key(2), f"../{hostile}.png", page_in_disguise)
    archive(home / "Hostile.manager.tar", [("Hostile.manager", file.read_bytes()), (place(digest), page_in_disguise)])
    shutil.move(file, home / "aside")
    page = open_notebook(NOTEBOOK)
    page.get_by_role("button", name="Choose another business").click()
    page.get_by_role("button", name="Hostile.manager.tar", exact=True).click()
    expect(page.get_by_text("Hostile", exact=True)).to_be_visible()
    page.get_by_label("Words to look for").fill("onerror")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("heading", name="Found in 2 places")).to_be_visible()
    page.get_by_role("button", name=f"Attachment — ../{hostile}.png").click()
    part = page.get_by_role("region", name="Pictures and attachments")
    expect(part.get_by_text("It is not shown here.")).to_be_visible()
    part.get_by_role("button", name=re.compile("^Save")).click()
    expect(part.get_by_role("heading", name=re.compile("is saved and checked"))).to_be_visible()
    (saved,) = (home / "Manager exports").iterdir()
    assert saved.read_bytes() == page_in_disguise
    page.get_by_role("button", name="Back to the list").click()
    page.get_by_role("button", name=re.compile("^Customer — ")).click()
    expect(page.get_by_role("row", name=f"Name {hostile}", exact=True)).to_be_visible()
    assert page.locator(".mnb img, .mnb script, .mnb iframe").count() == 0
    assert "run" not in page.title()
    assert page.title() != "1"


@pytest.mark.parametrize("width", [500, 900])
def test_a_record_is_read_in_hindi_with_nothing_cut_off(open_notebook: Open, width: int) -> None:
    page = open_notebook(NOTEBOOK)
    page.set_viewport_size({"width": width, "height": 1400})
    panel = page.locator(".mnb")
    panel.get_by_role("radio", name="हिन्दी").check()
    panel.get_by_role("button", name="बिक्री इनवॉइस", exact=True).click()
    panel.get_by_role("button", name=re.compile("^1003 — ")).click()
    expect(panel.get_by_role("heading", name="बिक्री इनवॉइस — 1003 — 2025-04-05 — मासिक ऑर्डर")).to_be_focused()
    words = {word for line in panel.evaluate(ITS_TEXTS) for word in re.findall(r"[A-Za-z]{3,}", line)}
    assert words - NAMES == set()
    assert violations(page) == []
    assert cut_off(page) == []


def test_two_panels_of_contents_do_not_disturb_each_other(open_notebook: Open) -> None:
    page = open_notebook(NOTEBOOK)
    add_cell(page, "from manager_nb.widgets import demonstration\nother = ContentsPanel(demonstration())\nother")
    both = page.get_by_role("region", name="Contents", exact=True)
    expect(both).to_have_count(2)
    both.nth(1).get_by_role("button", name="Customer", exact=True).click()
    expect(both.nth(1).get_by_role("heading", name="Customer", exact=True)).to_be_visible()
    expect(both.nth(0).get_by_role("button", name="Customer", exact=True)).to_be_visible()
    assert run_code(page, "print([panel.type, other.type, len(other.records)])") == "['', 'Customer', 25]"
    ids = page.evaluate("() => [...document.querySelectorAll('.mnb [id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))
