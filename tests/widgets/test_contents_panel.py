"""The panel that looks through a business, acted on as a person does."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.widgets import ContentsPanel, contents_panel
from manager_nb.widgets.naming import type_titles
from tests.model.small_files import record, write
from tests.restore.test_plan import INVOICE
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def demo(himalaya_tar: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya_tar) as business:
        yield business


@pytest.fixture
def panel(demo: mn.Business) -> ContentsPanel:
    panel = ContentsPanel(demo, language="en", timezone="UTC")
    panel.wait()
    return panel


def cells(screen: Screen, caption: str) -> list[list[str]]:
    """The cells of a long table's page."""
    grid = next(node for node in screen.kinds("grid") if node["caption"] == caption)
    return [
        [_words(cell["children"][0]) for cell in line["children"] if cell["kind"] == "td"]
        for line in grid["children"]
        if line["kind"] == "tr"
    ]


def _words(node: dict[str, Any]) -> str:
    return str(node.get("words", node.get("label", "")))


def headings(screen: Screen) -> list[str]:
    return [node["heading"] for node in screen.kinds("section")]


def test_the_types_are_counted_as_the_business_counts_them(panel: ContentsPanel, demo: mn.Business) -> None:
    told = cells(Screen(panel), "Records by type")
    summary = demo.summary()
    known = summary[summary["type"] != "FormDefaults"]
    titles = [panel.text(type_titles().get(name, name)) for name in known["type"]]
    assert told == [list(pair) for pair in zip(titles, map(str, known["count"]), strict=True)]


def test_a_type_opens_with_its_records_and_code_sees_them(panel: ContentsPanel, demo: mn.Business) -> None:
    screen = Screen(panel)
    screen.press("Sales Invoice")
    panel.wait()
    assert panel.focus == "list"
    first = cells(screen, "Sales Invoice")[0]
    assert first[:4] == ["1001 — 2025-04-01 — मासिक ऑर्डर", "1 Apr 2025", "15,925.04", "INR"]
    assert len(panel.records) == len(demo.records("SalesInvoice"))
    known = demo.amounts("SalesInvoice").to_arrow()
    amounts = dict(zip(known["key"].to_pylist(), known["amount"].to_pylist(), strict=True))
    assert dict(zip(panel.records["key"], panel.records["amount"], strict=True)) == amounts
    screen.send("listed-row-2-tick", value=True)
    assert list(panel.selection["name"]) == ["1003 — 2025-04-05 — मासिक ऑर्डर"]
    screen.press("All types")
    assert panel.type == ""
    assert "Records by type" in [grid["caption"] for grid in screen.kinds("grid")]


def test_the_amounts_of_many_documents_are_reckoned_on_request(
    panel: ContentsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents_panel, "MOST_AMOUNTS", 150)
    screen = Screen(panel)
    screen.press("Sales Invoice")
    panel.wait()
    assert "What 190 documents come to is not shown yet" in screen.all_text()
    assert "amount" not in panel.records
    screen.press("Reckon the amounts")
    panel.wait()
    assert panel.records["amount"].notna().sum() > 180
    assert not screen.has("button", "Reckon the amounts")
    panel.open_type("PurchaseInvoice")
    panel.wait()
    assert not screen.has("button", "Reckon the amounts")


def test_lines_are_listed_on_request_and_open_their_record(panel: ContentsPanel, demo: mn.Business) -> None:
    screen = Screen(panel)
    panel.open_type("SalesInvoice")
    panel.wait()
    screen.send("lines", value="Lines")
    panel.wait()
    assert len(panel.records) == len(demo.records("SalesInvoice").lines())  # type: ignore[attr-defined]
    assert cells(screen, "Sales Invoice — Lines")[0][:3] == [
        "1001 — 2025-04-01 — मासिक ऑर्डर",
        "1",
        "I004 - Panel 200 W",
    ]
    screen.send("listed-row-0-open")
    panel.wait()
    assert panel.record.seen is not None
    assert panel.record.seen.record.label.startswith("Sales Invoice — 1001")
    screen.press("Back to the list")
    assert panel.focus == "list"
    assert cells(screen, "Sales Invoice — Lines")
    screen.send("lines", value="records")
    panel.wait()
    assert len(panel.records) == 190


def test_every_type_of_the_demonstration_opens(panel: ContentsPanel, demo: mn.Business) -> None:
    for name in demo.types():
        panel.open_type(name)
        panel.wait()
        assert len(panel.records) == len(demo.records(name))


