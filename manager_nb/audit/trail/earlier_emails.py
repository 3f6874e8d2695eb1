"""The e-mails of a file against those of an earlier backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.differing import value_said
from manager_nb.audit.extension import OTHER, SWAPPED, Extension
from manager_nb.audit.rows import MISSING, Row
from manager_nb.audit.rule import HIGH, NOTE, Finding, row
from manager_nb.audit.telling import joined, together
from manager_nb.audit.trail.row_words import COLUMNS, from_to, many
from manager_nb.format.scalars import datetime_to_ticks
from manager_nb.model.said import Fact, When, said

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from manager_nb.timeline.business import Business


def emails_found(earlier: Business, later: Business, told: Extension) -> Iterator[Finding]:
    """What is found of the e-mails of an earlier backup, and of those that it should have."""
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
        yield from together(backdated, many)
    if not told.emails_changed:
        return
    before, now = _email_facts(earlier), _email_facts(later)
    changed = (
        (one.what, _email_said(before.get(one.key, {}), now.get(one.key, {}), one)) for one in told.emails_changed
    )
    yield from together(changed, many)


def _email_facts(business: Business) -> dict[str, Mapping[str, Any]]:
    rows = business.emails.to_arrow(["email", "subject", "user", "time", "sender", "recipients"]).to_pylist()
    return {str(one["email"]).lower(): one for one in rows}


def _email_backdated(facts: Mapping[str, Any], one: Row) -> Finding:
    message = said(
        "The e-mail “{subject}” of {when} is not in the earlier backup, which has rows of later times and should have"
        " it: it was written later under a time that was made up, or after the computer's clock was set back, or the"
        " earlier backup is not whole.",
        subject=facts.get("subject") or "–", when=When(one.ticks),
    )  # fmt: skip
    return Finding(HIGH, message, None, None, one.ticks, facts.get("user"), (row("Emails", one.key),))


_TOLD = {"Subject": "subject", "Sender": "sender", "Recipient": "recipients", "User": "user"}
"""What is told of an e-mail from what to what, by the column of the file."""


def _email_differences(before: Mapping[str, Any], after: Mapping[str, Any], fields: Iterable[str]) -> Fact:
    told: list[Fact] = []
    for column in fields:
        name = said(COLUMNS[column])
        if column in _TOLD:
            told.append(from_to(name, *(value_said(_text(one.get(_TOLD[column]))) for one in (before, after))))
        elif column == "Timestamp":
            told.append(from_to(name, *(_when(one.get("time")) for one in (before, after))))
        else:
            told.append(name)
    return joined(told)


def _when(moment: dt.datetime | None) -> When:
    return When(None if moment is None else datetime_to_ticks(moment))


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _email_said(facts: Mapping[str, Any], now: Mapping[str, Any], one: Row) -> Finding:
    subject = facts.get("subject") or "–"
    if one.what == MISSING:
        message = said("The e-mail “{subject}” was in the earlier backup and is gone.", subject=subject)
        evidence = [row("earlier Emails", one.key)]
    else:
        message = said(
            "The e-mail “{subject}” is not as the earlier backup has it; what differs: {fields}.",
            subject=subject, fields=_email_differences(facts, now, one.fields),
        )  # fmt: skip
        evidence = [row("earlier Emails", one.key), row("Emails", one.key)]
    return Finding(HIGH, message, None, None, None, facts.get("user"), tuple(evidence))
