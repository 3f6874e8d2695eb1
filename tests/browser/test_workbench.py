"""What the workbench has to make possible by clicking only, beside History and Bring records back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

import manager_nb as mn
from tests.browser.acting import add_cell, run_code, settled, tab_to, untranslated, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[[str], Page]

#: The work stops at a step of writing, through the hook that the crash tests use, until Cancel is pressed.
HOLD = """
from manager_nb.format import steps
steps.watchers.append(lambda step: panel._job.meter.stopped.wait(60) if step == "backup synced" else None)
"""
LET_GO = "steps.watchers.clear()"


def backups_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def held_against_the_source(made: Path) -> None:
    """The backup has every record, change and attachment, and no e-mail."""
    with mn.open_business(mn.demonstration()) as source, mn.open_business(made) as copy:
        assert list(copy.objects()) == list(source.objects())
        assert len(copy.history) == len(source.history) > 0
        assert len(copy.emails) == 0
        assert set(copy.attachments.to_arrow(["state"])["state"].to_pylist()) == {"present"}


def test_a_backup_without_emails_into_another_folder_cancelled_then_made(open_notebook: Open, home: Path) -> None:
    page = open_notebook("10_backup.ipynb")
    panel = page.get_by_role("region", name="Backup", exact=True)
    panel.get_by_role("checkbox", name="Emails").uncheck()
    expect(panel.get_by_text("this copy cannot show what was sent")).to_be_visible()
    panel.get_by_role("button", name="Choose another folder").click()
    panel.get_by_label("Name of a new folder here").fill("Archive")
    panel.get_by_role("button", name="Make folder").click()
    panel.get_by_role("button", name="Use this folder: Archive").click()
    panel.get_by_label("Name of the backup").fill("March")
    assert run_code(page, HOLD) == ""
    panel.get_by_role("button", name="Create backup").click()
    expect(panel.get_by_role("progressbar", name="Progress")).to_be_visible()
    expect(panel.get_by_role("checkbox", name="Emails")).to_be_disabled()
    assert violations(page) == []
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_text("Cancelled. Nothing was written.")).to_be_visible()
    assert backups_in(home / "Archive") == []
    assert run_code(page, "print(panel.result, type(panel.error).__name__)") == "None CancelledError"
    assert run_code(page, LET_GO) == ""
    panel.get_by_role("button", name="Create backup").click()
    expect(panel.get_by_role("heading", name="The backup is made and checked")).to_be_focused()
    expect(panel.get_by_role("row", name="Emails 74 left out")).to_be_visible()
    assert backups_in(home / "Archive") == ["March.manager.tar", "March.manager.tar.manifest.json"]
    assert not (home / "Manager backups").exists()
    held_against_the_source(home / "Archive" / "March.manager.tar")


def test_the_same_by_keyboard_alone_in_hindi(open_notebook: Open, home: Path) -> None:
    page = open_notebook("10_backup.ipynb")
    settled(page)
    keys = page.keyboard
    tab_to(page, page.get_by_role("radio", name="English").first)
    keys.press("ArrowRight")
    panel = page.get_by_role("region", name="बैकअप", exact=True)
    expect(panel).to_have_attribute("lang", "hi")
    tab_to(page, panel.get_by_role("checkbox", name="ईमेल"))
    keys.press("Space")
    tab_to(page, panel.get_by_role("button", name="दूसरा फ़ोल्डर चुनें"))
    keys.press("Enter")
    tab_to(page, panel.get_by_label("यहाँ नए फ़ोल्डर का नाम"))
    keys.type("पुराने")
    keys.press("Enter")
    use = panel.get_by_role("button", name="यह फ़ोल्डर लें: पुराने")
    expect(use).to_be_visible()
    tab_to(page, use)
    keys.press("Enter")
    expect(panel.get_by_label("यहाँ नए फ़ोल्डर का नाम")).to_have_count(0)
    assert run_code(page, HOLD) == ""
    tab_to(page, panel.get_by_role("button", name="बैकअप बनाएँ"))
    keys.press("Enter")
    cancel = panel.get_by_role("button", name="रद्द करें")
    expect(cancel).to_be_focused()
    keys.press("Enter")
    create = panel.get_by_role("button", name="बैकअप बनाएँ")
    expect(create).to_be_focused()
    assert backups_in(home / "पुराने") == []
    assert run_code(page, LET_GO) == ""
    keys.press("Enter")
    expect(panel.get_by_role("heading", name="बैकअप बन गया और जाँच लिया गया")).to_be_focused()
    assert untranslated(page) == []
    (made,) = (home / "पुराने").glob("*.manager.tar")
    held_against_the_source(made)


def test_a_damaged_file_is_opened_and_says_what_is_wrong_and_what_to_do(open_notebook: Open, home: Path) -> None:
    damaged = home / "Damaged.manager"
    with mn.open_business(mn.demonstration()) as business:
        content = bytearray(business.open_source.database.read_bytes())
    content[4096 * 20 : 4096 * 30] = bytes(4096 * 10)
    damaged.write_bytes(content)
    page = open_notebook("00_start.ipynb")
    panel = page.get_by_role("region", name="Welcome", exact=True)
    panel.get_by_role("button", name="Choose another business").click()
    panel.get_by_role("button", name="Damaged.manager", exact=True).click()
    expect(panel.get_by_text("Parts of this file could not be read. What could be read is here.")).to_be_visible()
    lost = panel.get_by_role("table", name="What could not be read")
    expect(lost.get_by_role("row").filter(has_text="Records")).to_be_visible()
    expect(panel.get_by_role("listitem").filter(has_text="Look for an earlier backup")).to_be_visible()
    assert violations(page) == []
    panel.get_by_text("Technical words, for whoever looks after the computer").click()
    technical = panel.get_by_role("group", name="Technical words", exact=True)
    expect(technical).to_be_visible()
    assert technical.inner_text().strip()
    assert int(run_code(page, "print(panel.glance.problem_count)")) > 0
    assert 0 < int(run_code(page, "print(panel.glance.records)")) < 694
    panel.get_by_role("radio", name="हिन्दी").check()
    expect(page.get_by_role("listitem").filter(has_text="कोई पहले का बैकअप खोजें")).to_be_visible()
    assert bytes(content) == damaged.read_bytes()


def test_a_wrong_file_is_told_with_what_to_do(open_notebook: Open, home: Path) -> None:
    wrong = {
        "empty.manager": (b"", "empty.manager is empty."),
        "items.json": (b'{"a": 1}', "items.json is a JSON text, not a Manager business."),
        "hopeless.manager": (b"SQLite format 3\x00" + bytes(5000), "hopeless.manager"),
    }
    page = open_notebook("25_import.ipynb")
    choose = "Choose a backup"
    for name, (content, words) in wrong.items():
        (home / name).write_bytes(content)
        page.get_by_role("button", name=choose, exact=True).click()
        page.get_by_label("Path of the file or folder").fill(str(home / name))
        page.get_by_label("Path of the file or folder").press("Enter")
        alert = page.get_by_role("alert").filter(has_text=words)
        expect(alert).to_be_visible()
        message, hint = alert.get_by_role("paragraph").all_inner_texts()[:2]
        assert message.startswith("Problem: ")
        assert hint
        expect(page.get_by_role("button", name="Import Business")).to_have_count(0)
        choose = "Choose another backup"
    assert violations(page) == []
    page.get_by_role("radio", name="हिन्दी").first.check()
    expect(page.locator(".mnb:not([lang=hi])")).to_have_count(0)
    assert [word for word in untranslated(page) if word not in {"hopeless", "Problem"}] == []
    page.get_by_role("radio", name="English").first.check()
    page.get_by_role("button", name=choose).click()
    page.get_by_role("button", name="Demonstration business").click()
    expect(page.get_by_text("794")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_time_zone_is_chosen_once_and_followed_everywhere(open_notebook: Open, home: Path) -> None:
    (home / "March.manager").write_bytes(b"x")
    page = open_notebook("00_start.ipynb")
    add_cell(
        page, "from manager_nb.widgets import BackupPanel, demonstration\nother = BackupPanel(demonstration())\nother"
    )
    start = page.get_by_role("region", name="Welcome", exact=True)
    backup = page.get_by_role("region", name="Backup", exact=True)
    expect(start.get_by_text("Last change: 27 Mar 2026, 13:50 (UTC)")).to_be_visible()
    start.get_by_role("button", name="Choose another business").click()
    start.get_by_role("button", name="Time zone: UTC").click()
    start.get_by_label("Country or city").fill("india")
    start.get_by_role("button", name="India Time").click()
    expect(start.get_by_role("button", name="Time zone: India Time")).to_be_focused()
    expect(start.get_by_text("Last change: 27 Mar 2026, 19:20 (India Time)")).to_be_visible()
    expect(start.get_by_role("columnheader", name="Modified (India Time)")).to_be_visible()
    expect(backup.get_by_role("button", name="Time zone: India Time")).to_be_visible()
    assert run_code(page, "print(StartPanel().timezone)") == "Asia/Kolkata"
