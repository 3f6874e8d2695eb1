"""The links of each object's changes: the order in which they really happened, and where the trail breaks.

A change holds the image before and the image after. Where each After equals the next Before, the changes are a chain,
and the chain tells the order: not the clock, which an administrator can set back (docs/format.md §2).
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

State = bytes | None
"""A digest of content type and content; None where the object is not there."""


@dataclass(frozen=True, slots=True)
class Link:
    """One change of one object.

    Attributes:
        change: key of the row in ``Changes``.
        commit: the action it belongs to, None where the row does not say.
        ticks: when, by the clock of that time; None where the row does not say.
        before: the state it found.
        after: the state it left.
    """

    change: str
    commit: str | None
    ticks: int | None
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Chain:
    """The changes of one object in the order in which they happened.

    Attributes:
        links: the changes, in that order.
        twins: changes that one commit made twice from the same state, and that left no mark.
        reordered: whether that order contradicts the clock.
        ambiguous: whether the links allow another order as well (a state that came back).
    """

    links: tuple[Link, ...]
    twins: tuple[Link, ...] = ()
    reordered: bool = False
    ambiguous: bool = False

    def breaks(self) -> Iterator[int]:
        """Each place n where link n does not begin with what link n - 1 left."""
        for place in range(1, len(self.links)):
            if self.links[place - 1].after != self.links[place].before:
                yield place

    def set_back(self) -> Iterator[tuple[int, int]]:
        """Each time the clock stood lower at a change than at the change before it: (lower, higher) in ticks."""
        for earlier, later in itertools.pairwise(self.links):
            if earlier.ticks is not None and later.ticks is not None and later.ticks < earlier.ticks:
                yield later.ticks, earlier.ticks


def state(content_type: str | None, content: bytes | None) -> State:
    """The digest by which two images are the same."""
    if content_type is None:
        return None
    return hashlib.blake2b(content_type.encode() + b"\0" + (content or b""), digest_size=16).digest()


def chain(changes: Iterable[Link], now: State) -> Chain:
    """Put the changes of one object in order.

    Args:
        changes: in any order.
        now: the state of the object in the file.
    """
    by_clock = sorted(changes, key=lambda link: (link.ticks if link.ticks is not None else -1, link.change))
    links, twins = _without_twins(by_clock, now)
    ends_there = not links or links[-1].after == now
    if _linked(links) and ends_there:
        return Chain(tuple(links), tuple(twins))
    ordered = [link for trail in _trails(links, now) for link in trail]
    if _linked(links) and not (_linked(ordered) and ordered[-1].after == now):
        return Chain(tuple(links), tuple(twins))  # no order leads to what the file has
    reordered = [link.change for link in ordered] != [link.change for link in links]
    departures = [link.before for link in links]
    return Chain(tuple(ordered), tuple(twins), reordered, reordered and len(set(departures)) < len(departures))


def _linked(links: Sequence[Link]) -> bool:
    return all(earlier.after == later.before for earlier, later in itertools.pairwise(links))


def _without_twins(links: list[Link], now: State) -> tuple[list[Link], list[Link]]:
    """Of changes that one commit made from one state, keep the one that the others or the file continue."""
    alike: dict[tuple[str, State], list[Link]] = defaultdict(list)
    for link in links:
        if link.commit is not None:
            alike[link.commit, link.before].append(link)
    several = [group for group in alike.values() if len(group) > 1]
    if not several:
        return links, []
    begun = {link.before for link in links} | {now}
    dropped = []
    for group in several:
        kept = next((link for link in group if link.after in begun and link.after != link.before), group[-1])
        dropped += [link for link in group if link is not kept]
    gone = {id(link) for link in dropped}
    return [link for link in links if id(link) not in gone], dropped


def _trails(links: list[Link], now: State) -> list[list[Link]]:
    """The fewest linked runs that hold every change, each in its own order, sorted by the clock of their first change.

    Changes are edges from Before to After. Joining each loose end with a loose beginning makes every state left as
    often as it is entered; a closed walk over all edges (Hierholzer), cut at the joints, is then the runs. A run that
    ends where it begins may begin at any of its states: one that has the state of the file begins, and ends, there.
    """
    leaving: dict[State, list[Link | State]] = defaultdict(list)
    balance: dict[State, int] = defaultdict(int)
    for link in reversed(links):  # the earliest is taken first, from the end of the list
        leaving[link.before].append(link)
        balance[link.before] += 1
        balance[link.after] -= 1
    beginnings = [at for at, surplus in balance.items() for _ in range(surplus)]
    ends = [at for at, surplus in balance.items() for _ in range(-surplus)]
    for end, beginning in zip(ends, beginnings, strict=True):
        leaving[end].insert(0, beginning)
    trails: list[list[Link]] = []
    for start in [*beginnings, now, *(link.before for link in links)]:
        if leaving[start]:
            trails += _cut(_walk(start, leaving))
    return sorted(trails, key=lambda trail: (trail[0].ticks if trail[0].ticks is not None else -1, trail[0].change))


def _walk(start: State, leaving: dict[State, list[Link | State]]) -> list[Link | None]:
    """A closed walk from a state over all edges that can be reached; a joint is None."""
    path: list[tuple[State, Link | None, bool]] = [(start, None, True)]
    walked: list[Link | None] = []
    while path:
        at = path[-1][0]
        if leaving[at]:
            edge = leaving[at].pop()
            joint = not isinstance(edge, Link)
            path.append((edge.after, edge, False) if isinstance(edge, Link) else (edge, None, joint))
        else:
            walked.append(path.pop()[1])
    return walked[::-1]


def _cut(walk: list[Link | None]) -> list[list[Link]]:
    trails: list[list[Link]] = [[]]
    for edge in walk:
        if edge is None:
            trails.append([])
        else:
            trails[-1].append(edge)
    trails = [trail for trail in trails if trail]
    if len(trails) > 1 and trails[-1][-1].after == trails[0][0].before:
        trails[0] = trails.pop() + trails[0]  # the walk began in the middle of a run
    return trails
