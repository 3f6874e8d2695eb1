"""What a test is, and what it gives: findings, and the population that they came from.

A finding is a reason to look, never an accusation. It names the rows it rests on, so that anybody can look them up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.i18n import mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from manager_nb.audit.books import Books, Document, Entry
    from manager_nb.audit.parameters import Parameter
    from manager_nb.model.said import Said

TRAIL, CLOSING, TESTS = "trail", "closing", "tests"

GROUPS = {
    TRAIL: mark("Can I rely on the trail"),
    CLOSING: mark("What happened after closing, filing, sending"),
    TESTS: mark("What deserves a look"),
}
"""The groups of tests, each with its title."""

HIGH, MEDIUM, LOW, NOTE = "high", "medium", "low", "note"

SEVERITIES = {
    HIGH: mark("Look first"),
    MEDIUM: mark("Look"),
    LOW: mark("Look if time allows"),
    NOTE: mark("To know"),
}
"""How much a finding deserves a look, the most first, each in words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason to look.

    Attributes:
        severity: one of :data:`SEVERITIES`.
        message: what was found, a sentence.
        object: key of the record that it is about; None where it is about none, or about the file.
        change: key of the row of History that it is about.
        ticks: when that was, in .NET ticks (UTC).
        user: who did it, as History has the name.
        evidence: the rows that it rests on, each as table and key: ``"Changes 0196…"``, ``"Objects …"``,
            ``"Emails …"``; those of an earlier backup as ``"earlier Objects …"``.
        among: keys of the records that it is about where they are several.
    """

    severity: str
    message: Said
    object: str | None = None
    change: str | None = None
    ticks: int | None = None
    user: str | None = None
    evidence: tuple[str, ...] = ()
    among: tuple[str, ...] = ()

    @property
    def objects(self) -> tuple[str, ...]:
        """Keys of the records that it is about: one, several, or none."""
        return self.among or ((self.object,) if self.object else ())


def about(entry: Entry, severity: str, message: Said, *more: str) -> Finding:
    """A finding about one change of History.

    Args:
        entry: the change.
        severity: one of :data:`SEVERITIES`.
        message: what was found.
        *more: rows that it rests on besides that change.
    """
    evidence = tuple(dict.fromkeys((row("Changes", entry.change), *more)))
    return Finding(severity, message, entry.object, entry.change, entry.ticks, entry.user, evidence)


def about_document(
    document: Document, severity: str, message: Said, *more: str, among: Iterable[Document] = ()
) -> Finding:
    """A finding about a document: who entered it and when, where History tells.

    Args:
        document: the document.
        severity: one of :data:`SEVERITIES`.
        message: what was found.
        *more: rows that it rests on besides the document.
        among: every document that it is about, this one too, where there are several: each has its score.
    """
    made = document.made
    change, ticks, user = (made.change, made.ticks, made.user) if made else (None, None, None)
    rows = tuple(dict.fromkeys((*rows_of(document), *more)))
    return Finding(severity, message, document.key, change, ticks, user, rows, tuple(one.key for one in among))


def rows_of(document: Document) -> tuple[str, ...]:
    """The rows that show a document: the record; of one that is gone, the change that shows it last."""
    if document.there or not document.entries:
        return (row("Objects", document.key),)
    return (row("Changes", document.entries[-1].change),)


def row(table: str, key: str) -> str:
    """A row as evidence names it."""
    return f"{table} {key}"


@dataclass(frozen=True, slots=True)
class Tested:
    """What one test did.

    Attributes:
        population: what was tested, a phrase: "Documents that people entered".
        count: how many of them there were.
        findings: what it found.
        notes: what it could not test, and why.
        used: values of parameters that the test worked out itself where none was given.
    """

    population: Said
    count: int
    findings: tuple[Finding, ...]
    notes: tuple[Said, ...] = ()
    used: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One test.

    Attributes:
        name: what code calls it: "round sums".
        group: one of :data:`GROUPS`.
        title: what people call it.
        why: what it looks for and why, with its source, a few sentences.
        test: does it.
        parameters: what it can be told.
        weight: what a finding of it adds to a record's score.
        limits: what it cannot see; None where nothing is to be said.
    """

    name: str
    group: str
    title: str
    why: str
    test: Callable[[Books, Mapping[str, Any]], Tested]
    parameters: tuple[Parameter, ...] = ()
    weight: int = 1
    limits: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A mark on a finding.

    Attributes:
        by: who looked.
        at: when, ISO 8601 in UTC.
        note: what they noted.
        same_file: whether it was made for this very state of the file.
    """

    by: str
    at: str
    note: str = ""
    same_file: bool = True
