"""Every test that there is, in the order in which people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.audit.closing import rules as closing
from manager_nb.audit.rule import GROUPS, Rule
from manager_nb.audit.tests import rules as tests
from manager_nb.audit.trail import rules as trail
from manager_nb.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from manager_nb.audit.parameters import Parameter

ALL: tuple[Rule, ...] = (*trail.RULES, *closing.RULES, *tests.RULES)
"""All tests."""


def chosen_rules(names: Iterable[str] | str | None = None) -> tuple[Rule, ...]:
    """Some tests, in the order of :data:`ALL`.

    Args:
        names: of groups ("trail", "closing", "tests") or of rules; None is all.

    Raises:
        NotFoundError: there is no such group or rule.
    """
    if names is None:
        return ALL
    wanted = [names] if isinstance(names, str) else list(names)
    known = {*GROUPS, *(rule.name for rule in ALL)}
    for name in wanted:
        if name not in known:
            raise NotFoundError(
                "There is no test called {name}.",
                hint="The groups and tests are: {names}.",
                name=name,
                names=", ".join((*GROUPS, *(rule.name for rule in ALL))),
            )
    return tuple(rule for rule in ALL if rule.name in wanted or rule.group in wanted)


def parameters_of(rules: Iterable[Rule]) -> dict[str, Parameter]:
    """What some tests can be told, by name, in their order."""
    return {parameter.name: parameter for rule in rules for parameter in rule.parameters}


def read_parameters(rules: Iterable[Rule], given: Mapping[str, object]) -> dict[str, Any]:
    """The value of each parameter: the given one, else the default.

    Raises:
        NotFoundError: there is no such parameter.
        SelectionError: a value does not fit it.
    """
    known = parameters_of(rules)
    unknown = sorted(given.keys() - parameters_of(ALL).keys())
    if unknown:
        raise NotFoundError(
            "No test has a parameter called {name}.",
            hint="The parameters are: {names}.",
            name=unknown[0],
            names=", ".join(parameters_of(ALL)),
        )
    return {name: one.read(given.get(name, one.default)) for name, one in known.items()}
