"""Requests of a user who is logged in; where the server has forgotten that, the user is logged in once more."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from manager_nb.errors import NotAllowedError, NotManagerError, ServerError, ServerFailedError, ServerUnreachableError
from manager_nb.progress import SILENT
from manager_nb.server.secrets import Secret, remembered
from manager_nb.server.signing_in import sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.progress import Progress
    from manager_nb.server.connection import Answer, Connection

_GATEWAY = frozenset({502, 503, 504})
_OUTSIDE = frozenset({"/", "/login"})


class Session:
    """One user on one server.

    Attributes:
        connection: the way there.
        user: who is logged in.
    """

    def __init__(self, connection: Connection, user: str, password: str | None) -> None:
        self.connection = connection
        self.user = user
        self._password = Secret(password) if password is not None else None

    def sign_in(self, code: str | None = None, progress: Progress = SILENT) -> None:
        """Log in; the first request does it by itself where no code is needed.

        Raises:
            SignInError: the server does not take user and password.
            ServerError: it is no Manager server, or does not answer.
        """
        password = self._password or remembered(self.connection.address.url, self.user)
        sign_in(self.connection, self.user, password, code, progress)

    def sign_out(self) -> None:
        """End the session on the server: it would be good for a year."""
        if self.connection.has_session:
            with contextlib.suppress(ServerError):
                self.connection.ask("GET", "/logout")
        self.connection.forget()

    def ask(self, method: str, path: str, *, progress: Progress = SILENT, **given: Any) -> Answer:
        """Ask as :meth:`Connection.ask` does, logged in.

        Raises:
            NotAllowedError: the user may not do that.
            ServerFailedError: the server failed.
            ServerError: anything else that is no answer of a Manager server.
        """
        answer = self.answer(method, path, progress=progress, **given)
        self.require(answer)
        return answer

    def answer(self, method: str, path: str, *, progress: Progress = SILENT, **given: Any) -> Answer:
        """Ask as :meth:`ask` does, and take whatever comes, also a failure of the server.

        Raises:
            ServerError: there is no answer, or the user cannot be logged in.
        """
        if not self.connection.has_session:
            self.sign_in(progress=progress)
        answer = self.connection.ask(method, path, progress=progress, **given)
        if is_signed_out(answer):
            self.sign_in(progress=progress)
            answer = self.connection.ask(method, path, progress=progress, **given)
        return answer

    @contextlib.contextmanager
    def streamed(
        self, path: str, form: Mapping[str, str], progress: Progress
    ) -> Iterator[tuple[Answer, Iterator[bytes]]]:
        """Ask as :meth:`Connection.streamed` does, logged in: the session is tried before.

        Raises:
            ServerError: as :meth:`ask`.
        """
        self.ask("GET", "/api4", progress=progress)
        with contextlib.ExitStack() as stack:
            answer, pieces = stack.enter_context(self.connection.streamed(path, form, progress))
            if is_signed_out(answer):  # since it was tried
                stack.close()
                self.sign_in(progress=progress)
                answer, pieces = stack.enter_context(self.connection.streamed(path, form, progress))
            self.require(answer)
            yield answer, pieces

    def require(self, answer: Answer) -> None:
        """Refuse what is a failure whatever was asked for.

        Raises:
            ServerError: it is one.
        """
        server, kind = self.connection.address.url, answer.headers.get("x-manager-exception")
        if is_signed_out(answer):
            raise self._not_allowed()
        if answer.status == 403 or (kind and b"Restricted" in answer.body):
            raise self._not_allowed()
        if kind:
            raise ServerFailedError(
                "{server} failed: {kind}.",
                hint="Try again. If it stays so, tell it to whoever looks after the server.",
                server=server,
                kind=kind[:80],
            )
        if answer.status in _GATEWAY:
            raise ServerUnreachableError(
                "{server} is not ready: {status}.",
                hint="Something before Manager answers in its place. Try again in some minutes; if it stays so, tell"
                " it to whoever looks after the server.",
                server=server,
                status=str(answer.status),
            )

    def strange(self) -> NotManagerError:
        """The error that the answer is none of Manager's."""
        return self.connection.strange()

    def _not_allowed(self) -> NotAllowedError:
        return NotAllowedError(
            "{user} may not do that on {server}.",
            hint="A backup needs full access to the business, an import an administrator: ask an administrator of the"
            " server, or log in as one.",
            user=self.user,
            server=self.connection.address.url,
        )


def is_signed_out(answer: Answer) -> bool:
    """Whether the server does not know who asks: pages lead to the start then, and lists say 401."""
    return answer.status == 401 or answer.location.partition("?")[0] in _OUTSIDE
