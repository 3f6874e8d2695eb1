"""A restore plan in plain words: what a person reads before signing it off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.audit.totals import TYPE
from manager_nb.i18n import Language, mark, one_line
from manager_nb.model.field_changes import field_changes
from manager_nb.model.field_words import FieldWords
from manager_nb.model.labels import DASH
from manager_nb.model.lookup import ObjectsLookup
from manager_nb.model.values import ReadersValues
from manager_nb.model.wording import Words
from manager_nb.restore.naming import Names
from manager_nb.restore.steps import CREATE, DELETE, REVERT, SKIP, Step
from manager_nb.restore.trouble import LOCKED_PERIOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.model.held import Held
    from manager_nb.model.said import Said
    from manager_nb.model.tables import Table

SOME = 200
"""So many records of a list are named one by one, unless more are asked for; what is more is counted."""
_SOME_FIELDS = 8
_SOME_TROUBLES = 10
"""A customer that is taken away can have thousands of invoices that name it."""
_SOME_NAMES = 5
_LONG = 120


@dataclass(frozen=True, slots=True)
class TotalWords:
    """A line of the control totals in words; the sums are empty where there are none."""

    name: str
    currency: str
    count_before: str
    count_after: str
    sum_before: str
    sum_after: str
    remark: str


def totals_in_words(totals: Table, language: Language) -> list[TotalWords]:
    """The control totals that change, or that are not known in full; with them every currency of such a type.

    Args:
        totals: see :func:`manager_nb.audit.totals.control_totals`.
        language: of the words.
    """
    rows = totals.to_arrow().to_pylist()
    kinds: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        kinds.setdefault((row["group"], row["name"]), set()).add(row["currency"] or "")
    return [
        TotalWords(
            _total_name(row, language),
            row["currency"] or "",
            language.number(row["count_before"]),
            language.number(row["count_after"]),
            _money(row["sum_before"], row["currency"], language),
            _money(row["sum_after"], row["currency"], language),
            language.plural("({count} amount is not known)", "({count} amounts are not known)", row["unknown"])
            if row["unknown"]
            else "",
        )
        for row in rows
        if len(kinds[row["group"], row["name"]]) > 1
        or row["unknown"]
        or (row["count_before"], row["sum_before"]) != (row["count_after"], row["sum_after"])
    ]


def _total_name(row: Mapping[str, Any], language: Language) -> str:
    """The type with its currency, so that the counts of all currencies are seen to add up; the account."""
    name = language.text(row["name"]) if row["group"] == TYPE else row["name"]
    return f"{name} ({row['currency']})" if row["group"] == TYPE and row["currency"] else name


def _money(value: Any, currency: str | None, language: Language) -> str:
    if currency is None:
        return ""
    if value is None:
        return "?"
    return language.number(value, max(2, -int(value.normalize().as_tuple().exponent)))


_LOCK_MEANS = mark(
    "That does not stop it: the new file gets it all the same and keeps the lock date. Check what you have already"
    " reported of that period."
)


_LOCK_MEANS_THERE = mark(
    "That does not stop it: the server takes it all the same and keeps the lock date. Check what you have already"
    " reported of that period."
)

_VERBS = {
    CREATE: mark("Bring back: {label}"),
    REVERT: mark("Change back: {label}"),
    DELETE: mark("Delete: {label}"),
    SKIP: mark("Leave alone: {label}"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to tell.

    Attributes:
        about: sentences about the plan as a whole: of which business, from which past, how sure.
        steps: all of the plan.
        effective: those that would be done.
        undecided: those that somebody has to decide about.
        totals: the control totals.
        before: the objects as they are.
        after: as they become.
        into_server: whether it is done on a server, not into a new file.
    """

    about: Sequence[Said]
    steps: Sequence[Step]
    effective: Sequence[Step]
    undecided: Sequence[Step]
    totals: Table
    before: Mapping[str, Held]
    after: Mapping[str, Held]
    into_server: bool = False


def in_words(facts: Facts, language: Language, zone: str, *, totals: bool = True, some: int = SOME) -> str:
    """A plan in words, a line a fact.

    Args:
        facts: what there is to tell.
        language: of the words; what the business wrote stays as it is.
        zone: IANA name of the time zone of moments; named beside each.
        totals: whether the control totals are among them; see :func:`totals_in_words`.
        some: so many records of each list are named; what is more is counted.
    """
    return "\n".join(map(one_line, _Telling(facts, language, zone, totals=totals, some=some).lines()))


