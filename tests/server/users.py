"""Who may log in to the server of the tests, and how (protocol, §1)."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from tests.server.names import fields_of, message, query

CHALLENGE = 'Basic realm="Manager"'


@dataclass
class User:
    """A user: an administrator, or one with businesses, of some of which everything may be seen.

    `code` is what the second factor shows; a user who `must_enrol` has to use one and has none yet.
    """

    password: str = "secret"
    administrator: bool = True
    businesses: set[str] = field(default_factory=set)
    full_access: set[str] = field(default_factory=set)
    code: str | None = None
    must_enrol: bool = False

    def may_see(self, business: str) -> bool:
        return self.administrator or business in self.businesses

    def may_back_up(self, business: str) -> bool:
        return self.administrator or business in self.businesses & self.full_access


class Users:
    """Users by their exact names, and the sessions that are open."""

    def __init__(self, users: dict[str, User]) -> None:
        self.by_name = users
        self._sessions: dict[str, str] = {}

    def log_in(self, name: str, form: dict[str, str]) -> tuple[str, str | None]:
        """Where the answer leads, and the session's cookie where there is one; a failure only leads elsewhere."""
        user = self.by_name.get(name)
        if user and user.administrator and not user.password:
            return "/create-password", None
        if user and user.code is not None:
            if form.get("Password") != user.password or form.get("AuthenticationCode") != user.code:
                return f"/login-password?{query({1: name, 3: True})}", None
        elif user is None or form.get("Password") != user.password:
            return f"/login-password?{query({1: name, 2: True})}", None
        session = secrets.token_hex(16)
        self._sessions[session] = name
        value = base64.urlsafe_b64encode(message({1: name, 2: session})).decode().rstrip("=")
        return (f"/login-setup-mfa?{query({2: 'Manager'})}" if user.must_enrol else "/businesses"), value

    def end_sessions(self) -> None:
        """As when an administrator sets new passwords."""
        self._sessions.clear()

    @property
    def sessions(self) -> int:
        """How many are open."""
        return len(self._sessions)

    def log_out(self, header: str) -> None:
        self._sessions.pop(_session(header), None)

    def by_cookie(self, header: str) -> str | None:
        name = self._sessions.get(_session(header))
        return name if name in self.by_name else None

    def by_basic(self, header: str) -> str | None:
        """A password with a colon never passes here, nor a user with a second factor."""
        if not header.startswith("Basic "):
            return None
        parts = base64.b64decode(header[6:], validate=True).decode().split(":")
        name, password = parts[0], parts[1]  # no colon: IndexError, which the real program answers with 500
        user = self.by_name.get(name)
        return name if len(parts) == 2 and user and user.code is None and user.password == password else None


def _session(header: str) -> str:
    """The session that a cookie names, "" where it names none."""
    try:
        cookie = SimpleCookie(header).get("session")
    except CookieError:
        return ""
    return fields_of(cookie.value).get(2, "") if cookie else ""
