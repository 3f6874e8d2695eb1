"""All businesses of a server into a store: one that fails stops no other, and no History loses a row unseen."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb import errors
from manager_nb.__main__ import main
from manager_nb.backup.names import dated
from manager_nb.backup.store import HISTORY_SUFFIX, Retention, Store, fates
from manager_nb.server.everything import back_up_all
from tests.crafting import execute
from tests.server.conftest import TRADERS
from tests.server.live import at_nth
from tests.server.test_download import Impatient

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.serving import ManagerServer

SHOP = "आरोही स्टोर्स"


@pytest.fixture
def two(server: ManagerServer, data: Path) -> ManagerServer:
    server.store.add(SHOP, data / "small" / f"{SHOP}.manager.tar")
    return server


def test_every_business_has_its_folder_and_the_next_backup_is_compared(
    two: ManagerServer, client: mn.Server, tmp_path: Path
) -> None:
    first = back_up_all(client, tmp_path / "Store")
    assert [(one.business, one.ok, one.extension) for one in first] == [(TRADERS, True, None), (SHOP, True, None)]
    second = back_up_all(client, tmp_path / "Store", names=[SHOP])
    assert [(one.ok, one.extension and one.extension.added) for one in second] == [(True, 0)]
    kept = Store(tmp_path / "Store").backups(SHOP)
    assert [one.path for one in kept] == [one.backup.path for one in (*second, first[1]) if one.backup]
    assert kept[0].path.name.endswith("(2).manager.tar")
    assert [one.business for one in kept] == [SHOP, SHOP]


def test_a_history_that_lost_a_row_is_found_and_both_backups_become_evidence(
    two: ManagerServer, client: mn.Server, tmp_path: Path
) -> None:
    back_up_all(client, tmp_path / "Store", names=[TRADERS])
    execute(
        two.store.path(TRADERS),
        'DELETE FROM "Changes" WHERE "Key" = (SELECT "Key" FROM "Changes" ORDER BY "Timestamp" LIMIT 1 OFFSET 300)',
    )
    (found,) = back_up_all(client, tmp_path / "Store", names=[TRADERS])
    assert found.backup is not None
    assert not found.ok
    assert found.extension is not None
    assert len(found.extension.having("missing")) == 1
    assert json.loads((found.backup.path.parent / f"{found.backup.path.name}{HISTORY_SUFFIX}").read_bytes())["changed"]
    kept = Store(tmp_path / "Store").backups(TRADERS)
    assert [one.earlier for one in kept] == [kept[1].path.name, None]
    assert ["evidence" in fate.because for fate in fates(kept, Retention(0, 0, 0, 0))] == [True, True]


def test_one_that_fails_stops_no_other(two: ManagerServer, client: mn.Server, tmp_path: Path) -> None:
    two.wrong("/backup", lambda handler: handler.fail("IOException"))
    failed, fine = back_up_all(client, tmp_path / "Store")
    assert isinstance(failed.error, errors.ServerFailedError)
    assert fine.ok


def test_cancel_stops_all(client: mn.Server, tmp_path: Path) -> None:
    with pytest.raises(errors.CancelledError):
        back_up_all(client, tmp_path / "Store", progress=Impatient("Downloading"))


def test_what_a_killed_run_left_on_another_day_is_removed(client: mn.Server, tmp_path: Path) -> None:
    folder = Store(tmp_path / "Store").folder_of(TRADERS)
    folder.mkdir(parents=True)
    left = folder / f".{TRADERS} (2026-01-01).manager.tar.0123abcd.partial"
    left.touch()
    os.utime(left, (0, 0))
    (made,) = back_up_all(client, tmp_path / "Store")
    assert made.ok
    assert not left.exists()


def test_a_name_that_another_run_takes_meanwhile_is_no_failure(
    server: ManagerServer, client: mn.Server, tmp_path: Path
) -> None:
    folder = Store(tmp_path / "Store").folder_of(TRADERS)
    taken = folder / f"{dated(TRADERS, dt.datetime.now().astimezone().date())}.manager.tar"
    server.at_request = at_nth("POST", "/backup", 2, taken.touch)
    (made,) = back_up_all(client, tmp_path / "Store")
    assert made.ok
    assert made.backup is not None
    assert made.backup.path.name.endswith("(2).manager.tar")
    assert taken.read_bytes() == b""


def test_a_backup_that_is_not_whole_any_more_is_not_compared(client: mn.Server, tmp_path: Path) -> None:
    first, second = (back_up_all(client, tmp_path / "Store")[0].backup for _ in range(2))
    assert first is not None
    assert second is not None
    second.path.write_bytes(b"torn")
    (third,) = back_up_all(client, tmp_path / "Store")
    assert third.ok
    assert third.earlier == first.path


# ---- the command -----------------------------------------------------------------------------------------------------


def command(server: ManagerServer, folder: Path, *more: str) -> list[str]:
    return ["backup", "--all", server.url, str(folder), "--password-stdin", *more]


def test_the_command_tells_what_came_of_each_and_its_exit_code(
    two: ManagerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*more: str, password: str = "secret") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        code = main(command(two, tmp_path / "Store", *more))
        return code, "".join(capsys.readouterr())

    code, told = run("--json")
    assert (code, [one["ok"] for one in json.loads(told)["businesses"]]) == (0, [True, True])
    code, told = run("--business", SHOP, "--prune")
    assert (code, "0 new changes" in told, "Removed: " in told) == (0, True, True)  # the same day's first
    code, told = run("--business", SHOP, "--no-history")
    assert (code, "made without History, not compared" in told, "first backup" in told) == (0, True, False)
    execute(two.store.path(SHOP), 'DELETE FROM "Changes" WHERE "User" IS NOT NULL')
    code, told = run("--business", SHOP)
    assert (code, "LOOK" in told) == (1, True)
    code, told = run(password="wrong")
    assert (code, "does not know" in told, "wrong" in told) == (3, True, False)


def test_the_report_goes_on_night_by_night_also_where_nothing_could_be_done(
    two: ManagerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "a" / "report.txt"
    for password, code in (("secret", 0), ("wrong", 3)):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        assert main(command(two, tmp_path / "Store", "--report", str(report))) == code
    first, second, _ = report.read_text("utf-8").split("\n\n")
    assert (first.count("\nok "), second.count("\nFAILED ")) == (2, 1)
    assert (first.count(two.url), "wrong" in second) == (1, False)
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))
    assert main(command(two, tmp_path / "Store", "--report", str(tmp_path))) == 3
    assert "cannot be written here" in capsys.readouterr().err


def test_what_cannot_be_removed_hides_nothing_of_what_was_done(
    two: ManagerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*more: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))
        code = main(command(two, tmp_path / "Store", "--business", SHOP, "--business", TRADERS, *more))
        return code, "".join(capsys.readouterr())

    run()
    kept = Store(tmp_path / "Store").backups(SHOP)[0].path
    size = kept.stat().st_size
    unlink = type(kept).unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == kept:
            raise PermissionError(13, "open in another program")
        unlink(path, missing_ok)

    monkeypatch.setattr(type(kept), "unlink", refuse)
    code, told = run("--prune")
    assert (code, told.count("ok     "), told.count("Removed: ")) == (1, 2, 1)
    assert "NOT REMOVED" in told
    assert "open in another program" in told
    code, told = run("--prune", "--json")
    assert code == 1
    assert json.loads(told)["not_removed"] == [str(kept)]
    assert kept.stat().st_size == size


def test_a_business_that_is_not_there_is_a_failure_of_its_own(
    two: ManagerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))
    assert main(command(two, tmp_path, "--business", "Nobody", "--business", SHOP)) == 1
    assert "FAILED Nobody" in capsys.readouterr().out
