"""What the links between changes show: alterations without a row, undone actions, upgrades."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from manager_nb.audit.differing import differences_said
from manager_nb.audit.rule import HIGH, MEDIUM, NOTE, TRAIL, Finding, Rule, Tested, row
from manager_nb.audit.telling import EVIDENCE, EXAMPLES, called, joined, some, title_of, together
from manager_nb.audit.trail.breaks import (
    ALONE,
    OUTSIDE,
    STAMP,
    TORN,
    UNDONE,
    UNSAVED,
    UNTIMED,
    UPGRADE,
    Break,
    both_sides,
    breaks_of,
    lives_of,
    type_at,
)
from manager_nb.i18n import mark
from manager_nb.model.said import Said, When, listed, said
from manager_nb.progress import check
from manager_nb.timeline.keys import born

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manager_nb.audit.books import Books
    from manager_nb.model.said import Fact

OUTSIDE_HISTORY, UNDONE_ACTIONS, UPGRADED, HALF_SAVED, OTHER_STAMP = (
    "changed outside History",
    "undone actions",
    "upgrade",
    "half a save",
    "time of the record",
)

_POPULATION = mark("Records that are there or that History tells of")


def _tested(books: Books, found: Sequence[Finding]) -> Tested:
    notes = () if books.lives and books.business.trail.last >= 0 else (said("The file holds no History."),)
    return Tested(said(_POPULATION), lives_of(books), tuple(found), notes)


def _outside(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    found: list[tuple[object, Finding]] = []
    for one in books.kept(breaks_of):
        check(books.progress)  # each asks the file several times
        if one.cause == OUTSIDE:
            found.append(((_kind(one), one.fields), _finding(one, HIGH, _outside_said(books, one))))
        elif one.cause in _DOUBTS:
            said_so = said(
                _DOUBTS[one.cause], what=_outside_said(books, one), **({"why": said(one.why)} if one.why else {})
            )
            found.append(((one.cause, one.why), _finding(one, MEDIUM, said_so)))

    def many(alike: Sequence[Finding]) -> Said:
        if alike[0].severity == HIGH:
            return said(
                "{count} records show the same: {example} A program other than Manager can make such differences, and"
                " so can an upgrade of the file, of which it shows no other mark.",
                count=len(alike),
                example=alike[0].message,
            )
        return said("{count} records show the same: {example}", count=len(alike), example=alike[0].message)

    return _tested(books, together(found, many))


_DOUBTS = {
    ALONE: mark(
        "{what} The file shows the marks of an upgrade by a newer Manager, but this is not like what an upgrade was"
        " seen to do: {why}. It cannot be told from an edit."
    ),
    UNSAVED: mark(
        "{what} The file shows the marks of a copy that was made while somebody was saving, and such a copy can lack a"
        " row of those moments. It cannot be told from an edit: look whether a fresh copy has the row."
    ),
    UNTIMED: mark(
        "{what} It may be older than History, or of an upgrade, or written by another program: that cannot be told."
    ),
}
"""What may have been nobody's doing, and what speaks against it."""


def _kind(one: Break) -> tuple[bool, bool, bool]:
    return one.last is None, one.following is None, one.there


def _outside_said(books: Books, one: Break) -> Said:
    label = called(books, one.key)
    if one.last is None:
        return _unborn(one, label)
    when, fields = When(one.last.ticks), _fields(books, one)
    if one.following is not None:
        if one.last.after is None or one.following.before is None:
            return said(
                "{label}: its changes of {earlier} and {later} do not fit together: History lacks the row by which it"
                " went or came back in between.",
                label=label, earlier=when, later=When(one.following.ticks),
            )  # fmt: skip
        return said(
            "{label} was altered between its changes of {earlier} and {later}, and History has no row of that{fields}.",
            label=label, earlier=when, later=When(one.following.ticks), fields=fields,
        )  # fmt: skip
    if not one.there:
        return said(
            "{label} is gone, and History has no row of its deletion. Its last change was on {when}.",
            label=label, when=when,
        )  # fmt: skip
    if one.last.after is None:
        return said(
            "{label} is there, although its last change in History, on {when}, deleted it.", label=label, when=when
        )
    return said(
        "{label} is not as its last change, on {when}, left it, and History has no row of what altered it{fields}.",
        label=label, when=when, fields=fields,
    )  # fmt: skip


