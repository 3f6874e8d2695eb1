"""How findings name records, people and lists of them, and what they say where there is too much to say each alone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.audit.rule import Finding, row
from manager_nb.errors import NotFoundError
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.said import Said, said

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from manager_nb.audit.books import Books, Entry

EXAMPLES = 5
"""So many records are named where there are more."""

TOGETHER = 10
"""More findings of one kind than so many are told as one, with their number and examples."""

EVIDENCE = 200
"""Most rows that one finding names."""


def called(books: Books, key: str) -> str:
    """What Manager's History calls a record: as it is, of one that is gone as it was last."""
    entries = books.of_object.get(key.lower(), ())
    label = entries[-1].label if entries else None
    if label:
        return label
    try:
        return books.business.record(key).label or key
    except NotFoundError:
        return key or "–"


def title_of(guid: str) -> str:
    """What people call a content type, of an unknown one its GUID."""
    known = SCHEMA.type_of(guid)
    return labels.title(known) if known else guid


def who(user: str | None) -> str | Said:
    """Who did something, as History has the name."""
    return user or said("(nobody is named)")


def some(books: Books, keys: Iterable[str]) -> str:
    """The names of some records: the first few."""
    return "; ".join(called(books, key) for key in list(keys)[:EXAMPLES])


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
