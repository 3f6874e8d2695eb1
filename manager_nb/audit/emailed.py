"""Which record an e-mail was about, how sure that is, and what was changed in it since.

In current versions an e-mail carries no link to the record that it was sent from: what is left are its words, who got
it and when. So a record is looked for whose reference stands in the e-mail as a whole word, as the record was at that
time. Where several answer equally well, all are told: there is no guess.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.audit.holders import Addresses, Holder, Holders
from manager_nb.audit.mentions import BESIDE, NOWHERE, SOMEWHERE, Letter, Mention, widest
from manager_nb.audit.standing import links_since
from manager_nb.format.database import Database
from manager_nb.format.scalars import NIL
from manager_nb.i18n import mark
from manager_nb.model.emails import split_recipients
from manager_nb.model.html_text import text_of_html
from manager_nb.model.said import said
from manager_nb.model.stored import Rows
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.audit.books import Books, Entry
    from manager_nb.model.said import Said
    from manager_nb.timeline.business import Business

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"

CONFIDENCES = {CERTAIN: mark("Certain"), LIKELY: mark("Likely"), POSSIBLE: mark("Possible")}
"""How sure it is that an e-mail was about a record, the surest first, each in words."""

MOST = 20
"""Where more records answer equally well, the e-mail names none of them: "1" is the number of too many."""

_NUMBERED_BY_OTHERS = frozenset({"PurchaseInvoice", "GoodsReceipt"})  # their numbers are the supplier's


@dataclass(frozen=True, slots=True)
class Sent:
    """That an e-mail was about a record, or may have been.

    Attributes:
        email: key of the e-mail.
        ticks: when it was sent, in .NET ticks (UTC); None where the file does not say.
        object: key of the record, in lower case.
        confidence: one of :data:`CONFIDENCES`.
        why: what that rests on, a sentence.
    """

    email: str
    ticks: int | None
    object: str
    confidence: str
    why: Said


@dataclass(frozen=True, slots=True)
class Matched:
    """One e-mail.

    Attributes:
        email: its key.
        parties: keys of the customers, suppliers and employees that had one of its addresses when it was sent.
        sent: the records that it was or may have been about, the surest first.
    """

    email: str
    parties: tuple[str, ...]
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class _Email:
    key: str
    ticks: int | None
    recipients: frozenset[str]
    object: str | None
    subject: Letter
    body: Letter

    @property
    def words(self) -> Iterator[str]:
        return itertools.chain(self.subject.words, self.body.words)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A record that answers to a mention, and how well."""

    holder: Holder
    mention: Mention
    subject: bool
    closeness: int
    reached: str  # the party of the record that the e-mail went to

    @property
    def signs(self) -> tuple[int, ...]:
        return _signs(self.closeness, self.reached, self.holder.type)


def sent_records(books: Books) -> list[Sent]:
    """Which records the e-mails of a business were about.

    An e-mail that names its record, as older versions do: *certain*. One whose words name one single record that was
    there then, by a word for its kind beside its number ("Invoice 1001"), or by both its number in the subject and the
    address of its party: *likely*. Where the words say less, or several records answer equally well: *possible*, each
    of them. An e-mail that names none is left out, as is one that answers to more than :data:`MOST` records.

    Args:
        books: the business.

    Returns:
        In the order of ``business.emails``, newest first; of one e-mail the surest first.

    Raises:
        CancelledError: the user cancelled.
    """
    return [sent for matched in match_emails(books.business, books.progress) for sent in matched.sent]


