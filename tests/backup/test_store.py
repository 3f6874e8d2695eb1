"""Which backups of a store stay, and why; what goes, goes with its papers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.backup.manifest import beside
from manager_nb.backup.store import Fate, Kept, Retention, Store, fates, remove, tell_history
from tests.crafting import below

if TYPE_CHECKING:
    from pathlib import Path


def kept(folder: Path, day: str, earlier: str | None = None, hour: int = 12) -> Kept:
    made = dt.datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")
    return Kept(folder / f"Acme ({day}) {hour}.manager", "Acme", made, 1, earlier)


def staying(decided: tuple[Fate, ...]) -> dict[str, tuple[str, ...]]:
    return {fate.backup.path.name[6:16]: fate.because for fate in decided if fate.stays}


def test_the_newest_of_each_period_stays(tmp_path: Path) -> None:
    days = ["2026-05-14", "2026-05-13", "2026-05-12", "2026-05-04", "2026-04-30", "2026-04-29", "2026-03-30"]
    decided = fates([kept(tmp_path, day) for day in days], Retention(2, 2, 2), dt.UTC)
    assert staying(decided) == {
        "2026-05-14": ("newest", "day", "week", "month"),
        "2026-05-13": ("day",),
        "2026-05-04": ("week",),
        "2026-04-30": ("month",),
        "2026-03-30": ("year end",),
    }


def test_of_one_day_the_last_stays(tmp_path: Path) -> None:
    two = [kept(tmp_path, "2026-05-14", hour=hour) for hour in (9, 17)]
    assert [fate.stays for fate in fates(two, Retention(), dt.UTC)] == [True, False]


def test_the_last_of_each_financial_year_stays_for_ever_unless_years_are_counted(tmp_path: Path) -> None:
    ends = [kept(tmp_path, f"{year}-03-31") for year in range(2015, 2026)] + [kept(tmp_path, "2025-04-01")]
    assert len(staying(fates(ends, Retention(0, 0, 0), dt.UTC))) == 12
    assert len(staying(fates(ends, Retention(0, 0, 0, 3), dt.UTC))) == 4
    calendar = fates(ends, Retention(0, 0, 0, year_end=(12, 31)), dt.UTC)
    assert staying(calendar)["2024-03-31"] == ("year end",)
    assert "2025-03-31" not in staying(calendar)


def test_evidence_never_goes(tmp_path: Path) -> None:
    first, second = kept(tmp_path, "2026-01-01"), kept(tmp_path, "2026-01-02", "Acme (2026-01-01) 12.manager")
    third = kept(tmp_path, "2026-01-03")
    decided = fates([first, second, third], Retention(0, 0, 0, 0), dt.UTC)
    assert [fate.because for fate in decided] == [("newest",), ("evidence",), ("evidence",)]


def test_the_newest_stays_whatever_the_retention_says(tmp_path: Path) -> None:
    assert fates([kept(tmp_path, "2020-01-01")], Retention(0, 0, 0, 0))[0].because == ("newest",)
    assert fates([], Retention()) == ()


def test_what_goes_goes_with_its_papers_and_what_has_no_manifest_is_left(tmp_path: Path, himalaya: Path) -> None:
    store = Store(tmp_path / "Store")
    folder = store.folder_of("Himalaya Traders")
    made = []
    for _ in range(2):
        name = store.free_name("Himalaya Traders", dt.date(2026, 5, 14))
        made.append(mn.create_backup(himalaya, folder, name=name, history=False))
    tell_history(made[0].path, {"earlier": "x", "extends": True})
    (folder / "Something of mine.manager").write_bytes(b"")
    found = store.backups("Himalaya Traders")
    assert [one.path for one in found] == [made[1].path, made[0].path]
    assert store.backups("Other") == ()
    assert remove(fates(found, Retention())) == (made[0].path,)
    assert below(folder) == sorted(["Something of mine.manager", made[1].path.name, beside(made[1].path).name])


def test_a_backup_without_history_takes_the_place_of_none_that_has_it(tmp_path: Path) -> None:
    whole = [kept(tmp_path, "2026-05-14", hour=9), kept(tmp_path, "2026-03-31", hour=9)]
    less = [
        dataclasses.replace(kept(tmp_path, one, hour=17), contents=frozenset()) for one in ("2026-05-14", "2026-05-13")
    ]
    decided = {fate.backup: fate.because for fate in fates([*whole, *less], Retention(1, 0, 0), dt.UTC)}
    assert decided == {
        whole[0]: ("newest", "day"),
        whole[1]: ("year end",),
        less[0]: ("newest", "day"),
        less[1]: (),
    }


@pytest.mark.parametrize("name", ["../../evil", "a/b", "con", "अन्नपूर्णा"])
def test_a_name_stays_in_the_store(tmp_path: Path, name: str) -> None:
    assert Store(tmp_path).folder_of(name).parent == tmp_path
