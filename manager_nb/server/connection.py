"""Requests to one server, and what their failures mean.

A server is hostile until proven: redirects are never followed, so that a password or a session goes nowhere else; an
answer that is compressed is refused; what is not a backup has a size that it may not exceed; every wait has an end.
"""

from __future__ import annotations

import contextlib
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from manager_nb.errors import CertificateError, NotManagerError, ServerUnreachableError
from manager_nb.progress import SILENT, check
from manager_nb.server.secrets import Secret, keep_cookies_out_of_logs
from manager_nb.server.waiting import awaited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.server.address import Address

T = TypeVar("T")

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
"""Of a form without fields, too: without it the program answers with an error."""

_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "manager_nb"}
_TIMES = httpx.Timeout(60, connect=15)
_LARGEST = 16 << 20
"""Bytes of an answer that is not a backup."""

_PIECE = 1 << 20
_LONGEST = 900.0
"""Seconds for a whole answer, or for one piece of a backup: a server that sends a byte a minute is never too late."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        status: its number.
        headers: its headers.
        body: its content.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def location(self) -> str:
        """Where it leads, "" where it leads nowhere."""
        return self.headers.get("location", "") if 300 <= self.status < 400 else ""

    @property
    def kind(self) -> str:
        """Its content type, without what may follow."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """What it tells as JSON; None where it is none."""
        if self.kind != "application/json":
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Connection:
    """Requests to one server; closed at its end.

    Attributes:
        address: the server.
    """

    def __init__(self, address: Address, certificate: Path | None = None) -> None:
        self.address = address
        keep_cookies_out_of_logs()
        self._client = httpx.Client(
            base_url=address.url,
            headers=_HEADERS,
            timeout=_TIMES,
            follow_redirects=False,
            verify=_context(address, certificate),
            trust_env=not address.here,
        )

    def close(self) -> None:
        """Give up the connection."""
        self._client.close()

    def forget(self) -> None:
        """Forget the session."""
        self._client.cookies.clear()

    @property
    def has_session(self) -> bool:
        """Whether the server gave a session; a cookie of that name for other pages is a gateway's own."""
        return any(one.name == "session" and one.path == "/" and one.value for one in self._client.cookies.jar)

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        form: Mapping[str, str | Secret] | None = None,
        params: Mapping[str, str] | None = None,
        progress: Progress = SILENT,
    ) -> Answer:
        """Ask, and take the whole answer. A secret of the form is opened only where the request is made.

        Raises:
            ServerUnreachableError: there is none.
            CertificateError: the server cannot prove who it is.
            NotManagerError: it is nothing that Manager sends.
            CancelledError: the user cancelled.
        """
        given: dict[str, Any] = {"headers": headers, "content": content, "data": form, "params": params}
        request = self._request(method, path, given)

        def work() -> Answer:
            with self._sent(request) as response:
                body = b""
                for piece in response.iter_raw(_PIECE):
                    body += piece
                    if len(body) > _LARGEST:
                        raise self.strange()
                return Answer(response.status_code, response.headers, body)

        return self._awaited(work, progress)

    @contextlib.contextmanager
    def streamed(
        self, path: str, form: Mapping[str, str], progress: Progress
    ) -> Iterator[tuple[Answer, Iterator[bytes]]]:
        """Ask with a form; give the answer without its body, and the body piece by piece.

        Raises:
            ServerError: as :meth:`ask`, also between two pieces.
            CancelledError: the user cancelled, also between two pieces.
        """
        given: dict[str, Any] = {"data": form} if form else {"content": b""}
        request = self._request("POST", path, {**given, "headers": FORM})
        with contextlib.ExitStack() as stack:
            response = self._awaited(lambda: stack.enter_context(self._sent(request)), progress)
            pieces = response.iter_raw(_PIECE)

            def each() -> Iterator[bytes]:
                while piece := self._awaited(lambda: self._next(pieces), progress):
                    yield piece
                    check(progress)

            yield Answer(response.status_code, response.headers, b""), each()

    def _request(self, method: str, path: str, given: dict[str, Any]) -> httpx.Request:
        """What is sent.

        Raises:
            NotManagerError: no address can be made of it: the server named something as no Manager does.
        """
        try:
            return self._client.build_request(
                method, path, **{name: _opened(one) for name, one in given.items() if one}
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            _forget(error)
            raise self.strange() from None

    def _awaited(self, work: Callable[[], T], progress: Progress) -> T:
        try:
            return awaited(work, progress, _LONGEST)
        except TimeoutError:
            raise self._late() from None

    def _next(self, pieces: Iterator[bytes]) -> bytes:
        with self._telling():
            return next(pieces, b"")

    @contextlib.contextmanager
    def _sent(self, request: httpx.Request) -> Iterator[httpx.Response]:
        with self._telling():
            response = self._client.send(request, stream=True)
            try:
                if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
                    raise self.strange()
                yield response
            finally:
                response.close()

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn what goes wrong on the way into errors that say what to do; nothing of the request is kept in them."""
        try:
            yield
        except httpx.TransportError as error:
            failure = self._failure(error)
            _forget(error)
            raise failure from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _forget(error)
            raise self.strange() from None

    def _failure(self, error: httpx.TransportError) -> Exception:
        server = self.address.url
        if _is_about_the_certificate(error):
            return CertificateError(
                "{server} cannot prove that it is this server: {reason}.",
                hint="Do not type your password there. Check the address. If the server has a certificate of its own,"
                " ask whoever looks after it for the certificate file, and name that file here.",
                server=server,
                reason=_reason(error),
            )
        if isinstance(error, httpx.TimeoutException):
            return self._late()
        if isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol | httpx.ProxyError):
            return ServerUnreachableError(
                "{server} cannot be reached: {reason}.",
                hint="Check the address and your connection, and that Manager runs there. An address that begins with"
                " http:// is another than one with https://.",
                server=server,
                reason=_reason(error),
            )
        return ServerUnreachableError(
            "The connection to {server} broke.",
            hint="Nothing was left behind. Try again; where it happens often, at a time when fewer people work.",
            server=server,
        )

    def _late(self) -> ServerUnreachableError:
        return ServerUnreachableError(
            "{server} did not answer in time.",
            hint="Check the address and your connection, and that Manager runs there; then try again.",
            server=self.address.url,
        )

    def strange(self) -> NotManagerError:
        """The error that the answer is none of Manager's."""
        return NotManagerError(
            "{server} does not answer as a Manager server does.",
            hint="Open the address in a browser: the page of Manager where you log in has to appear. If it does, try"
            " again; if something else appears, ask for the right address.",
            server=self.address.url,
        )


def _forget(error: BaseException | None) -> None:
    """Take out of an error, and of those behind it, what was sent: a password may be in it."""
    while error is not None:
        error.__traceback__ = None
        if isinstance(error, httpx.RequestError):
            error.request = httpx.Request("GET", "")
        if isinstance(error, UnicodeEncodeError):
            error.object = ""
        error = error.__cause__ or error.__context__


def _opened(given: Any) -> Any:
    if isinstance(given, dict):
        return {name: one.reveal() if isinstance(one, Secret) else one for name, one in given.items()}
    return given


def _context(address: Address, certificate: Path | None) -> ssl.SSLContext | bool:
    """Whose certificates are believed: those that everybody knows, those of this computer, or the one that is named."""
    if not address.encrypted:
        return True
    if certificate is not None:
        try:
            return ssl.create_default_context(cafile=certificate)
        except (OSError, ssl.SSLError):
            raise CertificateError(
                "{name} cannot be read as a certificate.",
                hint="Ask for the server’s certificate as a text file (PEM): it begins with BEGIN CERTIFICATE.",
                path=certificate,
                name=certificate.name,
            ) from None
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _is_about_the_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _reason(error: BaseException) -> str:
    """What the system says, without the numbers around it."""
    return str(error).partition("] ")[2].partition(" (_ssl")[0].rstrip(".") or str(error) or type(error).__name__