def match_emails(business: Business, progress: Progress = SILENT) -> list[Matched]:
    """Every e-mail of a business, newest first: who had its addresses then, and which records it was about.

    Args:
        business: the business.
        progress: told of what is read; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    emails = list(_emails(business, progress))
    holders = Holders(business, {word for email in emails for word in email.words}, progress)
    addresses = Addresses(business, {address for email in emails for address in email.recipients}, progress)
    progress.start("Looking for what e-mails were about", len(emails))
    found = []
    for email in emails:
        check(progress)
        question = _Question(email, holders, addresses, business)
        found.append(Matched(email.key, question.parties, tuple(question.answers())))
        progress.advance()
    progress.finish()
    return found


def changed_since(books: Books, sent: Sent) -> tuple[Entry, ...]:
    """What was done to the record after the e-mail, in the order in which it really happened.

    Args:
        books: the business.
        sent: one of :func:`sent_records`. Of an e-mail without a time nothing can be said: there are none.
    """
    if sent.ticks is None:
        return ()
    later = {link.change for link in links_since(books.business.trail, sent.object, sent.ticks)}
    return tuple(entry for entry in books.of_object.get(sent.object, ()) if entry.change in later)


# ---- the e-mails ---------------------------------------------------------------------------------------------------


def _emails(business: Business, progress: Progress) -> Iterator[_Email]:
    rows = Rows(Database(business.open_source.database), "Emails", ("Timestamp DESC", "Key DESC"))
    progress.start("Reading e-mails", rows.count())
    for batch in rows.read(("Key", "Timestamp", "Recipient", "Subject", "Body", "Object")):
        for row in batch.to_pylist():
            check(progress)
            yield _email(row)
        progress.advance(batch.num_rows)
    progress.finish()


def _email(row: Mapping[str, Any]) -> _Email:
    ticks, named = row["Timestamp"], (row["Object"] or NIL).lower()
    return _Email(
        str(row["Key"] or ""),
        ticks if ticks and ticks > 0 else None,
        frozenset(address.casefold() for address in split_recipients(row["Recipient"])),
        None if named == NIL else named,
        Letter(row["Subject"] or ""),
        Letter(text_of_html(row["Body"] or "")),
    )


# ---- which record it was --------------------------------------------------------------------------------------------


class _Question:
    """What one e-mail was about."""

    def __init__(self, email: _Email, holders: Holders, addresses: Addresses, business: Business) -> None:
        self._email, self._holders, self._business = email, holders, business
        self._kinds = email.subject.kinds | email.body.kinds
        self._reached = set[str]().union(*(addresses.at(one, email.ticks) for one in email.recipients))
        self.parties = tuple(sorted(self._reached))

    def answers(self) -> list[Sent]:
        email = self._email
        if email.object:
            why = said("The e-mail names the record that it was sent from.")
            return [Sent(email.key, email.ticks, email.object, CERTAIN, why)]
        found: dict[str, Sent] = {}
        for letter, subject in ((email.subject, True), (email.body, False)):
            for mention in widest(letter.mentions(self._holders)):
                if not subject and not mention.kinds and found:
                    continue  # a mere number in the text of an e-mail that has named its record
                for sent in self._told(mention, subject=subject):
                    if sent.object not in found or found[sent.object].confidence == POSSIBLE:
                        found[sent.object] = sent
        order = list(CONFIDENCES)
        return sorted(found.values(), key=lambda sent: (order.index(sent.confidence), sent.object))

    def _told(self, mention: Mention, *, subject: bool) -> Iterator[Sent]:
        groups = [group for group in self._groups(mention, subject=subject) if group]
        best = [group for group in groups if not any(_beats(other[0].signs, group[0].signs) for other in groups)]
        claims = [claim for group in best for claim in group]
        if len(claims) > MOST:
            return
        for claim in claims:
            sure = len(claims) == 1 and self._email.ticks is not None and _names_it(claim)
            confidence = LIKELY if sure else POSSIBLE
            yield Sent(self._email.key, self._email.ticks, claim.holder.key, confidence, _why(claim, self._business))

    def _groups(self, mention: Mention, *, subject: bool) -> Iterator[list[_Claim]]:
        """The records that answer, those that answer equally well together; of too many, some."""
        held, ticks = self._holders.of(mention.key), self._email.ticks
        reached: dict[str, dict[str, _Claim]] = {}
        for party in sorted(held.parties & self._reached):
            for holder in held.of_party(party, ticks):
                known = reached.setdefault(holder.type, {})
                closeness = self._closeness(mention, holder.type, party, subject=subject)
                if closeness is not None:
                    known.setdefault(holder.key, _Claim(holder, mention, subject, closeness, party))
        found = [list(claims.values()) for claims in reached.values() if claims]
        yield from found
        met = {key for claims in reached.values() for key in claims}
        for kind in held.types:
            closeness = self._closeness(mention, kind, "", subject=subject)
            if closeness is None or any(_beats(group[0].signs, _signs(closeness, "", kind)) for group in found):
                continue  # none of the kind comes into question: of "1" there may be thousands
            others = (holder for holder in held.of_type(kind, ticks) if holder.key not in met)
            yield [_Claim(one, mention, subject, closeness, "") for one in itertools.islice(others, MOST + 1)]

    def _closeness(self, mention: Mention, kind: str, party: str, *, subject: bool) -> int | None:
        """How near a word for its kind stands to a record's number; None where too little speaks for such a record.

        A number in a text may be anything: something more must speak for the record.
        """
        if mention.kinds:
            return BESIDE if kind in mention.kinds else None  # it says "order 7": no invoice
        closeness = SOMEWHERE if kind in self._kinds else NOWHERE
        if party:
            return closeness
        key = mention.key
        alone = len(self._email.subject.words) == len(key)
        marked = len(key) > 1 and any(sign.isdigit() for word in key for sign in word)
        return closeness if subject and (closeness is SOMEWHERE or alone or marked) else None


def _signs(closeness: int, reached: str, kind: str) -> tuple[int, ...]:
    """How well a record answers to a mention, in several ways."""
    return closeness, int(bool(reached)), int(_is_issued(kind))


def _is_issued(kind: str) -> bool:
    return kind not in _NUMBERED_BY_OTHERS


def _beats(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether one answers better in some way, and in none worse."""
    return one != other and all(mine >= theirs for mine, theirs in zip(one, other, strict=True))


def _names_it(claim: _Claim) -> bool:
    if claim.reached:
        return claim.closeness is BESIDE or (claim.subject and claim.closeness is SOMEWHERE)
    return claim.closeness is BESIDE and _is_issued(claim.holder.type)


def _why(claim: _Claim, business: Business) -> Said:
    words = claim.mention.words
    party = claim.reached or next(iter(claim.holder.parties), "")
    named = business.named(party) if party else None
    if named is None:
        return (
            said(
                "Its subject says “{words}”. The record names no customer, supplier or employee.",
                words=words,
            )
            if claim.subject
            else said(
                "Its text says “{words}”. The record names no customer, supplier or employee.",
                words=words,
            )
        )
    if claim.reached:
        return (
            said(
                "Its subject says “{words}”, and it went to an address recorded for {party}.",
                words=words,
                party=named.name,
            )
            if claim.subject
            else said(
                "Its text says “{words}”, and it went to an address recorded for {party}.",
                words=words,
                party=named.name,
            )
        )
    return (
        said(
            "Its subject says “{words}”. It was sent to no address that is recorded for {party}.",
            words=words,
            party=named.name,
        )
        if claim.subject
        else said(
            "Its text says “{words}”. It was sent to no address that is recorded for {party}.",
            words=words,
            party=named.name,
        )
    )
