"""The writer is killed at every step: afterwards the target is absent or whole, and the next attempt succeeds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.backup.verify import verify_backup
from manager_nb.format import steps
from manager_nb.model.business import open_business
from manager_nb.restore.importing import import_business
from tests import processes
from tests.crafting import below
from tests.evidence import untouched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KILLED = 9
BACKUP = "create_backup(sys.argv[1], folder, name='Store', compress=True)"
IMPORT = "import_business(sys.argv[1], folder, name='Store')"
ATTEMPT = """
import os, sys, tempfile, warnings
from manager_nb.backup.create import create_backup
from manager_nb.format import steps
from manager_nb.restore.importing import import_business

def attempt(number, folder):
    left = number
    def count(step):
        nonlocal left
        left -= 1
        if left < 0:
            os._exit(9)
    steps.watchers.append(count)
    {act}

warnings.simplefilter("ignore")  # of forking beside numpy's idle threads
tempfile.tempdir = sys.argv[2]  # what a killed process leaves there goes with the test
numbers = [int(number) for number in sys.argv[3].split(",")]
for number in numbers:
    folder = os.path.join(sys.argv[2], str(number))
    if len(numbers) == 1:
        attempt(number, folder)
    child = os.fork()  # much faster than a process that has to import everything again
    if child == 0:
        attempt(number, folder)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def kill_at(numbers: list[int], act: str, source: Path, folder: Path) -> list[int]:
    """Attempt it once for each number, in a folder of that name, killed when so many steps were reached; exit codes."""
    code = ATTEMPT.replace("{act}", act)
    if sys.platform == "linux":  # elsewhere a forked process is not sound
        done = processes.run(code, source, folder, ",".join(map(str, numbers)))
        assert done.stderr == ""
        return [int(line) for line in done.stdout.split()]
    return [processes.run(code, source, folder, number).returncode for number in numbers]


@pytest.fixture
def recorded() -> Iterator[list[str]]:
    """The steps that are reached."""
    found: list[str] = []
    steps.watchers.append(found.append)
    yield found
    steps.watchers.clear()


def steps_of(act: Callable[[], object], recorded: list[str]) -> list[str]:
    recorded.clear()
    act()
    assert recorded
    return list(recorded)


def left_over(folder: Path) -> list[str]:
    return [name for name in below(folder) if not name.endswith(".partial")] if folder.exists() else []


def test_a_backup_killed_at_any_step_is_absent_or_whole(data: Path, tmp_path: Path, recorded: list[str]) -> None:
    source = data / "small/आरोही स्टोर्स.manager.tar"
    told = steps_of(lambda: create_backup(source, tmp_path / "whole", name="Store", compress=True), recorded)
    assert {"compact copy made", "partial begun", "a piece written", "attachment written", "backup synced"} <= set(told)
    assert {"manifest synced", "verified", "before the name .zst", "after the name .json"} <= set(told)
    whole = {"Store.manager.tar.zst", "Store.manager.tar.zst.manifest.json"}
    seen = set()
    with untouched(source):
        codes = kill_at(list(range(len(told))), BACKUP, source, tmp_path)
    assert codes == [KILLED] * len(told)
    for number, step in enumerate(told):
        folder = tmp_path / str(number)
        there = set(left_over(folder))
        assert there <= whole, step
        seen.add(len(there))
        if there:
            assert verify_backup(folder / "Store.manager.tar.zst").ok, step
        else:
            create_backup(source, folder, name="Store", compress=True)
            assert below(folder) == sorted(whole), "the next attempt removes what this one left"
    assert seen == {0, 1, 2}


def test_an_import_killed_at_any_step_is_absent_or_whole(data: Path, tmp_path: Path, recorded: list[str]) -> None:
    source = data / "small/आरोही स्टोर्स.manager.tar"
    told = steps_of(lambda: import_business(source, tmp_path / "whole", name="Store"), recorded)
    assert {"partial begun", "a piece written", "attachment placed", "business placed", "verified"} <= set(told)
    seen = set()
    with open_business(source) as business:
        objects = list(business.objects())
    codes = kill_at(list(range(len(told))), IMPORT, source, tmp_path)
    assert codes == [KILLED] * len(told)
    for number, step in enumerate(told):
        folder = tmp_path / str(number)
        businesses = [name for name in left_over(folder) if name.startswith("Businesses/")]
        assert businesses in ([], ["Businesses/Store.manager"]), step
        seen.add(len(businesses))
        if businesses:
            with open_business(folder / businesses[0]) as placed:
                assert list(placed.objects()) == objects
                assert set(placed.attachments.to_pandas()["state"]) == {"present"}
        path = import_business(source, folder, name="Store")
        assert path.stem == ("Store(2)" if businesses else "Store"), step
    assert seen == {0, 1}
