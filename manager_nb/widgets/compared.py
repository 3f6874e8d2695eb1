"""What a comparison on the screen is made of, reckoned in the thread of the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.audit.compare import Comparison, compare
from manager_nb.audit.extension import Extension, extension
from manager_nb.audit.side_by_side import (
    changes_between,
    count_by_type,
    differing_records,
    documents_in,
    newest_tick,
    related,
    rows_told,
    totals_side_by_side,
)
from manager_nb.model.held import held
from manager_nb.progress import check
from manager_nb.timeline.business import Business, PastBusiness
from manager_nb.widgets.open_panel import MOST_AMOUNTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from manager_nb.progress import Progress


@dataclass(frozen=True, slots=True)
class Compared:
    """Two businesses, compared.

    Attributes:
        left: the earlier one.
        right: the later one.
        comparison: which records and fields differ.
        by_type: counts by type.
        records: the records that differ, with what changed in them and who did it last.
        between: the rows of the right side's History that the left one's has not.
        totals: counts and sums; None where there are so many documents that they are reckoned only when asked for.
        related: whether both can be of one business.
        swapped: whether the left side is the later one, as far as times tell.
        extension: whether the left side's History is still in the right one's; None where both are of one file, or of
            different businesses.
        lost: the rows of the left side's History that are gone or altered.
        labels: label and type of the records that the extension names, by key.
        made: the pasts that were made for it, to be closed with it.
    """

    left: Business
    right: Business
    comparison: Comparison
    by_type: pa.Table
    records: pa.Table
    between: pa.Table
    totals: pa.Table | None
    related: bool
    swapped: bool
    extension: Extension | None
    lost: pa.Table | None
    labels: Mapping[str, tuple[str, str]]
    made: tuple[Business, ...] = ()

    @property
    def one_file(self) -> bool:
        """Whether both sides are of one file."""
        return _one_file(self.left, self.right)

    @property
    def same_twice(self) -> bool:
        """Whether both sides are one file in one state."""
        return self.one_file and not any(isinstance(one, PastBusiness) for one in (self.left, self.right))

    def close(self) -> None:
        """Remove what was made for it."""
        for past in self.made:
            past.close()


def compared(
    makers: tuple[Callable[[Progress], Business], Callable[[Progress], Business]],
    own: tuple[bool, bool],
    progress: Progress,
) -> Compared:
    """Compare two sides.

    Args:
        makers: give the business of each side, the earlier first.
        own: whether each is made for this, and closed with it.
        progress: told how far it is; heeded.

    Raises:
        CancelledError: the user cancelled; what was made is removed.
    """
    made: list[Business] = []
    try:
        sides = []
        for make, is_own in zip(makers, own, strict=True):
            progress.start("Going back in time" if is_own else "Reading")
            sides.append(make(progress))
            made += sides[-1:] if is_own else []
            check(progress)
        return _compared(sides[0], sides[1], tuple(made), progress)
    except BaseException:
        for past in made:
            past.close()
        raise


def _compared(left: Business, right: Business, made: tuple[Business, ...], progress: Progress) -> Compared:
    comparison = compare(left, right, progress=progress)
    mine, other = held(left.objects()), held(right.objects())
    check(progress)
    progress.start("Reading History")
    between = changes_between(left, right, progress)
    few = documents_in(mine, other) <= MOST_AMOUNTS
    ages = newest_tick(left), newest_tick(right)
    kin = related(mine, other)
    found = None
    if kin and not _one_file(left, right):
        progress.start("Checking History")
        found = extension(left, right, progress)
    named = {key: one for key, _ in (found.objects if found else ()) if (one := other.get(key) or mine.get(key))}
    return Compared(
        left,
        right,
        comparison,
        count_by_type(mine, other),
        differing_records(comparison, between, mine, other),
        between,
        totals_side_by_side(mine, other, progress=progress) if few else None,
        kin,
        None not in ages and ages[0] > ages[1],  # type: ignore[operator]
        found,
        rows_told(left, found) if found is not None else None,
        {key: (one.label, one.type) for key, one in named.items()},
        made,
    )


def _one_file(left: Business, right: Business) -> bool:
    return left.source.sha256 == right.source.sha256


def totals_of(one: Compared, progress: Progress) -> pa.Table:
    """The totals of two sides that have very many documents."""
    return totals_side_by_side(held(one.left.objects()), held(one.right.objects()), progress=progress)
