"""What was downloaded from the customer portal is found, checked and kept."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.store import Store
from manager_nb.widgets import DownloadedPanel
from manager_nb.widgets.downloaded_panel import downloads_folder
from manager_nb.widgets.preferences import preferences
from tests.widgets.screen import Screen
from tests.widgets.serving import TRADERS, ended

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def downloads(tmp_path: Path, himalaya_tar: Path) -> Path:
    folder = tmp_path / "Downloads"
    folder.mkdir()
    for age, name in enumerate(["Himalaya Traders (2026-03-28) (1).manager.tar", "Older.manager.tar", "Photo.jpg"]):
        shutil.copy(himalaya_tar, folder / name)
        os.utime(folder / name, (1_000_000_000 - age, 1_000_000_000 - age))
    return folder


@pytest.fixture
def panel(downloads: Path, tmp_path: Path) -> DownloadedPanel:
    return DownloadedPanel(downloads, tmp_path / "Store", language="en", timezone="UTC")


def take(panel: DownloadedPanel, name: str) -> Screen:
    screen = Screen(panel)
    (key,) = [one["key"] for one in screen.kinds("button") if one.get("name") == f"Check this file: {name}"]
    screen.send(key)
    ended(panel)
    return screen


def names(screen: Screen) -> list[str]:
    return [row["children"][0]["words"] for table in screen.kinds("table") if table["key"] == "found"
            for row in table["children"]]  # fmt: skip


def test_the_newest_business_files_are_offered_and_looked_for_again(panel: DownloadedPanel, downloads: Path) -> None:
    screen = Screen(panel)
    assert names(screen) == ["Himalaya Traders (2026-03-28) (1).manager.tar", "Older.manager.tar"]
    shutil.copy(downloads / "Older.manager.tar", downloads / "New.manager.tar")
    assert "New.manager.tar" not in names(screen)
    screen.press("Look again")
    assert names(screen)[0] == "New.manager.tar"


def test_a_file_is_checked_kept_and_the_next_is_compared_with_it(panel: DownloadedPanel, tmp_path: Path) -> None:
    screen = take(panel, "Himalaya Traders (2026-03-28) (1).manager.tar")
    assert "No sign of damage" in screen.all_text()
    assert screen.one("entry", "Name of the business")["value"] == TRADERS
    assert preferences().files[0].endswith("(1).manager.tar")
    screen.press("Keep as a backup")
    ended(panel)
    (kept,) = Store(tmp_path / "Store").backups(TRADERS)
    assert panel.result.backup.path == kept.path
    assert "It was read back and compared with the file" in screen.all_text()
    take(panel, "Older.manager.tar")
    screen.fill("Name of the business", TRADERS)
    screen.press("Keep as a backup")
    ended(panel)
    assert "extends the earlier one" in screen.all_text()
    assert len(Store(tmp_path / "Store").backups(TRADERS)) == 2


def test_a_download_that_broke_off_is_no_backup(panel: DownloadedPanel, downloads: Path) -> None:
    whole = downloads / "Older.manager.tar"
    whole.write_bytes(whole.read_bytes()[:200_000])
    screen = take(panel, "Older.manager.tar")
    assert screen.alerts
    assert not screen.has("button", "Keep as a backup")
    assert "No sign of damage" not in screen.all_text()


def test_a_folder_that_is_not_there_is_told_and_another_can_be_chosen(tmp_path: Path) -> None:
    panel = DownloadedPanel(tmp_path / "nowhere", language="en")
    screen = Screen(panel)
    assert "There is no folder nowhere." in screen.all_text()
    assert "There is no business file" in screen.all_text()
    assert screen.has("button", "Choose another folder")


def test_the_folder_of_downloads_is_the_one_of_the_system(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert downloads_folder() == home / "Downloads"
    (home / ".config").mkdir()
    (home / ".config" / "user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME/डाउनलोड"\n', "utf-8")
    assert downloads_folder() == home / "डाउनलोड"
