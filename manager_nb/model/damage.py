"""What the problems of a file mean for the books: which parts lack rows, how many, and what is no loss."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.problems import ABOUT, CUT, FAULT, LOST, TORN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.format.problems import Problem


@dataclass(frozen=True, slots=True)
class Part:
    """What is wrong with one part of a file.

    Attributes:
        where: "Objects", "Changes", "Emails", "Images", "attachments", "file", or another table.
        lost: how many rows are lost.
        about: whether that is an estimate.
        unknown: whether more may be lost, nobody knows how many.
        faults: of how many rows, or values in them, something is wrong.
    """

    where: str
    lost: int = 0
    about: bool = False
    unknown: bool = False
    faults: int = 0


@dataclass(frozen=True, slots=True)
class Damage:
    """The problems of a file, summed up.

    Attributes:
        torn: whether the file is probably a copy that was made while somebody was saving.
        cut: whether the file ends too early.
        parts: those of which something is lost or wrong.
        details: (where, what, how often) of every problem, for whoever mends files; the good news first.
    """

    torn: bool = False
    cut: bool = False
    parts: tuple[Part, ...] = ()
    details: tuple[tuple[str, str, int], ...] = ()

    @property
    def lossless(self) -> bool:
        """Whether nothing is lost or wrong for all that is told."""
        return not self.parts and not self.cut

    def lacks(self, *where: str) -> bool:
        """Whether rows of one of these parts are lost, or may be."""
        return any(part.where in where and (part.lost or part.unknown) for part in self.parts)


def summed(problems: Iterable[Problem]) -> Damage:
    """Sum up the problems of a file."""
    counts: dict[str, Counter[str]] = {}
    details: Counter[tuple[bool, str, str]] = Counter()
    effects = set()
    for problem in problems:
        effects.add(problem.effect)
        details[problem.effect != TORN, problem.where, problem.what] += 1
        part = counts.setdefault(problem.where, Counter())
        if problem.effect in (LOST, ABOUT):
            part["lost"] += problem.rows
            part["about"] += problem.effect == ABOUT
            part["unknown"] += not problem.rows
        elif problem.effect == FAULT:
            part["unknown" if problem.lost else "faults"] += 1
    parts = (
        Part(where, part["lost"], bool(part["about"]), bool(part["unknown"]), part["faults"])
        for where, part in counts.items()
        if part.total()
    )
    told = sorted(details.items(), key=lambda one: one[0][0])
    return Damage(
        TORN in effects,
        CUT in effects,
        tuple(sorted(parts, key=lambda part: _ORDER.index(part.where) if part.where in _ORDER else len(_ORDER))),
        tuple((where, what, count) for (_, where, what), count in told),
    )


_ORDER = ("Objects", "Changes", "Emails", "Images", "attachments", "file")
