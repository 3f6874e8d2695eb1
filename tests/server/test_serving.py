"""The server of the tests behaves as the protocol's page says of the real one."""

from __future__ import annotations

import contextlib
import sqlite3
import ssl
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from manager_nb.format.schema import SCHEMA
from tests.server.conftest import TRADERS
from tests.server.json_values import content_of, dumps, hyphened, kinds, loads, told
from tests.server.names import fields_of, query
from tests.server.serving import ManagerServer, serve_manager
from tests.server.users import User

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def client(server: ManagerServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False) as opened:
        answer = opened.post(f"/login-password?{query({1: 'administrator'})}", data={"Password": "secret"})
        assert (answer.status_code, answer.headers["location"]) == (302, "/businesses")
        yield opened


@pytest.mark.parametrize(
    ("name", "expected"), [("Acme", "ogYEQWNtZQ"), ("Beta Ltd", "ogYIQmV0YSBMdGQ")], ids=["Acme", "Beta"]
)
def test_a_query_is_the_one_of_the_real_program(name: str, expected: str) -> None:
    assert query({100: name}) == expected
    assert fields_of(expected) == {100: name}
    assert fields_of(expected + "==") == {}


def test_a_download_is_the_file_and_a_second_one_meanwhile_is_busy_with_download_headers(
    server: ManagerServer, client: httpx.Client
) -> None:
    url = f"/backup?{query({100: TRADERS})}"
    seen: list[httpx.Response] = []
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def ask_again(name: str, sent: int) -> None:
        server.at_piece = lambda _name, _sent: None
        seen.append(httpx.post(server.url + url, headers={**form, "Cookie": f"session={client.cookies['session']}"}))

    server.at_piece = ask_again
    first = client.post(url, headers={**form, "Accept-Encoding": "identity"})
    assert first.content == server.store.path(TRADERS).read_bytes()
    assert first.headers["content-length"] == str(len(first.content))
    assert (seen[0].status_code, seen[0].headers["content-type"]) == (302, "application/x-manager")
    assert client.post(url, headers={**form, "Accept-Encoding": "gzip"}).content == first.content


def test_an_unknown_business_breaks_off(client: httpx.Client) -> None:
    url = f"/backup?{query({100: 'Nobody'})}"
    assert client.post(url, data={"x": "1"}).headers["x-manager-exception"] == "NullReferenceException"
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(url, data={"Attachments": "on"})


def test_every_record_comes_back_with_its_bytes(server: ManagerServer, client: httpx.Client, himalaya: Path) -> None:
    objects = dict(server.store.objects(TRADERS))
    for guid, content in objects.values():
        kind = SCHEMA.type_of(guid)
        if kind is not None and not kind.obsolete:
            assert content_of(kind, loads(dumps(told(kind, content)).encode())) == content


def test_a_deleted_record_comes_back_under_its_key_and_history_tells_both(
    server: ManagerServer, client: httpx.Client
) -> None:
    kind = SCHEMA.named("SalesInvoice")
    assert kind is not None
    key, content = next((key, data) for key, (guid, data) in server.store.objects(TRADERS).items() if guid == kind.guid)
    where: dict[str, Any] = {"params": {"business": TRADERS, "key": key}}
    record = loads(client.get("/api4/sales-invoice", **where).content)
    assert client.delete("/api4/sales-invoice", **where).text == "true"
    assert client.get("/api4/sales-invoice", **where).status_code == 404
    body = dumps({"business": TRADERS, "key": key, "value": record})
    for _ in range(2):  # the second writes nothing
        assert client.put("/api4/sales-invoice", content=body).text == "true"
    with contextlib.closing(sqlite3.connect(server.store.path(TRADERS))) as file:
        assert file.execute('SELECT "Content" FROM "Objects" WHERE "Key" = ?', (key,)).fetchone()[0] == content
        newest = 'SELECT "User", "ContentBefore", "ContentAfter" FROM "Changes" ORDER BY "Timestamp" DESC LIMIT 2'
        assert file.execute(newest).fetchall() == [("administrator", None, content), ("administrator", content, None)]


def test_kinds_are_hyphened() -> None:
    assert hyphened("SalesInvoice") == "sales-invoice"
    assert kinds()["sales-invoice"].name == "SalesInvoice"


def test_the_list_is_stale_until_somebody_looks(server: ManagerServer, client: httpx.Client, himalaya: Path) -> None:
    def listed() -> list[str]:
        return [one["name"] for one in client.get("/api4/businesses").json()["businesses"]]

    with himalaya.open("rb") as file:
        answer = client.post("/import-business", files={"f": (f"{TRADERS}.manager", file)})
    assert answer.headers["location"] == "/businesses"
    assert listed() == [TRADERS]
    client.get("/businesses")
    assert sorted(listed()) == [TRADERS, f"{TRADERS}(2)"]


def test_a_password_with_a_colon_and_a_second_factor_pass_by_the_form_only(tmp_path: Path) -> None:
    users = {"asha": User("a:b"), "ravi": User("c", code="123456")}
    with serve_manager(tmp_path, users=users) as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/api4", auth=("asha", "a:b")).status_code == 401
        assert client.get("/api4", auth=("ravi", "c")).status_code == 401
        asha = client.post(f"/login-password?{query({1: 'asha'})}", data={"Password": "a:b"})
        assert asha.headers["location"] == "/businesses"
        ravi = client.post(f"/login-password?{query({1: 'ravi'})}", data={"Password": "c"})
        assert ravi.headers["location"] == f"/login-password?{query({1: 'ravi', 3: True})}"
        client.cookies.clear()
        assert client.get("/").headers["location"] == "/login"
        assert client.get("/businesses").headers["location"] == "/"


def test_tls_has_a_certificate_of_its_own(tmp_path: Path) -> None:
    with serve_manager(tmp_path, tls=True) as server:
        context = ssl.create_default_context(cafile=server.certificate)
        assert httpx.get(f"{server.url}/api4", verify=context).headers["www-authenticate"] == 'Basic realm="Manager"'
