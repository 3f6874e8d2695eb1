"""What a backup may be called: everything that Manager and every file system can hold stays as it is."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.backup.names import LONGEST_BACKUP, backup_name, file_name, numbered, suggest_name
from manager_nb.errors import BusinessNameError

TODAY = dt.date(2026, 3, 27)


def named(name: str) -> Any:
    return SimpleNamespace(name=name)


@pytest.mark.parametrize(
    ("business", "suggested"),
    [
        ("Himalaya Traders", "Himalaya Traders (2026-03-27)"),
        ("Himalaya Traders (2025-12-31)", "Himalaya Traders (2026-03-27)"),
        ("Himalaya (2025-12-31) (2026-01-01)", "Himalaya (2026-03-27)"),
        ("आरोही स्टोर्स", "आरोही स्टोर्स (2026-03-27)"),
        ("Acme(2)", "Acme(2) (2026-03-27)"),
        ("Two.dots.v2", "Two.dots.v2 (2026-03-27)"),
        ("R&D 'Test' 100% #2; £ ë", "R&D 'Test' 100% #2; £ ë (2026-03-27)"),
        ("Year (2025)", "Year (2025) (2026-03-27)"),
    ],
)
def test_the_suggested_name_is_the_businesss_with_the_date(business: str, suggested: str) -> None:
    assert suggest_name(named(business), TODAY) == suggested


def test_the_date_may_come_with_a_time() -> None:
    moment = dt.datetime(2026, 3, 27, 18, 30)  # noqa: DTZ001
    assert suggest_name(named("Acme"), moment) == "Acme (2026-03-27)"


def test_a_long_name_is_shortened_and_the_date_kept() -> None:
    suggested = suggest_name(named("अ" * 100), TODAY)
    assert suggested.endswith("अ (2026-03-27)")
    assert len(suggested.encode()) <= LONGEST_BACKUP


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ('a<b>c:d"e/f\\g|h?i*j', "a_b_c_d_e_f_g_h_i_j"),
        ("zero\0and\x1fcontrol\x7f", "zero_and_control_"),
        ("lone \udce9 surrogate", "lone _ surrogate"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("trailing. . ", "trailing"),
        ("con", "con_"),
        ("AUX.v2", "AUX_.v2"),
        ("Lpt1", "Lpt1_"),
        ("COM²", "COM²_"),
        ("Console", "Console"),
        ("NULL", "NULL"),
    ],
)
def test_only_what_some_file_system_cannot_store_is_replaced(typed: str, text: str) -> None:
    name = backup_name(typed)
    assert name.text == text
    assert name.replaced == (text != typed)
    assert not name.shortened


@pytest.mark.parametrize("ending", [".manager", ".manager.tar", ".Manager.zst", ".manager.tar.gz"])
def test_an_ending_that_was_typed_along_is_taken_off(ending: str) -> None:
    assert backup_name("Acme" + ending).text == "Acme"


@pytest.mark.parametrize("name", [" lead", ".hidden", "CaseX", "e\u0301", "é", "漢字 😀", "C++ & D, Ltd;", "a..b"])
def test_all_else_stays_letter_by_letter(name: str) -> None:
    assert backup_name(name).text == name
    assert backup_name(name).replaced is False


@pytest.mark.parametrize(
    "name", ["", " ", "..", ". .", "\u3000", ".manager", "238097db79f84dc5a44a0c6f8aa04e6c", "0" * 32]
)
def test_a_name_that_manager_could_not_show_is_refused(name: str) -> None:
    with pytest.raises(BusinessNameError) as caught:
        backup_name(name)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "longest", "kept"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcde"),
        ("कि", 3, "क"),  # a single letter: nothing before it to fall back to
        ("अकि", 6, "अ"),  # the vowel sign goes with its letter
        ("अक्ष", 9, "अ"),  # a conjunct is not cut in half
        ("ae\u0301", 2, "a"),
        ("a👨\u200d👩", 5, "a"),
        ("a👍🏽", 5, "a"),
        ("ab  cd", 4, "ab"),
    ],
)
def test_a_name_is_cut_between_letters(text: str, longest: int, kept: str) -> None:
    name = file_name(text, longest=longest)
    assert name.text == kept
    assert name.shortened == (kept != text)


def test_a_second_business_of_a_name_is_numbered_as_manager_does() -> None:
    assert [numbered("Acme", number) for number in (1, 2, 3)] == ["Acme", "Acme(2)", "Acme(3)"]


def test_where_windows_does_not_matter_its_signs_stay() -> None:
    assert file_name("a:b?. ", longest=239, everywhere=False).text == "a:b?. "
    assert file_name("a/b\0", longest=239, everywhere=False).text == "a_b_"


@settings(max_examples=100, deadline=None)
@given(typed=st.text(max_size=120), longest=st.integers(10, 239))
def test_any_text_gives_a_storable_name_that_stays_as_it_is_the_second_time(typed: str, longest: int) -> None:
    try:
        name = file_name(typed, longest=longest).text
    except BusinessNameError:
        return
    assert name
    assert len(name.encode()) <= longest
    assert not set(name) & set('<>:"/\\|?*\0')
    assert name not in {".", ".."}
    assert file_name(name, longest=longest).text == name
