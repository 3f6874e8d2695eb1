"""Texts, numbers and dates in the user's language."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest

from manager_nb import i18n
from manager_nb.errors import NotABusinessError
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import Language, available, detect
from manager_nb.model.labels import title

ENGLISH, HINDI = Language("en"), Language("hi")
MOMENT = dt.datetime(2026, 9, 27, 18, 45, 9, tzinfo=dt.UTC)


@pytest.fixture
def no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MANAGER_NB_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")


def test_each_language_is_offered_under_its_own_name() -> None:
    assert available() == {"en": "English", "hi": "हिन्दी"}
    assert [Language(code).name for code in available()] == list(available().values())


def test_an_unknown_language_is_english() -> None:
    assert Language("xx") == ENGLISH


def test_a_text_is_translated_before_its_facts_are_put_in() -> None:
    assert ENGLISH.text("{time} ({zone})", time="a", zone="b") == "a (b)"
    assert HINDI.text("Cancel") == "रद्द करें"


def test_a_text_that_no_catalogue_knows_stays_english_and_without_facts_a_template() -> None:
    assert HINDI.text("Nobody says {this}.") == "Nobody says {this}."
    assert HINDI.text("Nobody says {this}.", this="x") == "Nobody says x."


def test_an_error_speaks_the_users_language() -> None:
    error = NotABusinessError("Cancelled.", hint="Nobody says {this}.", this="x")
    assert error.in_language(HINDI.text) == ("रद्द किया गया।", "Nobody says x.")


@pytest.mark.parametrize(("count", "english", "hindi"), [(0, "0 bytes", "0 बाइट"), (1, "1 byte", "1 बाइट")])
def test_a_count_takes_its_form(count: int, english: str, hindi: str) -> None:
    forms = ("{count} byte", "{count} bytes")
    assert (ENGLISH.plural(*forms, count), HINDI.plural(*forms, count)) == (english, hindi)


def test_a_plural_that_no_catalogue_knows_stays_english() -> None:
    forms = ("{count} thing of {owner}", "{count} things of {owner}")
    assert [HINDI.plural(*forms, count, owner="A") for count in (1, 2)] == ["1 thing of A", "2 things of A"]


@pytest.mark.parametrize(
    ("value", "digits", "english", "hindi"),
    [
        (Decimal("12345678.50"), None, "12,345,678.50", "1,23,45,678.50"),
        (Decimal("-0.005"), 2, "-0.01", "-0.01"),
        (Decimal("2.5"), 0, "3", "3"),
        (1234567, None, "1,234,567", "12,34,567"),
        (Decimal("0.00"), None, "0.00", "0.00"),
        (Decimal("1E+3"), None, "1,000", "1,000"),
        (Decimal("79228162514264337593543950335.1234567"), 7, "79,228,162,514,264,337,593,543,950,335.1234567", None),
    ],
)
def test_money_keeps_every_digit(value: Decimal | int, digits: int | None, english: str, hindi: str | None) -> None:
    assert ENGLISH.number(value, digits) == english
    assert hindi is None or HINDI.number(value, digits) == hindi


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1_135_616, "1.1 MB"),
        (5 * 10**15, "5,000 TB"),
    ],
)
def test_a_size_is_told_as_people_read_it(size: int, shown: str) -> None:
    assert ENGLISH.size(size) == shown


def test_a_share_is_a_percentage() -> None:
    assert (ENGLISH.percent(0.417), HINDI.percent(1)) == ("42%", "100%")


def test_a_day_is_written_out() -> None:
    assert ENGLISH.date(dt.date(2026, 3, 27)) == "27 Mar 2026"
    assert HINDI.date(dt.date(2026, 3, 27)) == "27 मार्च 2026"


def test_a_moment_names_the_zone_that_it_is_told_in() -> None:
    assert ENGLISH.datetime(MOMENT, "Asia/Kolkata") == "28 Sept 2026, 00:15 (India Time)"
    assert HINDI.datetime(MOMENT, "UTC", seconds=True) == "27 सितंबर 2026, 18:45:09 (UTC)"


@pytest.mark.parametrize(
    ("name", "english", "hindi"),
    [
        ("Asia/Kolkata", "India Time", "भारत समय"),
        ("Asia/Calcutta", "India Time", "भारत समय"),
        ("America/New_York", "New York Time", "न्यूयॉर्क समय"),
        ("Etc/UTC", "UTC", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_a_zone_is_called_as_people_call_it(name: str, english: str, hindi: str) -> None:
    assert (ENGLISH.zone(name), HINDI.zone(name)) == (english, hindi)


def test_a_moment_in_its_own_zone_is_told_as_it_is() -> None:
    assert ENGLISH.datetime(MOMENT) == "27 Sept 2026, 18:45"


def test_a_time_without_a_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ENGLISH.datetime(MOMENT.replace(tzinfo=None))


MACHINES = [
    ({}, "en"),
    ({"LANG": "hi_IN.UTF-8"}, "hi"),
    ({"LANG": "hi"}, "hi"),
    ({"LANG": "en_IN.UTF-8"}, "en"),
    ({"LANG": "fr_FR.UTF-8"}, "en"),
    ({"LANG": "C.UTF-8"}, "en"),
    ({"LANG": "hi_IN", "LC_ALL": "en_GB.UTF-8"}, "en"),
    ({"LANG": "en_US.UTF-8", "LANGUAGE": "mr:hi:en"}, "hi"),
    ({"LC_ALL": "en_US.UTF-8", "MANAGER_NB_LANGUAGE": "hi"}, "hi"),
    ({"LC_ALL": "", "LANG": "hi-IN"}, "hi"),
]


@pytest.mark.usefixtures("no_language")
@pytest.mark.parametrize(("set_to", "expected"), MACHINES)
def test_the_language_of_the_machine_is_taken(
    set_to: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    assert detect() == expected


def test_a_type_that_the_program_has_no_words_for_gets_some() -> None:
    raw = [title(kind) for kind in SCHEMA.types() if re.search("[a-z][A-Z]", ENGLISH.text(title(kind)))]
    assert raw == []
    assert ENGLISH.text("CheckboxCustomField") == "Custom Field: checkbox"
    assert HINDI.text("CheckboxCustomField") == "कस्टम फ़ील्ड: चेकबॉक्स"


def test_the_english_catalogue_holds_nothing_that_is_no_longer_said() -> None:
    titles = {title(kind) for kind in SCHEMA.types()}
    assert [forms for forms, _ in i18n.pairs(i18n.read_catalogue("en")) if forms[0] not in titles] == []
