"""The chooser tells what a file is and holds before it is opened, and leaves it as it is."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.backup.manifest import beside
from manager_nb.widgets import folder_list
from manager_nb.widgets.start_panel import StartPanel
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path


def listed(panel: StartPanel, folder: Path) -> list[list[str]]:
    """What the chooser shows of a folder, row by row, without the way up."""
    if not Screen(panel).has("entry", "Path of the file or folder"):
        Screen(panel).press("Choose a business")
    Screen(panel).fill("Path of the file or folder", str(folder), enter=True)
    return rows(panel)


def rows(panel: StartPanel) -> list[list[str]]:
    (grid,) = Screen(panel).kinds("grid")
    lines = [line for line in grid["children"] if line["kind"] == "tr"][1:]
    return [[words(cell) for cell in line["children"]] for line in lines]


def words(cell: dict[str, Any]) -> str:
    own = cell.get("label", cell.get("words", ""))
    return " | ".join(filter(None, [own, *(words(child) for child in cell.get("children", ()))]))


def untouched(folder: Path) -> list[tuple[str, int, int, bytes]]:
    return sorted((p.name, p.stat().st_mtime_ns, p.stat().st_size, p.read_bytes()) for p in folder.iterdir())


@pytest.fixture
def backups(tmp_path: Path, himalaya: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    create_backup(himalaya, folder, name="March", emails=False, attachments=False)
    (folder / "Old.manager").write_bytes(b"MNGR|\x00")
    (folder / "Plain.manager.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    shutil.copy(folder / "March.manager", folder / "Live.manager")
    (folder / "sub").mkdir()
    return folder


def test_a_file_is_told_with_what_its_manifest_says(backups: Path) -> None:
    what = {name: kind for name, kind, *_ in listed(StartPanel(timezone="UTC"), backups)}
    assert what["Live.manager"] == "Business"
    assert what["Old.manager"] == "Business in the older format, from before 2016"
    assert what["Plain.manager.tar.zst"] == "Backup with attachments, compressed"
    kind, told = what["March.manager"].split(" | ")
    assert kind == "Backup"
    assert told.startswith("Himalaya Traders: 694 records, made on ")
    assert told.endswith(" (UTC), without attachments, without e-mails")
    assert what["sub"] == ""


def test_looking_at_a_folder_leaves_every_file_as_it_is(backups: Path) -> None:
    (backups / "sub").rmdir()
    before = untouched(backups)
    listed(StartPanel(), backups)
    assert untouched(backups) == before


def test_a_manifest_of_another_file_says_nothing(backups: Path) -> None:
    with (backups / "March.manager").open("ab") as file:
        file.write(b"more")
    assert dict(row[:2] for row in listed(StartPanel(), backups))["March.manager"] == "Business"
    beside(backups / "March.manager").write_text("{}", "utf-8")
    assert dict(row[:2] for row in listed(StartPanel(), backups))["March.manager"] == "Business"


def test_headings_order_files_and_folders_stay_first(tmp_path: Path) -> None:
    for name, size, when in (("b", 3, 1000), ("a", 2, 3000), ("c", 1, 2000)):
        (tmp_path / f"{name}.manager").write_bytes(b"x" * size)
        os.utime(tmp_path / f"{name}.manager", (when, when))
    (tmp_path / "z").mkdir()
    panel = StartPanel(timezone="UTC")

    def names() -> str:
        return "".join(row[0][0] for row in rows(panel))

    listed(panel, tmp_path)
    assert names() == "zacb"
    for heading, order in (("Name", "zabc"), ("Name", "zcba"), ("Size", "zbac"), ("Modified (UTC)", "zacb")):
        Screen(panel).send(Screen(panel).one("head", heading)["key"])
        assert names() == order, heading
    assert Screen(panel).one("head", "Modified (UTC)")["order"] == "descending"


def test_a_long_folder_is_searched_by_file_and_by_business(backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_list, "MOST", 5)
    for number in range(10):
        (backups / f"{number}.manager").write_bytes(b"x")
    panel = StartPanel()
    assert len(listed(panel, backups)) == 5
    assert "10 more are not listed" in Screen(panel).all_text()
    Screen(panel).fill("Search in this folder", "himalaya")
    assert [row[0] for row in rows(panel)] == ["March.manager"]
    Screen(panel).fill("Search in this folder", "nothing of this")
    assert "Nothing in this folder answers to the search." in Screen(panel).all_text()


def test_a_click_that_is_on_its_way_opens_what_was_clicked(backups: Path) -> None:
    panel = StartPanel()
    listed(panel, backups)
    key = Screen(panel).one("button", "Old.manager")["key"]
    Screen(panel).send(Screen(panel).one("head", "Name")["key"])
    assert Screen(panel).one("button", "Old.manager")["key"] == key
    Screen(panel).send(key)
    panel._job.join() if panel._job else None
    assert panel.source == backups / "Old.manager"
