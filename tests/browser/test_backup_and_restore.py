"""The demonstration business goes out and comes back, by clicking only."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from manager_nb.demo import demonstration
from manager_nb.model.business import open_business
from tests.browser.acting import run_code, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[[str], Page]


def test_a_backup_is_created_and_proven(open_notebook: Open, home: Path) -> None:
    page = open_notebook("10_backup.ipynb")
    panel = page.get_by_role("region", name="Backup", exact=True)
    expect(panel.get_by_text("794")).to_be_visible()
    assert not (home / "Manager backups").exists()
    panel.get_by_label("Name of the backup").fill("March")
    panel.get_by_role("button", name="Create backup").click()
    result = page.get_by_role("region", name="The backup is made and checked")
    expect(result).to_be_visible()
    made = home / "Manager backups" / "March.manager.tar"
    expect(result.get_by_text(str(made), exact=True)).to_be_visible()
    expect(
        result.get_by_role("listitem").filter(has_text="Verified: Every record and change can be read")
    ).to_be_visible()
    expect(
        page.get_by_role("status").filter(has_text="The backup is made and checked: March.manager.tar")
    ).to_be_attached()
    expect(result.get_by_role("heading", name="The backup is made and checked")).to_be_focused()
    with open_business(demonstration()) as source, open_business(made) as copy:
        assert list(copy.objects()) == list(source.objects())
    assert run_code(page, "print(panel.result.path)") == str(made)
    assert violations(page) == []


def test_what_is_unticked_is_left_out(open_notebook: Open, home: Path) -> None:
    page = open_notebook("10_backup.ipynb")
    page.get_by_role("checkbox", name="History").uncheck()
    expect(page.get_by_text("this copy cannot be audited")).to_be_visible()
    page.get_by_role("checkbox", name="Attachments").uncheck()
    page.get_by_role("button", name="Create backup").click()
    result = page.get_by_role("region", name="The backup is made and checked")
    expect(result.get_by_role("row", name="History 794 left out")).to_be_visible()
    expect(result.get_by_role("row", name="Attachments 25 left out")).to_be_visible()
    (made,) = (home / "Manager backups").glob("*.manager")
    with open_business(made) as copy:
        assert len(copy.history) == 0
        assert len(copy.emails) == 74


def test_a_backup_comes_back_as_the_same_business(open_notebook: Open, home: Path) -> None:
    backup = home / "March.manager.tar"
    shutil.copy(demonstration(), backup)
    page = open_notebook("25_import.ipynb")
    panel = page.get_by_role("region", name="Import Business", exact=True)
    panel.get_by_role("button", name="Choose a backup").click()
    panel.get_by_role("button", name="March.manager.tar").click()
    expect(panel.get_by_text("1 Apr 2025 to 27 Mar 2026")).to_be_visible()
    expect(panel.get_by_text("all there")).to_be_visible()
    panel.get_by_role("button", name="Choose Manager’s data folder").click()
    panel.get_by_label("Name of a new folder here").fill("Manager.io")
    panel.get_by_role("button", name="Make folder").click()
    panel.get_by_role("button", name="Use this folder: Manager.io").click()
    expect(panel.get_by_text("No business is in this folder yet.")).to_be_visible()
    assert violations(page) == []
    panel.get_by_role("button", name="Import Business").click()
    result = page.get_by_role("region", name="The business is imported and checked")
    expect(result.get_by_text("Every record is the same, byte by byte")).to_contain_text("695 / 695")
    expect(result.get_by_text("Every attachment has its fingerprint")).to_contain_text("25 / 25")
    assert violations(page) == []
    compared = run_code(
        page,
        "from manager_nb.model.business import open_business\n"
        "with open_business(panel.source) as a, open_business(panel.result) as b:\n"
        "    print(list(a.objects()) == list(b.objects()), len(b.history), b.name)",
    )
    assert compared == "True 794 Himalaya Traders (2026-03-27)"


def test_a_taken_name_gets_a_number_and_is_told_before(open_notebook: Open, home: Path) -> None:
    taken = home / "Documents" / "Manager.io" / "Businesses" / "Himalaya Traders (2026-03-27).manager"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"somebody's")
    page = open_notebook("25_import.ipynb")
    page.get_by_role("button", name="Choose a backup").click()
    page.get_by_role("button", name="Demonstration business").click()
    expect(page.get_by_text("The new one will be called “Himalaya Traders (2026-03-27)(2)”.")).to_be_visible()
    page.get_by_role("button", name="Import Business").click()
    expect(page.get_by_role("region", name="The business is imported and checked")).to_be_visible()
    assert taken.read_bytes() == b"somebody's"
    assert taken.with_name("Himalaya Traders (2026-03-27)(2).manager").is_file()
