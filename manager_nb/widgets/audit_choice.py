"""Which tests of an audit are done, and what they are told: chosen by clicking."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from manager_nb.audit.catalogue import ALL, read_weights
from manager_nb.audit.parameters import DAY, EXAMPLES, WORDS
from manager_nb.audit.rule import CLOSING, GROUPS, TESTS, TRAIL
from manager_nb.errors import ParameterError, SelectionError
from manager_nb.i18n import mark
from manager_nb.widgets import view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

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

    Attributes:
        off: the names of the tests that are not done.
        refused: the field whose value was refused, by its key; "" where none was.
    """

    def __init__(self, panel: Panel, changed: Callable[[], None]) -> None:
        self._panel, self._changed = panel, changed
        self.reset()

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
        """What a finding of each chosen test adds to a record's score.

        Raises:
            SelectionError: one is no number.
        """
        return {rule.name: self._weight(rule) for rule in ALL if rule.name not in self.off}

    @property
    def asked(self) -> Any:
        """All that is chosen, to be compared."""
        return (self.rules, self.values, {name: self._weights[name] for name in self.rules})

    @property
    def kept(self) -> dict[str, Any]:
        """What differs from the tests as they come, to be kept until another day; nothing where nothing does."""
        own = _as_they_come()
        values = {name: words for name, words in self._values.items() if words != own[name] and name not in _OTHERS}
        weights = {rule.name: self._weights[rule.name] for rule in ALL if self._weights[rule.name] != str(rule.weight)}
        parts = {"off": sorted(self.off), "values": values, "weights": weights}
        return {name: part for name, part in parts.items() if part}

    def reset(self) -> None:
        """All tests, as they come."""
        self.off: set[str] = set()
        self.refused = ""
        self._values = _as_they_come()
        self._typed_in: dict[str, str] = {}
        self._weights = {rule.name: str(rule.weight) for rule in ALL}

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Take what :attr:`kept` gave once; what is no test or no text is left out, as is what nobody knows now."""
        self.reset()
        with contextlib.suppress(TypeError, AttributeError):  # edited by hand
            self.off = {rule.name for rule in ALL} & set(kept.get("off", ()))
        for mine, name in ((self._values, "values"), (self._weights, "weights")):
            with contextlib.suppress(TypeError, AttributeError):
                given = kept.get(name, {})
                mine.update({one: words for one, words in given.items() if one in mine and isinstance(words, str)})

    def fits(self) -> bool:
        """Whether every chosen test can take what it is told; where one cannot, that is told beside the field."""
        with self._panel.change():
            try:
                self._check_all()
            except SelectionError as error:
                self._panel.fail(error, self.refused)
                self._panel.focus = self.refused
        return not self.refused

    def refusal(self) -> Node | None:
        """Says where the tests are run that they were not, while a value is refused."""
        if not self.refused:
            return None
        words = self._panel.text("The tests were not run: a setting does not fit. The problem is told beside it.")
        return view.notice(words, look="warning")

    def _check_all(self) -> None:
        self.refused = ""
        for rule in ALL:
            if rule.name in self.off:
                continue
            for parameter in rule.parameters:
                self._check(rule, parameter)
            self.refused = f"weight-{rule.name}"
            self._weight(rule)
            self.refused = ""

    def _check(self, rule: Rule, parameter: Parameter) -> None:
        try:
            parameter.read(self._values[parameter.name])
        except ParameterError:
            # where several tests share it, beside the field that a person typed in
            typed = self._typed_in.get(parameter.name, rule.name)
            self.refused = _key(rule.name if typed in self.off else typed, parameter)
            raise

    def _weight(self, rule: Rule) -> int:
        words = self._weights[rule.name].strip()
        if not words.isdecimal():
            raise SelectionError(
                "“{words}” is no weight for the test “{test}”.",
                hint="Write a whole number: 0, 1, 2 …",
                words=words,
                test=rule.title,
            )
        return read_weights({rule.name: int(words)})[rule.name]

    def choose(self, *names: str) -> None:
        """Choose tests in code, by the names of tests or groups; all others are off."""
        self.off = {rule.name for rule in ALL if not {rule.name, rule.group} & set(names)}
        self._touched()

    def tell(self, **values: str) -> None:
        """Tell the tests something in code: the text that a person would type."""
        self._values.update(values)
        self._touched()

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
            text("Weight in the scores"),
            self._weights[rule.name],
            self._weighing(rule),
            key=f"weight-{rule.name}",
            help=text(
                "So much a finding of this test adds to the score of the record that it is about; 0 adds nothing."
            ),
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
                view.fields(*self._settings(rule), view.group(weight, self._trouble(f"weight-{rule.name}"))),
                key=f"why-{rule.name}",
            ),
        )

    def _settings(self, rule: Rule) -> Iterable[Node]:
        for parameter in rule.parameters:
            key = _key(rule.name, parameter)
            make = view.day if parameter.kind == DAY and not parameter.several else view.entry
            field = make(
                self._panel.text(parameter.title),
                self._values[parameter.name],
                self._telling(rule, parameter),
                key=key,
                help=self._help(parameter),
            )
            yield view.group(field, self._trouble(key))

    def _trouble(self, key: str) -> Node | None:
        return self._panel.trouble(key) if key == self.refused else None

    def _help(self, parameter: Parameter) -> str:
        example = self._panel.text(EXAMPLES[parameter.kind])
        if not parameter.several:
            return example
        return self._panel.text("{example}; several with semicolons between them", example=example)

    # ---- what happens --------------------------------------------------------------------------------------------

    def _touched(self) -> None:
        with self._panel.change():
            if self.refused:
                self._panel.clear(self.refused)
                self.refused = ""
            self._changed()

    def _switching(self, rules: Iterable[Rule]) -> Callable[[bool], None]:
        names = {rule.name for rule in rules}

        def switch(on: bool) -> None:
            self.off = self.off - names if on else self.off | names
            self._touched()

        return switch

    def _telling(self, rule: Rule, parameter: Parameter) -> Callable[[str], None]:
        def tell(words: str) -> None:
            self._values[parameter.name], self._typed_in[parameter.name] = words, rule.name
            self._touched()

        return tell

    def _weighing(self, rule: Rule) -> Callable[[str], None]:
        def weigh(words: str) -> None:
            self._weights[rule.name] = words
            self._touched()

        return weigh


_OTHERS = frozenset(one.name for rule in ALL for one in rule.parameters if one.kind == WORDS)
"""Parameters that may hold names of people: they are not kept outside the client's file."""


def _as_they_come() -> dict[str, str]:
    return {one.name: one.written(one.default) for rule in ALL for one in rule.parameters}


def _key(rule: str, parameter: Parameter) -> str:
    return f"set-{rule}-{parameter.name}"
