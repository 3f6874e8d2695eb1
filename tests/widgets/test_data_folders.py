from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager_nb.widgets.data_folders import data_folder_around, is_data_folder

if TYPE_CHECKING:
    from pathlib import Path


def folders(top: Path, *names: str) -> Path:
    for name in names:
        (top / name).mkdir(parents=True)
    return top


@pytest.mark.parametrize("names", [("Businesses",), ("Blobs",), ("Packs", "Users")])
def test_managers_own_folders_tell_a_data_folder(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert is_data_folder(folders(tmp_path, *names))


def test_businesses_at_the_top_tell_an_older_one_and_backups_do_not(tmp_path: Path) -> None:
    backup = tmp_path / "Acme (2026-03-27).manager"
    backup.write_bytes(b"x")
    (tmp_path / f"{backup.name}.manifest.json").write_bytes(b"{}")
    (tmp_path / "Acme (2026-03-28).manager.tar").write_bytes(b"x")
    assert not is_data_folder(tmp_path)
    (tmp_path / "Acme.manager").write_bytes(b"x")
    assert is_data_folder(tmp_path)


@pytest.mark.parametrize("names", [(), ("Users",), ("Documents", "Manager backups")])
def test_other_folders_are_none(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert not is_data_folder(folders(tmp_path, *names))
    assert not is_data_folder(tmp_path / "not there")


def test_the_businesses_of_a_data_folder_stand_for_it(tmp_path: Path) -> None:
    folders(tmp_path, "Businesses", "Users")
    assert is_data_folder(tmp_path / "Businesses")
    assert data_folder_around(tmp_path / "Businesses") is None


@pytest.mark.parametrize("inside", ["Blobs/8c", "Businesses/Clients", "Users"])
def test_a_folder_inside_a_data_folder_names_it(tmp_path: Path, inside: str) -> None:
    top = folders(tmp_path / "Manager.io", "Businesses", "Blobs/8c", "Users", "Businesses/Clients")
    assert data_folder_around(top / inside) == top


def test_a_data_folder_below_stray_files_is_one_of_its_own(tmp_path: Path) -> None:
    top = folders(tmp_path / "Documents" / "Manager.io", "Businesses", "Users")
    (tmp_path / "Documents" / "Acme.manager").write_bytes(b"x")
    folders(tmp_path, "Users")
    assert data_folder_around(top) is None
