"""Import Business on a server: what arrives is proven, since the server answers the same whatever came of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb import errors
from manager_nb.format.schema import SCHEMA_TYPE
from manager_nb.server import sending
from tests.crafting import altered, archive, attach
from tests.server import wrongs
from tests.server.backups import hashes
from tests.server.conftest import TRADERS
from tests.server.live import at_nth
from tests.server.serving import serve_manager
from tests.server.test_download import Impatient
from tests.server.users import User

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.serving import ManagerServer


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[ManagerServer]:
    with serve_manager(tmp_path / "empty") as running:
        yield running


@pytest.fixture
def importer(empty: ManagerServer) -> Iterator[mn.Server]:
    with mn.Server(empty.url, "administrator", "secret", pauses=()) as opened:
        yield opened


def test_a_business_arrives_with_its_bytes_and_its_attachments(
    empty: ManagerServer, importer: mn.Server, himalaya_tar: Path, himalaya: Path
) -> None:
    name = importer.import_business(himalaya_tar)
    assert name == "Himalaya Traders (2026-03-27)"
    assert empty.store.path(name).read_bytes() == himalaya.read_bytes()
    assert all(empty.store.blob(one).exists() for one in hashes(himalaya))
    assert empty.uploads == {}
    assert importer.businesses() == [name]


def test_a_name_that_is_taken_is_numbered_by_the_server(client: mn.Server, himalaya: Path) -> None:
    assert client.import_business(himalaya) == f"{TRADERS}(2)"
    assert client.import_business(himalaya) == f"{TRADERS}(3)"
    assert client.import_business(himalaya, name="नया व्यवसाय.manager") == "नया व्यवसाय"


def test_large_files_go_in_pieces_and_a_piece_that_broke_is_sent_again(
    empty: ManagerServer, importer: mn.Server, himalaya: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PIECE", 262_144)
    empty.wrong("/upload/chunk", wrongs.hang_up)
    name = importer.import_business(himalaya)
    assert empty.asked("/upload/chunk") == -(-himalaya.stat().st_size // 262_144) + 1
    assert empty.store.path(name).read_bytes() == himalaya.read_bytes()


def test_compressed_and_old_files_are_sent_as_manager_can_open_them(
    empty: ManagerServer, importer: mn.Server, himalaya: Path, data: Path, tmp_path: Path
) -> None:
    packed = mn.create_backup(himalaya, tmp_path, name="Packed", compress=True)
    assert importer.import_business(packed.path) == "Packed"
    assert importer.import_business(data / "small" / "Old format.manager") == "Old format"


def test_an_older_revision_is_compared_before_the_server_brings_it_up_to_date(
    empty: ManagerServer, importer: mn.Server, data: Path
) -> None:
    older = data / "upgraded" / "Revision 370.manager"
    name = importer.import_business(older)
    assert empty.store.objects(name)[SCHEMA_TYPE][1] == b"\x08\xa3\x03"


def test_what_is_damaged_is_not_sent(
    empty: ManagerServer, importer: mn.Server, data: Path, tmp_path: Path, himalaya: Path
) -> None:
    with pytest.raises(errors.DamagedFileError):
        importer.import_business(data / "small" / "Torn backup.manager")
    (tmp_path / "page.manager").write_text("<html>")
    with pytest.raises(errors.NotABusinessError):
        importer.import_business(tmp_path / "page.manager")
    with pytest.raises(errors.BusinessNameError, match="234"):
        importer.import_business(himalaya, name="ü" * 118)
    assert [path for _, path, _ in empty.requests if path.startswith(("/upload", "/import"))] == []


def test_an_empty_attachment_that_the_server_does_not_store_is_no_difference(
    importer: mn.Server, himalaya: Path, tmp_path: Path
) -> None:
    business = shutil.copyfile(himalaya, tmp_path / "With.manager")
    sha256 = attach(business, "0197aaaa-0000-7000-8000-000000000001", "empty.txt", b"")
    other = attach(business, "0197aaaa-0000-7000-8000-000000000002", "some.txt", b"some")
    tar = archive(
        tmp_path / "With.manager.tar",
        [
            ("With.manager", business.read_bytes()),
            (f"Blobs/{sha256[:2]}/{sha256}", b""),
            (f"Blobs/{other[:2]}/{other}", b"some"),
        ],
    )
    assert importer.import_business(tar) == "With"


def test_an_import_that_came_to_nothing_is_told(empty: ManagerServer, importer: mn.Server, himalaya: Path) -> None:
    empty.loses_imports = True
    with pytest.raises(errors.ServerFailedError, match="did not take Himalaya Traders"):
        importer.import_business(himalaya)


def test_what_arrived_otherwise_is_named_and_left(
    client: mn.Server, server: ManagerServer, himalaya: Path, tmp_path: Path
) -> None:
    other = altered(himalaya, tmp_path / "x" / "Other.manager", 'DELETE FROM "Emails"')
    server.at_import = lambda name: shutil.copyfile(other, server.store.path(name))
    with pytest.raises(errors.ServerFailedError, match=r"has Himalaya Traders\(2\) now, but not as it was sent"):
        client.import_business(himalaya)
    assert server.store.path(f"{TRADERS}(2)").exists()


def test_a_server_that_cannot_open_it_is_told(client: mn.Server, server: ManagerServer, himalaya: Path) -> None:
    server.wrong("/api4/tabs", lambda handler: handler.fail("ArgumentNullException"))
    with pytest.raises(errors.ServerFailedError, match="does not open it"):
        client.import_business(himalaya)


@pytest.mark.parametrize("path", ["/businesses", "/api4/businesses", "/backup", "/api4/tabs"])
@pytest.mark.parametrize("what", [wrongs.hang_up, wrongs.page("<h1>Bad Gateway</h1>", 502)], ids=["broken", "gateway"])
def test_when_it_may_be_there_no_error_says_that_nothing_was_left_behind(
    empty: ManagerServer, importer: mn.Server, himalaya: Path, path: str, what: wrongs.Wrong
) -> None:
    empty.at_import = lambda _name: empty.wrong(path, what)
    with pytest.raises(errors.ServerFailedError, match="could not be looked at there") as told:
        importer.import_business(himalaya)
    assert "Nothing" not in str(told.value)
    assert empty.store.path(TRADERS).exists()


def test_an_import_whose_answer_is_lost_is_looked_for(
    empty: ManagerServer, importer: mn.Server, himalaya: Path
) -> None:
    empty.wrong("/import-business", wrongs.answer_lost)
    assert importer.import_business(himalaya) == TRADERS
    empty.wrong("/import-business", wrongs.hang_up)
    with pytest.raises(errors.ServerFailedError, match="did not take"):
        importer.import_business(himalaya)


def test_a_session_that_ends_before_the_last_look_is_begun_again(
    server: ManagerServer, client: mn.Server, himalaya: Path
) -> None:
    server.at_request = at_nth("GET", "/api4/tabs", 1, server.users.end_sessions)
    assert client.import_business(himalaya, name="New") == "New"


def test_who_is_no_administrator_is_told_and_the_upload_is_taken_back(tmp_path: Path, himalaya: Path) -> None:
    users = {"meera": User(administrator=False)}
    with (
        serve_manager(tmp_path / "s", users=users) as server,
        mn.Server(server.url, "meera", "secret", pauses=()) as client,
    ):
        with pytest.raises(errors.NotAllowedError, match="administrator"):
            client.import_business(himalaya)
        assert server.uploads == {}


@pytest.mark.parametrize("step", ["start", "chunk", "complete"])
def test_an_upload_that_the_server_refuses_is_taken_back(
    empty: ManagerServer, importer: mn.Server, himalaya: Path, step: str
) -> None:
    empty.wrong(f"/upload/{step}", lambda handler: handler.json(400, {"error": "Invalid"}))
    with pytest.raises(errors.ServerFailedError, match="did not take"):
        importer.import_business(himalaya)
    assert empty.uploads == {}
    assert empty.asked("/import-business") == 0


def test_cancel_takes_the_upload_back(empty: ManagerServer, importer: mn.Server, himalaya: Path) -> None:
    with pytest.raises(errors.CancelledError):
        importer.import_business(himalaya, progress=Impatient("Uploading"))
    assert empty.uploads == {}
    assert importer.businesses() == []
