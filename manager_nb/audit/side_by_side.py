"""What two businesses tell side by side, beside their records: counts by type, totals, what History says of between."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.compare import DIFFERING, ONLY_LEFT, ONLY_RIGHT, Comparison
from manager_nb.audit.totals import TOTALS, control_totals, kept
from manager_nb.errors import SelectionError
from manager_nb.format.database import Database
from manager_nb.format.schema import SCHEMA
from manager_nb.model.amounts import amount_of, has_amount
from manager_nb.model.currencies import EXACT, MOST_PLACES
from manager_nb.model.held import Held, held, same
from manager_nb.model.lookup import ObjectsLookup
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from manager_nb.audit.extension import Extension
    from manager_nb.timeline.business import Business

SAME = "same"

BY_TYPE = pa.schema(
    [("type", pa.string()), *((name, pa.int64()) for name in ("only_left", "only_right", "differing", "same"))]
)
"""The columns of :func:`count_by_type`."""

_STATES = {ONLY_LEFT: "only_left", ONLY_RIGHT: "only_right", DIFFERING: "differing", SAME: "same"}
_MONEY = pa.decimal128(38, MOST_PLACES)
_BETWEEN = ("change", "commit", "time", "ticks", "user", "action", "type", "object", "label", "fields_changed")
_ALWAYS = -(1 << 63)
"""The tick before all others."""
_LOST = ("label", "time", "user", "action", "type", "change", "object")
_MANY = 30_000
"""So many rows of History can be asked for by their keys."""


def count_by_type(left: Mapping[str, Held], right: Mapping[str, Held]) -> pa.Table:
    """How many records and settings of each type are on one side only, differ, or are the same, byte by byte.

    A record whose type is another on each side counts where it is on the right.

    Args:
        left: the objects of one business by key, as :func:`manager_nb.model.held.held` gives them.
        right: those of the other.

    Returns:
        Columns ``type`` (name, GUID where unknown), ``only_left``, ``only_right``, ``differing``, ``same``; by type.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for key in left.keys() | right.keys():
        mine, other = left.get(key), right.get(key)
        shown = other or mine
        assert shown is not None  # noqa: S101 - the key is of one of them
        state = ONLY_RIGHT if mine is None else ONLY_LEFT if other is None else DIFFERING
        counts[shown.type, SAME if same(mine, other) else state] += 1
    types = sorted({type_ for type_, _ in counts})
    rows = [{"type": one, **{name: counts[one, state] for state, name in _STATES.items()}} for one in types]
    return pa.Table.from_pylist(rows, BY_TYPE)


def related(left: Mapping[str, Held], right: Mapping[str, Held]) -> bool:
    """Whether both can be of one business: they have a record in common, or one of them has none at all.

    Settings and form defaults have the same keys in every business, and tell nothing.
    """
    ours, theirs = ({key for key, one in side.items() if key != one.content_type} for side in (left, right))
    return not ours or not theirs or not ours.isdisjoint(theirs)


def require_related(
    current: Business, other: Business, now: Mapping[str, Held] | None = None, then: Mapping[str, Held] | None = None
) -> None:
    """Refuse a file of another business, chosen by mistake.

    Args:
        current: a business.
        other: what should be another file of it.
        now: the objects of the first by key, where they are at hand.
        then: those of the other.

    Raises:
        SelectionError: they have no record in common.
    """
    sides = (held(one.objects()) if known is None else known for one, known in ((current, now), (other, then)))
    if not related(*sides):
        raise SelectionError(
            "{other} is another business: it has no record in common with {name}.",
            hint="Choose a backup of the same business.",
            path=other.source.path,
            other=other.source.path.name,
            name=current.source.path.name,
        )


