"""Proof that a source was only read."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def untouched(path: Path) -> Iterator[None]:
    """Assert that the block changes nothing of `path`, nor of the folder that it lies in.

    For a file: its bytes, its time of change, and the listing of its folder. For a folder: the same of everything below
    it. A folder's own time of change is held too: it moves even when a file was made there and removed again.
    """
    before = _seen(path)
    yield
    after = _seen(path)
    changed = {
        name: (before.get(name), after.get(name)) for name in before | after if before.get(name) != after.get(name)
    }
    assert changed == {}, f"the source was touched: {changed}"


def _seen(path: Path) -> dict[str, tuple[object, ...]]:
    watched = {path, path.parent} | (set(path.rglob("*")) if path.is_dir() else set())
    return {str(item): _state(item) for item in watched}


def _state(item: Path) -> tuple[object, ...]:
    if item.is_dir():
        return tuple(sorted(inner.name for inner in item.iterdir())), item.stat().st_mtime_ns
    return hashlib.sha256(item.read_bytes()).hexdigest(), item.stat().st_mtime_ns
