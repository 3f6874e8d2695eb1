"""Sent e-mails by clicking, without a browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.widgets import EmailsPanel, emails_panel
from tests.model.small_files import TICKS, key, record, write
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def business(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


@pytest.fixture
def panel(business: mn.Business) -> EmailsPanel:
    panel = EmailsPanel(business, language="en", timezone="UTC")
    panel.wait(60)
    return panel


def open_email(panel: EmailsPanel, place: int = 0) -> Screen:
    """Open a row of the list."""
    number = panel.grid.found[place].as_py()
    screen = Screen(panel)
    screen.send(f"emails-row-{number}-open")
    panel.wait(60)
    return screen


def ask(panel: EmailsPanel, words: str) -> Screen:
    """Search the list."""
    screen = Screen(panel)
    screen.fill("Search", words)
    return screen


def test_all_e_mails_are_there_with_what_they_were_about(panel: EmailsPanel, business: mn.Business) -> None:
    rows = panel.emails.to_arrow()
    assert rows.select(business.emails.columns).equals(business.emails.to_arrow())
    told = rows.to_pylist()
    assert [row["record"].split(" — ")[1] for row in told if row["record"]] == [
        row["subject"].removeprefix("Invoice ") for row in told if row["record"]
    ]
    assert sum(row["confidence"] == "likely" for row in told) == 73
    assert sum(bool(row["changed"]) for row in told) == 7
    assert panel.selection.empty
    assert "Rows 1–25 of 74" in Screen(panel).all_text()


@pytest.mark.parametrize(
    ("words", "count"),
    [("1001", 1), ("धन्यवाद 1188", 1), ("002@customers.example", 2), ("Bharat", 2), ("Meera likely", 18)],
)
def test_they_are_found_by_words_of_subject_text_address_and_party(panel: EmailsPanel, words: str, count: int) -> None:
    ask(panel, words)
    assert len(panel.emails) == count


def test_the_invoice_that_was_changed_after_it_was_sent(panel: EmailsPanel, data: Path) -> None:
    planted = json.loads((data / "himalaya/truth/planted.json").read_text("utf-8"))
    (fact,) = [one for one in planted if one["kind"] == "invoice changed after it was e-mailed"]
    ask(panel, "invoice 1001")
    screen = open_email(panel)
    words = screen.all_text()
    assert "Please find invoice 1001 attached." in words
    party = "C019 - Sita एंटरप्राइज़ेज़"
    assert f"Likely: Its subject says “Invoice 1001”. It was sent to no address that is recorded for {party}." in words
    assert "It was changed 1 time after this e-mail." in words
    screen.send("about-0-since-row-0-open")
    assert f"{fact['user']} changed it on 27 Jun 2025, 15:40:20" in screen.all_text()
    assert screen.alerts == []
    screen.send("about-0-record")
    panel.wait(60)
    assert panel.record.seen is not None
    assert panel.record.seen.record.key == fact["object"]
    screen.press("Back to the e-mail")
    assert "It was changed 1 time" in screen.all_text()
    screen.press("Back to the list")
    assert "Rows 1–1 of 1 (of 74 in all)" in screen.all_text()


def test_the_hostile_e_mail_is_text_until_its_layout_is_asked_for(panel: EmailsPanel) -> None:
    ask(panel, "statement")
    screen = open_email(panel)
    assert "Dear sir click =cmd|'/C calc'!A1" in screen.all_text()
    assert "No record was found that this e-mail names." in screen.all_text()
    assert screen.kinds("letter") == []
    screen.press("Show it as it was laid out")
    (letter,) = screen.kinds("letter")
    assert "<script>" in letter["source"]
    assert "It is shut off" in screen.all_text()
    screen.press("Show only its text")
    assert screen.kinds("letter") == []
    screen.press("Back to the list")
    open_email(panel)
    assert screen.kinds("letter") == []


def test_in_hindi(panel: EmailsPanel) -> None:
    panel.language = "hi"
    assert "बिक्री इनवॉइस — 1193" in Screen(panel).all_text()
    ask_in_hindi = Screen(panel)
    ask_in_hindi.send("emails-search", value="invoice 1039")
    words = open_email(panel).all_text()
    assert "इस ईमेल के बाद" in words
    assert "Likely" not in words


# ---- businesses made up for one question -----------------------------------------------------------------------------


def letter(number: int, subject: str | None, content: bytes | None = None, name: str | None = None) -> tuple[Any, ...]:
    """A row of Emails."""
    return (key(900 + number), None, "Us", "a@x.example", subject, "<p>Hi</p>", content, name, TICKS + number, 0, "u")


def shown(tmp_path: Path, objects: list[tuple[object, ...]], *emails: tuple[Any, ...]) -> EmailsPanel:
    panel = EmailsPanel(write(tmp_path / "A.manager", objects, Emails=emails), language="en", timezone="UTC")
    panel.wait(60)
    return panel


def test_a_file_without_e_mails_says_so(tmp_path: Path) -> None:
    panel = shown(tmp_path, [])
    assert "This file has no e-mails" in Screen(panel).all_text()
    assert len(panel.emails) == 0


def test_of_several_records_none_is_chosen(tmp_path: Path) -> None:
    objects = [record(10 + number, "SalesInvoice", Reference="7") for number in range(2)]
    panel = shown(tmp_path, objects, letter(1, "Invoice 7"))
    (row,) = panel.emails.to_arrow().to_pylist()
    assert (row["record"], row["confidence"], row["changed"]) == (None, "several", None)
    screen = open_email(panel)
    assert "Several records answer equally well" in screen.all_text()
    told = [node["words"] for node in screen.kinds("text") if "words" in node]
    why = "Its subject says “Invoice 7”. The record names no customer, supplier or employee."
    assert told.count(f"Possible: {why}") == 2


def test_the_file_of_an_old_e_mail_is_saved_under_a_safe_name(tmp_path: Path, home: Path) -> None:
    panel = shown(tmp_path, [], letter(1, None, b"%PDF-1.4", "../../invoice.pdf"))
    screen = open_email(panel)
    assert "An e-mail without a subject" in screen.all_text()
    screen.press("Save")
    panel.wait(60)
    (saved,) = list(home.rglob("*.pdf"))
    assert saved.read_bytes() == b"%PDF-1.4"
    assert saved.name in screen.all_text()
    assert "is saved and checked" in screen.all_text()


def test_of_a_long_list_records_are_looked_for_when_asked(
    business: mn.Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emails_panel, "MOST_MATCHED", 10)
    panel = EmailsPanel(business, language="en", timezone="UTC")
    panel.wait(60)
    screen = Screen(panel)
    assert "confidence" not in panel.emails.columns
    assert "What it was about" not in open_email(panel).all_text()
    screen.press("Back to the list")
    screen.press("Look for the records")
    panel.wait(60)
    assert "confidence" in panel.emails.columns
    assert not screen.has("button", "Look for the records")
