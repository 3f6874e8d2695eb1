"""Tests on what documents say: no description, or one that tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.parameters import COUNT, Parameter
from manager_nb.audit.rule import LOW, TESTS, Rule, Tested, about_document
from manager_nb.audit.telling import label_of
from manager_nb.i18n import mark
from manager_nb.model.said import said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.audit.books import Books

_LETTERS = Parameter("letters", mark("A description has at least so many letters"), COUNT, 3)
_TYPES = ("JournalEntry",)


def _undescribed(books: Books, chosen: Mapping[str, Any]) -> Tested:
    tested = [one for one in books.documents.values() if one.there and one.type in _TYPES]
    found = tuple(
        about_document(one, LOW, said("{label} does not say what it is for.", label=label_of(one)))
        for one in tested
        if sum(sign.isalpha() for sign in one.description) < chosen[_LETTERS.name]
    )
    return Tested(said("Journal entries that are there now"), len(tested), found)


RULES = (
    Rule(
        "no description",
        TESTS,
        mark("No description, or a poor one"),
        mark("Journal entries with little or no explanation or account description (ISA 240, A45)."),
        _undescribed,
        (_LETTERS,),
    ),
)
"""The tests of this module."""
