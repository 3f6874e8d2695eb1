"""Passwords: shown nowhere, written nowhere; kept, where the user wants it, by the operating system's own keyring."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVICE = "manager_nb"


class Secret:
    """A text that no repr, log, error or notebook shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "<Secret>"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a secret is never written")


def remembered(server: str, user: str) -> Secret | None:
    """The password that the keyring has; None where there is none, or no keyring."""
    with _keyring() as keyring:
        if keyring is not None and (text := keyring.get_password(_service(server), user)):
            return Secret(text)
    return None


def has_keyring() -> bool:
    """Whether this computer has a keyring that keeps what it is given."""
    with _keyring() as keyring:
        return keyring is not None and keyring.get_keyring().priority > 0
    return False


def remember(server: str, user: str, password: str) -> bool:
    """Let the keyring keep a password; False where there is no keyring."""
    done = False
    with _keyring() as keyring:
        if keyring is not None:
            keyring.set_password(_service(server), user, password)
            done = True
    return done


def forget(server: str, user: str) -> None:
    """Let the keyring forget a password, if it has it."""
    with _keyring() as keyring:
        if keyring is not None:
            keyring.delete_password(_service(server), user)


def _service(server: str) -> str:
    return f"{_SERVICE} {server}"


@contextlib.contextmanager
def _keyring() -> Iterator[Any]:
    """The keyring; None where the package is missing.

    What the system refuses, and a keyring that is not there, is no error: the password is typed then.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        yield None
        return
    with contextlib.suppress(KeyringError):
        yield keyring


class _WithoutHeaders(logging.Filter):
    """Keeps the headers of answers out of the log of the HTTP library: a session's cookie is among them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it may be logged."""
        return "headers" not in record.getMessage()


def keep_cookies_out_of_logs() -> None:
    """See :class:`_WithoutHeaders`; once is enough."""
    for name in ("httpcore.http11", "httpcore.http2"):
        logger = logging.getLogger(name)
        if not any(isinstance(one, _WithoutHeaders) for one in logger.filters):
            logger.addFilter(_WithoutHeaders())
