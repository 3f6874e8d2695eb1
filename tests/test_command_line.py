"""What the commands tell of an import and of an empty business."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from manager_nb import __main__ as command_line
from manager_nb.__main__ import main
from manager_nb.errors import SourceBusyError

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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
