"""Logging in: who is let in, what is said to the others, and where the password does not go."""

from __future__ import annotations

import json
import logging
import pickle
import threading
import traceback
from functools import partial
from typing import TYPE_CHECKING

import keyring
import keyring.backends.fail
import pytest

import manager_nb as mn
from manager_nb import errors
from manager_nb.server.address import address_of
from manager_nb.server.secrets import Secret
from tests.server import wrongs
from tests.server.serving import ManagerServer, serve_manager
from tests.server.users import User

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.keyrings import Ring

PASSWORD = "geheim:गुप्त"


@pytest.fixture
def people(tmp_path: Path) -> Iterator[ManagerServer]:
    users = {
        "asha": User(PASSWORD),
        "ravi": User(PASSWORD, code="123456"),
        "new": User(""),
        "late": User(PASSWORD, must_enrol=True),
    }
    with serve_manager(tmp_path / "people", users=users) as running:
        yield running


def test_a_password_with_a_colon_and_devanagari_is_let_in(people: ManagerServer) -> None:
    with mn.Server(people.url, "asha", PASSWORD) as server:
        assert server.businesses() == []
        assert people.users.sessions == 1
    assert people.users.sessions == 0  # the session would be good for a year


def test_a_user_who_has_yet_to_enrol_is_let_in(people: ManagerServer) -> None:
    with mn.Server(people.url, "late", PASSWORD) as server:
        assert server.businesses() == []


@pytest.mark.parametrize("who", ["asha", "Asha", "nobody", " asha"])
def test_a_wrong_user_or_password_is_told(people: ManagerServer, who: str) -> None:
    with mn.Server(people.url, who, "wrong") as server, pytest.raises(errors.SignInError, match="does not know"):
        server.businesses()


def test_a_user_without_a_password_is_told_so(people: ManagerServer) -> None:
    with mn.Server(people.url, "new", "x") as server, pytest.raises(errors.SignInError, match="no password on"):
        server.businesses()


def test_a_second_factor_is_asked_for_before_the_password_is_sent(people: ManagerServer) -> None:
    with mn.Server(people.url, "ravi", PASSWORD) as server:
        with pytest.raises(errors.SecondFactorError, match="asks ravi"):
            server.businesses()
        assert ("POST", "/login-password") not in [(method, path) for method, path, _ in people.requests]
        with pytest.raises(errors.SecondFactorError, match="did not accept"):
            server.sign_in("000000")
        server.sign_in(" 123456 ")
        assert server.businesses() == []


def test_who_is_logged_out_meanwhile_is_logged_in_again(people: ManagerServer) -> None:
    with mn.Server(people.url, "asha", PASSWORD) as server:
        server.businesses()
        people.users.end_sessions()
        assert server.businesses() == []


# ---- other servers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    [
        wrongs.page("<title>Router</title>"),
        wrongs.page("", 401, WWW_Authenticate='Basic realm="Router"'),
        wrongs.page("x", 200, Content_Encoding="gzip"),
        wrongs.endless(b"x" * 65536, "text/html"),
        wrongs.page("<h1>Not Found</h1>", 404),
    ],
    ids=["page", "realm", "encoded", "endless", "not found"],
)
def test_what_is_no_manager_server_learns_no_password(people: ManagerServer, what: wrongs.Wrong) -> None:
    people.wrong("/api4", what)
    with mn.Server(people.url, "asha", PASSWORD) as server, pytest.raises(errors.NotManagerError):
        server.businesses()
    assert {path for _, path, _ in people.requests} == {"/api4"}


def test_headers_without_end_are_not_read_to_their_end(people: ManagerServer) -> None:
    people.wrong("/api4", wrongs.many_headers)
    with mn.Server(people.url, "asha", PASSWORD) as server, pytest.raises(errors.ServerError):
        server.businesses()


def test_a_redirect_to_another_host_is_named_and_not_followed(people: ManagerServer, tmp_path: Path) -> None:
    with serve_manager(tmp_path / "other") as other:
        for path in ("/api4", "/login-password", "/businesses"):
            with mn.Server(people.url, "asha", PASSWORD) as server:
                people.wrong(path, wrongs.elsewhere(f"{other.url}{path}"), times=2)
                with (
                    pytest.raises(errors.NotManagerError) if path != "/businesses" else pytest.raises(mn.ManagerNbError)
                ):
                    server.businesses()
        assert other.requests == []


