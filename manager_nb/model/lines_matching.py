"""Matches the lines of two versions of a document, so that an inserted line is one insertion.

Lines that are equal are found first, in order; what is left between them is paired where it has most in common.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Line = Mapping[str, Any]

_LARGE = 1_000_000
"""So many pairs of lines are too many to look at: beyond, lines are paired by their place."""


class Pair(NamedTuple):
    """A line before and after, by place from 0; None on the side where it is not."""

    old: int | None
    new: int | None
    moved: bool = False


def match_lines(old: Sequence[Line], new: Sequence[Line]) -> list[Pair]:
    """Which line became which: pairs that differ, lines removed, added or moved as they are; no equal ones."""
    found: list[Pair] = []
    for old_start, old_end, new_start, new_end in _unequal_blocks(old, new):
        found += _paired(old, new, range(old_start, old_end), range(new_start, new_end))
    return list(_with_moves(old, new, found))


def _unequal_blocks(old: Sequence[Line], new: Sequence[Line]) -> Iterator[tuple[int, int, int, int]]:
    shorter = min(len(old), len(new))
    start = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    most = shorter - start
    same = next((place for place in range(most) if old[-1 - place] != new[-1 - place]), most)
    old_end, new_end = len(old) - same, len(new) - same
    if (old_end - start) * (new_end - start) > _LARGE:
        yield start, old_end, start, new_end
        return
    left, right = ([repr(line) for line in lines] for lines in (old[start:old_end], new[start:new_end]))
    for what, *ends in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if what != "equal":
            yield ends[0] + start, ends[1] + start, ends[2] + start, ends[3] + start


def _paired(old: Sequence[Line], new: Sequence[Line], left: range, right: range) -> list[Pair]:
    """The best pairing of a block in order: as much as possible in common."""
    if not left or not right or len(left) * len(right) > _LARGE // 20:
        both = [Pair(one, other) for one, other in zip(left, right, strict=False)]
        return [
            *both,
            *(Pair(one, None) for one in left[len(both) :]),
            *(Pair(None, one) for one in right[len(both) :]),
        ]
    alone = 0.01 if len(left) == len(right) else 0.0
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    alike = [[_alike(old[one], new[other]) or alone for other in right] for one in left]
    for one in reversed(range(len(left))):
        for other in reversed(range(len(right))):
            paired = best[one + 1][other + 1] + alike[one][other]
            best[one][other] = max(paired, best[one + 1][other], best[one][other + 1])
    return list(_trace(best, alike, left, right))


def _trace(best: list[list[float]], alike: list[list[float]], left: range, right: range) -> Iterator[Pair]:
    one = other = 0
    while one < len(left) and other < len(right):
        if alike[one][other] and best[one][other] == best[one + 1][other + 1] + alike[one][other]:
            yield Pair(left[one], right[other])
            one, other = one + 1, other + 1
        elif best[one][other] == best[one + 1][other]:
            yield Pair(left[one], None)
            one += 1
        else:
            yield Pair(None, right[other])
            other += 1
    yield from (Pair(place, None) for place in left[one:])
    yield from (Pair(None, place) for place in right[other:])


def _alike(old: Line, new: Line) -> float:
    """The share of fields that are equal."""
    fields = old.keys() | new.keys()
    same = sum(1 for field in old.keys() & new.keys() if old[field] == new[field])
    return same / len(fields) if fields else 1.0


def _with_moves(old: Sequence[Line], new: Sequence[Line], found: list[Pair]) -> Iterator[Pair]:
    """Where a removed line is equal to an added one, it moved."""
    gone: dict[str, list[int]] = {}
    for pair in found:
        if pair.old is not None and pair.new is None:
            gone.setdefault(repr(old[pair.old]), []).append(pair.old)
    came: dict[int, int] = {}
    for pair in found:
        if pair.new is not None and pair.old is None and gone.get(repr(new[pair.new])):
            came[pair.new] = gone[repr(new[pair.new])].pop(0)
    left = set(came.values())
    for pair in found:
        if pair.old is None and pair.new in came:
            yield Pair(came[pair.new], pair.new, moved=True)
        elif not (pair.new is None and pair.old in left):
            yield pair
