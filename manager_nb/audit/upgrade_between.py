"""Which records that differ between two files without a change are like what an upgrade in between makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.audit.upgrades import TIMED, Standing, difference, unlike
from manager_nb.format.database import Database
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.lookup import Lookup
from manager_nb.model.objects import find_object
from manager_nb.progress import heeded
from manager_nb.timeline.images import image_of
from manager_nb.timeline.keys import is_own

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from manager_nb.audit.upgrades import Difference, Side
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business

ADDED, GONE, ALTERED, BROKEN = "added", "gone", "altered", "broken"
"""How a record can differ between two files although no change tells why."""

CAME = mark("an upgrade adds records of the program's own only")
WENT = mark("an upgrade was not seen to remove a record")


def unlike_an_upgrade(
    earlier: Business,
    later: Business,
    objects: Collection[tuple[str, str]],
    old: Collection[str],
    progress: Progress,
) -> tuple[tuple[str, str], ...]:
    """The records that are not like what an upgrade makes, each with the reason, in the order of their keys.

    Args:
        earlier: the earlier backup.
        later: the later file.
        objects: the records that differ, with how.
        old: keys of the changes that the earlier backup has, in lower case.
        progress: its cancel is heeded.
    """
    found: dict[str, str] = {}
    compared: list[Difference] = []
    lookup = Lookup(Database(earlier.open_source.database))
    for key, cause in heeded(objects, progress):
        was, then = earlier.trail.lives.get(key), later.trail.lives.get(key)
        sides = _sides(earlier, later, key, old)
        if sides is not None:
            compared.append(difference(key, *sides, lookup))
            if cause == ALTERED and was and then and was.now and then.now and was.now.ticks != then.now.ticks:
                found[key] = TIMED
        elif reason := _came_or_went(earlier, key, cause):
            found[key] = reason
    differing = {key for key, _ in objects}
    found |= {str(key): reason for key, reason in unlike(compared, _standing(earlier, later, differing, old)).items()}
    return tuple(sorted(found.items()))


def _came_or_went(earlier: Business, key: str, cause: str) -> str | None:
    if cause == GONE:
        stored = find_object(Database(earlier.open_source.database), key)
        known = SCHEMA.type_of(stored.content_type.lower()) if stored else None
        return None if known is not None and known.obsolete else WENT
    return None if is_own(key) else CAME


def _sides(earlier: Business, later: Business, key: str, old: Collection[str]) -> tuple[Side, Side] | None:
    """A record as the earlier backup has it, and as it was found next; None where it was not there on both sides."""
    was = find_object(Database(earlier.open_source.database), key)
    if was is None:
        return None
    before = was.content_type.lower(), was.content
    life = later.trail.lives.get(key)
    since = next((link for link in life.chain.links if link.change.lower() not in old), None) if life else None
    database = Database(later.open_source.database)
    if since is not None:
        image = image_of(database, since.change, "Before")
        return None if image is None else (before, image)
    now = find_object(database, key)
    return None if now is None else (before, (now.content_type.lower(), now.content))


def _standing(
    earlier: Business, later: Business, differing: Collection[str], old: Collection[str]
) -> Iterator[Standing]:
    """The records that are in the later file as the earlier backup has them."""
    for key, guid, content in earlier.objects():
        life = later.trail.lives.get(key.lower())
        if life is None or life.now is None or key.lower() in differing:
            continue
        if all(link.change.lower() in old for link in life.chain.links):
            yield Standing(key.lower(), guid.lower(), content)
