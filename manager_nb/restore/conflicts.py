"""What stands against a step apart from what it refers to: a number that is taken, a period that is locked."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from manager_nb.format.database import Database
from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model import labels
from manager_nb.model.lookup import Lookup
from manager_nb.model.said import said
from manager_nb.restore.naming import called
from manager_nb.restore.trouble import LOCKED_PERIOD, NUMBER_REUSED, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from manager_nb.model.held import Held
    from manager_nb.restore.steps import Step
    from manager_nb.timeline.business import Business


def note_conflicts(steps: dict[str, Step], now: Mapping[str, Held], shared: Callable[[str, str, str], bool]) -> None:
    """Add to each step what stands against it.

    A number that another document carries by now stops: which of the two keeps it is for a person to decide. A locked
    period only warns, since a restore brings back what the period held; whoever applies the plan gives a reason.

    Args:
        steps: by key; changed in place.
        now: the objects of the business.
        shared: whether two documents, by their keys, both carried a number already when the first had it last: then
            nobody has taken it.
    """
    until = lock_date(now)
    taken = _numbers(now, {step.after.content_type for step in steps.values() if step.acts and step.after})
    for key, step in list(steps.items()):
        if not step.acts:
            continue
        if until is not None and (date := _locked(step, until)):
            warning = said(_LOCKED, date=date, until=until)
            steps[key] = steps[key].with_trouble(Trouble(LOCKED_PERIOD, warning, False))
        number = number_of(step.after) if step.after else None
        if step.after is not None and number and (step.before is None or number_of(step.before) != number):
            for other in taken.get(number, ()):
                becomes = steps[other].after if other in steps else now[other]
                if becomes is not None and number_of(becomes) == number and not shared(key, other, number[1]):
                    trouble = Trouble(NUMBER_REUSED, said(_REUSED, label=called(now[other])))
                    steps[key] = steps[key].with_trouble(trouble)


def shared_number(current: Business, then: Mapping[str, Held] | None, key: str, other: str, number: str) -> bool:
    """Whether two documents both carried a number already when the first had it last.

    Args:
        current: the business as it is.
        then: the past that the first comes from; None where a deletion of it in `current` is taken back.
        key: of the first.
        other: of the second, which carries the number now.
        number: the reference.
    """
    if then is not None and key in then:
        return other in then and number_of(then[other])[1] == number
    life, mate = current.trail.lives.get(key), current.trail.lives.get(other)
    if life is None or life.now is not None or mate is None or not life.chain.links or not mate.chain.links:
        return False
    gone, made = life.chain.links[-1].ticks, mate.chain.links[0]
    if gone is None or (made.before is None and (made.ticks or gone) >= gone):
        return False
    found = Lookup(Database(current.open_source.database)).then(other, gone - 1)
    return found is not None and str(found.values.get("Reference") or "").strip() == number


def lock_date(now: Mapping[str, Held]) -> dt.date | None:
    """The Lock Date of the business: documents up to it are locked; None where none is set."""
    known = SCHEMA.named("LockDate")
    setting = now.get(known.guid) if known else None
    value = decode(known, setting.content).values.get("Date") if known and setting else None
    return _day(value)


def _locked(step: Step, until: dt.date) -> dt.date | None:
    """The document's date, before or after, if the period is locked."""
    dates = [_date(one) for one in (step.before, step.after) if one is not None]
    return min((date for date in dates if date is not None and date <= until), default=None)


def _date(one: Held) -> dt.date | None:
    known = SCHEMA.type_of(one.content_type)
    if known is None or known.kind != "transaction":
        return None
    field = labels.date_field(known)
    return _day(decode(known, one.content).values.get(field)) if field else None


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else None


def _numbers(now: Mapping[str, Held], guids: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """Who carries each number, for documents of some types."""
    wanted = set(guids)
    found: dict[tuple[str, str], list[str]] = {}
    for key, one in now.items():
        if one.content_type in wanted and (number := number_of(one))[1]:
            found.setdefault(number, []).append(key)
    return found


def number_of(one: Held) -> tuple[str, str]:
    """Type and reference of a document; the reference is empty where it has none."""
    known = SCHEMA.type_of(one.content_type)
    if known is None or known.field("Reference") is None:
        return one.content_type, ""
    return one.content_type, str(decode(known, one.content).values.get("Reference") or "").strip()


_LOCKED = mark("It is dated {date}, and the period up to {until} is locked.")
_REUSED = mark("Its number is taken by now: {label}.")
