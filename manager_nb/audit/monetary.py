"""Drawing by monetary unit: the running total, the points that select, and what cannot be drawn so."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from manager_nb.audit.lots import CERTAIN, HIT, NEGATIVE, UNKNOWN, ZERO, Drawn, Items, exact, lot, one_currency, whole
from manager_nb.errors import SelectionError
from manager_nb.model.said import said
from manager_nb.progress import SILENT, Progress, heeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_UNIT, _FINEST = Decimal("0.01"), -12


def by_monetary_unit(
    items: Items, seed: str, size: int | None, interval: Any, amount: str, progress: Progress = SILENT
) -> Drawn:
    """Draw by monetary unit.

    Args:
        items: the population.
        seed: gives the start.
        size: how many intervals the total is cut into; None where the interval is given.
        interval: every so many units of money one is selected.
        amount: the column with the amounts.
        progress: heeded.

    Raises:
        NotFoundError: there is no such column.
        SelectionError: the amounts are in several currencies, or neither size nor interval will do.
    """
    amounts = items.amounts(amount)
    one_currency(items)
    places = sorted(range(len(amounts)), key=lambda place: items.keys[place])
    positive = [place for place in places if (amounts[place] or 0) > 0]
    with localcontext(prec=100):
        total = sum((amounts[place] or Decimal() for place in positive), Decimal())
        unit = _unit([amounts[place] or Decimal() for place in positive], interval)
        step = _interval(total, size, interval, unit)
        start = _start(seed, step, unit)
        why = dict(_hits(heeded(positive, progress), amounts, step, start))
    drawable = set(positive)
    apart = {place: _apart(amounts[place]) for place in places if place not in drawable}
    told = [
        said(
            "Monetary unit sample, seed {seed}: {population} items with positive amounts, {total} in all; interval"
            " {interval}, start {start}.",
            seed=seed, population=len(positive), total=total, interval=step, start=start,
        ),
        said("Items of at least the interval are taken without drawing and are not counted in the running total."),
        said(
            "The others run in the order of their keys; an item is taken where the running total reaches the start,"
            " or the start and a whole number of intervals."
        ),
        said(
            "Left out, to be looked at by themselves: {negative} negative amounts, {zero} zero, {unknown} not known.",
            **{name: sum(one == reason for one in apart.values()) for name, reason in _APART.items()},
        ),
    ]  # fmt: skip
    chosen = sorted(why, key=lambda place: (why[place][0] != CERTAIN, items.keys[place]))
    parameters = {"size": size, "interval": str(step), "start": str(start), "amount": amount}
    return Drawn(chosen, why, parameters, tuple(told), apart=apart)


_APART = {"negative": NEGATIVE, "zero": ZERO, "unknown": UNKNOWN}


def _hits(
    places: Iterable[int], amounts: Sequence[Decimal | None], step: Decimal, start: Decimal
) -> Iterator[tuple[int, tuple[str, str]]]:
    running, point = Decimal(), start
    for place in places:
        value = amounts[place] or Decimal()
        if value >= step:
            yield place, (CERTAIN, "")
            continue
        running += value
        if running >= point:  # less than an interval: no other point can be in it
            yield place, (HIT, f"{point:f}")
            point += step


def _unit(amounts: Sequence[Decimal], interval: Any) -> Decimal:
    """The smallest unit of money that an amount, or the interval, has: a hundredth, or less."""
    given = [exact(interval)] if interval is not None else []
    places = [one.normalize().as_tuple().exponent for one in (*amounts, *given)]
    return min(_UNIT, Decimal(1).scaleb(max(min(map(int, places), default=0), _FINEST)))


def _interval(total: Decimal, size: int | None, interval: Any, unit: Decimal) -> Decimal:
    if interval is not None:
        step = exact(interval)
        if step <= 0:
            raise SelectionError(
                "The interval is not above zero.", hint="Give how much money one selection stands for."
            )
        return step
    cut = total / whole(size) if total else unit
    return max(cut.quantize(unit, ROUND_UP), unit)


def _start(seed: str, step: Decimal, unit: Decimal) -> Decimal:
    """A start from one unit of money to the whole interval, each equally likely."""
    units = max(int((step / unit).quantize(Decimal(1), ROUND_DOWN)), 1)
    return (int(lot(seed, "start"), 16) % units + 1) * unit


def _apart(amount: Decimal | None) -> str:
    if amount is None:
        return UNKNOWN
    return NEGATIVE if amount < 0 else ZERO