class _Telling:
    def __init__(self, facts: Facts, language: Language, zone: str, *, totals: bool, some: int) -> None:
        self._facts, self._language, self._zone, self._with_totals = facts, language, zone, totals
        self._some = some
        shown = {step.key: step.shown for step in facts.steps}
        self._names = Names({**facts.before, **facts.after, **shown}, language)
        values = ReadersValues(language)
        self._before = Words(ObjectsLookup({**facts.after, **facts.before}), None, values)
        self._after = Words(ObjectsLookup({**facts.before, **facts.after}), None, values)

    def lines(self) -> Iterator[str]:
        facts = self._facts
        yield from (self._said(said) for said in facts.about)
        yield ""
        yield from self._counts()
        yield from self._part(mark("What was selected:"), [step for step in facts.effective if step.depth == 0])
        yield from self._part(mark("What comes along:"), [step for step in facts.effective if step.depth])
        yield from self._part(mark("What you have to decide:"), facts.undecided)
        if facts.undecided:
            yield self.text(
                "You can choose other records, leave those with conflicts alone, or restore them all the same."
            )
        yield from self._part(mark("What stays as it is:"), [step for step in facts.steps if step.action == SKIP])
        yield from self._titled(mark("Warnings:"), [*self._locked(), *self._warnings()])
        if self._with_totals:
            yield from self._titled(mark("Control totals:"), list(self._totals()))

    def text(self, template: str) -> str:
        """A text of the catalogue in the language."""
        return self._language.text(template)

    def _said(self, sentence: Said) -> str:
        return sentence.told(self._language, self._zone)

    def _titled(self, title: str, lines: list[str]) -> Iterator[str]:
        if lines:
            yield from ("", self.text(title), *lines)

    def _counts(self) -> Iterator[str]:
        plural, effective, undecided = self._language.plural, self._facts.effective, self._facts.undecided
        counts = {action: sum(step.action == action for step in effective) for action in (CREATE, REVERT, DELETE)}
        if counts[CREATE]:
            yield plural("{count} record is brought back.", "{count} records are brought back.", counts[CREATE])
        if counts[REVERT]:
            yield plural("{count} record is changed back.", "{count} records are changed back.", counts[REVERT])
        if counts[DELETE]:
            yield plural("{count} record is deleted.", "{count} records are deleted.", counts[DELETE])
        if undecided:
            yield plural(
                "{count} record has a conflict. Until it is decided, nothing at all is done.",
                "{count} records have conflicts. Until they are decided, nothing at all is done.",
                len(undecided),
            )
        if not effective:
            yield self.text("Nothing would be done.")
        elif self._facts.into_server:
            yield self.text("Everything is done in the business on the server; its own History tells of it.")
        else:
            yield self.text("Everything goes into a new file; your present file is not changed.")

    def _part(self, title: str, steps: Sequence[Step]) -> Iterator[str]:
        yield from self._titled(title, [line for step in steps[: self._some] for line in self._step(step)])
        if len(steps) > self._some:
            yield self._more(len(steps) - self._some)

    def _more(self, count: int) -> str:
        return self._language.plural("… and {count} more", "… and {count} more", count)

    def _step(self, step: Step) -> Iterator[str]:
        verb = self.text(_VERBS[step.action]).format(label=self._names.full(step.shown))
        reason = self._said(step.reason)
        yield f"- {verb}" if step.plain else "- " + self._language.text("{what}. {why}", what=verb, why=reason)
        if step.action == REVERT:
            yield from self._fields(step)
        stopping = [trouble.what for trouble in step.troubles if trouble.stops] if step.acts else []
        yield from (f"    ! {self._said(what)}" for what in stopping[:_SOME_TROUBLES])
        if len(stopping) > _SOME_TROUBLES:
            yield "    " + self._more(len(stopping) - _SOME_TROUBLES)

    def _fields(self, step: Step) -> Iterator[str]:
        """What changes in it: as it is → as it becomes."""
        sides = [(one.content_type, one.content) if one else (None, b"") for one in (step.before, step.after)]
        found = field_changes(sides[0], sides[1])
        for change in found[:_SOME_FIELDS]:
            told = FieldWords(change, self._before, self._after)
            line = f" ({self.text('line')} {told.line()})" if told.line() else ""
            path = DASH.join(map(self.text, told.path().split(DASH)))
            yield f"    {path}{line}: {self._value(told.before())} → {self._value(told.after())}"
        if len(found) > _SOME_FIELDS:
            yield "    " + self._more(len(found) - _SOME_FIELDS)

    def _value(self, text: str | None) -> str:
        if not text:
            return self.text("(empty)")
        return text if len(text) <= _LONG else f"{text[:_LONG]} …"

    def _locked(self) -> list[str]:
        """One line for all documents of locked periods: there may be hundreds."""
        locked = [
            (step, trouble)
            for step in self._facts.effective
            for trouble in step.troubles
            if trouble.kind == LOCKED_PERIOD
        ]
        means = self.text(_LOCK_MEANS_THERE if self._facts.into_server else _LOCK_MEANS)
        if len(locked) <= 1:
            lines = [f"{self._names.short(step.shown)}: {self._said(trouble.what)}" for step, trouble in locked]
            return [f"- {line} {means}" for line in lines]
        day = dict(locked[0][1].what.facts)["until"]
        until = self._language.date(day) if isinstance(day, dt.date) else str(day)
        first = "; ".join(self._names.short(step.shown) for step, _ in locked[:_SOME_NAMES])
        told = self._language.plural(
            "{count} document is dated in the period that is locked up to {until}: {first}",
            "{count} documents are dated in the period that is locked up to {until}: {first}",
            len(locked),
            until=until,
            first=first,
        )
        return [f"- {told}{' …' if len(locked) > _SOME_NAMES else '.'} {means}"]

    def _warnings(self) -> list[str]:
        told = [
            f"- {self._names.short(step.shown)}: {self._said(trouble.what)}"
            for step in self._facts.effective
            for trouble in step.troubles
            if not trouble.stops and trouble.kind != LOCKED_PERIOD
        ]
        return told[: self._some] + ([self._more(len(told) - self._some)] if len(told) > self._some else [])

    def _totals(self) -> Iterator[str]:
        for one in totals_in_words(self._facts.totals, self._language):
            line = f"- {one.name}: {one.count_before} → {one.count_after}"
            if one.sum_after:
                line += f"; {one.currency} {one.sum_before} → {one.sum_after}"
            yield f"{line} {one.remark}".rstrip()
