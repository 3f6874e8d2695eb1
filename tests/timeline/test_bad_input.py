"""Histories that the program does not write: no crash, and no silent guess."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.format.scalars import NIL
from tests.model.small_files import TICKS, content, guid, key, record, write

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 10_000_000
CUSTOMER = guid("Customer")


def named(name: str | None) -> bytes | None:
    return None if name is None else content("Customer", Name=name)


def row(number: int, subject: int, before: str | None, after: str | None, ticks: int | None, commit: int = 0) -> tuple:
    """A row of Changes about a customer who was called `before` and is then called `after`."""
    types = [NIL if name is None else CUSTOMER for name in (before, after)]
    return (
        key(100_000 + number),
        key(commit or 200_000 + number),
        key(subject),
        "u",
        ticks,
        *types,
        named(before),
        named(after),
    )


def names(business: mn.Business) -> list[str]:
    return business.records("Customer").to_arrow(["Name"])["Name"].to_pylist()


def causes(past: mn.PastBusiness) -> set[tuple[str, str]]:
    return {(one["object"], one["cause"]) for one in past.certificate.reasons.to_arrow().to_pylist()}


def test_a_change_without_images_changes_nothing_and_is_listed(tmp_path: Path) -> None:
    empty = (key(1), key(2), key(50), "u", TICKS + SECOND, NIL, NIL, None, None)
    rows = [row(1, 50, None, "A", TICKS), empty]
    path = write(tmp_path / "a.manager", [record(50, "Customer", TICKS, Name="A")], Changes=rows)
    with mn.open_business(path) as business:
        told = [one for one in business.history.to_arrow().to_pylist() if one["change"] == key(1)]
        assert (told[0]["action"], bool(told[0]["problems"])) == (None, True)
        with business.as_at(TICKS) as past:
            assert names(past) == ["A"]
        assert mn.life_of(business, key(50)).to_arrow()["change"].to_pylist() == [key(100_001)]
        plan = mn.plan_restore(business, business, mn.Selection(users=["u"]))
        assert [one.action for one in plan.effective] == ["delete"]
        alone = mn.plan_restore(business, business, mn.Selection(changes=[key(1)]))
        assert alone.actions.to_arrow()["action"].to_pylist() == ["skip"]
        assert "cannot be taken back" in alone.describe()


def test_a_change_of_no_object_is_listed_and_belongs_to_no_past(tmp_path: Path) -> None:
    stray = (key(1), key(2), None, "u", TICKS + SECOND, NIL, CUSTOMER, None, named("B"))
    rows = [row(1, 50, None, "A", TICKS), stray]
    path = write(tmp_path / "a.manager", [record(50, "Customer", TICKS, Name="A")], Changes=rows)
    with mn.open_business(path) as business:
        assert len(business.history) == 2
        problems = business.problems.to_arrow().to_pylist()
        told = [(one["key"], one["part"]) for one in problems if one["where"] == "Changes"]
        assert told == [(key(1), "Object")]
        with business.as_at(TICKS) as past, business.as_at(TICKS + 2 * SECOND) as later:
            assert names(past) == names(later) == ["A"]
        plan = mn.plan_restore(business, business, mn.Selection(users=["u"]))
        assert [one.action for one in plan.effective] == ["delete"]


def test_two_creations_of_one_object_are_in_doubt_between_them(tmp_path: Path) -> None:
    rows = [row(1, 50, None, "A", TICKS), row(2, 50, None, "B", TICKS + 2 * SECOND)]
    path = write(tmp_path / "a.manager", [record(50, "Customer", TICKS + 2 * SECOND, Name="B")], Changes=rows)
    with mn.open_business(path) as business:
        with business.as_at(TICKS + SECOND) as past:
            assert names(past) == ["A"]
            assert causes(past) == {(key(50), "outside")}
            plan = mn.plan_restore(business, past, mn.Selection(keys=[key(50)]))
            told = plan.conflicts.to_arrow().to_pylist()
            assert [(one["conflict"], one["stops"]) for one in told] == [("not certain", False)]
        with business.as_at(TICKS + 2 * SECOND) as past:
            assert (names(past), past.certificate.level) == (["B"], "exact")
        chosen = mn.Selection(commits=[key(200_001)])
        plan = mn.plan_restore(business, business, chosen)
        assert plan.conflicts.to_arrow()["conflict"].to_pylist() == ["changed since"]


def test_equal_times_are_put_in_order_by_their_links(tmp_path: Path) -> None:
    rows = [
        row(3 - n, 50, before, after, TICKS) for n, (before, after) in enumerate([(None, "A"), ("A", "B"), ("B", "C")])
    ]
    path = write(tmp_path / "a.manager", [record(50, "Customer", TICKS, Name="C")], Changes=rows)
    with mn.open_business(path) as business:
        assert mn.life_of(business, key(50)).to_arrow()["action"].to_pylist() == ["create", "update", "update"]
        with business.as_at(TICKS) as past:
            assert (names(past), past.certificate.level) == (["C"], "exact")
        with business.as_at(TICKS - 1) as past:
            assert (names(past), past.certificate.level) == ([], "exact")


def test_times_that_are_null_are_in_doubt(tmp_path: Path) -> None:
    rows = [row(1, 50, None, "A", TICKS), row(2, 50, "A", "B", None), row(3, 50, "B", "C", TICKS + 9 * SECOND)]
    path = write(tmp_path / "a.manager", [record(50, "Customer", TICKS + 9 * SECOND, Name="C")], Changes=rows)
    with mn.open_business(path) as business:
        with business.as_at(TICKS + SECOND) as past:
            assert causes(past) == {(key(50), "untimed")}
        with business.as_at(TICKS + 9 * SECOND) as past:
            assert (names(past), past.certificate.level) == (["C"], "exact")
        found = mn.find_changes(business, between=(TICKS, TICKS + 9 * SECOND))
        assert len(found) == 2
        plan = mn.plan_restore(business, business, mn.Selection(commits=[key(200_002)]))
        assert "?" in plan.actions.to_arrow()["reason"].to_pylist()[0]


def test_a_hundred_thousand_changes_of_one_object(tmp_path: Path) -> None:
    count = 100_000
    words = [None, *(str(number) for number in range(count))]
    rows = [row(n, 50, words[n], words[n + 1], TICKS + n * SECOND) for n in range(count)]
    path = write(
        tmp_path / "a.manager",
        [record(50, "Customer", TICKS + (count - 1) * SECOND, Name=str(count - 1))],
        Changes=rows,
    )
    with mn.open_business(path) as business:
        for number in (0, count // 2, count - 1):
            with business.as_at(TICKS + number * SECOND) as past:
                assert (names(past), past.certificate.level) == ([str(number)], "exact")
        plan = mn.plan_restore(business, business, mn.Selection(between=(TICKS + SECOND, TICKS + count * SECOND)))
        assert plan.after[key(50)].content == named("0")


def test_a_big_commit_half_undone_says_which_half(tmp_path: Path) -> None:
    """Manager undoes a commit as a whole: half of one is another tool's work, or a copy made during it."""
    first = [row(n, n, None, "A", TICKS) for n in range(300)]
    kept = [row(1000 + n, n, "A", "B", TICKS + SECOND, commit=7) for n in range(150)]
    objects = [record(n, "Customer", TICKS + SECOND, Name="B") for n in range(150)]
    objects += [record(n, "Customer", TICKS + 5 * SECOND, Name="A") for n in range(150, 300)]
    path = write(tmp_path / "a.manager", objects, Changes=[*first, *kept])
    with mn.open_business(path) as business:
        with business.as_at(TICKS + 3 * SECOND) as past:
            assert causes(past) == {(key(n), "undone") for n in range(150, 300)}
        actions = mn.commits_of(business).to_arrow().to_pylist()
        assert [one["changes"] for one in actions if one["commit"] == key(7)] == [150]
        plan = mn.plan_restore(business, business, mn.Selection(commits=[key(7)]))
        assert (len(plan.effective), plan.undecided) == (150, ())


