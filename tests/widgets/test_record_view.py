"""One record in full, acted on as a person does."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.widgets import ContentsPanel
from manager_nb.widgets.panel import Panel
from manager_nb.widgets.record_view import RecordView
from tests.crafting import archive, attach, execute, place
from tests.model.small_files import TICKS, key, record, write
from tests.restore.test_plan import CUSTOMER, INVOICE
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager_nb.widgets.view import Node

WITH_FILES = "019670d4-d9cc-7bb7-9a90-9b4a7c521981"
"""Sales Invoice 1017: a text and a picture are attached."""


class Page(Panel):
    """A panel with nothing but a record."""

    def __init__(self) -> None:
        self.left = 0
        self.record = RecordView(self, "record", closed=self._left)
        super().__init__(language="en", timezone="UTC")

    def title(self) -> str:
        return "Page"

    def body(self) -> Iterable[Node | None]:
        yield self.record.nodes()

    def _left(self) -> None:
        self.left += 1


@pytest.fixture
def demo(himalaya_tar: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya_tar) as business:
        yield business


@pytest.fixture
def panel() -> Page:
    return Page()


def opened(panel: Page, business: mn.Business, key: str) -> Screen:
    panel.record.open(business, key)
    panel.wait()
    return Screen(panel)


def table(screen: Screen, caption: str) -> list[list[str]]:
    """The cells of a plain table, a list a row."""
    found = next(node for node in screen.kinds("table") if node["caption"] == caption)
    return [[_words(cell) for cell in line["children"]] for line in found["children"]]


def _words(cell: dict[str, object]) -> str:
    return str(cell.get("words", cell.get("label", "")))


def test_fields_and_lines_are_told_by_name_and_in_words(panel: Page, demo: mn.Business) -> None:
    screen = opened(panel, demo, WITH_FILES)
    assert [node["heading"] for node in screen.kinds("section")][:3] == [
        "Sales Invoice — 1017 — 2025-04-26",
        "Fields",
        "Lines",
    ]
    fields = dict(map(tuple, table(screen, "Fields")))  # type: ignore[arg-type]
    assert fields["Issue date"] == "26 Apr 2025"
    assert fields["Customer"] == "C004 - Deepa एंटरप्राइज़ेज़"
    lines = next(node for node in screen.kinds("table") if node["caption"] == "Lines")
    assert lines["columns"] == ["Line", "Item", "Line description", "Qty", "Sales unit price", "Tax code", "Division"]
    assert lines["numbers"] == [0, 3, 4]
    assert table(screen, "Lines")[0][1:5] == ["I011 - Panel 550 W", "आपूर्ति", "6", "4,960.00"]
    assert "49,728.83" in screen.all_text()


def test_all_of_it_is_told_in_hindi_too(panel: Page, demo: mn.Business) -> None:
    screen = opened(panel, demo, WITH_FILES)
    screen.speak("hi")
    headings = [node["heading"] for node in screen.kinds("section")]
    assert headings[0] == "बिक्री इनवॉइस — 1017 — 2025-04-26"
    fields = dict(map(tuple, table(screen, "फ़ील्ड")))  # type: ignore[arg-type]
    assert fields["जारी करने की तारीख"] == "26 अप्रैल 2025"
    assert fields["पंक्ति विवरण है"] == "हाँ"


def test_no_key_of_a_record_is_on_the_screen_where_it_has_a_name(panel: Page, demo: mn.Business) -> None:
    for type_name in ("SalesInvoice", "Customer", "Payment", "JournalEntry", "TextCustomField", "Receipt"):
        first = demo.records(type_name).page(0, 1)["key"][0].as_py()
        told = opened(panel, demo, first).all_text()
        keys = {other for other, _, _ in demo.objects()}
        assert [other for other in keys if other in told] == []


def test_a_reference_is_followed_and_the_way_leads_back(panel: Page, demo: mn.Business) -> None:
    screen = opened(panel, demo, WITH_FILES)
    screen.press("C004 - Deepa एंटरप्राइज़ेज़")
    panel.wait()
    assert panel.record.seen is not None
    assert panel.record.seen.record.type == "Customer"
    assert panel.focus == "record"
    assert table(screen, "Fields")[5] == ["Custom fields — GST number", "07AAAAA0003A1Z5"]
    screen.press("Sales Invoice — 1017 — 2025-04-26")  # among what refers to it
    panel.wait()
    screen.press("Back to Customer — C004 - Deepa एंटरप्राइज़ेज़")
    panel.wait()
    screen.press("Back to Sales Invoice — 1017 — 2025-04-26")
    panel.wait()
    assert panel.record.seen.record.key == WITH_FILES
    assert panel.record.trail == []
    assert not any(str(node.get("label")).startswith("Back to") for node in screen.kinds("button"))
    screen.press("Close")
    assert (panel.record.opened, panel.left, panel.record.nodes()) == (None, 1, None)


def test_a_deleted_record_opens_as_history_last_knew_it_and_says_so(panel: Page, demo: mn.Business) -> None:
    screen = opened(panel, demo, INVOICE)
    (notice,) = [node for node in screen.kinds("notice") if node["title"] == "Deleted:"]
    assert "deleted it on 27 Oct 2025" in notice["words"]
    assert dict(map(tuple, table(screen, "Fields")))["Customer"].endswith("अस्थायी ग्राहक (deleted)")  # type: ignore[arg-type]
    assert "25,387.75" in screen.all_text()
    assert screen.has("button", "Save")  # its attachment is there all the same
    screen.press(dict(map(tuple, table(screen, "Fields")))["Customer"])  # type: ignore[arg-type]
    panel.wait()
    assert panel.record.opened == CUSTOMER


def test_its_life_is_a_timeline_and_a_change_opens_in_it(panel: Page, demo: mn.Business) -> None:
    screen = opened(panel, demo, INVOICE)
    (life,) = [node for node in screen.kinds("grid") if node["caption"] == "Its life"]
    rows = [line for line in life["children"] if line["kind"] == "tr"]
    assert len(rows) == len(mn.life_of(demo, INVOICE))
    screen.send("record-life-row-0-open")
    assert any(node["heading"] == "What this change did" for node in screen.kinds("section"))
    assert panel.focus == "record-change"
    screen.send("record-change-close")
    assert not any(node["heading"] == "What this change did" for node in screen.kinds("section"))


def test_attachments_are_shown_saved_and_counted_to_their_hash(panel: Page, demo: mn.Business, home: Path) -> None:
    screen = opened(panel, demo, WITH_FILES)
    assert [node["name"] for node in screen.kinds("image")] == ["रसीद 2025-04.png"]
    assert any("Purchase order for April 2025" in node["words"] for node in screen.kinds("pre"))
    screen.send("record-files-1-save")
    panel.wait()
    assert panel.focus == "record-files-1-saved"
    assert any(node["heading"] == "रसीद 2025-04.png is saved and checked" for node in screen.kinds("section"))
    saved = home / "Manager exports" / "रसीद 2025-04.png"
    rows = {row["name"]: row for row in demo.attachments.to_arrow().to_pylist()}
    assert hashlib.sha256(saved.read_bytes()).hexdigest() == rows["रसीद 2025-04.png"]["sha256"]
    screen.press("Save all 2")
    panel.wait()
    assert sorted(path.name for path in saved.parent.iterdir()) == [
        "PO 2025-04.txt",
        "रसीद 2025-04(2).png",
        "रसीद 2025-04.png",
    ]


def test_what_is_missing_is_said_and_cannot_be_saved(panel: Page, himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        screen = opened(panel, business, WITH_FILES)
        assert screen.all_text().count("Missing in this copy") >= 2
        assert not screen.has("button", "Save")


def test_an_altered_file_is_not_shown(panel: Page, himalaya: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(himalaya, tmp_path / "Acme.manager"))
    digest = attach(file, key(77), "cheque.txt", b"1,000")
    tar = archive(tmp_path / "Acme.manager.tar", [("Acme.manager", file.read_bytes()), (place(digest), b"9,000")])
    with mn.open_business(tar) as business:
        screen = opened(panel, business, key(77))
        assert "Altered: not what was attached" in screen.all_text()
        assert "9,000" not in screen.all_text()
        assert not screen.has("button", "Save")


def test_a_file_that_goes_while_the_record_is_shown_is_refused_with_words(
    panel: Page, himalaya: Path, tmp_path: Path, home: Path
) -> None:
    file = Path(shutil.copy(himalaya, tmp_path / "Acme.manager"))
    digest = attach(file, key(78), "a.txt", b"content")
    tar = archive(tmp_path / "Acme.manager.tar", [("Acme.manager", file.read_bytes()), (place(digest), b"content")])
    with mn.open_business(tar) as business:
        screen = opened(panel, business, key(78))
        raw = tar.read_bytes()
        tar.write_bytes(raw.replace(b"content", b"CONTENT"))
        screen.press("Save")
        with pytest.raises(mn.ManagerNbError):
            panel.wait()
        assert len(screen.alerts) == 1
        assert not (home / "Manager exports" / "a.txt").exists()


def test_secrets_stay_masked_and_say_so(panel: Page, demo: mn.Business) -> None:
    screen = opened(panel, demo, demo.records("EmailSettings").page(0, 1)["key"][0].as_py())
    fields = dict(map(tuple, table(screen, "Fields")))  # type: ignore[arg-type]
    assert fields["Password"] == "******** (a secret: it is never shown here)"


def test_hostile_words_stay_words_and_a_page_that_is_no_picture_is_not_one(panel: Page, tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    file = write(tmp_path / "A.manager", [record(1, "Customer", Name=hostile)])
    execute(
        file,
        f"INSERT INTO Images (Key, ContentType, Content, Timestamp) VALUES ('{key(1)}', 'image/svg+xml',"
        f" CAST('<svg onload=alert(1)>' AS BLOB), {TICKS})",
    )
    with mn.open_business(file) as business:
        screen = opened(panel, business, key(1))
    assert table(screen, "Fields") == [["Name", hostile]]
    assert screen.kinds("image") == []
    assert "It is not shown here." in screen.all_text()


def test_many_lines_are_shown_on_request(panel: Page, tmp_path: Path) -> None:
    lines = [{"Debit": Decimal(1)} for _ in range(130)]
    file = write(tmp_path / "A.manager", [record(1, "JournalEntry", Narration="Long", Lines=lines)])
    with mn.open_business(file) as business:
        screen = opened(panel, business, key(1))
        assert len(table(screen, "Lines")) == 100
        screen.press("Show all 130 lines")
        assert len(table(screen, "Lines")) == 130


def test_an_email_that_names_the_record_is_listed_and_read_as_words(
    panel: Page, himalaya: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(himalaya, tmp_path / "Acme.manager"))
    where = "WHERE Key = (SELECT min(Key) FROM Emails)"
    execute(file, f"UPDATE Emails SET Object = '{WITH_FILES}', Body = '<b>Hello</b>' {where}")
    with mn.open_business(file) as business:
        screen = opened(panel, business, WITH_FILES)
        assert any(node["heading"] == "Emails" for node in screen.kinds("section"))
        screen.send("record-emails-row-0-open")
    assert any(node["words"] == "Hello" for node in screen.kinds("pre"))


def test_a_type_that_is_unknown_opens_without_fields(panel: Page, tmp_path: Path) -> None:
    file = write(tmp_path / "A.manager", [(key(1), key(99), b"\x0a\x01x", TICKS)])
    with mn.open_business(file) as business:
        screen = opened(panel, business, key(1))
    assert "It has no fields that are known here." in screen.all_text()


def test_a_record_that_nothing_knows_is_told_with_a_way_out(panel: Page, demo: mn.Business) -> None:
    panel.record.open(demo, key(5))
    with pytest.raises(mn.ManagerNbError):
        panel.wait()
    screen = Screen(panel)
    assert len(screen.alerts) == 1
    screen.press("Close")
    assert panel.record.opened is None


def test_two_records_of_one_panel_do_not_share_keys(demo: mn.Business) -> None:
    class Two(Page):
        def __init__(self) -> None:
            self.other = RecordView(self, "other")
            super().__init__()

        def body(self) -> Iterable[Node | None]:
            yield self.record.nodes()
            yield self.other.nodes()

    panel = Two()
    for view in (panel.record, panel.other):
        view.open(demo, WITH_FILES)
        panel.wait()
    keys = [node["key"] for node in Screen(panel).nodes() if node.get("key")]
    assert len(keys) == len(set(keys))


def test_what_was_altered_without_history_is_not_put_down_to_the_last_user(himalaya: Path, tmp_path: Path) -> None:
    copy = tmp_path / "Edited.manager"
    shutil.copyfile(himalaya, copy)
    with mn.open_business(himalaya) as business:
        payment = business.records("Payment").page(0, 1)["key"][0].as_py()
        raw = business.record(payment).raw
    with contextlib.closing(sqlite3.connect(copy)) as database, database:
        database.execute('UPDATE "Objects" SET "Content" = ? WHERE "Key" = ?', (raw + b"\xf8\x07\x01", payment))
    told = []
    for path in (himalaya, copy):
        panel = ContentsPanel(path, language="en", timezone="UTC")
        panel.wait(60)
        panel.open_record(payment)
        panel.wait(60)
        told.append(Screen(panel).all_text())
    assert "Last saved" in told[0]
    assert "not as its last change" not in told[0]
    assert "Last change in History" in told[1]
    assert "It is not as its last change in History left it." in told[1]
