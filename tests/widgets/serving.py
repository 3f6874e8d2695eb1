"""What the tests of panels about a server share: signing in as a person does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from manager_nb.widgets.panel import Panel

TRADERS, SHOP = "Himalaya Traders", "आरोही स्टोर्स"
PASSWORD = "sécret:पासवर्ड"


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