def _unborn(one: Break, label: Fact) -> Said:
    made = born(one.key)
    if one.following is not None:
        return said(
            "{label} was made on {when}, when History was being kept, but the row of its creation is not there.",
            label=label, when=When(made),
        )  # fmt: skip
    if not (one.ticks or made):
        return said("{label} is there without a time, and History has no row of it.", label=label)
    return said(
        "{label} is there, written on {when}, but History has no row of it, although it was being kept.",
        label=label, when=When(one.ticks or made),
    )  # fmt: skip


def _fields(books: Books, one: Break) -> Said | str:
    """Which fields differ across a break, from what to what."""
    sides = both_sides(books, one) if one.fields else None
    if sides is None:
        return ""
    ticks = one.last.ticks if one.last else None, one.following.ticks if one.following else None
    return said(" (what differs: {fields})", fields=differences_said(*sides, books.lookup, books.lookup, ticks))


def _finding(one: Break, severity: str, message: Said) -> Finding:
    beside = [link for link in (one.last, one.following) if link is not None]
    evidence = [row("Changes", link.change) for link in beside]
    if one.there and one.following is None:
        evidence.insert(0, row("Objects", one.key))
    last = beside[0] if beside else None
    return Finding(
        severity, message, one.key, last.change if last else None, last.ticks if last else one.ticks, None,
        tuple(evidence),
    )  # fmt: skip