@pytest.mark.parametrize("where", ["javascript:1", "http://[::1", "https://x:y/", "\x7f"])
@pytest.mark.parametrize("path", ["/api4", "/api4/businesses"])
def test_a_redirect_to_what_is_no_address_is_none_of_managers(people: ManagerServer, where: str, path: str) -> None:
    people.wrong(path, wrongs.elsewhere(where))
    with mn.Server(people.url, "asha", PASSWORD) as server, pytest.raises(errors.ServerError):
        server.businesses()


def test_a_cookie_of_a_gateway_with_the_name_of_the_session_does_no_harm(people: ManagerServer) -> None:
    with mn.Server(people.url, "asha", PASSWORD) as server:
        server.businesses()
        people.wrong("/businesses", wrongs.page("x", Set_Cookie="session=mine; path=/other"))
        assert server.businesses() == server.businesses() == []


def test_an_answer_that_drips_has_an_end(people: ManagerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("manager_nb.server.connection._LONGEST", 0.3)
    people.wrong("/businesses", wrongs.dripping)
    with mn.Server(people.url, "asha", PASSWORD) as server, pytest.raises(errors.ServerUnreachableError, match="time"):
        server.businesses()


def test_names_that_no_address_can_hold_are_none_of_managers(people: ManagerServer) -> None:
    listed = json.dumps({"businesses": [{"name": "A" * 70_000}]}).encode()
    people.wrong("/api4/businesses", wrongs.data(listed, "application/json"), times=99)
    with mn.Server(people.url, "asha", PASSWORD, pauses=()) as server:
        for name in server.businesses():
            for ask in (server.history, partial(server.download, folder="/nowhere")):
                with pytest.raises(errors.ManagerNbError):
                    ask(name)


def test_nobody_there_is_told(tmp_path: Path) -> None:
    with serve_manager(tmp_path) as gone:
        url = gone.url
    with mn.Server(url, "asha", PASSWORD) as server, pytest.raises(errors.ServerUnreachableError, match="reached"):
        server.businesses()


def test_a_connection_that_breaks_is_told(people: ManagerServer) -> None:
    people.wrong("/api4/businesses", wrongs.hang_up)
    with mn.Server(people.url, "asha", PASSWORD) as server, pytest.raises(errors.ServerUnreachableError, match="broke"):
        server.businesses()


def test_a_gateway_without_manager_behind_it_is_told(people: ManagerServer) -> None:
    people.wrong("/api4/businesses", wrongs.page("<h1>Bad Gateway</h1>", 502))
    with mn.Server(people.url, "asha", PASSWORD) as server, pytest.raises(errors.ServerUnreachableError, match="502"):
        server.businesses()


@pytest.mark.parametrize(
    "body",
    [
        *("[" * 100_000, '{"businesses": {"name": 1}}', "[]", "null", '{"a"'),
        r'{"businesses": [{"name": "half of a sign \ud800"}]}',
    ],
)
def test_a_list_of_another_shape_is_none_of_managers(people: ManagerServer, body: str) -> None:
    people.wrong("/api4/businesses", wrongs.data(body.encode(), "application/json"))
    with mn.Server(people.url, "asha", PASSWORD) as server, pytest.raises(errors.NotManagerError):
        server.businesses()


def test_cancel_is_heard_while_the_server_is_silent(people: ManagerServer) -> None:
    end = threading.Event()
    people.wrong("/api4", wrongs.silent(end))

    class Impatient:
        cancelled = False

        def start(self, step: str, total: int | None = None) -> None: ...
        def advance(self, amount: int = 1) -> None: ...
        def finish(self) -> None: ...

    progress = Impatient()
    threading.Timer(0.2, lambda: setattr(progress, "cancelled", True)).start()
    with mn.Server(people.url, "asha", PASSWORD) as server, pytest.raises(errors.CancelledError):
        server.businesses(progress=progress)
    end.set()


# ---- certificates and addresses --------------------------------------------------------------------------------------


def test_a_certificate_of_its_own_is_refused_until_it_is_named(tmp_path: Path) -> None:
    with serve_manager(tmp_path / "tls", tls=True) as running:
        other = mn.Server(running.url, "administrator", "secret")
        with other as server, pytest.raises(errors.CertificateError, match="prove"):
            server.businesses()
        assert running.requests == []
        with mn.Server(running.url, "administrator", "secret", certificate=running.certificate) as server:
            assert server.businesses() == []


def test_a_file_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.CertificateError, match="certificate"):
        mn.Server("https://books.example.com", "asha", PASSWORD, certificate=tmp_path / "none.pem")


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("books.example.com", "https://books.example.com"),
        (" https://Books.example.com/summary-view?ogYEQWNtZQ ", "https://books.example.com"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443"),
        ("https://लेखा.भारत", "https://लेखा.भारत"),
        ("https://my_books.local", "https://my_books.local"),
    ],
)
def test_an_address_is_taken_as_people_have_it(typed: str, url: str) -> None:
    assert address_of(typed).url == url


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ftp://books", "https://", "a b", "https://h:99999", "file:///etc/passwd"),
        *("https://\0books", "https://bo\u202eoks", "https://books..example.com", "https://.", "https://xn--"),
        f"https://{'a' * 64}.com",
    ],
)
def test_what_is_no_address_is_told(typed: str) -> None:
    with pytest.raises(errors.ServerAddressError, match="no address"):
        address_of(typed)


