"""Damaged files: what can be read is read, nothing is invented, and what is lost is told."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import DamagedFileError, ManagerNbError
from manager_nb.model.business import open_business
from tests import hostile

if TYPE_CHECKING:
    from pathlib import Path

PAGE = 4096
SMALL = "small/आरोही स्टोर्स (2025-04-22).manager"
Rows = dict[str, tuple[str, bytes]]


def rows_of(path: Path) -> Rows:
    with open_business(path) as business:
        return {key: (kind, content) for key, kind, content in business.objects()}


@pytest.fixture(scope="module")
def sound(himalaya: Path) -> Rows:
    return rows_of(himalaya)


def damaged(himalaya: Path, folder: Path, change: dict[int, bytes]) -> Path:
    """A copy with these pages (counted from 0) replaced."""
    copy = folder / "damaged.manager"
    shutil.copyfile(himalaya, copy)
    with copy.open("r+b") as file:
        for page, content in change.items():
            file.seek(page * PAGE)
            file.write(content)
    return copy


@pytest.mark.parametrize("page", [1, 2, 20, 60, 100, 140, 180, 220])
def test_a_page_of_zeros_costs_few_rows_and_changes_none(
    himalaya: Path, sound: Rows, tmp_path: Path, page: int
) -> None:
    copy = damaged(himalaya, tmp_path, {page: bytes(PAGE)})
    found = rows_of(copy)
    assert found.items() <= sound.items()
    assert len(found) > len(sound) - 60
    with open_business(copy) as business:
        assert len(business.problems) > 0


def test_a_first_page_of_zeros_leaves_the_rows_readable(himalaya: Path, sound: Rows, tmp_path: Path) -> None:
    found = rows_of(damaged(himalaya, tmp_path, {0: bytes(PAGE)}))
    assert found.items() <= sound.items()
    assert len(found) > len(sound) * 0.9


@pytest.mark.parametrize("kept", [0.95, 0.6, 0.3])
def test_a_file_cut_short_gives_what_is_left_of_it(himalaya: Path, sound: Rows, tmp_path: Path, kept: float) -> None:
    copy = tmp_path / "cut.manager"
    raw = himalaya.read_bytes()
    copy.write_bytes(raw[: int(len(raw) * kept) // PAGE * PAGE])
    with open_business(copy) as business:
        found = {key: (kind, content) for key, kind, content in business.objects()}
        assert found.items() <= sound.items()
        assert found
        assert len(business.problems) > 0


def test_pages_of_noise_never_make_a_record_that_was_not_there(himalaya: Path, sound: Rows, tmp_path: Path) -> None:
    dice = random.Random(1)
    for _ in range(4):
        pages = dice.sample(range(himalaya.stat().st_size // PAGE), 12)
        copy = damaged(himalaya, tmp_path, {page: dice.randbytes(PAGE) for page in pages})
        with contextlib.suppress(DamagedFileError):  # noise may hit every page that names the tables
            assert rows_of(copy).items() <= sound.items()


def test_a_torn_backup_is_read_nearly_whole_and_called_what_it_is(data: Path) -> None:
    true = rows_of(data / "small" / "Restored by appending.manager")
    with open_business(data / "small" / "Torn backup.manager") as business:
        found = {key: (kind, content) for key, kind, content in business.objects()}
        told = " ".join(business.problems.to_arrow(["what"])["what"].to_pylist())
    same = sum(found.get(key) == row for key, row in true.items())
    assert same > 0.95 * len(true)
    assert "torn copy" in told


def test_the_damaged_file_is_not_touched(himalaya: Path, tmp_path: Path) -> None:
    copy = damaged(himalaya, tmp_path, {60: bytes(PAGE)})
    before = (copy.read_bytes(), copy.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    rows_of(copy)
    assert (copy.read_bytes(), copy.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before


def test_sqlite_itself_refuses_what_is_salvaged_here(himalaya: Path, tmp_path: Path) -> None:
    copy = damaged(himalaya, tmp_path, {0: bytes(PAGE)})
    with closing(sqlite3.connect(copy)) as database, pytest.raises(sqlite3.DatabaseError):
        database.execute("SELECT * FROM Objects").fetchall()


def flipped(business: Path, folder: Path, bit: int) -> Path:
    """A copy with one other bit, counted from the lowest of the first byte."""

    def flip(raw: bytearray) -> None:
        raw[bit // 8] ^= 1 << bit % 8

    return hostile.patched(business, folder / "flipped.manager", flip)


@pytest.mark.parametrize(
    ("around", "letter", "bit"),
    [
        (b"ix_Changes_Object", 4, 7),  # SQLite's own message about it is no text
        (b"ix_Changes_Timestamp", 0, 0),  # the list of tables and the SQL call the index differently
        (b', "User" TEXT', 0, 5),  # the SQL tells one column less than the rows have
        (b'"ContentType" TEXT', 6, 2),
        (b'"Key" TEXT', 2, 1),
        (b"tableChanges", 2, 5),
    ],
)
def test_a_flipped_bit_in_the_list_of_tables_costs_no_row(
    data: Path, tmp_path: Path, around: bytes, letter: int, bit: int
) -> None:
    raw = (data / SMALL).read_bytes()
    with open_business(flipped(data / SMALL, tmp_path, (raw.index(around) + letter) * 8 + bit)) as business:
        assert (len(list(business.objects())), len(business.history)) == (7, 9)
        assert business.history.to_arrow(["time"])["time"].null_count == 0
        assert "is damaged" in business.open_source.problems[0].what


def test_no_flipped_bit_in_the_list_of_tables_ends_in_an_error_of_another_family(data: Path, tmp_path: Path) -> None:
    true = rows_of(data / SMALL)
    opened = 0
    for bit in random.Random(1).sample(range(8 * PAGE), 100):
        with contextlib.suppress(ManagerNbError), open_business(flipped(data / SMALL, tmp_path, bit)) as business:
            assert {key: (kind, content) for key, kind, content in business.objects()} == true
            assert business.history.to_arrow().num_rows == 9
            opened += 1
    assert opened > 90


@pytest.mark.parametrize("index_too", [False, True])
def test_a_key_that_is_damaged_in_its_place_is_no_sound_row(data: Path, tmp_path: Path, index_too: bool) -> None:
    """The rows are out of order then: counting finds them all, looking one up by its key does not."""

    def patch(raw: bytearray) -> None:
        assert raw[19892:19896] == b"0195"
        raw[19893:19894] = b"5"
        if index_too:  # so that the file is not even read with quick_check
            raw[24600] = 0x0F

    with open_business(hostile.patched(data / SMALL, tmp_path / "x.manager", patch)) as business:
        told = [problem.what for problem in business.open_source.problems]
        rows = business.history.to_arrow(["change"])["change"].to_pylist()
    assert len(rows) == len(set(rows)) == 8
    assert not any("Every row can be read" in what or "no row is lost" in what for what in told)
    assert any("damaged and was left out" in what for what in told)
    assert any("it is lost" in what for what in told)
