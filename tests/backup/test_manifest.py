"""The manifest is the same for the same business, in the same order, and says what is in the backup."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from manager_nb.backup.create import create_backup
from manager_nb.backup.manifest import beside, history_head, read_manifest
from manager_nb.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [
    "format",
    "version",
    "tool",
    "created",
    "business",
    "source",
    "file",
    "choices",
    "tables",
    "types",
    "attachments",
    "history",
    "problems",
]


def test_the_same_business_gives_the_same_manifest(himalaya_tar: Path, tmp_path: Path) -> None:
    one, other = (create_backup(himalaya_tar, tmp_path / folder, name="Himalaya") for folder in ("a", "b"))
    for made in (one, other):
        del made.manifest["created"], made.manifest["file"]["sha256"]  # the archive tells the time, too
    assert json.dumps(one.manifest) == json.dumps(other.manifest)


def test_it_is_read_back_as_it_was_written(himalaya: Path, tmp_path: Path) -> None:
    made = create_backup(himalaya, tmp_path, name="हिमालय")
    paper = beside(made.path).read_bytes()
    assert read_manifest(made.path) == made.manifest
    assert list(made.manifest) == KEYS
    assert made.manifest["tool"] == f"manager_nb {__version__}"
    assert "हिमालय.manager".encode() in paper, "readable by people"
    assert paper.endswith(b"}\n")


def test_it_counts_by_table_and_by_type_as_the_program_does(data: Path, himalaya: Path, tmp_path: Path) -> None:
    told = json.loads((data / "himalaya/truth/counts.json").read_text("utf-8"))
    made = create_backup(himalaya, tmp_path)
    assert {table: found["rows"] for table, found in made.manifest["tables"].items()} == told["tables"]
    assert sum(made.manifest["types"].values()) == told["tables"]["Objects"]
    assert made.manifest["types"]["SalesInvoice"] == 190


def test_the_head_of_the_history_is_its_newest_change(himalaya: Path, tmp_path: Path) -> None:
    head = history_head(create_backup(himalaya, tmp_path, history=False).manifest)
    assert (head.rows, head.ticks) == (794, 639102162445450888)
    assert head.change == "019d2f8f-c547-7094-a9d0-d8719c6f3d37"
    assert head.time is not None
    assert head.time.isoformat() == "2026-03-27T13:50:44.545088+00:00"


def test_without_a_history_there_is_no_head(data: Path, tmp_path: Path) -> None:
    made = create_backup(data / "small/Empty.manager", tmp_path)
    assert made.manifest["history"]["newest"] is None
    assert history_head(made.manifest).change is None
