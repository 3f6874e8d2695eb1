"""The breaks of each record's chain of changes, each with its cause (docs/format.md §2).

The chains are those of :mod:`manager_nb.timeline.chains`, the causes those of :mod:`manager_nb.timeline.certificate`;
what is added here is the mark of a torn copy, and whether many records differ alike, as an upgrade makes them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager_nb.format.scalars import TICKS_PER_DAY, TICKS_PER_SECOND
from manager_nb.format.schema import SCHEMA, SCHEMA_TYPE
from manager_nb.model.amounts import amount_of
from manager_nb.model.field_changes import field_changes
from manager_nb.model.objects import find_object
from manager_nb.model.wording import caption
from manager_nb.progress import heeded
from manager_nb.timeline.images import image_of
from manager_nb.timeline.keys import born

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.audit.books import Books
    from manager_nb.timeline.chains import Link
    from manager_nb.timeline.trail import Life, Trail

UNDONE, UPGRADE, TRIMMED, OUTSIDE, TORN = "undone", "upgrade", "trimmed", "outside", "torn"
ALONE, STAMP = "alone", "stamp"
"""The causes. `ALONE`: in a file that was upgraded, a record differs as no other does. `STAMP`: the record's own time
is none that its changes have."""

_CLOSE = 10 * TICKS_PER_SECOND
_AGREE = TICKS_PER_DAY
NEAR = 3600 * TICKS_PER_SECOND
"""A torn copy shows in what was saved last: within so many ticks of the newest change."""

ALIKE = 2
"""So many records of one type whose same fields differ are no edit of one record."""


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
    """

    key: str
    cause: str
    last: Link | None
    following: Link | None
    there: bool
    fields: tuple[str, ...] = ()
    ticks: int | None = None


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
    alike = Counter(
        (type_at(books, one), one.fields) for one in found if one.cause in (OUTSIDE, UPGRADE) and one.fields
    )
    return [_weighed(books, trail, one, alike) for one in heeded(found, books.progress)]


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
        if cause := _without_history(trail, life, first):
            yield Break(life.key, cause, None, None, there, (), ticks)
        return
    if links[0].before is not None and links[0].after is None and life.chain.reordered:
        # No order of the rows leads to what is there but one that begins with the deletion: the clock knows better.
        yield Break(life.key, OUTSIDE, links[0], None, there, (), ticks)
    elif links[0].before is not None:
        made = born(life.key)
        cause = OUTSIDE if made is not None and made >= first else TRIMMED
        yield Break(life.key, cause, None, links[0], there, (), ticks)
    for place in life.chain.breaks():
        last, following = links[place - 1], links[place]
        yield _described(books, Break(life.key, OUTSIDE, last, following, there, (), ticks))
    if cause := _at_the_end(trail, life, torn):
        yield _described(books, Break(life.key, cause, links[-1], None, there, (), ticks))


def _described(books: Books, one: Break) -> Break:
    return replace(one, fields=_differing(books, one)) if one.cause in (OUTSIDE, UPGRADE) else one


def _without_history(trail: Trail, life: Life, first: int) -> str | None:
    """Why a record that is there has no change at all."""
    ticks = life.now.ticks if life.now else None
    if ticks == 0:
        return UPGRADE if trail.upgraded else OUTSIDE
    made = born(life.key)
    after = (ticks is not None and ticks >= first) or (made is not None and made >= first)
    return OUTSIDE if after else TRIMMED


def _at_the_end(trail: Trail, life: Life, torn: bool) -> str | None:
    last = life.chain.links[-1]
    state, ticks = (life.now.state, life.now.ticks) if life.now else (None, None)
    near = last.ticks is not None and last.ticks >= trail.last - NEAR
    if state != last.after:
        halved = near and state == last.before  # as it was before its last change, which was one of the newest
        written = torn and ticks is not None and ticks >= trail.last - NEAR
        if (halved and (torn or (last.ticks or 0) >= trail.last - _CLOSE)) or written:
            return TORN
        return UPGRADE if trail.upgraded and life.now else OUTSIDE
    if ticks is None or last.ticks is None or ticks == last.ticks:
        return None
    made = born(last.commit) or born(last.change)
    if made is not None and abs(ticks - made) <= TICKS_PER_SECOND:
        return STAMP  # the record has the time at which its last change was made: that of the row is another
    if ticks > last.ticks:
        return TORN if torn and near else UNDONE
    return None if life.chain.reordered or ticks == 0 else STAMP


def _weighed(books: Books, trail: Trail, one: Break, alike: Counter[tuple[str, tuple[str, ...]]]) -> Break:
    """In a file that was upgraded: what the upgrade surely did not do, and what no other record shows.

    An upgrade changes many records of a type alike, never what a document comes to, and adds settings and accounts.
    """
    if one.cause not in (OUTSIDE, UPGRADE) or not trail.upgraded:
        return one
    known = SCHEMA.type_of(type_at(books, one))
    kind = known.kind if known else ""
    if one.last is None:
        return replace(one, cause=OUTSIDE) if one.cause == UPGRADE and kind == "transaction" else one
    if not one.there or (kind == "transaction" and _other_amount(books, one)):
        return replace(one, cause=OUTSIDE)
    if one.cause == OUTSIDE and not one.fields:
        return one
    if alike[type_at(books, one), one.fields] >= ALIKE or kind == "setting":
        return replace(one, cause=UPGRADE)
    return replace(one, cause=ALONE)


def _other_amount(books: Books, one: Break) -> bool:
    """Whether a document comes to another amount after the break than before it."""
    sides = _sides(books, one)
    before, after = (amount_of(SCHEMA.type_of(side[0]), side[1], books.lookup) if side else None for side in sides)
    return bool(before and after and before.value is not None and before.value != after.value)


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
