"""A business is called as its file is, whatever the file is wrapped in."""

from __future__ import annotations

from pathlib import Path

import pytest

from manager_nb.format.businesses import absolute, business_in, business_name, data_folder_of, sort_entries
from manager_nb.format.tars import Entry


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Acme.manager", "Acme"),
        ("Acme.MANAGER", "Acme"),
        ("Acme (2026-03-27).manager.tar", "Acme (2026-03-27)"),
        ("Acme.manager.tar.zst", "Acme"),
        ("Acme.tar.gz", "Acme"),
        ("Two.dots.v2.manager", "Two.dots.v2"),
        ("Acme.manager.manager", "Acme.manager"),
        ("Acme", "Acme"),
        ("Acme.bak", "Acme.bak"),
        (".manager", ".manager"),
        ("आरोही स्टोर्स.manager", "आरोही स्टोर्स"),
    ],
)
def test_the_name_is_that_of_the_file(file: str, name: str) -> None:
    assert business_name(file) == name


def test_entries_of_an_archive_are_sorted_as_manager_sorts_them() -> None:
    names = [
        "A.manager",
        "x/a.Manager",
        "Blobs/aa/1",
        "./Blobs/aa/2",
        "BLOBS/3",
        "notes.txt",
        "._A.manager",
        "Blobs/aa/._1",
        "x/Blobs/4",
        "Blobs",
        "../A.manager",
    ]
    businesses, attachments = sort_entries(Entry(name, 0, 1) for name in names)
    assert {name: entry.name for name, entry in businesses.items()} == {
        "A": "A.manager",
        "a": "x/a.Manager",
        "A(2)": "../A.manager",
    }
    assert [entry.name for entry in attachments] == ["Blobs/aa/1", "./Blobs/aa/2", "BLOBS/3"]


def test_a_business_in_a_folder_below_is_found(tmp_path: Path) -> None:
    below = tmp_path / "Businesses" / "clients"
    below.mkdir(parents=True)
    (below / "Acme.manager").touch()
    (below / "._Acme.manager").touch()
    assert business_in(tmp_path, None) == below / "Acme.manager"


def test_attachments_lie_beside_the_folder_of_the_businesses() -> None:
    data = Path("/data")
    assert data_folder_of(data / "Businesses" / "X.manager") == data
    assert data_folder_of(data / "Trash" / "X.manager") == data
    assert data_folder_of(data / "X.manager") == data


def test_a_path_is_taken_as_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert absolute("x.manager") == tmp_path / "x.manager"
    assert absolute("~/x.manager") == tmp_path / "home" / "x.manager"
    assert absolute("~~/x.manager") == tmp_path / "~~" / "x.manager"
