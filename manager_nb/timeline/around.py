"""What surely came before an action, and what surely came after it, whatever the clock said.

Within one object the links between images tell the order; all the changes of an action were made together. So from the
changes of an action, links and shared actions lead to others that came earlier or later. What they do not lead to, only
the clock can place.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.timeline.chains import Chain

Place = tuple[str, int]
"""A change: the key of its object, and which link of its chain."""


class Around:
    """The order around one action.

    Args:
        chains: the chain of every object, by its key.
        changes: the changes of the action.
        doubled: the spans of time that the clock showed twice, in ticks.
    """

    def __init__(self, chains: Mapping[str, Chain], changes: list[Place], doubled: Sequence[tuple[int, int]]) -> None:
        self._chains = chains
        self._unsure = {key for key, chain in chains.items() if chain.ambiguous or _may_differ(chain, doubled)}
        self._together: dict[str, list[Place]] = defaultdict(list)
        for key, chain in chains.items():
            for place, link in enumerate(chain.links):
                if link.commit is not None:
                    self._together[link.commit].append((key, place))
        self._before = self._reached(changes, -1)
        self._after = self._reached(changes, 1)

    def bounds(self, key: str) -> tuple[int, int]:
        """At least and at most how many changes of an object were done when the action was."""
        links = len(self._chains[key].links)
        if key in self._unsure:  # another order links as well, so no place in it is certain
            return 0, links
        least = max((place + 1 for place in self._before.get(key, ())), default=0)
        most = min(self._after.get(key, ()), default=links)
        return (least, most) if least <= most else (0, links)  # a circle: somebody edited History

    def _reached(self, changes: list[Place], step: int) -> dict[str, set[int]]:
        """The changes that links lead to in one direction, by object."""
        found: dict[str, set[int]] = defaultdict(set)
        waiting = list(changes)
        while waiting:
            key, place = waiting.pop()
            chain = self._chains[key]
            for here in _linked(chain, place, step) if key not in self._unsure else ():
                if here in found[key]:
                    break
                found[key].add(here)
                for other, there in self._together.get(chain.links[here].commit or "", ()):
                    if there not in found[other]:
                        found[other].add(there)
                        waiting.append((other, there))
        return found


def _linked(chain: Chain, place: int, step: int) -> Iterator[int]:
    """The places that follow in one direction, as far as the links leave no doubt."""
    here = place + step
    while 0 <= here < len(chain.links):
        first, second = sorted((here, here - step))
        if chain.links[first].after != chain.links[second].before:
            return
        yield here
        here += step


def _may_differ(chain: Chain, doubled: Sequence[tuple[int, int]]) -> bool:
    """Whether the changes link in another order too, and the clock, which chose this one, was set back meanwhile."""
    departures = [link.before for link in chain.links]
    if not doubled or len(set(departures)) == len(departures):
        return False
    times = [link.ticks for link in chain.links if link.ticks is not None]
    return any(low <= ticks <= high for ticks in times for low, high in doubled)
