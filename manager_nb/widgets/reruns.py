"""A cell that is run again shows a new panel; the one that it showed before is closed, with what it held open."""

from __future__ import annotations

import contextlib
import weakref
from dataclasses import dataclass, field
from typing import Any, Protocol


class Closable(Protocol):
    """What a cell shows."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(slots=True)
class _Run:
    """One run of a cell, and the panels that it made."""

    run: str
    panels: weakref.WeakSet[Closable] = field(default_factory=weakref.WeakSet)


_RUNS: dict[str, _Run] = {}


def make_room(panel: Closable) -> None:
    """Close the panels that an earlier run of this cell made, and remember this one as of this run.

    A panel holds a private copy of a business, which may be large; nothing else would ever let go of it, since the
    notebook keeps what cells have shown. Outside a notebook, and where the cell cannot be told, nothing happens.
    """
    where = _cell()
    if where is None:
        return
    cell, run = where
    known = _RUNS.get(cell)
    if known is None or known.run != run:
        earlier = list(known.panels) if known is not None else []
        known = _RUNS[cell] = _Run(run)
        for one in earlier:
            one.close()
    known.panels.add(panel)


def _cell() -> tuple[str, str] | None:
    """The cell that is being run, and this run of it, as JupyterLab tells them with the code."""
    from IPython import get_ipython

    shell = get_ipython()
    with contextlib.suppress(AttributeError, KeyError, TypeError, LookupError):
        asked: dict[str, Any] = shell.kernel.get_parent()
        return str(asked["metadata"]["cellId"]), str(asked["header"]["msg_id"])
    return None
