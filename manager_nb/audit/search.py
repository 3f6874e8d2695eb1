"""Questions to History: which changes match, one record's life, one action as a unit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.parties import changes_with_party
from manager_nb.errors import NotFoundError
from manager_nb.model.labels import guid_of
from manager_nb.model.sides import type_name
from manager_nb.model.tables import ROWS, Table
from manager_nb.model.times import TIME
from manager_nb.progress import SILENT, Progress, check
from manager_nb.timeline.moments import Moment, first_tick, last_tick

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from manager_nb.timeline.business import Business

Number = Decimal | int | str

_NAMES, _VALUES = ("field", "path"), ("before", "after")
_ROWS = 1_000  # changed fields put in words at a time, so that Cancel is heard within a second

COMMITS = pa.schema(
    [
        ("commit", pa.string()),
        ("time", TIME),
        ("ticks", pa.int64()),
        ("user", pa.string()),
        ("changes", pa.int64()),
        ("created", pa.int64()),
        ("updated", pa.int64()),
        ("deleted", pa.int64()),
        ("types", pa.list_(pa.string())),
        ("label", pa.string()),
    ]
)
"""The columns of :func:`commits_of`."""


def find_changes(
    business: Business,
    *,
    users: Iterable[str | None] | None = None,
    types: Iterable[str] | None = None,
    actions: Iterable[str] | None = None,
    commits: Iterable[str] | None = None,
    objects: Iterable[str] | None = None,
    between: tuple[Moment, Moment] | None = None,
    dated: tuple[dt.date, dt.date] | None = None,
    amounts: tuple[Number | None, Number | None] | None = None,
    party: str | None = None,
    field: str | Iterable[str] | None = None,
    text: str | None = None,
    zone: str = "UTC",
    among: Table | None = None,
    progress: Progress = SILENT,
) -> Table:
    """The changes of History that match all that is asked; each question that is not asked is None.

    Args:
        business: whose History.
        users: names as History shows them; None among them is the program itself.
        types: names, titles or GUIDs of content types.
        actions: "create", "update", "delete".
        commits: keys of actions.
        objects: keys of records.
        between: the first and last moment that the change was made, both included: aware datetimes, dates (whole days
            in `zone`) or ticks.
        dated: the first and last date of the document, both included.
        amounts: the least and the largest amount, both included; None is no limit. Decimals, whole numbers or text,
            never floats. Documents whose amount is not known do not match.
        party: words in the name of a customer, supplier, employee or capital account that the record, before or after
            the change, refers to or is, under whatever name it ever had; or its key.
        field: words in the name of a field that was changed, as in ``business.changes``: "credit limit", "Lines.Qty";
            of several, one is enough.
        text: words in the record's label, or in a changed field before or after.
        zone: the time zone of dates in `between`.
        among: ask only of these, a table that this function or ``business.history`` gave: it is not read again.
        progress: told of what is read; heeded.

    Returns:
        A table with the columns of ``business.history``, newest first.

    Raises:
        NotFoundError: there is no such type.
        TypeError: an amount is a float.
        CancelledError: the user cancelled.
    """
    rows = (among or business.history).to_arrow(progress=progress)
    wanted = {
        "user": None if users is None else _listed(users),
        "type": None if types is None else [type_name(guid_of(name)) for name in _listed(types)],
        "action": None if actions is None else _listed(actions),
    }
    for column, values in wanted.items():
        if values is not None:
            rows = rows.filter(pc.is_in(rows[column], pa.array(values, pa.string())))
    for column, keys in (("commit", commits), ("object", objects)):
        if keys is not None:
            lower = pa.array([str(key).lower() for key in _listed(keys)], pa.string())
            rows = rows.filter(pc.is_in(pc.utf8_lower(rows[column]), lower))
    rows = _in_range(rows, between, dated, amounts, zone)
    if field is not None or text is not None:
        rows = _worded(business, rows, None if field is None else _listed(field), text, progress)
    if party is not None:
        rows = _having(rows, changes_with_party(business, set(rows["change"].to_pylist()), party, progress))
    return Table.of("History", rows)


def life_of(business: Business, key: str) -> Table:
    """One record's life: its changes in the order in which they really happened, the first one first.

    That order is the one that the links between the changes tell; where the clock was set back it is not that of the
    times. Columns as in ``business.history``. A record without History has none.

    Args:
        business: the business.
        key: of the record, which may be gone.

    Raises:
        NotFoundError: neither the business nor its History has that record.
    """
    life = business.trail.life(key)
    if life is None:
        raise NotFoundError(
            "There is no record with the key {key}, neither now nor in History.",
            hint="Take a key from a table of records or from the column object of History.",
            path=business.source.path,
            key=key,
        )
    links = [*life.chain.links, *life.chain.twins]
    places = {link.change: place for place, link in enumerate(links)}
    rows = business.history_of(key).to_arrow()
    rows = rows.filter(pc.is_in(rows["change"], pa.array(list(places), pa.string())))
    order = pa.array([places[change] for change in rows["change"].to_pylist()], pa.int64())
    return Table.of("Life", rows.take(pc.sort_indices(order)))


def deleted_records(business: Business, progress: Progress = SILENT) -> Table:
    """The records that are gone: of each its deletion, a row of ``business.history``, the last deleted first.

    A record that was deleted and is there again is not among them; nor is one that vanished without a deletion. Where
    one was deleted several times, its last deletion is the one that the links between its changes tell.

    Args:
        business: the business.
        progress: told of what is read; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    there = {key.lower() for key, _, _ in business.objects()}
    rows = business.history.to_arrow(["change", "action", "object"], progress=progress)
    rows = rows.filter(pc.equal(rows["action"], "delete"))
    places: dict[str, list[int]] = {}
    for place, key in enumerate(rows["object"].to_pylist()):
        if str(key).lower() not in there:
            places.setdefault(str(key).lower(), []).append(place)
    changes = rows["change"].to_pylist()
    last = sorted(_last_of(business, key, found, changes) for key, found in places.items())
    read = []  # whole rows, which have amounts to be reckoned, of these alone
    for start in range(0, max(len(last), 1), ROWS):
        chosen = [changes[place] for place in last[start : start + ROWS]]
        read.append(business.history_rows(chosen).to_arrow(progress=progress))
    return Table.of("Deleted records", pa.concat_tables(read))


