"""The proof of a live restore: the server's backup after it held against the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.audit.extension import extension
from manager_nb.backup.checks import Check
from manager_nb.backup.found import found
from manager_nb.backup.verify import Verification
from manager_nb.format.database import Database
from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.attachments import ATTACHMENT
from manager_nb.model.contents import PRESENT
from manager_nb.model.held import Held, held, same
from manager_nb.model.tables import Table
from manager_nb.progress import heeded
from manager_nb.restore.steps import CREATE
from manager_nb.timeline.images import image_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.audit.extension import Extension
    from manager_nb.progress import Progress
    from manager_nb.restore.steps import Step
    from manager_nb.timeline.business import Business
    from manager_nb.timeline.chains import Link

DONE, NOT_DONE, NOT_KNOWN = "done", "not done", "not known"
"""What became of a record."""

_SOME = 5
_OF = mark("{same} / {all}")
_NOT_THESE = mark("Not these: {names}")


@dataclass(frozen=True, slots=True)
class Proof:
    """What two backups of the server tell.

    Attributes:
        states: what became of each record of the plan, by key.
        verification: the checks.
        others: what others did in between: the rows of History.
    """

    states: dict[str, str]
    verification: Verification
    others: Table


def added(earlier: Business, later: Business, without: frozenset[str] = frozenset()) -> Table:
    """The rows of History that the later of two files has besides, newest first.

    Args:
        earlier: a file.
        later: a later one of the same business.
        without: keys of changes that are left out.
    """
    known = set(earlier.history.to_arrow(["change"]).column(0).to_pylist()) | without
    changes = later.history.to_arrow(["change"]).column(0).to_pylist()
    places = [place for place, change in enumerate(changes) if change not in known]
    rows = later.history.page(0, places[-1] + 1 if places else 0)
    return Table.of("History", rows.take(pa.array(places, pa.int64())))


def prove(
    before: Business, after: Business, steps: Sequence[Step], states: Mapping[str, str], user: str, progress: Progress
) -> Proof:
    """Hold what the server has after a live restore against what it had before, and against the plan.

    Args:
        before: the backup before.
        after: the backup after.
        steps: all that was to be done.
        states: what is known to have become of each, by key; what is not known is settled.
        user: the name by which the server's History calls whoever restored.
        progress: heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    now = held(heeded(after.objects(), progress))
    ours = _ours(added(before, after), after, steps, user)
    states = {step.key: _settled(states[step.key], step, step.key in ours, now) for step in steps}
    done = [step for step in steps if states[step.key] == DONE]
    others = added(before, after, frozenset(change for changes in ours.values() for change in changes))
    compared = extension(before, after, progress)
    checks = [
        _as_planned(done, now),
        _in_history(done, ours),
        _unexplained(before, after, {step.key for step in done}, progress),
        _history_kept(compared),
        *_attachments(before, after, done),
    ]
    return Proof(states, Verification.of(checks), others)


def _settled(state: str, step: Step, in_history: bool, now: Mapping[str, Held]) -> str:
    if state != NOT_KNOWN:
        return state
    if in_history:
        return DONE
    return NOT_DONE if same(now.get(step.key), step.before) else NOT_KNOWN


def _ours(new: Table, after: Business, steps: Sequence[Step], user: str) -> dict[str, list[str]]:
    """The changes that are the restore's own: by key of the record, those from and to the very bytes of the plan."""
    by_key = {step.key: step for step in steps}
    database = Database(after.open_source.database)
    found: dict[str, list[str]] = {}
    for row in new.to_arrow(["change", "user", "object"]).to_pylist():
        step = by_key.get(str(row["object"] or "").lower())
        if step is not None and row["user"] == user and _is_of(database, row["change"], step):
            found.setdefault(step.key, []).append(row["change"])
    return found


def _is_of(database: Database, change: str, step: Step) -> bool:
    sides = (("Before", step.before), ("After", step.after))
    return all(image_of(database, change, side) == _image(one) for side, one in sides)


def _image(one: Held | None) -> tuple[str, bytes] | None:
    return None if one is None else (one.content_type, one.content)


def _as_planned(done: Sequence[Step], now: Mapping[str, Held]) -> Check:
    wrong = [step.shown.label for step in done if not same(now.get(step.key), step.after)]
    return _check(mark("Every restored record is as planned, byte by byte"), wrong, len(done))