def require_another_file(current: Business, earlier: Business) -> None:
    """Refuse a file as the witness of itself: whatever was done to it, it agrees with itself in every row.

    Args:
        current: a business.
        earlier: what should be an earlier backup of it.

    Raises:
        SelectionError: both are the same, byte by byte.
    """
    if earlier.source.sha256 == current.source.sha256:
        raise SelectionError(
            "{other} is the very file that is tested, byte by byte: it cannot vouch for itself.",
            hint="Choose a backup from an earlier day, kept where nobody could change it.",
            path=earlier.source.path,
            other=earlier.source.path.name,
        )


def totals_side_by_side(
    left: Mapping[str, Held], right: Mapping[str, Held], *, progress: Progress = SILENT
) -> pa.Table:
    """Counts and sums of all documents that have amounts, by type and currency, with their differences.

    Returns:
        The columns of :func:`manager_nb.audit.totals.control_totals`, ``before`` being left and ``after`` right, and
        ``count_difference`` and ``sum_difference``: right less left, exact.

    Raises:
        CancelledError: the user cancelled.
    """
    types = {one.content_type for side in (left, right) for one in side.values()}
    documents = {guid for guid in types if (known := SCHEMA.type_of(guid)) and has_amount(known)}
    rows = control_totals(left, right, documents, progress=progress).to_arrow().to_pylist()
    for row in rows:
        row["count_difference"] = row["count_after"] - row["count_before"]
        row["sum_difference"] = _difference(row["sum_before"], row["sum_after"])
    schema = TOTALS.append(pa.field("count_difference", pa.int64())).append(pa.field("sum_difference", _MONEY))
    return pa.Table.from_pylist(rows, schema)


def documents_in(left: Mapping[str, Held], right: Mapping[str, Held]) -> int:
    """How many documents with amounts there are on both sides together: what totals take to reckon."""
    counts = Counter(one.content_type for side in (left, right) for one in side.values())
    return sum(count for guid, count in counts.items() if (known := SCHEMA.type_of(guid)) and has_amount(known))


def changes_between(left: Business, right: Business, progress: Progress = SILENT) -> pa.Table:
    """What History of the right side tells of the time between: its rows that the left one's has not.

    Rows from before the left one's History begins are not of that time: it was trimmed. Where it has none at all, the
    rows later than everything in it are taken.

    Returns:
        Columns of ``business.history``, without amounts; newest first.

    Raises:
        CancelledError: the user cancelled.
    """
    known, since = _known(left, progress)
    rows = right.history.to_arrow(["change", "ticks"], progress=progress)
    new = [
        change
        for change, ticks in zip(rows["change"].to_pylist(), rows["ticks"].to_pylist(), strict=True)
        if change and change.lower() not in known and (ticks is None or ticks > since)
    ]
    check(progress)
    if len(new) <= _MANY:
        return right.history_rows(new).to_arrow(_BETWEEN, progress=progress)
    found = right.history.to_arrow(_BETWEEN, progress=progress)
    return found.filter(pc.is_in(found["change"], pa.array(new, pa.string())))


def _known(left: Business, progress: Progress) -> tuple[set[str], int]:
    """The keys of the left side's changes, and the tick before which its History cannot know any."""
    rows = left.history.to_arrow(["change", "ticks"], progress=progress)
    if rows.num_rows:
        first = pc.min(rows["ticks"]).as_py()
        known = {change.lower() for change in rows["change"].to_pylist() if change}
        return known, _ALWAYS if first is None else first - 1
    newest = newest_tick(left)
    return set(), _ALWAYS if newest is None else newest


def rows_told(earlier: Business, found: Extension) -> pa.Table:
    """The rows of the earlier History that are gone or altered, as the earlier side tells them.

    Returns:
        Columns of ``business.history``, and ``became`` ("missing", "altered", "as undone") and ``columns`` (of the
        file's table, those that were altered).
    """
    became = {row.key: row for row in found.changed}
    spelled = [spelling for key in became for spelling in dict.fromkeys((key, key.upper()))]
    parts = [
        earlier.history_rows(spelled[first : first + _MANY]).to_arrow(_LOST)
        for first in range(0, max(len(spelled), 1), _MANY)
    ]
    rows = pa.concat_tables(parts)
    mine = [became.get((change or "").lower()) for change in rows["change"].to_pylist()]
    rows = rows.append_column("became", pa.array([row.what if row else None for row in mine], pa.string()))
    columns = [", ".join(row.fields) if row and row.fields else None for row in mine]
    return rows.append_column("columns", pa.array(columns, pa.string()))


