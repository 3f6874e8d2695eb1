"""What was deleted, by whom, what it came to, and what it left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.closing.dates import shapes_figures, turned_from
from manager_nb.audit.rule import CLOSING, LOW, MEDIUM, NOTE, Finding, Rule, Tested, about, row
from manager_nb.audit.telling import called, label_of, who
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.amounts import amount_of
from manager_nb.model.said import Said, When, said
from manager_nb.progress import check, heeded
from manager_nb.timeline.images import image_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.audit.books import Books, Entry

DELETED, LEFT = "deleted records", "left behind"

_BY_KIND = {"transaction": MEDIUM, "setting": NOTE}


def gone_of(books: Books) -> dict[str, Entry]:
    """The records that were deleted and are not there, each with the change that deleted it."""
    found = {}
    for key, life in heeded(books.lives.items(), books.progress):
        links = life.chain.links
        last = books.entry.get(links[-1].change) if links and life.now is None else None
        if last is not None and last.action == "delete":
            found[key] = last
    return found


def _deleted(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    gone = books.kept(gone_of)
    found = []
    for entry in gone.values():
        check(books.progress)  # each asks the file several times
        found.append(_told(books, entry))
    untold = sum(life.now is None and key not in gone for key, life in books.lives.items())
    notes = []
    if untold:
        notes.append(said("{count} records are gone without a row of their deletion: see the trail.", count=untold))
    turned = len(
        {one.object for one in books.entries if shapes_figures(books, one) and turned_from(books, one) is not None}
    )
    if turned:
        notes.append(
            said("{count} documents became records of another type under their keys; they are not told.", count=turned)
        )
    records = sum(bool(life.chain.links) for life in books.lives.values())
    return Tested(said("Records that History tells of"), records, tuple(found), tuple(notes))


def _told(books: Books, entry: Entry) -> Finding:
    known = SCHEMA.named(entry.type or "")
    severity = _BY_KIND.get(known.kind if known else "", LOW)
    first = books.of_object[entry.object][0]
    facts: dict[str, Any] = {"label": label_of(entry), "user": who(entry.user), "when": When(entry.ticks)}
    made = first.action == "create" and first.change != entry.change
    more = said(", created by {user} on {when}", user=who(first.user), when=When(first.ticks)) if made else ""
    image = image_of(books.database, entry.change, "Before")
    amount = amount_of(known, image[1], books.lookup, entry.ticks) if image and known else None
    evidence = (row("Changes", first.change),) if made else ()
    if amount is None or amount.value is None:
        message = said("{label}{more}, was deleted by {user} on {when}.", more=more, **facts)
        return about(entry, severity, message, *evidence)
    message = said(
        "{label}, of {amount}{currency}{more}, was deleted by {user} on {when}.",
        amount=amount.value, currency=f" {amount.currency}" if amount.currency else "", more=more, **facts,
    )  # fmt: skip
    return about(entry, severity, message, *evidence)


def _left(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    attached = books.business.attachments.to_arrow(
        ["attachment", "name", "object"], progress=books.progress
    ).to_pylist()
    pictures = books.business.images.to_arrow(["image", "object"], progress=books.progress).to_pylist()
    owned = [
        (said("The attachment {name}", name=one["name"] or "–"), row("Objects", one["attachment"]), one["object"])
        for one in attached
    ]
    owned += [(said("A picture"), row("Images", one["image"]), one["object"]) for one in pictures]
    found = [
        finding
        for what, where, owner in heeded(owned, books.progress)
        for finding in _orphan(books, what, where, owner)
    ]
    return Tested(said("Attachments and pictures of records"), len(owned), tuple(found))


def _orphan(books: Books, what: Said, where: str, owner: str | None) -> Iterator[Finding]:
    key = (owner or "").lower()
    life = books.lives.get(key)
    if not key or (life is not None and life.now is not None) or SCHEMA.type_of(key) is not None:
        return
    entry = books.kept(gone_of).get(key)
    if entry is None:
        message = said("{what} belongs to a record that is not there and that History does not tell of.", what=what)
        yield Finding(LOW, message, key, evidence=(where,))
        return
    message = said(
        "{what} is still there, although {label}, to which it belongs, was deleted by {user} on {when}.",
        what=what, label=called(books, key), user=who(entry.user), when=When(entry.ticks),
    )  # fmt: skip
    yield about(entry, LOW, message, where)


RULES = (
    Rule(
        DELETED,
        CLOSING,
        mark("Deleted records"),
        mark(
            "Every record that was deleted and is not there again: who deleted it and when, who had made it, and what"
            " it came to. A deleted document is a gap in the books that somebody has to explain."
        ),
        _deleted,
        weight=2,
        limits=mark(
            "What was deleted before History begins, or whose creation was undone, is not seen. What was brought"
            " back, or whose deletion was undone, is there again and not listed."
        ),
    ),
    Rule(
        LEFT,
        CLOSING,
        mark("Left behind by a deletion"),
        mark(
            "Attachments and pictures stay in the file when the record they belong to is deleted. They may show what it"
            " was."
        ),
        _left,
        weight=1,
    ),
)
"""The tests of this module."""
