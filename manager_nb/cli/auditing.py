"""The command ``audit``."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager_nb.audit.examine import audit
from manager_nb.audit.reviews import Reviews
from manager_nb.audit.rule import SEVERITIES
from manager_nb.cli.arguments import day, zone
from manager_nb.i18n import Language, available, one_line
from manager_nb.timeline.business import open_business

if TYPE_CHECKING:
    import datetime as dt

    from manager_nb.audit.findings import Findings
    from manager_nb.progress import Progress

Result = tuple[bool, dict[str, Any], str]
"""Whether nothing was found, the facts for ``--json``, the text."""


def add_command(commands: Any, shared: argparse.ArgumentParser, progress: Progress) -> None:
    """Add the command to the command line's own.

    Args:
        commands: the sub-parsers.
        shared: what every command takes.
        progress: told how far long work is.
    """
    parser = commands.add_parser("audit", parents=[shared], help="test the trail, what came after closing, the entries")
    parser.add_argument("file", type=Path)
    parser.add_argument("--earlier", type=Path, metavar="FILE", help="an earlier backup of it, to compare with")
    parser.add_argument(
        "--rules", action="append", metavar="NAME", help="a group (trail, closing, tests) or a test; may be repeated"
    )
    parser.add_argument(
        "--set", action="append", default=[], type=_pair, metavar="NAME=VALUE", help="a parameter of the tests"
    )
    parser.add_argument(
        "--weight", action="append", default=[], type=_weight, metavar="TEST=NUMBER", help="of a test, in the scores"
    )
    parser.add_argument("--zone", type=zone, default="UTC", help="time zone of hours and days (default: UTC)")
    parser.add_argument("--export", action="append", default=[], type=Path, metavar="PAPER", help=".xlsx or .html")
    parser.add_argument("--prepared-by", default="", metavar="NAME", help="who made the paper")
    parser.add_argument("--prepared-on", type=day, metavar="DATE", help="when; without it the paper has no day")
    parser.add_argument("--reviews", type=Path, metavar="FILE", help="marks of review, to be told in the paper")
    parser.add_argument("--language", choices=tuple(available()), default="en")
    parser.set_defaults(command=lambda choices: _audit(choices, progress))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"not NAME=VALUE: {text}")
    return name.strip(), value


def _weight(text: str) -> tuple[str, int]:
    name, value = _pair(text)
    if not value.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"not a whole number: {value}")
    return name, int(value)


def _audit(choices: argparse.Namespace, progress: Progress) -> Result:
    with contextlib.ExitStack() as stack:
        business = stack.enter_context(open_business(choices.file))
        earlier = stack.enter_context(open_business(choices.earlier)) if choices.earlier else None
        found = audit(
            business,
            earlier=earlier,
            rules=choices.rules,
            zone=choices.zone,
            weights=dict(choices.weight),
            progress=progress,
            **dict(choices.set),
        )
        papers = _papers(found, choices, progress)
    language = Language(choices.language)
    facts = {
        "business": found.business,
        "sources": found.sources,
        "findings": found.to_arrow(language).to_pylist(),
        "population": found.population.to_arrow().to_pylist(),
        "scores": found.scores.to_arrow().to_pylist(),
        "papers": papers,
    }
    lines = [found.describe(language), ""]
    lines += [one_line(f"{language.text(SEVERITIES[row['severity']])}: {row['message']}") for row in facts["findings"]]
    lines += [f"Written: {path}" for path in papers]
    return not len(found), facts, "\n".join(lines)


def _papers(found: Findings, choices: argparse.Namespace, progress: Progress) -> list[Path]:
    reviews = Reviews(choices.reviews).of(found) if choices.reviews else None
    on: dt.date | None = choices.prepared_on
    return [
        found.export(
            path,
            language=choices.language,
            prepared_by=choices.prepared_by,
            prepared_on=on,
            reviews=reviews,
            progress=progress,
        )
        for path in choices.export
    ]