def _in_history(done: Sequence[Step], ours: Mapping[str, Sequence[str]]) -> Check:
    wrong = [step.shown.label for step in done if step.key not in ours]
    return _check(mark("The server’s History tells of every one, under your name"), wrong, len(done))


def _check(what: str, wrong: Sequence[str], total: int) -> Check:
    if not wrong:
        return Check(what, True, found(_OF, same=total, all=total))
    return Check(what, False, found(_NOT_THESE, names=_names(wrong)))


def _names(names: Sequence[str]) -> str:
    return "; ".join(names[:_SOME]) + (" …" if len(names) > _SOME else "")


def _unexplained(before: Business, after: Business, done: set[str], progress: Progress) -> Check:
    """Whether each other record is as it was, or History leads from what it was to what it is."""
    known = set(before.history.to_arrow(["change"]).column(0).to_pylist())
    for one in (before, after):
        one.trail.read(progress)
    wrong, changed = [], 0
    keys = sorted((before.trail.lives.keys() | after.trail.lives.keys()) - done)
    for key in heeded(keys, progress):
        was, life = before.trail.lives.get(key), after.trail.lives.get(key)
        then, now = (one.now.state if one and one.now else None for one in (was, life))
        links = (*life.chain.links, *life.chain.twins) if life else ()
        since = [link for link in links if link.change not in known]
        changed += then != now
        if not _leads(since, then, now):
            wrong.append(key)
    what = mark("Every other record is unchanged, or History tells who changed it")
    if wrong:
        return Check(what, False, found(_NOT_THESE, names=_names([_called(key, before, after) for key in wrong])))
    told = mark("{same} are unchanged; {changed} were changed by others meanwhile")
    return Check(what, True, found(told, same=len(keys) - changed, changed=changed))


def _leads(since: Sequence[Link], then: object, now: object) -> bool:
    """Whether changes lead from one state to another; where there is none, both are the same."""
    if not since:
        return then == now
    return any(link.before == then for link in since) and any(link.after == now for link in since)


def _called(key: str, *businesses: Business) -> str:
    for one in businesses:
        for spelled, kind, content in one.objects():
            if spelled.lower() == key:
                return Held(spelled, kind, content).label
    return key


def _history_kept(compared: Extension) -> Check:
    what = mark("Every row that History had before is still there, unchanged")
    lost = len(compared.changed)
    if lost:
        return Check(what, False, found(mark("{lost} of {all} rows are gone or altered"), lost=lost, all=compared.rows))
    return Check(what, True, found(_OF, same=compared.rows, all=compared.rows))


def _attachments(before: Business, after: Business, done: Sequence[Step]) -> Iterator[Check]:
    """No content is lost; what came back has its attachments, as far as the server has their contents."""
    had, has = _states(before), _states(after)
    lost = [name for key, (name, state) in had.items() if state == PRESENT and key in has and has[key][1] != PRESENT]
    yield _check(mark("The content of every attachment is still there"), lost, len(had) - len(lost))
    back = {step.key for step in done if step.action == CREATE}
    owned = [key for key, owner in _owners(after).items() if {key, owner} & back]
    if owned:
        what = mark("Every attachment of what came back can be opened")
        missing = [has[key][0] for key in owned if key in has and has[key][1] != PRESENT]
        if missing:  # its record is back all the same: nobody can bring the content back from here
            told = mark("Without their content, which the server does not have: {names}")
            yield Check(what, True, found(told, names=_names(missing)), nothing=len(missing) == len(owned))
        else:
            yield Check(what, True, found(_OF, same=len(owned), all=len(owned)))


def _states(business: Business) -> dict[str, tuple[str, str]]:
    rows = business.attachments.to_arrow(["attachment", "name", "state"]).to_pylist()
    return {row["attachment"].lower(): (str(row["name"] or ""), row["state"]) for row in rows}


def _owners(business: Business) -> dict[str, str]:
    known = SCHEMA.type_of(ATTACHMENT)
    assert known is not None  # noqa: S101 - the schema has it
    return {
        key.lower(): str(decode(known, content).values.get("Object") or "").lower()
        for key, kind, content in business.objects()
        if kind.lower() == ATTACHMENT and key.lower() != ATTACHMENT
    }
