"""The commands that look into the past and bring it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.__main__ import main
from tests.crafting import below
from tests.model.small_files import TICKS, content, record, write
from tests.restore.test_plan import BATCH, CUSTOMER, INVOICE, change

if TYPE_CHECKING:
    from pathlib import Path

    Captured = pytest.CaptureFixture[str]

LOSS = ["--as-at", "2025-10-27T20:50", "--zone", "Asia/Kolkata"]


def told(capsys: Captured) -> dict[str, object]:
    return dict(json.loads(capsys.readouterr().out))


def test_history_lists_what_was_asked(himalaya: Path, capsys: Captured) -> None:
    words = ["--user", "Ravi Kumar", "--type", "SalesInvoice", "--action", "update", "--zone", "Asia/Kolkata"]
    assert main(["history", str(himalaya), *words, "--from", "2025-07-01", "--to", "2025-07-31"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert "Sales Invoice — 1003" in said[0]
    assert said[1].startswith("1 of 1 change;")
    assert main(["history", str(himalaya), "--limit", "5"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("5 of 794 changes")


def test_history_of_a_record_and_of_actions(himalaya: Path, capsys: Captured) -> None:
    assert main(["history", str(himalaya), "--life", INVOICE, "--json"]) == 0
    assert [row["action"] for row in told(capsys)["rows"]] == ["create", "delete"]  # type: ignore[attr-defined]
    assert main(["history", str(himalaya), "--actions", "--limit", "0"]) == 0
    assert any(BATCH in line and " 8 changes" in line for line in capsys.readouterr().out.splitlines())


def test_actions_heed_what_was_asked_and_an_unknown_user_is_told(himalaya: Path, capsys: Captured) -> None:
    day = ["--from", "2025-09-27", "--to", "2025-09-27", "--zone", "Asia/Kolkata"]
    assert main(["history", str(himalaya), "--actions", "--user", "administrator", *day]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 of 1 action; times are Asia/Kolkata."
    assert main(["history", str(himalaya), "--actions", "--user", "nobody"]) == 0
    out = capsys.readouterr().out
    assert "No change is by nobody. Users are: Administrator," in out
    assert "0 of 0 actions" in out


def test_history_says_what_exactly_was_changed(himalaya: Path, capsys: Captured) -> None:
    words = ["history", str(himalaya), "--user", "Ravi Kumar", "--type", "SalesInvoice", "--action", "update"]
    words += ["--from", "2025-07-01", "--to", "2025-07-31", "--fields"]
    assert main([*words, "--zone", "Asia/Kolkata"]) == 0
    out = capsys.readouterr().out
    assert "2025-07-26 21:12:25" in out
    assert "    Lines — Qty (line 1): 9 → 14" in out
    assert main([*words, "--json"]) == 0
    assert told(capsys)["fields"][0]["after"] == "14"  # type: ignore[index]


def test_as_at_tells_the_certificate(himalaya: Path, capsys: Captured) -> None:
    assert main(["as-at", str(himalaya), "2025-09-30", "--zone", "Asia/Kolkata"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.endswith("as at 2025-09-30 23:59:59 Asia/Kolkata: exact")
    assert "ends at 2026-03-27" in second
    assert main(["as-at", str(himalaya), "2025-05-01", "--json"]) == 0
    facts = told(capsys)
    assert facts["certificate"] == "partial"
    assert [row["cause"] for row in facts["reasons"]] == ["undone"]  # type: ignore[attr-defined]
    assert main(["as-at", str(himalaya), "--commit", BATCH]) == 0


def test_compare_names_records_and_fields(himalaya: Path, capsys: Captured) -> None:
    moments = ["--left-as-at", "2025-09-27T15:22", "--right-as-at", "2025-09-27T15:23"]
    assert main(["compare", str(himalaya), str(himalaya), *moments]) == 0
    out = capsys.readouterr().out
    assert "Description: " in out
    assert "→ Recoded" in out
    assert "8 records differ, " in out


def test_a_restore_is_planned_then_applied(himalaya: Path, tmp_path: Path, capsys: Captured) -> None:
    words = ["restore", str(himalaya), *LOSS, "--key", INVOICE]
    assert main([*words, "--plan"]) == 0
    assert "needs it (Customer)" in capsys.readouterr().out
    target = tmp_path / "a.manager"
    assert main([*words, "--apply", str(target), "--by", "Auditor", "--reason", "lost", "--json"]) == 0
    assert told(capsys)["path"] == str(target)
    with mn.open_business(target) as result:
        assert {result.record(key).key for key in (INVOICE, CUSTOMER)} == {INVOICE, CUSTOMER}
        assert result.history.page(0, 1)["user"].to_pylist() == ["Auditor"]


def test_conflicts_are_an_exit_code_and_stop(himalaya: Path, tmp_path: Path, capsys: Captured) -> None:
    words = ["restore", str(himalaya), "--user", "Ravi Kumar", "--from", "2025-10-27", "--to", "2025-10-27"]
    assert main(words) == 1
    assert main([*words, "--language", "hi"]) == 1
    assert "टकराव" in capsys.readouterr().out
    assert main([*words, "--apply", str(tmp_path / "a.manager"), "--by", "A", "--reason", "b"]) == 3
    assert "P1859" in capsys.readouterr().err
    assert below(tmp_path) == []


@pytest.mark.parametrize(
    "words",
    [
        ["as-at"],
        ["as-at", "2025-13-01"],
        ["as-at", "2025-01-01", "--zone", "Mars"],
        ["history", "--least", "much"],
        ["restore", "--as-at", "2025-01-01", "--past", "x"],
    ],
)
def test_what_is_not_understood_is_told(himalaya: Path, words: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main([words[0], str(himalaya), *words[1:]])
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_restore_without_a_reason_is_refused(himalaya: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main(["restore", str(himalaya), *LOSS, "--key", INVOICE, "--apply", str(tmp_path / "a.manager")]) == 3
    assert "reason" in capsys.readouterr().err
    assert main(["restore", str(himalaya)]) == 3
    assert "Nothing was selected" in capsys.readouterr().err


@pytest.mark.parametrize(
    "narrower", [["--type", "Customer"], ["--key", "x"], ["--only-field", "Name"], ["--user", "R"]]
)
def test_everything_is_not_mixed_with_something_narrower(
    himalaya: Path, narrower: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", str(himalaya), "--as-at", "2025-09-30", "--everything", *narrower]) == 3
    told = capsys.readouterr()
    assert "together with something narrower" in told.err
    assert told.out == ""


def test_names_of_a_clients_file_forge_no_line_and_steer_no_terminal(tmp_path: Path, capsys: Captured) -> None:
    name = "x\n2026-01-01 00:00:00  Ravi  delete  everything\x1b[2J"
    before, after = (content("Customer", Name=called) for called in ("A", name))
    rows = [change(1, 50, None, before), change(2, 50, before, after)]
    path = write(tmp_path / "a.manager", [record(50, "Customer", TICKS, Name=name)], Changes=rows)
    for words in (["history", str(path), "--fields"], ["compare", str(path), str(path), "--left-as-at", str(TICKS)]):
        main(words)
        told = capsys.readouterr().out
        assert "everything" in told
        assert not any(line.startswith("2026-01-01") for line in told.splitlines())
        assert "\x1b" not in told
