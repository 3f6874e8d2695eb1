"""A snapshot has what was committed, whatever another program does to the file, and never touches it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import CancelledError, SourceBusyError, SourceChangedError
from manager_nb.format import journals, snapshot
from manager_nb.format.snapshot import take
from tests import hostile
from tests.evidence import untouched
from tests.processes import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("held")
sys.stdin.readline()
connection.execute("COMMIT")
connection.close()
print("released")
sys.stdin.readline()
"""


class Other:
    """Another process that has a transaction open until it is told to commit it."""

    def __init__(self, path: Path, *statements: str) -> None:
        self._process = start(HOLD, path, *statements)
        self._hear("held")

    def release(self) -> None:
        self._say()
        self._hear("released")

    def end(self) -> None:
        self._say()
        self._say()
        self._process.communicate()

    def _say(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write("\n")
            self._process.stdin.flush()

    def _hear(self, word: str) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == word


@contextlib.contextmanager
def other(path: Path, *statements: str) -> Iterator[Other]:
    process = Other(path, *statements)
    try:
        yield process
    finally:
        process.end()


class Watcher:
    """A progress that calls somebody at each start, advance, or look at `cancelled`."""

    def __init__(
        self,
        on_start: Callable[[], None] = lambda: None,
        on_advance: Callable[[], None] = lambda: None,
        on_look: Callable[[], bool] = lambda: False,
    ) -> None:
        self._on_start, self._on_advance, self._on_look = on_start, on_advance, on_look

    @property
    def cancelled(self) -> bool:
        return self._on_look()

    def start(self, step: str, total: int | None = None) -> None:
        self._on_start()

    def advance(self, amount: int = 1) -> None:
        self._on_advance()

    def finish(self) -> None: ...


@pytest.fixture
def business(folder: Path, himalaya: Path) -> Path:
    path = folder / "X.manager"
    shutil.copyfile(himalaya, path)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir()
    return folder / "copy"


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "BUSY", 0.2)
    monkeypatch.setattr(snapshot, "_PAUSE", 0.01)


def count(path: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0])


def sound(path: Path) -> bool:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


def test_the_copy_is_the_file_byte_for_byte(business: Path, target: Path) -> None:
    with untouched(business):
        taken = take(business, target)
    assert target.read_bytes() == business.read_bytes()
    assert taken == snapshot.Snapshot(hashlib.sha256(business.read_bytes()).hexdigest(), 1064960, False, ())


@pytest.mark.parametrize("name", ["#?%&= 50%.manager", "हिमालय ट्रेडर्स.manager", 'it\'s "quoted" [x] (1).manager'])
def test_any_name_is_a_name(name: str, business: Path, target: Path) -> None:
    path = business.with_name(name.translate({ord(sign): "_" for sign in '?"'}) if os.name == "nt" else name)
    business.rename(path)
    take(path, target)
    assert target.read_bytes() == path.read_bytes()


def test_a_path_that_is_too_long_for_sqlite_is_copied_all_the_same(business: Path, target: Path) -> None:
    deep = business.parent.joinpath(*["बहुत लंबा नाम " * 4] * 5)
    deep.mkdir(parents=True)
    path = business.rename(deep / business.name)
    take(path, target)
    assert target.read_bytes() == path.read_bytes()


def test_a_writer_that_has_not_committed_is_not_seen(business: Path, target: Path) -> None:
    with other(business, "BEGIN IMMEDIATE", 'DELETE FROM "Objects"') as writer:
        with untouched(business):
            taken = take(business, target)
        assert taken.live
        assert count(target, "Objects") == 695
        writer.release()
    assert count(business, "Objects") == 0


def test_an_exclusive_lock_is_waited_for_and_then_named(business: Path, target: Path, hurry: None) -> None:
    refused = pytest.raises(SourceBusyError, match=r"X\.manager is locked")
    with other(business, "BEGIN EXCLUSIVE"), untouched(business), refused:
        take(business, target)
    assert not target.exists()


def test_a_lock_that_is_given_up_in_time_does_no_harm(business: Path, target: Path) -> None:
    with other(business, "BEGIN EXCLUSIVE", 'DELETE FROM "Emails"') as writer:
        looks = iter([writer.release])

        def look() -> bool:
            for release in looks:
                release()
                break
            return False

        taken = take(business, target, Watcher(on_look=look))
    assert taken.live
    assert count(target, "Emails") == 0
    assert sound(target)


def test_cancel_is_heeded_while_waiting(business: Path, target: Path) -> None:
    with other(business, "BEGIN EXCLUSIVE"), pytest.raises(CancelledError):
        take(business, target, Watcher(on_look=lambda: True))


def test_nobody_can_write_while_the_bytes_are_copied_and_everybody_can_afterwards(business: Path, target: Path) -> None:
    tried: list[str] = []

    def try_to_write() -> None:
        with other(business, "PRAGMA busy_timeout = 0", "BEGIN IMMEDIATE", 'DELETE FROM "Emails"') as writer:
            writer.release()  # COMMIT fails: the process ends instead of answering

    def advance() -> None:
        try:
            try_to_write()
        except AssertionError:
            tried.append("refused")

    take(business, target, Watcher(on_advance=advance))
    assert tried == ["refused"]
    assert count(target, "Emails") == 74
    try_to_write()
    assert count(business, "Emails") == 0


