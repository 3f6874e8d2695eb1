"""The last backup of a business is found by what manifests say, and compared by its last change."""

from __future__ import annotations

import json
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.backup.known import KnownBackup, last_backup
from manager_nb.backup.manifest import beside
from manager_nb.model.business import open_business

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def live(tmp_path: Path, himalaya: Path) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    return shutil.copy(himalaya, tmp_path / "Live.manager")


def found(live: Path, *folders: Path) -> KnownBackup | None:
    with open_business(live) as business:
        return last_backup(business, folders)


def run(live: Path, sql: str) -> None:
    connection = sqlite3.connect(live)
    with connection:
        connection.execute(sql)
    connection.close()


#: The newest change once more, an hour later under another key.
ONE_MORE = """INSERT INTO Changes SELECT '00000000-0000-7000-8000-000000000001', {rest}
    FROM Changes ORDER BY Timestamp DESC LIMIT 1"""


def one_more(live: Path, shift: int) -> None:
    connection = sqlite3.connect(live)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(Changes)")]
    rest = ", ".join(f'"Timestamp" + {shift}' if name == "Timestamp" else f'"{name}"' for name in columns[1:])
    assert columns[0] == "Key"
    with connection:
        connection.execute(ONE_MORE.format(rest=rest))
    connection.close()


def test_nothing_changed_since_the_backup(live: Path, tmp_path: Path) -> None:
    made = create_backup(live, tmp_path / "a", emails=False)
    run(live, "PRAGMA user_version = 1")  # other bytes, so that not the file's digest tells
    known = found(live, tmp_path / "a")
    assert known is not None
    assert (known.path, known.since, known.itself, known.left_out) == (made.path, 0, False, ("emails",))


@pytest.mark.parametrize("shift", [36_000_000_000, -36_000_000_000], ids=["later", "clock set back"])
def test_a_change_since_the_backup_is_counted(live: Path, tmp_path: Path, shift: int) -> None:
    create_backup(live, tmp_path / "a")
    one_more(live, shift)
    known = found(live, tmp_path / "a")
    assert known is not None
    assert known.since == 1


def test_the_newest_of_several_is_taken_also_from_another_folder(live: Path, tmp_path: Path) -> None:
    first = create_backup(live, tmp_path / "a", name="first")
    second = create_backup(live, tmp_path / "b", name="second")
    for backup, day in ((first, 2), (second, 1)):
        manifest = json.loads(beside(backup.path).read_text("utf-8"))
        manifest["created"] = f"2026-05-0{day}T00:00:00Z"
        beside(backup.path).write_text(json.dumps(manifest), "utf-8")
    known = found(live, tmp_path / "b", tmp_path / "a", tmp_path / "nowhere")
    assert known is not None
    assert known.path == first.path


def test_a_backup_that_is_gone_or_another_file_by_now_is_none(live: Path, tmp_path: Path) -> None:
    backup = create_backup(live, tmp_path / "a").path
    with backup.open("ab") as file:
        file.write(b"x")
    assert found(live, tmp_path / "a") is None
    backup.unlink()
    assert found(live, tmp_path / "a") is None


def test_a_backup_of_another_business_is_none(live: Path, tmp_path: Path, data: Path) -> None:
    other = next(iter(sorted(data.glob("small/*.manager"))))
    create_backup(other, tmp_path / "a")
    assert found(live, tmp_path / "a") is None


def test_after_an_undo_of_its_last_change_it_is_known_by_the_name_and_said_to_be_unsure(
    live: Path, tmp_path: Path
) -> None:
    create_backup(live, tmp_path / "a")
    run(live, "DELETE FROM Changes WHERE Key = (SELECT Key FROM Changes ORDER BY Timestamp DESC, Key DESC LIMIT 1)")
    known = found(live, tmp_path / "a")
    assert known is not None
    assert known.since is None


def test_a_backup_that_is_opened_knows_itself(live: Path, tmp_path: Path) -> None:
    backup = create_backup(live, tmp_path / "a", history=False)
    known = found(backup.path, tmp_path / "a")
    assert known is not None
    assert known.itself
    assert known.since == 0
