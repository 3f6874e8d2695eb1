"""A consistent copy or an honest no: downloads from a server on which people save, stall, break off and lie."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb import errors
from manager_nb.backup.manifest import beside
from manager_nb.format.checks import half_saved
from manager_nb.format.database import Database
from manager_nb.server import consistent, listing
from tests.crafting import below, contents, execute
from tests.server import wrongs
from tests.server.backups import PIECE, hashes, headers_of
from tests.server.conftest import TRADERS
from tests.server.live import at_nth
from tests.server.serving import serve_manager
from tests.server.users import User

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.server.serving import ManagerServer

SAVE = """UPDATE "Objects" SET "Timestamp" = "Timestamp" + 1 WHERE "Key" = '{}'"""
PLAIN, TAR = "application/x-manager", "application/x-tar"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Backups"


def saving(server: ManagerServer, *, at: int, times: int = 1) -> Callable[[str, int], None]:
    """Somebody who saves when a download has come so far, in so many downloads."""
    left = [times]
    path = server.store.path(TRADERS)
    with contextlib.closing(sqlite3.connect(path)) as file:
        keys = [key for (key,) in file.execute('SELECT "Key" FROM "Objects" WHERE length("Content") > 40 LIMIT 50')]

    def save(name: str, sent: int) -> None:
        if left[0] and at <= sent < at + PIECE and name == TRADERS:
            left[0] -= 1
            with server.store.lock:
                execute(path, *(SAVE.format(key) for key in keys))

    return save


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_a_download_is_the_file_of_the_server_with_attachments_and_a_manifest(
    server: ManagerServer, client: mn.Server, folder: Path
) -> None:
    backup = client.download(TRADERS, folder)
    inside = contents(backup.path)
    raw = server.store.path(TRADERS).read_bytes()
    assert inside.pop(f"{TRADERS}.manager") == raw
    assert {name.rpartition("/")[2] for name in inside} == set(hashes(server.store.path(TRADERS)))
    assert json.loads(beside(backup.path).read_bytes()) == backup.manifest
    told = backup.manifest
    assert told["file"]["sha256"] == hashlib.sha256(backup.path.read_bytes()).hexdigest()
    assert told["file"]["database"] == {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    assert told["business"]["name"] == TRADERS
    assert (told["attachments"]["contents"], told["attachments"]["missing"]) == (25, [])
    assert told["consistent"] == {"because": consistent.SAME_BYTES, "downloads": 1}
    assert mn.verify_backup(backup.path, "restore").ok
    assert sorted(below(folder)) == sorted([backup.path.name, beside(backup.path).name])


def test_without_attachments_it_is_the_plain_file(server: ManagerServer, client: mn.Server, folder: Path) -> None:
    backup = client.download(TRADERS, folder, attachments=False, file_name="Year end")
    assert backup.path.name == "Year end.manager"
    assert backup.path.read_bytes() == server.store.path(TRADERS).read_bytes()
    assert backup.manifest["attachments"] | {"bytes": 0} == {
        "listed": 25, "contents": 0, "bytes": 0, "outside_the_database": 0, "missing": [], "altered": []
    }  # fmt: skip
    assert mn.verify_backup(backup.path).ok


def test_emails_and_history_are_left_out_here_since_the_server_cannot(client: mn.Server, folder: Path) -> None:
    backup = client.download(TRADERS, folder, emails=False, history=False, compress=True)
    assert backup.path.name.endswith(".manager.tar.zst")
    assert backup.manifest["business"]["name"] == TRADERS
    with mn.open_business(backup.path) as business:
        assert (len(business.history), len(business.emails)) == (0, 0)
        assert business.summary()["count"].sum() == 695
    assert mn.verify_backup(backup.path).ok
    assert len(below(folder)) == 2


def test_identity_is_asked_for_and_the_session_is_ended(server: ManagerServer, folder: Path) -> None:
    with mn.Server(server.url, "administrator", "secret", pauses=()) as client:
        client.download(TRADERS, folder)
    assert {headers["Accept-Encoding"] for _, _, headers in server.requests} == {"identity"}
    assert server.users.sessions == 0


def test_an_existing_file_is_not_replaced_and_nothing_is_asked_for(
    server: ManagerServer, client: mn.Server, folder: Path
) -> None:
    client.download(TRADERS, folder)
    asked = server.asked("/backup")
    with pytest.raises(errors.TargetExistsError, match=r"\(2\)"):
        client.download(TRADERS, folder)
    assert server.asked("/backup") == asked


def test_missing_and_altered_attachments_are_named(server: ManagerServer, client: mn.Server, folder: Path) -> None:
    gone, changed = hashes(server.store.path(TRADERS))[:2]
    server.store.blob(gone).unlink()
    server.store.blob(changed).write_bytes(b"something else")
    told = client.download(TRADERS, folder).manifest["attachments"]
    assert [one["sha256"] for one in told["missing"]] == [gone]
    assert [one["sha256"] for one in told["altered"]] == [changed]
    assert told["missing"][0]["name"]


@pytest.mark.parametrize(
    "name", ["अन्नपूर्णा ट्रेडर्स", "R&D 'Test' (1) 100% #2 + ?=", "ü" * 119 + "x", "back\\slash", "..x"]
)
def test_names_of_every_kind_are_found_and_stay_in_the_folder(
    tmp_path: Path, himalaya: Path, folder: Path, name: str
) -> None:
    with (
        serve_manager(tmp_path / "s", {name: himalaya}) as server,
        mn.Server(server.url, "administrator", "secret") as it,
    ):
        assert it.businesses() == [name]
        backup = it.download(name, folder)
    assert backup.path.parent == folder
    assert backup.manifest["business"]["name"] == name


def test_names_that_would_be_paths_stay_in_the_folder(server: ManagerServer, client: mn.Server, folder: Path) -> None:
    evil = {"businesses": [{"name": "../../evil"}]}
    server.wrong("/api4/businesses", wrongs.data(json.dumps(evil).encode(), "application/json"))
    server.wrong("/backup", wrongs.data(server.store.path(TRADERS).read_bytes(), PLAIN), times=2)
    backup = client.download("../../evil", folder, attachments=False)
    assert backup.path.parent == folder
    assert len(below(folder.parent / "Backups")) == 2


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_who_may_not_is_told(tmp_path: Path, himalaya: Path, folder: Path) -> None:
    users = {"meera": User(administrator=False, businesses={"Acme"}), "nobody": User(administrator=False)}
    with serve_manager(tmp_path / "s", {"Acme": himalaya, "Other": himalaya}, users=users) as server:
        with mn.Server(server.url, "meera", "secret") as meera:
            assert meera.businesses() == ["Acme"]
            with pytest.raises(errors.NotAllowedError):
                meera.download("Acme", folder)
            with pytest.raises(errors.UnknownBusinessError, match="Acme"):
                meera.download("Other", folder)
            with pytest.raises(errors.NotAllowedError):
                meera.history("Acme")
        with mn.Server(server.url, "nobody", "secret") as nobody, pytest.raises(errors.UnknownBusinessError):
            nobody.download("Acme", folder)
    assert not folder.exists()


def test_history_from_afar_has_no_time_that_could_be_mistaken(client: mn.Server) -> None:
    told = client.history(TRADERS).to_pandas()
    assert list(told.columns) == ["row", "user", "action", "description", "time_without_am_or_pm"]
    assert len(told) == 794
    assert set(told["action"]) == {"create", "update", "delete"}
    with pytest.raises(errors.UnknownBusinessError, match="called Nobody"):
        client.history("Nobody")


def test_a_server_that_offers_no_history_from_afar_is_told_as_that(server: ManagerServer, client: mn.Server) -> None:
    server.wrong("/api2/history", lambda handler: handler.json(404, {"error": "not_found"}))
    with pytest.raises(errors.ServerFailedError, match="does not tell the History"):
        client.history(TRADERS)


def test_a_history_from_afar_holds_what_can_be_held_and_has_an_end(
    server: ManagerServer, client: mn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"timestamp": "2026-11-24T05:11:25Z", "user": "\ud800", "description": "\0", "action": "Create"}
    page = wrongs.data(json.dumps({"history": [row] * 2}).encode(), "application/json")
    server.wrong("/api2/history", page)
    assert set(client.history(TRADERS).to_pandas()["user"]) == {"?"}
    monkeypatch.setattr(listing, "_PAGE", 2)
    monkeypatch.setattr(listing, "_MOST", 20)
    server.wrong("/api2/history", page, times=1000)
    with pytest.raises(errors.NotManagerError):
        client.history(TRADERS)


# ---- torn copies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attachments", [True, False], ids=["tar", "plain"])
@pytest.mark.parametrize("at", [16 << 10, 200 << 10, 600 << 10])
def test_a_copy_made_during_a_save_is_made_anew(
    server: ManagerServer, folder: Path, at: int, attachments: bool
) -> None:
    server.at_piece = saving(server, at=at)
    with mn.Server(server.url, "administrator", "secret", pauses=(0, 0)) as client:
        backup = client.download(TRADERS, folder, attachments=attachments)
    assert backup.manifest["consistent"]["downloads"] == 2
    assert (
        backup.manifest["file"]["database"]["sha256"]
        == hashlib.sha256(server.store.path(TRADERS).read_bytes()).hexdigest()
    )


def test_where_nobody_stops_saving_there_is_no_backup(server: ManagerServer, folder: Path) -> None:
    server.at_piece = saving(server, at=16 << 10, times=99)
    with (
        mn.Server(server.url, "administrator", "secret", pauses=(0, 0)) as client,
        pytest.raises(errors.TornCopyError, match="quiet hour"),
    ):
        client.download(TRADERS, folder)
    assert not folder.exists()


def test_by_the_change_counter_alone_the_same_is_found(
    server: ManagerServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consistent, "_SMALL", 0)
    server.at_piece = saving(server, at=200 << 10)
    with mn.Server(server.url, "administrator", "secret", pauses=(0,)) as client:
        backup = client.download(TRADERS, folder)
    assert backup.manifest["consistent"] == {"because": consistent.SAME_COUNTER, "downloads": 2}


def test_a_copy_that_passes_sqlite_but_is_behind_its_history_is_none(
    server: ManagerServer, client: mn.Server, folder: Path
) -> None:
    """The mark of a save of which half is there: what SQLite's own examination does not see."""
    path = server.store.path(TRADERS)
    newest = (
        'SELECT "Object", "ContentBefore" FROM "Changes" WHERE "ContentBefore" IS NOT NULL'
        ' AND "ContentAfter" IS NOT NULL ORDER BY "Timestamp" DESC LIMIT 1'
    )
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        key, before = file.execute(newest).fetchone()
        file.execute('UPDATE "Objects" SET "Content" = ? WHERE "Key" = ?', (before, key))
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert half_saved(Database(path)) == 1
    with pytest.raises(errors.DamagedFileError, match="itself"):  # it is so on the server: nobody is saving
        client.download(TRADERS, folder)
    assert not folder.exists()


