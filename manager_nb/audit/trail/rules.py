"""The tests of the trail, in the order in which people read them."""

from __future__ import annotations

from manager_nb.audit.trail import chains, clock, coverage, earlier, users

RULES = (*coverage.RULES, *earlier.RULES, *chains.RULES, *clock.RULES, *users.RULES)
"""All of them."""
