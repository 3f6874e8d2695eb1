"""A throw-away JupyterLab on a free loopback port, with the options that users get and a home folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.lab import quiet_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "browser-tests"


@dataclass(frozen=True, slots=True)
class LabServer:
    """Where a running JupyterLab listens.

    Attributes:
        url: its address.
        root: the folder whose notebooks it opens.
        home: the home folder of its kernels.
    """

    url: str
    root: Path
    home: Path

    def request(self, method: str, path: str) -> bytes:
        """Call the REST API of Jupyter Server."""
        call = urllib.request.Request(self.url + path, method=method, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(call, timeout=10) as reply:
            return bytes(reply.read())

    def start_clean(self) -> None:
        """Shut down every kernel and empty the home folder: no preferences, no backups."""
        for session in json.loads(self.request("GET", "/api/sessions")):
            self.request("DELETE", f"/api/sessions/{session['id']}")
        for item in self.home.iterdir():
            shutil.rmtree(item) if item.is_dir() else item.unlink()


@contextlib.contextmanager
def serve_lab(folder: Path, *, patience: float = 60) -> Iterator[LabServer]:
    """Run JupyterLab over ``folder/notebooks`` until the block ends."""
    server = LabServer(f"http://127.0.0.1:{_free_port()}", folder / "notebooks", folder / "home")
    server.root.mkdir()
    server.home.mkdir()
    port = server.url.rpartition(":")[2]
    command = [
        *(sys.executable, "-m", "jupyterlab", *quiet_options(server.root), "--no-browser"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        "--LabApp.expose_app_in_browser=True",
    ]
    log = folder / "lab.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=_environment(folder), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            _wait_for(server, process, log, patience)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(server: LabServer, process: subprocess.Popen[bytes], log: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        try:
            server.request("GET", "/api/status")
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text('utf-8')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(folder: Path) -> dict[str, str]:
    jupyter = {name: str(folder / "jupyter" / name.lower()) for name in _JUPYTER}
    home = str(folder / "home")
    known = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "JUPYTER"))}
    return {**known, **jupyter, "HOME": home, "USERPROFILE": home, "LOCALAPPDATA": home, "MANAGER_NB_LANGUAGE": "en"}


_JUPYTER = (
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
)