def test_in_wal_mode_the_counter_is_not_believed(
    server: ManagerServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consistent, "_SMALL", 0)
    execute(server.store.path(TRADERS), "PRAGMA journal_mode = WAL")
    with mn.Server(server.url, "administrator", "secret", pauses=(0,)) as client:
        assert client.download(TRADERS, folder).manifest["consistent"]["because"] == consistent.SAME_BYTES


def test_a_business_that_is_damaged_on_the_server_is_told_from_a_torn_copy(
    server: ManagerServer, client: mn.Server, folder: Path
) -> None:
    path = server.store.path(TRADERS)
    data = bytearray(path.read_bytes())
    data[40 * 4096 : 41 * 4096] = bytes(4096)
    path.write_bytes(data)
    with pytest.raises(errors.DamagedFileError, match="damaged on"):
        client.download(TRADERS, folder, attachments=False)
    assert not folder.exists()


# ---- everything else that is not a backup ----------------------------------------------------------------------------


def test_a_backup_that_somebody_else_makes_is_waited_for(server: ManagerServer, folder: Path) -> None:
    somebody = server.slots.of(TRADERS, None)  # type: ignore[arg-type]
    with mn.Server(server.url, "administrator", "secret", pauses=(0,)) as client:
        with somebody, pytest.raises(errors.ServerBusyError):
            client.download(TRADERS, folder)
        assert server.asked("/backup") == 2
        assert not folder.exists()
        assert client.download(TRADERS, folder).path.exists()