def newest_tick(business: Business) -> int | None:
    """The latest time that is on any record or row of History, in ticks; None where there is none.

    A clock that was set back makes it no proof of which of two files is the later, only a sign.
    """
    database = Database(business.open_source.database)
    found = [
        ticks
        for table in ("Objects", "Changes")
        if "Timestamp" in database.columns(table)
        for (ticks,) in database.rows(f'SELECT max("Timestamp") FROM "{table}"')  # noqa: S608 - two names of ours
        if isinstance(ticks, int)
    ]
    return max(found, default=None)


def differing_records(
    comparison: Comparison, between: pa.Table, left: Mapping[str, Held], right: Mapping[str, Held]
) -> pa.Table:
    """The records that are not the same, with what changed in them, by whom, and what they come to.

    Args:
        comparison: of both sides.
        between: what :func:`changes_between` gave.
        left: the objects of the left side by key.
        right: those of the right side.

    Returns:
        The columns of :attr:`Comparison.records`, and ``fields`` (the fields that differ in a record of both sides),
        ``amount_left``, ``amount_right``, ``currency`` (of documents), ``changes`` (how many rows of `between` are of
        it), ``time`` and ``user`` (of the last of them).
    """
    rows = comparison.records.to_arrow().to_pylist()
    fields = fields_that_differ(comparison)
    last = _last_changes(between)
    sides = [(side, ObjectsLookup(side)) for side in (left, right)]
    for row in rows:
        key = row["key"].lower()
        row["fields"] = fields.get(row["key"]) if row["state"] == DIFFERING else None
        (row["amount_left"], one), (row["amount_right"], other) = (_amount(*side, key) for side in sides)
        row["currency"] = other or one
        row["changes"], row["time"], row["user"] = last.get(key, (0, None, None))
    return pa.Table.from_pylist(
        rows,
        pa.schema(
            [
                *comparison.records.schema,
                ("fields", pa.string()),
                ("amount_left", _MONEY),
                ("amount_right", _MONEY),
                ("currency", pa.string()),
                ("changes", pa.int64()),
                ("time", between.schema.field("time").type),
                ("user", pa.string()),
            ]
        ),
    )


def fields_that_differ(comparison: Comparison) -> dict[str, str]:
    """The fields that differ, in words with commas between, by the key of the record."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for row in comparison.changes.to_arrow(["key", "path"]).to_pylist():
        found[row["key"]][row["path"]] = None
    return {key: ", ".join(paths) for key, paths in found.items()}


def _last_changes(between: pa.Table) -> dict[str, tuple[int, Any, str | None]]:
    """How many changes each record had, when the last was and whose; by its key in lower case."""
    found: dict[str, tuple[int, Any, str | None]] = {}
    for row in between.select(["object", "time", "user"]).to_pylist():  # newest first
        key = (row["object"] or "").lower()
        count, time, user = found.get(key, (0, row["time"], row["user"]))
        found[key] = count + 1, time, user
    return found


def _amount(side: Mapping[str, Held], lookup: ObjectsLookup, key: str) -> tuple[Decimal | None, str | None]:
    one = side.get(key)
    known = SCHEMA.type_of(one.content_type) if one else None
    if one is None or known is None or not has_amount(known) or key == one.content_type:
        return None, None
    amount = amount_of(known, one.content, lookup)
    return (None if amount.value is None else kept(amount.value)), amount.currency


def _difference(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else kept(EXACT.subtract(right, left))