def test_triggers_of_the_file_do_not_change_its_past(tmp_path: Path) -> None:
    rows = [row(1, 50, None, "A", TICKS), row(2, 50, "A", "B", TICKS + SECOND)]
    objects = [record(50, "Customer", TICKS + SECOND, Name="B"), record(51, "Customer", TICKS, Name="C")]
    path = write(tmp_path / "a.manager", objects, Changes=rows)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TRIGGER t AFTER INSERT ON Objects BEGIN DELETE FROM Objects; DELETE FROM Changes; END;"
            "CREATE TRIGGER u AFTER DELETE ON Changes BEGIN DELETE FROM Objects; END;"
        )
    with mn.open_business(path) as business, business.as_at(TICKS) as past:
        assert names(past) == ["A", "C"]
        assert len(past.history) == 1


def test_a_change_without_a_time_is_not_before_the_creation(tmp_path: Path) -> None:
    rows = [row(1, 50, None, "A", TICKS), row(2, 50, "A", "B", None)]
    path = write(tmp_path / "a.manager", [record(50, "Customer", TICKS, Name="B")], Changes=rows)
    with mn.open_business(path) as business, business.as_at(TICKS - SECOND) as past:
        assert names(past) == []


@pytest.mark.parametrize("ticks", [10**30, -(10**30), 2**63, -(2**63) - 1])
def test_a_moment_beyond_all_times_is_after_or_before_everything(tmp_path: Path, ticks: int) -> None:
    path = write(
        tmp_path / "a.manager", [record(50, "Customer", TICKS, Name="A")], Changes=[row(1, 50, None, "A", TICKS)]
    )
    with mn.open_business(path) as business, business.as_at(ticks) as past:
        assert names(past) == (["A"] if ticks > 0 else [])
        assert len(mn.find_changes(business, between=(-(10**30), ticks))) == int(ticks > 0)


