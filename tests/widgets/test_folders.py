from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest

from manager_nb.errors import ManagerNbError, SourceMissingError, TargetUnwritableError
from manager_nb.widgets import HistoryPanel, StartPanel, folders
from manager_nb.widgets.folders import list_folder, make_folder, manager_folders, typed_path
from tests.widgets.screen import Screen


def touch(path: Path, when: int = 0, content: bytes = b"x") -> Path:
    path.write_bytes(content)
    os.utime(path, (when, when))
    return path


def test_only_folders_and_business_files_are_listed(tmp_path: Path) -> None:
    for name in ("a.manager", "b.manager.tar", "c.MANAGER.zst", "d.manager.tar.gz", "e.txt", "f.manager.manifest.json"):
        touch(tmp_path / name)
    touch(tmp_path / "g.manager-journal")
    touch(tmp_path / ".hidden.manager")
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    names = {item.name for item in list_folder(tmp_path).items}
    assert names == {"a.manager", "b.manager.tar", "c.MANAGER.zst", "d.manager.tar.gz", "sub"}


def test_folders_come_first_then_the_newest_file(tmp_path: Path) -> None:
    touch(tmp_path / "old.manager", 1_000)
    touch(tmp_path / "new.manager", 2_000, b"12345")
    (tmp_path / "z").mkdir()
    (tmp_path / "B").mkdir()
    items = list_folder(tmp_path).items
    assert [item.name for item in items] == ["B", "z", "new.manager", "old.manager"]
    assert items[2].size == 5
    assert items[2].modified.timestamp() == 2_000


def test_files_are_left_out_where_a_folder_is_wanted(tmp_path: Path) -> None:
    touch(tmp_path / "a.manager")
    (tmp_path / "sub").mkdir()
    assert [item.name for item in list_folder(tmp_path, files=False).items] == ["sub"]


def test_a_long_listing_is_cut_and_says_how_much_is_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST", 3)
    for number in range(5):
        touch(tmp_path / f"{number}.manager", number)
    listing = list_folder(tmp_path)
    assert len(listing.items) == 3
    assert listing.hidden == 2


def test_a_link_to_nowhere_does_not_hide_the_rest(tmp_path: Path) -> None:
    if sys.platform != "win32":
        (tmp_path / "dead.manager").symlink_to(tmp_path / "gone")
    touch(tmp_path / "a.manager")
    assert [item.name for item in list_folder(tmp_path).items] == ["a.manager"]


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceMissingError, match="There is no folder nowhere"):
        list_folder(tmp_path / "nowhere")
    with pytest.raises(SourceMissingError, match=r"a\.manager is a file, not a folder"):
        list_folder(touch(tmp_path / "a.manager"))


def test_a_new_folder_is_made(tmp_path: Path) -> None:
    made = make_folder(tmp_path, "  मेरे बैकअप ")
    assert made == tmp_path / "मेरे बैकअप"
    assert made.is_dir()
    assert make_folder(tmp_path, "मेरे बैकअप") == made


@pytest.mark.parametrize("name", ["", "  ", "..", ".", "a/b", "a\\b", "c:", "a\x00b", "what?"])
def test_what_is_no_folder_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TargetUnwritableError) as caught:
        make_folder(tmp_path, name)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_cannot_be_made_inside_a_file(tmp_path: Path) -> None:
    with pytest.raises(TargetUnwritableError):
        make_folder(touch(tmp_path / "a.manager"), "x")


def test_a_pasted_path_loses_quotes_blanks_and_scheme(tmp_path: Path) -> None:
    file = tmp_path / "a b.manager"
    assert typed_path(f' "{file}" ') == file
    assert typed_path(f"'{file}'") == file
    assert typed_path(file.as_uri()) == file
    assert typed_path("~/x") == Path.home() / "x"
    assert typed_path(str(tmp_path / "sub" / ".." / "a")) == tmp_path / "a"


def test_managers_own_folders_are_offered_only_where_they_are(home: Path) -> None:
    assert manager_folders() == ()
    usual = home / "Documents" / "Manager.io"
    usual.mkdir(parents=True)
    assert manager_folders() == (usual,)


@pytest.mark.parametrize("typed", ["x" * 5000, "~~~", "~nobody-of-that-name/x", "a\0b", "/proc/1/root"])
def test_any_path_that_is_typed_is_answered_in_words(typed: str) -> None:
    panel = HistoryPanel(language="en")
    screen = Screen(panel)
    screen.press("Choose a business")
    screen.fill("Path of the file or folder", typed)
    screen.press("Open")
    with contextlib.suppress(ManagerNbError):
        panel.wait(10)
    assert panel.error is None or isinstance(panel.error, ManagerNbError)


def test_a_mistyped_path_leaves_what_is_open_and_what_was_typed(himalaya: Path, tmp_path: Path) -> None:
    panel = StartPanel(himalaya, language="en")
    panel.wait(60)
    screen = Screen(panel)
    screen.press("Choose another business")
    typed = str(tmp_path / "No such file.manager")
    screen.fill("Path of the file or folder", typed, enter=True)
    assert [alert["message"] for alert in screen.alerts] == ["There is no file No such file.manager."]
    assert screen.one("entry", "Path of the file or folder")["value"] == typed
    assert panel.glance is not None
    assert panel.source == himalaya
    screen.fill("Path of the file or folder", str(himalaya), enter=True)
    panel.wait(60)
    assert screen.alerts == []
