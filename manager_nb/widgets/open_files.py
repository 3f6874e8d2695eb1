"""The files that a panel with two sides has open: each once, also where both sides are of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from manager_nb.audit.search import commits_of
from manager_nb.backup.manifest import require_no_manifest
from manager_nb.timeline.business import Business, open_business
from manager_nb.widgets.glance import Glance, take_glance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from manager_nb.progress import Progress

Source = Path | Business
"""A file, or a business that was given open and stays open."""


class Seen(NamedTuple):
    """An open business with its figures and its actions."""

    business: Business
    glance: Glance
    actions: pa.Table


class OpenFiles:
    """Businesses by what they were opened from."""

    def __init__(self) -> None:
        self._open: dict[Source, Seen] = {}

    def get(self, source: Source | None) -> Seen | None:
        """What is open of it; None where it is not open."""
        return None if source is None else self._open.get(source)

    def missing(self, wanted: Iterable[Source | None]) -> list[Source]:
        """What is not open yet, once each."""
        return [one for one in dict.fromkeys(wanted) if one is not None and one not in self._open]

    def keep(self, found: Mapping[Source, Seen]) -> None:
        """Take what :meth:`read` gave."""
        self._open |= found

    def close_others(self, wanted: Iterable[Source | None]) -> None:
        """Close what is wanted no more."""
        kept = set(wanted)
        for source in [one for one in self._open if one not in kept]:
            _close(source, self._open.pop(source).business)


def read(sources: Iterable[Source], progress: Progress) -> dict[Source, Seen]:
    """Open businesses and read what a panel shows of them; runs in the thread of the work.

    Raises:
        SourceError: one cannot be read; none is left open then.
        CancelledError: the user cancelled; the same.
    """
    found: dict[Source, Seen] = {}
    try:
        for source in sources:
            found[source] = _see(source, progress)
    except BaseException:
        for source, seen in found.items():
            _close(source, seen.business)
        raise
    return found


def _see(source: Source, progress: Progress) -> Seen:
    if isinstance(source, Path):
        require_no_manifest(source)
    business = open_business(source, progress=progress) if isinstance(source, Path) else source
    try:
        return Seen(business, take_glance(business, progress), commits_of(business, progress).to_arrow())
    except BaseException:
        _close(source, business)
        raise


def _close(source: Source, business: Business) -> None:
    if business is not source:
        business.close()
