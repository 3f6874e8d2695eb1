"""Manager's data folder: which is one, where things go in it, and that nothing in it is ever overwritten."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import TargetExistsError, TargetUnwritableError, VerificationError
from manager_nb.format.data_folder import (
    data_folder,
    holds_businesses,
    kept_if_done,
    make_folders,
    place_blob,
    place_business,
)
from tests.crafting import below

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"a receipt"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def made(folder: Path, *files: str) -> Path:
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize(
    ("files", "inside"),
    [
        (["Businesses/A.manager"], "Businesses"),
        (["A.manager"], "."),
        (["A.manager", "Businesses/B.manager"], "Businesses"),
        ([], "Businesses"),
        (["Users/x"], "Businesses"),
        (["A.manager.tar"], "Businesses"),
    ],
)
def test_businesses_are_where_manager_looks_for_them(tmp_path: Path, files: list[str], inside: str) -> None:
    folder = data_folder(made(tmp_path / "data", *files))
    assert folder.businesses == tmp_path / "data" / inside


def test_a_folder_that_does_not_exist_becomes_one(tmp_path: Path) -> None:
    assert data_folder(tmp_path / "new").businesses == tmp_path / "new" / "Businesses"
    assert below(tmp_path) == []


def test_naming_businesses_itself_means_its_data_folder(tmp_path: Path) -> None:
    made(tmp_path / "data", "Businesses/A.manager", "Packs/p.tar")
    assert data_folder(tmp_path / "data" / "Businesses").path == tmp_path / "data"


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TargetUnwritableError):
        data_folder(tmp_path / "file")


@pytest.mark.parametrize(
    ("files", "folder", "lists"),
    [
        (["Businesses/A.manager"], "Businesses", True),
        (["Businesses/x", "Users/y"], "Businesses", True),
        (["Businesses/x", "Users/y"], "Businesses/2025/March", True),
        (["Businesses/x", "Users/y"], ".", False),
        (["Businesses/Client/A.manager"], "Businesses/Client", False),
        ([f"{'0' * 32}.manager"], ".", True),
        (["A.manager"], ".", False),
    ],
)
def test_where_a_backup_would_show_up_as_a_business(tmp_path: Path, files: list[str], folder: str, lists: bool) -> None:
    made(tmp_path, *files)
    assert holds_businesses(tmp_path / folder) is lists


@pytest.mark.parametrize("beside", ["", "-journal", "-wal", "-shm"])
def test_a_name_is_not_free_while_a_journal_of_that_name_is_there(tmp_path: Path, beside: str) -> None:
    folder = data_folder(made(tmp_path, f"Businesses/A.manager{beside}"))
    assert not folder.is_free("A")
    assert folder.is_free("A(2)")


def test_a_content_goes_to_its_place_once(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    with kept_if_done() as undo:
        place_blob(folder, SHA256, io.BytesIO(CONTENT), undo)
    place = tmp_path / "Blobs" / SHA256[:2] / SHA256
    before = place.stat()
    with kept_if_done() as undo:
        place_blob(folder, SHA256, io.BytesIO(CONTENT), undo)
    assert place.read_bytes() == CONTENT
    assert place.stat().st_ino == before.st_ino
    assert place.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("there", [b"damaged", None])
def test_a_content_that_is_not_its_hash_is_refused(tmp_path: Path, there: bytes | None) -> None:
    folder = data_folder(tmp_path)
    if there is not None:
        made(tmp_path / "Blobs" / SHA256[:2])
        folder.blob(SHA256).write_bytes(there)
    before = below(tmp_path)

    def place() -> None:
        with kept_if_done() as undo:
            place_blob(folder, SHA256, io.BytesIO(CONTENT if there else b"something else"), undo)

    with pytest.raises(VerificationError) as caught:
        place()
    assert caught.value.hint
    assert below(tmp_path) == before


def test_a_failure_undoes_what_was_placed_and_the_folders_that_were_made(tmp_path: Path) -> None:
    made(tmp_path / "data", "Blobs/ab/kept")
    (tmp_path / "copy").write_bytes(b"business")

    def fail() -> None:
        folder = data_folder(tmp_path / "data")
        with kept_if_done() as undo:
            make_folders(folder.businesses, undo)
            place_blob(folder, SHA256, io.BytesIO(CONTENT), undo)
            place_business(folder, "A", tmp_path / "copy", undo)
            assert below(tmp_path / "data") == sorted(
                ["Blobs/ab/kept", f"Blobs/{SHA256[:2]}/{SHA256}", "Businesses/A.manager"]
            )
            raise RuntimeError("afterwards")

    with pytest.raises(RuntimeError, match="afterwards"):
        fail()
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "copy",
        "data",
        "data/Blobs",
        "data/Blobs/ab",
        "data/Blobs/ab/kept",
    ]


def test_a_business_is_never_overwritten(tmp_path: Path) -> None:
    folder = data_folder(made(tmp_path / "data", "Businesses/A.manager"))
    (tmp_path / "copy").write_bytes(b"business")

    def place() -> None:
        with kept_if_done() as undo:
            place_business(folder, "A", tmp_path / "copy", undo)

    with pytest.raises(TargetExistsError):
        place()
    assert (tmp_path / "data" / "Businesses" / "A.manager").read_bytes() == b""
    assert below(tmp_path / "data") == ["Businesses/A.manager"]