NO_BACKUPS = {
    "login page": wrongs.page("<title>Login</title>"),
    "login page as a download": wrongs.page("<title>Login</title>" + " " * 600, 200, Content_Type=TAR),
    "unknown business": wrongs.page("<script>window.location.href = '/businesses';</script>"),
    "empty": wrongs.data(b"", TAR),
    "zeros": wrongs.data(bytes(2560), TAR),
    "gzip": wrongs.data(b"x" * 600, TAR, Content_Encoding="gzip"),
    "another kind": wrongs.data(b"SQLite format 3\0" + bytes(600), PLAIN),
    "not found": wrongs.page("", 404),
}


@pytest.mark.parametrize("what", NO_BACKUPS.values(), ids=NO_BACKUPS.keys())
def test_what_is_no_backup_never_becomes_one(
    server: ManagerServer, client: mn.Server, folder: Path, what: wrongs.Wrong
) -> None:
    server.wrong("/backup", what)
    with pytest.raises(errors.NotManagerError):
        client.download(TRADERS, folder)
    assert not folder.exists()


@pytest.mark.parametrize("place", [1, 2], ids=["the backup", "the second look"])
def test_a_session_that_ends_right_before_a_download_is_begun_again(
    server: ManagerServer, client: mn.Server, folder: Path, place: int
) -> None:
    server.at_request = at_nth("POST", "/backup", place, server.users.end_sessions)
    assert client.download(TRADERS, folder).manifest["consistent"]["downloads"] == 1