def commits_of(changes: Business | Table, progress: Progress = SILENT) -> Table:
    """The actions of History, newest first: a batch of 300 changes is one row.

    Columns: ``commit`` (key; null where old rows have none: those of one moment and user are one row), ``time`` (UTC),
    ``ticks``, ``user``, ``changes``, ``created``, ``updated``, ``deleted`` (numbers of changes), ``types`` (names),
    ``label`` (of its first record).

    Args:
        changes: a business, or a table that :func:`find_changes` gave: then only those changes are counted.
        progress: told of the changes that are read; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    columns = ["commit", "time", "ticks", "user", "action", "type", "label"]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    history = changes if isinstance(changes, Table) else changes.history
    batches = history.batches(columns=columns, progress=progress)
    for row in (row for batch in batches for row in batch.to_pylist()):
        key = (row["commit"] or (row["ticks"], row["user"]),)
        one = found.setdefault(
            key,
            {
                **{name: row[name] for name in ("commit", "time", "ticks", "user", "label")},
                **dict.fromkeys(("changes", "created", "updated", "deleted"), 0),
                "types": [],
            },
        )
        one["changes"] += 1
        if row["action"] is not None:
            one[f"{row['action']}d"] += 1
        if row["type"] is not None and row["type"] not in one["types"]:
            one["types"].append(row["type"])
    return Table.of("Actions", pa.Table.from_pylist(list(found.values()), COMMITS))


def _last_of(business: Business, key: str, places: list[int], changes: list[str]) -> int:
    """Which of a record's deletions is the last one."""
    life = business.trail.life(key) if len(places) > 1 else None
    if life is None or not life.chain.links:
        return places[0]
    return next((place for place in places if changes[place] == life.chain.links[-1].change), places[0])


def _listed(values: Any) -> list[Any]:
    return [values] if isinstance(values, str) else list(values)


def _in_range(
    rows: pa.Table,
    between: tuple[Moment, Moment] | None,
    dated: tuple[dt.date, dt.date] | None,
    amounts: tuple[Number | None, Number | None] | None,
    zone: str,
) -> pa.Table:
    if between is not None:
        low, high = first_tick(between[0], zone), last_tick(between[1], zone)
        rows = rows.filter(pc.and_(pc.greater_equal(rows["ticks"], low), pc.less_equal(rows["ticks"], high)))
    if dated is not None:
        low, high = (pa.scalar(day, pa.date32()) for day in dated)
        rows = rows.filter(pc.and_(pc.greater_equal(rows["date"], low), pc.less_equal(rows["date"], high)))
    if amounts is not None:
        least, most = (None if limit is None else _exact(limit) for limit in amounts)
        rows = rows.filter(
            pa.array(
                [
                    amount is not None and (least is None or amount >= least) and (most is None or amount <= most)
                    for amount in rows["amount"].to_pylist()
                ],
                pa.bool_(),
            )
        )
    return rows


def _exact(limit: Number) -> Decimal:
    if isinstance(limit, float):
        raise TypeError("money is never a float: give a Decimal, a whole number or text")
    return Decimal(limit)


def _worded(
    business: Business, rows: pa.Table, fields: list[str] | None, text: str | None, progress: Progress
) -> pa.Table:
    """The rows whose changed fields have these words; a text may be in the record's label as well."""
    labelled: set[str] = set()
    if text is not None:
        labelled.update(rows.filter(_has(rows["label"], text))["change"].to_pylist())
    fielded, worded = set[str](), set[str]()
    progress.start("Searching", len(business.history))
    needed = ["change", *(_NAMES if fields else ()), *(_VALUES if text is not None else ())]
    for told in business.changes.batches(_ROWS, columns=needed):
        check(progress)
        for field in fields or ():
            fielded.update(_changes_with(told, _NAMES, field))
        if text is not None:
            worded.update(_changes_with(told, _VALUES, text))
        progress.advance(pc.count_distinct(told["change"]).as_py())
    progress.finish()
    asked = [found for wanted, found in ((fields, fielded), (text, worded | labelled)) if wanted is not None]
    return _having(rows, set.intersection(*asked))


def _changes_with(told: pa.RecordBatch, columns: tuple[str, ...], words: str) -> Iterator[str]:
    for column in columns:
        yield from told.filter(pc.fill_null(_has(told[column], words), False))["change"].to_pylist()


def _has(column: pa.Array | pa.ChunkedArray, words: str) -> pa.Array | pa.ChunkedArray:
    return pc.match_substring(pc.utf8_lower(column), words.lower())


def _having(rows: pa.Table, changes: Iterable[str]) -> pa.Table:
    return rows.filter(pc.is_in(rows["change"], pa.array(sorted(changes), pa.string())))
