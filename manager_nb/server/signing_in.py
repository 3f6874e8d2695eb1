"""Logging in to a server: by the form, since a password with a colon and a second factor pass no other way.

Every answer of the form is a redirect: a session and any other page than the form is a yes; why it is a no stands in
the query of the page that it leads to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.errors import NotManagerError, SecondFactorError, SignInError
from manager_nb.progress import SILENT
from manager_nb.server.query import USER, WRONG_OR_NO_CODE, flags, query

if TYPE_CHECKING:
    from manager_nb.progress import Progress
    from manager_nb.server.connection import Answer, Connection
    from manager_nb.server.secrets import Secret

_FORM = "/login-password"
_CODE = b"AuthenticationCode"


def require_manager(connection: Connection, progress: Progress = SILENT) -> None:
    """Refuse whatever is not a Manager server, before it learns a password.

    Raises:
        NotManagerError: it is something else, or leads elsewhere.
    """
    answer = connection.ask("GET", "/api4", progress=progress)
    asks = answer.headers.get("www-authenticate", "")
    if answer.status == 401 and 'realm="Manager"' in asks:
        return
    if answer.location.startswith(("http://", "https://")):
        raise NotManagerError(
            "{server} leads to another address: {other}.",
            hint="If that is your Manager server, give its address here. Nothing was sent there.",
            server=connection.address.url,
            other=answer.location.partition("?")[0][:200],
        )
    raise connection.strange()


def sign_in(
    connection: Connection, user: str, password: Secret | None, code: str | None, progress: Progress = SILENT
) -> None:
    """Log in; the connection has the session then.

    Raises:
        SignInError: the user or the password is wrong, or there is none.
        SecondFactorError: a code is needed, or was not accepted.
        ServerError: it is no Manager server, or does not answer.
    """
    connection.forget()
    require_manager(connection, progress)
    where = f"{_FORM}?{query(USER, user)}"
    if not code and _CODE in connection.ask("GET", where, progress=progress).body:
        raise SecondFactorError(
            "{server} asks {user} for the code of a second factor.",
            hint="Type the code that your authenticator app shows now; it is good for half a minute.",
            server=connection.address.url,
            user=user,
        )
    if password is None:
        raise SignInError(
            "There is no password for {user} on {server}.",
            hint="Type the password. The keyring of this computer has none, or there is no keyring.",
            server=connection.address.url,
            user=user,
        )
    factor = {"AuthenticationCode": code.strip()} if code else {}
    answer = connection.ask("POST", where, form={"Password": password, **factor}, progress=progress)
    if answer.status != 302 or not (connection.has_session and not _again(answer)):
        raise _refused(connection, answer, user)


def _again(answer: Answer) -> bool:
    return answer.location.partition("?")[0] in ("", "/", "/login", _FORM, "/create-password")


def _refused(connection: Connection, answer: Answer, user: str) -> Exception:
    page, _, asked = answer.location.partition("?")
    server = connection.address.url
    if page == _FORM and WRONG_OR_NO_CODE in flags(asked):
        return SecondFactorError(
            "{server} did not accept the password and the code of {user}.",
            hint="Type the code that your authenticator app shows now, and check the password: the server does not tell"
            " which of the two is wrong.",
            server=server,
            user=user,
        )
    if page == "/create-password":
        return SignInError(
            "{user} has no password on {server} yet.",
            hint="Open the server in a browser and give the user a password there.",
            server=server,
            user=user,
        )
    if page in ("/login", _FORM):
        return SignInError(
            "{server} does not know {user} with this password.",
            hint="Check both: capital letters count, also in the name of the user, and a blank before or behind it.",
            server=server,
            user=user,
        )
    return connection.strange()
