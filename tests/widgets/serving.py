"""What the tests of panels about a server share: signing in as a person does, and a keyring that tells what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import keyring
import keyring.backend
import keyring.errors

from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from manager_nb.widgets.panel import Panel

TRADERS, SHOP = "Himalaya Traders", "आरोही स्टोर्स"
PASSWORD = "sécret:पासवर्ड"


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority: ClassVar[float] = 9

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("there is none")


def sign_in(panel: Panel, url: str, password: str = PASSWORD, user: str = "administrator") -> Screen:
    """Type, press "Sign in", wait."""
    screen = Screen(panel)
    screen.fill("Address of the server", url)
    screen.fill("User", user)
    screen.give("Sign in", password)
    ended(panel)
    return screen


def ended(panel: Panel) -> None:
    """Wait for the work, whatever came of it."""
    job = panel._job
    while job is not None and job.join(30) and panel._job is not job:
        job = panel._job
    assert not panel.busy
