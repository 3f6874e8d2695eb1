"""What the benchmarks measure on is a business as the real program would have written it."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from benchmarks import decode
from benchmarks.grow import fixture, grow
from benchmarks.measure import measure
from benchmarks.run import CASES
from manager_nb.format.messages import decode as decode_one
from manager_nb.format.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection, Path]]:
    """The original, one three times as large, and the path of that."""
    with fixture() as source:
        path = tmp_path_factory.mktemp("grown") / "Grown.manager"
        assert grow(source, path, 3_000_000) == 3
        with (
            contextlib.closing(sqlite3.connect(source)) as original,
            contextlib.closing(sqlite3.connect(path)) as grown,
        ):
            yield original, grown, path


Business = tuple[sqlite3.Connection, sqlite3.Connection, "Path"]


def test_a_grown_business_is_sound_and_laid_out_like_the_original(business: Business) -> None:
    original, grown, _ = business
    assert grown.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    layout = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    assert grown.execute(layout).fetchall() == original.execute(layout).fetchall()
    for setting in ("auto_vacuum", "page_size", "journal_mode", "encoding"):
        assert grown.execute(f"PRAGMA {setting}").fetchone() == original.execute(f"PRAGMA {setting}").fetchone()


def test_settings_stay_single_and_everything_else_is_repeated(business: Business) -> None:
    original, grown, _ = business
    single = original.execute("SELECT COUNT(*) FROM Objects WHERE Key = ContentType").fetchone()[0]
    count = original.execute("SELECT COUNT(*) FROM Objects").fetchone()[0]
    assert grown.execute("SELECT COUNT(*) FROM Objects").fetchone()[0] == 3 * (count - single) + single
    commits = 'SELECT COUNT(DISTINCT "Commit") FROM Changes WHERE Object NOT IN (SELECT ContentType FROM Objects)'
    assert grown.execute(commits).fetchone()[0] == 3 * original.execute(commits).fetchone()[0]


def test_every_change_of_a_grown_business_is_linked_to_the_next_and_the_last_to_the_object(business: Business) -> None:
    last: dict[str, bytes | None] = {}
    for key, before, after in business[1].execute(
        "SELECT Object, ContentBefore, ContentAfter FROM Changes ORDER BY Timestamp, Key"
    ):
        assert last.get(key) == before
        last[key] = after
    contents = dict(business[1].execute("SELECT Key, Content FROM Objects"))
    assert [key for key, after in last.items() if contents.get(key) != after] == []


def test_references_of_a_copy_lead_to_objects_of_that_copy(business: Business) -> None:
    invoice = SCHEMA.named("SalesInvoice")
    assert invoice is not None
    real = "SELECT Content FROM Objects WHERE ContentType = ? AND Key <> ContentType"
    rows = business[1].execute(real, (invoice.guid,)).fetchall()
    customers = {decode_one(invoice, content).values["Customer"] for (content,) in rows}
    marks = ", ".join("?" * len(customers))
    found = business[1].execute(f"SELECT COUNT(*) FROM Objects WHERE Key IN ({marks})", tuple(customers)).fetchone()[0]
    assert found == len(customers)
    assert found % 3 == 0


def test_both_ways_of_decoding_meet_the_same_images(business: Business) -> None:
    _, grown, path = business
    images = grown.execute("SELECT COUNT(ContentBefore) + COUNT(ContentAfter) FROM Changes").fetchone()[0]
    told = measure("benchmarks.decode:ours", path)
    assert told["result"] == decode.naive(path) == images
    assert told["seconds"] > 0


@pytest.mark.parametrize("name", ["list_history", "backup", "verify"])
def test_both_ways_of_a_case_come_to_the_same(himalaya: Path, name: str) -> None:
    ours, naive = (measure(f"benchmarks.{name}:{way}", himalaya)["result"] for way in ("ours", "naive"))
    assert ours == naive
    assert ours


def test_every_case_can_be_measured(himalaya: Path) -> None:
    assert measure("benchmarks.first_page:ours", himalaya)["result"] == 25
    assert {case.module for case in CASES} >= {"benchmarks.list_history", "benchmarks.backup", "benchmarks.verify"}
