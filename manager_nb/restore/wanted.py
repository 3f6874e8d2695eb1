"""What each selected record is to become, and what stands against it: the first step of a plan.

Two kinds of past. A *state* of the business (an instant, another backup): a record becomes what it was there. *Changes*
of the business itself: they are taken back, so a record becomes what the first of them found; where other changes came
after it, only the fields that they left alone are set back, and where they touched the same fields nobody but the
accountant can decide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manager_nb.errors import NotFoundError, SelectionError, WireError
from manager_nb.format.database import Database
from manager_nb.format.schema import SCHEMA
from manager_nb.format.splice import differing_numbers, with_fields_of
from manager_nb.i18n import mark
from manager_nb.model.held import Held, same
from manager_nb.model.said import Said, When, said
from manager_nb.model.wording import caption
from manager_nb.restore.steps import SELECTED
from manager_nb.restore.trouble import CHANGED_SINCE, TARGET_GONE, Trouble
from manager_nb.timeline.images import image_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.restore.selection import Selection
    from manager_nb.timeline.business import Business
    from manager_nb.timeline.chains import Link
    from manager_nb.timeline.trail import Life

    State = Mapping[str, Held]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One selected record.

    Attributes:
        key: in lower case.
        state: what it is to become, None where it was not there.
        reason: why.
        asked: whether taking it away was asked for, should it not have been there.
        trouble: what stands against it, None where nothing does.
        told: whether the reason is told also where the record stays as it is.
    """

    key: str
    state: Held | None
    reason: Said
    asked: bool
    trouble: Trouble | None = None
    told: bool = False


def choose(current: Business, selection: Selection, now: State, then: State | None) -> list[Wanted]:
    """What a selection names.

    Args:
        current: the business as it is.
        selection: what was chosen.
        now: its objects.
        then: the objects of the past; None takes back changes of the business itself.

    Raises:
        SelectionError: the selection names nothing, or no past.
        NotFoundError: what it names is neither now nor then.
    """
    selection.require_something()
    if selection.in_history:
        found = list(_Changes(current, selection, now, then).wanted())
    elif then is None:
        raise SelectionError(
            "The business itself was given as its own past, and no change of its History was named.",
            hint="Give a moment of it (business.as_at), another backup, or name users, actions or a window of time.",
        )
    else:
        found = list(_from_state(selection, now, then))
    found = [one for one in found if _matches(selection, now.get(one.key), one.state)]
    return found if selection.fields is None else [_only_fields(one, selection, now.get(one.key)) for one in found]


def _from_state(selection: Selection, now: State, then: State) -> Iterator[Wanted]:
    asked = selection.all or selection.keys is not None
    keys = sorted(now.keys() | then.keys()) if selection.keys is None else [key.lower() for key in selection.keys]
    for key in dict.fromkeys(keys):
        if key not in now and key not in then:
            raise NotFoundError(
                "There is no record with the key {key}, neither now nor then.",
                hint="Take a key from a table of records, or from compare(past, current).records.",
                key=key,
            )
        if selection.keys is not None or not same(now.get(key), then.get(key)):
            yield Wanted(key, then.get(key), SELECTED, asked)


def _matches(selection: Selection, *states: Held | None) -> bool:
    there = [one for one in states if one is not None]
    guids = selection.guids()
    if guids is not None and not any(one.content_type in guids for one in there):
        return False
    if selection.in_history and selection.keys is not None:
        wanted = {key.lower() for key in selection.keys}
        if not any(one.key.lower() in wanted for one in there):
            return False
    text = selection.text
    return text is None or any(text.casefold() in one.label.casefold() for one in there)


def _only_fields(wanted: Wanted, selection: Selection, now: Held | None) -> Wanted:
    """The record as it is now with the chosen fields as they were."""
    if wanted.state is None or now is None or wanted.state.content_type != now.content_type:
        return replace(wanted, trouble=Trouble(TARGET_GONE, said(_NO_FIELDS), final=True))
    numbers = _numbers(now.content_type, selection.fields or ())
    try:
        content = with_fields_of(now.content, wanted.state.content, numbers)
    except WireError:
        return replace(wanted, trouble=Trouble(CHANGED_SINCE, said(_UNREADABLE), final=True))
    names = ", ".join(map(caption, selection.fields or ()))
    return Wanted(wanted.key, replace(now, content=content), said(_ONLY_FIELDS, fields=names), False, wanted.trouble)


