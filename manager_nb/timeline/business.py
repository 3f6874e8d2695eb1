"""A business with its past: what :func:`manager_nb.open_business` gives."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from manager_nb.errors import MomentError, NotFoundError
from manager_nb.format.containers import OpenSource, open_source
from manager_nb.model import business as model
from manager_nb.progress import SILENT, heeded
from manager_nb.timeline.as_at import standings
from manager_nb.timeline.certificate import Certificate, certify
from manager_nb.timeline.moments import last_tick
from manager_nb.timeline.past import make_past
from manager_nb.timeline.trail import Trail

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.timeline.certificate import Doubt


class Business(model.Business):
    """A business as its file holds it, and as at any moment that its History reaches."""

    def as_at(
        self,
        when: dt.datetime | dt.date | int | None = None,
        *,
        commit: str | None = None,
        zone: str = "UTC",
        progress: Progress = SILENT,
    ) -> PastBusiness:
        """The business as it was at a moment, that moment included.

        Args:
            when: an aware datetime, a date (its end, in `zone`), or .NET ticks (UTC).
            commit: an action by its key, instead of a time: as it was right after that action. This names the moment
                without doubt where the clock showed a time twice.
            zone: the time zone in which a date ends.
            progress: its cancel is heeded.

        Returns:
            The business of that moment, with a certificate.

        Raises:
            NotFoundError: History has no such action.
            MomentError: neither or both of `when` and `commit` are given, or what is given is no moment.
            CancelledError: the user cancelled.
        """
        if (when is None) == (commit is None):
            raise MomentError(
                "Neither or both of a moment and an action were given.",
                hint="Give either a moment or the key of an action.",
            )
        ticks = last_tick(when, zone) if when is not None else self._commit_ticks(str(commit))
        self.trail.read(progress)
        stood = list(heeded(standings(self.trail, ticks, commit), progress))
        past = make_past(self.open_source, heeded(stood, progress), ticks)
        doubts = [standing.doubt for standing in stood if standing.doubt]
        possible = bool(self.trail.last >= 0) or not doubts
        return PastBusiness(past, self, ticks, doubts, possible=possible)

    @functools.cached_property
    def trail(self) -> Trail:
        """The chains of all changes."""
        return Trail(self._database)

    def _commit_ticks(self, commit: str) -> int:
        times = [
            link.ticks
            for life in self.trail.lives.values()
            for link in life.chain.links
            if link.commit is not None and link.commit.lower() == commit.lower()
        ]
        if not times:
            raise NotFoundError(
                "History has no action with the key {commit}.",
                hint="Take a key from the column commit of the History table.",
                path=self.source.path,
                commit=commit,
            )
        return max(ticks or 0 for ticks in times)


class PastBusiness(Business):
    """A business as at a moment; everything is read as in :class:`Business`.

    Attributes:
        ticks: the moment, in ticks (UTC).
        certificate: how sure the reconstruction is.
    """

    def __init__(self, past: OpenSource, today: Business, ticks: int, doubts: list[Doubt], *, possible: bool) -> None:
        super().__init__(past)
        self.ticks = ticks
        self.certificate: Certificate = certify(
            [(doubt, *self._described(doubt.object, today)) for doubt in doubts], possible=possible
        )

    def _described(self, key: str, today: Business) -> tuple[str, str]:
        for business in (self, today):
            try:
                record = business.record(key)
            except NotFoundError:
                continue
            return record.type, record.label
        return "", ""


def open_business(path: Path | str, name: str | None = None, *, progress: Progress = SILENT) -> Business:
    """Open a business for reading; see :func:`manager_nb.model.business.open_business`."""
    business = Business(open_source(path, name=name, progress=progress))
    model.warn_of_newer_schema(business)
    return business
