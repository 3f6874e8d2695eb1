"""How to do an audit again: the very call in Python, and the very command line."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from manager_nb.audit.catalogue import ALL
from manager_nb.audit.rule import GROUPS
from manager_nb.audit.sampling import documents_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.audit.findings import Findings
    from manager_nb.audit.sampling import Sample


def python_call(findings: Findings) -> str:
    """The statements of Python that give the same findings from the same files."""
    names = ["business", "earlier"]
    paths = [str(source["path"]) for source in findings.sources]
    opened = ", ".join(f"mn.open_business({path!r}) as {name}" for path, name in zip(paths, names, strict=False))
    given = ["business", *(["earlier=earlier"] if len(paths) > 1 else [])]
    rules = _rules(findings)
    given += [f"rules={rules!r}"] if rules is not None else []
    given.append(f"zone={findings.zone!r}")
    weights = _weights(findings)
    given += [f"weights={weights!r}"] if weights else []
    given += [f"{name}={value!r}" for name, value in _values(findings)]
    return f"import manager_nb as mn\n\nwith {opened}:\n    findings = mn.audit({', '.join(given)})"


def command_line(findings: Findings) -> str:
    """The command that gives the same findings from the same files."""
    paths = [str(source["path"]) for source in findings.sources]
    words = ["python", "-m", "manager_nb", "audit", paths[0]]
    words += ["--earlier", paths[1]] if len(paths) > 1 else []
    for name in _rules(findings) or ():
        words += ["--rules", name]
    words += ["--zone", findings.zone]
    for name, weight in _weights(findings).items():
        words += ["--weight", f"{name}={weight}"]
    for name, value in _values(findings):
        words += ["--set", f"{name}={value}"]
    return shlex.join(words)


def sample_call(sample: Sample, path: str) -> str:
    """The statements of Python that draw the same sample again.

    Args:
        sample: the sample.
        path: of the business that it was drawn from.
    """
    title = documents_of(sample.of)
    given = ", ".join(f"{name}={value!r}" for name, value in sample.given.items())
    if title is None:
        return f"import manager_nb as mn\n\nsample = mn.draw_sample(rows, {given})  # rows: the same population"
    rows = f"business.amounts({title!r})"
    return (
        f"import manager_nb as mn\n\nwith mn.open_business({path!r}) as business:\n"
        f"    sample = mn.draw_sample({rows}, {given})"
    )


def _rules(findings: Findings) -> list[str] | None:
    """The names that chose the tests, as few as do; None where all were done."""
    done = [one.rule.name for one in findings.examined]
    if done == [rule.name for rule in ALL]:
        return None
    names: list[str] = []
    for group in GROUPS:
        whole = [rule.name for rule in ALL if rule.group == group]
        some = [one.rule.name for one in findings.examined if one.rule.group == group]
        names += [group] if some and some == whole else some
    return names


def _values(findings: Findings) -> Iterator[tuple[str, str]]:
    """Each parameter with its value as :meth:`Parameter.read` takes it; one that was left open is left out."""
    told: dict[str, Any] = {}
    for one in findings.examined:
        for parameter in one.rule.parameters:
            value = parameter.written(one.chosen[parameter.name])
            if value or parameter.written(parameter.default):
                told[parameter.name] = value
    yield from told.items()


def _weights(findings: Findings) -> dict[str, int]:
    return {
        one.rule.name: findings.weights[one.rule.name]
        for one in findings.examined
        if findings.weights[one.rule.name] != one.rule.weight
    }
