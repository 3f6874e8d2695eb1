"""How far History reaches: from when, to when, and which records it does not tell the beginning of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from manager_nb.audit.rule import HIGH, MEDIUM, NOTE, TRAIL, Finding, Rule, Tested, row
from manager_nb.audit.telling import EVIDENCE, EXAMPLES, joined, some, title_of
from manager_nb.audit.trail.breaks import TRIMMED, begun, breaks_of, is_torn, lives_of
from manager_nb.format.schema import SCHEMA, SCHEMA_TYPE
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, said
from manager_nb.progress import heeded
from manager_nb.timeline.coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.audit.books import Books

_SCHEMA, _DEFAULT = "schema", "default"

COVERAGE, BEGINNING, DAMAGE = "coverage", "beginning of History", "damaged file"

NO_HISTORY = mark(
    "The file holds no History, so it tells nothing of who did what and when. Files of early versions have none; it is"
    " dropped on some imports, and can be removed. Ask for a backup that has it."
)
"""What is found where there is none; the verdict looks for it."""

REACH = mark(
    "History holds {changes} changes from {first} to {last}. {told} of {records} records that are there now have their"
    " creation in it.{left}"
)
"""What is always found; the verdict takes its facts."""

TORN_COPY = mark(
    "This is probably a torn copy: one made while somebody was saving, whose parts are of different moments, about"
    " {last}. Such a copy can lack what was saved in those moments; it does not alter what nobody saved then, and"
    " somebody who edits the file can leave the same marks. Make a fresh copy while nobody is working, and test that."
)
"""What is found of such a copy; the verdict looks for it."""


def _coverage(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    trail, (by_type, left) = books.business.trail, _by_type(books)
    records, told = (sum(getattr(one, name) for one in by_type.values()) for name in ("records", "told"))
    changes = len(books.entries)
    population = said("Records that are there now")
    if not books.lives or trail.last < 0:
        severity = HIGH if records else NOTE
        return Tested(population, records, (Finding(severity, said(NO_HISTORY)),))
    reach = said(
        REACH, changes=changes, first=When(books.kept(begun)), last=When(trail.last), told=told, records=records,
        left=_left(left),
    )  # fmt: skip
    found = [Finding(NOTE, reach, ticks=books.kept(begun))]
    lacking = {guid: one for guid, one in by_type.items() if one.told < one.records}
    if lacking:
        names = [
            said("{type} ({count})", type=Said(title_of(guid)), count=lacking[guid].records - lacking[guid].told)
            for guid in sorted(lacking, key=title_of)
        ]
        types = joined(names[: 2 * EXAMPLES], len(names))
        found.append(Finding(NOTE, said("Records without their creation in History, by type: {types}", types=types)))
    ambiguous = sum(life.chain.ambiguous for life in books.lives.values())
    notes = []
    if ambiguous:
        notes.append(
            said("The order of the changes of {count} records can be read in more than one way.", count=ambiguous)
        )
    return Tested(population, records, tuple(found), tuple(notes))


def _left(left: Counter[str]) -> Said | str:
    """What lies in the file besides: pages that count all that lies in it have larger figures."""
    if not left:
        return ""
    return said(
        " Not counted, since Manager keeps no History of them or they are no records: the mark of the file's own"
        " version ({marks}), default values of forms ({defaults}).",
        marks=left[_SCHEMA], defaults=left[_DEFAULT],
    )  # fmt: skip


def _by_type(books: Books) -> tuple[dict[str, Coverage], Counter[str]]:
    """How many records of each type have their creation in History; and how many things that are no records there are.

    These are the schema's own object and form defaults.
    """
    found: dict[str, Coverage] = {}
    left: Counter[str] = Counter()
    if not {"Key", "ContentType"} <= set(books.database.columns("Objects")):
        return found, left
    for key, spelling in heeded(books.database.rows('SELECT "Key", "ContentType" FROM "Objects"'), books.progress):
        own, guid = str(key).lower(), str(spelling).lower()
        known = SCHEMA.type_of(guid)
        if own == SCHEMA_TYPE:
            left[_SCHEMA] += 1
            continue
        if own == guid and known is not None and not known.singleton:
            left[_DEFAULT] += 1
            continue
        life, so_far = books.lives.get(own), found.get(guid, Coverage(0, 0))
        told = life is not None and any(link.before is None for link in life.chain.links)
        found[guid] = Coverage(so_far.told + told, so_far.records + 1)
    return found, left


def _beginning(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    trimmed = [one for one in books.kept(breaks_of) if one.cause == TRIMMED]
    found = []
    if trimmed:
        message = said(
            "History begins on {first}, later than {count} records, among them: {names}. What was done to them before"
            " is not told. That is so where History was dropped on import and begun again, and where its older rows"
            " were removed: this file alone does not tell which.",
            first=When(books.kept(begun)),
            count=len(trimmed),
            names=some(books, (one.key for one in trimmed)),
        )
        evidence = tuple(
            row("Changes", one.following.change) if one.following else row("Objects", one.key) for one in trimmed
        )
        found.append(Finding(NOTE, message, evidence=evidence[:EVIDENCE]))
    return Tested(said("Records that are there or that History tells of"), lives_of(books), tuple(found))


def _damage(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    return Tested(said("The file, as it was opened"), 1, tuple(_damages(books)))


def _damages(books: Books) -> Iterator[Finding]:
    problems = books.business.open_source.problems
    lost = [problem for problem in problems if problem.lost]
    evidence = tuple(dict.fromkeys(row(one.where, one.key) for one in lost if one.key))[:EVIDENCE]
    if is_torn(books):
        yield Finding(
            MEDIUM,
            said(TORN_COPY, last=When(_newest(books))),
            evidence=evidence,
        )
    elif problems:
        yield Finding(
            HIGH if lost else MEDIUM,
            said(
                "The file is damaged: {count} things were wrong with it when it was opened, and {lost} of them lost"
                " rows or may have lost some. What is missing may be missing for that reason; whether it is cannot be"
                " told from this file.",
                count=len(problems),
                lost=len(lost),
            ),
            evidence=evidence,
        )


def _newest(books: Books) -> int | None:
    last = books.business.trail.last if books.lives else -1
    return last if last >= 0 else None


RULES = (
    Rule(
        COVERAGE,
        TRAIL,
        mark("How far History reaches"),
        mark(
            "Tells from when to when History was kept, and of how many records it tells the creation. A trail is worth"
            " what it covers (ISA 500, paragraph 9: what the entity provides has to be complete and accurate; in"
            " India, rule 11(g) of the Companies (Audit and Auditors) Rules, 2014: whether the audit trail was kept"
            " all year)."
        ),
        _coverage,
        weight=0,
        limits=mark(
            "A creation that was undone in Manager leaves no trace in the file. Pictures and the contents of"
            " attachments are outside History."
        ),
    ),
    Rule(
        BEGINNING,
        TRAIL,
        mark("Records older than History"),
        mark(
            "Records whose first change in History is not their creation, or that have none. Their earlier life has"
            " to be proved in another way."
        ),
        _beginning,
        weight=0,
        limits=mark(
            "Of records with a key that tells no time, it cannot be said whether they are older than History or whether"
            " the row of their creation was removed."
        ),
    ),
    Rule(
        DAMAGE,
        TRAIL,
        mark("A torn copy or a damaged file"),
        mark(
            "A copy that is made while people work holds parts of different moments, and a damaged file lacks rows."
            " Both look like tampering and have to be told apart from it first."
        ),
        _damage,
        weight=0,
        limits=mark("The marks of a torn copy can be made by hand: bytes at the end of a file are enough."),
    ),
)
"""The tests of this module."""
