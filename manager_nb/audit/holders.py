"""Who had a reference, and who had an address, at a moment: documents by their numbers, parties by their addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.mentions import key_of
from manager_nb.audit.standing import Image, spans
from manager_nb.format.database import Database
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.columns import read_columns
from manager_nb.model.emails import split_recipients
from manager_nb.model.sides import type_guids
from manager_nb.model.stored import Rows
from manager_nb.progress import Progress, check, heeded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from manager_nb.audit.mentions import Key
    from manager_nb.format.schema import ContentType
    from manager_nb.timeline.business import Business

_PARTY_FIELDS = ("Customer", "Supplier", "employee", "PaidBy", "Payee", "Contact")
_IMAGES = (("Objects", "", "Key"), ("Changes", "Before", "Object"), ("Changes", "After", "Object"))
_FEW = 500
"""Of more records, the chains of all are read at once."""

_Fact = tuple[str, "dict[str, Any]"]
_Span = tuple[int, int, _Fact]
_Chosen = Callable[["ContentType"], bool]


@dataclass(frozen=True, slots=True)
class Holder:
    """A document that had a reference for a time.

    Attributes:
        key: of the document, in lower case.
        type: the name of its type.
        parties: keys of the records that it names as its customer, supplier, employee.
        start: the first tick of that time.
        end: the tick at which it was over.
    """

    key: str
    type: str
    parties: tuple[str, ...]
    start: int
    end: int

    def then(self, ticks: int | None) -> bool:
        """Whether it had it at a moment; None is any."""
        return ticks is None or self.start <= ticks < self.end


class Held:
    """The documents that had one reference.

    Args:
        holders: all of them.
    """

    def __init__(self, holders: Iterable[Holder]) -> None:
        self._of_type: defaultdict[str, list[Holder]] = defaultdict(list)
        self._of_party: defaultdict[str, list[Holder]] = defaultdict(list)
        for holder in holders:
            self._of_type[holder.type].append(holder)
            for party in holder.parties:
                self._of_party[party].append(holder)

    @property
    def types(self) -> Sequence[str]:
        """The names of their types."""
        return sorted(self._of_type)

    @property
    def parties(self) -> AbstractSet[str]:
        """The keys of the parties that they name, or named once."""
        return self._of_party.keys()

    def of_type(self, name: str, ticks: int | None) -> Iterator[Holder]:
        """Those of a type at a moment, each once."""
        return _once(self._of_type.get(name, ()), ticks)

    def of_party(self, party: str, ticks: int | None) -> Iterator[Holder]:
        """Those with a party at a moment, each once."""
        return _once(self._of_party.get(party, ()), ticks)


class Holders:
    """The documents of a business by their references, as they were at each time.

    Args:
        business: the business.
        words: a reference is kept if all its words are among these.
        progress: told of what is read; heeded.
    """

    def __init__(self, business: Business, words: set[str], progress: Progress) -> None:
        self._found: defaultdict[Key, set[str]] = defaultdict(set)
        fields = ("Reference", *_PARTY_FIELDS)
        facts: dict[Image, _Fact] = {}
        for image, key, fact in _facts(business, _is_referred, fields, progress) if words else ():
            compared = key_of(fact[1]["Reference"] or "")
            if compared and words.issuperset(compared):
                facts[image] = fact  # what had another number then has nothing to answer
                self._found[compared].add(key)
        keys = set[str]().union(*self._found.values())
        self._spans = dict(_spans(business, facts, keys, progress))
        self._held: dict[Key, Held] = {}

    def __contains__(self, reference: object) -> bool:
        return reference in self._found

    def of(self, reference: Key) -> Held:
        """The documents that had a reference at any time."""
        if reference not in self._held:
            keys = sorted(self._found.get(reference, ()))
            found = (holder for key in keys for named, holder in _holders(key, self._spans[key]) if named == reference)
            self._held[reference] = Held(found)
        return self._held[reference]


class Addresses:
    """Customers, suppliers and employees by their e-mail addresses, as they were at each time.

    Args:
        business: the business.
        wanted: addresses, as :meth:`str.casefold` gives them: no others are kept.
        progress: told of what is read; heeded.
    """

    def __init__(self, business: Business, wanted: set[str], progress: Progress) -> None:
        had: defaultdict[str, list[Holder]] = defaultdict(list)
        told = _facts(business, _is_party, ("Email",), progress) if wanted else ()
        answering = [one for one in told if not wanted.isdisjoint(_addresses(one[2][1]["Email"]))]
        facts, keys = {image: fact for image, _, fact in answering}, {key for _, key, _ in answering}
        for key, times in _spans(business, facts, keys, progress):
            for start, end, (kind, values) in times:
                for address in _addresses(values["Email"]):
                    had[address].append(Holder(key, kind, (), start, end))
        self._had = {address: _Times(holders) for address, holders in heeded(had.items(), progress)}

    def at(self, address: str, ticks: int | None) -> Collection[str]:
        """The keys of the parties that had an address at a moment.

        Args:
            address: as :meth:`str.casefold` gives it.
            ticks: the moment in .NET ticks (UTC); None is any.
        """
        times = self._had.get(address)
        return times.at(ticks) if times else ()


class _Times:
    """Who had something when, of many at once: hundreds of parties may share an address, and thousands of e-mails."""

    def __init__(self, holders: Sequence[Holder]) -> None:
        self._keys = np.array([holder.key for holder in holders], object)
        self._first = np.array([holder.start for holder in holders], np.int64)
        self._last = np.array([holder.end - 1 for holder in holders], np.int64)

    def at(self, ticks: int | None) -> Collection[str]:
        there = slice(None) if ticks is None else (self._first <= ticks) & (ticks <= self._last)
        return dict.fromkeys(self._keys[there].tolist()).keys()


def _once(holders: Iterable[Holder], ticks: int | None) -> Iterator[Holder]:
    seen = set()
    for holder in holders:
        if holder.then(ticks) and holder.key not in seen:
            seen.add(holder.key)
            yield holder


def _holders(key: str, spans: Iterable[_Span]) -> Iterator[tuple[Key, Holder]]:
    """The references that a document had, each with its times."""
    for start, end, (kind, values) in spans:
        given = (values.get(field) for field in _PARTY_FIELDS)
        parties = tuple(str(value).lower() for value in given if _is_key(value))
        yield key_of(str(values["Reference"] or "")), Holder(key, kind, parties, start, end)


def _spans(
    business: Business, facts: Mapping[Image, _Fact], keys: set[str], progress: Progress
) -> Iterator[tuple[str, tuple[_Span, ...]]]:
    """What records were at each time."""
    if len(keys) > _FEW:
        business.trail.read(progress)
    for key in heeded(sorted(keys), progress):
        life = business.trail.life(key)
        yield key, tuple(spans(life, facts)) if life else ()


def _facts(
    business: Business, chosen: _Chosen, fields: Sequence[str], progress: Progress
) -> Iterator[tuple[Image, str, _Fact]]:
    """Fields of records, now and before and after each change: which image, the record's key, type and values."""
    database = Database(business.open_source.database)
    guids = tuple(known.guid for known in SCHEMA.types() if known.field(fields[0]) is not None and chosen(known))
    for table, side, record in _IMAGES:
        kind, content = f"ContentType{side}", f"Content{side}"
        if not {kind, content, record} <= set(database.columns(table)):
            continue
        rows = Rows(database, table, where=f'lower("{kind}") IN ({", ".join("?" * len(guids))})', params=guids)
        progress.start("Reading references", rows.count())
        for batch in rows.read({kind, content, record, "Key"}):
            check(progress)
            for row, key, fact in _of_batch(batch, kind, content, record, fields):
                yield (row if side else key, side), key, fact
            progress.advance(batch.num_rows)
        progress.finish()


