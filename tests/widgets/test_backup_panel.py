from __future__ import annotations

import hashlib
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.errors import CancelledError, NotABusinessError, TargetExistsError
from manager_nb.model.business import open_business
from manager_nb.widgets import backup_panel
from manager_nb.widgets.backup_panel import BackupPanel
from manager_nb.widgets.preferences import preferences
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def panel(himalaya_tar: Path, tmp_path: Path) -> BackupPanel:
    made = BackupPanel(himalaya_tar, tmp_path / "backups", timezone="Asia/Kolkata")
    made.wait(60)
    return made


def test_it_shows_what_the_business_is_before_anything_happens(panel: BackupPanel, tmp_path: Path) -> None:
    (facts,) = Screen(panel).kinds("facts")
    shown = {item["term"]: (item["value"], item.get("remark", "")) for item in facts["items"]}
    assert shown["History"] == ("794", "1 Apr 2025 to 27 Mar 2026")
    assert shown["Emails"] == ("74", "")
    assert shown["Attachments"] == ("25", "all there")
    assert shown["Records"][0] == "694"
    assert not (tmp_path / "backups").exists()


def test_it_suggests_a_name_with_todays_date_once(panel: BackupPanel) -> None:
    assert panel.name.startswith("Himalaya Traders (2")
    assert panel.name.count("(") == 1


def test_a_backup_is_made_checked_and_shown(panel: BackupPanel, tmp_path: Path, himalaya_tar: Path) -> None:
    Screen(panel).fill("Name of the backup", "March")
    Screen(panel).press("Create backup")
    backup = panel.wait(60)
    assert backup.path == tmp_path / "backups" / "March.manager.tar"
    words = Screen(panel).all_text()
    assert "The backup is made and checked" in words
    assert str(backup.path) in words
    assert hashlib.sha256(backup.path.read_bytes()).hexdigest() in words
    (proof,) = Screen(panel).kinds("proof")
    assert len(proof["items"]) >= 5
    assert all(item["verdict"] == "Verified:" for item in proof["items"])
    with open_business(himalaya_tar) as source, open_business(backup.path) as copy:
        assert list(copy.objects()) == list(source.objects())
    assert preferences().files[0] == str(backup.path)


def test_what_is_unticked_is_left_out_and_said_in_plain_words(panel: BackupPanel) -> None:
    Screen(panel).tick("History", value=False)
    Screen(panel).tick("Emails", value=False)
    Screen(panel).tick("Attachments", value=False)
    assert "cannot be audited" in Screen(panel).one("check", "History")["help"]
    assert "what was sent to whom" in Screen(panel).one("check", "Emails")["help"]
    Screen(panel).press("Create backup")
    backup = panel.wait(60)
    assert backup.path.name.endswith(".manager")
    with open_business(backup.path) as copy:
        assert len(copy.history) == len(copy.emails) == 0
        assert all(state != "present" for state in copy.attachments.to_arrow(["state"])["state"].to_pylist())
    contents = next(table for table in Screen(panel).kinds("table") if table["key"] == "result-contents")
    assert [line["children"][2]["words"] for line in contents["children"]].count("left out") == 3


def test_what_is_lost_is_said_in_the_panels_language(panel: BackupPanel) -> None:
    Screen(panel).speak("hi")
    for name in ("history", "emails", "attachments"):
        panel.set_trait(name, False)
        (box,) = [node for node in Screen(panel).kinds("check") if node["key"] == name]
        assert not re.search(r"[A-Za-z]", box["help"])


def test_nothing_is_made_without_a_name(panel: BackupPanel) -> None:
    Screen(panel).fill("Name of the backup", "   ")
    assert Screen(panel).one("button", "Create backup")["disabled"] is True
    assert "Give it a name." in Screen(panel).one("entry", "Name of the backup")["help"]


def test_a_name_that_not_every_system_can_store_is_told_before(panel: BackupPanel) -> None:
    Screen(panel).fill("Name of the backup", "March 1/2")
    assert "March 1_2" in Screen(panel).one("entry", "Name of the backup")["help"]


