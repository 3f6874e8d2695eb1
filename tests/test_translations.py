"""Whoever reads Hindi reads all of it in Hindi."""

from __future__ import annotations

import pytest

from manager_nb import i18n
from tests.translations import missing, placeholders, texts, unreadable

LANGUAGES = sorted(set(i18n.available()) - {"en"})


def test_every_text_stands_in_the_source_as_one_text() -> None:
    assert unreadable() == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_is_translated(code: str) -> None:
    lacking = [f"{text.places[0]}: {first}" for first, text in missing(code).items()]
    assert lacking == [], "python -m tests.translations prints the entries to fill in"


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_names_the_facts_of_its_text(code: str) -> None:
    wrong = [
        (english, translated)
        for forms, strings in i18n.pairs(i18n.read_catalogue(code))
        for english, translated in zip((forms * 2)[: len(strings)], strings, strict=True)
        if translated and placeholders(english) != placeholders(translated)
    ]
    assert wrong == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_catalogue_holds_nothing_that_is_no_longer_said(code: str) -> None:
    said = {text.forms for text in texts().values()}
    assert [forms for forms, _ in i18n.pairs(i18n.read_catalogue(code)) if forms not in said] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_translation_waits_for_a_second_look(code: str) -> None:
    assert [message.id for message in i18n.read_catalogue(code) if message.id and message.fuzzy] == []