def _of_batch(
    batch: pa.RecordBatch, kind: str, content: str, record: str, fields: Sequence[str]
) -> Iterator[tuple[str, str, _Fact]]:
    guids = type_guids(batch[kind])
    for guid in guids.unique().to_pylist():
        known = SCHEMA.type_of(guid) if guid else None
        if known is None:
            continue
        same = batch.filter(pc.fill_null(pc.equal(guids, guid), False))
        there = [field for field in fields if known.field(field) is not None]
        read = read_columns(known, same[content], there).values
        columns = (read[field].to_pylist() for field in there)
        for row, key, *values in zip(same["Key"].to_pylist(), same[record].to_pylist(), *columns, strict=True):
            if str(key or known.guid).lower() != known.guid:  # a form's defaults are no document
                yield str(row), str(key).lower(), (known.name, dict(zip(there, values, strict=True)))


def _is_referred(known: ContentType) -> bool:
    return labels.date_field(known) is not None and not known.singleton


def _is_party(known: ContentType) -> bool:
    return known.name in ("Customer", "Supplier", "Employee")


def _addresses(text: Any) -> frozenset[str]:
    return frozenset(address.casefold() for address in split_recipients(str(text or "")))


def _is_key(value: object) -> bool:
    return isinstance(value, str) and len(value) == len(NIL) and value != NIL
