"""A new file gets its name when it is whole, never over another, and leaves nothing when it fails."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import (
    BusinessNameError,
    DiskFullError,
    ManagerNbError,
    TargetExistsError,
    TargetUnwritableError,
)
from manager_nb.format import placing
from manager_nb.format.placing import SUFFIX, partial, writing
from tests import processes

if TYPE_CHECKING:
    from pathlib import Path


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def place(folder: Path, name: str, content: bytes = b"whole") -> None:
    with partial(folder, name) as new:
        new.file.write(content)
        new.place(folder / name)


def test_a_file_gets_its_name_and_the_temporary_one_is_gone(tmp_path: Path) -> None:
    place(tmp_path, "Acme.manager")
    assert listing(tmp_path) == ["Acme.manager"]
    assert (tmp_path / "Acme.manager").read_bytes() == b"whole"


def test_what_was_synced_can_be_read_before_it_has_its_name(tmp_path: Path) -> None:
    with partial(tmp_path, "Acme.manager") as new:
        new.file.write(b"whole")
        new.sync()
        assert new.path.read_bytes() == b"whole"
        assert not (tmp_path / "Acme.manager").exists()
    assert listing(tmp_path) == []


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "Acme.manager").write_bytes(b"older")
    with pytest.raises(TargetExistsError, match="already a file"):
        place(tmp_path, "Acme.manager")
    assert (tmp_path / "Acme.manager").read_bytes() == b"older"
    assert listing(tmp_path) == ["Acme.manager"]


def test_a_name_taken_while_the_file_grew_is_not_replaced(tmp_path: Path) -> None:
    with partial(tmp_path, "Acme.manager") as new:
        new.file.write(b"mine")
        (tmp_path / "Acme.manager").write_bytes(b"theirs")
        with pytest.raises(TargetExistsError):
            new.place(tmp_path / "Acme.manager")
        new.place(tmp_path / "Acme(2).manager")
    assert (tmp_path / "Acme.manager").read_bytes() == b"theirs"
    assert (tmp_path / "Acme(2).manager").read_bytes() == b"mine"
    assert len(listing(tmp_path)) == 2


@pytest.mark.parametrize("taken", [False, True])
def test_a_file_system_without_links_does_not_replace_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links on this stick")

    monkeypatch.setattr(os, "link", refuse)
    if not taken:
        place(tmp_path, "Acme.manager")
        assert (tmp_path / "Acme.manager").read_bytes() == b"whole"
    else:
        (tmp_path / "Acme.manager").write_bytes(b"older")
        with pytest.raises(TargetExistsError):
            place(tmp_path, "Acme.manager")
        assert (tmp_path / "Acme.manager").read_bytes() == b"older"
    assert listing(tmp_path) == ["Acme.manager"]


def test_an_error_inside_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with partial(tmp_path, "Acme.manager") as new:
            new.file.write(b"half")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail()
    assert listing(tmp_path) == []


def test_what_a_killed_attempt_left_is_removed_by_the_next_and_only_that(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from manager_nb.format.placing import partial\n"
        "with partial(pathlib.Path(sys.argv[1]), 'Acme.manager') as new:\n"
        "    new.file.write(b'half'); new.file.flush(); os._exit(9)"
    )
    assert processes.run(code, tmp_path).returncode == 9
    others = [".Acme.manager.v2.12345678.partial", ".Acme.12345678.partial", "notes.partial", ".Acme.manager.partial"]
    for other in others:
        (tmp_path / other).write_bytes(b"someone else's")
    assert len(listing(tmp_path)) == 1 + len(others)
    place(tmp_path, "Acme.manager")
    assert listing(tmp_path) == sorted([*others, "Acme.manager"])


def test_a_file_that_another_is_still_writing_is_left_alone(tmp_path: Path) -> None:
    with partial(tmp_path, "Acme.manager") as first, partial(tmp_path, "Acme.manager") as second:
        first.file.write(b"first")
        second.file.write(b"second")
        first.place(tmp_path / "Acme.manager")
        second.place(tmp_path / "Acme(2).manager")
    assert (tmp_path / "Acme.manager").read_bytes() == b"first"
    assert (tmp_path / "Acme(2).manager").read_bytes() == b"second"


def test_the_longest_name_has_room_for_its_temporary_one(tmp_path: Path) -> None:
    name = "अ" * 82 + ".manager"  # 254 bytes
    place(tmp_path, name)
    with pytest.raises(TargetExistsError):
        place(tmp_path, name)
    assert listing(tmp_path) == [name]


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, DiskFullError),
        (errno.EDQUOT, DiskFullError),
        (errno.EFBIG, DiskFullError),
        (errno.ENAMETOOLONG, BusinessNameError),
        (errno.EACCES, TargetUnwritableError),
        (errno.EROFS, TargetUnwritableError),
        (errno.EEXIST, TargetExistsError),
    ],
)
def test_the_systems_refusals_say_what_to_do(tmp_path: Path, number: int, error: type[ManagerNbError]) -> None:
    with pytest.raises(error) as caught, writing(tmp_path / "Acme.manager"):
        raise OSError(number, os.strerror(number))
    assert "Acme.manager" in caught.value.message
    assert caught.value.hint


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TargetUnwritableError), partial(tmp_path / "file", "Acme.manager"):
        pass


def test_the_temporary_name_is_hidden_and_is_no_business(tmp_path: Path) -> None:
    with partial(tmp_path, "Acme.manager") as new:
        assert new.path.name.startswith(".Acme.manager.")
        assert new.path.name.endswith(SUFFIX)


def test_a_disk_that_fills_up_at_the_last_moment_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(placing.os, "fsync", full)
    with pytest.raises(DiskFullError):
        place(tmp_path, "Acme.manager")
    assert listing(tmp_path) == []


def test_what_killed_attempts_left_of_any_name_is_swept(tmp_path: Path) -> None:
    dead = [tmp_path / f".Acme (2026-05-{day}).manager.tar.0123abcd{SUFFIX}" for day in (13, 14)]
    other = [
        tmp_path / name for name in (f".x.zzzzzzzz{SUFFIX}", f"x.0123abcd{SUFFIX}", "Acme.manager", ".Acme.manager")
    ]
    for path in (*dead, *other):
        path.touch()
    placing.sweep(tmp_path)
    assert all(path.exists() for path in dead)  # so young that they may not be locked yet
    with partial(tmp_path, "Living.manager") as living:
        for path in (*dead, *other, living.path):
            os.utime(path, (0, 0))
        placing.sweep(tmp_path)
        assert living.path.exists()
    assert sorted(tmp_path.iterdir()) == sorted(other)
    placing.sweep(tmp_path / "nowhere")
