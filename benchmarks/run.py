"""Measure manager_nb against a naive pure-Python reader in the same run: ``python -m benchmarks.run --size 500``.

Grows the demonstration business to that many megabytes in a temporary folder and runs every case on it, each call in a
process of its own: ours and the naive one in turn, and the best turn of each counts. The ratios are of processor time:
seconds by the clock say more about the machine, and about what else it does, than about the program.

To add a case, write a module with ``ours(path)`` and ``naive(path)`` that return the same result (a count, a digest),
and name it in :data:`CASES`. What the module's ``prepare(path)`` makes, if it has one, is given to both instead of the
path, and is not measured.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
MEMORY_BOUND = 1.2e9


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured.

    Attributes:
        title: what it is, for people.
        module: the module with ``ours`` and ``naive``.
        times: the naive way is to take at least so many times our processor time; None where no aim is set.
        seconds: our way is to take no longer by the clock; None where no aim is set.
        has_naive: whether there is a naive way to compare with.
    """

    title: str
    module: str
    times: float | None = None
    seconds: float | None = None
    has_naive: bool = True


CASES = (
    Case("decode all changes to Arrow", "benchmarks.decode", times=10),
    Case("the first page of History", "benchmarks.first_page", seconds=2, has_naive=False),
    Case("open, and list the History", "benchmarks.list_history"),
    Case("create a backup", "benchmarks.backup"),
    Case("verify in full", "benchmarks.verify"),
    Case("order 1,000,000 rows, show a page", "benchmarks.long_table", times=2),
    Case("the next page of 1,000,000 rows", "benchmarks.next_page", seconds=0.3, has_naive=False),
)


def run(case: Case, path: Path, repeat: int) -> bool:
    """Measure a case and print a line; returns whether it reaches its aims."""
    turns = [
        {
            way: in_own_process(f"{case.module}:{way}", path)
            for way in (("ours", "naive") if case.has_naive else ("ours",))
        }
        for _ in range(repeat)
    ]
    ours = best([turn["ours"] for turn in turns])
    line = f"{case.title:<36} {spent(ours)}, {megabytes(ours['peak'])}"
    reached = (ours["peak"] or 0) < MEMORY_BOUND and ours["seconds"] <= (case.seconds or ours["seconds"])
    if case.has_naive:
        naive = best([turn["naive"] for turn in turns])
        ratio = naive["processor"] / ours["processor"]
        line += f"; naive {spent(naive)}: {ratio:.1f} times as much"
        reached = reached and ratio >= (case.times or 0)
        if naive["result"] != ours["result"]:
            line += f"   RESULTS DIFFER: {ours['result']} and {naive['result']}"
            reached = False
    print(f"{line}   {'' if reached else 'AIM MISSED'}".rstrip(), flush=True)
    return reached


def best(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """The least time of several turns, since what disturbs a turn only ever adds to it, and the most memory."""
    least = min(turns, key=lambda turn: float(turn["processor"]))
    return {**least, "peak": max((turn["peak"] or 0 for turn in turns), default=0) or None}


def in_own_process(case: str, path: Path) -> dict[str, Any]:
    """What :mod:`benchmarks.measure` prints."""
    command = [sys.executable, "-m", "benchmarks.measure", case, str(path)]
    told: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return told


def spent(told: dict[str, Any]) -> str:
    """The times of a call."""
    return f"{told['processor']:6.2f} s of work in {told['seconds']:6.2f} s"


def megabytes(size: int | None) -> str:
    """A size in memory."""
    return "? MB" if size is None else f"{size / 1e6:.0f} MB"


@contextlib.contextmanager
def grown(size: int) -> Iterator[Path]:
    """A business of so many megabytes, made in a process of its own so that its memory is not counted as ours."""
    with tempfile.TemporaryDirectory(prefix="manager_nb-benchmark-") as folder:
        path = Path(folder) / "Grown.manager"
        subprocess.run([sys.executable, "-m", "benchmarks.grow", str(path), "--size", str(size)], cwd=ROOT, check=True)
        yield path


def main() -> int:
    """Run the cases; returns 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--size", type=int, default=500, help="megabytes of the business (default 500; 50 is quick)")
    parser.add_argument("--file", type=Path, help="measure on this .manager file instead of a grown one")
    parser.add_argument("--only", default="", help="only cases whose title has this in it")
    parser.add_argument("--repeat", type=int, default=3, help="turns of every case (default 3)")
    given = parser.parse_args()
    with contextlib.nullcontext(given.file) if given.file else grown(given.size) as path:
        reached = [run(case, path.absolute(), given.repeat) for case in CASES if given.only in case.title]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
