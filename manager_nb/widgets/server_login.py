"""Signing in to a Manager server inside a panel: address, user, password, and what a server may ask besides.

The password is in no state: its field sends it with the press of "Sign in" alone, and the page forgets it at once. Here
only the open `Server` has it, which shows it to nobody.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.errors import (
    CancelledError,
    CertificateError,
    ManagerNbError,
    NotManagerError,
    SecondFactorError,
    ServerAddressError,
    ServerUnreachableError,
    SignInError,
)
from manager_nb.server.address import address_of
from manager_nb.server.client import Server
from manager_nb.server.secrets import Secret, has_keyring
from manager_nb.widgets import view
from manager_nb.widgets.preferences import preferences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager_nb.progress import Progress
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

ADMINISTRATOR = "administrator"
"""The user that every server has at first."""

_OF_THE_ADDRESS = (ServerAddressError, ServerUnreachableError, NotManagerError)


@dataclass(frozen=True, slots=True)
class _Came:
    """What came of signing in: a server that is open, or why not; and whether the keyring took the password."""

    server: Server | None = None
    names: tuple[str, ...] = ()
    error: ManagerNbError | None = None
    kept: bool | None = None


class ServerLogin:
    """The part of a panel in which a person signs in to a server; one panel has one of them.

    Args:
        panel: the panel it is in.
        place: its name there: the prefix of its keys, and where its errors and its work belong.
        changed: called when somebody has signed in or out.

    Attributes:
        server: the server while somebody is signed in, else None.
        names: the businesses that the user may see there.
        address: the address as it was typed; `user` and `certificate` (the path of a file) likewise.
        unencrypted: whether the password may travel so that others in the network can read it.
        remember: whether this computer's keyring is to keep the password.
        coded: whether whoever is signed in gave a code of a second factor.
    """

    def __init__(self, panel: Panel, place: str, changed: Callable[[], None]) -> None:
        self._panel, self._place, self._changed = panel, place, changed
        self.server: Server | None = None
        self.names: tuple[str, ...] = ()
        kept = preferences()
        kept.refresh()
        self.address, self.user, self.certificate = (
            kept.server,
            kept.server_user or ADMINISTRATOR,
            kept.server_certificate,
        )
        self.unencrypted = self.remember = self.coded = False
        self._ended = False
        self._keyring = has_keyring()
        self._remembered: bool | None = None
        self._to_keep: Secret | None = None
        self._asking: Server | None = None

    # ---- what it does, from a button or from code ----------------------------------------------------------------

    def sign_in(self, password: Secret | None = None) -> None:
        """Sign in as typed; without a password with the one that the keyring has.

        Args:
            password: it; empty is none.
        """
        text = password.reveal() if password is not None else ""
        address, user, certificate = self.address, self.user, self.certificate.strip() or None
        unencrypted, remember = self.unencrypted, self.remember

        def work(progress: Progress) -> _Came:
            try:
                server = Server(address, user, text or None, certificate=certificate, unencrypted=unencrypted)
            except ManagerNbError as error:
                return _Came(error=error)
            return _come(server, None, progress, self._to_keep)

        self._to_keep = Secret(text) if remember and text else None
        self._remembered = None if text else True
        self._run(work)

    def give_code(self, code: Secret) -> None:
        """Go on with the code of the second factor that the server asked for."""
        server, keep = self._asking, self._to_keep
        if server is not None:
            self._run(lambda progress: _come(server, code.reveal(), progress, keep))

    def sign_out(self) -> None:
        """End the session on the server, where it would be good for a year."""
        server, self.server, self.names = self.server, None, ()
        if server is not None:
            atexit.unregister(server.close)
            self._changed()
            self._panel.focus = self._key("address")
            self._panel.run("Signing out", lambda _progress: server.close(), lambda _none: None, place=self._place)

    @property
    def remembered(self) -> bool:
        """Whether the keyring has the password of whoever is signed in."""
        return bool(self._remembered)

    def refresh(self, names: Iterable[str]) -> None:
        """Take the list of businesses as it is by now."""
        self.names = tuple(names)

    def heed(self, error: Exception | None) -> None:
        """Where the server asked for a code once more, ask for it here; where it knows nobody any more, say so."""
        if isinstance(error, SecondFactorError) and self.server is not None:
            self._asking, self.server = self.server, None
        elif isinstance(error, SignInError):
            self._ended = True

    def close(self) -> None:
        """Sign out without waiting for it."""
        for server in {self.server, self._asking} - {None}:
            atexit.unregister(server.close)  # type: ignore[union-attr]
            threading.Thread(target=server.close, daemon=True).start()  # type: ignore[union-attr]
        self.server = self._asking = None

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Node:
        """The part of the screen: what to type, or who is signed in."""
        text = self._panel.text
        if self.server is not None:
            inside: Iterable[Node | None] = self._signed_in(self.server)
        else:
            inside = self._code() if self._asking is not None else self._form()
        return view.section(text("Manager server"), *inside, key=self._place)

    def _signed_in(self, server: Server) -> Iterable[Node | None]:
        panel = self._panel
        words = panel.text("Signed in to {server} as {user}.", server=server.url, user=server.user)
        out = view.button(panel.text("Sign out"), self.sign_out, key=self._key("out"), disabled=panel.busy)
        yield view.row(view.paragraph(words, look="strong"), out)
        if self._ended or self._is(SignInError):
            ended = panel.text("The server does not know this session any more. Sign out here, then sign in again.")
            yield view.notice(ended, look="warning")
        if self.remember and self._remembered is False:
            failed = panel.text("The keyring of this computer did not take the password: type it again next time.")
            yield view.notice(failed, look="warning")
        if self._remembered and self._keyring:
            yield view.row(
                view.paragraph(panel.text("This computer remembers the password."), look="muted"),
                view.button(panel.text("Forget the password"), self._forget, key=self._key("forget"), look="quiet"),
            )
        yield panel.trouble(self._place)
        yield panel.under_way(self._place)

    def _form(self) -> Iterable[Node | None]:
        panel, text, busy = self._panel, self._panel.text, self._panel.busy
        yield view.entry(
            text("Address of the server"),
            self.address,
            self._typing("address"),
            key=self._key("address"),
            help=text("As the browser shows it where you work in Manager, such as https://books.example.com."),
            disabled=busy,
            path=True,
        )
        yield self._trouble(*_OF_THE_ADDRESS)
        yield self._consent()
        yield view.entry(
            text("User"),
            self.user,
            self._typing("user"),
            key=self._key("user"),
            help=text("Capital letters count."),
            disabled=busy,
            path=True,
        )
        empty = text("Empty: the one that this computer remembers.") if self._keyring else ""
        yield view.secret(text("Password"), key=self._key("password"), help=empty, disabled=busy)
        yield self._remembering()
        yield self._own_certificate()
        yield self._trouble()
        yield panel.under_way(self._place) or view.button(  # never waits for what is typed: Enter comes right behind it
            text("Sign in"),
            self.sign_in,
            key=self._key("in"),
            look="primary",
            disabled=busy,
            gives=self._key("password"),
            focus=True,
        )

    def _consent(self) -> Node | None:
        """The tick without which nothing goes unencrypted to another computer; only there it is shown."""
        with contextlib.suppress(ServerAddressError):
            address = address_of(self.address, unencrypted=True)
            if not (address.encrypted or address.here):
                text = self._panel.text
                return view.check(
                    text("Allow an unencrypted connection"),
                    self.unencrypted,
                    self._setting("unencrypted"),
                    key=self._key("unencrypted"),
                    help=text(
                        "Anybody in the network on the way to the server can then read your password and the books."
                        " Only where you trust all of it, such as a cable in your own office."
                    ),
                    disabled=self._panel.busy,
                )
        return None

    def _remembering(self) -> Node | None:
        if not self._keyring:
            return None
        text = self._panel.text
        return view.check(
            text("Remember the password on this computer"),
            self.remember,
            self._setting("remember"),
            key=self._key("remember"),
            help=text("In the keyring of the system, where only you can read it; a backup every night needs it there."),
            disabled=self._panel.busy,
        )

    def _own_certificate(self) -> Node:
        text = self._panel.text
        field = view.entry(
            text("Certificate file"),
            self.certificate,
            self._typing("certificate"),
            key=self._key("certificate"),
            help=text("Its path on this computer. Whoever looks after the server gives it to you: a text file (PEM)."),
            disabled=self._panel.busy,
            path=True,
        )
        wrong = self._is(CertificateError)
        return view.fold(
            text("The server has a certificate of its own"),
            field,
            self._trouble(CertificateError),
            key=self._key("own"),
            opened=wrong or bool(self.certificate),
        )

    def _code(self) -> Iterable[Node | None]:
        panel, text, busy = self._panel, self._panel.text, self._panel.busy
        yield view.paragraph(text("The server asks for the code of the second factor."))
        yield view.secret(
            text("Code"),
            key=self._key("code"),
            help=text("Your authenticator app shows it; it is good for half a minute."),
            shown=True,
            disabled=busy,
        )
        yield panel.trouble(self._place)
        yield panel.under_way(self._place) or view.row(
            view.button(
                text("Sign in with the code"),
                self.give_code,
                key=self._key("in"),
                look="primary",
                gives=self._key("code"),
                focus=True,
            ),
            view.button(text("Type the password again"), self._start_over, key=self._key("again"), look="quiet"),
        )

    def _trouble(self, *kinds: type[Exception]) -> Node | None:
        """The error, at the field that it is about; without kinds: one that is about no single field."""
        of_a_field = self._is(*_OF_THE_ADDRESS, CertificateError)
        return self._panel.trouble(self._place) if (self._is(*kinds) if kinds else not of_a_field) else None

    def _is(self, *kinds: type[Exception]) -> bool:
        return isinstance(self._panel.error, kinds)

    # ---- what happens --------------------------------------------------------------------------------------------

    def _run(self, work: Callable[[Progress], _Came]) -> None:
        self._panel.run("Signing in", work, self._take, place=self._place)

    def _take(self, came: _Came) -> None:
        panel, asked_before = self._panel, self._asking is not None
        self._asking, self.server = None, None
        if isinstance(came.error, SecondFactorError):
            self._asking = came.server
            panel.focus = self._key("code")
            if asked_before:
                panel.fail(came.error, self._place)
            return
        if came.error is not None:
            panel.focus = self._field_of(came.error)
            panel.fail(came.error, self._place)
            return
        self.server, self.names, self._to_keep = came.server, came.names, None
        self.coded, self._ended = asked_before, False
        self._remembered = self._remembered if came.kept is None else came.kept
        if came.server is not None:
            atexit.register(came.server.close)
            self.address = came.server.url
            preferences().remember_server(self.address, self.user, self.certificate.strip())
        panel.focus = self._place
        self._changed()

    def _field_of(self, error: ManagerNbError) -> str:
        if isinstance(error, CancelledError):
            return self._key("in")
        if isinstance(error, CertificateError):
            return self._key("certificate")
        return self._key("address" if isinstance(error, _OF_THE_ADDRESS) else "password")

    def _start_over(self) -> None:
        server, self._asking = self._asking, None
        self._panel.clear(self._place)
        self._panel.focus = self._key("password")
        if server is not None:
            threading.Thread(target=server.close, daemon=True).start()

    def _forget(self) -> None:
        if self.server is not None:
            self.server.forget_password()
        self._remembered = None
        self._panel.focus = self._place

    def _typing(self, name: str) -> Callable[[str], None]:
        return lambda value: setattr(self, name, value)

    def _setting(self, name: str) -> Callable[[bool], None]:
        return lambda value: setattr(self, name, value)

    def _key(self, name: str) -> str:
        return f"{self._place}-{name}"


def _come(server: Server, code: str | None, progress: Progress, keep: Secret | None) -> _Came:
    """Sign in and list the businesses. Where a code is asked for, the server comes back with that, else closed."""
    try:
        server.sign_in(code, progress=progress)
        names = tuple(server.businesses(progress=progress))
        return _Came(server, names, kept=server.remember_password(keep.reveal()) if keep is not None else None)
    except SecondFactorError as error:
        return _Came(server, error=error)
    except ManagerNbError as error:
        server.close()
        return _Came(error=error)
    except BaseException:
        server.close()
        raise
