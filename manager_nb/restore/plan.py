"""A restore plan: what would be brought back, what comes along and why, what stands against it.

Making one writes nothing (docs/design.md "Bringing records back").
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.audit.side_by_side import require_related
from manager_nb.audit.totals import control_totals
from manager_nb.errors import SelectionError
from manager_nb.i18n import Language, mark
from manager_nb.model.held import Held, held
from manager_nb.model.said import Said, When, said
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT, Progress, heeded
from manager_nb.restore import describe
from manager_nb.restore.conflicts import note_conflicts, shared_number
from manager_nb.restore.dependencies import Closure
from manager_nb.restore.steps import CONFLICT, DELETE, SKIP, Step
from manager_nb.restore.trouble import NOT_CERTAIN, Trouble
from manager_nb.restore.wanted import Wanted, choose, lost_objects
from manager_nb.timeline.business import Business, PastBusiness, open_business
from manager_nb.timeline.certificate import CAUSES, EXACT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.restore.selection import Selection

STOP, DEPENDANTS, ONLY_FREE, FORCE = "stop", "include dependants", "only non-conflicting", "force"
MODES = (STOP, DEPENDANTS, ONLY_FREE, FORCE)

ACTIONS = pa.schema(
    [
        ("action", pa.string()),
        ("type", pa.string()),
        ("object", pa.string()),
        ("label", pa.string()),
        ("reason", pa.string()),
        ("depth", pa.int64()),
    ]
)
"""The columns of :attr:`RestorePlan.actions`."""

CONFLICTS = pa.schema(
    [
        ("object", pa.string()),
        ("type", pa.string()),
        ("label", pa.string()),
        ("conflict", pa.string()),
        ("what", pa.string()),
        ("stops", pa.bool_()),
    ]
)
"""The columns of :attr:`RestorePlan.conflicts`."""


@dataclass(frozen=True)
class RestorePlan:
    """What a restore would do. It is pure: the same business, past and selection make the same plan.

    Attributes:
        current: the business that it is about.
        past: where the records come from; the business itself where its own changes are taken back.
        selection: what was chosen.
        mode: what happens to conflicts: "stop", "include dependants", "only non-conflicting" or "force".
        steps: one for each record, in the order of :attr:`actions`.
        before: the objects as they are, by key in lower case.
    """

    current: Business
    past: Business
    selection: Selection
    mode: str
    steps: tuple[Step, ...] = field(repr=False)
    before: dict[str, Held] = field(repr=False)

    def __repr__(self) -> str:
        stopped = f", {len(self.undecided)} to decide" if self.undecided else ""
        return f"<RestorePlan: {len(self.effective)} of {len(self.before)} records change{stopped}>"

    @functools.cached_property
    def effective(self) -> tuple[Step, ...]:
        """The steps that would be done."""
        return tuple(step for step in self.steps if step.acts and (self.mode == FORCE or not step.stopped))

    @functools.cached_property
    def undecided(self) -> tuple[Step, ...]:
        """The steps that keep the plan from being applied; none in the modes that decide."""
        return tuple(step for step in self.steps if step.stopped) if self.mode in (STOP, DEPENDANTS) else ()

    @functools.cached_property
    def actions(self) -> Table:
        """One row a record: ``action``, ``type``, ``object`` (key), ``label``, ``reason``, ``depth``.

        Actions: "create" (gone now), "revert" (differs now), "delete" (made since), "skip" (the same, or left alone),
        "conflict" (something stands against it, see :attr:`conflicts`: nothing is done to it). Depth is 0 for what was
        selected, 1 for what that needs, and so on.
        """
        return Table.of("Restore plan", pa.Table.from_pylist([self._action(step) for step in self.steps], ACTIONS))

    @functools.cached_property
    def conflicts(self) -> Table:
        """One row each: ``object``, ``type``, ``label``, ``conflict``, ``what`` (a sentence), ``stops``.

        Conflicts: "changed since" (somebody changed the same fields after what is taken back), "target gone" (it, or a
        record that it names, is not there any more), "in use" (others name it and stay), "number reused". Where
        ``stops`` is false it is a warning: "locked period", "left behind" (what belonged to it was deleted too and does
        not come along), "not certain" (the certificate is not sure of its past).
        """
        rows = [
            {
                "object": step.shown.key,
                "type": step.shown.type,
                "label": step.shown.label,
                "conflict": trouble.kind,
                "what": trouble.what.told(),
                "stops": trouble.stops,
            }
            for step in self.steps
            if step.acts
            for trouble in step.troubles
        ]
        return Table.of("Conflicts", pa.Table.from_pylist(rows, CONFLICTS))

    @functools.cached_property
    def after(self) -> dict[str, Held]:
        """The objects as the plan leaves them: the prediction that the result is held to."""
        objects = dict(self.before)
        for step in self.effective:
            if step.after is None:
                objects.pop(step.key, None)
            else:
                objects[step.key] = step.after
        return objects

    @functools.cached_property
    def totals(self) -> Table:
        """Control totals before and after; see :func:`manager_nb.audit.totals.control_totals`."""
        sides = [one for step in self.effective for one in (step.before, step.after) if one is not None]
        return control_totals(self.before, self.after, {one.content_type for one in sides})

    def describe(
        self,
        language: str = "en",
        *,
        zone: str = "UTC",
        totals: bool = True,
        some: int = describe.SOME,
        into_server: bool = False,
    ) -> str:
        """The plan in plain words: what happens, field by field, why each record comes along, what to decide.

        Args:
            language: "en" or "hi".
            zone: IANA name of the time zone in which moments are told; named beside each.
            totals: whether the control totals are told too.
            some: so many records of each list are named; what is more is counted.
            into_server: whether it is to be done on a server (:meth:`Server.restore`), not into a new file.
        """
        facts = describe.Facts(
            [*self._about(into_server)],
            self.steps,
            self.effective,
            self.undecided,
            self.totals,
            self.before,
            self.after,
            into_server,
        )
        return describe.in_words(facts, Language(language), zone, totals=totals, some=some)

    def _about(self, into_server: bool) -> Iterator[Said]:
        """What the plan is of: the business, the past and how sure that is, what could not be read."""
        yield said(_OF, name=self.current.name, file=self.current.source.path.name)
        if isinstance(self.past, PastBusiness):
            yield said(_AS_AT, time=When(self.past.ticks))
            yield said(_NOT_IN_HISTORY_THERE if into_server else _NOT_IN_HISTORY)
            if self.past.certificate.level != EXACT:
                yield said(_NOT_EXACT, count=str(len(self.past.certificate.reasons)))
        elif self.past is self.current or self.past.source.sha256 == self.current.source.sha256:
            yield said(_ITSELF)
        else:
            yield said(_FROM, file=self.past.source.path.name)
        unread = len(self.current.open_source.problems)
        if unread:
            yield said(_DAMAGED, count=str(unread))

    def _action(self, step: Step) -> dict[str, object]:
        action = CONFLICT if step.stopped and self.mode != FORCE else step.action
        shown = step.shown
        return {
            "action": action,
            "type": shown.type,
            "object": shown.key,
            "label": shown.label,
            "reason": step.reason.told(),
            "depth": step.depth,
        }


def plan_restore(
    current: Business | Path | str,
    past: Business | Path | str,
    selection: Selection,
    *,
    mode: str = STOP,
    depth: int | None = None,
    progress: Progress = SILENT,
) -> RestorePlan:
    """Plan to bring records back. Nothing is written; :func:`apply_restore` does that.

    Args:
        current: the business as it is.
        past: a moment of it (:meth:`Business.as_at`), a backup, or `current` itself where the selection names users,
            actions or a window of time: then those changes are taken back.
        selection: which records.
        mode: "stop": conflicts have to be decided before the plan can be applied. "include dependants": records that
            refer to a restored one and were lost with it come along. "only non-conflicting": what has conflicts is left
            alone, with all that needs it. "force": conflicts do not stop.
        depth: how far what is needed may be from what was selected; None is as far as it takes.
        progress: its cancel is heeded.

    Returns:
        The plan.

    Raises:
        SelectionError: the selection or the mode says nothing that can be done.
        NotFoundError: the selection names a record, type, field or change that is not there.
        SourceError: a file cannot be read.
        CancelledError: the user cancelled.
    """
    if mode not in MODES:
        raise SelectionError(
            "There is no mode called {mode}.", hint="The modes are: {modes}.", mode=mode, modes=", ".join(MODES)
        )
    current = current if isinstance(current, Business) else open_business(current)
    past = past if isinstance(past, Business) else open_business(past)
    moments = isinstance(past, PastBusiness) or isinstance(current, PastBusiness)
    itself = past is current or (not moments and past.source.sha256 == current.source.sha256)
    current.trail.read(progress)
    now = held(heeded(current.objects(), progress))
    then = None if itself else held(heeded(past.objects(), progress))
    if then is not None and mode != FORCE and not isinstance(past, PastBusiness):
        require_related(current, past, now, then)
    wanted = choose(current, selection, now, then)
    steps = {one.key: _step(one, now) for one in wanted if one.key in now or one.state is not None}
    gone = lost_objects(current)
    lost = gone if then is None else {key: one for key, one in then.items() if key not in now}
    closure = Closure(now, lost, gone, then, depth=depth, lenient=selection.all)
    closure.complete(steps, dependants=mode == DEPENDANTS)
    note_conflicts(steps, now, functools.partial(shared_number, current, then))
    _note_doubts(steps, past)
    if mode in (ONLY_FREE, FORCE):
        _leave_alone(steps, closure, impossible=mode == FORCE)
    return RestorePlan(current, past, selection, mode, tuple(sorted(steps.values(), key=_order)), now)


def _step(wanted: Wanted, now: dict[str, Held]) -> Step:
    step = Step(wanted.key, now.get(wanted.key), wanted.state, wanted.reason)
    if step.action == DELETE and not wanted.asked:
        return replace(step, skipped=True, reason=said(_MADE_SINCE))
    if step.action == SKIP:
        return step if wanted.told else replace(step, reason=said(_SAME))
    return step if wanted.trouble is None else step.with_trouble(wanted.trouble)


def _note_doubts(steps: dict[str, Step], past: Business) -> None:
    """A record of whose past the certificate is not sure says so."""
    if not isinstance(past, PastBusiness):
        return
    for reason in past.certificate.reasons.to_arrow().to_pylist():
        step = steps.get(str(reason["object"]).lower())
        if step is not None and step.acts:
            steps[step.key] = step.with_trouble(Trouble(NOT_CERTAIN, said(CAUSES[reason["cause"]]), False))


def _leave_alone(steps: dict[str, Step], closure: Closure, *, impossible: bool) -> None:
    """Skip what has conflicts, or only what nobody can force; then what needs that, until nothing is left to skip."""
    found = True
    while found:
        for key, step in steps.items():
            if step.impossible if impossible else step.stopped:
                steps[key] = replace(step, skipped=True, reason=said(_LEFT_ALONE, why=_stopping(step)))
        found = closure.settle(steps)


def _stopping(step: Step) -> Said:
    return next(trouble.what for trouble in step.troubles if trouble.stops)


def _order(step: Step) -> tuple[object, ...]:
    return step.action == SKIP, step.depth, step.shown.type, step.shown.label, step.key


_OF = mark("Plan for {name} ({file}).")
_AS_AT = mark("Records come back as they were at {time}.")
_NOT_IN_HISTORY = mark(
    "Emails, pictures and the contents of attachments are not in History: the new file keeps those of today."
)
_NOT_IN_HISTORY_THERE = mark(
    "Emails, pictures and the contents of attachments are not in History: the server keeps those of today."
)
_NOT_EXACT = mark("That moment is not certain in full; records in doubt: {count}.")
_ITSELF = mark("What was done there is undone; everything done since by others stays.")
_FROM = mark("Records come back as they are in {file}.")
_DAMAGED = mark("The business could not be read in full ({count} places). What was lost is not in the new file either.")
_SAME = mark("It is the same now.")
_MADE_SINCE = mark("It was made since, and was not asked to be taken away.")
_LEFT_ALONE = mark("It is left alone: {why}")
