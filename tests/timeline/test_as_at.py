"""The business as at an instant: the program's own sixteen moments, and random lives."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manager_nb.errors import MomentError, NotFoundError
from manager_nb.format.layout import filling, insert
from manager_nb.timeline.business import Business, open_business
from manager_nb.timeline.trail import merged
from tests.timeline.lives import GUID, SECOND, START, Life, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

MOMENTS = 16


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[Business]:
    with open_business(himalaya) as business:
        yield business


def objects_told(business: Business) -> dict[str, list[str]]:
    return {key: [kind, hashlib.sha256(content).hexdigest()] for key, kind, content in business.objects()}


def causes(business: Business) -> set[tuple[str, str]]:
    reasons = business.certificate.reasons.to_arrow().to_pylist()  # type: ignore[attr-defined]
    return {(reason["object"], reason["cause"]) for reason in reasons}


def test_all_sixteen_moments_come_back_byte_for_byte(demo: Business, data: Path) -> None:
    undone = {("0195efc5-de24-7319-8146-d3fc43e2c2ea", "undone")}
    moments = sorted((data / "himalaya/truth/as_at").glob("*.json"))
    assert len(moments) == MOMENTS
    for path in moments:
        told = json.loads(path.read_text("utf-8"))
        with demo.as_at(told["ticks"]) as past:
            assert objects_told(past) == told["objects"], path.name
            # an update of this customer was undone on 27 May 2025: before that, only its trace is known
            assert causes(past) == (undone if told["at"] < "2025-05-27T15:44:35Z" else set())
            assert past.certificate.level == ("partial" if causes(past) else "exact")


def test_history_and_emails_end_at_the_moment(demo: Business) -> None:
    moment = dt.datetime(2025, 9, 30, tzinfo=dt.UTC)
    with demo.as_at(moment) as past:
        assert 0 < len(past.history) < len(demo.history)
        assert max(past.history.to_arrow(["time"])["time"].to_pylist()) <= moment
        assert max(past.emails.to_arrow(["time"])["time"].to_pylist()) <= moment


def test_a_date_means_its_end_in_the_zone_asked_for(demo: Business) -> None:
    with demo.as_at(dt.date(2025, 8, 31), zone="Asia/Kolkata") as india, demo.as_at(dt.date(2025, 8, 31)) as utc:
        assert dt.timedelta(microseconds=(utc.ticks - india.ticks) // 10) == dt.timedelta(hours=5, minutes=30)
        night = "019901db-b4bb-75ce-8d07-8800aacf8c9c"  # a journal entered at 02:10 in India, 21:20 UTC the day before
        assert utc.record(night).label.startswith("Journal Entry")
        with pytest.raises(NotFoundError):
            india.record(night)


def test_the_moment_after_an_action_is_named_by_its_commit(demo: Business) -> None:
    row = demo.history.page(5, 1).to_pylist()[0]
    with demo.as_at(commit=row["commit"]) as past, demo.as_at(row["ticks"]) as same:
        assert list(past.objects()) == list(same.objects())


def test_a_commit_that_is_not_there_is_told(demo: Business) -> None:
    with pytest.raises(NotFoundError, match="no action"):
        demo.as_at(commit="00000000-0000-0000-0000-000000000001")


def test_a_moment_needs_a_zone_and_one_name(demo: Business) -> None:
    with pytest.raises(ValueError, match="zone"):
        demo.as_at(dt.datetime(2025, 1, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="either"):
        demo.as_at()


@pytest.mark.parametrize("wrong", ["2025-07-15", 1.5, dt.time()])
def test_what_is_no_moment_is_told(demo: Business, wrong: object) -> None:
    with pytest.raises(MomentError, match="no moment"):
        demo.as_at(wrong)  # type: ignore[arg-type]
    with pytest.raises(MomentError, match="no time zone"):
        demo.as_at(dt.date(2025, 7, 15), zone="India/Delhi")


def test_a_moment_of_a_moment(demo: Business, data: Path) -> None:
    told = json.loads((data / "himalaya/truth/as_at/2025-07.json").read_text("utf-8"))
    with demo.as_at(dt.datetime(2025, 12, 1, tzinfo=dt.UTC)) as later, later.as_at(told["ticks"]) as earlier:
        assert objects_told(earlier) == told["objects"]


def test_an_upgrade_is_named_and_the_objects_are_as_their_changes_left_them(data: Path) -> None:
    told = json.loads((data / "himalaya/truth/as_at/2025-10.json").read_text("utf-8"))
    upgraded = data / "upgraded/Revision 370 after the upgrade.manager"
    with open_business(upgraded) as business, business.as_at(told["ticks"]) as past:
        assert {key: kind for key, (kind, _) in objects_told(past).items()} == {
            key: kind for key, (kind, _) in told["objects"].items()
        }
        assert {cause for _, cause in causes(past)} == {"upgrade"}
        unsure = {key for key, _ in causes(past)} | {"a9a71e47-82b3-49db-8aec-898adb460a80"}
        found = objects_told(past)
        assert all(found[key] == value for key, value in told["objects"].items() if key not in unsure)


def test_a_file_without_history_cannot_tell_the_past_and_says_so(himalaya: Path, tmp_path: Path) -> None:
    copy = tmp_path / "no history.manager"
    shutil.copyfile(himalaya, copy)
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("DELETE FROM Changes")
    with open_business(copy) as business, business.as_at(dt.date(2025, 9, 30)) as past:
        assert past.certificate.level == "not possible"
        assert {cause for _, cause in causes(past)} == {"trimmed"}


def test_history_that_was_cut_short_is_named(demo: Business, himalaya: Path, tmp_path: Path) -> None:
    copy = tmp_path / "cut.manager"
    shutil.copyfile(himalaya, copy)
    with closing(sqlite3.connect(copy)) as database, database:
        (cut,) = database.execute("SELECT Timestamp FROM Changes ORDER BY Timestamp LIMIT 1 OFFSET 300").fetchone()
        database.execute("DELETE FROM Changes WHERE Timestamp < ?", (cut,))
    settings_of_unknown_age = {"4c5dac8f-2d5e-4634-a51b-0bbdd021a499", "a4ddb0e3-b207-4fee-aa01-f104b6c09932"}
    with open_business(copy) as business, business.as_at(cut) as past, demo.as_at(cut) as true:
        assert list(past.objects()) == list(true.objects())
        assert causes(past) == {(key, "trimmed") for key in settings_of_unknown_age}
    with open_business(copy) as business, business.as_at(cut - 1) as past:
        assert {cause for _, cause in causes(past)} <= {"trimmed", "undone"}


def test_an_edit_outside_manager_is_named(himalaya: Path, tmp_path: Path) -> None:
    copy = tmp_path / "edited.manager"
    shutil.copyfile(himalaya, copy)
    key = "0195efbf-5970-781d-a8af-02466f5dce17"
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("UPDATE Objects SET Content = Content || x'1a0178' WHERE Key = ?", (key,))
    with open_business(copy) as business, business.as_at(dt.date(2026, 3, 1)) as past:
        assert (key, "outside") in causes(past)


def _lived(seed: int, actions: int, folder: Path, *, undo: bool = False, reset: bool = False) -> tuple[Life, Path]:
    life = Life(random.Random(seed))
    for _ in range(actions):
        life.act(undo=undo, reset=reset)
    return life, life.write(folder / "life.manager")


def _states(past: Business) -> dict[str, bytes]:
    return {key: content for key, kind, content in past.objects() if kind == GUID}


def _unseen(life: Life, business: Business, ticks: int) -> bool:
    """Whether the clock showed this twice, and no record was changed on both sides of all of it: nothing can tell."""
    seen = business.trail.doubled
    return any(
        low <= ticks <= high and not any(first <= low and high <= last for first, last in seen)
        for low, high in merged(life.set_back())
    )


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_life_without_accidents_is_exact_at_every_instant(seed: int, actions: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        life, path = _lived(seed, actions, Path(folder))
        with open_business(path) as business:
            for ticks in {at + shift for at, _ in life.dice.sample(life.memory, min(5, actions)) for shift in (-1, 0)}:
                with business.as_at(ticks) as past:
                    assert [_states(past)] == life.there(ticks)
                    assert past.certificate.level == "exact"


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(2, 60), st.booleans(), st.booleans())
def test_whatever_happened_what_is_not_doubted_is_true(seed: int, actions: int, undo: bool, reset: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        life, path = _lived(seed, actions, Path(folder), undo=undo, reset=reset)
        with open_business(path) as business:
            for ticks in {at for at, _ in life.dice.sample(life.memory, min(6, actions))}:
                if _unseen(life, business, ticks):
                    continue
                with business.as_at(ticks) as past:
                    doubted = {key for key, _ in causes(past)}
                    found = _states(past)
                    for true in life.there(ticks):
                        for key in (true.keys() | found.keys()) - doubted - life.undone:  # an undo may leave no trace
                            assert found.get(key) == true.get(key)
                    assert past.certificate.level == ("partial" if doubted else "exact")


@example(38, 10, True)  # made and deleted again, the deletion earlier by the clock: both orders link
@example(38, 14, True)
@example(26552, 37, True)  # a state that came back, and the clock put the last change before another one
@example(255832992, 34, True)  # a state that came back, in an order that the clock made up
@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(2, 40), st.booleans())
def test_an_action_names_a_moment_that_the_clock_showed_twice(seed: int, actions: int, reset: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        life, path = _lived(seed, actions, Path(folder), reset=reset)
        with open_business(path) as business:
            ticks_of = {row.commit: row.ticks for row in life.rows}
            for commit, true in life.dice.sample(life.commits, min(5, len(life.commits))):
                if _unseen(life, business, ticks_of[commit]):
                    continue
                with business.as_at(commit=commit) as past:
                    doubted = {key for key, _ in causes(past)}
                    found = _states(past)
                    for key in (true.keys() | found.keys()) - doubted:
                        assert found.get(key) == true.get(key)
                    assert not doubted & {row.subject for row in life.rows if row.commit == commit}
                    assert reset or not doubted


def test_what_links_place_is_certain_though_the_clock_was_set_back(tmp_path: Path) -> None:
    """The second record's later change was made together with one that follows the action: so it came after it, too."""
    a, b, second = "o-a", "o-b", SECOND
    rows = [
        Row("1", "x", a, START, None, b"1"),
        Row("2", "x", b, START, None, b"1"),
        Row("3", "y", a, START + 60 * second, b"1", b"2"),
        Row("5", "z", a, START + 30 * second, b"2", b"3"),  # the clock was set back by half a minute and more
        Row("6", "z", b, START + 30 * second, b"1", b"3"),
    ]
    path = tmp_path / "a.manager"
    with filling(path) as database:
        insert(database, "Objects", [(key, GUID, b"3", START + 30 * second) for key in (a, b)])
        insert(database, "Changes", [row.values() for row in rows])
    with open_business(path) as business:
        with business.as_at(commit="y") as past:
            assert (_states(past), past.certificate.level) == ({a: b"2", b: b"1"}, "exact")
        with business.as_at(commit="z") as past:
            assert (_states(past), past.certificate.level) == ({a: b"3", b: b"3"}, "exact")
        with business.as_at(START + 45 * second) as past:
            assert causes(past) == {(a, "clock"), (b, "clock")}
