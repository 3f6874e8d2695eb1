"""Hours and days of work; documents entered long after their date."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.rule import LOW, MEDIUM
from manager_nb.audit.tests.timing import usual_days_off, usual_hours
from manager_nb.i18n import Language
from tests.audit.diary import MONDAY, Diary, invoice, said_of, tried

if TYPE_CHECKING:
    from pathlib import Path

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture
def weeks() -> Diary:
    """Ten weeks of two actions each working day, at 10 and at 17 o'clock UTC."""
    diary = Diary()
    for day in range(70):
        when = MONDAY + day * DAY
        if when.weekday() < 5:
            diary.create("Customer", when, Name=f"C{day}")
            diary.create("Customer", when + 7 * HOUR, Name=f"D{day}")
    return diary


def test_a_clean_year_has_no_odd_hour_and_no_odd_day(weeks: Diary, tmp_path: Path) -> None:
    file = weeks.write(tmp_path / "A.manager")
    assert said_of(tried(file, "out of hours")) == said_of(tried(file, "out of days")) == []
    assert tried(file, "out of hours").used == {"hours": (dt.time(10), dt.time(18))}
    assert tried(file, "out of days").used == {"days_off": (5, 6)}


def test_an_attachment_is_told_by_its_name_and_its_record(weeks: Diary, tmp_path: Path) -> None:
    bill = weeks.create("Supplier", Name="Ink")
    weeks.create("Attachment", MONDAY + 18 * HOUR, Name="bill.pdf", Object=bill)
    weeks.create("Attachment", MONDAY + 19 * HOUR, Name="loose.pdf")
    first, second = said_of(tried(weeks.write(tmp_path / "A.manager"), "out of hours"))
    assert first.startswith("Attachment “bill.pdf” of Ink was entered or changed at 4 Mar 2025, 04:00 (UTC)")
    assert second.startswith("Attachment “loose.pdf” was entered or changed at ")


