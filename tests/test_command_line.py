"""What the commands tell: of proofs, and of what an import or a backup could not bring along."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager_nb import __main__ as command_line
from manager_nb.__main__ import main
from manager_nb.backup.create import create_backup
from manager_nb.errors import SourceBusyError

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


def test_an_import_tells_its_proof_as_json(
    himalaya_tar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "--json", str(himalaya_tar), str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert {"check": "Every record is the same, byte by byte", "ok": True, "detail": "695 / 695"} in told["checks"]
    assert told["path"].startswith(str(tmp_path))


def test_an_import_whose_second_check_fails_still_tells_where_it_is(
    himalaya_tar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_given: object, **_more: object) -> object:
        raise SourceBusyError("{name} is in use.", hint="Wait.", name="it")

    monkeypatch.setattr(command_line, "prove_import", busy)
    assert main(["import", "--json", str(himalaya_tar), str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["checks"] == []
    assert told["not_checked"] == "it is in use. Wait."
    assert "error" not in told


def test_an_empty_business_does_not_tell_a_revision_of_none(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(data / "small/Empty.manager")]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "Empty (the file does not tell its schema revision)"
    assert main(["verify", str(data / "small/Empty.manager")]) == 0
    assert "None" not in capsys.readouterr().out
