"""An edit changes one field, and not one other byte."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.errors import EncodeError, WireError
from manager_nb.format.encoding import encode
from manager_nb.format.messages import EnumValue, decode
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.format.splice import clear_field, set_field
from manager_nb.format.wire import read_fields, write_bytes, write_tag, write_varint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INVOICE = SCHEMA.named("SalesInvoice")
UNKNOWN = write_bytes(9_999, b"of a newer Manager")
GUID = "0d0b1a6e-9c1f-4b5e-8f57-0c6a1c6b9a01"
OTHERS: dict[str, Any] = {
    "bool": True,
    "int32": -7,
    "int64": 2**40,
    "string": "बदला गया",
    "bytes": b"\x00\xff",
    "guid": GUID,
    "decimal": Decimal("-12.50"),
    "datetime": dt.date(2026, 3, 31),
}


def other_value(kind: FieldType) -> Any:
    if kind.type == "map":
        return {other_value(kind.key): other_value(kind.value)}
    if kind.type == "enum":
        value: Any = EnumValue.of(kind.enum or "", 1)
    elif kind.type == "message":
        value = {}
    else:
        value = OTHERS[kind.type]
    return [value, value] if kind.repeated else value


def objects(path: Path) -> Iterator[tuple[MessageType, bytes]]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    for guid, content in connection.execute('SELECT "ContentType", "Content" FROM "Objects"'):
        content_type = SCHEMA.type_of(guid)
        assert content_type is not None
        yield content_type, content or b""
    connection.close()


def without(data: bytes, number: int) -> bytes:
    return b"".join(data[field.start : field.end] for field in read_fields(data) if field.number != number)


def test_any_field_of_any_record_can_be_set_and_cleared_and_nothing_else_changes(himalaya: Path) -> None:
    wrong, seen = [], 0
    met: Counter[str] = Counter()
    for content_type, canonical in objects(himalaya):
        raw = canonical + UNKNOWN
        before = decode(content_type, raw).values
        met[content_type.name] += 1
        for kind in content_type.fields.values():
            if kind.name not in before and met[content_type.name] > 3:
                continue  # a field that is absent is the same case in every record of the type
            seen += 1
            value = other_value(kind)
            changed = set_field(content_type, raw, (kind.name,), value)
            cleared = clear_field(content_type, changed, (kind.name,))
            expected = encode(content_type, {**before, kind.name: value}) + UNKNOWN
            emptied = encode(content_type, {**before, kind.name: None}) + UNKNOWN
            if changed != expected or cleared != emptied or without(changed, kind.number) != without(raw, kind.number):
                wrong.append((content_type.name, kind.name))
    assert wrong == []
    assert seen > 5_000


def test_setting_what_is_there_already_gives_the_same_bytes(himalaya: Path) -> None:
    wrong = [
        (content_type.name, name)
        for content_type, canonical in objects(himalaya)
        for name, value in decode(content_type, canonical).values.items()
        if set_field(content_type, canonical + UNKNOWN, (name,), value) != canonical + UNKNOWN
    ]
    assert wrong == []


def test_any_field_of_any_line_can_be_edited_and_the_other_lines_stay(himalaya: Path) -> None:
    seen = 0
    for content_type, canonical in objects(himalaya):
        values = decode(content_type, canonical).values
        for kind in content_type.fields.values():
            if kind.type != "message" or not kind.repeated:
                continue
            line_type = SCHEMA.message(kind.message or "")
            for place in range(len(values.get(kind.name, []))):
                for inner in list(line_type.fields.values())[:4]:
                    seen += 1
                    value = other_value(inner)
                    changed = set_field(content_type, canonical + UNKNOWN, (kind.name, place, inner.name), value)
                    lines = [dict(line) for line in values[kind.name]]
                    lines[place][inner.name] = value
                    assert changed == encode(content_type, {**values, kind.name: lines}) + UNKNOWN
    assert seen > 1_000


def invoice() -> bytes:
    assert INVOICE is not None
    lines = [{"Qty": Decimal(row), "SalesUnitPrice": Decimal("10.00")} for row in range(1, 4)]
    return encode(INVOICE, {"Reference": "1001", "IssueDate": dt.date(2026, 1, 5), "Lines": lines})


def test_an_unknown_field_inside_a_line_stays() -> None:
    lines = INVOICE.field("Lines").number
    inner = encode(SCHEMA.message(INVOICE.field("Lines").message), {"Qty": Decimal(1)})
    raw = write_bytes(lines, inner + UNKNOWN)
    changed = set_field(INVOICE, raw, ("Lines", 0, "Qty"), Decimal(2))
    expected = encode(SCHEMA.message(INVOICE.field("Lines").message), {"Qty": Decimal(2)})
    assert changed == write_bytes(lines, expected + UNKNOWN)


def test_a_line_can_be_added_taken_out_and_replaced() -> None:
    raw = invoice()
    added = set_field(INVOICE, raw, ("Lines", 3, "Qty"), Decimal(9))
    assert [line["Qty"] for line in decode(INVOICE, added).values["Lines"]] == [1, 2, 3, 9]
    removed = clear_field(INVOICE, added, ("Lines", 1))
    assert [line["Qty"] for line in decode(INVOICE, removed).values["Lines"]] == [1, 3, 9]
    replaced = set_field(INVOICE, removed, ("Lines", 0), {"Qty": Decimal(7)})
    assert [line["Qty"] for line in decode(INVOICE, replaced).values["Lines"]] == [7, 3, 9]
    assert clear_field(INVOICE, clear_field(INVOICE, replaced, ("Lines", 2)), ("Lines", 0)) == clear_field(
        INVOICE, clear_field(INVOICE, replaced, ("Lines", 0)), ("Lines", 1)
    )


def test_a_line_that_is_all_default_is_still_a_line() -> None:
    added = set_field(INVOICE, b"", ("Lines", 0), {})
    assert added == write_bytes(INVOICE.field("Lines").number, b"")


def test_an_entry_of_a_map_can_be_set_and_taken_out() -> None:
    kind = next(kind for kind in INVOICE.fields.values() if kind.type == "map" and kind.value.type == "string")
    first, second = GUID, GUID.replace("0d", "1d")
    raw = encode(INVOICE, {kind.name: {first: "a", second: "b"}}) + UNKNOWN
    assert set_field(INVOICE, raw, (kind.name, first), "बी") == (
        encode(INVOICE, {kind.name: {first: "बी", second: "b"}}) + UNKNOWN
    )
    assert clear_field(INVOICE, raw, (kind.name, first)) == encode(INVOICE, {kind.name: {second: "b"}}) + UNKNOWN
    third = GUID.replace("0d", "2d")
    assert set_field(INVOICE, raw, (kind.name, third), "c") == (
        encode(INVOICE, {kind.name: {first: "a", second: "b", third: "c"}}) + UNKNOWN
    )


def test_a_field_that_stands_several_times_is_one_after_the_edit() -> None:
    reference = INVOICE.field("Reference").number
    raw = write_bytes(reference, b"first") + UNKNOWN + write_bytes(reference, b"last")
    assert set_field(INVOICE, raw, ("Reference",), "1002") == write_bytes(reference, b"1002") + UNKNOWN
    assert clear_field(INVOICE, raw, ("Reference",)) == UNKNOWN


def test_a_packed_list_of_numbers_can_be_edited() -> None:
    message_type, kind = next(
        (content_type, kind)
        for content_type in SCHEMA.types()
        for kind in content_type.fields.values()
        if kind.type == "int32" and kind.repeated
    )
    packed = write_bytes(kind.number, b"".join(map(write_varint, (1, 2, 3))))
    changed = set_field(message_type, packed + UNKNOWN, (kind.name, 1), 5)
    assert decode(message_type, changed).values[kind.name] == [1, 5, 3]
    assert changed.endswith(UNKNOWN)
    assert decode(message_type, clear_field(message_type, packed, (kind.name, 0))).values[kind.name] == [2, 3]
    assert decode(message_type, set_field(message_type, packed, (kind.name, 3), 4)).values[kind.name] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), "x"),
        (("NoSuchField",), "x"),
        ((5,), "x"),
        (("Reference", "Deeper"), "x"),
        (("Lines", 4, "Qty"), Decimal(1)),
        (("Lines", -1, "Qty"), Decimal(1)),
        (("Lines", "Qty"), Decimal(1)),
        (("Lines", 0, "NoSuchField"), Decimal(1)),
        (("Lines", 0), None),
        (("Lines", 0, "Qty"), 1.5),
        (("Reference",), 5),
    ],
)
def test_a_wrong_path_or_value_is_refused_with_a_hint(path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(EncodeError) as caught:
        set_field(INVOICE, invoice(), path, value)
    assert caught.value.hint


@pytest.mark.parametrize("path", [("Lines", 3), ("Lines", 3, "Qty")])
def test_a_line_that_is_not_there_cannot_be_taken_out(path: tuple[Any, ...]) -> None:
    raw = clear_field(INVOICE, invoice(), ("Lines", 2))
    with pytest.raises(EncodeError):
        clear_field(INVOICE, raw, path)


def test_a_broken_record_is_not_edited() -> None:
    broken = invoice() + write_tag(2, 2) + b"\x50"
    with pytest.raises(WireError):
        set_field(INVOICE, broken, ("Reference",), "1002")


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_unknown_fields_anywhere_in_the_order_stay_where_they_are(data: st.DataObject) -> None:
    known = [kind for kind in INVOICE.fields.values() if kind.type == "string" and not kind.repeated]
    picked = data.draw(st.lists(st.sampled_from(known), unique_by=lambda kind: kind.number, max_size=6))
    pieces = [write_bytes(kind.number, data.draw(st.binary(max_size=4))) for kind in picked]
    free = [number for number in range(1, 300) if number not in INVOICE.fields]
    pieces += [write_bytes(number, b"?") for number in data.draw(st.lists(st.sampled_from(free), max_size=6))]
    raw = b"".join(data.draw(st.permutations(pieces)))
    kind = data.draw(st.sampled_from(known))

    changed = set_field(INVOICE, raw, (kind.name,), "new")

    assert without(changed, kind.number) == without(raw, kind.number)
    assert decode(INVOICE, changed).values[kind.name] == "new"
    assert decode(INVOICE, changed).unknown == decode(INVOICE, raw).unknown
