"""The verdict on the trail, in words, with its limits: for the working papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.audit.rule import HIGH, LOW, MEDIUM, TRAIL, Finding, Rule
from manager_nb.audit.trail.chains import OUTSIDE_HISTORY, UPGRADED
from manager_nb.audit.trail.clock import KEYS
from manager_nb.audit.trail.coverage import BEGINNING, COVERAGE, DAMAGE, NO_HISTORY, REACH, TORN_COPY
from manager_nb.audit.trail.earlier import EXTENDS, EXTENSION, VOUCHES
from manager_nb.audit.trail.rules import RULES
from manager_nb.i18n import mark
from manager_nb.model.said import Said, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.audit.findings import Findings

RELIABLE, EXCEPTIONS, UNRELIABLE, UNSOUND, PARTLY, UNTESTED = (
    "reliable", "exceptions", "unreliable", "unsound", "partly", "untested",
)  # fmt: skip

GRADES = {
    RELIABLE: mark("The trail can be relied on"),
    EXCEPTIONS: mark("The trail can be relied on, with exceptions"),
    UNRELIABLE: mark("The trail cannot be relied on"),
    UNSOUND: mark("No conclusion can be drawn: this file is probably a torn copy"),
    PARTLY: mark("The trail was not tested in full"),
    UNTESTED: mark("The trail was not tested"),
}
"""What a verdict can be, each in words."""

_AGAINST_HISTORY = (COVERAGE, DAMAGE, KEYS, EXTENSION, OUTSIDE_HISTORY)
"""Tests whose findings to look at first say that History itself is not whole, or was altered."""

_TRAIL = {rule.name for rule in RULES}
_MOST = 10

LIMITS = (
    mark("A creation that was undone in Manager leaves no trace in the file, so none can be excluded."),
    mark("Pictures and the contents of attachments are outside History."),
    mark("A name in History tells which login was used, not who used it."),
    mark(
        "Somebody who can edit the file can forge a trail that fits; only backups that were kept elsewhere show that."
    ),
)
"""What no test of a file can show."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the trail can be relied on.

    Attributes:
        grade: one of :data:`GRADES`.
        reasons: what the grade rests on, sentences; the first says it in full.
        limits: what the trail cannot show, whatever the grade.
    """

    grade: str
    reasons: tuple[Said, ...]
    limits: tuple[Said, ...]


def verdict_of(findings: Findings) -> Verdict:
    """The verdict that the findings of the group "trail" come to.

    It is "unreliable" where History itself is absent, lacks rows, has rows that were made at another time than they
    say, or does not extend that of the earlier backup; else "untested" where there is nothing to test, or the test of
    coverage was not done; "unsound" where the file is a torn copy, which is no evidence of what the business holds,
    whatever the tests found in it; "partly" where others of the tests were not done, whatever the ones that were done
    found; "exceptions" where a test found something of the two upper severities; "reliable" where none did.

    Args:
        findings: of an audit with the rules of the group.
    """
    found = [(rule, finding) for rule, finding in findings.found if rule.group == TRAIL]
    serious = [(rule, finding) for rule, finding in found if finding.severity in (HIGH, MEDIUM)]
    reach = next((one.message for _, one in found if one.message.template == REACH), None)
    without = any(one.message.template == NO_HISTORY for _, one in found)
    left_out = len(_TRAIL - {one.rule.name for one in findings.examined})
    torn = any(one.message.template == TORN_COPY for _, one in found)
    grade = _grade(serious, tested=reach is not None, torn=torn, left_out=left_out)
    reasons = [*_opening(grade, reach, without=without, left_out=left_out), *_grounds(grade, serious), *_notes(found)]
    return Verdict(grade, tuple(reasons), tuple(_limits(findings)))


def _grade(serious: list[tuple[Rule, Finding]], *, tested: bool, torn: bool, left_out: int) -> str:
    if any(rule.name in _AGAINST_HISTORY and one.severity == HIGH for rule, one in serious):
        return UNRELIABLE
    if not tested:
        return UNTESTED
    if torn:
        return UNSOUND
    if left_out:
        return PARTLY
    return EXCEPTIONS if serious else RELIABLE


def _opening(grade: str, reach: Said | None, *, without: bool, left_out: int) -> Iterator[Said]:
    facts = dict(reach.facts) if reach else {}
    span = {name: facts.get(name, "–") for name in ("first", "last")}
    if grade == RELIABLE:
        yield said(
            "The trail can be relied on from {first} to {last}, within the limits below: no test of it found anything"
            " that is marked “Look first” or “Look”.",
            **span,
        )
    elif grade == EXCEPTIONS:
        yield said("The trail can be relied on from {first} to {last}, except for what follows.", **span)
    elif grade == UNRELIABLE:
        yield said("The trail cannot be relied on, for the reasons that follow.")
    elif grade == UNSOUND:
        yield said(
            "No conclusion on the trail can be drawn from this file: it is probably a torn copy, made while somebody"
            " was saving, and no sound basis for one. Get a fresh copy, made while nobody is working, and test that."
            " What the tests found in this one follows, for information only."
        )
    elif grade == PARTLY:
        yield said(
            "The trail was not tested in full: {count} of its {all} tests were not done. Whether it can be relied on"
            " cannot be said from the others.",
            count=left_out,
            all=len(_TRAIL),
        )
    elif without:
        yield said("The file holds neither records nor History: there is nothing to test.")
    else:
        yield said("Whether the trail can be relied on was not tested.")
    if reach:
        yield reach


def _grounds(grade: str, serious: list[tuple[Rule, Finding]]) -> Iterator[Said]:
    """The findings, those that decided the grade first."""
    decided = [pair for pair in serious if pair[0].name in _AGAINST_HISTORY and pair[1].severity == HIGH]
    ordered = [*decided, *(pair for pair in serious if pair not in decided)] if grade == UNRELIABLE else serious
    for rule, finding in ordered[:_MOST]:
        yield said("{title}: {message}", title=said(rule.title), message=finding.message)
    if len(ordered) > _MOST:
        yield said("There are {count} more; the list of findings has them.", count=len(ordered) - _MOST)


def _notes(found: list[tuple[Rule, Finding]]) -> Iterator[Said]:
    """What is to be known besides: records older than History, upgrades, what the earlier backup proves."""
    for rule, finding in found:
        if finding.severity not in (HIGH, MEDIUM) and (
            rule.name in (BEGINNING, UPGRADED)
            or (rule.name == EXTENSION and (finding.severity == LOW or finding.message.template == EXTENDS))
        ):
            yield finding.message


def _limits(findings: Findings) -> Iterator[Said]:
    notes = [note for one in findings.examined if one.rule.name == EXTENSION for note in one.tested.notes]
    vouching = [note for note in notes if note.template == VOUCHES]
    yield from vouching or [said("The file was not held against an earlier backup.")]
    yield from map(said, LIMITS)
    done = {one.rule.name for one in findings.examined}
    if not done >= _TRAIL:
        yield said("Not all tests of the trail were done: {count} were left out.", count=len(_TRAIL - done))
