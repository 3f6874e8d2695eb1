"""The business as at an instant: today's objects, walked back along their chains (docs/design.md, Time)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.schema import SCHEMA_TYPE
from manager_nb.timeline.around import Around
from manager_nb.timeline.certificate import Doubt
from manager_nb.timeline.keys import born

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from manager_nb.timeline.chains import Link
    from manager_nb.timeline.trail import Life, Trail

NOW, GONE = "now", "gone"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one object stood at the moment.

    Attributes:
        life: the object with its chain.
        done: how many changes of the chain were done.
        image: ``"now"`` (as the file has it), ``"gone"`` (not there), or the change and the side that hold it.
        cause: why this is not certain, None where it is.
    """

    life: Life
    done: int
    image: str | tuple[str, str]
    cause: str | None = None

    @property
    def doubt(self) -> Doubt | None:
        """What the certificate says of it."""
        return Doubt(self.life.key, self.cause) if self.cause else None


def standings(trail: Trail, ticks: int, commit: str | None = None) -> Iterator[Standing]:
    """How every object stood after all that was done up to a moment.

    Args:
        trail: the chains of the business.
        ticks: the moment, included.
        commit: the action that was the last one done; it names the moment also where the clock showed it twice.
    """
    named = dict(trail.commit(commit)) if commit else {}
    chains = {life.key: life.chain for life in trail.lives.values()}
    around = Around(chains, [(key, done - 1) for key, done in named.items()], trail.doubled) if named else None
    span = trail.doubled_at(ticks)
    for life in trail.lives.values():
        if life.key in named:
            yield _after(trail, life, named[life.key], ticks)
            continue
        least, most = around.bounds(life.key) if around else (0, len(life.chain.links))
        standing = _after(trail, life, _done(life, ticks, least, most), ticks)
        unplaced = life.chain.links[least:most]
        if span:
            yield _doubled(standing, span, unplaced)
        elif around and any(link.ticks == ticks for link in unplaced):
            yield Standing(life, standing.done, standing.image, "tied")
        else:
            yield standing


def _done(life: Life, ticks: int, least: int, most: int) -> int:
    """How many changes were done: up to the last one, in their real order, that the clock puts at or before.

    Args:
        life: the object.
        ticks: the moment.
        least: so many surely were.
        most: more surely were not.
    """
    times, known = [], 0
    for link in life.chain.links:  # one without a time came after the one before it, so it has no earlier time
        known = known if link.ticks is None else link.ticks
        times.append(known)
    return next((place for place in range(most, least, -1) if times[place - 1] <= ticks), least)


def _after(trail: Trail, life: Life, done: int, ticks: int) -> Standing:
    links = life.chain.links
    if not links:
        return _unchanged(trail, life, ticks)
    if done == len(links):
        return _at_the_end(trail, life, ticks)
    if done == 0:
        return _before_the_first(trail, life, ticks)
    last, following = links[done - 1], links[done]
    image = (last.change, "After") if last.after is not None else GONE
    cause = None if last.after == following.before else "outside"
    return Standing(life, done, image, cause or _untimed(life, done))


def _unchanged(trail: Trail, life: Life, ticks: int) -> Standing:
    """An object that History does not tell of."""
    written = life.now.ticks if life.now else None
    if written == 0 and trail.upgraded and life.key != SCHEMA_TYPE and ticks < trail.last:
        return Standing(life, 0, GONE, "upgrade")
    if written == 0 and trail.last < 0 and life.key != SCHEMA_TYPE:
        return Standing(life, 0, NOW, "trimmed")  # neither History nor the row says when: a file of an old Manager
    if written is None or written > ticks:
        made = born(life.key)
        return Standing(life, 0, GONE) if made and made > ticks else Standing(life, 0, NOW, "trimmed")
    return Standing(life, 0, NOW)


def _at_the_end(trail: Trail, life: Life, ticks: int) -> Standing:
    """After the last change: as the file has it, if that is what the change left."""
    links = life.chain.links
    last = links[-1]
    state = life.now.state if life.now else None
    if state == last.after:
        newest = max(ticks, *(link.ticks or 0 for link in links))  # a clock set back: not always that of the last one
        later = life.now is not None and life.now.ticks is not None and life.now.ticks > newest
        cause = "undone" if later else _untimed(life, len(links))
        return Standing(life, len(links), NOW if state is not None else GONE, cause)
    image: str | tuple[str, str] = (last.change, "After") if last.after is not None else GONE
    if ticks >= trail.last:
        image = NOW if state is not None else GONE
    return Standing(life, len(links), image, "upgrade" if trail.upgraded and life.now else "outside")


def _before_the_first(trail: Trail, life: Life, ticks: int) -> Standing:
    first = life.chain.links[0]
    if first.before is None:
        return Standing(life, 0, GONE, _untimed(life, 0))
    made = born(life.key)
    if made and made > ticks:
        return Standing(life, 0, GONE)
    if trail.first <= ticks and made and made < trail.first:
        return Standing(life, 0, (first.change, "Before"))  # older than History, which tells of every change since
    return Standing(life, 0, (first.change, "Before"), "outside" if made and made >= trail.first else "trimmed")


def _doubled(standing: Standing, span: tuple[int, int], unplaced: Sequence[Link]) -> Standing:
    """What only the clock places, and the clock showed that moment twice, is in doubt."""
    low, high = span
    touched = any(link.ticks is not None and low <= link.ticks <= high for link in unplaced)
    return Standing(standing.life, standing.done, standing.image, "clock") if touched else standing


def _untimed(life: Life, done: int) -> str | None:
    beside = life.chain.links[max(done - 1, 0) : done + 1]
    return "untimed" if any(link.ticks is None for link in beside) else None
