"""Samples that anybody can draw again: random, stratified, by monetary unit, over any table.

Chance comes from a seed and nothing else, the same on every machine. An item's lot is the SHA-256 of the line
``SEED:KEY`` in UTF-8; lots are compared as the hexadecimal digits that ``sha256sum`` shows. A random sample is the
items with the smallest lots. A monetary unit sample goes through the items in the order of their keys, from a start
that is the SHA-256 of ``SEED:start``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from manager_nb.audit.lots import (
    CERTAIN,
    HIT,
    LOT,
    NEGATIVE,
    UNKNOWN,
    ZERO,
    Items,
    exact,
    lot,
    one_currency,
    rows_of,
    whole,
)
from manager_nb.errors import SelectionError
from manager_nb.i18n import mark
from manager_nb.model.said import ENGLISH, Said, said
from manager_nb.model.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from manager_nb.i18n import Language

RANDOM, STRATIFIED, MONETARY = "random", "stratified", "monetary unit"

METHODS = {
    RANDOM: mark("Random: every item has the same chance"),
    STRATIFIED: mark("Stratified: a random sample from each group"),
    MONETARY: mark("Monetary unit: every unit of money has the same chance"),
}
"""How a sample can be drawn."""

_UNIT, _FINEST = Decimal("0.01"), -12


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample.

    Attributes:
        method: one of :data:`METHODS`.
        items: what was drawn: the columns of the population, then ``stratum``, ``why`` (it was taken) and ``lot`` (the
            digits that decided, or the selection point that hit).
        left_out: what could not be drawn by this method, and ``why``: of a monetary unit sample zero, negative and
            unknown amounts. Look at them by themselves.
        parameters: all that is needed to draw it again, by name.
        population: how many items there were.
        told: what was done, in sentences.
    """

    method: str
    items: Table
    left_out: Table
    parameters: Mapping[str, Any]
    population: int
    told: tuple[Said, ...]

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"<Sample: {len(self)} of {self.population}, {self.method}>"

    def describe(self, language: Language = ENGLISH) -> list[str]:
        """How it was drawn, sentence by sentence: enough to draw it again by hand.

        Args:
            language: of the words.
        """
        return [one.told(language) for one in self.told]


def draw_sample(
    population: Table | pa.Table | pd.DataFrame,
    *,
    seed: str | int,
    size: int | None = None,
    method: str = RANDOM,
    key: str = "key",
    by: str | None = None,
    bands: Sequence[Decimal | int | str] | None = None,
    allocation: Mapping[str, int] | None = None,
    amount: str = "amount",
    interval: Decimal | int | str | None = None,
) -> Sample:
    """Draw a sample that anybody can draw again from the same rows.

    Args:
        population: the items: ``business.amounts("PurchaseInvoice")``, a frame, any table.
        seed: from which all chance comes: any words or number; write it down before you draw.
        size: how many items; for a monetary unit sample, how many intervals the total is cut into. A stratified sample
            may be given by `allocation` instead, a monetary unit sample by `interval`.
        method: "random", "stratified" or "monetary unit".
        key: the column that names an item; its values must differ.
        by: of a stratified sample, the column whose values are the strata.
        bands: of a stratified sample, limits of amounts that make the strata instead: ``[10000, 100000]`` makes three,
            each from its limit on, by the size of the amount without its sign.
        allocation: how many items from which stratum; None divides `size` in proportion (largest remainders).
        amount: the column with the amounts.
        interval: of a monetary unit sample: every so many units of money one is selected. An item of at least the
            interval is always taken.

    Raises:
        NotFoundError: the population has no such column.
        SelectionError: what was given does not fit the method or the rows.
    """
    rows = rows_of(population)
    if method not in METHODS:
        raise SelectionError(
            "There is no sample called {method}.",
            hint="The methods are: {methods}.",
            method=str(method),
            methods=", ".join(METHODS),
        )
    items = Items(rows, key, str(seed))
    if method == RANDOM:
        return _random(items, whole(size), str(seed))
    if method == STRATIFIED:
        if bands:
            one_currency(items)
        return _stratified(items, str(seed), size, items.strata(by, bands, amount), allocation, by, bands)
    return _monetary(items, str(seed), size, interval, amount)


