"""Every test that there is, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from manager_nb.audit.closing import rules as closing
from manager_nb.audit.rule import GROUPS, Rule
from manager_nb.audit.tests import rules as tests
from manager_nb.audit.trail import rules as trail
from manager_nb.errors import NotFoundError, ParameterError, SelectionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from manager_nb.audit.parameters import Parameter

ALL: tuple[Rule, ...] = (*trail.RULES, *closing.RULES, *tests.RULES)
"""All tests."""

_HEAVIEST = 10**6
"""Sums of weights stay whole numbers that a table can hold."""


def chosen_rules(names: Iterable[str] | str | None = None) -> tuple[Rule, ...]:
    """Some tests, in the order of :data:`ALL`.

    Args:
        names: of groups ("trail", "closing", "tests") or of rules; None is all.

    Raises:
        NotFoundError: there is no such group or rule.
    """
    if names is None:
        return ALL
    wanted = list(names) if isinstance(names, Iterable) and not isinstance(names, str) else [names]
    _refuse_unknown(wanted, (*GROUPS, *(rule.name for rule in ALL)))
    return tuple(rule for rule in ALL if rule.name in wanted or rule.group in wanted)


def _refuse_unknown(names: Iterable[object], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise NotFoundError(
                "There is no test called {name}.",
                hint="The groups and tests are: {names}.",
                name=str(name),
                names=", ".join(known),
            )


def read_weights(given: Mapping[str, int]) -> dict[str, int]:
    """What findings of some tests add to a record's score, by the tests' names.

    Raises:
        NotFoundError: there is no such test.
        SelectionError: a weight is no whole number, or a huge one.
    """
    _refuse_unknown(given, [rule.name for rule in ALL])
    for name, weight in given.items():
        if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= _HEAVIEST:
            raise SelectionError(
                "“{words}” is no weight for the test “{test}”.",
                hint="Write a whole number: 0, 1, 2 …",
                words=str(weight),
                test=next(rule.title for rule in ALL if rule.name == name),
            )
    return dict(given)


def parameters_of(rules: Iterable[Rule]) -> dict[str, Parameter]:
    """What some tests can be told, by name, in their order."""
    return {parameter.name: parameter for rule in rules for parameter in rule.parameters}


def read_parameters(rules: Iterable[Rule], given: Mapping[str, object]) -> dict[str, Any]:
    """The value of each parameter: the given one, else the default.

    Raises:
        NotFoundError: there is no such parameter.
        ParameterError: a value does not fit it; ``rule`` and ``parameter`` of the error say where.
    """
    rules = tuple(rules)
    known = parameters_of(rules)
    unknown = sorted(given.keys() - parameters_of(ALL).keys())
    if unknown:
        raise NotFoundError(
            "No test has a parameter called {name}.",
            hint="The parameters are: {names}.",
            name=unknown[0],
            names=", ".join(parameters_of(ALL)),
        )
    return {name: _read(rules, one, given.get(name, one.default)) for name, one in known.items()}


def _read(rules: Iterable[Rule], parameter: Parameter, value: object) -> Any:
    """The value of a parameter; where it does not fit, the error says which test was told it."""
    try:
        return parameter.read(value)
    except ParameterError as error:
        error.facts["rule"] = next((rule.name for rule in rules if parameter in rule.parameters), None)
        raise
