"""One request to the server of the tests: who asks, for what, and where it is answered."""

from __future__ import annotations

import contextlib
import json
import socket
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from tests.server import backups, imports, records
from tests.server.names import BUSINESS, fields_of, query
from tests.server.users import CHALLENGE

if TYPE_CHECKING:
    from tests.server.serving import ManagerServer

LOST = "<script>window.location.href = '/businesses';</script>"
_OPEN = ("/login", "/login-password", "/status", "/favicon.ico")


class Handler(BaseHTTPRequestHandler):
    """Answers as the program does: nearly every failure is a 302."""

    JSON = "application/json; charset=utf-8"
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Kestrel", ""
    timeout = 30
    disable_nagle_algorithm = True  # otherwise each answer waits 40 ms for the client's acknowledgement
    _body: bytes | None = None

    @property
    def manager(self) -> ManagerServer:
        return cast("ManagerServer", self.server)

    # ---- dispatch ----------------------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def do_PUT(self) -> None:
        self._do()

    def do_DELETE(self) -> None:
        self._do()

    def _do(self) -> None:
        self._body = None
        self._begun = False
        path, _, asked = self.path.partition("?")
        self.manager.seen(self.command, path, dict(self.headers))
        try:
            self.body()
            self.manager.at_request(self.command, path)
            if not self.manager.misbehave(self, path):
                self.answered(path, asked)
        except (BrokenPipeError, ConnectionResetError, TimeoutError, ValueError, IndexError) as error:
            if self._begun or isinstance(error, OSError):
                self.close_connection = True
            else:
                self.fail("FormatException", str(error))

    def answered(self, path: str, asked: str) -> None:
        """Do what is asked, and answer."""
        user = self._who()
        if path.startswith("/api4"):
            self._api4(user, path.removeprefix("/api4").strip("/"), dict(parse_qsl(asked)))
        elif path.startswith("/api2/"):
            self._api2(user, path, dict(parse_qsl(asked)))
        elif path.startswith("/upload/"):
            if user is None:
                self.json(401, {"error": "Authentication required"})
            else:
                imports.upload(self, path.removeprefix("/upload/"), dict(parse_qsl(asked)))
        elif path in _OPEN:
            self._log_in(path, asked)
        elif path == "/" or user is None:
            self.answer(302, b"", {"Location": "/login" if path == "/" and user is None else "/"})
        else:
            self._page(user, path, fields_of(asked))

    def _who(self) -> str | None:
        users = self.manager.users
        return users.by_cookie(self.headers.get("Cookie", "")) or users.by_basic(self.headers.get("Authorization", ""))

    def _api4(self, user: str | None, thing: str, asked: dict[str, str]) -> None:
        if user is None:
            error = {"error": "authentication_required", "message": "Authentication is required."}
            self.json(401, error, {"WWW-Authenticate": CHALLENGE})
        elif not thing:
            self.json(200, {"_links": {"businesses": {"href": "/api4/businesses"}}})
        elif thing == "businesses":
            imports.listing(self, user)
        else:
            records.answer(self, user, thing, asked)

    def _api2(self, user: str | None, path: str, asked: dict[str, str]) -> None:
        if user is None:
            self.json(401, {"error": "Unauthorized"})
        elif path == "/api2/history":
            records.history(self, user, asked)
        else:
            self.json(404, {"error": "not_found"})

    def _log_in(self, path: str, asked: str) -> None:
        name = fields_of(asked).get(1, "")
        if path == "/login-password" and self.command == "POST":
            where, cookie = self.manager.users.log_in(name, self.form())
            headers = {"Location": where}
            if cookie:
                headers["Set-Cookie"] = f"session={cookie}; path=/; samesite=lax; httponly"
            self.answer(302, b"", headers)
        elif path == "/status":
            self.answer(200, b"StartTime : 0.18 hours ago", {"Content-Type": "text/plain"})
        else:
            user = self.manager.users.by_name.get(name)
            code = '<input name="AuthenticationCode">' if user and user.code is not None else ""
            self.page(f'<title>Login</title><form><input name="Password"><input name="Issuer">{code}</form>')

    def _page(self, user: str, path: str, asked: dict[int, str]) -> None:
        name = asked.get(BUSINESS, "")
        if path == "/businesses":
            self.manager.store.refresh()
            self.page("<title>Businesses</title>")
        elif path == "/logout":
            self.manager.users.log_out(self.headers.get("Cookie", ""))
            gone = f"session={query({1: user})}; path=/; samesite=lax; httponly"
            self.answer(302, b"", {"Location": "/", "Set-Cookie": gone})
        elif path == "/version":
            self.answer(200, b"1.0.0.0", {"Content-Type": "text/plain"})
        elif path == "/import-business" and self.command == "POST":
            imports.import_business(self, user)
        elif path in ("/backup", "/backup-cancel"):
            self._backup(user, path, name)
        elif path == "/remove-business" and self.command == "POST":
            self.manager.store.path(self.form().get("Name", "")).unlink(missing_ok=True)
            self.answer(302, b"", {"Location": "/businesses"})
        else:
            self.answer(302, b"", {"Location": "/"})

    def _backup(self, user: str, path: str, name: str) -> None:
        if not name:
            self.page(LOST)
        elif self.command == "GET":
            self.page("<title>Backup</title>")
        elif path == "/backup-cancel":
            backups.cancel(self, name)
        elif self.headers.get_content_type() not in ("application/x-www-form-urlencoded", "multipart/form-data"):
            self.fail("InvalidOperationException")
        else:
            backups.download(self, name, user)

    # ---- what came ---------------------------------------------------------------------------------------------------

    def body(self) -> bytes:
        if self._body is None:
            self._body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return self._body

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body().decode(), keep_blank_values=True))

    # ---- what goes ---------------------------------------------------------------------------------------------------

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.begin(status, {**(headers or {}), "Content-Length": str(len(body))})
        self.send(body)

    def json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        self.answer(status, json.dumps(value).encode(), {"Content-Type": self.JSON, **(headers or {})})

    def page(self, html: str, status: int = 200) -> None:
        self.answer(status, html.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def fail(self, kind: str, text: str = "") -> None:
        """An error that the program does not handle."""
        html = f"<h1>Internal Error</h1><pre>{kind}: {text}</pre>".encode()
        self.answer(500, html, {"Content-Type": "text/html", "x-manager-exception": kind})

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self._begun = True
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, data: bytes) -> None:
        self.wfile.write(data)

    def chunk(self, data: bytes) -> None:
        if data:
            self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def end_chunks(self) -> None:
        self.send(b"0\r\n\r\n")

    def hang_up(self) -> None:
        """Break the connection off, whatever is under way."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""
