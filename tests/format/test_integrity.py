"""SQLite's own examination is asked for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import CancelledError
from manager_nb.format.integrity import examine
from tests.evidence import untouched

if TYPE_CHECKING:
    from pathlib import Path


def test_a_sound_database_has_no_findings(himalaya: Path) -> None:
    with untouched(himalaya):
        assert examine(himalaya) == []


def test_damage_is_told_in_sqlites_words(data: Path, himalaya: Path, tmp_path: Path) -> None:
    assert any("page" in finding for finding in examine(data / "small/Torn backup.manager"))
    short = tmp_path / "one byte short"
    short.write_bytes(himalaya.read_bytes()[:-1])
    assert examine(short) != []


def test_what_is_no_database_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"no database" * 1000)
    assert examine(tmp_path / "text") == ["file is not a database"]


def test_cancel_is_heeded(himalaya: Path) -> None:
    class Cancelled:
        cancelled = True

        def start(self, step: str, total: int | None = None) -> None: ...
        def advance(self, amount: int = 1) -> None: ...
        def finish(self) -> None: ...

    with pytest.raises(CancelledError):
        examine(himalaya, Cancelled())
