from __future__ import annotations

import json
from pathlib import Path

import pytest

from manager_nb.widgets import preferences as module
from manager_nb.widgets.preferences import Preferences, preferences, state_folder


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
