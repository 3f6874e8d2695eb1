"""The moments of writing, told to whoever watches: the crash tests stop the process at each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

watchers: list[Callable[[str], None]] = []
"""Called with the name of every step that is reached; empty but in tests."""


def reached(step: str) -> None:
    """Tell that a step of writing is reached."""
    for watcher in watchers:
        watcher(step)
