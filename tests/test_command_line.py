"""The command line does not keep to itself what an import or a backup could not bring along."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager_nb.__main__ import main
from manager_nb.backup.create import create_backup

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def backup(himalaya_tar: Path, tmp_path: Path) -> Path:
    """A backup with attachments and its manifest."""
    return create_backup(himalaya_tar, tmp_path / "backups", name="Himalaya").path


def test_a_sound_import_warns_of_nothing(backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(backup), str(tmp_path / "data"), "--json"]) == 0
    told = capsys.readouterr()
    assert "Warning" not in told.err
    facts = json.loads(told.out)
    assert (facts["matches"], facts["missing"], facts["altered"]) == (True, [], [])


def test_an_import_tells_what_the_archive_does_not_have_any_more(
    backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = backup.read_bytes()
    backup.write_bytes(raw[:-30_000])
    assert main(["import", str(backup), str(tmp_path / "data"), "--json"]) == 0
    told = capsys.readouterr()
    facts = json.loads(told.out)
    assert facts["matches"] is False
    assert "contract.pdf" in facts["missing"]
    assert [line.partition(":")[0] for line in told.err.splitlines()] == ["Warning", "Warning"]
    assert "manifest" in told.err


def test_an_import_tells_which_attachments_were_altered(
    backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = bytearray(backup.read_bytes())
    raw[-20_000] ^= 1
    backup.write_bytes(raw)
    assert main(["import", str(backup), str(tmp_path / "data")]) == 0
    told = capsys.readouterr()
    assert "Warning: The content of 1 attachments is altered, and was not imported: contract.pdf" in told.err
    assert "Imported and verified" in told.out


def test_a_backup_of_a_damaged_business_says_so_and_where_the_list_is(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(data / "small" / "Torn backup.manager"), str(tmp_path), "--name", "Rescued"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith("Warning: The business itself has ")
    assert "Rescued.manager.manifest.json" in told.err
    assert "Created and verified" in told.out


def test_a_backup_of_a_sound_business_warns_of_nothing(
    himalaya: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(himalaya), str(tmp_path)]) == 0
    assert "Warning" not in capsys.readouterr().err
