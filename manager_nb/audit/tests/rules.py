"""The tests on journal entries and documents, in the order in which people read them."""

from __future__ import annotations

from manager_nb.audit.tests import (
    accounts,
    amounts,
    bank_details,
    benford,
    duplicates,
    emails,
    numbers,
    parties,
    people,
    settings,
    timing,
    words,
)

RULES = (
    *timing.RULES,
    *words.RULES,
    *accounts.RULES,
    *amounts.RULES,
    *benford.RULES,
    *numbers.RULES,
    *duplicates.RULES,
    *bank_details.RULES,
    *parties.RULES,
    *people.RULES,
    *settings.RULES,
    *emails.RULES,
)
"""All of them."""
