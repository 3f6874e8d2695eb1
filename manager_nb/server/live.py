"""A restore into a live server: a plan is done through the server's own API, so that Manager writes its own History.

The order is that of docs/design.md "Write order": a proven backup, everything that can be refused, then record by
record with a look before and after each, a second proven backup, the proof, the journal. Nothing goes back by itself:
what was done until it stopped stays done, and is told.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.audit.side_by_side import require_related
from manager_nb.backup import manifest
from manager_nb.backup.choices import Choices
from manager_nb.backup.names import LONGEST_BACKUP, file_name, numbered
from manager_nb.backup.store import RESTORE_SUFFIX
from manager_nb.errors import (
    CancelledError,
    ManagerNbError,
    ServerFailedError,
    ServerUnreachableError,
    SignInError,
    TargetError,
)
from manager_nb.format.businesses import absolute
from manager_nb.format.placing import standing
from manager_nb.model.held import held
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT, check, heeded
from manager_nb.restore.apply import require_decided
from manager_nb.server.keeping import Order, keep
from manager_nb.server.listing import require_listed
from manager_nb.server.live_checks import (
    changed_now,
    require_known_there,
    require_same_revision,
    require_unchanged,
    require_writable,
)
from manager_nb.server.live_journal import write_journal
from manager_nb.server.live_order import in_order
from manager_nb.server.live_proof import DONE, NOT_DONE, NOT_KNOWN, added, prove
from manager_nb.server.live_result import RECORDS, LiveRestore
from manager_nb.server.record_api import RecordApi
from manager_nb.server.waiting import paused
from manager_nb.timeline.business import Business, open_business

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.restore.plan import RestorePlan
    from manager_nb.restore.steps import Step
    from manager_nb.server.session import Session

_LOOKS = 2
"""So often an answer that never came is waited for before a record counts as untouched."""

_TAKEN = tuple(f".manager.tar{ending}" for ending in ("", manifest.SUFFIX, RESTORE_SUFFIX))


def restore_live(
    session: Session,
    name: str,
    plan: RestorePlan,
    reason: str,
    folder: Path | str,
    pauses: Sequence[float],
    progress: Progress,
) -> LiveRestore:
    """Do a plan on a server; see :meth:`manager_nb.server.client.Server.restore`.

    Raises:
        ManagerNbError: it was refused; nothing was written on the server. From the first write on nothing is raised:
            what stopped it is in the result.
    """
    require_decided(plan, session.user, reason)
    require_writable(plan)
    require_listed(session, name, progress)
    api = RecordApi(session, name)
    api.open(progress)
    begun = dt.datetime.now().astimezone()
    called, called_after = _free_names(name, begun, absolute(folder))
    order = Order(name, absolute(folder), called, Choices(), compress=False)
    before = keep(session, order, pauses, progress)
    with open_business(before.path, progress=progress) as fresh:
        since = _require_fit(plan, fresh, api, progress)
        steps = in_order(plan.effective)
        states, error = _write(api, steps, pauses, progress)
        done = LiveRestore(
            business=name,
            records=_records(steps, states),
            error=error,
            before=before,
            after=None,
            proof=None,
            unproven=None,
            since=since,
            others=added(fresh, fresh),
            journal=before.path.with_name(f"{before.path.name}{RESTORE_SUFFIX}"),
        )
        try:
            if set(states.values()) != {NOT_DONE} and not isinstance(error, CancelledError):
                order = dataclasses.replace(order, name=called_after)
                done = _proven(done, session, order, pauses, _Written(fresh, steps, states), progress)
        finally:
            done = _with_journal(done, plan, reason, session, begun)
    return done


@dataclasses.dataclass(frozen=True, slots=True)
class _Written:
    """What was there before, what was to be done, and what is known to have become of it."""

    before: Business
    steps: Sequence[Step]
    states: Mapping[str, str]


def _proven(
    done: LiveRestore,
    session: Session,
    order: Order,
    pauses: Sequence[float],
    written: _Written,
    progress: Progress,
) -> LiveRestore:
    """The same with a backup from after and the proof, or with the reason why there is none."""
    try:
        after = keep(session, order, pauses, progress)
        with open_business(after.path, progress=progress) as now:
            proof = prove(written.before, now, written.steps, written.states, session.user, progress)
    except (CancelledError, KeyboardInterrupt):
        unproven = CancelledError(
            "Cancelled while the result was proven.",
            hint="The records are written, as they are listed. A new backup of the server shows them.",
        )
        return dataclasses.replace(done, unproven=unproven)
    except ManagerNbError as failure:
        return dataclasses.replace(done, unproven=failure)
    records = _records(written.steps, proof.states)
    return dataclasses.replace(done, records=records, after=after, proof=proof.verification, others=proof.others)


def _with_journal(
    done: LiveRestore, plan: RestorePlan, reason: str, session: Session, begun: dt.datetime
) -> LiveRestore:
    """Write the journal; where the disk does not take it, what was done has to be told all the same."""
    try:
        write_journal(done, plan, reason, session, begun)
    except TargetError as failure:
        return dataclasses.replace(done, journal=None, unproven=done.unproven or failure)
    return done


def _records(steps: Sequence[Step], states: Mapping[str, str]) -> Table:
    rows = [
        {
            "action": step.action,
            "type": step.shown.type,
            "object": step.shown.key,
            "label": step.shown.label,
            "state": states[step.key],
        }
        for step in steps
    ]
    return Table.of("Restored", pa.Table.from_pylist(rows, RECORDS))


def _free_names(name: str, begun: dt.datetime, folder: Path) -> tuple[str, str]:
    """The names of the backups around the restore: the business, when, before and after; neither is taken."""
    for number in itertools.count(1):
        found = tuple(_called(name, f"{begun:%Y-%m-%d %H.%M.%S} {what}", number) for what in ("before", "after"))
        if not any(standing(folder / f"{one}{ending}") for one in found for ending in _TAKEN):
            return found[0], found[1]
    raise AssertionError


def _called(name: str, what: str, number: int) -> str:
    behind = numbered(f" ({what})", number)
    return file_name(name, longest=LONGEST_BACKUP - len(behind)).text + behind


def _require_fit(plan: RestorePlan, fresh: Business, api: RecordApi, progress: Progress) -> Table:
    """Refuse what stands against the plan now; the rows of History since it was made."""
    now = held(heeded(fresh.objects(), progress))
    require_related(plan.current, fresh, plan.before, now)
    require_same_revision(plan, fresh, api.business)
    require_unchanged(plan, now, fresh.source.path)
    require_known_there(plan, now, api, progress)
    return added(plan.current, fresh)


def _write(
    api: RecordApi, steps: Sequence[Step], pauses: Sequence[float], progress: Progress
) -> tuple[dict[str, str], ManagerNbError | None]:
    """Do one step after the other, until the first that cannot be done; what became of each, and what stopped it."""
    states = dict.fromkeys((step.key for step in steps), NOT_DONE)
    error: ManagerNbError | None = None
    progress.start("Writing on the server", len(steps))
    for step in steps:
        try:
            check(progress)
            if not api.is_as(step.shown, step.before):
                raise changed_now(step.shown)
            states[step.key] = NOT_KNOWN
            _do(api, step)
            states[step.key] = DONE
            progress.advance()
        except (ManagerNbError, KeyboardInterrupt) as failure:
            if states[step.key] == NOT_KNOWN:
                states[step.key] = _looked(api, step, failure, pauses)
            error = _told(failure)
            break
    progress.finish()
    return states, error


def _do(api: RecordApi, step: Step) -> None:
    if step.after is None:
        api.delete(step.shown)
    else:
        api.put(step.after)
    if not api.is_as(step.shown, step.after):
        raise ServerFailedError(
            "{server} says that it took {label}, but shows something else.",
            hint="Look at the record in Manager, and at its History there: somebody may have changed it at the same"
            " moment. The backup from before has it as it was.",
            server=api.session.connection.address.url,
            label=step.shown.label,
        )


def _looked(api: RecordApi, step: Step, failure: BaseException, pauses: Sequence[float]) -> str:
    """What became of a record whose write went wrong: an answer that never came does not tell."""
    if isinstance(failure, SignInError):  # the server did not know who asked
        return NOT_DONE
    waits = pauses[:_LOOKS] if isinstance(failure, ServerUnreachableError) else ()
    state = NOT_KNOWN
    for pause in (0.0, *waits):  # what was sent may still be under way
        with contextlib.suppress(ManagerNbError, KeyboardInterrupt):
            paused(pause, SILENT)
            if api.is_as(step.shown, step.after):
                return DONE
            state = NOT_DONE if api.is_as(step.shown, step.before) else NOT_KNOWN
    return state


def _told(failure: BaseException) -> ManagerNbError:
    """What stopped a restore, in words that do not say that nothing was left behind."""
    if isinstance(failure, ServerUnreachableError):
        return ServerUnreachableError(
            "The connection to the server broke while records were written.",
            hint="What was done by then is listed, record by record. When the server can be reached again, make the"
            " plan again from a new backup of it: what was done already is left out then.",
        )
    if isinstance(failure, CancelledError | KeyboardInterrupt):
        return CancelledError(
            "Cancelled while records were written.",
            hint="What was done by then is listed, record by record, and stays. To take it back, use the History.",
        )
    assert isinstance(failure, ManagerNbError)  # noqa: S101 - nothing else is caught
    return failure
