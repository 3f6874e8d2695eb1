"""The time zone is chosen once, by a place that people know, and followed everywhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from manager_nb.i18n import Language
from manager_nb.listing.columns import Column
from manager_nb.widgets import zones
from manager_nb.widgets.paged_table import PagedTable
from manager_nb.widgets.preferences import preferences, state_folder
from manager_nb.widgets.start_panel import StartPanel
from manager_nb.widgets.zones import find_zones, offset
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "local_timezone", lambda: "Europe/London")


def test_a_choice_in_one_panel_is_followed_by_all_and_remembered() -> None:
    moments = pa.table({"time": pa.array([datetime(2026, 3, 27, 11, 35, tzinfo=UTC)])})
    start, table = StartPanel(), PagedTable(moments, [Column("time", "Time")])
    own = StartPanel(timezone="America/New_York")
    screen = Screen(start)
    screen.press(f"Time zone: {Language().zone(start.timezone)}")
    screen.fill("Country or city", "india")
    screen.press("India Time")
    assert start.timezone == table.timezone == StartPanel().timezone == "Asia/Kolkata"
    assert own.timezone == "America/New_York"
    assert Screen(table).has("head", "Time (India Time)")
    assert "27 Mar 2026, 17:05" in Screen(table).all_text()
    assert not screen.has("entry", "Country or city")
    assert start.widget.screen["focus"] == "zone"
    kept = json.loads((state_folder() / "preferences.json").read_text("utf-8"))
    assert kept["timezone"] == "Asia/Kolkata"


def test_a_panel_with_a_zone_of_its_own_keeps_it_to_itself() -> None:
    own, other = StartPanel(timezone="Asia/Kolkata"), StartPanel()
    before = other.timezone
    Screen(own).press("Time zone: India Time")
    Screen(own).fill("Country or city", "nepal", enter=True)
    assert own.timezone == "Asia/Kathmandu"
    assert other.timezone == preferences().timezone == before


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("india", "Asia/Kolkata"),
        ("भारत", "Asia/Kolkata"),
        ("Kolkata", "Asia/Kolkata"),
        ("asia/kol", "Asia/Kolkata"),
        ("new_york", "America/New_York"),
        ("united states new", "America/New_York"),
    ],
)
def test_a_zone_is_found_by_country_city_or_its_name_in_files(words: str, name: str) -> None:
    assert name in find_zones(words, Language("en"))[:3]
    assert name in find_zones(words, Language("hi"))[:3]


def test_before_anything_is_typed_the_list_has_what_is_chosen_and_this_machines() -> None:
    screen = Screen(StartPanel(timezone="UTC"))
    screen.press("Time zone: UTC")
    buttons = [node["label"] for node in screen.kinds("button")]
    assert buttons[1:] == ["UTC — chosen now", "United Kingdom Time — this computer’s", "Choose a business"]
    screen.fill("Country or city", "america")
    assert "more: type on" in screen.all_text()


def test_words_that_are_no_place_find_nothing_and_enter_changes_nothing() -> None:
    panel = StartPanel(timezone="UTC")
    Screen(panel).press("Time zone: UTC")
    Screen(panel).fill("Country or city", "atlantis", enter=True)
    assert "No time zone is called so." in Screen(panel).all_text()
    assert panel.timezone == "UTC"


def test_an_offset_is_told_with_minutes() -> None:
    assert offset("Asia/Kolkata") == "+05:30"
    assert offset("UTC") == "+00:00"


def test_a_zone_that_this_machine_does_not_know_is_not_taken(home: Path) -> None:
    store = state_folder() / "preferences.json"
    store.parent.mkdir(parents=True)
    store.write_text('{"timezone": "Mars/Olympus", "language": "hi"}', "utf-8")
    assert home in store.parents
    assert preferences().language == "hi"
    assert preferences().timezone != "Mars/Olympus"


def test_an_abbreviation_is_taken_as_a_whole_and_the_country_that_has_it_all_year_comes_first() -> None:
    assert find_zones("IST", Language("en"))[0] == "Asia/Kolkata"
    found = find_zones("ist", Language("hi"))
    assert {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"} <= set(found)
    assert not {"Asia/Karachi", "Asia/Kabul"} & set(found)  # Pakistan and Afghanistan only have it inside their names


def test_a_city_that_gives_its_name_to_no_zone_is_answered_with_what_to_type() -> None:
    screen = Screen(StartPanel(timezone="UTC", language="en"))
    screen.press("Time zone: UTC")
    for city in ("Mumbai", "Delhi", "मुंबई"):
        screen.fill("Country or city", city)
        assert "type the country, for example India, and choose from its zones" in screen.all_text()
