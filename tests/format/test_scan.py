"""The column engine says what the exact reader says, whatever the bytes."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import defaultdict
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.format import scan_tape
from manager_nb.format.encoding import encode
from manager_nb.format.messages import EnumValue, decode
from manager_nb.format.scalars import NIL, TickDateTime
from manager_nb.format.scan import Scanned, scan
from manager_nb.format.schema import SCHEMA, MessageType
from manager_nb.format.wire import write_bytes, write_tag, write_varint
from tests.format import shapes
from tests.format.columns_told import differences, microseconds, told_row
from tests.truth import read_lines

if TYPE_CHECKING:
    from pathlib import Path

RICH = [
    shapes.EVERY_KIND,
    *(SCHEMA.message(name) for name in ("SalesInvoice", "JournalEntry", "InventoryWriteOff", "UserPermissions")),
]


def assert_agrees(message_type: MessageType, blobs: list[bytes | None]) -> None:
    scanned = scan(message_type, pa.array(blobs, pa.binary()))
    scanned.struct.validate(full=True)
    read = [decode(message_type, blob or b"") for blob in blobs]
    for blob, row, told in zip(blobs, scanned.struct.to_pylist(), read, strict=True):
        wrong = differences(message_type, microseconds(row), told_row(message_type, told.values))
        assert not wrong, (message_type.name, blob, wrong)
    assert rows(scanned.problems) == [
        (row, flaw.path, flaw.what, flaw.data) for row, told in enumerate(read) for flaw in told.flaws
    ]
    assert rows(scanned.unknown) == [
        (row, field.path, field.number, field.wire_type, field.data)
        for row, told in enumerate(read)
        for field in told.unknown
    ]


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*table.to_pydict().values(), strict=True))


def column(scanned: Scanned, name: str) -> pa.Array:
    return scanned.struct.field(scanned.struct.type.get_field_index(name))


def scan_values(type_name: str, *values: dict[str, Any], **options: Any) -> Scanned:
    message_type = SCHEMA.message(type_name)
    return scan(message_type, pa.array([encode(message_type, row) for row in values], pa.binary()), **options)


@settings(deadline=None, max_examples=100)
@given(
    st.randoms(use_true_random=True),
    st.sampled_from(SCHEMA.types()) | st.sampled_from(RICH) | st.just(shapes.EVERY_KIND),
    st.sampled_from([1, 1, 16]),
)
def test_every_shape_of_bytes_is_read_as_the_exact_reader_reads_it(
    chance: Random, message_type: MessageType, few: int
) -> None:
    records = [shapes.record(chance, message_type) for _ in range(chance.choice([1, 5, 40]))]
    with mock.patch.object(scan_tape, "FEW", few):
        assert_agrees(message_type, [*records, None])


@pytest.mark.parametrize("seed", range(6))
def test_a_field_of_each_kind_in_each_form_is_read_as_the_exact_reader_reads_it(seed: int) -> None:
    chance = Random(seed)
    with mock.patch.object(scan_tape, "FEW", 1):
        assert_agrees(shapes.EVERY_KIND, [shapes.record(chance, shapes.EVERY_KIND) for _ in range(1000)])


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(RICH), st.lists(st.binary(max_size=60), min_size=1, max_size=40))
def test_bytes_that_are_no_record_at_all_are_read_as_the_exact_reader_reads_them(
    message_type: MessageType, blobs: list[bytes]
) -> None:
    assert_agrees(message_type, [*blobs])


def test_the_formats_cases_are_read_as_the_exact_reader_reads_them(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_tape, "FEW", 1)
    blobs: dict[str, list[bytes | None]] = defaultdict(list)
    for name in ("encode-cases.jsonl", "decode-cases.jsonl"):
        for case in read_lines(data / "format" / name):
            if case["hex"] is not None:
                blobs[case["type"]].append(bytes.fromhex(case["hex"]))
    for name, some in blobs.items():
        assert_agrees(SCHEMA.message(name), some)
    assert sum(map(len, blobs.values())) == 2898


def test_all_objects_and_images_of_a_real_business_are_read_as_the_exact_reader_reads_them(himalaya: Path) -> None:
    blobs: dict[str, list[bytes | None]] = defaultdict(list)
    database = sqlite3.connect(f"{himalaya.as_uri()}?mode=ro&immutable=1", uri=True)
    for sides in (
        "ContentType, Content FROM Objects",
        *(f"ContentType{x}, Content{x} FROM Changes" for x in ("Before", "After")),
    ):
        for guid, content in database.execute(f"SELECT {sides}"):
            if content is not None:
                blobs[guid].append(content)
    database.close()
    for guid, some in blobs.items():
        content_type = SCHEMA.type_of(guid)
        assert content_type is not None
        assert_agrees(content_type, some)
    assert sum(map(len, blobs.values())) == 695 + 874


def test_a_column_has_one_child_a_field_in_their_order() -> None:
    for message_type in SCHEMA.types():
        struct = scan(message_type, pa.array([b""], pa.binary())).struct
        assert tuple(field.name for field in struct.type) == message_type.order


def test_null_is_the_same_as_empty_and_no_rows_are_no_rows() -> None:
    message_type = SCHEMA.message("SalesInvoice")
    both = scan(message_type, pa.array([None, b""], pa.binary())).struct
    assert both[0] == both[1]
    assert both.null_count == 0
    assert len(scan(message_type, pa.array([], pa.binary())).struct) == 0
    assert len(scan(message_type, pa.chunked_array([], pa.binary())).struct) == 0


def test_slices_chunks_and_large_columns_are_read_alike() -> None:
    message_type = SCHEMA.message("Customer")
    blobs = [encode(message_type, {"Name": f"Customer {number}"}) for number in range(40)]
    plain = pa.array(blobs, pa.binary())
    whole = scan(message_type, plain).struct
    assert scan(message_type, plain.slice(3, 30)).struct.equals(whole.slice(3, 30))
    assert scan(message_type, pa.chunked_array([plain.slice(0, 7), plain.slice(7)])).struct.equals(whole)
    assert scan(message_type, plain.cast(pa.large_binary())).struct.equals(whole)


@pytest.mark.parametrize(
    ("amounts", "form"),
    [
        (["1", "2.5"], pa.decimal128(38, 2)),
        (["1.000", "2.50000"], pa.decimal128(38, 2)),
        (["1.125", "2.50000"], pa.decimal128(38, 3)),
        (["-0.0000000000000000000000000001", "1"], pa.decimal128(38, 28)),
        (["79228162514264337593543950335", "-0.000000001"], pa.decimal128(38, 9)),
        (["79228162514264337593543950335", "0.0000000001"], pa.decimal256(76, 28)),
        (["9223372036854775807", "9223372036854775808", "-18446744073709551616"], pa.decimal128(38, 2)),
        (["92233720368547758.07", "0.001"], pa.decimal128(38, 3)),
        (["18446744073709551616.5000", "1"], pa.decimal128(38, 2)),
    ],
)
def test_money_has_the_smallest_scale_that_is_exact_for_all(amounts: list[str], form: pa.DataType) -> None:
    values = [Decimal(amount) for amount in amounts]
    seen = column(
        scan_values("ExchangeRate", *({"ExchangeRateValue": value} for value in values), {}), "ExchangeRateValue"
    )
    assert seen.type == form
    assert seen.to_pylist() == [*values, Decimal(0)]


def test_dates_are_days_where_all_are_and_moments_where_one_is() -> None:
    day, moment = dt.date(2025, 4, 1), TickDateTime.from_ticks(638_790_000_000_000_017)
    days = column(scan_values("Attachment", {"Date": day}, {"Date": dt.date(1, 1, 1)}, {}), "Date")
    assert (days.type, days.to_pylist()) == (pa.date32(), [day, None, None])
    both = column(scan_values("Attachment", {"Date": day}, {"Date": moment}, {}), "Date")
    assert both.type == pa.timestamp("us")
    assert microseconds(both.to_pylist()) == [(day.toordinal() - 1) * 86_400_000_000, moment.ticks // 10, None]


def test_a_nil_guid_is_null_unless_the_field_can_say_nil() -> None:
    message_type = SCHEMA.message("AdvancedQuery")
    select = message_type.field("NakedTable")
    assert select is not None
    scanned = scan(message_type, pa.array([write_bytes(select.number, b""), b""], pa.binary()))
    assert column(scanned, "NakedTable").to_pylist() == [None, None]
    line = scan_values("SalesInvoice", {"Customer": NIL}, {})
    assert column(line, "Customer").to_pylist() == [NIL, None]


def test_enums_are_names_and_unknown_numbers_are_digits() -> None:
    orders = [EnumValue.of("Enums.SortOrder", number) for number in (0, 1, 77)]
    seen = column(scan_values("AdvancedQuery.OrderByLine", *({"SortOrder": order} for order in orders)), "SortOrder")
    assert seen.type == pa.string()
    assert seen.to_pylist() == [str(order) for order in orders]
    assert seen.to_pylist()[2] == "77"


def test_text_that_is_no_utf8_is_shown_with_the_replacement_character() -> None:
    blobs = pa.array([write_bytes(1, b"a\xff"), write_bytes(1, "आ".encode())], pa.binary())
    assert column(scan(SCHEMA.message("Customer"), blobs), "Name").to_pylist() == ["a\ufffd", "आ"]


def test_only_the_fields_that_are_wanted_are_decoded_and_told_about() -> None:
    message_type = SCHEMA.message("SalesInvoice")
    lines, reference = message_type.field("Lines"), message_type.field("Reference")
    assert lines is not None
    assert reference is not None
    newer, wrong = write_tag(900, 0) + write_varint(7), write_tag(1, 5)
    flawed = write_tag(reference.number, 0) + write_varint(5)
    blob = write_bytes(lines.number, newer) + flawed + newer + wrong
    scanned = scan(message_type, pa.array([blob], pa.binary()), fields={"Reference"})
    assert [field.name for field in scanned.struct.type] == ["Reference"]
    assert [problem[1] for problem in rows(scanned.problems)] == ["", "Reference"]
    assert [unknown[1] for unknown in rows(scanned.unknown)] == [""]
    assert [unknown[1] for unknown in rows(scan(message_type, pa.array([blob], pa.binary())).unknown)] == [
        "Lines[0]",
        "",
    ]


def test_fields_of_older_versions_can_be_left_out_where_no_row_uses_them() -> None:
    message_type = SCHEMA.message("SalesInvoice")
    old = [kind.name for kind in message_type.fields.values() if kind.obsolete]
    text = next(kind.name for kind in message_type.fields.values() if kind.obsolete and kind.type == "string")
    kept = scan_values("SalesInvoice", {text: "1", "Lines": [{}]}, {}, keep_unused_obsolete=False)
    names = [field.name for field in kept.struct.type]
    assert [name for name in names if name in old] == [text]
    assert kept.used == {text, "Lines"}
    assert not any(field.name.startswith("Obsolete_") for field in column(kept, "Lines").type.value_type)
    assert set(old) <= {field.name for field in scan_values("SalesInvoice", {}).struct.type}


def test_a_default_that_is_written_out_is_no_use_of_a_field() -> None:
    message_type = SCHEMA.message("AdvancedQuery")
    where = message_type.field("HasWhere")
    assert where is not None
    blobs = pa.array([write_tag(where.number, 0) + b"\x00"], pa.binary())
    assert scan(message_type, blobs).used == frozenset()


def test_a_message_of_a_type_that_it_stands_in_is_kept_as_its_bytes() -> None:
    inner = {"Obsolete_JournalEntry": {"Narration": "once more"}}
    outer = {"Obsolete_JournalEntry": {"Obsolete_InventoryWriteOff": inner}}
    message_type = SCHEMA.message("InventoryWriteOff")
    row = scan_values("InventoryWriteOff", outer).struct[0].as_py()
    kept = row["Obsolete_JournalEntry"]["Obsolete_InventoryWriteOff"]
    assert isinstance(kept, bytes)
    assert decode(message_type, kept).values == inner


def test_messages_nested_without_end_are_told_as_a_problem_and_kept() -> None:
    message_type, blob = SCHEMA.message("InventoryWriteOff"), b""
    journal = message_type.field("Obsolete_JournalEntry")
    write_off = SCHEMA.message("JournalEntry").field("Obsolete_InventoryWriteOff")
    assert journal is not None
    assert write_off is not None
    inner: list[bytes] = [blob]
    for _ in range(500):
        inner.append(write_bytes(journal.number, write_bytes(write_off.number, inner[-1])))
    scanned = scan(message_type, pa.array([inner[-1]] * 20, pa.binary()))
    (flaw,) = decode(message_type, inner[-1]).flaws
    assert rows(scanned.problems) == [(row, flaw.path, flaw.what, flaw.data) for row in range(20)]
    kept = [row["Obsolete_JournalEntry"]["Obsolete_InventoryWriteOff"] for row in scanned.struct.to_pylist()]
    assert kept == [inner[-2]] * 20


def test_the_column_is_natural_in_pandas() -> None:
    scanned = scan_values("Customer", {"Name": "A"}, {})
    frame = pa.Table.from_struct_array(scanned.struct).to_pandas(types_mapper=pd.ArrowDtype)
    assert frame["Name"].tolist() == ["A", pd.NA]
    assert (frame["Name"] == "A").sum() == 1
