from __future__ import annotations

import json
from pathlib import Path

import pytest

from manager_nb.widgets import preferences as module
from manager_nb.widgets.preferences import Preferences, preferences, state_folder
from manager_nb.widgets.start_panel import StartPanel
from tests.widgets.screen import Screen


def test_what_was_chosen_is_found_again(tmp_path: Path) -> None:
    store = tmp_path / "deep" / "preferences.json"
    first = Preferences(store)
    first.language = "hi"
    first.remember_file(Path("/a.manager"))
    first.remember_file(Path("/b.manager"))
    first.remember_file(Path("/a.manager"))
    again = Preferences(store)
    assert again.language == "hi"
    assert again.files == [str(Path("/a.manager")), str(Path("/b.manager"))]


def test_only_the_last_few_are_remembered(tmp_path: Path) -> None:
    kept = Preferences(tmp_path / "p.json")
    for number in range(20):
        kept.remember_folder(Path(f"/{number}"))
    assert len(kept.folders) == module.REMEMBERED
    assert kept.folders[0] == str(Path("/19"))


@pytest.mark.parametrize("content", ["", "not json", "[1]", '{"language": 5, "files": "x"}', '{"unknown": 1}'])
def test_a_broken_store_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    store = tmp_path / "p.json"
    store.write_text(content, "utf-8")
    assert Preferences(store).language == "en"
    assert Preferences(store).files == []


def test_a_store_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    kept = Preferences(blocked / "p.json")
    kept.language = "hi"
    assert kept.language == "hi"


def test_a_name_that_is_no_text_can_be_remembered(tmp_path: Path) -> None:
    store = tmp_path / "p.json"
    Preferences(store).remember_file(Path("/caf\udce9.manager"))
    assert Preferences(store).files == [str(Path("/caf\udce9.manager"))]
    json.loads(store.read_text("utf-8"))


def test_all_panels_of_a_notebook_share_one(home: Path) -> None:
    assert preferences() is preferences()
    preferences().language = "hi"
    assert (state_folder() / "preferences.json").is_file()
    assert home in state_folder().parents


def test_the_time_zone_has_a_name() -> None:
    from zoneinfo import ZoneInfo

    assert ZoneInfo(module.local_timezone())


def test_pages_that_are_open_side_by_side_keep_what_the_other_chose(tmp_path: Path) -> None:
    store = tmp_path / "p.json"
    first, second = Preferences(store), Preferences(store)
    first.language = "hi"
    first.remember_file(Path("/a.manager"))
    second.remember_file(Path("/b.manager"))
    second.timezone = "Asia/Kolkata"
    found = Preferences(store)
    assert (found.language, found.timezone) == ("hi", "Asia/Kolkata")
    assert found.files == [str(Path("/b.manager")), str(Path("/a.manager"))]
    assert second.language == "hi"


def test_only_what_was_chosen_is_written_and_what_is_unknown_stays(tmp_path: Path) -> None:
    store = tmp_path / "p.json"
    store.write_text('{"of a newer version": [1]}', "utf-8")
    Preferences(store).timezone = "Asia/Kolkata"
    assert json.loads(store.read_text("utf-8")) == {"of a newer version": [1], "timezone": "Asia/Kolkata"}
    assert [path.name for path in tmp_path.iterdir()] == ["p.json"]


def test_a_choice_that_cannot_be_written_is_not_turned_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "p.json"
    store.write_text('{"language": "en"}', "utf-8")
    kept = Preferences(store)

    def full(*_given: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(module, "_replace", full)
    kept.language = "hi"
    kept.refresh()
    assert kept.language == "hi"
    assert json.loads(store.read_text("utf-8")) == {"language": "en"}


def test_a_panel_takes_the_language_that_another_page_chose(home: Path) -> None:
    first = StartPanel()
    Preferences(state_folder() / "preferences.json").language = "hi"
    assert StartPanel().language == "hi"
    assert first.language == "hi"


def test_a_list_of_last_used_files_shows_those_of_other_pages(tmp_path: Path) -> None:
    panel = StartPanel()
    used = tmp_path / "Used.manager"
    used.write_bytes(b"x")
    Preferences(state_folder() / "preferences.json").remember_file(used)
    Screen(panel).press("Choose a business")
    assert Screen(panel).has("button", "Used.manager")
