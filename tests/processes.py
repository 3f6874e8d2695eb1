"""Another Python process, for what cannot be tried in this one: being killed, limits, locks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a piece of Python that can import manager_nb, and wait for it."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", timeout=120, cwd=ROOT, env=_environment()
    )


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Run it beside this process; it speaks by lines on standard output and hears on standard input."""
    command = [sys.executable, "-u", "-c", code, *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT, env=_environment()
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
