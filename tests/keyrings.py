"""A keyring in memory, in place of the operating system's."""

from __future__ import annotations

from typing import ClassVar

import keyring.backend
import keyring.errors


class Ring(keyring.backend.KeyringBackend):
    """Tells what it has, by service and user."""

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
