"""What was changed or deleted after it had been e-mailed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.audit.closing.dates import unseen_of
from manager_nb.audit.emailed import CERTAIN, CONFIDENCES, LIKELY, POSSIBLE, changed_since, sent_records
from manager_nb.audit.rule import CLOSING, HIGH, LOW, MEDIUM, Finding, Rule, Tested, about, row
from manager_nb.audit.telling import label_of, who
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manager_nb.audit.books import Books, Entry
    from manager_nb.audit.emailed import Sent

MAILED = "changed after e-mail"

_SUREST = list(CONFIDENCES)


def _mailed(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    of_record: dict[str, list[Sent]] = defaultdict(list)
    for sent in sent_records(books):
        of_record[sent.object].append(sent)
    pairs: list[tuple[Entry, list[Sent], list[Sent]]] = []
    for mails in heeded(of_record.values(), books.progress):
        since: dict[str, list[Sent]] = defaultdict(list)
        entries = {}
        for sent in mails:
            for entry in changed_since(books, sent):
                since[entry.change].append(sent)
                entries[entry.change] = entry
        pairs += [
            (entry, since[key], [one for one in mails if one not in since[key]]) for key, entry in entries.items()
        ]
    unseen = unseen_of(books, (entry for entry, *_ in pairs))
    found = [_told(entry, before, after, seen=entry.change not in unseen) for entry, before, after in pairs]
    return Tested(
        said("Records that e-mails were about"), len(of_record), tuple(found), tuple(_notes(books, of_record))
    )


def _notes(books: Books, of_record: Mapping[str, Sequence[Sent]]) -> list[Said]:
    mails = len(books.business.emails)
    known = {sent.email for some in of_record.values() for sent in some}
    unsure = sum(all(sent.confidence == POSSIBLE for sent in some) for some in of_record.values())
    notes = []
    if mails > len(known):
        notes.append(
            said("{count} of {all} e-mails name no record that can be told.", count=mails - len(known), all=mails)
        )
    if unsure:
        notes.append(said("Of {count} records it is only possible that an e-mail was about them.", count=unsure))
    untimed = sum(sent.ticks is None for some in of_record.values() for sent in some)
    if untimed:
        notes.append(said("{count} e-mails have no time, so what came after them cannot be told.", count=untimed))
    return notes


def _told(entry: Entry, before: Sequence[Sent], after: Sequence[Sent], *, seen: bool) -> Finding:
    sent = min(before, key=lambda one: (_SUREST.index(one.confidence), -(one.ticks or 0)))
    again = [one for one in after if one.confidence != POSSIBLE and one.ticks is not None]
    facts = {
        "label": label_of(entry),
        "user": who(entry.user),
        "when": When(entry.ticks),
        "mailed": When(sent.ticks),
    }
    if entry.action == "delete":
        what = said("{label} was deleted by {user} on {when}, after it had been e-mailed on {mailed}.", **facts)
    else:
        what = said("{label} was changed by {user} on {when}, after it had been e-mailed on {mailed}.", **facts)
    if again:
        what = said(
            "{what} It was e-mailed again on {again}.", what=what, again=When(min(one.ticks or 0 for one in again))
        )
    message = said(
        "{what} That the e-mail was about it is {confidence}: {why}",
        what=what,
        why=sent.why,
        confidence=_HOW[sent.confidence],
    )
    evidence = [row("Emails", one.email) for one in (*before, *again)]
    return about(entry, _severity(entry, sent, again=bool(again), seen=seen), message, *evidence)


def _severity(entry: Entry, sent: Sent, *, again: bool, seen: bool) -> str:
    if sent.confidence == POSSIBLE or not seen:
        return LOW
    return MEDIUM if again and entry.action != "delete" else HIGH


_HOW = {CERTAIN: said("certain"), LIKELY: said("likely"), POSSIBLE: said("possible")}

RULES = (
    Rule(
        MAILED,
        CLOSING,
        mark("Changed or deleted after it was e-mailed"),
        mark(
            "Invoices and other documents that were changed or deleted after they had been sent: what the recipient"
            " holds is no longer what the books say. That a changed document was sent again makes it weigh less."
        ),
        _mailed,
        weight=3,
        limits=mark(
            "E-mails of current versions carry no link to their record. It is looked for by number, recipient and time,"
            " and how sure that is stands with each finding. What was sent in another way is not seen."
        ),
    ),
)
"""The tests of this module."""