def test_an_existing_backup_is_never_overwritten(panel: BackupPanel, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    there = tmp_path / "backups" / "March.manager.tar"
    there.write_bytes(b"mine")
    Screen(panel).fill("Name of the backup", "March")
    Screen(panel).press("Create backup")
    with pytest.raises(TargetExistsError):
        panel.wait(60)
    assert there.read_bytes() == b"mine"
    (alert,) = Screen(panel).alerts
    assert alert["hint"]


def test_cancelled_half_way_nothing_is_left(
    panel: BackupPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup_panel.create_backup

    def cancelling(*given: object, progress, **more: object) -> object:
        advance = progress.advance

        def stop_here(amount: int = 1) -> None:
            advance(amount)
            Screen(panel).press("Cancel") if Screen(panel).has("button", "Cancel") and not progress.cancelled else None

        monkeypatch.setattr(progress, "advance", stop_here)
        return real(*given, progress=progress, **more)

    monkeypatch.setattr(backup_panel, "create_backup", cancelling)
    Screen(panel).press("Create backup")
    with pytest.raises(CancelledError):
        panel.wait(60)
    assert not (tmp_path / "backups").exists() or list((tmp_path / "backups").iterdir()) == []
    assert panel.result is None
    assert Screen(panel).one("button", "Create backup").get("disabled") is None


def test_a_cancel_in_the_second_check_does_not_hide_the_backup(
    panel: BackupPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup_panel.verify_backup

    def cancelled(*given: object, progress) -> object:
        Screen(panel).press("Cancel")
        return real(*given, progress=progress)

    monkeypatch.setattr(backup_panel, "verify_backup", cancelled)
    Screen(panel).press("Create backup")
    backup = panel.wait(60)
    assert backup.path.is_file()
    words = Screen(panel).all_text()
    assert "Nothing was written" not in words
    assert "You cancelled the second check." in words
    assert str(backup.path) in words
    assert panel.widget.screen["status"] == f"The backup is made: {backup.path.name}"


def test_an_error_in_the_second_check_does_not_hide_the_backup(
    panel: BackupPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unplugged(*_given: object, progress) -> object:
        raise OSError("the disk was unplugged")

    monkeypatch.setattr(backup_panel, "verify_backup", unplugged)
    Screen(panel).press("Create backup")
    assert panel.wait(60).path.is_file()
    words = Screen(panel).all_text()
    assert "The second check could not be finished." in words
    assert "the disk was unplugged" in words


def test_a_backup_of_a_damaged_business_says_what_it_cannot_hold(data: Path, tmp_path: Path) -> None:
    panel = BackupPanel(data / "small/Torn backup.manager", tmp_path / "backups")
    panel.wait(60)
    before = Screen(panel).all_text()
    assert "All else is there" not in before
    assert "This is probably a copy that was made while somebody was saving." in before
    panel.create()
    panel.wait(60)
    (result,) = [node for node in Screen(panel).kinds("section") if node["key"] == "result"]
    assert result["look"] == "warned"
    assert result["heading"] == "The backup is made, but of a damaged business: it holds what could be read"
    assert panel.widget.screen["status"].startswith(result["heading"])
    words = Screen(panel).all_text()
    assert "Something in the business could not be read, in 6 places." in words
    assert "this backup cannot hold" in words
    (fold,) = [node for node in Screen(panel).kinds("fold") if node["key"] == "result-problems"]
    assert len(fold["children"][0]["words"].splitlines()) == 6


def found(panel: BackupPanel) -> dict[str, str]:
    (table,) = [node for node in Screen(panel).kinds("table") if node["key"] == "found-table"]
    cells = [[cell.get("words", "") for cell in line["children"]] for line in table["children"]]
    return dict(map(tuple, cells))  # type: ignore[arg-type]


def test_a_backup_without_the_attachments_does_not_say_that_they_are_what_was_attached(
    himalaya: Path, tmp_path: Path
) -> None:
    panel = BackupPanel(himalaya, tmp_path / "backups")
    panel.wait(60)
    panel.create()
    panel.wait(60)
    (proof,) = Screen(panel).kinds("proof")
    (line,) = [item for item in proof["items"] if item["state"] == "nothing"]
    assert line["words"] == "The backup lists 25 attachments and has the file of none: the business had none either."
    assert "no longer has 25 attachments" in Screen(panel).all_text()


def test_what_was_found_is_told_in_the_language_and_the_zone_of_the_panel(himalaya_tar: Path, tmp_path: Path) -> None:
    panel = BackupPanel(himalaya_tar, tmp_path / "backups", timezone="Asia/Kolkata")
    panel.wait(60)
    panel.create()
    panel.wait(60)
    english = found(panel)
    assert "(India Time) by manager_nb" in english["The file is the one in its manifest"]
    assert english["The file can be read"].endswith("MB")
    Screen(panel).speak("hi")
    told = found(panel)
    words = " ".join(told)
    assert not re.search(r"[A-Za-z]", words.replace("SHA", ""))
    left = set(re.findall(r"[A-Za-z]{3,}", " ".join(told.values()).replace("SHA-256", "")))
    tables = {"Objects", "Changes", "Emails", "Images"}
    assert {word for word in left if not re.fullmatch("[0-9a-f]+", word)} - tables <= {
        *("manager", "tar", "Asia", "Kolkata", "SQLite", "integrity", "check"),
    }


def test_a_check_that_fails_is_not_announced_as_good(panel: BackupPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    real = backup_panel.verify_backup

    def damaged(path: Path, *given: str, progress) -> object:
        path.write_bytes(path.read_bytes() + bytes(512))
        return real(path, *given, progress=progress)

    monkeypatch.setattr(backup_panel, "verify_backup", damaged)
    Screen(panel).press("Create backup")
    panel.wait(60)
    assert "a check failed" in panel.widget.screen["status"]


def test_what_is_no_business_is_told_with_a_hint(tmp_path: Path) -> None:
    empty = tmp_path / "empty.manager"
    empty.write_bytes(b"")
    panel = BackupPanel(empty)
    with pytest.raises(NotABusinessError):
        panel.wait(60)
    (alert,) = Screen(panel).alerts
    assert "empty" in alert["message"]
    assert alert["hint"]
    assert not Screen(panel).has("button", "Create backup")


def test_another_business_can_be_chosen_after_a_wrong_one(tmp_path: Path, himalaya: Path) -> None:
    wrong = tmp_path / "notes.json"
    wrong.write_text("{}")
    copy = shutil.copy(himalaya, tmp_path / "Right.manager")
    panel = BackupPanel(wrong)
    with pytest.raises(NotABusinessError):
        panel.wait(60)
    Screen(panel).press("Choose another business")
    Screen(panel).fill("Path of the file or folder", str(copy), enter=True)
    panel.wait(60)
    assert Screen(panel).kinds("text")[0]["words"] == "Right"
    assert not Screen(panel).alerts


def test_the_source_is_left_as_it_was(panel: BackupPanel, himalaya_tar: Path) -> None:
    before = (hashlib.sha256(himalaya_tar.read_bytes()).hexdigest(), himalaya_tar.stat().st_mtime_ns)
    Screen(panel).press("Create backup")
    panel.wait(60)
    assert (hashlib.sha256(himalaya_tar.read_bytes()).hexdigest(), himalaya_tar.stat().st_mtime_ns) == before
    assert sorted(path.name for path in himalaya_tar.parent.iterdir()).count(himalaya_tar.name) == 1


def test_an_open_business_is_used_as_it_is_and_stays_open(himalaya: Path, tmp_path: Path) -> None:
    with open_business(himalaya) as business:
        panel = BackupPanel(business, tmp_path / "backups")
        panel.wait(60)
        panel.create()
        assert panel.wait(60).path.is_file()
        assert len(business.history) == 794


def test_its_repr_is_short_and_steady(himalaya_tar: Path) -> None:
    panel = BackupPanel(himalaya_tar)
    first = repr(panel)
    panel.wait(60)
    assert repr(panel) == first == "<BackupPanel: Himalaya Traders (2026-03-27).manager.tar>"


def test_a_file_that_is_pasted_for_a_folder_is_told_and_its_folder_offered(panel: BackupPanel, himalaya: Path) -> None:
    Screen(panel).press("Choose another folder")
    Screen(panel).fill("Path of the folder", str(himalaya), enter=True)
    (alert,) = Screen(panel).alerts
    assert alert["message"] == f"{himalaya.name} is a file, not a folder."
    assert himalaya.parent.name in alert["hint"]
    Screen(panel).press(f"Use this folder: {himalaya.parent.name}")
    assert panel.folder == himalaya.parent
    assert not Screen(panel).alerts


def test_a_manifest_in_place_of_its_backup_names_the_backup(himalaya_tar: Path, tmp_path: Path) -> None:
    backup = create_backup(himalaya_tar, tmp_path, name="March").path
    panel = BackupPanel(backup.with_name(f"{backup.name}.manifest.json"))
    with pytest.raises(NotABusinessError, match="is the manifest of a backup"):
        panel.wait(60)
    (alert,) = Screen(panel).alerts
    assert backup.name in alert["hint"].split()[1]


def test_a_compressed_backup_says_that_manager_cannot_open_it(panel: BackupPanel) -> None:
    assert "Manager cannot open this compressed file" not in Screen(panel).all_text()
    Screen(panel).tick("Compress the file (.zst)", value=True)
    Screen(panel).press("Create backup")
    panel.wait(60)
    assert "Manager cannot open this compressed file" in Screen(panel).all_text()
    (notice,) = [node for node in Screen(panel).kinds("notice") if node.get("title") == "Compressed:"]
    assert "Import Business" in notice["words"]


def test_the_suggested_name_is_the_next_free_one(himalaya: Path, tmp_path: Path) -> None:
    panel = BackupPanel(himalaya, tmp_path, language="en")
    panel.wait(60)
    name = panel.name
    panel.create()
    panel.wait(60)
    assert panel.name == f"{name}(2)"
    panel.create()
    assert panel.wait(60).path.name == f"{name}(2).manager"
    panel.name = "My own"
    panel._use_folder(tmp_path)
    assert panel.name == "My own"
