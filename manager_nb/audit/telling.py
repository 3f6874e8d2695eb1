"""How findings name records, people and lists of them, and what they say where there is too much to say each alone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.audit.rule import Finding, row
from manager_nb.errors import NotFoundError
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.said import Called, Said, said

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from manager_nb.audit.books import Books, Document, Entry
    from manager_nb.model.said import Fact

EXAMPLES = 5
"""So many records are named where there are more."""

TOGETHER = 10
"""More findings of one kind than so many are told as one, with their number and examples."""

EVIDENCE = 200
"""Most rows that one finding names."""


def called(books: Books, key: str) -> Called | str:
    """What Manager's History calls a record: as it is, of one that is gone as it was last."""
    entries = books.of_object.get(key.lower(), ())
    if entries and entries[-1].label:
        return label_of(entries[-1])
    try:
        record = books.business.record(key)
    except NotFoundError:
        return key or "–"
    return titled_label(record.label, record.type) if record.label else key


def label_of(one: Entry | Document) -> Called | str:
    """What Manager's History calls a record, its type in the reader's language: also where there is but the type."""
    return titled_label(one.label, one.type)


def titled_label(label: str | None, type_name: str | None) -> Called | str:
    """A label of which the first words are the title of a type."""
    known = SCHEMA.named(type_name or "")
    return Called(label, labels.title(known)) if label and known else label or "–"


def named(books: Books, entry: Entry) -> Called | Said | str:
    """What a change is of. Of an attachment, History says no more than that it is one: which, and whose, is told."""
    if entry.type != "Attachment":
        return label_of(entry) if entry.label else called(books, entry.object)
    side = books.values(entry.change, "After") or books.values(entry.change, "Before")
    values = side[1] if side else {}
    name, owner = str(values.get("Name") or "–"), str(values.get("Object") or NIL)
    if owner == NIL:
        return said("Attachment “{name}”", name=name)
    return said("Attachment “{name}” of {record}", name=name, record=called(books, owner))


def title_of(guid: str) -> str:
    """What people call a content type, of an unknown one its GUID."""
    known = SCHEMA.type_of(guid)
    return labels.title(known) if known else guid


def who(user: str | None) -> str | Said:
    """Who did something, as History has the name."""
    return user or said("(nobody is named)")


def some(books: Books, keys: Iterable[str]) -> Fact:
    """The names of some records: the first few."""
    return joined([called(books, key) for key in list(keys)[:EXAMPLES]])


def joined(facts: Sequence[Fact], of: int | None = None) -> Fact:
    """Several facts with semicolons between them; where they are the first of more, how many more there are."""
    told: Fact | None = None
    for fact in facts:
        told = fact if told is None else said("{first}; {more}", first=told, more=fact)
    if told is not None and of is not None and of > len(facts):
        told = said("{first}; and {count} more", first=told, count=of - len(facts))
    return "–" if told is None else told


def cut(message: Said, rows: int) -> Said:
    """A message, and that its evidence names no more than the first rows, where there are more."""
    if rows <= EVIDENCE:
        return message
    return said("{message} The first {count} rows are listed as evidence.", message=message, count=EVIDENCE)


def rows_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Changes as evidence."""
    return tuple(row("Changes", entry.change) for entry in entries)[:EVIDENCE]


def together(
    findings: Iterable[tuple[Hashable, Finding]], told: Callable[[Sequence[Finding]], Said], most: int = TOGETHER
) -> tuple[Finding, ...]:
    """Findings as they are, save that those of a kind of which there are many become one.

    Args:
        findings: each with its kind.
        told: what is said of many.
        most: so many of a kind are told one by one.
    """
    kinds: dict[Any, list[Finding]] = defaultdict(list)
    for kind, finding in findings:
        kinds[kind].append(finding)
    found: list[Finding] = []
    for some_of_it in kinds.values():
        if len(some_of_it) <= most:
            found += some_of_it
        else:
            evidence = dict.fromkeys(one for finding in some_of_it for one in finding.evidence)
            found.append(Finding(some_of_it[0].severity, told(some_of_it), evidence=tuple(evidence)[:EVIDENCE]))
    return tuple(found)
