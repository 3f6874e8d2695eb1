"""A source that another program holds or changes: a clear error or a consistent copy, never a hang, nothing left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.backup.verify import verify_backup
from manager_nb.errors import SourceBusyError, SourceChangedError
from manager_nb.format import steps
from manager_nb.format.database import Database
from manager_nb.format.digests import digest_tables
from manager_nb.model.business import open_business
from tests import processes
from tests.crafting import altered, execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute('BEGIN EXCLUSIVE')
connection.execute('UPDATE "Objects" SET "Timestamp" = "Timestamp"')
print('held', flush=True)
sys.stdin.readline()
connection.execute('ROLLBACK')
"""

SAVE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
print('ready', flush=True)
sys.stdin.readline()
for turn in range(200):
    connection.execute('BEGIN IMMEDIATE')
    connection.execute('UPDATE "Objects" SET "Timestamp" = ?', (turn,))
    connection.execute('UPDATE "Emails" SET "Timestamp" = ?', (turn,))
    connection.execute('COMMIT')
    if turn == 0:
        print('saving', flush=True)
"""


@pytest.fixture
def source(himalaya: Path, tmp_path: Path) -> Path:
    return altered(himalaya, tmp_path / "source" / "Himalaya.manager")


@pytest.fixture
def at_step() -> Iterator[Callable[[str, Callable[[], None]], None]]:
    """Runs something when the writer reaches a step."""
    yield lambda step, act: steps.watchers.append(lambda reached: act() if reached == step else None)
    steps.watchers.clear()


def test_a_source_locked_by_another_program_is_waited_for_and_then_told(source: Path, tmp_path: Path) -> None:
    holder = processes.start(HOLD, source)
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    began = time.monotonic()
    try:
        with pytest.raises(SourceBusyError) as caught:
            create_backup(source, tmp_path / "out")
    finally:
        holder.communicate("\n", timeout=60)
    assert time.monotonic() - began < 30
    assert caught.value.hint
    assert not (tmp_path / "out").exists()
    assert create_backup(source, tmp_path / "out").path.exists(), "once it is free again"


def test_while_another_program_saves_the_backup_is_of_one_moment(source: Path, tmp_path: Path) -> None:
    writer = processes.start(SAVE, source)
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("\n")
    writer.stdin.flush()
    assert writer.stdout.readline() == "saving\n"
    try:
        backup = create_backup(source, tmp_path / "out")
    finally:
        writer.communicate(timeout=120)
    assert writer.returncode == 0, "the other program was not disturbed"
    with open_business(backup.path) as copy:
        times = {
            row[0]
            for table in ("Objects", "Emails")
            for row in Database(copy.open_source.database).rows(f'SELECT DISTINCT "Timestamp" FROM "{table}"')
        }
    assert len(times) == 1
    assert verify_backup(backup.path).ok


def test_what_is_saved_while_the_backup_is_written_is_not_half_in_it(
    source: Path, himalaya: Path, tmp_path: Path, at_step: Callable[[str, Callable[[], None]], None]
) -> None:
    at_step("partial begun", lambda: execute(source, 'DELETE FROM "Emails"'))
    backup = create_backup(source, tmp_path / "out")
    with open_business(backup.path) as copy:
        assert digest_tables(copy.open_source.database) == digest_tables(himalaya)


def test_an_archive_that_changes_meanwhile_is_told(
    himalaya_tar: Path, tmp_path: Path, at_step: Callable[[str, Callable[[], None]], None]
) -> None:
    source = tmp_path / "source.tar"
    source.write_bytes(himalaya_tar.read_bytes())

    def change() -> None:
        source.write_bytes(himalaya_tar.read_bytes() + bytes(512))

    at_step("compact copy made", change)
    with pytest.raises(SourceChangedError) as caught:
        create_backup(source, tmp_path / "out")
    assert caught.value.hint
    assert not (tmp_path / "out").exists()
