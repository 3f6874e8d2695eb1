"""The file against an earlier backup: whether its History extends the one that was there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.audit.extension import BEGUN_AGAIN, OTHER, SWAPPED, WITHOUT, Extension, extension
from manager_nb.audit.rows import AS_UNDONE, MISSING, Row
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, NOTE, TRAIL, Finding, Rule, Tested, row
from manager_nb.audit.telling import EVIDENCE, EXAMPLES, called, together
from manager_nb.audit.upgrade_between import ADDED, BROKEN, CAME, GONE, WENT
from manager_nb.audit.upgrades import AMOUNT
from manager_nb.errors import NotFoundError
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from manager_nb.audit.books import Books
    from manager_nb.timeline.business import Business

EXTENSION = "against an earlier backup"

EXTENDS = mark(
    "History extends that of the earlier backup: {rows} rows, all there unchanged; {added} rows are of later times."
)

_REASONS = {
    OTHER: mark("The earlier backup and the file have no record in common: they are not of one business."),
    SWAPPED: mark("The earlier backup is the later one of the two: exchange them."),
    WITHOUT: mark("One of the two holds no History, so their Histories cannot be held against each other."),
    BEGUN_AGAIN: mark(
        "None of the {rows} rows of the earlier backup's History is in the file, whose own begins later: it was dropped"
        " on import, left out of a copy, or removed, and begun again."
    ),
}

_COLUMNS = {
    "Commit": mark("the action"),
    "Object": mark("the record"),
    "User": mark("the user"),
    "Timestamp": mark("the time"),
    "ContentTypeBefore": mark("the type before"),
    "ContentTypeAfter": mark("the type after"),
    "ContentBefore": mark("the content before"),
    "ContentAfter": mark("the content after"),
    "Sender": mark("the sender"),
    "Recipient": mark("the recipient"),
    "Subject": mark("the subject"),
    "Body": mark("the text"),
    "Content": mark("the attachment"),
    "Filename": mark("the attachment's name"),
}


def _against(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    earlier = books.earlier
    if earlier is None:
        notes = (said("No earlier backup was given. One that was kept elsewhere is the strongest proof of a trail."),)
        return Tested(said("Rows of the earlier backup"), 0, (), notes)
    told = books.kept(_extension)
    found = [*_histories(books, earlier, told), *_records(books, told), *_emails(earlier, books.business, told)]
    population = said("Rows of History and e-mails in the earlier backup")
    return Tested(population, told.rows + told.emails, tuple(found), tuple(_notes(earlier, told)))


def _notes(earlier: Business, told: Extension) -> Iterator[Said]:
    if earlier.open_source.problems:
        yield said(
            "The earlier backup itself is damaged, or a torn copy: what it lacks may be lost in it, and no sign of"
            " anything in the file."
        )
    if told.reason in (WITHOUT, BEGUN_AGAIN):
        yield said("Rows of History and records could not be held against the earlier backup; e-mails were.")


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
        yield Finding(NOTE, said(EXTENDS, rows=told.rows, added=told.added))
    yield from together(((one.what, _row_said(earlier, one)) for one in told.changed if one.what != AS_UNDONE), _many)
    yield from together(((True, _backdated(books, one)) for one in told.backdated), _many)
    actions: dict[str, list[Row]] = defaultdict(list)
    for one in told.having(AS_UNDONE):
        actions[one.commit or one.key].append(one)
    yield from together(((True, _undone(books, earlier, rows)) for rows in actions.values()), _many)


def _row_said(earlier: Business, one: Row) -> Finding:
    facts = _facts(earlier, one.key)
    if one.what == MISSING:
        message = said(
            "The row of {when} by {user}, {label}, was in the earlier backup and is gone from History.",
            when=When(facts["ticks"]), user=facts["user"] or "–", label=facts["label"] or "–",
        )  # fmt: skip
        evidence = [row("earlier Changes", one.key)]
    else:
        message = said(
            "The row of {when} by {user}, {label}, is not as the earlier backup has it; what differs: {fields}.",
            when=When(facts["ticks"]),
            user=facts["user"] or "–",
            label=facts["label"] or "–",
            fields=_named(one.fields),
        )
        evidence = [row("earlier Changes", one.key), row("Changes", one.key)]
    change = None if one.what == MISSING else one.key
    return Finding(HIGH, message, one.object or None, change, facts["ticks"], facts["user"], tuple(evidence))


def _undone(books: Books, earlier: Business, rows: Sequence[Row]) -> Finding:
    facts = _facts(earlier, rows[0].key)
    message = said(
        "The action of {when} by {user} on {label}{more} was in the earlier backup and is gone from History, as if it"
        " had been undone in Manager: its records are as they were before it, or were changed from there.",
        when=When(facts["ticks"]),
        user=facts["user"] or "–",
        label=facts["label"] or called(books, rows[0].object),
        more=said(" and {count} more", count=len(rows) - 1) if len(rows) > 1 else "",
    )
    evidence = tuple(row("earlier Changes", one.key) for one in rows)[:EVIDENCE]
    return Finding(MEDIUM, message, rows[0].object or None, None, facts["ticks"], facts["user"], evidence)


def _backdated(books: Books, one: Row) -> Finding:
    facts = _facts(books.business, one.key)
    message = said(
        "The row of {when} by {user}, {label}, is not in the earlier backup, which has rows of later times and should"
        " have it: it was written later under a time that was made up, or after the computer's clock was set back, or"
        " the earlier backup is not whole.",
        when=When(facts["ticks"]), user=facts["user"] or "–", label=facts["label"] or "–",
    )  # fmt: skip
    evidence = (row("Changes", one.key),)
    return Finding(HIGH, message, one.object or None, one.key, facts["ticks"], facts["user"], evidence)


def _facts(business: Business, change: str) -> dict[str, Any]:
    columns = ["ticks", "user", "label"]
    rows = business.history_rows([change, change.upper()]).to_arrow(columns).to_pylist()
    return rows[0] if rows else dict.fromkeys(columns)


def _named(fields: Iterable[str]) -> Said | str:
    """Columns in words, joined."""
    named = [said(_COLUMNS[field]) for field in fields]
    if not named:
        return "–"
    joined = named[0]
    for one in named[1:]:
        joined = said("{one}, {another}", one=joined, another=one)
    return joined


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
            names="; ".join(_called(books, key) for key in like[:EXAMPLES]),
        )
        yield Finding(LOW, message, evidence=_both(like))
    rest = ((key, cause) for key, cause in told.objects if not told.upgraded or key in unlike)
    yield from together(
        (((cause, unlike.get(key)), _record_said(books, key, cause, unlike.get(key))) for key, cause in rest), _many
    )


_SURE = (AMOUNT, CAME, WENT)
"""What an upgrade is not believed to do."""


def _record_said(books: Books, key: str, cause: str, unlike: str | None) -> Finding:
    label = _called(books, key)
    if cause == ADDED:
        message = said(
            "{label} was not in the earlier backup, and History has no row of its creation since.", label=label
        )
    elif cause == GONE:
        message = said("{label} was in the earlier backup and is gone, and History has no row of that.", label=label)
    elif cause == BROKEN:
        message = said(
            "{label}: the first change since the earlier backup does not begin with what the earlier backup has. It was"
            " altered in between without a row in History.",
            label=label,
        )
    else:
        message = said("{label} is not as in the earlier backup, and History has no change of it since.", label=label)
    if unlike:
        message = said(
            "{what} The file is of a newer version than the backup, but this is not like what an upgrade was seen to"
            " do: {why}. It cannot be told from an edit.",
            what=message,
            why=said(unlike),
        )
    return Finding(MEDIUM if unlike and unlike not in _SURE else HIGH, message, key, evidence=_both([key]))


def _both(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(row(table, key) for key in keys for table in ("earlier Objects", "Objects"))[:EVIDENCE]


def _called(books: Books, key: str) -> str:
    label = called(books, key)
    if label != key or books.earlier is None:
        return label
    try:
        return books.earlier.record(key).label or key
    except NotFoundError:
        return key


def _emails(earlier: Business, later: Business, told: Extension) -> Iterator[Finding]:
    if told.emails_left_out:
        message = said(
            "None of the {count} e-mails of the earlier backup is in the file, which has none at all. A backup by a"
            " current Manager always has the e-mails: they were removed, or the file is no such backup. Ask for one.",
            count=told.emails,
        )
        yield Finding(HIGH, message)
    elif told.emails and not told.emails_changed and told.reason not in (OTHER, SWAPPED):
        yield Finding(NOTE, said("All {count} e-mails of the earlier backup are there unchanged.", count=told.emails))
    if told.emails_backdated:
        added = _email_facts(later)
        backdated = ((True, _email_backdated(added.get(one.key, {}), one)) for one in told.emails_backdated)
        yield from together(backdated, _many)
    if not told.emails_changed:
        return
    by_key = _email_facts(earlier)
    yield from together(((one.what, _email_said(by_key.get(one.key, {}), one)) for one in told.emails_changed), _many)


def _email_facts(business: Business) -> dict[str, Mapping[str, Any]]:
    rows = business.emails.to_arrow(["email", "subject", "user"]).to_pylist()
    return {str(one["email"]).lower(): one for one in rows}


def _email_backdated(facts: Mapping[str, Any], one: Row) -> Finding:
    message = said(
        "The e-mail “{subject}” of {when} is not in the earlier backup, which has rows of later times and should have"
        " it: it was written later under a time that was made up, or after the computer's clock was set back, or the"
        " earlier backup is not whole.",
        subject=facts.get("subject") or "–", when=When(one.ticks),
    )  # fmt: skip
    return Finding(HIGH, message, None, None, one.ticks, facts.get("user"), (row("Emails", one.key),))


def _email_said(facts: Mapping[str, Any], one: Row) -> Finding:
    subject = facts.get("subject") or "–"
    if one.what == MISSING:
        message = said("The e-mail “{subject}” was in the earlier backup and is gone.", subject=subject)
        evidence = [row("earlier Emails", one.key)]
    else:
        message = said(
            "The e-mail “{subject}” is not as the earlier backup has it; what differs: {fields}.",
            subject=subject, fields=_named(one.fields),
        )  # fmt: skip
        evidence = [row("earlier Emails", one.key), row("Emails", one.key)]
    return Finding(HIGH, message, None, None, None, facts.get("user"), tuple(evidence))


def _many(alike: Sequence[Finding]) -> Said:
    return said("{count} times the same; the first: {example}", count=len(alike), example=alike[0].message)


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
