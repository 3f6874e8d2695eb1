"""The tests of what happened after closing, filing and sending, in the order in which people read them."""

from __future__ import annotations

from manager_nb.audit.closing import deleted, locks, mailed, periods

RULES = (*locks.RULES, *periods.RULES, *mailed.RULES, *deleted.RULES)
"""All of them."""
