"""Changes counted by time and user."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from manager_nb.listing.activity import DAY, MONTH, WEEK, YEAR, activity

MICROSECONDS = pa.timestamp("us", "UTC")


def rows(*told: tuple[dt.datetime | None, str | None]) -> pa.Table:
    return pa.table(
        {
            "time": pa.array([time for time, _ in told], MICROSECONDS),
            "user": pa.array([user for _, user in told], pa.string()),
        }
    )


def at(day: str, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), dt.UTC)


def test_days_are_those_of_the_zone_and_have_no_gaps() -> None:
    told = rows((at("2025-07-01", 20), "R"), (at("2025-07-03", 1), "A"), (at("2025-07-03", 2), "R"), (None, "R"))
    counted = activity(told, "Asia/Kolkata")
    assert counted is not None
    assert (counted.unit, counted.users) == (DAY, ("R", "A"))
    assert counted.first == (dt.date(2025, 7, 2), dt.date(2025, 7, 3))  # 20:00 UTC is 01:30 the next day there
    assert counted.counts == ((1, 0), (1, 1))
    utc = activity(told, "UTC")
    assert utc is not None
    assert utc.counts == ((1, 0), (0, 0), (1, 1))


def test_long_times_are_counted_by_week_and_month() -> None:
    weeks = activity(rows((at("2025-01-01"), "R"), (at("2025-12-31"), None)), "UTC")
    assert weeks is not None
    assert (weeks.unit, weeks.first[0], weeks.last(0)) == (WEEK, dt.date(2024, 12, 30), dt.date(2025, 1, 5))
    assert sum(map(sum, weeks.counts)) == 2
    assert weeks.places(dt.date(2025, 1, 5), dt.date(2025, 1, 6)) == (0, 1)
    assert weeks.places(dt.date(2030, 1, 1), dt.date(2030, 1, 2)) is None
    months = activity(rows((at("2020-02-29"), "R"), (at("2025-12-31"), "R")), "UTC")
    assert months is not None
    assert (months.unit, months.last(0), len(months.first)) == (MONTH, dt.date(2020, 2, 29), 71)


def test_what_a_bar_is_can_be_chosen_as_long_as_there_are_not_too_many() -> None:
    year = rows((at("2025-01-01"), "R"), (at("2025-12-31"), None))
    days, months = activity(year, "UTC", DAY), activity(year, "UTC", MONTH)
    assert days is not None
    assert months is not None
    assert (days.unit, len(days.first), days.units) == (DAY, 365, (DAY, WEEK, MONTH))
    assert (months.unit, len(months.first)) == (MONTH, 12)
    long = activity(rows((at("2000-01-01"), "R"), (at("2025-12-31"), "R")), "UTC", DAY)
    assert long is not None
    assert (long.unit, long.units) == (MONTH, (MONTH,))


def test_the_busiest_users_have_a_series_and_the_others_one_together() -> None:
    told = [(at("2025-07-01"), f"user {n}") for n in range(12) for _ in range(n + 1)]
    counted = activity(rows(*told), "UTC")
    assert counted is not None
    assert counted.users == (*(f"user {n}" for n in range(11, 4, -1)), "")
    assert sum(counted.counts[0]) == len(told)
    assert counted.counts[0][-1] == 1 + 2 + 3 + 4 + 5


def test_without_times_there_is_nothing_to_count() -> None:
    assert activity(rows((None, "R")), "UTC") is None


def test_a_clock_that_stood_centuries_away_makes_few_bars_and_loses_no_change() -> None:
    told = rows((at("0001-01-01"), "R"), (at("2025-07-01"), "R"), (at("2025-07-02"), "A"), (at("9999-12-31", 23), "R"))
    for zone in ("UTC", "Asia/Kolkata", "America/New_York"):
        counted = activity(told, zone)
        assert counted is not None
        assert (counted.unit, counted.units) == (YEAR, (YEAR,))
        assert [day.year for day in counted.first] == [1, 2025, 9999]
        assert sum(map(sum, counted.counts)) == 4
        assert counted.last(2) == dt.date.max
        assert counted.places(dt.date(2025, 1, 1), dt.date(2025, 12, 31)) == (1, 1)


def test_decades_are_counted_by_year() -> None:
    counted = activity(rows((at("1980-06-01"), "R"), (at("2025-07-01"), "R")), "UTC")
    assert counted is not None
    assert (counted.unit, len(counted.first), counted.first[0]) == (YEAR, 46, dt.date(1980, 1, 1))
    assert counted.last(45) == dt.date(2025, 12, 31)
