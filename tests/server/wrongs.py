"""What can go wrong between a client and a server, or is done by a hostile one: for :meth:`ManagerServer.wrong`."""

from __future__ import annotations

import contextlib
import io
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from tests.server.handler import Handler

    Wrong = Callable[[Handler], None]


def hang_up(handler: Handler) -> None:
    """The connection breaks before an answer."""
    handler.hang_up()


def answer_lost(handler: Handler) -> None:
    """It is done, but the connection breaks before the answer."""
    quietly(handler)
    handler.hang_up()


def quietly(handler: Handler) -> None:
    """It is done; what would be answered is not."""
    path, _, asked = handler.path.partition("?")
    way, handler.wfile = handler.wfile, io.BytesIO()
    try:
        handler.answered(path, asked)
    finally:
        handler.wfile = way


def page(html: str, status: int = 200, **headers: str) -> Callable[[Handler], None]:
    """A page in place of what was asked for, perhaps dressed up as a download."""
    named = {"Content-Type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return lambda handler: handler.answer(status, html.encode(), named)


def elsewhere(url: str) -> Callable[[Handler], None]:
    """A redirect to another place."""
    return lambda handler: handler.answer(302, b"", {"Location": url})


def data(content: bytes, kind: str, **headers: str) -> Callable[[Handler], None]:
    """Any bytes, with any headers."""
    named = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return lambda handler: handler.answer(200, content, named)


def short(content: bytes, kind: str, told: int) -> Callable[[Handler], None]:
    """Fewer bytes than were announced, then the connection breaks."""

    def answer(handler: Handler) -> None:
        handler.begin(200, {"Content-Type": kind, "Content-Length": str(told)})
        handler.send(content)
        handler.hang_up()

    return answer


def cut(content: bytes, kind: str) -> Callable[[Handler], None]:
    """A stream of unknown length that breaks off."""

    def answer(handler: Handler) -> None:
        handler.begin(200, {"Content-Type": kind, "Transfer-Encoding": "chunked"})
        handler.chunk(content)
        handler.hang_up()

    return answer


def endless(piece: bytes, kind: str) -> Callable[[Handler], None]:
    """A stream that never ends, until the client goes away."""

    def answer(handler: Handler) -> None:
        handler.begin(200, {"Content-Type": kind, "Transfer-Encoding": "chunked"})
        with contextlib.suppress(OSError):
            while True:
                handler.chunk(piece)
        handler.close_connection = True

    return answer


def many_headers(handler: Handler) -> None:
    """Headers without end."""
    with contextlib.suppress(OSError):
        handler.send(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: %s\r\n" % (b"x" * 4000) * 1000 + b"\r\n")
    handler.hang_up()


def dripping(handler: Handler) -> None:
    """An answer that comes byte by byte, each in time, and never ends."""
    with contextlib.suppress(OSError):
        handler.send(b"HTTP/1.1 200 OK\r\nX-Filler: ")
        while True:
            handler.send(b"x")
            time.sleep(0.02)
    handler.close_connection = True


def silent(until: threading.Event) -> Callable[[Handler], None]:
    """No answer, until somebody says so."""

    def answer(handler: Handler) -> None:
        until.wait(30)
        handler.hang_up()

    return answer
