"""Samples that anybody can draw again: random, stratified, by monetary unit, over any table.

Chance comes from a seed and nothing else, the same on every machine. An item's lot is the SHA-256 of the line
``SEED:KEY`` in UTF-8; lots are compared as the hexadecimal digits that ``sha256sum`` shows. A random sample is the
items with the smallest lots. A monetary unit sample goes through the items in the order of their keys, from a start
that is the SHA-256 of ``SEED:start``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from manager_nb.audit.lots import LOT, Drawn, Items, one_currency, rows_of, whole
from manager_nb.audit.monetary import by_monetary_unit
from manager_nb.errors import SelectionError
from manager_nb.i18n import mark
from manager_nb.model import labels
from manager_nb.model.said import ENGLISH, Said, said
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

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
        of: what the population is called; "" where it has no name.
        given: what :func:`draw_sample` was told, by keyword, to draw the same again.
    """

    method: str
    items: Table
    left_out: Table
    parameters: Mapping[str, Any]
    population: int
    told: tuple[Said, ...]
    of: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

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
    currency: str | None = None,
    progress: Progress = SILENT,
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
        currency: take only what is in this currency, by its code; None takes all.
        progress: heeded.

    Raises:
        NotFoundError: the population has no such column.
        SelectionError: what was given does not fit the method or the rows.
        CancelledError: the user cancelled.
    """
    if method not in METHODS:
        raise SelectionError(
            "There is no sample called {method}.",
            hint="The methods are: {methods}.",
            method=str(method),
            methods=", ".join(METHODS),
        )
    code = (currency or "").strip().upper()
    progress.start("Drawing the sample")
    items = Items(rows_of(population, code, progress), key, str(seed), progress)
    if method == RANDOM:
        drawn = _random(items, whole(size), str(seed))
    elif method == STRATIFIED:
        if bands:
            one_currency(items)
        drawn = _stratified(items, str(seed), size, items.strata(by, bands, amount), allocation, by, bands)
    else:
        drawn = by_monetary_unit(items, str(seed), size, interval, amount, progress)
    progress.finish()
    name = population.name if isinstance(population, Table) else ""
    given = {
        "seed": str(seed), "size": size, "method": method if method != RANDOM else None,
        "key": key if key != "key" else None, "by": by, "bands": [str(one) for one in bands] if bands else None,
        "allocation": dict(allocation) if allocation is not None else None,
        "amount": amount if amount != "amount" else None,
        "interval": str(interval) if interval is not None else None, "currency": code or None,
    }  # fmt: skip
    return Sample(
        method,
        Table.of("Sample", items.taken(drawn.chosen, drawn.strata, drawn.why)),
        Table.of("Left out", items.taken(drawn.apart, {}, {place: (why, "") for place, why in drawn.apart.items()})),
        {"seed": str(seed), **drawn.parameters, **({"currency": code} if code else {})},
        len(items.keys),
        (*_population(name, len(items.keys), code), *drawn.told),
        name,
        {name: value for name, value in given.items() if value is not None},
    )


def _population(name: str, count: int, currency: str) -> Iterator[Said]:
    title = documents_of(name)
    if title is not None:
        yield said("Population: all {type}, {count} documents.", type=Said(title), count=count)
    else:
        yield said("Population: {name}, {count} items.", name=name or "–", count=count)
    if currency:
        yield said("Only what is in {currency} was taken.", currency=currency)


def documents_of(name: str) -> str | None:
    """The title of the type whose amounts a table of that name has; None for any other table."""
    title, _, what = name.rpartition(" ")
    return title if what == "amounts" and labels.find_type(title) is not None else None


def _random(items: Items, size: int, seed: str) -> Drawn:
    chosen = items.order[:size]
    why = {place: (LOT, items.lots[place]) for place in chosen}
    told = [
        said(
            "Random sample of {size} of {population} items, seed {seed}: those with the smallest SHA-256 of SEED:KEY.",
            size=len(chosen), population=len(items.keys), seed=seed,
        )
    ]  # fmt: skip
    return Drawn(chosen, why, {"size": size}, tuple(told))


def _stratified(
    items: Items,
    seed: str,
    size: int | None,
    strata: list[str],
    allocation: Mapping[str, int] | None,
    by: str | None,
    bands: Sequence[Any] | None,
) -> Drawn:
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
        "size": size,
        "by": by,
        "bands": [str(band) for band in bands] if bands else None,
        "allocation": dict(wanted),
    }
    return Drawn(chosen, why, parameters, tuple(told), strata=dict(enumerate(strata)))


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
