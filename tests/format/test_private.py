"""Private copies do not outlive their use, however it ends."""

from __future__ import annotations

import gc
import os
import tempfile
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import DiskFullError
from manager_nb.format.private import PREFIX, PrivateFolder, folder_of
from tests.processes import run, start

if TYPE_CHECKING:
    from pathlib import Path

MAKE = "from manager_nb.format.private import PrivateFolder; folder = PrivateFolder(); (folder.path / 'x').touch()"


def test_it_goes_when_it_is_closed(temporary: Path) -> None:
    folder = PrivateFolder()
    (folder.path / "copy").write_bytes(b"a client's data")
    assert folder_of(folder.path / "copy") is folder
    folder.close()
    folder.close()
    assert list(temporary.iterdir()) == []


def test_it_goes_when_it_is_forgotten(temporary: Path) -> None:
    folder = PrivateFolder()
    assert len(list(temporary.iterdir())) == 1
    del folder
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_it_goes_when_the_program_ends(temporary: Path) -> None:
    for code in (MAKE, f"{MAKE}; raise SystemExit(3)", f"{MAKE}; 1 / 0"):
        run(f"import tempfile; tempfile.tempdir = {str(temporary)!r}; {code}")
        assert list(temporary.iterdir()) == []


def test_what_a_killed_program_left_goes_with_the_next(temporary: Path) -> None:
    killed = run(f"import os, tempfile; tempfile.tempdir = {str(temporary)!r}; {MAKE}; os._exit(9)")
    assert killed.returncode == 9
    (left,) = temporary.iterdir()
    PrivateFolder().close()
    assert left.is_dir()  # somebody else may be just about to lock it
    (lock,) = (path for path in left.iterdir() if path.name != "x")
    os.utime(lock, (0, 0))
    folder = PrivateFolder()
    assert list(temporary.iterdir()) == [folder.path] != [left]
    folder.close()


def test_what_another_program_uses_stays(temporary: Path) -> None:
    code = f"import tempfile; tempfile.tempdir = {str(temporary)!r}; {MAKE}; print('made'); input()"
    other = start(code)
    assert other.stdout is not None
    assert other.stdout.readline() == "made\n"
    PrivateFolder().close()
    (theirs,) = temporary.iterdir()
    assert (theirs / "x").exists()
    other.communicate("\n")
    assert list(temporary.iterdir()) == []


def test_folders_of_others_stay(temporary: Path) -> None:
    (temporary / f"{PREFIX}just-being-made").mkdir()
    (temporary / "something else").mkdir()
    PrivateFolder().close()
    assert len(list(temporary.iterdir())) == 2


def test_a_link_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "in use").touch()
    (temporary / f"{PREFIX}link").symlink_to(precious, target_is_directory=True)
    PrivateFolder().close()
    assert (precious / "in use").exists()


def test_old_folders_without_a_lock_go(temporary: Path) -> None:
    old = temporary / f"{PREFIX}old"
    old.mkdir()
    os.utime(old, (1, 1))
    PrivateFolder().close()
    assert list(temporary.iterdir()) == []


def test_no_place_for_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(DiskFullError, match="no place for a private copy"):
        PrivateFolder()