def test_a_search_finds_words_in_records_lines_attachments_and_emails(panel: ContentsPanel) -> None:
    screen = Screen(panel)
    screen.fill("Words to look for", "INVOICE 1193", enter=True)
    panel.wait()
    assert [row[0] for row in cells(screen, "Found in 2 places")] == [
        "Sales Invoice — 1193 — 2026-03-27",
        "Invoice 1193",
    ]
    screen.send("search-found-row-1-open")
    assert "Please find invoice 1193 attached." in "".join(node["words"] for node in screen.kinds("pre"))
    screen.press("Close")
    screen.fill("Words to look for", "contract.pdf")
    screen.press("Search")
    panel.wait()
    screen.press("Attachment — contract.pdf")
    panel.wait()
    assert panel.record.seen is not None
    screen.press("1111 (deleted)")
    panel.wait()
    assert panel.record.opened == INVOICE
    screen.press("Back to Attachment")
    panel.wait()
    screen.press("Back to the list")
    assert panel.focus == "search-result"
    screen.fill("Words to look for", "no such words", enter=True)
    panel.wait()
    assert "Nothing holds “no such words”." in screen.all_text()
    screen.press("Close the search")
    assert panel.focus == "search-words"
    assert "Nothing holds" not in screen.all_text()


def test_pictures_are_a_list_of_their_own(panel: ContentsPanel, demo: mn.Business, home: Path) -> None:
    screen = Screen(panel)
    screen.send("looking", value="pictures")
    panel.wait()
    assert cells(screen, "Pictures")[0][0] == "Customer — C001 - Asha एंटरप्राइज़ेज़"
    screen.send("files-pictures-row-0-open")
    panel.wait()
    assert [node["name"] for node in screen.kinds("image")] == ["Customer — C001 - Asha एंटरप्राइज़ेज़"]
    screen.press("Save")
    panel.wait()
    (saved,) = (home / "Manager exports").iterdir()
    image = demo.image(demo.images.page(0, 1)["image"][0].as_py())
    assert image is not None
    assert saved.read_bytes() == image.content
    screen.press("Open Customer — C001 - Asha एंटरप्राइज़ेज़")
    panel.wait()
    assert panel.record.seen is not None
    assert [file.image for file in panel.record.seen.files] == [True]


def test_attachments_are_a_list_of_their_own(panel: ContentsPanel, demo: mn.Business, home: Path) -> None:
    screen = Screen(panel)
    screen.send("looking", value="attachments")
    panel.wait()
    rows = cells(screen, "Attachments")
    assert len(rows) == 25
    assert rows[0][:2] == ["PO 2025-04.txt", "Sales Invoice — 1017 — 2025-04-26"]
    assert rows[0][4] == "Present and unaltered"
    screen.press("contract.pdf")
    panel.wait()
    screen.press("Save")
    panel.wait()
    (saved,) = (home / "Manager exports").iterdir()
    sha256 = {row["name"]: row["sha256"] for row in demo.attachments.to_arrow().to_pylist()}
    assert hashlib.sha256(saved.read_bytes()).hexdigest() == sha256["contract.pdf"]
    screen.press("Back to the list")
    assert len(cells(screen, "Attachments")) == 25


def test_the_lists_speak_hindi_and_types_are_found_by_hindi_names(panel: ContentsPanel) -> None:
    screen = Screen(panel)
    screen.speak("hi")
    screen.fill("खोजें", "बिक्री इनवॉइस")
    assert [row[0] for row in cells(screen, "प्रकार के अनुसार रिकॉर्ड")][:1] == ["बिक्री इनवॉइस"]
    screen.press("बिक्री इनवॉइस")
    panel.wait()
    grid = next(node for node in screen.kinds("grid"))
    heads = [head["label"] for head in grid["children"] if head["kind"] == "head"]
    assert heads[:3] == ["रिकॉर्ड", "तारीख", "राशि"]


def test_another_business_forgets_the_one_before(panel: ContentsPanel, tmp_path: Path) -> None:
    panel.open_type("SalesInvoice")
    panel.wait()
    panel.search.ask("1017")
    panel.wait()
    file = write(tmp_path / "Other.manager", [record(1, "Customer", Name="1017 only")])
    panel.open(file)
    panel.wait()
    screen = Screen(panel)
    assert panel.type == ""
    assert panel.search.found.num_rows == 0
    assert [row[0] for row in cells(screen, "Records by type")] == ["Customer", "Schema"]
    panel.search.ask("1017")
    panel.wait()
    assert panel.search.found["label"].to_pylist() == ["Customer — 1017 only"]


def test_an_empty_business_has_nothing_to_open_and_says_so(tmp_path: Path) -> None:
    panel = ContentsPanel(write(tmp_path / "Empty.manager"), language="en", timezone="UTC")
    panel.wait()
    screen = Screen(panel)
    for way in ("pictures", "attachments"):
        screen.send("looking", value=way)
        panel.wait()
        assert "There are none." in screen.all_text()
