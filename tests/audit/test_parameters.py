"""What a test can be told: each value checked once, told in words, and written so that it is read again."""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import manager_nb as mn
from manager_nb.audit.catalogue import ALL, parameters_of
from manager_nb.audit.parameters import COUNT, DAY, DAYS, HOURS, MONEY, PERCENT, WEEKDAYS, WORDS, Parameter
from manager_nb.errors import ParameterError
from manager_nb.i18n import Language

if TYPE_CHECKING:
    from pathlib import Path


def parameter(kind: str, *, several: bool = False) -> Parameter:
    return Parameter("it", "It", kind, None, several)


@pytest.mark.parametrize(
    ("kind", "given_value", "read"),
    [
        (COUNT, "5", 5),
        (DAYS, 30, 30),
        (MONEY, "50,000.50", Decimal("50000.50")),
        (MONEY, 50000, Decimal(50000)),
        (PERCENT, Decimal("2.5"), Decimal("2.5")),
        (DAY, "2026-04-15", dt.date(2026, 4, 15)),
        (DAY, dt.date(2026, 4, 15), dt.date(2026, 4, 15)),
        (HOURS, "7:00 - 22:30", (dt.time(7), dt.time(22, 30))),
        (HOURS, (7, 22), (dt.time(7), dt.time(22))),
        (WEEKDAYS, "6", 6),
        (WORDS, " API ", "API"),
    ],
)
def test_a_value_is_read_from_code_and_from_what_a_person_wrote(kind: str, given_value: Any, read: Any) -> None:
    assert parameter(kind).read(given_value) == read


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (COUNT, -1),
        (COUNT, True),
        (COUNT, 1.5),
        (COUNT, "many"),
        (MONEY, 50000.0),
        (MONEY, "NaN"),
        (MONEY, "Infinity"),
        (MONEY, "-1"),
        (MONEY, Decimal("1E+999999")),
        (MONEY, Decimal("1E-999999")),
        (MONEY, "9" * 40),
        (COUNT, "9" * 5000),
        (DAYS, 10**30),
        (PERCENT, 101),
        (DAY, "15.04.2026"),
        (DAY, dt.datetime(2026, 4, 15, tzinfo=dt.UTC)),
        (HOURS, "07:00-07:00"),
        (HOURS, "25:00-26:00"),
        (HOURS, "morning"),
        (HOURS, (7,)),
        (WEEKDAYS, 7),
        (WORDS, 5),
    ],
)
def test_what_does_not_fit_is_refused_with_an_example(kind: str, wrong: object) -> None:
    with pytest.raises(ParameterError) as refused:
        parameter(kind).read(wrong)
    assert "The setting “It” cannot be" in refused.value.message
    assert refused.value.hint.startswith("What is allowed: ")
    assert refused.value.parameter == "it"
    assert ("float" in refused.value.hint) == (wrong == 50000.0)
    assert len(refused.value.message) < 150


def test_what_is_refused_says_of_which_test_it_is_in_the_readers_language(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business, pytest.raises(ParameterError) as refused:
        mn.audit(business, days_off="Funday")
    assert (refused.value.rule, refused.value.parameter) == ("out of days", "days_off")
    message, hint = refused.value.in_language(Language("hi").text)
    assert "सप्ताह" in message
    assert "Funday" in message
    assert "शनिवार" in hint
    assert pickle.loads(pickle.dumps(refused.value)).rule == "out of days"


def test_days_of_the_week_have_names(himalaya: Path) -> None:
    days = parameter(WEEKDAYS, several=True)
    assert days.read("Saturday; sunday") == days.read(" शनिवार;रविवार") == days.read("5;6") == (5, 6)
    assert days.written((5, 6)) == "Saturday; Sunday"
    with mn.open_business(himalaya) as business:
        named = mn.audit(business, rules="out of days", days_off="Wednesday")
        assert named.to_arrow() == mn.audit(business, rules="out of days", days_off=2).to_arrow()
        assert len(named) > 1


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_emptied_value_means_the_default(empty: object) -> None:
    assert Parameter("it", "It", COUNT, 3).read(empty) == 3
    assert Parameter("it", "It", MONEY, (Decimal(5),), several=True).read(empty) == (Decimal(5),)
    assert parameter(DAY).read(empty) is None


@pytest.mark.parametrize("empty", [None, ""])
def test_no_emptied_parameter_ends_an_audit_or_changes_it(himalaya: Path, empty: object) -> None:
    with mn.open_business(himalaya) as business:
        usual = mn.audit(business, zone="Asia/Kolkata")
        emptied = mn.audit(business, zone="Asia/Kolkata", **dict.fromkeys(parameters_of(ALL), empty))
    assert emptied.to_arrow() == usual.to_arrow()


def test_no_value_is_none_and_of_several_it_is_no_values() -> None:
    assert parameter(MONEY).read("") is None
    assert parameter(MONEY).read(None) is None
    assert parameter(MONEY, several=True).read("") == ()


def test_several_values_are_written_with_semicolons() -> None:
    assert parameter(MONEY, several=True).read("10,000; 50,000") == (Decimal(10000), Decimal(50000))
    assert parameter(WEEKDAYS, several=True).read([5, 6]) == (5, 6)
    assert parameter(WEEKDAYS, several=True).read(6) == (6,)


def test_a_value_is_told_in_the_words_of_a_language() -> None:
    english, hindi = Language("en"), Language("hi")
    assert parameter(MONEY).told(Decimal(150000), hindi) == "1,50,000"
    assert parameter(WEEKDAYS, several=True).told((5, 6), english) == "Saturday; Sunday"
    assert parameter(WEEKDAYS).told(6, hindi) == "रविवार"
    assert parameter(DAY).told(dt.date(2026, 4, 5), english) == "5 Apr 2026"
    assert parameter(PERCENT).told(Decimal(5), english) == "5%"
    assert parameter(HOURS).told((dt.time(7), dt.time(22)), english) == "07:00-22:00"
    assert parameter(MONEY).told(None, english) == ""


VALUES = {
    COUNT: st.integers(0, 10**9),
    MONEY: st.decimals(0, 10**12, allow_nan=False, allow_infinity=False, places=3),
    DAY: st.dates(),
    HOURS: st.tuples(st.times(), st.times())
    .map(lambda pair: tuple(time.replace(second=0, microsecond=0) for time in pair))
    .filter(lambda pair: pair[0] != pair[1]),
    WEEKDAYS: st.integers(0, 6),
}


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind])))
def test_what_is_written_is_read_again(case: tuple[str, Any]) -> None:
    kind, value = case
    one, many = parameter(kind), parameter(kind, several=True)
    assert one.read(one.written(value)) == value
    assert many.read(many.written((value, value))) == (value, value)
