"""Long work beside the notebook: one thread, a bar that moves, and a Cancel that is heard."""

from __future__ import annotations

import contextvars
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds between two drawings of the bar: often enough to look alive, seldom enough not to slow the work.
PACE = 0.15


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a step is.

    Attributes:
        step: what is being done, an English text of the catalogue; empty before the first step.
        done: units done.
        total: units in all, None where that is not known.
    """

    step: str = ""
    done: int = 0
    total: int | None = None

    @property
    def fraction(self) -> float | None:
        """From 0 to 1, None where the end is not known."""
        return self.done / self.total if self.total else None


class Meter:
    """The Progress that a panel gives to an engine (see :mod:`manager_nb.progress`).

    Args:
        changed: called, at most every `PACE` seconds and at each new step, in the thread of the work.

    Attributes:
        reading: how far it is.
        stopped: set once the person has pressed Cancel.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.stopped = threading.Event()
        self._told = 0.0
        self.reading = Reading()

    @property
    def cancelled(self) -> bool:
        """Whether the person has pressed Cancel."""
        return self.stopped.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; it does so at its next check."""
        self.stopped.set()

    def start(self, step: str, total: int | None = None) -> None:
        """Begin a step."""
        self.reading = Reading(step, 0, total)
        self._tell(at_once=True)

    def advance(self, amount: int = 1) -> None:
        """Some units of the step are done."""
        now = self.reading
        self.reading = Reading(now.step, now.done + amount, now.total)
        self._tell()

    def finish(self) -> None:
        """The step is done."""
        now = self.reading
        self.reading = Reading(now.step, now.total if now.total is not None else now.done, now.total)
        self._tell()

    def _tell(self, *, at_once: bool = False) -> None:
        moment = time.monotonic()
        if at_once or moment - self._told >= PACE:
            self._told = moment
            self._changed()


class Job:
    """Work in a thread of its own.

    Args:
        work: does it; given the meter. Its outcome goes to `finished`.
        finished: called at the end in the same thread with (job, result or None, error or None).
        changed: called when the meter moves.
        after: a job to wait for first: two never run side by side.
    """

    def __init__(
        self,
        work: Callable[[Meter], object],
        finished: Callable[[Job, object, Exception | None], None],
        changed: Callable[[], None],
        after: Job | None = None,
    ) -> None:
        self.meter = Meter(changed)
        self._work = work
        self._finished = finished
        self._after = after
        # Jupyter reads from the context to which cell or click a drawing belongs. A thread without it draws in the name
        # of whatever came last, and ipykernel then sends the next click to that one's loop, which may have ended.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="manager_nb work", daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end.

        Returns:
            Whether it has ended.
        """
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._after is not None:
            self._after.join()
            self._after = None
        result: object = None
        error: Exception | None = None
        try:
            result = self._work(self.meter)
        except Exception as trouble:  # noqa: BLE001 - the panel shows it and keeps it
            error = trouble
        self._finished(self, result, error)