def test_a_twin_of_a_later_action_is_not_in_the_past(tmp_path: Path) -> None:
    twins = [row(2, 50, "A", "B", TICKS + SECOND, 300_000), row(3, 50, "A", "C", TICKS + SECOND, 300_000)]
    rows = [row(1, 50, None, "A", TICKS), *twins]
    path = write(tmp_path / "a.manager", [record(50, "Customer", TICKS + SECOND, Name="C")], Changes=rows)
    with mn.open_business(path) as business, business.as_at(TICKS) as past:
        assert (names(past), len(past.history)) == (["A"], 1)


def test_two_actions_of_one_tick_are_in_doubt_of_each_other(tmp_path: Path) -> None:
    rows = [row(1, 50, None, "A", TICKS), row(2, 51, None, "B", TICKS)]
    objects = [record(50, "Customer", TICKS, Name="A"), record(51, "Customer", TICKS, Name="B")]
    path = write(tmp_path / "a.manager", objects, Changes=rows)
    with mn.open_business(path) as business:
        with business.as_at(commit=key(200_001)) as past:
            assert causes(past) == {(key(51), "tied")}
        with business.as_at(TICKS) as past:
            assert (sorted(names(past)), past.certificate.level) == (["A", "B"], "exact")


def test_a_file_without_history_and_without_times_tells_of_no_past(data: Path) -> None:
    with mn.open_business(data / "small" / "Old format.manager") as business:
        for year in (2000, 2025):
            with business.as_at(dt.date(year, 9, 30)) as past:
                assert past.certificate.level == "not possible"
                assert len(past.certificate.reasons) > 600
    with mn.open_business(data / "small" / "Empty.manager") as business, business.as_at(TICKS) as past:
        assert past.certificate.level == "exact"
