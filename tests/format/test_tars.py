"""An archive is listed whatever its writer, and nothing in a broken one stops or misleads the reader."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.format.tars import BLOCK, Content, Entry, begins_archive, entries
from tests import hostile

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.format.problems import Problem


def listed(archive: bytes) -> tuple[list[tuple[str, bytes]], list[Problem]]:
    problems: list[Problem] = []
    file = io.BytesIO(archive)
    found = [(entry.name, Content(io.BytesIO(archive), entry).read()) for entry in entries(file, problems)]
    return found, problems


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_every_form_is_listed(form: int) -> None:
    folders = "a folder/" * 12
    files = [("X.manager", b"1" * 1000), (f"{folders}X.manager", b""), ("हिमालय.manager", b"2" * 512)]
    archive = hostile.archive_of(*files, form=form)
    assert begins_archive(archive[:BLOCK])
    assert listed(archive) == (files, [])


def test_the_archives_of_manager_are_listed(data: Path) -> None:
    for path in data.rglob("*.tar"):
        with tarfile.open(path) as tar:
            told = [(entry.name, entry.offset_data, entry.size) for entry in tar]
        problems: list[Problem] = []
        with path.open("rb") as file:
            assert [(entry.name, entry.offset, entry.size) for entry in entries(file, problems)] == told
        assert problems == []


def test_a_large_size_in_binary_is_understood() -> None:
    archive = hostile.raw_header("big", b"\x80" + (5).to_bytes(11, "big")) + b"12345".ljust(BLOCK, b"\0")
    assert listed(archive) == ([("big", b"12345")], [])


def test_what_is_cut_off_is_counted() -> None:
    archive = hostile.archive_of(("a", b"1" * 600), ("b", b"2" * 600))
    cut = archive[: archive.index(b"2" * 600) + 100]
    problems: list[Problem] = []
    found = list(entries(io.BytesIO(cut), problems))
    assert [(entry.name, entry.size, entry.missing) for entry in found] == [("a", 600, 0), ("b", 100, 500)]
    assert "500 bytes of 'b' are missing" in problems[0].what


def test_a_header_that_is_cut_off_is_told() -> None:
    archive = hostile.archive_of(("a", b"1"), ("b", b"2"))
    found, problems = listed(archive[: archive.rindex(b"ustar")])
    assert found == [("a", b"1")]
    assert "cut short" in problems[0].what


def test_a_sparse_file_is_left_out() -> None:
    sparse = tarfile.TarInfo("sparse")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    assert listed(hostile.archive_of((sparse, b"0\n"), ("a", b"1"))) == ([("a", b"1")], [])


def test_a_name_of_a_megabyte_is_not_read() -> None:
    long = hostile.raw_header("long", b"%011o" % (2 << 20), b"L") + b"x" * (2 << 20)
    found, problems = listed(long + hostile.archive_of(("a", b"1")))
    assert found == [("a", b"1")]
    assert "name" in problems[0].what


def test_problems_without_end_are_not_all_told() -> None:
    found, problems = listed((hostile.raw_header("a", b"0") + hostile.noise(512)) * 1000)
    assert len(found) == 1000
    assert len(problems) == 100


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=4 * BLOCK), st.integers(0, 6 * BLOCK), st.data())
def test_nothing_raises_or_runs_for_ever(noise: bytes, start: int, more: st.DataObject) -> None:
    archive = bytearray(hostile.archive_of(("a" * 120, b"1" * 600), ("b", b"2")))
    archive[start : start + more.draw(st.integers(0, len(noise)))] = noise
    size = len(archive)
    for entry in entries(io.BytesIO(archive), []):
        assert 0 <= entry.offset <= size + BLOCK
        assert entry.offset + entry.size <= size or entry.size == 0


def test_a_content_is_a_file_of_its_own() -> None:
    archive = io.BytesIO(b"before|content|after")
    content = Content(archive, Entry("x", 7, 7))
    assert content.read() == b"content"
    assert (content.seek(-3, io.SEEK_END), content.read(2), content.tell()) == (4, b"en", 6)
    assert (content.seek(100), content.read()) == (100, b"")
    assert (content.seek(-200, io.SEEK_CUR), content.read(3)) == (0, b"con")
    content.close()
    assert archive.closed