def _numbers(guid: str, names: Any) -> list[int]:
    known = SCHEMA.type_of(guid)
    fields = list(known.fields.values()) if known else []
    by_name = {name.casefold(): field.number for field in fields for name in (field.name, caption(field.name))}
    for name in names:
        if name.casefold() not in by_name:
            raise NotFoundError(
                "The type {type} has no field {field}.",
                hint="Fields are called as in business.changes, column field, up to the first dot.",
                type=known.name if known else guid,
                field=name,
            )
    return [by_name[name.casefold()] for name in names]


class _Changes:
    """Takes changes of the business back.

    Args:
        current: the business.
        selection: names the changes.
        now: its objects.
        then: what the records become instead of what the first change found, where that is given.
    """

    def __init__(self, current: Business, selection: Selection, now: State, then: State | None) -> None:
        self._trail = current.trail
        self._database = Database(current.open_source.database)
        self._now, self._then = now, then
        rows = current.history.to_arrow(["change", "commit", "ticks", "user", "object"]).to_pylist()
        self._rows = {row["change"]: row for row in rows}
        self._selected: dict[str, set[str]] = {}
        for row in selection.rows_of(rows):
            self._selected.setdefault(str(row["object"] or "").lower(), set()).add(str(row["change"]))
        if not self._selected:
            raise NotFoundError(
                "No change in History has that user, action and time.",
                hint="Look into business.history: users and actions are called as there, times are UTC.",
                path=current.source.path,
            )

    def wanted(self) -> Iterator[Wanted]:
        """Each record that a selected change touched."""
        for key, changes in self._selected.items():
            life = self._trail.lives.get(key)
            places = [place for place, link in enumerate(life.chain.links) if link.change in changes] if life else []
            if life and places:  # an action can change a record twice, and only one of the two counts
                yield self._taken_back(life, places)
            elif life and not changes <= {link.change for link in (*life.chain.links, *life.chain.twins)}:
                yield Wanted(key, self._now.get(key), said(_NO_IMAGES), False, told=True)

    def _taken_back(self, life: Life, places: Sequence[int]) -> Wanted:
        links, key = life.chain.links, life.key
        target = self._image(life, links[places[0]], "Before") if self._then is None else self._then.get(key)
        taken = set(places)
        since = [link for place, link in enumerate(links) if place > places[0] and place not in taken]
        found = [*(link.before for link in links), life.now.state if life.now else None]
        gaps = [place for place in range(places[0] + 1, len(found)) if links[place - 1].after != found[place]]
        reason = self._reason(links[places[-1]], len(places))
        if (not since and not gaps) or same(self._now.get(key), target):
            return Wanted(key, target, reason, True)
        merged = self._merged(life, target, places, since, gaps)
        if merged is not None:
            return Wanted(key, merged, said(_OTHERS_STAY, **dict(reason.facts)), True)
        kind = TARGET_GONE if key not in self._now else CHANGED_SINCE
        return Wanted(key, target, reason, True, Trouble(kind, self._who(kind, life, since)))

    def _merged(
        self, life: Life, target: Held | None, places: Sequence[int], since: Sequence[Link], gaps: Sequence[int]
    ) -> Held | None:
        """The record as it is now without what the selected changes did, where nothing else touched those fields.

        What happened in gaps is something else, too: there a change, or the file, has not what the one before left.
        """
        now = self._now.get(life.key)
        if now is None or target is None or self._then is not None or now.content_type != target.content_type:
            return None
        links = life.chain.links
        try:
            taken = self._touched(life, [links[place] for place in places])
            kept = self._touched(life, since).union(*(self._in_gap(life, place) for place in gaps))
            if taken & kept:
                return None
            return replace(now, content=with_fields_of(now.content, target.content, taken))
        except (WireError, _NotAnUpdateError):
            return None

    def _in_gap(self, life: Life, place: int) -> frozenset[int]:
        """The fields that were changed without a row in History just before a change, or after the last one."""
        links = life.chain.links
        left = self._image(life, links[place - 1], "After")
        found = self._image(life, links[place], "Before") if place < len(links) else self._now.get(life.key)
        if left is None or found is None or left.content_type != found.content_type:
            raise _NotAnUpdateError
        return differing_numbers(left.content, found.content)

    def _touched(self, life: Life, links: Sequence[Link]) -> frozenset[int]:
        """The fields that updates changed."""
        found: frozenset[int] = frozenset()
        for link in links:
            before, after = (self._image(life, link, side) for side in ("Before", "After"))
            if before is None or after is None or before.content_type != after.content_type:
                raise _NotAnUpdateError
            found |= differing_numbers(before.content, after.content)
        return found

    def _image(self, life: Life, link: Link, side: str) -> Held | None:
        found = image_of(self._database, link.change, side)
        if found is None:
            return None
        spelled = life.now.key if life.now else str(self._rows[link.change]["object"])
        return Held(spelled, *found)

    def _reason(self, link: Link, count: int) -> Said:
        user, time = self._facts(link)
        return said(_TAKEN_BACK if count == 1 else _SEVERAL_TAKEN_BACK, user=user, time=time, count=str(count))

    def _who(self, kind: str, life: Life, since: Sequence[Link]) -> Said:
        if not since:
            return said(_CHANGED_OUTSIDE)
        user, time = self._facts(since[-1])
        if kind == TARGET_GONE:
            return said(_GONE_SINCE, user=user, time=time)
        return said(_OTHERS_SINCE, user=user, time=time, fields=self._captions(life, since))

    def _captions(self, life: Life, since: Sequence[Link]) -> str:
        """The names of the fields that other changes touched."""
        known = SCHEMA.type_of(self._now[life.key].content_type)
        try:
            numbers = sorted(self._touched(life, since))
        except (WireError, _NotAnUpdateError):
            return "…"
        names = [known.fields[number].name for number in numbers if known and number in known.fields]
        return ", ".join(map(caption, names)) or "…"

    def _facts(self, link: Link) -> tuple[str, When]:
        return str(self._rows.get(link.change, {}).get("user") or "Manager"), When(link.ticks)