def test_a_setting_is_told_in_the_readers_language(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        found = mn.audit(business, rules=["out of hours", "access rights", "e-mail settings"], zone="Asia/Kolkata")
    words = [finding.message.told(Language("hi"), found.zone) for _, finding in found.found]
    english = ("Lock Date", "Access Token", "Email Settings", "User Permissions")
    assert not [one for one in words for name in english if name in one]
    assert any(one.startswith("लॉक तारीख ") for one in words)
    assert any(one.startswith("ईमेल सेटिंग: पासवर्ड") for one in words)


def test_a_night_and_a_sunday_are_told_with_all_changes_of_the_action(weeks: Diary, tmp_path: Path) -> None:
    night = MONDAY + 6 * DAY - 8 * HOUR
    for name in ("X", "Y"):
        weeks.create("Supplier", night, "Ravi", Name=name, commit="c")
    tested = tried(weeks.write(tmp_path / "A.manager"), "out of hours")
    (finding,) = tested.findings
    assert (finding.severity, finding.user, len(finding.evidence)) == (MEDIUM, "Ravi", 2)
    assert said_of(tested) == [
        "X and 1 more were entered or changed at 9 Mar 2025, 02:00 (UTC), outside the hours of work (10:00–18:00)."
    ]
    assert len(tried(weeks.write(tmp_path / "B.manager"), "out of days").findings) == 1


def test_hours_are_those_of_the_zone(weeks: Diary, tmp_path: Path) -> None:
    file = weeks.write(tmp_path / "A.manager")
    assert tried(file, "out of hours", zone="Asia/Kolkata").used == {"hours": (dt.time(15), dt.time(23))}
    late = tried(file, "out of hours", zone="Asia/Kolkata", hours="08:00-22:00")
    assert {finding.severity for finding in late.findings} == {LOW}
    assert len(late.findings) == 50


def test_hours_may_go_over_midnight(weeks: Diary, tmp_path: Path) -> None:
    file = weeks.write(tmp_path / "A.manager")
    assert len(tried(file, "out of hours", hours="16:00-02:00").findings) == 50


def test_a_given_holiday_is_told(weeks: Diary, tmp_path: Path) -> None:
    tested = tried(weeks.write(tmp_path / "A.manager"), "out of days", holidays="2025-03-14", days_off="5;6")
    assert len(tested.findings) == 2
    assert all("on a holiday" in words for words in said_of(tested))


def test_few_actions_show_no_habit(tmp_path: Path) -> None:
    diary = Diary()
    diary.create("Customer", Name="C")
    file = diary.write(tmp_path / "A.manager")
    for rule in ("out of hours", "out of days"):
        tested = tried(file, rule)
        assert (tested.count, tested.findings) == (1, ())
        assert len(tested.notes) == 1


def test_who_works_around_the_clock_has_no_hours() -> None:
    moments = [MONDAY + hour * HOUR for hour in range(240)]
    assert usual_hours(moments) is None
    assert usual_days_off([]) == ()


def test_changes_without_user_or_time_are_counted_and_left_out(tmp_path: Path) -> None:
    diary = Diary()
    diary.create("Customer", None, Name="C")
    diary.create("Customer", MONDAY, None, Name="D")
    tested = tried(diary.write(tmp_path / "A.manager"), "out of hours")
    assert tested.count == 0
    assert tested.notes[0].told() == "2 changes have no user or no time and were left out."


def test_backdated_ahead_and_moved(tmp_path: Path) -> None:
    diary, today = Diary(), MONDAY.date()
    diary.create("SalesInvoice", **invoice(5, today - 31 * DAY, "1"))
    diary.create("SalesInvoice", **invoice(5, today - 32 * DAY, "2"))
    diary.create("SalesInvoice", **invoice(5, today + DAY, "3"))
    diary.create("SalesInvoice", **invoice(5, today + 2 * DAY, "4"))
    moved = diary.create("SalesInvoice", **invoice(5, today, "5"))
    diary.update(moved, "SalesInvoice", MONDAY + DAY, "Ravi", **invoice(5, today - 40 * DAY, "5"))
    diary.keep("SalesInvoice", **invoice(5, today, "6"))
    tested = tried(diary.write(tmp_path / "A.manager"), "backdated")
    assert sorted(said_of(tested)) == [
        "Sales Invoice — 2 — 2025-01-30 is dated 30 Jan 2025 and was entered 32 days later, on 3 Mar 2025.",
        "Sales Invoice — 4 — 2025-03-05 is dated 5 Mar 2025, 2 days after it was entered.",
        "The date of Sales Invoice — 5 — 2025-01-22 was moved from 3 Mar 2025 to 22 Jan 2025.",
    ]
    assert [note.told()[:12] for note in tested.notes] == ["1 documents "]
    assert tested.count == 5


def test_a_date_moved_in_small_steps_is_told_where_it_has_come_far(tmp_path: Path) -> None:
    diary, today = Diary(), MONDAY.date()
    made = diary.create("SalesInvoice", **invoice(5, today, "1"))
    for step, days in enumerate((21, 42, 63, 63)):
        diary.update(made, "SalesInvoice", MONDAY + (step + 1) * HOUR, **invoice(5, today - days * DAY, "1"))
    near = diary.create("SalesInvoice", **invoice(5, today, "2"))
    diary.update(near, "SalesInvoice", MONDAY + HOUR, **invoice(5, today - 31 * DAY, "2"))
    tested = tried(diary.write(tmp_path / "A.manager"), "backdated")
    assert said_of(tested) == ["The date of Sales Invoice — 1 — 2025-01-20 was moved from 3 Mar 2025 to 20 Jan 2025."]
    assert len(tested.findings[0].evidence) == 2


def test_a_date_that_was_given_later_is_held_against_that_day(tmp_path: Path) -> None:
    diary, today = Diary(), MONDAY.date()
    for number, days in enumerate((400, 10, -9)):
        made = diary.create("SalesInvoice", Reference=str(number))
        diary.update(made, "SalesInvoice", MONDAY + DAY, **invoice(5, today - days * DAY, str(number)))
    diary.create("SalesInvoice", Reference="3")
    tested = tried(diary.write(tmp_path / "A.manager"), "backdated")
    assert said_of(tested) == [
        "Sales Invoice — 0 — 2024-01-28 was given the date 28 Jan 2024 only 401 days later, on 4 Mar 2025.",
        "Sales Invoice — 2 — 2025-03-12 was given the date 12 Mar 2025, 8 days ahead.",
    ]
    assert tested.count == 3
    assert [note.told() for note in tested.notes] == ["1 documents have no date of their own and were left out."]
