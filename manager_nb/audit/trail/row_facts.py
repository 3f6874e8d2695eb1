"""What rows of History are, many at once: asking the file for each alone takes a hundred times as long."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.progress import check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business

RowFacts = defaultdict[str, "Mapping[str, Any]"]
"""Time, user, label and type of rows by their keys in lower case; nothing of what is not there."""

_COLUMNS = ("ticks", "user", "label", "type")
_AT_ONCE = 1_000


def facts_of(business: Business, changes: Iterable[str], progress: Progress) -> RowFacts:
    """What rows of History are.

    Args:
        business: whose History.
        changes: their keys in lower case.
        progress: its cancel is heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    wanted = list(dict.fromkeys(changes))
    found: RowFacts = defaultdict(lambda: dict.fromkeys(_COLUMNS))
    for start in range(0, len(wanted), _AT_ONCE):
        check(progress)
        some = wanted[start : start + _AT_ONCE]
        rows = business.history_rows([*some, *map(str.upper, some)]).to_arrow(["change", *_COLUMNS])
        found.update({str(row["change"]).lower(): row for row in rows.to_pylist()})
    return found
