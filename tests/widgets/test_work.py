from __future__ import annotations

import contextvars
import threading

from manager_nb.widgets import work
from manager_nb.widgets.work import Job, Meter, Reading


def test_a_meter_counts_and_names_the_step() -> None:
    meter = Meter(lambda: None)
    meter.start("Copying", 695)
    meter.advance(120)
    meter.advance()
    assert meter.reading == Reading("Copying", 121, 695)
    assert meter.reading.fraction == 121 / 695
    meter.finish()
    assert meter.reading.fraction == 1


def test_where_the_end_is_not_known_there_is_no_fraction() -> None:
    meter = Meter(lambda: None)
    meter.start("Reading")
    meter.advance(5)
    meter.finish()
    assert meter.reading.fraction is None
    assert Reading("x", 0, 0).fraction is None


def test_a_meter_does_not_tell_more_often_than_people_can_see(monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(work.time, "monotonic", lambda: now[0])
    told: list[int] = []
    meter = Meter(lambda: told.append(1))
    meter.start("Copying", 10_000)
    for _ in range(1_000):
        meter.advance()
        now[0] += 0.001
    assert 1 + 5 <= len(told) <= 1 + 8  # the step, then one each PACE seconds of the one that passed


def test_a_new_step_is_told_at_once() -> None:
    told: list[str] = []
    meter = Meter(lambda: told.append(meter.reading.step))
    meter.start("Copying", 10)
    meter.start("Verifying", 10)
    assert told == ["Copying", "Verifying"]


def test_a_job_hands_over_its_result_or_its_error() -> None:
    ended: list[tuple[object, Exception | None]] = []
    sound = Job(lambda _: 7, lambda _, result, error: ended.append((result, error)), lambda: None)
    sound.begin()
    assert sound.join(5)
    trouble = ValueError("x")

    def fail(_: Meter) -> None:
        raise trouble

    failing = Job(fail, lambda _, result, error: ended.append((result, error)), lambda: None)
    failing.begin()
    assert failing.join(5)
    assert ended == [(7, None), (None, trouble)]


def test_jobs_never_run_side_by_side() -> None:
    gate, order = threading.Event(), []
    first = Job(lambda _: gate.wait(5), lambda *_: order.append("first"), lambda: None)
    second = Job(lambda _: order.append("second"), lambda *_: None, lambda: None, after=first)
    first.begin()
    second.begin()
    assert not second.join(0.02)
    gate.set()
    assert second.join(5)
    assert order == ["first", "second"]


def test_cancel_is_seen_by_the_work() -> None:
    meter = Meter(lambda: None)
    assert meter.cancelled is False
    meter.cancel()
    assert meter.cancelled is True


def test_work_belongs_to_the_cell_or_click_that_began_it() -> None:
    """Jupyter reads from the context where a drawing belongs; without it, the next click is sent astray."""
    cell: contextvars.ContextVar[str] = contextvars.ContextVar("cell", default="whatever came last")
    seen: list[str] = []
    cell.set("the click")
    job = Job(
        lambda meter: (meter.start("Copying"), seen.append(cell.get())),
        lambda *_: None,
        lambda: seen.append(cell.get()),
    )
    job.begin()
    assert job.join(10)
    assert seen == ["the click", "the click"]