def test_a_hot_journal_is_played_back_in_the_copy_only(folder: Path, himalaya: Path, target: Path) -> None:
    path = hostile.hot_journal(himalaya, folder / "X.manager")
    assert path.read_bytes() != himalaya.read_bytes()
    with untouched(path):
        taken = take(path, target)
    assert taken.live
    assert taken.problems == ()
    assert taken.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert target.read_bytes() == himalaya.read_bytes()
    assert [found.name for found in target.parent.iterdir()] == ["copy"]


def test_a_journal_that_names_another_file_is_refused(folder: Path, himalaya: Path, target: Path) -> None:
    """SQLite would delete that file if it took it for the journal of several databases."""
    path = hostile.hot_journal(himalaya, folder / "X.manager")
    victim = folder / "precious"
    victim.write_bytes(b"something of the user's")
    name = str(victim).encode()
    with (folder / "X.manager-journal").open("ab") as file:
        numbers = (len(name), sum(name))
        file.write(bytes.fromhex("00040001") + name + b"".join(one.to_bytes(4, "big") for one in numbers))
        file.write(bytes.fromhex("d9d505f920a163d7"))
    with untouched(folder):
        taken = take(path, target)
    assert "left out" in taken.problems[0].what
    assert [found.name for found in target.parent.iterdir()] == ["copy"]


def test_a_journal_that_would_blow_up_the_file_is_refused(folder: Path, himalaya: Path, target: Path) -> None:
    path = hostile.hot_journal(himalaya, folder / "X.manager")
    hostile.patched(
        folder / "X.manager-journal",
        folder / "X.manager-journal",
        lambda raw: hostile.put(raw, 16, b"\x7f\xff\xff\xff"),
    )
    taken = take(path, target)
    assert "damaged" in taken.problems[0].what
    assert target.stat().st_size == path.stat().st_size


def test_what_is_in_the_log_of_a_wal_file_is_read(folder: Path, himalaya: Path, target: Path) -> None:
    path = hostile.with_wal(himalaya, folder / "X.manager", 'DELETE FROM "Emails"', 'CREATE TABLE "Later" (x)')
    with untouched(path):
        taken = take(path, target)
    assert taken.live
    assert count(target, "Emails") == 0
    assert sound(target)
    assert not journals.uses_wal(target.read_bytes()[: journals.HEAD])
    assert [found.name for found in target.parent.iterdir()] == ["copy"]


def test_a_program_that_has_a_wal_file_open_is_not_disturbed(folder: Path, himalaya: Path, target: Path) -> None:
    path = folder / "X.manager"
    shutil.copyfile(himalaya, path)
    with other(
        path, "PRAGMA journal_mode = wal", 'DELETE FROM "Emails"', "BEGIN IMMEDIATE", 'DELETE FROM "Images"'
    ) as one:
        with untouched(path):
            take(path, target)
        assert (count(target, "Emails"), count(target, "Images")) == (0, 4)
        one.release()
    assert count(path, "Images") == 0


def test_a_change_meanwhile_leads_to_another_try(business: Path, target: Path, hurry: None) -> None:
    pending = [1]

    def change() -> None:
        if pending:
            os.utime(business, ns=(pending[0], pending.pop()))

    taken = take(business, target, Watcher(on_advance=change))
    assert taken.live
    assert sound(target)


def test_a_file_that_keeps_changing_is_named(business: Path, target: Path, hurry: None) -> None:
    moments = iter(range(1, 1000))

    def change() -> None:
        now = next(moments)
        os.utime(business, ns=(now, now))

    with pytest.raises(SourceChangedError, match="changed while it was read"):
        take(business, target, Watcher(on_advance=change))


def test_a_change_that_the_clock_is_too_coarse_for_is_noticed(
    folder: Path, himalaya: Path, target: Path, hurry: None
) -> None:
    """In WAL mode nothing is locked: what is written within one tick of the clock leaves the time as it was."""
    path = hostile.patched(himalaya, folder / "X.manager", hostile.mark_as_wal)
    pending = [1]

    def write() -> None:
        if pending.pop() if pending else 0:
            seen = path.stat()
            with path.open("r+b") as file:
                file.seek(-1, 2)
                file.write(b"\x55")
            os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))

    take(path, target, Watcher(on_advance=write))
    assert target.read_bytes()[-1] == 0x55


def test_a_file_that_is_replaced_meanwhile_is_read_anew(
    business: Path, himalaya: Path, target: Path, hurry: None
) -> None:
    newer = hostile.altered(himalaya, business.with_name("newer"), 'DELETE FROM "Emails"')
    pending = [newer]

    def replace() -> None:
        if pending:
            pending.pop().replace(business)

    take(business, target, Watcher(on_advance=replace))
    assert count(target, "Emails") == 0