def test_an_error_of_the_server_is_told(server: ManagerServer, client: mn.Server, folder: Path) -> None:
    server.wrong("/backup", lambda handler: handler.fail("IOException"))
    with pytest.raises(errors.ServerFailedError, match="IOException"):
        client.download(TRADERS, folder)


@pytest.mark.parametrize("attachments", [True, False], ids=["tar", "plain"])
def test_half_a_transfer_is_none_and_is_tried_again(server: ManagerServer, folder: Path, attachments: bool) -> None:
    data = server.store.path(TRADERS).read_bytes()
    half = wrongs.short(data[: len(data) // 2], PLAIN, len(data))
    torn_off = wrongs.cut(2560 * b"\0" if not attachments else _tar_head(data), TAR)
    server.wrong("/backup", torn_off if attachments else half, times=2)
    with mn.Server(server.url, "administrator", "secret", pauses=(0,)) as client:
        with pytest.raises(errors.ServerUnreachableError, match="broke"):
            client.download(TRADERS, folder, attachments=attachments)
        assert not folder.exists()
        assert client.download(TRADERS, folder, attachments=attachments).path.exists()


def _tar_head(data: bytes) -> bytes:
    return headers_of(f"{TRADERS}.manager", len(data)) + data[:100_000]


def test_a_stream_without_an_end_ends_before_the_disk_is_full(
    server: ManagerServer, client: mn.Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manager_nb.server.transfer._LOOK_AT_ROOM", 1 << 20)
    room = iter([1 << 40, 1 << 40, 0])
    monkeypatch.setattr("manager_nb.server.transfer._free", lambda _folder: next(room))
    server.wrong("/backup", wrongs.endless(_tar_head(bytes(100_000)), TAR))
    with pytest.raises(errors.DiskFullError):
        client.download(TRADERS, folder)
    assert not folder.exists()


class Impatient:
    """Cancels when a step has begun and so much of it is done."""

    def __init__(self, step: str) -> None:
        self.cancelled = False
        self.steps: list[str] = []
        self._step = step

    def start(self, step: str, total: int | None = None) -> None:
        self.steps.append(step)
        self.cancelled = step == self._step

    def advance(self, amount: int = 1) -> None:
        """Nothing is counted."""

    def finish(self) -> None:
        """Nothing is counted."""


@pytest.mark.parametrize(
    "step", ["Downloading", "Comparing with a second download", "Checking", "Waiting for a quiet moment"]
)
def test_cancel_is_heard_at_every_step_and_leaves_nothing(server: ManagerServer, folder: Path, step: str) -> None:
    server.at_piece = saving(server, at=16 << 10) if step.startswith("Waiting") else server.at_piece
    with (
        mn.Server(server.url, "administrator", "secret", pauses=(60,)) as client,
        pytest.raises(errors.CancelledError),
    ):
        client.download(TRADERS, folder, progress=Impatient(step))
    assert not folder.exists()
    assert server.slots.taken == {} or step == "Downloading"


def test_a_download_tells_its_steps(client: mn.Server, folder: Path) -> None:
    progress = Impatient("")
    client.download(TRADERS, folder, progress=progress)
    assert progress.steps[0] == "Downloading"
    assert "Comparing with a second download" in progress.steps
