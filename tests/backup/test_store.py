"""Which backups of a store stay, and why; what goes, goes with its papers."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import manager_nb as mn
from manager_nb.backup.choices import MEANINGS
from manager_nb.backup.manifest import beside
from manager_nb.backup.names import backup_name
from manager_nb.backup.store import Fate, Kept, Retention, Store, fates, remove, tell_history
from manager_nb.errors import TargetUnwritableError
from tests.crafting import below


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


def made(day: str, left_out: str = "", **more: bool) -> Kept:
    """A backup from which that was left out, one letter each: a, e, h."""
    inside = frozenset(name for name in MEANINGS if name[0] not in left_out)
    moment = dt.datetime.fromisoformat(f"{day}+00:00")
    return Kept(Path(f"{day} {left_out}.manager"), "Acme", moment, 1, contents=inside, **more)


def test_what_was_left_out_never_takes_the_place_of_what_has_it() -> None:
    whole, later = made("2026-05-13T02"), made("2026-05-14T02")
    without, bare, again = made("2026-05-14T09", "a"), made("2026-05-14T10", "aeh"), made("2026-05-14T11", "aeh")
    decided = {
        fate.backup: fate.because for fate in fates([whole, later, without, bare, again], Retention(1, 0, 0), dt.UTC)
    }
    assert decided == {
        again: ("newest", "day"),
        bare: (),
        without: ("newest", "day"),
        later: ("newest", "day"),
        whole: (),
    }
    full = fates([without, made("2026-05-15T02")], Retention(9, 0, 0), dt.UTC)
    assert [fate.because for fate in full] == [("newest", "day"), ("day",)]


@given(
    st.lists(st.tuples(st.integers(0, 900), st.sampled_from(["", "a", "h", "ae", "aeh"]), st.booleans()), max_size=12),
    st.tuples(*[st.integers(0, 3)] * 4),
)
def test_whatever_goes_one_that_is_whole_and_has_as_much_stays(
    drawn: list[tuple[int, str, bool]], numbers: tuple[int, int, int, int]
) -> None:
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
    backups = [made((start + dt.timedelta(hours=7 * at)).isoformat(), out, whole=whole) for at, out, whole in drawn]
    decided = fates(backups, Retention(*numbers), dt.UTC)
    staying = [fate.backup for fate in decided if fate.stays]
    for fate in decided:
        assert fate.stays or fate.backup.whole
        better = [one for one in staying if one.whole and one.contents >= fate.backup.contents]
        assert fate.stays or [one for one in better if one.made >= fate.backup.made]


def test_what_is_not_as_long_as_its_manifest_says_takes_no_place_and_never_goes(tmp_path: Path, himalaya: Path) -> None:
    store = Store(tmp_path)
    folder = store.folder_of("Himalaya Traders")
    paths = [mn.create_backup(himalaya, folder, name=name).path for name in ("1", "2", "3")]
    paths[2].write_bytes(paths[2].read_bytes()[:1000])
    paths[0].write_bytes(b"My thesis")
    decided = store.fates(Retention(0, 0, 0, 0))
    why = {fate.backup.path.name[0]: fate.because for fate in decided}
    assert why == {"1": ("not whole",), "2": ("newest",), "3": ("not whole",)}
    assert store.remove(decided) == ()


@pytest.mark.parametrize(
    "created", ["2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x"]
)
def test_a_manifest_with_a_date_that_is_none_hides_no_other(tmp_path: Path, himalaya: Path, created: str) -> None:
    store = Store(tmp_path)
    folder = store.folder_of("Himalaya Traders")
    good, bad = (mn.create_backup(himalaya, folder, name=name).path for name in ("1", "2"))
    paper = beside(bad)
    paper.write_text(json.dumps(json.loads(paper.read_bytes()) | {"created": created}), "utf-8")
    assert [fate.backup.path for fate in store.fates()] == [good]


@pytest.mark.parametrize("name", ["x" * 239, "क्ष" * 26, "Acme"])
def test_the_next_name_is_free_however_long_it_is(tmp_path: Path, name: str) -> None:
    store, day = Store(tmp_path), dt.date(2026, 5, 14)
    folder = store.folder_of(name)
    folder.mkdir()
    for number in range(12):
        free = store.free_name(name, day)
        assert backup_name(free).text == free
        ending = (".manager.tar.zst", ".manager.manifest.json", ".manager.tar.history.json")[number % 3]
        (folder / f"{free}{ending}").touch(exist_ok=False)


def test_what_cannot_be_removed_is_told(tmp_path: Path, himalaya: Path) -> None:
    store = Store(tmp_path)
    folder = store.folder_of("Himalaya Traders")
    paths = [mn.create_backup(himalaya, folder, name=name).path for name in ("1", "2")]
    decided = store.fates(Retention(0, 0, 0, 0))
    paths[0].unlink()
    paths[0].mkdir()
    with pytest.raises(TargetUnwritableError, match="cannot be removed"):
        store.remove(decided)


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
