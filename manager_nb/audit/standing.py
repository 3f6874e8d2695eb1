"""How long records stood as they were."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.timeline.chains import Link
    from manager_nb.timeline.trail import Life, Trail

FIRST, LAST = -1, 1 << 63
"""Before and after all times, in ticks."""

Image = tuple[str, str]
"""What a record was: key of a change with "Before" or "After", or the record's own key with "" for what it is now."""

Fact = TypeVar("Fact")


def spans(life: Life, facts: Mapping[Image, Fact]) -> Iterator[tuple[int, int, Fact]]:
    """What is known of a record at each time: first tick, the tick at which that was over, the fact.

    The times are in the order that the links between the record's changes tell. While it was not there it has none. A
    record without History is taken to have been always as it is.

    Args:
        life: of the record.
        facts: what is known of each of its images; nothing of those of other types.
    """
    links = life.chain.links
    limits = [FIRST, *_starts(links), LAST]
    for done, (start, end) in enumerate(itertools.pairwise(limits)):
        image = _image(life, done) if start < end else None
        fact = facts.get(image) if image else None
        if fact is not None:
            yield start, end, fact


def links_since(trail: Trail, key: str, ticks: int) -> tuple[Link, ...]:
    """The changes of a record after a moment, in the order in which they really happened."""
    life = trail.life(key)
    if life is None:
        return ()
    done = sum(start <= ticks for start in _starts(life.chain.links))
    return life.chain.links[done:]


def _starts(links: tuple[Link, ...]) -> list[int]:
    """When each change was surely done: where a clock was set back, when the clock showed that of a later one."""
    starts, earliest = [], LAST
    for link in reversed(links):
        earliest = earliest if link.ticks is None else min(earliest, link.ticks)
        starts.append(earliest)
    return starts[::-1]


def _image(life: Life, done: int) -> Image | None:
    """What a record was after so many of its changes; None while it was not there."""
    links = life.chain.links
    if not links:
        return (life.key, "") if life.now else None
    if done:
        return (links[done - 1].change, "After") if links[done - 1].after is not None else None
    return (links[0].change, "Before") if links[0].before is not None else None