def _undone(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    by_moment: dict[int | None, list[Break]] = defaultdict(list)
    for one in books.kept(breaks_of):
        if one.cause == UNDONE:
            by_moment[one.ticks].append(one)
    found = []
    for moment, undone in by_moment.items():
        if len(undone) == 1:
            message = said(
                "An action on {label} was undone in Manager on {when}: the record was written then, and History has no"
                " row of it. What the action was, and who did and undid it, is not told.",
                label=called(books, undone[0].key), when=When(moment),
            )  # fmt: skip
            evidence = _finding(undone[0], MEDIUM, message).evidence
            found.append(Finding(MEDIUM, message, undone[0].key, None, moment, None, evidence))
        else:
            message = said(
                "An action on {count} records was undone in Manager on {when}, among them: {names}. What the action"
                " was, and who did and undid it, is not told.",
                count=len(undone), when=When(moment), names=some(books, (one.key for one in undone)),
            )  # fmt: skip
            found.append(Finding(MEDIUM, message, None, None, moment, None, _rows(undone)))

    def many(alike: Sequence[Finding]) -> Said:
        return said(
            "{count} actions were undone in Manager; the first: {example}", count=len(alike), example=alike[0].message
        )

    return _tested(books, together(((True, one) for one in found), many, 4 * EXAMPLES))


def _rows(breaks: Sequence[Break]) -> tuple[str, ...]:
    return tuple(row("Objects", one.key) for one in breaks if one.there)[:EVIDENCE]


def _upgrade(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    breaks = [one for one in books.kept(breaks_of) if one.cause == UPGRADE]
    keys = dict.fromkeys(one.key for one in breaks)
    found = []
    if breaks:
        added = dict.fromkeys(one.key for one in breaks if one.last is None)
        message = said(
            "The file shows the marks of an upgrade by a newer Manager, which writes no row into History: {added}"
            " records of the program's own were added, and {rewritten} rewritten, all of a kind alike. What was"
            " rewritten: {fields}. An edit that changes all of a kind in this way would look the same.",
            added=len(added), rewritten=len(keys) - len(added), fields=_rewritten(books, breaks),
        )  # fmt: skip
        found.append(Finding(NOTE, message, evidence=_rows(breaks)))
    return _tested(books, found)


def _rewritten(books: Books, breaks: Sequence[Break]) -> Fact:
    """Which fields of which types, each with the number of records."""
    kinds = Counter((title_of(type_at(books, one)), one.fields) for one in breaks if one.last is not None)
    told = [
        said(
            "{type} — {fields} ({count})",
            type=Said(title), fields=listed([Said(field) for field in fields[:EXAMPLES]]), count=count,
        )
        for (title, fields), count in kinds.most_common(2 * EXAMPLES)
    ]  # fmt: skip
    return joined(told, len(kinds))


def _half(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    breaks = [one for one in books.kept(breaks_of) if one.cause == TORN]
    found = []
    if breaks:
        message = said(
            "{count} records are as they were before their last change, which is of the last moments in the file:"
            " {names}. A copy made while somebody was saving can look like that; so does a record that was set back by"
            " hand. Make a fresh copy while nobody is working: if it shows the same, the copying was not the cause.",
            count=len(breaks), names=some(books, (one.key for one in breaks)),
        )  # fmt: skip
        found.append(Finding(MEDIUM, message, evidence=_rows(breaks)))
    return _tested(books, found)


def _stamp(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    found = []
    for one in books.kept(breaks_of):
        if one.cause == STAMP and one.last is not None:
            message = said(
                "{label} was last written on {stamp} by its own row, but its last change in History is of {when}."
                " Manager gives both the same time.",
                label=called(books, one.key), stamp=When(one.ticks), when=When(one.last.ticks),
            )  # fmt: skip
            found.append((True, _finding(one, MEDIUM, message)))

    def many(alike: Sequence[Finding]) -> Said:
        return said("{count} records show the same: {example}", count=len(alike), example=alike[0].message)

    return _tested(books, together(found, many))


_SAME_UNDO = mark(
    "The trace lasts until the record is changed again, and an undone creation leaves none. Somebody who edits the file"
    " can leave the same trace."
)

RULES = (
    Rule(
        OUTSIDE_HISTORY,
        TRAIL,
        mark("Changed without a row in History"),
        mark(
            "Each change holds the record as it found it and as it left it. Where one change does not begin with what"
            " the last one left, or the record is not as its last change left it, something altered it that History"
            " does not tell: another program, or a row that was removed (ISA 240, on management override: the record"
            " that was kept is itself to be tested)."
        ),
        _outside,
        weight=5,
        limits=mark(
            "Somebody who can edit the file can forge a chain that fits. Only an earlier backup that was kept elsewhere"
            " shows that."
        ),
    ),
    Rule(
        UNDONE_ACTIONS,
        TRAIL,
        mark("Actions that were undone"),
        mark(
            "Undo in Manager removes the rows of an action from History. It stamps the record with the time of the"
            " undo, which is then later than its last change."
        ),
        _undone,
        weight=3,
        limits=_SAME_UNDO,
    ),
    Rule(
        OTHER_STAMP,
        TRAIL,
        mark("Records with another time than their last change"),
        mark(
            "Manager gives a record the time of its last change. Where the two differ in another way than an undo makes"
            " them, one of them was altered."
        ),
        _stamp,
        weight=3,
    ),
    Rule(
        UPGRADED,
        TRAIL,
        mark("Upgrades of the file"),
        mark(
            "A newer Manager rewrites records when it opens an older file, and writes nothing about it into History."
            " What differs in that way is told apart: records of a kind all alike, with nothing in them that only a"
            " person knows, in a file to which the program added records of its own."
        ),
        _upgrade,
        weight=0,
        limits=mark(
            "Somebody who can edit the file can leave the marks of an upgrade, and change all records of a kind in a"
            " way that looks like it. What changes a document's total, brings in texts, dates or numbers, or leaves"
            " others of its kind as they were, is listed as changed without a row."
        ),
    ),
    Rule(
        HALF_SAVED,
        TRAIL,
        mark("Half of a save"),
        mark(
            "A copy made while somebody was saving may have half of the last action: a record as it was before it, with"
            " the time that it had before. That is told apart from other differences, so that nobody is suspected for"
            " it before a fresh copy was looked at."
        ),
        _half,
        weight=0,
        limits=mark("Somebody who can edit the file can set a record back in the same way."),
    ),
)
"""The tests of this module."""
