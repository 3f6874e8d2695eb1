"""A small, real HTTP server that behaves as Manager Server does, its awkward parts included.

::

    with serve_manager(folder, {"Acme": himalaya}) as server:
        mn.Server(server.url, "administrator", "secret").businesses()

What a test wants to go wrong it says through :meth:`ManagerServer.wrong` (see :mod:`tests.server.wrongs`) and
:attr:`ManagerServer.at_piece`, which is called between two pieces of a download: whoever writes then tears the copy.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.server.backups import Slots
from tests.server.certificate import write_certificate
from tests.server.handler import Handler
from tests.server.store import Store
from tests.server.users import User, Users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.server.imports import Upload


class ManagerServer(ThreadingHTTPServer):
    """The server while it runs.

    Attributes:
        store: its folder.
        users: who may log in.
        requests: what was asked for: method, path and headers.
        at_piece: called between two pieces of a download with the business and the bytes that are sent.
        at_request: called with method and path of each request before it is answered.
        at_import: called with the name of a business that was just imported.
        no_single: types, by their names in addresses, that cannot be read or written.
        loses_imports: whether an import comes to nothing, with the usual answer.
        certificate: of a server with TLS, the file by which it is known.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, users: dict[str, User], *, tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = Store(folder)
        self.users = Users(users)
        self.slots = Slots()
        self.uploads: dict[str, Upload] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.at_piece: Callable[[str, int], None] = lambda _name, _sent: None
        self.at_request: Callable[[str, str], object] = lambda _method, _path: None
        self.at_import: Callable[[str], object] = lambda _name: None
        self.no_single: frozenset[str] = frozenset()
        self.loses_imports = False
        self.certificate: Path | None = None
        self._wrong: list[tuple[str, Callable[[Handler], None], int, str]] = []
        if tls:
            self.certificate, key = write_certificate(folder)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, key)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self.server_address[1]}"

    def wrong(self, path: str, what: Callable[[Handler], None], *, times: int = 1, method: str = "") -> None:
        """Let the next requests for a path go wrong, so many of them; those of a method, or any."""
        self._wrong.append((path, what, times, method))

    def misbehave(self, handler: Handler, path: str) -> bool:
        for place, (wanted, what, times, method) in enumerate(self._wrong):
            if wanted == path and method in ("", handler.command):
                self._wrong[place : place + 1] = [(wanted, what, times - 1, method)] if times > 1 else []
                what(handler)
                return True
        return False

    def seen(self, method: str, path: str, headers: dict[str, str]) -> None:
        self.requests.append((method, path, headers))

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(one == path for _, one, _ in self.requests)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or that does not like the certificate, is no news."""


@contextlib.contextmanager
def serve_manager(
    folder: Path,
    businesses: Mapping[str, Path] | None = None,
    *,
    users: dict[str, User] | None = None,
    tls: bool = False,
) -> Iterator[ManagerServer]:
    """Run a server over a folder, with copies of these files as businesses in it.

    Args:
        folder: its data folder; what is there already is served.
        businesses: files to put there first: ``.manager``, or ``.manager.tar`` with attachments.
        users: who may log in; otherwise ``administrator`` with the password ``secret``.
        tls: whether over HTTPS, with a certificate made for this run.
    """
    server = ManagerServer(folder, users or {"administrator": User()}, tls=tls)
    for name, file in (businesses or {}).items():
        server.store.add(name, file)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
