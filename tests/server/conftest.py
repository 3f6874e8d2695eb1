"""A server with the demonstration business in it, and a client that is about to log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from tests.server.serving import ManagerServer, serve_manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRADERS = "Himalaya Traders"


@pytest.fixture
def server(tmp_path: Path, himalaya_tar: Path) -> Iterator[ManagerServer]:
    with serve_manager(tmp_path / "server", {TRADERS: himalaya_tar}) as running:
        yield running


@pytest.fixture
def client(server: ManagerServer) -> Iterator[mn.Server]:
    with mn.Server(server.url, "administrator", "secret", pauses=()) as opened:
        yield opened
