"""The part of the audit that draws a sample: from what, how, by which seed; and what was drawn."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from manager_nb.audit.lots import REASONS
from manager_nb.audit.sampling import METHODS, MONETARY, RANDOM, STRATIFIED, documents_of, draw_sample
from manager_nb.errors import SelectionError
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model.amounts import has_amount
from manager_nb.widgets import view
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_column, type_titles

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager_nb.audit.sampling import Sample
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_PLACE = "sample"
_COLUMNS = (
    record_column(),
    Column("date", mark("Date")),
    Column("amount", mark("Amount"), digits=2),
    Column("currency", mark("Currency")),
    Column("stratum", mark("Stratum")),
    Column("why", mark("Why"), words={one: one for one in sorted(REASONS)}),
    Column("reason", mark("Why the amount is not known"), hidden=True),
    Column("lot", mark("Lot or selection point"), hidden=True),
    Column("key", mark("Key of the record"), hidden=True),
)


class SampleView:
    """Draws a sample of the documents of one type.

    Args:
        panel: the panel it is in.
        on_record: called with the key of a record that a person opens.

    Attributes:
        samples: all that were drawn from this business, in their order; all of them go into the paper.
        sample: the one that is shown; None until one was drawn.
    """

    def __init__(self, panel: Panel, on_record: Callable[[str], None]) -> None:
        self._panel, self._on_record = panel, on_record
        self._items = Grid(panel, f"{_PLACE}-items", opens=self._open)
        self._left = Grid(panel, f"{_PLACE}-left", opens=self._open_left)
        self._business: Business | None = None
        self._types: list[str] = []
        self.samples: list[Sample] = []
        self.sample: Sample | None = None
        self.type = self.currency = ""
        self.method = RANDOM
        self.size, self.seed, self.bands = "25", "", ""

    def take(self, business: Business) -> None:
        """Take a business."""
        self.clear()
        self._business = business
        known = {name: SCHEMA.named(name) for name in business.types()}
        self._types = [name for name, kind in known.items() if kind is not None and has_amount(kind)]
        counts = {name: len(business.records(name)) for name in self._types}
        self.type = max(self._types, key=lambda name: counts[name], default="")

    def clear(self) -> None:
        """Drop the samples and the business."""
        self._business, self.sample, self._types, self.samples = None, None, [], []
        self._items.clear()
        self._left.clear()

    def draw(self) -> None:
        """Draw it; the panel's long work."""
        business, method, name = self._business, self.method, self.type
        seed, wanted = self.seed.strip(), self.currency.strip().upper()
        if business is None:
            return

        def work(progress: Progress) -> Sample:
            if not seed:
                raise SelectionError(
                    "The sample has no seed.",
                    hint="Write any words or number: who has it can draw the same sample again.",
                )
            bands = _limits(self.bands) if method == STRATIFIED else None
            return draw_sample(
                business.amounts(name),
                seed=seed,
                size=_number(self.size),
                method=method,
                bands=bands,
                currency=wanted or None,
                progress=progress,
            )

        def show(sample: Sample) -> None:
            known = [one for one in self.samples if (one.of, one.given) == (sample.of, sample.given)]
            if not known:  # drawn with the same seed it is the same sample
                self.samples.append(sample)
            self._show(known[0] if known else sample)

        self._panel.run("Drawing the sample", work, show, place=_PLACE)

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Node | None:
        """The choice, and the sample."""
        if not self._types:
            return None
        text, busy = self._panel.text, self._panel.busy
        titles = {name: text(type_titles()[name]) for name in self._types}
        size = text("In how many intervals the total is cut") if self.method == MONETARY else text("How many")
        bands = None
        if self.method == STRATIFIED:
            bands = view.entry(
                text("Limits between the groups"),
                self.bands,
                self._set("bands"),
                key=f"{_PLACE}-bands",
                help=text("Amounts with semicolons between them: 10000; 100000 makes three groups."),
            )
        return view.fold(
            text("Draw a sample"),
            view.select(text("From all"), titles, self.type, self._set("type"), key=f"{_PLACE}-type", disabled=busy),
            view.choice(
                text("How it is drawn"),
                {name: text(_NAMES[name]) for name in METHODS},
                self.method,
                self._set("method"),
                key=f"{_PLACE}-method",
                helps={name: text(words) for name, words in METHODS.items()},
                disabled=busy,
            ),
            view.fields(
                view.entry(size, self.size, self._set("size"), key=f"{_PLACE}-size"),
                view.entry(
                    text("Seed"),
                    self.seed,
                    self._set("seed"),
                    key=f"{_PLACE}-seed",
                    help=text("Any words or number: who has it can draw the same sample again."),
                ),
                view.entry(
                    text("Only in this currency"),
                    self.currency,
                    self._set("currency"),
                    key=f"{_PLACE}-currency",
                    help=text("Its code, for example INR. Left empty, all are taken."),
                ),
                bands,
            ),
            view.row(view.button(text("Draw the sample"), self.draw, key=f"{_PLACE}-draw", disabled=busy)),
            self._panel.under_way(_PLACE),
            self._panel.trouble(_PLACE),
            self._list(),
            self._drawn(),
            key=f"{_PLACE}-fold",
        )

    def _list(self) -> Node | None:
        """Every sample so far, where there are several: none is dropped because another one was drawn."""
        if len(self.samples) < 2:
            return None
        text, number = self._panel.text, self._panel.words.number
        columns = [
            text("Sample"),
            text("From all"),
            text("How it is drawn"),
            text("Seed"),
            text("Drawn"),
            text("Shown"),
        ]
        rows: list[list[str | Node]] = []
        for place, one in enumerate(self.samples):
            title = text("Sample {number}", number=number(place + 1))
            name = documents_of(one.of) or one.of
            currency = f" ({one.given['currency']})" if "currency" in one.given else ""
            opener = view.button(title, self._showing(one), key=f"{_PLACE}-number-{place}", look="row")
            shown = text("shown below") if one is self.sample else ""
            method, seed = text(_NAMES[one.method]), str(one.parameters["seed"])
            rows.append([opener, f"{text(name)}{currency}", method, seed, number(len(one)), shown])
        current = next((place for place, one in enumerate(self.samples) if one is self.sample), None)
        title = text("The samples that were drawn")
        table = view.table(title, columns, rows, key=f"{_PLACE}-list", numbers=(4,), hide_caption=True, current=current)
        return view.section(title, table, key=f"{_PLACE}-all")

    def _drawn(self) -> Node | None:
        if self.sample is None:
            return None
        panel, sample = self._panel, self.sample
        panel_text = panel.text
        self._items.rename(panel_text("Sample"))
        self._left.rename(panel_text("Left out"))
        left = None
        if len(sample.left_out):
            left = view.section(panel_text("Left out"), self._left.nodes(), key=f"{_PLACE}-left-part")
        return view.section(
            panel.plural("{count} item was drawn", "{count} items were drawn", len(sample)),
            view.bullets(sample.describe(panel.words)),
            self._items.nodes() if len(sample) else None,
            left,
            view.paragraph(panel_text("Every sample that is drawn goes into the working paper."), look="muted"),
            key=f"{_PLACE}-done",
        )

    # ---- what happens --------------------------------------------------------------------------------------------

    def _set(self, name: str) -> Callable[[str], None]:
        return lambda words: setattr(self, name, words)

    def _show(self, sample: Sample) -> None:
        self.sample = sample
        self._items.show(self._panel.text("Sample"), sample.items.to_arrow(), _COLUMNS)
        self._left.show(self._panel.text("Left out"), sample.left_out.to_arrow(), _COLUMNS)
        self._panel.focus = f"{_PLACE}-done"

    def _showing(self, sample: Sample) -> Callable[[], None]:
        return lambda: self._show(sample)

    def _open(self, number: int) -> None:
        self._on_record(self._items.rows["key"][number].as_py())

    def _open_left(self, number: int) -> None:
        self._on_record(self._left.rows["key"][number].as_py())


_NAMES = {RANDOM: mark("Random"), STRATIFIED: mark("Stratified"), MONETARY: mark("Monetary unit")}


def _number(words: str) -> int:
    if not words.strip().isdecimal() or not int(words):
        raise SelectionError(
            "“{words}” is no number of items.", hint="Write a whole number from 1 on, for example 25.", words=words
        )
    return int(words)


def _limits(words: str) -> list[Decimal]:
    """The amounts at which a group begins, as a person writes them: 1,00,000 is one amount, "1,000, 2,000" is none."""
    parts = [part.strip() for part in words.split(";") if part.strip()]
    if not parts:
        raise SelectionError("No limits between the groups are given.", hint=_HOW)
    return [_limit(part) for part in parts]


def _limit(part: str) -> Decimal:
    try:
        limit = Decimal(part.replace(",", ""))
    except InvalidOperation:
        limit = Decimal("NaN")
    if not limit.is_finite():
        raise SelectionError("“{words}” is no amount at which a group can begin.", hint=_HOW, words=part)
    return limit


_HOW = mark("Write amounts in figures, with semicolons between them, for example 10000; 100000.")
