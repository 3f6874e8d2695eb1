"""The records of one type as a listing: names for keys, only columns that hold something, the sensible ones shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA, FieldType
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model import labels
from manager_nb.model.amounts import has_amount
from manager_nb.model.secrets import is_secret
from manager_nb.model.wording import caption, sentence
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager_nb.model.business import Business

_CUSTOM = "CustomFields2"
_PARTIES = frozenset({"Customer", "Employee", "Supplier", "employee"})
_A_FEW = 3
"""So many fields are shown of a type that has neither date nor amount."""

_AT_ONCE = 250
_MANY = 300

_GONE = mark("{name} (deleted)")


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows with the columns to show them in.

    Attributes:
        rows: among its columns ``key``, the record's key.
        columns: in order.
    """

    rows: pa.Table
    columns: tuple[Column, ...]


def list_records(business: Business, type_name: str, progress: Progress = SILENT, *, amounts: bool = True) -> Listing:
    """All records of a type, in key order.

    Columns: ``key``; ``name`` (the label without the type's title), the document's date, ``amount`` and ``currency``
    where such records have them; then every field that some record has, custom fields by their own names, keys by what
    they name. Lines are listed by :func:`list_lines`.

    Args:
        business: the business.
        type_name: name of the type.
        progress: told of the records read; heeded.
        amounts: whether amounts are reckoned, which takes far longer than reading: about 3,000 documents a second.

    Raises:
        CancelledError: the user cancelled.
    """
    rows = business.records(type_name).to_arrow(progress=progress)
    known = SCHEMA.named(type_name)
    made: dict[str, Any] = {"key": rows["key"], "name": _without_title(rows["label"], type_name)}
    shown = [Column("name", "Record")]
    if known is None:
        made["time"] = rows["time"]
        return Listing(pa.table(made), (*shown, Column("time", "Last saved")))
    names = _Names(business, progress)
    dated = labels.date_field(known)
    if dated is not None:
        made["date"] = rows[dated].combine_chunks().cast(pa.date32(), safe=False)
        shown.append(Column("date", "Date"))
    if amounts and has_amount(known):
        reckoned = _amounts(business, type_name, progress)
        at = pc.index_in(rows["key"].combine_chunks(), reckoned["key"].combine_chunks())
        made["amount"], made["currency"] = (reckoned[name].combine_chunks().take(at) for name in ("amount", "currency"))
        shown += [Column("amount", "Amount"), Column("currency", "Currency", hidden=_alike(made["currency"]))]
    fields = [kind for kind in known.fields.values() if kind.name in rows.column_names and kind.name != dated]
    few = _A_FEW if len(shown) == 1 else 0
    for kind in fields:
        for name, title, column in _field(kind, rows[kind.name].combine_chunks(), names):
            if _holds_something(column, kind) and not is_secret(known.name, kind):
                told = few > 0 and kind.name not in labels.rule_of(known).fields
                few -= told
                made[name] = column
                hidden = not told and kind.name not in _PARTIES
                shown.append(Column(name, title, words=_words(kind, column), hidden=hidden))
    made["time"] = rows["time"]
    return Listing(pa.table(made), (*shown, Column("time", "Last saved", hidden=True)))


def _amounts(business: Business, type_name: str, progress: Progress) -> pa.Table:
    """What the documents come to, a few at a time, so that a cancel is heard at once."""
    table, columns = business.amounts(type_name), ["key", "amount", "currency"]
    progress.start("Reckoning the amounts", len(table))
    batches = []
    for batch in table.batches(_AT_ONCE, columns=columns):
        check(progress)
        batches.append(batch)
        progress.advance(batch.num_rows)
    return pa.Table.from_batches(batches) if batches else table.page(0, 0, columns)


def lined_fields(business: Business, type_name: str, progress: Progress = SILENT) -> tuple[str, ...]:
    """The fields of a type that hold lines in some record."""
    known = SCHEMA.named(type_name)
    fields = [kind.name for kind in known.fields.values() if kind.repeated and kind.message] if known else []
    table = business.records(type_name)
    fields = [name for name in fields if name in table.columns]
    if not fields:
        return ()
    rows = table.to_arrow(fields, progress=progress)
    return tuple(name for name in fields if pc.sum(pc.list_value_length(rows[name])).as_py())


def list_lines(business: Business, type_name: str, field: str, progress: Progress = SILENT) -> Listing:
    """All lines of all records of a type, in the order of the records.

    Columns: ``key`` and ``name`` (of the record), ``line`` (from 1), then every field that some line has.

    Args:
        business: the business.
        type_name: name of the type.
        field: which lines, one of :func:`lined_fields`.
        progress: told of the records read; heeded.

    Raises:
        NotFoundError: the type has no such lines.
        CancelledError: the user cancelled.
    """
    table = business.records(type_name)
    records = table.to_arrow(["key", "label"], progress=progress)
    rows = business.records(type_name).lines(field).to_arrow(progress=progress)  # type: ignore[attr-defined]
    at = pc.index_in(rows["record"].combine_chunks(), records["key"].combine_chunks())
    called = _without_title(records["label"], type_name).take(at)
    made: dict[str, Any] = {"key": rows["record"], "name": called, "line": rows["line"]}
    shown = [Column("name", "Record"), Column("line", "Line")]
    known = SCHEMA.named(type_name)
    lined = known.field(field) if known else None
    names = _Names(business, progress)
    for kind in SCHEMA.message(lined.message or "").fields.values() if lined else ():
        if kind.name not in rows.column_names:
            continue
        for name, title, column in _field(kind, rows[kind.name].combine_chunks(), names):
            if _holds_something(column, kind):
                made[f"line.{name}"] = column
                shown.append(Column(f"line.{name}", title, words=_words(kind, column)))
    return Listing(pa.table(made), tuple(shown))


