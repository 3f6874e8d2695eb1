"""Waiting for the network so that Cancel is heard meanwhile."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from manager_nb.progress import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager_nb.progress import Progress

T = TypeVar("T")

_LOOK = 0.1
"""Seconds between two looks for a cancel."""


def awaited(work: Callable[[], T], progress: Progress, longest: float) -> T:
    """Do something that waits for the network; after a cancel it is left to itself and comes to nothing.

    Args:
        work: what is done.
        progress: its cancel is heeded.
        longest: seconds after which it is given up, whatever comes of it.

    Raises:
        CancelledError: the user cancelled.
        TimeoutError: it took too long.
    """
    check(progress)
    results: queue.SimpleQueue[tuple[list[T], BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(([work()], None))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            results.put(([], error))

    threading.Thread(target=run, name="manager_nb network", daemon=True).start()
    end = time.monotonic() + longest
    while True:
        try:
            result, error = results.get(timeout=_LOOK)
        except queue.Empty:
            check(progress)
            if time.monotonic() > end:
                raise TimeoutError from None
            continue
        if error is not None:
            raise error
        return result[0]


def paused(seconds: float, progress: Progress) -> None:
    """Wait.

    Raises:
        CancelledError: the user cancelled.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        check(progress)
        time.sleep(min(left, _LOOK))
    check(progress)
