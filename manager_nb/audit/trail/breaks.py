"""The breaks of each record's chain of changes, each with its cause (docs/format.md §2).

The chains are those of :mod:`manager_nb.timeline.chains`, the causes those of :mod:`manager_nb.timeline.certificate`;
what is added here is what a torn copy can have done, and whether records differ as an upgrade makes them. A cause that
is nobody's doing is given only to what that cause can really do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager_nb.audit import upgrades
from manager_nb.format.scalars import TICKS_PER_DAY, TICKS_PER_SECOND
from manager_nb.format.schema import SCHEMA_TYPE
from manager_nb.model.field_changes import field_changes
from manager_nb.model.objects import find_object
from manager_nb.model.wording import caption
from manager_nb.progress import heeded
from manager_nb.timeline.images import image_of
from manager_nb.timeline.keys import born, is_own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.audit.books import Books
    from manager_nb.timeline.chains import Link
    from manager_nb.timeline.trail import Life, Trail

UNDONE, UPGRADE, TRIMMED, OUTSIDE, TORN = "undone", "upgrade", "trimmed", "outside", "torn"
ALONE, STAMP, UNSAVED, UNTIMED = "alone", "stamp", "unsaved", "untimed"
"""The causes. `ALONE`: the file was upgraded, but this is not like what an upgrade makes. `STAMP`: the record's own
time is none that its changes have. `UNSAVED`: in a torn copy, a row of the last moments may be missing. `UNTIMED`:
neither History nor the record's own row says when it came."""

_CLOSE = 10 * TICKS_PER_SECOND
_AGREE = TICKS_PER_DAY
NEAR = 3600 * TICKS_PER_SECOND
"""A torn copy shows in what was saved last: within so many ticks of the newest change."""


@dataclass(frozen=True, slots=True)
class Break:
    """One place where the changes of a record do not tell the whole of its life.

    Attributes:
        key: of the record.
        cause: one of those above.
        last: the change before the break; None where it comes before the first, or there is none.
        following: the change after it; None where it comes after the last.
        there: whether the record is there now.
        fields: what differs across it, in words; empty where that is not the point.
        ticks: when the record was written last, by its own row.
        why: of `ALONE`, why it is not like an upgrade, a text of the catalogue.
    """

    key: str
    cause: str
    last: Link | None
    following: Link | None
    there: bool
    fields: tuple[str, ...] = ()
    ticks: int | None = None
    why: str = ""


def breaks_of(books: Books) -> list[Break]:
    """Every break, in the order of the records' keys; a file without History has none."""
    trail = books.business.trail
    if not books.lives or trail.last < 0:
        return []
    torn = is_torn(books)
    found = [
        one
        for life in heeded(books.lives.values(), books.progress)
        if life.key != SCHEMA_TYPE
        for one in _breaks(books, trail, life, torn)
    ]
    return _weighed(books, trail, found)


def begun(books: Books) -> int:
    """When History begins, in ticks: with its first row whose time its key bears out, where keys tell one.

    A single row with a time that cannot be would otherwise have History begin long before it did.
    """
    times = (
        entry.ticks
        for entry in books.entries
        if entry.ticks is not None
        and entry.ticks > 0
        and abs(entry.ticks - (born(entry.change) or entry.ticks)) <= _AGREE
    )
    return min(times, default=books.business.trail.first)


def lives_of(books: Books) -> int:
    """How many records are there or told of by History; the schema's own object is none."""
    return sum(key != SCHEMA_TYPE for key in books.lives)


def is_torn(books: Books) -> bool:
    """Whether opening the file met a mark of a copy that was made while somebody was saving."""
    return any(problem.torn for problem in books.business.open_source.problems)


def _breaks(books: Books, trail: Trail, life: Life, torn: bool) -> Iterator[Break]:
    first = books.kept(begun)
    links, there = life.chain.links, life.now is not None
    ticks = life.now.ticks if life.now else None
    if not links:
        if cause := _without_history(trail, life, first, torn):
            yield Break(life.key, cause, None, None, there, (), ticks)
        return
    if links[0].before is not None and links[0].after is None and life.chain.reordered:
        # No order of the rows leads to what is there but one that begins with the deletion: the clock knows better.
        yield Break(life.key, OUTSIDE, links[0], None, there, (), ticks)
    elif links[0].before is not None:
        made = born(life.key)
        cause = TRIMMED if made is None or made < first else UNSAVED if torn and _is_near(trail, made) else OUTSIDE
        yield Break(life.key, cause, None, links[0], there, (), ticks)
    for place in life.chain.breaks():
        last, following = links[place - 1], links[place]
        cause = UNSAVED if torn and _is_near(trail, following.ticks) else OUTSIDE
        yield _described(books, Break(life.key, cause, last, following, there, (), ticks))
    if cause := _at_the_end(trail, life, torn):
        yield _described(books, Break(life.key, cause, links[-1], None, there, (), ticks))


def _described(books: Books, one: Break) -> Break:
    return replace(one, fields=_differing(books, one)) if one.cause in (OUTSIDE, UPGRADE, UNSAVED) else one


