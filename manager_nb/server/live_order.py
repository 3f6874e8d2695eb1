"""The order in which a live restore writes: what others need comes first, what others name goes last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.model.references import references
from manager_nb.restore.steps import CREATE, DELETE, REVERT, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from manager_nb.model.held import Held


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Creations, each after what it refers to; then reverts; deletions last, each before what it refers to.

    Where records refer to each other in a circle, the one that is nearer to what was selected comes later.
    """
    steps = sorted(steps, key=lambda step: (step.depth, step.shown.type, step.shown.label, step.key))
    created, reverted, deleted = ([one for one in steps if one.action == what] for what in (CREATE, REVERT, DELETE))
    return [*_needed_first(created), *reverted, *reversed(_needed_first(deleted))]


def _needed_first(steps: Sequence[Step]) -> list[Step]:
    by_key = {step.key: step for step in steps}
    placed: dict[str, Step] = {}
    for step in steps:
        _place(step, by_key, placed)
    return list(placed.values())


def _place(first: Step, by_key: dict[str, Step], placed: dict[str, Step]) -> None:
    """Place a step after what it needs, without recursion: a chain of records can be long."""
    waiting, begun = [first], set()
    while waiting:
        step = waiting[-1]
        if step.key in placed or step.key in begun:
            waiting.pop()
            placed.setdefault(step.key, step)
            continue
        begun.add(step.key)
        needed = _named(step.after or step.before, by_key)
        waiting += [one for one in needed if one.key not in placed and one.key not in begun]


def _named(one: Held | None, by_key: dict[str, Step]) -> list[Step]:
    found = references(one.content_type, one.content) if one is not None else []
    return [by_key[reference.key] for reference in reversed(found) if reference.key in by_key]
