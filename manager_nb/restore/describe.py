"""A restore plan in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.i18n import Language, mark
from manager_nb.restore.steps import CREATE, DELETE, REVERT, SKIP, Step
from manager_nb.restore.totals import TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from manager_nb.model.tables import Table

_SOME = 200
"""So many records are named one by one; what is more is counted."""

_VERBS = {
    CREATE: mark("Bring back: {label}."),
    REVERT: mark("Set back: {label}."),
    DELETE: mark("Take away: {label}."),
    SKIP: mark("Leave alone: {label}."),
}


def in_words(
    steps: Sequence[Step], effective: Sequence[Step], undecided: Sequence[Step], totals: Table, language: Language
) -> str:
    """A plan in words, a line a fact.

    Args:
        steps: all of the plan.
        effective: those that would be done.
        undecided: those that somebody has to decide about.
        totals: the control totals.
        language: of the words; labels stay as they are in the business.
    """
    lines = [*_heading(effective, undecided, language)]
    for words, part in (
        (mark("What was selected:"), [step for step in effective if step.depth == 0]),
        (mark("What comes along:"), [step for step in effective if step.depth]),
        (mark("What you have to decide:"), undecided),
        (mark("What stays as it is:"), [step for step in steps if step.action == SKIP]),
    ):
        if part:
            lines += ["", language.text(words), *_named(part, language)]
    warned = [step for step in effective if step.troubles]
    if warned:
        lines += ["", language.text("Look at this:")]
        lines += [_trouble(step, language) for step in warned[:_SOME]]
    told = list(_totals(totals, language))
    return "\n".join([*lines, *(["", language.text("Control totals:"), *told] if told else [])])


def _heading(effective: Sequence[Step], undecided: Sequence[Step], language: Language) -> Iterator[str]:
    counts = {action: sum(step.action == action for step in effective) for action in (CREATE, REVERT, DELETE)}
    if not effective:
        yield language.text("Nothing would be done.")
    if counts[CREATE]:
        yield language.plural("{count} record comes back.", "{count} records come back.", counts[CREATE])
    if counts[REVERT]:
        yield language.plural("{count} record is set back.", "{count} records are set back.", counts[REVERT])
    if counts[DELETE]:
        yield language.plural("{count} record is taken away.", "{count} records are taken away.", counts[DELETE])
    if undecided:
        yield language.plural(
            "{count} record has a conflict. Until it is decided, nothing is done.",
            "{count} records have conflicts. Until they are decided, nothing is done.",
            len(undecided),
        )
    if effective:
        yield language.text("Everything goes into a new file; the business itself stays as it is.")


def _named(steps: Sequence[Step], language: Language) -> Iterator[str]:
    for step in steps[:_SOME]:
        verb = language.text(_VERBS[step.action]).format(label=step.shown.label)
        yield f"- {verb} {step.reason.told(language)}"
        yield from (f"    ! {trouble.what.told(language)}" for trouble in step.troubles if trouble.stops and step.acts)
    if len(steps) > _SOME:
        yield language.plural("- and {count} more", "- and {count} more", len(steps) - _SOME)


def _trouble(step: Step, language: Language) -> str:
    told = " ".join(trouble.what.told(language) for trouble in step.troubles)
    return f"- {step.shown.label}: {told}"


def _totals(totals: Table, language: Language) -> Iterator[str]:
    for row in totals.to_arrow().to_pylist():
        name = language.text(row["name"]) if row["group"] == TYPE else row["name"]
        count = f"{language.number(row['count_before'])} → {language.number(row['count_after'])}"
        line = f"- {name}: {count}"
        if row["currency"] is not None:
            line += f"; {row['currency']} {_money(row['sum_before'], language)} → {_money(row['sum_after'], language)}"
        if row["unknown"]:
            line += " " + language.plural(
                "({count} amount is not known)", "({count} amounts are not known)", row["unknown"]
            )
        yield line


def _money(value: Any, language: Language) -> str:
    if value is None:
        return "?"
    exact = value.normalize()
    return language.number(value, max(2, -int(exact.as_tuple().exponent)))
