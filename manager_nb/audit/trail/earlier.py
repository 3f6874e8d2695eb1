"""The file against an earlier backup: whether its History extends the one that was there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.audit.differing import differences_said, value_said
from manager_nb.audit.extension import BEGUN_AGAIN, OTHER, SWAPPED, WITHOUT, Extension, extension
from manager_nb.audit.rows import AS_UNDONE, MISSING, Row
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, NOTE, TRAIL, Finding, Rule, Tested, row
from manager_nb.audit.telling import EVIDENCE, EXAMPLES, called, joined, titled_label, together
from manager_nb.audit.trail.earlier_emails import emails_found
from manager_nb.audit.trail.row_facts import RowFacts, facts_of
from manager_nb.audit.trail.row_words import COLUMNS, from_to, many
from manager_nb.audit.upgrade_between import ADDED, BROKEN, CAME, GONE, WENT
from manager_nb.audit.upgrades import AMOUNT
from manager_nb.errors import NotFoundError
from manager_nb.format.database import Database
from manager_nb.i18n import mark
from manager_nb.model.lookup import Lookup
from manager_nb.model.objects import find_object
from manager_nb.model.said import Said, When, said
from manager_nb.progress import check, heeded
from manager_nb.timeline.images import image_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from manager_nb.audit.books import Books
    from manager_nb.audit.differing import Side
    from manager_nb.model.said import Fact
    from manager_nb.timeline.business import Business

EXTENSION = "against an earlier backup"

EXTENDS = mark(
    "History extends that of the earlier backup {file}, whose newest row is of {until}: its {rows} rows are all there"
    " unchanged; {added} rows are of later times, for which the backup cannot vouch."
)
"""What is found where nothing is gone or altered; the verdict tells it."""

VOUCHES = mark(
    "The file was held against the earlier backup {file}, whose newest row is of {until}: it vouches for nothing later."
)
"""What is noted wherever an earlier backup was given; the verdict tells it among its limits."""

_REASONS = {
    OTHER: mark("The earlier backup and the file have no record in common: they are not of one business."),
    SWAPPED: mark("The earlier backup is the later one of the two: exchange them."),
    WITHOUT: mark("One of the two holds no History, so their Histories cannot be held against each other."),
    BEGUN_AGAIN: mark(
        "None of the {rows} rows of the earlier backup's History is in the file, whose own begins later: it was dropped"
        " on import, left out of a copy, or removed, and begun again."
    ),
}


def _against(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    earlier = books.earlier
    if earlier is None:
        notes = (said("No earlier backup was given. One that was kept elsewhere is the strongest proof of a trail."),)
        return Tested(said("Rows of the earlier backup"), 0, (), notes)
    told = books.kept(_extension)
    found = [*_histories(books, earlier, told), *_records(books, told), *emails_found(earlier, books.business, told)]
    population = said("Rows of History and e-mails in the earlier backup")
    return Tested(population, told.rows + told.emails, tuple(found), tuple(_notes(earlier, told)))


def _which(earlier: Business, told: Extension) -> dict[str, Fact]:
    """The earlier backup by its file, and the moment up to which it vouches."""
    return {"file": earlier.source.path.name, "until": When(told.newest)}


def _notes(earlier: Business, told: Extension) -> Iterator[Said]:
    if told.reason not in (OTHER, SWAPPED):
        yield said(VOUCHES, **_which(earlier, told))
    if earlier.open_source.problems:
        yield said(
            "The earlier backup itself is damaged, or a torn copy: what it lacks may be lost in it, and no sign of"
            " anything in the file."
        )
    if told.reason in (WITHOUT, BEGUN_AGAIN):
        yield said("Rows of History and records could not be held against the earlier backup; e-mails were.")


def _then(books: Books) -> Lookup:
    """Finds what the records of the earlier backup refer to."""
    assert books.earlier is not None  # noqa: S101 - asked for only where there is one
    return Lookup(Database(books.earlier.open_source.database))


def _extension(books: Books) -> Extension:
    assert books.earlier is not None  # noqa: S101 - asked for only where there is one
    return extension(books.earlier, books.business, books.progress)


def _histories(books: Books, earlier: Business, told: Extension) -> Iterator[Finding]:
    if told.reason:
        severity = HIGH if told.reason == BEGUN_AGAIN else MEDIUM
        yield Finding(
            severity, said(_REASONS[told.reason], **({"rows": told.rows} if told.reason == BEGUN_AGAIN else {}))
        )
        return
    if told.extends:
        facts = {"rows": told.rows, "added": told.added, **_which(earlier, told)}
        yield Finding(NOTE, said(EXTENDS, **facts))
    altered = [one for one in told.changed if one.what != AS_UNDONE]
    actions: dict[str, list[Row]] = defaultdict(list)
    for one in told.having(AS_UNDONE):
        actions[one.commit or one.key].append(one)
    firsts = [rows[0] for rows in actions.values()]
    before = facts_of(earlier, [one.key for one in (*altered, *firsts)], books.progress)
    now = facts_of(books.business, [one.key for one in (*altered, *told.backdated)], books.progress)
    yield from together(
        ((one.what, _row_said(books, earlier, one, before, now)) for one in heeded(altered, books.progress)), many
    )
    backdated = heeded(told.backdated, books.progress)
    yield from together(((True, _backdated(one, now[one.key])) for one in backdated), many)
    undone = heeded(actions.values(), books.progress)
    yield from together(((True, _undone(books, rows, before[rows[0].key])) for rows in undone), many)


def _row_said(books: Books, earlier: Business, one: Row, before: RowFacts, now: RowFacts) -> Finding:
    facts = before[one.key]
    if one.what == MISSING:
        message = said(
            "The row of {when} by {user}, {label}, was in the earlier backup and is gone from History.",
            when=When(facts["ticks"]), user=facts["user"] or "–", label=_label(facts),
        )  # fmt: skip
        evidence = [row("earlier Changes", one.key)]
    else:
        message = said(
            "The row of {when} by {user}, {label}, is not as the earlier backup has it; what differs: {fields}.",
            when=When(facts["ticks"]),
            user=facts["user"] or "–",
            label=_label(facts),
            fields=_row_differences(books, earlier, one, (facts, now[one.key])),
        )
        evidence = [row("earlier Changes", one.key), row("Changes", one.key)]
    change = None if one.what == MISSING else one.key
    return Finding(HIGH, message, one.object or None, change, facts["ticks"], facts["user"], tuple(evidence))


def _undone(books: Books, rows: Sequence[Row], facts: Mapping[str, Any]) -> Finding:
    message = said(
        "The action of {when} by {user} on {label}{more} was in the earlier backup and is gone from History, as if it"
        " had been undone in Manager: its records are as they were before it, or were changed from there.",
        when=When(facts["ticks"]),
        user=facts["user"] or "–",
        label=_label(facts) if facts["label"] else called(books, rows[0].object),
        more=said(" and {count} more", count=len(rows) - 1) if len(rows) > 1 else "",
    )
    evidence = tuple(row("earlier Changes", one.key) for one in rows)[:EVIDENCE]
    return Finding(MEDIUM, message, rows[0].object or None, None, facts["ticks"], facts["user"], evidence)


def _backdated(one: Row, facts: Mapping[str, Any]) -> Finding:
    message = said(
        "The row of {when} by {user}, {label}, is not in the earlier backup, which has rows of later times and should"
        " have it: it was written later under a time that was made up, or after the computer's clock was set back, or"
        " the earlier backup is not whole.",
        when=When(facts["ticks"]), user=facts["user"] or "–", label=_label(facts),
    )  # fmt: skip
    evidence = (row("Changes", one.key),)
    return Finding(HIGH, message, one.object or None, one.key, facts["ticks"], facts["user"], evidence)


def _label(facts: Mapping[str, Any]) -> Fact:
    return titled_label(facts["label"], facts["type"])


def _row_differences(books: Books, earlier: Business, one: Row, facts: Sequence[Mapping[str, Any]]) -> Fact:
    """What differs in a row of History, from what to what; a key says nothing to anybody, so it is only named."""
    check(books.progress)  # both files are asked several times
    told: list[Fact] = []
    for column in one.fields:
        name, side = said(COLUMNS[column]), column.removeprefix("Content")
        sides = _images(books, earlier, one.key, side) if side in ("Before", "After") else None
        if sides is not None:
            what = differences_said(*sides, books.kept(_then), books.lookup, (facts[0]["ticks"], facts[1]["ticks"]))
            told.append(said("{name} ({what})", name=name, what=what))
        elif column == "Timestamp":
            told.append(from_to(name, *(When(one["ticks"]) for one in facts)))
        elif column == "User":
            told.append(from_to(name, *(value_said(one["user"]) for one in facts)))
        else:
            told.append(name)
    return joined(told)


def _images(books: Books, earlier: Business, change: str, side: str) -> tuple[Side, Side] | None:
    """What a change found or left, as each of the two files has it; None where one has nothing."""
    old = image_of(Database(earlier.open_source.database), change, side)
    new = image_of(books.database, change, side)
    return None if old is None or new is None else (old, new)


def _records(books: Books, told: Extension) -> Iterator[Finding]:
    """The records that differ although no change between the two tells why."""
    unlike = dict(told.unlike)
    like = [key for key, _ in told.objects if key not in unlike] if told.upgraded else []
    if like:
        message = said(
            "{count} records differ from the earlier backup, or came, without a change that tells why, as they do when"
            " a newer Manager upgrades a file: all of a kind alike, and nothing in them that only people know. The file"
            " is of a newer version than the backup. An edit that changes all of a kind in this way would look the"
            " same. Among them: {names}",
            count=len(like),
            names=joined([_called(books, key) for key in like[:EXAMPLES]]),
        )
        yield Finding(LOW, message, evidence=_both(like))
    rest = ((key, cause) for key, cause in told.objects if not told.upgraded or key in unlike)
    yield from together(
        (
            ((cause, unlike.get(key)), _record_said(books, key, cause, unlike.get(key)))
            for key, cause in heeded(rest, books.progress)
        ),
        many,
    )


_SURE = (AMOUNT, CAME, WENT)
"""What an upgrade is not believed to do."""


def _record_said(books: Books, key: str, cause: str, unlike: str | None) -> Finding:
    label, fields = _called(books, key), _record_differences(books, key, cause)
    if cause == ADDED:
        message = said(
            "{label} was not in the earlier backup, and History has no row of its creation since.", label=label
        )
    elif cause == GONE:
        message = said("{label} was in the earlier backup and is gone, and History has no row of that.", label=label)
    elif cause == BROKEN:
        message = said(
            "{label}: the first change since the earlier backup does not begin with what the earlier backup has. It was"
            " altered in between without a row in History{fields}.",
            label=label,
            fields=fields,
        )
    else:
        message = said(
            "{label} is not as in the earlier backup, and History has no change of it since{fields}.",
            label=label, fields=fields,
        )  # fmt: skip
    if unlike:
        message = said(
            "{what} The file is of a newer version than the backup, but this is not like what an upgrade was seen to"
            " do: {why}. It cannot be told from an edit.",
            what=message,
            why=said(unlike),
        )
    return Finding(MEDIUM if unlike and unlike not in _SURE else HIGH, message, key, evidence=_both([key]))


def _record_differences(books: Books, key: str, cause: str) -> Said | str:
    """Which fields of a record are not as the earlier backup has them, from what to what."""
    check(books.progress)
    earlier = books.earlier
    if earlier is None or cause in (ADDED, GONE):
        return ""
    database = Database(earlier.open_source.database)
    before, after = find_object(database, key), _first_since(books, earlier, key) if cause == BROKEN else None
    stored = find_object(books.database, key) if after is None else None
    if stored is not None:
        after = stored.content_type.lower(), stored.content
    if before is None or after is None:
        return ""
    sides = (before.content_type.lower(), before.content), after
    return said(" (what differs: {fields})", fields=differences_said(*sides, books.kept(_then), books.lookup))


def _first_since(books: Books, earlier: Business, key: str) -> Side | None:
    """The record as the first change since the earlier backup found it."""
    was, life = earlier.trail.life(key), books.lives.get(key)
    known = {link.change.lower() for link in was.chain.links} if was else set()
    since = [link for link in life.chain.links if link.change.lower() not in known] if life else []
    return image_of(books.database, since[0].change, "Before") if since else None


def _both(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(row(table, key) for key in keys for table in ("earlier Objects", "Objects"))[:EVIDENCE]


def _called(books: Books, key: str) -> Fact:
    label = called(books, key)
    if label != key or books.earlier is None:
        return label
    try:
        record = books.earlier.record(key)
    except NotFoundError:
        return key
    return titled_label(record.label, record.type) if record.label else key


RULES = (
    Rule(
        EXTENSION,
        TRAIL,
        mark("The file against an earlier backup"),
        mark(
            "What an earlier backup has was there once. Every row of its History has to be in the later file,"
            " unchanged, and every record that differs has to have a change since that tells why. This is the"
            " strongest test of a trail; its worth is that of the place where the earlier backup was kept."
        ),
        _against,
        weight=5,
        limits=mark(
            "What was done and undone between the two backups leaves no trace in either. Undo in Manager removes"
            " rows, so rows that are gone as an undo leaves it may be no more than that; whoever edits the file can"
            " remove rows in the same way. A row that was made up with a time after the earlier backup looks like any"
            " other."
        ),
    ),
)
"""The tests of this module."""
