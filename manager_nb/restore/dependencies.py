"""What comes along: the records that a restored one needs, and, where asked for, those that were lost with it.

A record that is brought back names others. Those that are not there now come back too, each with how far it is from
what was selected (its depth) and why; so do theirs. What is nowhere any more is told, and stands against the record.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager_nb.i18n import mark
from manager_nb.model.held import Held, same
from manager_nb.model.references import Reference, references
from manager_nb.model.said import FieldName, said
from manager_nb.model.wording import caption
from manager_nb.restore.naming import called
from manager_nb.restore.steps import CREATE, Step, referrers
from manager_nb.restore.trouble import IN_USE, LEFT_BEHIND, TARGET_GONE, Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

_STAYS_WITHOUT = frozenset({"Attachment"})
"""Types whose records stay when what they belong to is deleted, as in Manager (docs/format.md §2)."""


class Closure:
    """Completes the steps of a plan.

    Args:
        now: the objects of the business.
        lost: what can come back: objects that are not there now, as the past has them.
        gone: every object that History still has and that is not there now.
        then: the objects of the past, None where changes of the business itself are taken back.
        depth: how far from what was selected; None is without end.
        lenient: whether a reference to nothing is only told, because the past is wanted as it was.
    """

    def __init__(
        self,
        now: dict[str, Held],
        lost: dict[str, Held],
        gone: dict[str, Held],
        then: Mapping[str, Held] | None,
        *,
        depth: int | None,
        lenient: bool,
    ) -> None:
        self._now, self._lost, self._gone, self._then = now, lost, gone, then
        self._depth, self._lenient = depth, lenient

    def complete(self, steps: dict[str, Step], *, dependants: bool) -> None:
        """Add what comes along, and what stands against it.

        Args:
            steps: by key; changed in place.
            dependants: whether records that refer to a restored one and were lost come along as well.
        """
        waiting = list(steps)
        while waiting:
            key = waiting.pop(0)
            waiting += self._needed(steps, key)
            if dependants:
                waiting += self._lost_with(steps, key)
        self._released(steps, dependants=dependants)
        self._left_behind(steps)

    def _left_behind(self, steps: dict[str, Step]) -> None:
        """Tell of what belonged to a record that comes back, was deleted too, and does not come along."""
        if not any(step.action == CREATE for step in steps.values()):
            return
        naming = referrers({**self._gone, **self._lost})
        for key, step in list(steps.items()):
            others = [other for other, _ in naming.get(key, ()) if other not in steps and other not in self._now]
            if step.action == CREATE and others:
                first = called(self._lost.get(others[0]) or self._gone[others[0]])
                told = said(_LEFT_BEHIND, count=str(len(dict.fromkeys(others))), label=first)
                steps[key] = step.with_trouble(Trouble(LEFT_BEHIND, told, False))

    def settle(self, steps: dict[str, Step]) -> bool:
        """Look again, now that some steps are skipped: what others need of them stands against those others.

        Args:
            steps: by key; changed in place.

        Returns:
            Whether anything was found.
        """
        found = dict(steps)
        for key, step in found.items():
            if step.acts and step.after is not None:
                self._missed(steps, key, step)
        self._released(steps, dependants=False)
        return any(found[key] != step for key, step in steps.items())

    def _missed(self, steps: dict[str, Step], key: str, step: Step) -> None:
        for reference in references(step.after.content_type, step.after.content) if step.after else ():
            planned = steps.get(reference.key)
            if planned is None or planned.acts or reference.key in self._now or self._as_now(step, reference):
                continue
            stops = reference.essential and not self._lenient
            why = said(_NAMES_SKIPPED, field=_field(reference), label=called(planned.shown))
            steps[key] = steps[key].with_trouble(Trouble(TARGET_GONE, why, stops))

    def _needed(self, steps: dict[str, Step], key: str) -> list[str]:
        step = steps[key]
        if not step.acts or step.after is None:
            return []
        added = []
        for reference in references(step.after.content_type, step.after.content):
            planned = steps.get(reference.key)
            there = reference.key in self._now if planned is None else planned.after is not None
            if there or self._as_now(step, reference):
                continue
            lost = self._lost.get(reference.key)
            if planned is None and lost is not None and (self._depth is None or step.depth < self._depth):
                why = said(_NEEDED, label=called(step.shown), field=_field(reference))
                steps[reference.key] = Step(reference.key, None, lost, why, step.depth + 1)
                added.append(reference.key)
            elif reference.key != key:
                steps[key] = steps[key].with_trouble(self._nowhere(reference, lost, planned))
        return added

    def _as_now(self, step: Step, reference: Reference) -> bool:
        """Whether the record refers to that already, so that nothing gets worse."""
        return step.before is not None and reference in references(step.before.content_type, step.before.content)

    def _nowhere(self, reference: Reference, lost: Held | None, planned: Step | None) -> Trouble:
        stops = reference.essential and not self._lenient
        field = _field(reference)
        if planned is not None:
            return Trouble(TARGET_GONE, said(_NAMES_DELETED, field=field, label=called(planned.shown)))
        if lost is not None:
            return Trouble(TARGET_GONE, said(_NAMES_LEFT_OUT, field=field, label=called(lost)), stops)
        return Trouble(TARGET_GONE, said(_NAMES_NOTHING, field=field, key=reference.key), stops)

    def _lost_with(self, steps: dict[str, Step], key: str) -> list[str]:
        step = steps[key]
        if not step.acts or step.after is None or (self._depth is not None and step.depth >= self._depth):
            return []
        added = []
        for other, reference in self._lost_referrers().get(key, ()):
            if other not in steps and other not in self._now:
                why = said(_LOST_WITH, label=called(step.shown), field=_field(reference))
                steps[other] = Step(other, None, self._lost[other], why, step.depth + 1)
                added.append(other)
        return added

    def _lost_referrers(self) -> dict[str, list[tuple[str, Reference]]]:
        if not hasattr(self, "_referring_lost"):
            self._referring_lost = referrers(self._lost)
        return self._referring_lost

    def _released(self, steps: dict[str, Step], *, dependants: bool) -> None:
        """What is deleted must not be named by anything that stays."""
        deleted = [key for key, step in steps.items() if step.acts and step.after is None]
        if not deleted:
            return
        naming = referrers(self._now)
        for key in deleted:
            for other, reference in naming.get(key, ()):
                self._release(steps, key, other, reference, dependants=dependants)

    def _release(self, steps: dict[str, Step], key: str, other: str, reference: Reference, *, dependants: bool) -> None:
        if not reference.essential or self._now[other].type in _STAYS_WITHOUT:
            return
        planned = steps.get(other)
        if planned is not None and planned.acts and not _names(planned.after, key):
            return
        earlier = self._then.get(other) if self._then is not None else None
        if dependants and self._then is not None and not _names(earlier, key) and not same(earlier, self._now[other]):
            why = said(_LET_GO, label=called(steps[key].shown), field=_field(reference))
            steps[other] = Step(other, self._now[other], earlier, why, steps[key].depth + 1)
            return
        trouble = Trouble(IN_USE, said(_IN_USE, label=called(self._now[other]), field=_field(reference)))
        steps[key] = replace(steps[key].with_trouble(trouble))


def _names(one: Held | None, key: str) -> bool:
    return one is not None and any(found.key == key for found in references(one.content_type, one.content))


def _field(reference: Reference) -> FieldName:
    return FieldName(tuple(map(caption, reference.field.split("."))))


_NEEDED = mark("{label} needs it ({field}).")
_LOST_WITH = mark("It belongs to {label} ({field}) and is gone too.")
_LET_GO = mark("It refers to {label} ({field}), which was made later and is taken away.")
_NAMES_DELETED = mark("It refers to {label} ({field}), which this plan takes away.")
_NAMES_LEFT_OUT = mark("It refers to {label} ({field}), which is gone and does not come along at this depth.")
_NAMES_SKIPPED = mark("It refers to {label} ({field}), which is not brought back.")
_NAMES_NOTHING = mark("It refers to a record ({field}) that is not in the business any more, nor in its past: {key}.")
_LEFT_BEHIND = mark(
    "What belonged to it was deleted too and does not come along ({count}, the first is {label}). Choose it as well, an"
    " earlier moment, or “Bring along what was lost with it”."
)
_IN_USE = mark("{label} refers to it ({field}) and stays.")
