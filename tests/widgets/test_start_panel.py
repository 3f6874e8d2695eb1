"""The first panel tells how a business does, and what to do where something is not as it should be."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from manager_nb.backup.create import create_backup
from manager_nb.errors import CancelledError
from manager_nb.progress import check
from manager_nb.widgets import start_panel
from manager_nb.widgets.folders import backup_folder
from manager_nb.widgets.preferences import preferences
from manager_nb.widgets.start_panel import StartPanel
from tests.crafting import execute
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from manager_nb.progress import Progress


def health(path: Path) -> list[tuple[str, str, str]]:
    panel = StartPanel(path, timezone="UTC", language="en")
    panel.wait()
    (proof,) = Screen(panel).kinds("proof")
    return [(item["verdict"], item["words"], item["remark"]) for item in proof["items"]]


def test_a_whole_business_without_a_backup(himalaya_tar: Path) -> None:
    lines = health(himalaya_tar)
    assert lines[:3] == [
        ("Good", "Everything in the file could be read.", ""),
        ("Good", "Every attachment is there.", ""),
        (
            "Good",
            "History reaches from 1 Apr 2025 to 27 Mar 2026 and tells when 693 of 694 records were created.",
            "The others were there before History begins, or the program made them.",
        ),
    ]
    assert lines[3][:2] == ("To know", "Last change: 27 Mar 2026, 13:50 (UTC), by आशा वर्मा.")
    assert lines[4][:2] == ("Attention", "No backup of this business is known on this computer.")
    assert "page Backup" in lines[4][2]


def test_a_backup_in_the_usual_folder_is_found_and_then_is_out_of_date(
    himalaya: Path, home: Path, tmp_path: Path
) -> None:
    live = shutil.copy(himalaya, tmp_path / "Live.manager")
    assert home in backup_folder().parents
    create_backup(live, backup_folder(), name="March", emails=False)
    verdict, words, remark = health(live)[-1]
    assert verdict == "Good"
    assert words.startswith("Last backup: March.manager, made on ")
    assert words.endswith("No change in History since.")
    assert remark == f"{backup_folder() / 'March.manager'}, without e-mails"
    execute(
        live,
        "CREATE TEMP TABLE one AS SELECT * FROM Changes ORDER BY Timestamp DESC LIMIT 1;",
        "UPDATE one SET Key = '01ffffff-0000-7000-8000-000000000000', Timestamp = Timestamp + 600000000;",
        "INSERT INTO Changes SELECT * FROM one;",
    )
    verdict, words, _ = health(live)[-1]
    assert verdict == "Attention"
    assert words.endswith("This business has changed since that backup: 1 change in History.")


def test_a_backup_beside_a_remembered_file_is_found(himalaya: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    made = create_backup(himalaya, tmp_path / "elsewhere", name="There")
    preferences().remember_file(made.path)
    assert "There.manager" in health(shutil.copy(himalaya, tmp_path / "Live.manager"))[-1][1]


def test_what_is_missing_is_told_with_what_to_do(himalaya: Path, tmp_path: Path) -> None:
    made = create_backup(himalaya, tmp_path, history=False, attachments=False)
    told = {words: (verdict, remark) for verdict, words, remark in health(made.path)}
    assert told["25 attachments are named, but are not in this file."][0] == "Attention"
    assert ".manager.tar" in told["25 attachments are named, but are not in this file."][1]
    assert told["This file has no History."][0] == "Attention"
    assert not any(words.startswith("Last change") for words in told)
    assert any(words.startswith("This file is itself a backup, made on ") for words in told)


def test_a_damaged_file_is_told_with_what_to_do(himalaya: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.manager"
    content = bytearray(himalaya.read_bytes())
    content[4096 * 20 : 4096 * 30] = bytes(4096 * 10)
    damaged.write_bytes(content)
    verdict, words, todo = health(damaged)[0]
    assert verdict == "Attention"
    assert words.startswith("Parts of this file could not be read: ")
    assert "Look for an earlier backup" in todo


def test_a_half_file_is_told_by_its_parts_and_its_history_is_not_called_good(himalaya: Path, tmp_path: Path) -> None:
    """What the damage took from History is not explained away as older than History."""
    half = tmp_path / "half.manager"
    half.write_bytes(himalaya.read_bytes()[:500_000])
    panel = StartPanel(half, timezone="UTC", language="en")
    panel.wait()
    screen = Screen(panel)
    lines = {item["words"].split(" ")[0]: item for item in screen.kinds("proof")[0]["items"]}
    assert lines["Parts"]["words"] == "Parts of this file could not be read: Records, History, Emails."
    assert lines["History"]["verdict"] == "Attention"
    assert lines["History"]["remark"] == "Parts of the file could not be read: what happened there is not known."
    assert "The others were there before" not in screen.all_text()
    damage = next(table for table in screen.kinds("table") if table["key"] == "damage")
    told = [[str(cell.get("words", "")) for cell in row["children"]] for row in damage["children"]]
    assert [row[0] for row in told] == ["Records", "History", "Emails"]
    assert told[2][1] == "43 rows"
    assert told[0][1].startswith("about 258 rows")
    assert "This file ends too early" in screen.all_text()
    (words,) = [node["words"] for node in screen.kinds("pre") if "index" in node["words"]]
    assert words.count("An index names this row") == 1  # 43 of them, told once with their number
    assert "Emails (43 ×): An index names this row" in words


def test_a_torn_copy_is_told_with_the_good_news_first(data: Path) -> None:
    panel = StartPanel(data / "small" / "Torn backup.manager", timezone="UTC", language="en")
    panel.wait()
    screen = Screen(panel)
    verdict, words, todo = next(
        (item["verdict"], item["words"], item["remark"]) for item in screen.kinds("proof")[0]["items"]
    )
    assert verdict == "Attention"
    assert words == "Probably a copy that was made while somebody was saving. No row is lost."
    assert todo.startswith("Copy the business again")
    (notice,) = [node for node in screen.kinds("notice") if node.get("title") == "Torn copy:"]
    assert "No row is lost." in notice["words"]
    assert not any(table["key"] == "damage" for table in screen.kinds("table"))
    assert "1 pages" not in screen.all_text()


def test_the_types_add_up_to_the_records_and_are_in_the_order_of_their_names(himalaya: Path) -> None:
    for language in ("en", "hi"):
        panel = StartPanel(himalaya, timezone="UTC", language=language)
        panel.wait()
        (table,) = [node for node in Screen(panel).kinds("table") if node["key"] == "types-table"]
        rows = [[str(cell.get("words", "")) for cell in row["children"]] for row in table["children"]]
        assert sum(int(count) for _, count in rows) == panel.glance.records == 694
        assert len(rows) == 33
        names = [name for name, _ in rows]
        assert names == sorted(names, key=str.casefold)
        assert "Form Defaults" not in names
        assert panel.glance.defaults == 1


def test_cancel_while_its_health_is_read(himalaya: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_for_cancel(_business: object, progress: Progress) -> None:
        progress.start("Looking at History")
        panel.cancel()
        check(progress)

    monkeypatch.setattr(start_panel, "take_health", wait_for_cancel)
    panel = StartPanel()
    panel.open(himalaya)
    assert panel._job is not None
    panel._job.join()
    assert isinstance(panel.error, CancelledError)
    assert panel.glance is None
    assert Screen(panel).kinds("proof") == []