def test_a_password_goes_unencrypted_to_another_computer_only_where_that_is_said() -> None:
    with pytest.raises(errors.ServerAddressError, match="encrypted"):
        address_of("http://192.168.1.5:8080")
    assert address_of("http://192.168.1.5:8080", unencrypted=True).url == "http://192.168.1.5:8080"


@pytest.mark.parametrize(
    "typed",
    [
        "https://asha:geheim@books.example.com",
        "https://asha:geheim@books.example.com:x",
        "https://asha:x/geheim@books.example.com",
        "https://asha:12#geheim@books.example.com",
        "https://asha:x?geheim@books.example.com",
        "asha:geheim@[books",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(errors.ServerAddressError, match="holds a user or a password") as caught:
        address_of(typed)
    assert "geheim" not in str(caught.value)


# ---- secrets ---------------------------------------------------------------------------------------------------------


def test_the_password_and_the_session_are_shown_nowhere(
    people: ManagerServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with mn.Server(people.url, "asha", PASSWORD) as server:
        server.businesses()
        cookie = server._session.connection._client.cookies["session"]
        people.wrong("/businesses", wrongs.page("", 403))
        with pytest.raises(errors.NotAllowedError) as refused:
            server.businesses()
        people.wrong("/login-password", wrongs.page("Login"))  # the form; what is sent with it comes to nothing
        people.wrong("/login-password", wrongs.hang_up)
        with pytest.raises(errors.ServerUnreachableError) as broken:
            server.sign_in()
        shown = [repr(server), str(vars(server._session)), caplog.text]
    for error in (refused.value, broken.value):
        behind: BaseException | None = error
        while behind is not None:  # a debugger, or a service for errors, looks there
            shown += [str(vars(behind)), str(getattr(getattr(behind, "_request", None), "content", ""))]
            behind = behind.__context__
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown += [
            str(error),
            repr(error),
            *(str(frame.locals) for frame in told.stack if "manager_nb" in frame.filename),
        ]
    shown += capsys.readouterr()
    for secret in (PASSWORD, "geheim", cookie):
        assert not [text for text in shown if secret in text]


def test_a_secret_is_not_written() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("x"))
    assert "x" not in repr([Secret("x")])


def test_the_keyring_keeps_the_password_where_that_is_wanted(people: ManagerServer, ring: Ring) -> None:
    with mn.Server(people.url, "asha") as server:
        with pytest.raises(errors.SignInError, match="There is no password"):
            server.businesses()
        assert server.remember_password(PASSWORD)
        assert server.businesses() == []
        server.forget_password()
    assert ring.kept == {}


def test_without_a_keyring_the_password_is_typed(people: ManagerServer, ring: Ring) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    with mn.Server(people.url, "asha") as server:
        assert not server.remember_password(PASSWORD)
        server.forget_password()
        with pytest.raises(errors.SignInError, match="There is no password"):
            server.businesses()
