"""One record as it is, or as History last knew it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.errors import NotFoundError
from manager_nb.format.database import Database
from manager_nb.model.objects import StoredObject
from manager_nb.model.records import Record, record_of
from manager_nb.timeline.images import image_of

if TYPE_CHECKING:
    from manager_nb.timeline.business import Business


@dataclass(frozen=True, slots=True)
class LastKnown:
    """A record, whether it is still there or not.

    Attributes:
        record: as it is; of a deleted one as it was last, secrets masked.
        deleted: key of the change that deleted it; None where it is there.
    """

    record: Record
    deleted: str | None = None


def last_known(business: Business, key: str) -> LastKnown:
    """A record by its key, also a deleted one: then as History last knew it.

    Args:
        business: the business.
        key: of the record; upper and lower case are the same.

    Raises:
        NotFoundError: neither the business nor its History holds it.
    """
    try:
        return LastKnown(business.record(key))
    except NotFoundError:
        life = business.trail.life(key)
        if life is None:
            raise
    database = Database(business.open_source.database)
    for link in reversed((*life.chain.twins, *life.chain.links)):
        for side in ("After", "Before"):  # where the row of the deletion is lost, the change before it still tells
            image = image_of(database, link.change, side)
            if image is not None:
                stored = StoredObject(life.key, *image, link.ticks)
                return LastKnown(record_of(stored, unmask=False), link.change)
    raise NotFoundError(
        "History names the record {key} without holding what was in it.",
        hint="Look for it in a backup made before it was deleted.",
        path=business.source.path,
        key=key,
    )