def _random(items: Items, size: int, seed: str) -> Sample:
    chosen = items.order[:size]
    why = {place: (LOT, items.lots[place]) for place in chosen}
    told = [
        said(
            "Random sample of {size} of {population} items, seed {seed}: those with the smallest SHA-256 of SEED:KEY.",
            size=len(chosen), population=len(items.keys), seed=seed,
        )
    ]  # fmt: skip
    return _sample(RANDOM, items, chosen, {}, why, (), {"seed": seed, "size": size}, told)


def _stratified(
    items: Items,
    seed: str,
    size: int | None,
    strata: list[str],
    allocation: Mapping[str, int] | None,
    by: str | None,
    bands: Sequence[Any] | None,
) -> Sample:
    held: dict[str, int] = {}
    for stratum in strata:
        held[stratum] = held.get(stratum, 0) + 1
    wanted = _shares(held, whole(size)) if allocation is None else _given(allocation, held)
    drawn = dict.fromkeys(held, 0)
    chosen = []
    for place in items.order:
        stratum = strata[place]
        if drawn[stratum] < wanted.get(stratum, 0):
            drawn[stratum] += 1
            chosen.append(place)
    chosen.sort(key=lambda place: (strata[place], items.lots[place]))
    why = {place: (LOT, items.lots[place]) for place in chosen}
    told = [
        said(
            "Stratified sample, seed {seed}: from each stratum the items with the smallest SHA-256 of SEED:KEY.",
            seed=seed,
        ),
        *(
            said(
                "Stratum {name}: {size} of {population} items.",
                name=name or "–",
                size=drawn[name],
                population=held[name],
            )
            for name in sorted(held)
        ),
    ]
    parameters = {
        "seed": seed,
        "size": size,
        "by": by,
        "bands": [str(band) for band in bands] if bands else None,
        "allocation": dict(wanted),
    }
    return _sample(STRATIFIED, items, chosen, dict(enumerate(strata)), why, (), parameters, told)


def _monetary(items: Items, seed: str, size: int | None, interval: Any, amount: str) -> Sample:
    amounts = items.amounts(amount)
    one_currency(items)
    places = sorted(range(len(amounts)), key=lambda place: items.keys[place])
    positive = [place for place in places if (amounts[place] or 0) > 0]
    with localcontext(prec=100):
        total = sum((amounts[place] or Decimal() for place in positive), Decimal())
        unit = _unit([amounts[place] or Decimal() for place in positive], interval)
        step = _interval(total, size, interval, unit)
        start = _start(seed, step, unit)
        why = dict(_hits(positive, amounts, step, start))
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
    parameters = {"seed": seed, "size": size, "interval": str(step), "start": str(start), "amount": amount}
    return _sample(MONETARY, items, chosen, {}, why, [(place, apart[place]) for place in apart], parameters, told)


_APART = {"negative": NEGATIVE, "zero": ZERO, "unknown": UNKNOWN}


def _hits(
    places: Sequence[int], amounts: Sequence[Decimal | None], step: Decimal, start: Decimal
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


def _sample(
    method: str,
    items: Items,
    chosen: Sequence[int],
    strata: Mapping[int, str],
    why: Mapping[int, tuple[str, str]],
    apart: Sequence[tuple[int, str]],
    parameters: Mapping[str, Any],
    told: Sequence[Said],
) -> Sample:
    left = items.taken([place for place, _ in apart], {}, {place: (reason, "") for place, reason in apart})
    return Sample(
        method,
        Table.of("Sample", items.taken(chosen, strata, why)),
        Table.of("Left out", left),
        parameters,
        len(items.keys),
        tuple(told),
    )


def _shares(held: Mapping[str, int], size: int) -> dict[str, int]:
    """A size divided in proportion: whole parts first, the rest to the largest remainders, then by name."""
    population = sum(held.values())
    size = min(size, population)
    parts = {name: divmod(size * count, population) for name, count in held.items()}
    wanted = {name: whole for name, (whole, _) in parts.items()}
    left = size - sum(wanted.values())
    for name in sorted(parts, key=lambda name: (-parts[name][1], name))[:left]:
        wanted[name] += 1
    return wanted


def _given(allocation: Mapping[str, int], held: Mapping[str, int]) -> dict[str, int]:
    for name in allocation:
        if name not in held:
            raise SelectionError(
                "There is no stratum {name}.", hint="The strata are: {names}.", name=name, names=", ".join(sorted(held))
            )
    return {name: count if count == 0 else whole(count) for name, count in allocation.items()}
