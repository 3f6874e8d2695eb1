"""A record is sent so that the server writes exactly the bytes that are meant; what it tells is read as exactly."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import manager_nb as mn
from manager_nb.format.encoding import encode
from manager_nb.format.messages import EnumValue, decode
from manager_nb.format.scalars import MAX_TICKS, TickDateTime
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.server.record_json import canonical, from_json, has_unsure_number, parsed, path_of, to_json
from tests.model.small_files import content
from tests.server.json_values import content_of, dumps, kinds, loads, told
from tests.truth import read_lines

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.format.schema import ContentType


def sent(kind: ContentType, data: bytes) -> bytes:
    """What the server makes of our JSON."""
    return content_of(kind, loads(to_json(kind, data).encode()))


def heard(kind: ContentType, data: bytes) -> bytes | None:
    """What we make of the server's JSON."""
    return from_json(kind, parsed(dumps(told(kind, data)).encode()))


def test_every_record_of_the_demonstration_business_arrives_and_comes_back(himalaya: Path) -> None:
    seen = 0
    with mn.open_business(himalaya) as business:
        for _, guid, data in business.objects():
            kind = SCHEMA.type_of(guid)
            assert kind is not None
            assert sent(kind, data) == data == heard(kind, data)
            seen += 1
    assert seen == 695


def test_what_the_program_wrote_of_every_type_arrives_save_a_minus_before_zero(data: Path) -> None:
    wrong, seen = [], 0
    for case in read_lines(data / "format" / "encode-cases.jsonl"):
        kind = SCHEMA.named(case["type"])
        if case["hex"] is None or kind is None or canonical(kind, raw := bytes.fromhex(case["hex"])) != raw:
            continue
        seen += 1
        unsure = has_unsure_number(decode(kind, raw).values)
        assert not unsure or "negative zero" in case["case"]
        if not unsure and (sent(kind, raw) != raw or heard(kind, raw) != raw):
            wrong.append(case["case"])
    assert (wrong, seen) == ([], 2801)


def test_money_keeps_its_decimals_and_never_is_a_float() -> None:
    kind = SCHEMA.named("SalesInvoice")
    assert kind is not None
    prices = ["10.50", "0.10", "79228162514264337593543950335", "0.0000000000000000000000000001", "-3.00"]
    lines = [{"SalesUnitPrice": Decimal(price)} for price in prices]
    text = to_json(kind, encode(kind, {"Lines": lines}))
    assert json.loads(text, parse_float=str, parse_int=str)["lines"] == [{"salesUnitPrice": price} for price in prices]


def test_fields_are_written_as_the_protocol_says() -> None:
    kind = SCHEMA.named("SalesInvoice")
    assert kind is not None
    issued = encode(kind, {"IssueDate": dt.date(2026, 4, 2), "Reference": 'ज-1 "\n'})
    text = to_json(kind, issued)
    assert '"issueDate":"2026-04-02T00:00:00"' in text
    assert json.loads(text)["reference"] == 'ज-1 "\n'
    assert path_of(kind) == "/api4/sales-invoice"
    assert {path_of(one).removeprefix("/api4/") for one in SCHEMA.types()} == set(kinds())


@pytest.mark.parametrize(
    "told_as",
    [
        {"reference": 7},
        {"lines": {"qty": 1}},
        {"lines": [7]},
        {"issueDate": "yesterday"},
        {"issueDate": "2026-04-02T24:00:00"},
        {"customer": "nobody"},
        {"issueDate": 3},
        {"lines": [{"qty": "1.50"}]},
        {"lines": [{"qty": True}]},
        {"lines": [{"qty": Decimal("1E+99")}]},
    ],
)
def test_what_is_no_value_of_its_field_is_no_record(told_as: dict[str, Any]) -> None:
    kind = SCHEMA.named("SalesInvoice")
    assert kind is not None
    assert from_json(kind, told_as) is None


@pytest.mark.parametrize(
    ("part", "ticks"), [(".5", 5_000_000), (".0000001", 1), (".12", 1_200_000), (".1234567", 1_234_567), ("", 0)]
)
def test_a_part_of_a_second_is_a_decimal_fraction(part: str, ticks: int) -> None:
    """The program leaves out its last zeros."""
    kind, name = next(
        (kind, field.name) for kind in SCHEMA.types() for field in kind.fields.values() if field.type == "datetime"
    )
    raw = from_json(kind, {name[:1].lower() + name[1:]: f"2026-04-02T10:00:00{part}Z"})
    assert raw is not None
    moment = decode(kind, raw).values[name]
    assert isinstance(moment, TickDateTime)
    assert moment.ticks % 10_000_000 == ticks


def test_bytes_with_signs_that_are_none_of_base64_are_no_record() -> None:
    kind, name = next(
        (kind, field.name)
        for kind in SCHEMA.types()
        for field in kind.fields.values()
        if field.type == "bytes" and not field.repeated
    )
    small = name[:1].lower() + name[1:]
    assert from_json(kind, {small: "QUJD"}) is not None
    assert from_json(kind, {small: "QU?JD"}) is None


@pytest.mark.parametrize("text", [b"", b"[NaN]", b"{", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}"])
def test_what_is_no_json_is_nothing(text: bytes) -> None:
    assert parsed(text) is None


def test_derived_values_are_no_part_of_a_record() -> None:
    kind = SCHEMA.named("Customer")
    assert kind is not None
    data = content("Customer", Name="A")
    assert from_json(kind, {"name": "A", "balance": Decimal("1.00"), "code": None}) == data


# ---- any record of any type ------------------------------------------------------------------------------------------

_GUIDS = st.uuids().map(str)
_NUMBERS = st.builds(
    lambda sign, digits, scale: Decimal((sign if digits else 0, tuple(map(int, str(digits))), -scale)),
    st.integers(0, 1),
    st.integers(0, 2**96 - 1),
    st.integers(0, 28),
)
_MOMENTS = st.dates() | st.integers(0, MAX_TICKS).map(TickDateTime.from_ticks).filter(
    lambda one: one.ticks % (864 * 10**9)
)
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "string": st.text(max_size=8),
    "bytes": st.binary(max_size=8),
    "guid": _GUIDS,
    "decimal": _NUMBERS,
    "datetime": _MOMENTS,
}


def values_of(field: FieldType, depth: int) -> st.SearchStrategy[Any]:
    if field.type == "map":
        assert field.key is not None
        assert field.value is not None
        return st.dictionaries(_SCALARS[field.key.type], values_of(field.value, depth), max_size=2)
    if field.type == "message":
        one = records_of(SCHEMA.message(field.message or ""), depth + 1)
    elif field.type == "enum":
        one = st.integers(-(2**31), 2**31 - 1).map(lambda number: EnumValue.of(field.enum or "", number))
    else:
        one = _SCALARS[field.type]
    return st.lists(one, max_size=2) if field.repeated else one


def records_of(kind: MessageType, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    if depth > 2:
        return st.just({})
    some = st.lists(st.sampled_from(list(kind.fields.values())), max_size=4) if kind.fields else st.just([])
    return some.flatmap(lambda fields: st.fixed_dictionaries({one.name: values_of(one, depth) for one in fields}))


@settings(deadline=None, max_examples=300)
@given(st.data(), st.sampled_from(SCHEMA.types()))
def test_any_record_arrives_and_comes_back_byte_by_byte(data: st.DataObject, kind: ContentType) -> None:
    raw = encode(kind, data.draw(records_of(kind)))
    if canonical(kind, raw) == raw:
        assert sent(kind, raw) == raw == heard(kind, raw)
