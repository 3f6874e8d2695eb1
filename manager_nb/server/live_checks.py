"""What is refused before a live restore writes anything: what changed meanwhile, what the server cannot take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.errors import ConflictError, SelectionError
from manager_nb.format.messages import decode
from manager_nb.format.schema import REVISION, SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.held import Held, same
from manager_nb.model.references import references
from manager_nb.restore.conflicts import number_of
from manager_nb.restore.steps import REVERT
from manager_nb.server.record_json import canonical, from_json, has_unsure_number, names_sent, parsed, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from manager_nb.format.schema import ContentType
    from manager_nb.progress import Progress
    from manager_nb.restore.plan import RestorePlan
    from manager_nb.restore.steps import Step
    from manager_nb.server.record_api import RecordApi, Seen
    from manager_nb.timeline.business import Business

_LOCK_DATE = "LockDate"


def require_same_revision(plan: RestorePlan, fresh: Business, name: str) -> None:
    """Refuse a business that a newer Manager wrote, or that was brought up to date since the plan was made.

    Args:
        plan: the plan.
        fresh: the business as the server has it.
        name: what it is called there.

    Raises:
        SelectionError: its fields are not all known here.
        ConflictError: it is of another revision than the plan's.
    """
    revision = fresh.schema_revision
    if revision is None or revision > REVISION:
        raise SelectionError(
            "{name} was written by a newer Manager than this program knows: nothing can be restored into the server.",
            hint="Update this program, or restore into a file instead, where nothing that is unknown gets lost.",
            name=name,
        )
    if revision != plan.current.schema_revision:
        raise ConflictError(
            "Manager has brought {name} up to date since the plan was made.",
            hint="Nothing was written. Make the plan again, from the backup that was made just now: {file}.",
            path=fresh.source.path,
            name=name,
            file=fresh.source.path.name,
        )


def require_unchanged(plan: RestorePlan, now: Mapping[str, Held], backup: Path) -> None:
    """Refuse a plan of which something that matters is not any more as it was when the plan was made.

    That is each record that it acts on, each that those refer to, the lock date, and what was made or changed since
    that carries a number that comes back or refers to what is deleted. What else changed does not matter.

    Args:
        plan: the plan.
        now: the objects as the server has them.
        backup: where they are from.

    Raises:
        ConflictError: something changed.
    """
    found = dict.fromkeys(_changed(plan, now))
    if found:
        first = next(iter(found))
        raise ConflictError(
            "{label} was changed on the server since the plan was made. Of what the plan needs were changed: {count}.",
            hint="Nothing was written. Make the plan again, from the backup that was made just now: {file}.",
            path=backup,
            count=str(len(found)),
            label=first.label,
            file=backup.name,
        )


def _changed(plan: RestorePlan, now: Mapping[str, Held]) -> Iterator[Held]:
    acting = {step.key: step for step in plan.effective}
    for key in _needed(plan):
        before, there = plan.before.get(key), now.get(key)
        if not same(before, there):
            yield there or before or acting[key].shown
    numbers = {number for step in plan.effective if (number := _new_number(step)) is not None}
    deleted = {step.key for step in plan.effective if step.after is None}
    for key, one in now.items():
        if key in acting or same(one, plan.before.get(key)):
            continue
        named = (found.key for found in references(one.content_type, one.content) if found.essential)
        if number_of(one) in numbers or not deleted.isdisjoint(named):
            yield one


def _new_number(step: Step) -> tuple[str, str] | None:
    """The number that a document gets by the plan, with its type."""
    number = number_of(step.after) if step.after is not None else ("", "")
    return number if number[1] and (step.before is None or number_of(step.before) != number) else None


def _needed(plan: RestorePlan) -> list[str]:
    lock = SCHEMA.named(_LOCK_DATE)
    keys = [lock.guid] if lock is not None else []
    for step in plan.effective:
        keys.append(step.key)
        if step.after is not None:
            keys += [one.key for one in references(step.after.content_type, step.after.content)]
    return list(dict.fromkeys(keys))


def require_writable(plan: RestorePlan) -> None:
    """Refuse what cannot be sent so that exactly the planned bytes come of it.

    Raises:
        SelectionError: the plan has such a record.
    """
    for step in plan.effective:
        error = _not_writable(step)
        if error is not None:
            raise error


def _not_writable(step: Step) -> SelectionError | None:
    one = step.shown
    kind = SCHEMA.type_of(one.content_type)
    if kind is None or kind.obsolete or kind.kind == "internal":
        return _no_way(one)
    if step.before is not None and step.before.content_type != kind.guid:
        return SelectionError(
            "{label} would become a record of another type: a server offers no way to do that.",
            hint=_HINT,
            label=one.label,
        )
    if step.key == kind.guid and step.action != REVERT:
        return SelectionError(
            "{label} is a setting: on a server it can be changed back, but neither be made nor taken away.",
            hint=_HINT,
            label=one.label,
        )
    if step.after is None:
        return None
    read = decode(kind, step.after.content)
    return _unknown_fields(one) if read.unknown else None if _is_exact(kind, step.after.content) else _inexact(one)


def _is_exact(kind: ContentType, content: bytes) -> bool:
    """Whether exactly these bytes come of what is sent."""
    back = from_json(kind, parsed(to_json(kind, content)))
    read = decode(kind, content)
    return not read.flaws and back == content == canonical(kind, content) and not has_unsure_number(read.values)


def require_known_there(plan: RestorePlan, now: Mapping[str, Held], api: RecordApi, progress: Progress) -> None:
    """Refuse what the server does not show as its own backup has it, or shows not at all.

    The server answers 404 for a type that cannot be written and for a record that is not there alike: of a type of
    which a record comes back, another has to be there, or at least their list.

    Raises:
        SelectionError: the server cannot take it.
        ConflictError: the server shows something else.
        ServerError: it does not tell.
        CancelledError: the user cancelled.
    """
    names: dict[str, frozenset[str]] = {}
    progress.start("Looking at the records on the server", len(plan.effective))
    for step in plan.effective:
        one, guid = step.shown, step.shown.content_type
        if not api.is_as(one, step.before, progress):
            raise _not_shown(one) if step.before is not None else changed_now(one)
        if guid not in names:
            names[guid] = _names_of(step, now, api, progress)
        if names[guid] and step.after is not None and not _sent(step.after) <= names[guid]:
            raise _unknown_fields(one)
        progress.advance()
    progress.finish()


def _names_of(step: Step, now: Mapping[str, Held], api: RecordApi, progress: Progress) -> frozenset[str]:
    """What the server calls the fields of a type; nothing where it has no record of it, though it lists them."""
    one = step.before or next((one for one in now.values() if _is_like(one, step.shown)), None)
    if one is not None and (seen := api.look(one, progress)).names:
        if _is_told_otherwise(one, seen):  # money in quotes, say: better before the first record than after it
            raise _not_shown(one)
        return seen.names
    if one is not None or not api.has_kind(step.shown, progress):
        raise _no_way(step.shown)
    return frozenset()


def _is_told_otherwise(one: Held, seen: Seen) -> bool:
    """Whether the server has all fields of a record, but tells them as something else than the backup holds."""
    kind = SCHEMA.type_of(one.content_type)
    if kind is None or not _sent(one) <= seen.names or not _is_exact(kind, one.content):
        return False
    return seen.content != one.content


def _sent(one: Held) -> set[str]:
    kind = SCHEMA.type_of(one.content_type)
    return names_sent(kind, one.content) if kind is not None else set()


def _is_like(one: Held, other: Held) -> bool:
    return one.content_type == other.content_type and one.key.lower() != one.content_type


def changed_now(one: Held) -> ConflictError:
    """The error that somebody was quicker."""
    return ConflictError(
        "{label} was changed on the server just now.",
        hint="Ask the others to stop saving for a moment, then make the plan again from a new backup of the server.",
        label=one.label,
    )


def _no_way(one: Held) -> SelectionError:
    return SelectionError("The server offers no way to write records like {label}.", hint=_HINT, label=one.label)


def _unknown_fields(one: Held) -> SelectionError:
    return SelectionError("{label} has fields that the server would lose.", hint=_HINT, label=one.label)


def _inexact(one: Held) -> SelectionError:
    return SelectionError(
        "{label} cannot be sent to a server so that it comes back exactly as it was.", hint=_HINT, label=one.label
    )


def _not_shown(one: Held) -> SelectionError:
    return SelectionError("The server does not show {label} as its own backup has it.", hint=_HINT, label=one.label)


_HINT = mark(
    "Nothing was written. Leave the record out, or restore into a file instead and import that file into the server."
)
