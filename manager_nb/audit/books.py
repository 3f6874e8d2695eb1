"""What the tests look at: the changes of History and the documents of a business, read once and shared.

Facts are kept, decoded values are not: a business may have hundreds of thousands of documents.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from manager_nb.format.database import Database
from manager_nb.format.messages import EnumValue, decode
from manager_nb.format.scalars import NIL, ticks_to_datetime
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.amounts import Amount, amount_in
from manager_nb.model.currencies import base_currency
from manager_nb.model.lookup import Lookup
from manager_nb.progress import SILENT, Progress, heeded
from manager_nb.timeline.images import image_of
from manager_nb.timeline.moments import zone_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from manager_nb.format.schema import ContentType
    from manager_nb.timeline.business import Business
    from manager_nb.timeline.trail import Life

T = TypeVar("T")

_COLUMNS = ["change", "commit", "ticks", "user", "action", "type", "object", "label", "date"]
_SHARED = ("commit", "user", "action", "type", "object", "label", "date")
_PARTY = ("Customer", "Supplier", "employee", "PaidBy", "Payee", "Contact")
_TEXTS = ("Description", "description", "Narration")
_PARTY_OF_LINE = ("AccountsReceivableCustomer", "AccountsPayableSupplier", "Employee", "CapitalAccount")
_ACCOUNT = "Account"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of History.

    Attributes:
        change: its key.
        commit: key of the action that it belongs to; None where the row does not say.
        ticks: when, in .NET ticks (UTC); None where the row does not say.
        user: as History has the name; None for what the program did itself.
        action: "create", "update", "delete"; None where the row tells neither side.
        type: name of the record's type, its GUID where it is unknown.
        object: key of the record, in lower case.
        label: what Manager's History calls the record.
        date: the document's own date, after the change (of a deletion, before it).
    """

    change: str
    commit: str | None
    ticks: int | None
    user: str | None
    action: str | None
    type: str | None
    object: str
    label: str | None
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is there, or was: as it is, or was last.

    Attributes:
        key: in lower case.
        type: name of its type.
        label: what Manager's History calls it.
        date: its own date; None where it has none.
        reference: its number; "" where it has none.
        party: key of the customer, supplier or employee, or the name where it is only written; "" where there is none.
        parties: keys of everybody whom it concerns, those of its lines too, each once.
        description: its description or narration, and those of its lines, with line breaks between them.
        accounts: keys of the accounts that its lines post to, each once.
        amount: its total in its own currency, with the currency's code, or why it is not known.
        there: whether it is there now.
        entries: its changes in the order in which they really happened.
    """

    key: str
    type: str
    label: str
    date: dt.date | None
    reference: str
    party: str
    parties: tuple[str, ...]
    description: str
    accounts: tuple[str, ...]
    amount: Amount
    there: bool
    entries: tuple[Entry, ...]

    @property
    def made(self) -> Entry | None:
        """The change that created it; None where History does not tell."""
        return next((entry for entry in self.entries if entry.action == "create"), None)

    @property
    def gone(self) -> Entry | None:
        """The change that deleted it; None where it is there, or where History does not tell."""
        last = None if self.there or not self.entries else self.entries[-1]
        return last if last is not None and last.action == "delete" else None


class Books:
    """A business as the tests see it.

    Args:
        business: the business.
        earlier: an earlier backup of it; None where there is none.
        zone: the time zone in which hours and days are told (IANA name).
        progress: told of what is read; heeded.
    """

    def __init__(
        self, business: Business, *, earlier: Business | None = None, zone: str = "UTC", progress: Progress = SILENT
    ) -> None:
        self.business, self.earlier, self.zone, self.progress = business, earlier, zone, progress
        self.database = Database(business.open_source.database)
        self.lookup = Lookup(self.database)
        self._zone = zone_named(zone)
        self._once: dict[Any, Any] = {}
        self._kept: dict[Callable[[Books], Any], Any] = {}

    def kept(self, work: Callable[[Books], T]) -> T:
        """What several tests need, worked out by the first of them."""
        if work not in self._kept:
            self._kept[work] = work(self)
        known: T = self._kept[work]
        return known

    @functools.cached_property
    def lives(self) -> Mapping[str, Life]:
        """Every object that is there or was, by its key in lower case, with the chain of its changes."""
        self.business.trail.read(self.progress)
        return self.business.trail.lives

    @functools.cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The changes of History, oldest first by the clock."""
        return tuple(heeded(self._entries(), self.progress))[::-1]

    @functools.cached_property
    def entry(self) -> Mapping[str, Entry]:
        """The changes by their keys."""
        return {entry.change: entry for entry in heeded(self.entries, self.progress)}

    @functools.cached_property
    def actions(self) -> tuple[tuple[Entry, ...], ...]:
        """What people did at once: the changes of each action with a user and a time, oldest first."""
        found: dict[str, list[Entry]] = {}
        for entry in heeded(self.entries, self.progress):
            if entry.user and self.local(entry.ticks) is not None:
                found.setdefault(entry.commit or entry.change, []).append(entry)
        return tuple(tuple(action) for action in heeded(found.values(), self.progress))

    @functools.cached_property
    def of_object(self) -> Mapping[str, tuple[Entry, ...]]:
        """The changes of each object, in the order that the links between them tell."""
        found = {}
        for key, life in heeded(self.lives.items(), self.progress):
            links = (*life.chain.links, *life.chain.twins)
            if links:
                found[key] = tuple(self.entry[link.change] for link in links if link.change in self.entry)
        return found

    @functools.cached_property
    def documents(self) -> Mapping[str, Document]:
        """Every document that posts to the ledger or is sent to a party, deleted ones too, by key."""
        self.progress.start("Reading documents", len(self.lives))
        found = {document.key: document for document in heeded(self._documents(), self.progress)}
        self.progress.finish()
        return found

    @functools.cached_property
    def base(self) -> str | None:
        """The code of the base currency; None where none is set."""
        return base_currency(self.lookup).code

    def local(self, ticks: int | None) -> dt.datetime | None:
        """A moment in the zone of the tests; None where there is none, or no calendar has it."""
        try:
            return None if not ticks or ticks < 0 else ticks_to_datetime(ticks).astimezone(self._zone)
        except (OverflowError, ValueError):
            return None

    def values(self, change: str, side: str) -> tuple[ContentType, Mapping[str, Any]] | None:
        """The values of a record before or after a change, secrets included: not for showing.

        Args:
            change: key of the change.
            side: "Before" or "After".

        Returns:
            None where the record was not there, or is of a type that is unknown here.
        """
        image = image_of(self.database, change, side)
        known = SCHEMA.type_of(image[0]) if image else None
        return None if known is None or image is None else (known, decode(known, image[1]).values)

    def name(self, key: str) -> str:
        """What a party, an account or another record is called; what is no key is its own name."""
        named = self.business.named(key)
        return key if named is None else named.name

    def _same(self, value: T) -> T:
        """A value that many have: the one that was kept first."""
        kept: T = self._once.setdefault(value, value)
        return kept

    def _entries(self) -> Iterator[Entry]:
        """The changes, newest first; what many of them share is kept once, since a History is long."""
        for batch in self.business.history.batches(columns=_COLUMNS, progress=self.progress):
            columns = {name: batch[name].to_pylist() for name in _COLUMNS}
            columns["object"] = [str(key or "").lower() for key in columns["object"]]
            for name in _SHARED:
                columns[name] = [self._same(value) for value in columns[name]]
            yield from (Entry(*facts) for facts in zip(*columns.values(), strict=True))

    def _documents(self) -> Iterator[Document]:
        for key, guid, content in self.business.objects():
            self.progress.advance()
            known = SCHEMA.type_of(guid.lower())
            if known is not None and is_document(known) and key.lower() != known.guid:
                yield self._document(key.lower(), known, content, there=True)
        for key, life in self.lives.items():
            if life.now is not None or not life.chain.links:
                continue
            last = life.chain.links[-1]
            image = image_of(self.database, last.change, "Before") or image_of(self.database, last.change, "After")
            known = SCHEMA.type_of(image[0]) if image else None
            if image and known is not None and is_document(known) and key != known.guid:
                yield self._document(key, known, image[1], there=False)

    def _document(self, key: str, known: ContentType, content: bytes, *, there: bool) -> Document:
        read = decode(known, content)
        values = read.values
        entries = self.of_object.get(key, ())
        ticks = None if there or not entries else entries[-1].ticks
        lines = [line for value in values.values() if isinstance(value, list) for line in value if _is_line(line)]
        texts = [str(one.get(field) or "").strip() for one in (values, *lines) for field in _TEXTS]
        accounts = dict.fromkeys(line[_ACCOUNT] for line in lines if line.get(_ACCOUNT) not in (None, NIL))
        date = values.get(labels.date_field(known) or "")
        return Document(
            key,
            known.name,
            labels.label(known, values),
            date.date() if isinstance(date, dt.datetime) else date,
            str(values.get("Reference") or "").strip(),
            self._same(_party(values)),
            self._same(_parties(values, lines)),
            "\n".join(filter(None, texts)),
            self._same(tuple(accounts)),
            amount_in(known, read, self.lookup, ticks),
            there,
            entries,
        )


def is_document(known: ContentType) -> bool:
    """Whether records of a type have a date of their own: what posts to the ledger, and quotes, orders and notes."""
    return known.kind == "transaction" or (
        labels.date_field(known) is not None and known.field("Reference") is not None
    )


def _is_line(value: object) -> bool:
    return isinstance(value, dict)


def _party(values: Mapping[str, Any]) -> str:
    """Who the document is with: a key, or the name where it is only written."""
    return next(_named(values, _PARTY), "")


def _parties(values: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    keys = [*_named(values, _PARTY), *(name for line in lines for name in _named(line, _PARTY_OF_LINE))]
    return tuple(dict.fromkeys(key for key in keys if is_key(key)))


def _named(values: Mapping[str, Any], fields: Iterable[str]) -> Iterator[str]:
    for field in fields:
        value = values.get(field)  # "Payee" tells a name in claims; in payments it only tells of what kind the payee is
        if isinstance(value, str) and not isinstance(value, EnumValue) and value.strip() and value != NIL:
            yield value.strip()


def is_key(name: str) -> bool:
    """Whether a party is a record, and not only a written name."""
    return len(name) == len(NIL) and name.count("-") == NIL.count("-")