class _Names:
    """What keys are called, each looked up once."""

    def __init__(self, business: Business, progress: Progress) -> None:
        self._business, self._progress = business, progress
        self._known: dict[str, str | None] = {NIL: None}
        self._learned: set[str] = set()

    def of(self, column: pa.Array, kind: FieldType) -> pa.Array:
        coded = column.dictionary_encode()
        if len(coded.dictionary) > _MANY:
            self._learn(SCHEMA.targets(kind.ref or ""))
        told = [self.one(key) for key in coded.dictionary.to_pylist()]
        return pa.array(told, pa.string()).take(coded.indices)

    def _learn(self, types: Iterable[str]) -> None:
        """All names of some types at once: many times as fast as looking each up."""
        for type_name in set(types) & set(self._business.types()) - self._learned:
            self._learned.add(type_name)
            known = SCHEMA.named(type_name)
            fields = labels.name_fields(known) if known else ()
            rows = self._business.records(type_name).to_arrow(["key", "label", *fields], progress=self._progress)
            columns = {field: rows[field].combine_chunks() for field in fields}
            called = labels.names(rows["label"].combine_chunks(), columns)
            self._known.update(zip(rows["key"].to_pylist(), called.to_pylist(), strict=True))

    def one(self, key: str) -> str | None:
        if key not in self._known:
            check(self._progress)
            found = self._business.named(key)
            self._known[key] = key if found is None else _GONE.format(name=found.name) if found.gone else found.name
        return self._known[key]


def _field(kind: FieldType, column: pa.Array, names: _Names) -> Iterator[tuple[str, str, pa.Array]]:
    """A field as columns that can be shown: (name, heading, values)."""
    title = caption(kind.name)
    if kind.name == _CUSTOM and pa.types.is_struct(column.type):
        yield from _custom(column, names)
    elif pa.types.is_list(column.type) and kind.type == "guid":
        flat = names.of(column.flatten(), kind)
        lists = pa.ListArray.from_arrays(_offsets(column), flat)
        yield kind.name, title, pc.binary_join(lists, ", ")
    elif kind.type == "guid" and pa.types.is_string(column.type):
        yield kind.name, title, names.of(column, kind)
    elif not pa.types.is_nested(column.type) and not pa.types.is_binary(column.type):
        yield kind.name, title, column


def _offsets(column: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(column), 0)
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])


def _custom(column: pa.Array, names: _Names) -> Iterator[tuple[str, str, pa.Array]]:
    """A column for each custom field that some record has, called as the business calls it."""
    for place in range(column.type.num_fields):
        values = column.field(place)
        if not pa.types.is_map(values.type):
            continue
        lists = values.cast(pa.list_(pa.struct([("key", values.type.key_type), ("value", values.type.item_type)])))
        entries, owners = lists.flatten(), pc.list_parent_indices(lists)
        if not len(entries) or pa.types.is_nested(values.type.item_type):
            continue
        for key in entries.field(0).unique().to_pylist():
            same = pc.equal(entries.field(0), key)
            at = pc.index_in(pa.array(range(len(column)), owners.type), owners.filter(same))
            yield f"custom.{key}", names.one(key) or key, entries.field(1).filter(same).take(at)


def _without_title(called: pa.ChunkedArray, type_name: str) -> pa.Array:
    """Labels without what is the same in all of them."""
    known = SCHEMA.named(type_name)
    column = called.combine_chunks()
    if known is None:
        return column
    begins = labels.title(known) + labels.DASH
    cut = pc.utf8_slice_codeunits(column, len(begins))
    return pc.if_else(pc.starts_with(column, begins), cut, column)


def _holds_something(column: pa.Array, kind: FieldType) -> bool:
    """Whether some record has another value than the one that a field has by itself."""
    usual: Any = None
    if pa.types.is_string(column.type):
        usual = SCHEMA.enum(kind.enum).get(0, "") if kind.enum else ""
    elif pa.types.is_boolean(column.type):
        usual = False
    elif pa.types.is_integer(column.type) or pa.types.is_decimal(column.type):
        usual = 0
    if usual is None:
        return bool(len(column) > column.null_count)
    return bool(pc.any(pc.not_equal(column, pa.scalar(usual).cast(column.type))).as_py())


def _alike(column: pa.Array) -> bool:
    return len(column.drop_null().unique()) <= 1


def _words(kind: FieldType, column: pa.Array) -> dict[str, str]:
    if kind.enum is None or not pa.types.is_string(column.type):
        return {}
    return {value: sentence(value) or value for value in _values(column)}


def _values(column: pa.Array) -> Iterable[str]:
    return (value for value in column.unique().to_pylist() if value)
