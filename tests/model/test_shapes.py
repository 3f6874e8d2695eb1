"""Chunks of one column become alike without losing a value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.format.schema import SCHEMA, FieldType
from manager_nb.model.columns import read_columns
from manager_nb.model.shapes import blank, common_type, fit
from tests.model.small_files import content, key

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY, OTHER = key(1), key(2)


def kind_of(type_name: str, field: str) -> FieldType:
    content_type = SCHEMA.named(type_name)
    assert content_type is not None
    kind = content_type.field(field)
    assert kind is not None
    return kind


def column(type_name: str, field: str, *values: Any) -> pa.Array:
    content_type = SCHEMA.named(type_name)
    assert content_type is not None
    blobs = pa.array([content(type_name, **({} if value is None else {field: value})) for value in values], pa.binary())
    read = read_columns(content_type, blobs, [field]).values
    return read.get(field, blank(content_type, field, len(blobs)))


def together(kind: FieldType, columns: Sequence[pa.Array]) -> list[Any]:
    target = common_type(kind, [one.type for one in columns])
    assert common_type(kind, [one.type for one in reversed(columns)]) == target
    fitted = [fit(kind, one, target) for one in columns]
    for one in fitted:
        one.validate(full=True)
    return pa.concat_arrays(fitted).to_pylist()


def test_money_with_more_decimals_or_digits() -> None:
    kind = kind_of("Customer", "CreditLimit")
    values = [Decimal("1.25"), Decimal("0.123456"), Decimal(2**96 - 1), Decimal(1).scaleb(-28)]
    columns = [column("Customer", "CreditLimit", value) for value in values]
    assert together(kind, columns) == values
    assert together(kind, columns[:2]) == values[:2]


def test_lines_whose_obsolete_fields_are_used_in_one_chunk_only() -> None:
    kind = kind_of("InventoryWriteOff", "Items")
    new = column("InventoryWriteOff", "Items", [{"Qty": Decimal(1)}], None)
    old = column("InventoryWriteOff", "Items", None, [{"Obsolete_UnitCost": Decimal(5)}, {}])
    assert new.type != old.type
    first, second, third, fourth = together(kind, [new, old])
    assert (first[0]["Qty"], second, third) == (Decimal(1), None, None)
    assert [line["Obsolete_UnitCost"] for line in (*first, *fourth)] == [Decimal(0), Decimal(5), Decimal(0)]
    assert first[0].keys() == fourth[1].keys()
    assert {"Qty", "Obsolete_UnitCost"} <= first[0].keys()
    assert "Obsolete_Project" not in first[0]


def test_a_slice_of_a_chunk_keeps_its_own_rows() -> None:
    kind = kind_of("InventoryWriteOff", "Items")
    values = [[{"InventoryItem": KEY}], None, [{"InventoryItem": KEY}, {}]]
    new = column("InventoryWriteOff", "Items", *values).slice(1)
    rows = together(kind, [new, column("InventoryWriteOff", "Items", [{"Obsolete_UnitCost": Decimal(5)}])])
    assert rows[0] is None
    assert [line["InventoryItem"] for line in rows[1]] == [KEY, None]


def test_a_type_that_contains_itself_keeps_its_bytes() -> None:
    kind = kind_of("InventoryWriteOff", "Obsolete_JournalEntry")
    flat = column("InventoryWriteOff", "Obsolete_JournalEntry", {"Reference": "1"}, None)
    inner = {"Reference": "3"}
    deep = column("InventoryWriteOff", "Obsolete_JournalEntry", {"Obsolete_InventoryWriteOff": inner})
    first, second, third = together(kind, [flat, deep])
    assert first["Reference"] == "1"
    assert second is None
    assert third["Obsolete_InventoryWriteOff"] == content("InventoryWriteOff", **inner)


def test_maps_keep_their_entries() -> None:
    kind = kind_of("Customer", "CustomFields")
    columns = [column("Customer", "CustomFields", {KEY: "a"}, None), column("Customer", "CustomFields", None)]
    assert together(kind, columns) == [[(KEY, "a")], None, None]


def test_maps_of_money_keep_their_entries() -> None:
    kind = kind_of("Customer", "CustomFields2")
    values = [{"Decimals": {KEY: Decimal("1.5")}}, None, {"Decimals": {KEY: Decimal("0.0001"), OTHER: Decimal(7)}}]
    columns = [column("Customer", "CustomFields2", value) for value in values]
    first, second, third = together(kind, columns)
    assert first["Decimals"] == [(KEY, Decimal("1.5"))]
    assert second is None
    assert third["Decimals"] == [(KEY, Decimal("0.0001")), (OTHER, Decimal(7))]