def _without_history(trail: Trail, life: Life, first: int, torn: bool) -> str | None:
    """Why a record that is there has no change at all."""
    ticks = life.now.ticks if life.now else None
    made = born(life.key)
    if ticks == 0 and (made is None or made < first):
        return UPGRADE if trail.upgraded and is_own(life.key) else UNTIMED
    after = (ticks is not None and ticks >= first) or (made is not None and made >= first)
    if not after:
        return TRIMMED
    return UNSAVED if torn and _is_near(trail, ticks) else OUTSIDE


def _at_the_end(trail: Trail, life: Life, torn: bool) -> str | None:
    last = life.chain.links[-1]
    state, ticks = (life.now.state, life.now.ticks) if life.now else (None, None)
    if state != last.after:
        if _is_stale(life) and (_is_near(trail, last.ticks) if torn else (last.ticks or 0) >= trail.last - _CLOSE):
            return TORN
        if torn and _is_near(trail, ticks) and (ticks or 0) > (last.ticks or 0):
            return UNSAVED  # the record may be newer than the rows of History that the copy has
        return UPGRADE if trail.upgraded and life.now else OUTSIDE
    if ticks is None or last.ticks is None or ticks == last.ticks:
        return None
    made = born(last.commit) or born(last.change)
    if made is not None and abs(ticks - made) <= TICKS_PER_SECOND:
        return STAMP  # the record has the time at which its last change was made: that of the row is another
    if ticks > last.ticks:
        return UNDONE
    return None if life.chain.reordered or ticks == 0 else STAMP


def _is_near(trail: Trail, ticks: int | None) -> bool:
    return ticks is not None and ticks >= trail.last - NEAR


def _is_stale(life: Life) -> bool:
    """Whether the record is as it was before its last change, its own time too: an older page of it was copied."""
    last = life.chain.links[-1]
    if (life.now.state if life.now else None) != last.before:
        return False
    ticks = life.now.ticks if life.now else None
    if ticks is None or last.ticks is None:
        return True
    earlier = life.chain.links[-2].ticks if len(life.chain.links) > 1 else None
    return (earlier or 0) <= ticks < last.ticks


def _weighed(books: Books, trail: Trail, found: list[Break]) -> list[Break]:
    """In a file that was upgraded, tell what is like the upgrade from what is not."""
    if not trail.upgraded:
        return found
    differences = [
        upgrades.difference(_place(one), *sides, books.lookup, (one.last.ticks if one.last else None) or 0)
        for one in heeded(found, books.progress)
        if one.cause in (OUTSIDE, UPGRADE) and (sides := both_sides(books, one))
    ]
    compared = {one.key for one in differences}
    reasons = upgrades.unlike(differences, _standing(books, {one.key for one in found}))
    return [_judged(one, reasons.get(_place(one))) if _place(one) in compared else _one_sided(one) for one in found]


def _place(one: Break) -> tuple[str, str]:
    """A record may have several breaks."""
    return one.key, one.last.change if one.last else ""


def _judged(one: Break, reason: str | None) -> Break:
    if one.cause not in (OUTSIDE, UPGRADE) or one.last is None:
        return one
    if reason is None and one.following is None and one.ticks and one.last.ticks and one.ticks != one.last.ticks:
        reason = upgrades.TIMED
    if reason == upgrades.AMOUNT:
        return replace(one, cause=OUTSIDE)
    return replace(one, cause=ALONE, why=reason) if reason else replace(one, cause=UPGRADE)


def _one_sided(one: Break) -> Break:
    """A record that came or went without a row: an upgrade does that with records of its own only."""
    return replace(one, cause=OUTSIDE) if one.cause == UPGRADE and one.last is not None else one


def _standing(books: Books, broken: set[str]) -> Iterator[upgrades.Standing]:
    """The records without a break."""
    for key, guid, content in heeded(books.business.objects(), books.progress):
        life = books.lives.get(key.lower())
        if life is None or key.lower() in broken:
            continue
        last = life.chain.links[-1].ticks if life.chain.links else life.now.ticks if life.now else None
        yield upgrades.Standing(key.lower(), guid.lower(), content, last or 0)


def both_sides(books: Books, one: Break) -> tuple[upgrades.Side, upgrades.Side] | None:
    """The record before and after a break, as type and content; None where it came or went."""
    before, after = _sides(books, one)
    return None if before is None or after is None else (before, after)


def type_at(books: Books, one: Break) -> str:
    """The content type of the record before the break, a GUID; "" where that is not known."""
    if one.last is not None:
        image = image_of(books.database, one.last.change, "After") or image_of(
            books.database, one.last.change, "Before"
        )
        return image[0] if image else ""
    stored = find_object(books.database, one.key)
    return stored.content_type.lower() if stored else ""


def _sides(books: Books, one: Break) -> tuple[tuple[str, bytes] | None, tuple[str, bytes] | None]:
    """The record before and after a break, as type and content; None where it was not there."""
    before = image_of(books.database, one.last.change, "After") if one.last else None
    if one.following is not None:
        return before, image_of(books.database, one.following.change, "Before")
    stored = find_object(books.database, one.key) if one.there else None
    return before, (stored.content_type.lower(), stored.content) if stored else None


def _differing(books: Books, one: Break) -> tuple[str, ...]:
    """Which fields of a record differ across a break, in words; none where it came or went."""
    before, after = _sides(books, one)
    if before is None or after is None:
        return ()
    paths = (change.path[0] if change.path else change.kind for change in field_changes(before, after))
    return tuple(dict.fromkeys(map(caption, paths)))
