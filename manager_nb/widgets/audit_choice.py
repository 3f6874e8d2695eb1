"""Which tests of an audit are done, and what they are told: chosen by clicking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.audit.catalogue import ALL
from manager_nb.audit.parameters import DAY, EXAMPLES
from manager_nb.audit.rule import CLOSING, GROUPS, TESTS, TRAIL
from manager_nb.errors import SelectionError
from manager_nb.i18n import mark
from manager_nb.widgets import view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager_nb.audit.parameters import Parameter
    from manager_nb.audit.rule import Rule
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_MEANINGS = {
    TRAIL: mark("Whether History is whole: how far it reaches, where it breaks, who it names, what was undone."),
    CLOSING: mark("What was changed in closed periods, after filing, or after an invoice was sent."),
    TESTS: mark("Entries and documents that auditors look at first: odd times, amounts, numbers, users, settings."),
}


class AuditChoice:
    """The choice of tests and of what they are told.

    Args:
        panel: the panel it is in.
        changed: called when something else is chosen.
    """

    def __init__(self, panel: Panel, changed: Callable[[], None]) -> None:
        self._panel, self._changed = panel, changed
        self.off: set[str] = set()
        self._values = {
            parameter.name: parameter.written(parameter.default) for rule in ALL for parameter in rule.parameters
        }
        self._weights = {rule.name: str(rule.weight) for rule in ALL}

    @property
    def rules(self) -> list[str]:
        """The names of the tests that are chosen."""
        return [rule.name for rule in ALL if rule.name not in self.off]

    @property
    def values(self) -> dict[str, str]:
        """What the chosen tests are told, by the names of the parameters."""
        return {
            parameter.name: self._values[parameter.name]
            for rule in ALL
            if rule.name not in self.off
            for parameter in rule.parameters
        }

    @property
    def weights(self) -> dict[str, int]:
        """What a finding of each test adds to a record's score.

        Raises:
            SelectionError: one is no number.
        """
        found = {}
        for rule in ALL:
            words = self._weights[rule.name].strip()
            if not words.isdecimal():
                raise SelectionError(
                    "“{words}” is no weight for the test “{test}”.",
                    hint="Write a whole number: 0, 1, 2 …",
                    words=words,
                    test=rule.title,
                )
            found[rule.name] = int(words)
        return found

    def choose(self, *names: str) -> None:
        """Choose tests in code, by the names of tests or groups; all others are off."""
        self.off = {rule.name for rule in ALL if not {rule.name, rule.group} & set(names)}
        self._changed()

    def tell(self, **values: str) -> None:
        """Tell the tests something in code: the text that a person would type."""
        self._values.update(values)
        self._changed()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Iterator[Node]:
        """The groups with their tests."""
        text = self._panel.text
        for group, title in GROUPS.items():
            rules = [rule for rule in ALL if rule.group == group]
            if not rules:
                continue
            on = sum(rule.name not in self.off for rule in rules)
            number = self._panel.words.number
            summary = text(
                "{title} ({on} of {all})",
                title=text("Tests of this group, and their settings"),
                on=number(on),
                all=number(len(rules)),
            )
            yield view.group(
                view.check(
                    text(title),
                    on > 0,
                    self._switching(rules),
                    key=f"group-{group}",
                    help=text(_MEANINGS[group]),
                    disabled=self._panel.busy,
                ),
                view.fold(summary, *(self._rule(rule) for rule in rules), key=f"tests-{group}"),
            )

    def _rule(self, rule: Rule) -> Node:
        text = self._panel.text
        limits = text("What it cannot see: {limits}", limits=text(rule.limits)) if rule.limits else None
        weight = view.entry(
            text("Weight in the scores"), self._weights[rule.name], self._weighing(rule), key=f"weight-{rule.name}"
        )
        return view.group(
            view.check(
                text(rule.title),
                rule.name not in self.off,
                self._switching([rule]),
                key=f"rule-{rule.name}",
                disabled=self._panel.busy,
            ),
            view.fold(
                text("Why, and settings: {test}", test=text(rule.title)),
                view.paragraph(text(rule.why)),
                view.paragraph(limits, look="muted") if limits else None,
                view.fields(*self._settings(rule), weight),
                key=f"why-{rule.name}",
            ),
        )

    def _settings(self, rule: Rule) -> Iterable[Node]:
        for parameter in rule.parameters:
            key = f"set-{rule.name}-{parameter.name}"
            make = view.day if parameter.kind == DAY and not parameter.several else view.entry
            yield make(
                self._panel.text(parameter.title),
                self._values[parameter.name],
                self._telling(parameter),
                key=key,
                help=self._help(parameter),
            )

    def _help(self, parameter: Parameter) -> str:
        example = self._panel.text(EXAMPLES[parameter.kind])
        if not parameter.several:
            return example
        return self._panel.text("{example}; several with semicolons between them", example=example)

    # ---- what happens --------------------------------------------------------------------------------------------

    def _switching(self, rules: Iterable[Rule]) -> Callable[[bool], None]:
        names = {rule.name for rule in rules}

        def switch(on: bool) -> None:
            self.off = self.off - names if on else self.off | names
            self._changed()

        return switch

    def _telling(self, parameter: Parameter) -> Callable[[str], None]:
        def tell(words: str) -> None:
            self._values[parameter.name] = words
            self._changed()

        return tell

    def _weighing(self, rule: Rule) -> Callable[[str], None]:
        def weigh(words: str) -> None:
            self._weights[rule.name] = words
            self._changed()

        return weigh