def lost_objects(current: Business) -> dict[str, Held]:
    """Every object that is gone now and that History still has, as it was before it was deleted; by key in lower case.

    An object whose trail does not end in its deletion (the row was removed by another tool) is among them.
    """
    database = Database(current.open_source.database)
    found: dict[str, Held] = {}
    for life in current.trail.lives.values():
        if life.now is not None or not life.chain.links:
            continue
        last = life.chain.links[-1]
        image = image_of(database, last.change, "Before" if last.after is None else "After")
        if image is not None:
            found[life.key] = Held(life.key, *image)
    return found


class _NotAnUpdateError(Exception):
    """A change that makes or deletes the record, or gives it another type, cannot be taken back field by field."""


_TAKEN_BACK = mark("What {user} did on {time} is taken back.")
_SEVERAL_TAKEN_BACK = mark("{count} changes by {user}, the last on {time}, are taken back.")
_OTHERS_STAY = mark("What {user} did on {time} is taken back; later changes of other fields stay.")
_ONLY_FIELDS = mark("Only these fields are brought back: {fields}.")
_NO_FIELDS = mark("Single fields cannot be brought back, because the record is not there both now and then.")
_UNREADABLE = mark("Its bytes cannot be read in full, so single fields of it cannot be brought back.")
_NO_IMAGES = mark("The change has neither what was there before nor what was there after, so it cannot be taken back.")
_OTHERS_SINCE = mark("After that, {user} changed it too, on {time} ({fields}).")
_GONE_SINCE = mark("After that, {user} deleted it, on {time}.")
_CHANGED_OUTSIDE = mark("After that, it was changed without a row in History.")
