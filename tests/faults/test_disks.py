"""A disk that is full and a folder that is read-only: a clear error, and nothing left behind."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.errors import DiskFullError, TargetError, TargetUnwritableError
from manager_nb.format import placing
from manager_nb.restore.importing import import_business, preview_import
from tests import processes
from tests.crafting import below

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

ACTS: dict[str, Callable[[Path, Path], object]] = {
    "backup": lambda source, folder: create_backup(source, folder, name="Store"),
    "compressed": lambda source, folder: create_backup(source, folder, name="Store", compress=True),
    "import": lambda source, folder: import_business(source, folder, name="Store"),
}


class Filling:
    """A file on a disk that has room for some bytes only."""

    def __init__(self, file: BinaryIO, room: int) -> None:
        self._file = file
        self._room = room

    def write(self, data: bytes) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("room", [0, 1_000, 100_000, 500_000])
def test_a_full_disk_is_told_and_nothing_left(
    himalaya_tar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str, room: int
) -> None:
    begin = placing.Partial.__init__

    def small(self: placing.Partial, path: Path, file: BinaryIO) -> None:
        begin(self, path, Filling(file, room if act != "compressed" else room // 10))  # type: ignore[arg-type]

    monkeypatch.setattr(placing.Partial, "__init__", small)
    with pytest.raises(DiskFullError) as caught:
        ACTS[act](himalaya_tar, tmp_path / "target")
    assert "Free some space" in caught.value.hint
    assert not (tmp_path / "target").exists()


LIMITED = """
import resource, sys
from manager_nb.backup.create import create_backup
from manager_nb.errors import DiskFullError
from manager_nb.model.business import open_business
class Limit:
    cancelled = False
    def start(self, step, total=None):
        if step == sys.argv[3]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    def advance(self, amount=1): pass
    def finish(self): pass
business = open_business(sys.argv[1])
try:
    create_backup(business, sys.argv[2], name='Store', progress=Limit())
except DiskFullError as error:
    print(error.hint)
"""

if sys.platform != "win32":  # where the system itself can be told to refuse

    @pytest.mark.parametrize("step", ["Copying", "Writing"])
    def test_the_system_refuses_to_write_on(himalaya_tar: Path, tmp_path: Path, step: str) -> None:
        done = processes.run(LIMITED, himalaya_tar, tmp_path / "target", step)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Free some space" in done.stdout
        assert not (tmp_path / "target").exists()


def read_only_folders() -> list[Path]:
    """Folders that nobody may write to, not even root."""
    places = [
        Path("/sys"),
        Path("/System"),
        Path(os.environ.get("SYSTEMROOT", "/nowhere"), "System Volume Information"),
    ]
    return [place for place in places if place.is_dir()]


@pytest.mark.parametrize("act", ACTS)
def test_a_folder_that_may_not_be_written_is_told(
    himalaya_tar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Root may write anywhere, so the refusal is played; a folder that refuses even root is tried below."""
    (tmp_path / "target").mkdir()

    def refuse(self: Path, mode: str = "r", *rest: object, **named: object) -> object:
        if "x" in mode and self.is_relative_to(tmp_path):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, mode, *rest, **named)  # type: ignore[arg-type]

    real = Path.open
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(TargetUnwritableError) as caught:
        ACTS[act](himalaya_tar, tmp_path / "target")
    assert "Choose a folder" in caught.value.hint
    assert below(tmp_path) == []


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("closed", ["target", "outer/target"])
def test_a_folder_that_may_not_be_looked_at_is_told(
    himalaya_tar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str, closed: str
) -> None:
    """As of a folder of mode 000: itself it can be seen, what is in it cannot."""
    outer = tmp_path / closed.split("/")[0]
    outer.mkdir()

    def refuse(self: Path, **named: bool) -> os.stat_result:
        if outer in self.parents:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, **named)

    real = Path.stat
    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(TargetUnwritableError) as caught:
        ACTS[act](himalaya_tar, tmp_path / closed)
    assert caught.value.path == tmp_path / closed
    with pytest.raises(TargetUnwritableError):
        preview_import(himalaya_tar, tmp_path / closed)
    monkeypatch.undo()
    assert below(tmp_path) == []


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["a" * 300, "null\0"])
def test_a_folder_of_a_name_that_cannot_be_is_told(himalaya_tar: Path, tmp_path: Path, act: str, name: str) -> None:
    folder = tmp_path / name
    with pytest.raises(TargetError) as caught:
        ACTS[act](himalaya_tar, folder)
    assert caught.value.hint
    with pytest.raises(TargetError):
        preview_import(himalaya_tar, folder)
    assert below(tmp_path) == []


if read_only_folders():

    @pytest.mark.parametrize("folder", read_only_folders(), ids=str)
    @pytest.mark.parametrize("act", ACTS)
    def test_a_folder_that_refuses_even_root_is_told(himalaya_tar: Path, folder: Path, act: str) -> None:
        before = set(folder.iterdir())
        with pytest.raises(TargetUnwritableError):
            ACTS[act](himalaya_tar, folder)
        assert set(folder.iterdir()) == before
