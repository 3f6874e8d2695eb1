"""Thousands of records that the real program wrote, and bytes that it was given to read."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.errors import EncodeError
from manager_nb.format.encoding import encode
from manager_nb.format.messages import EnumValue, decode
from manager_nb.format.schema import SCHEMA
from manager_nb.format.wire import write_bytes, write_tag, write_varint
from tests.truth import read_lines, values_of

if TYPE_CHECKING:
    from pathlib import Path

TRUTHS = [
    ("himalaya", "Himalaya Traders", 1569),
    ("small", "Desktop", 5),
    ("small", "आरोही स्टोर्स (2025-04-22)", 17),
]


def told_values(case: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    values = values_of(SCHEMA.named(case["type"]), told)
    return _negated(values) if "negative zero" in case["case"] else values  # .NET prints -0 as 0


def _negated(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _negated(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_negated(inner) for inner in value]
    return value.copy_negate() if isinstance(value, Decimal) and not value else value


def test_every_record_that_the_program_wrote_is_read_and_written_to_the_same_bytes(data: Path) -> None:
    wrong, seen = [], 0
    for case in read_lines(data / "format" / "encode-cases.jsonl"):
        if case["hex"] is None:
            continue
        seen += 1
        message_type, raw = SCHEMA.named(case["type"]), bytes.fromhex(case["hex"])
        assert message_type is not None
        read = decode(message_type, raw)
        written = encode(message_type, told_values(case, case["value"]))
        expected = told_values(case, case.get("decoded", case["value"]))
        if written != raw or repr(read.values) != repr(expected) or read.flaws or read.unknown:
            wrong.append(case["case"])
    assert (wrong, seen) == ([], 2804)


def test_what_the_program_refuses_to_write_is_refused(data: Path) -> None:
    refused = [case for case in read_lines(data / "format" / "encode-cases.jsonl") if case["hex"] is None]
    for case in refused:
        message_type = SCHEMA.named(case["type"])
        assert message_type is not None
        with pytest.raises(EncodeError) as caught:
            encode(message_type, told_values(case, case["value"]))
        assert caught.value.hint
    assert len(refused) == 20


def test_bytes_by_hand_read_as_the_program_reads_them(data: Path) -> None:
    wrong, seen = [], 0
    for case in read_lines(data / "format" / "decode-cases.jsonl"):
        seen += 1
        message_type, raw = SCHEMA.named(case["type"]), bytes.fromhex(case["hex"])
        assert message_type is not None
        read = decode(message_type, raw)
        if case["value"] is None:
            if not read.flaws or not all(flaw.data in raw for flaw in read.flaws):
                wrong.append(case["case"])
            continue
        sound = repr(read.values) == repr(told_values(case, case["value"])) and not read.flaws
        if not sound or ("rewritten" in case and encode(message_type, read.values).hex() != case["rewritten"]):
            wrong.append(case["case"])
    assert (wrong, seen) == ([], 94)


@pytest.mark.parametrize(("folder", "name", "rows"), TRUTHS)
def test_every_object_and_both_images_of_every_change_agree_with_the_program(
    data: Path, folder: str, name: str, rows: int
) -> None:
    images = _images(data / folder / f"{name}.manager")
    wrong, seen = [], 0
    for told in read_lines(data / folder / "truth" / f"{name}.decoded.jsonl"):
        seen += 1
        content_type, raw = images[told["table"], told["key"]]
        message_type = SCHEMA.type_of(content_type)
        assert message_type is not None
        read = decode(message_type, raw)
        if read.values != values_of(message_type, told["value"]) or encode(message_type, read.values) != raw:
            wrong.append(told["key"])
    assert (wrong, seen) == ([], rows)


def _images(path: Path) -> dict[tuple[str, str], tuple[str, bytes]]:
    images = {}
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    for key, content_type, content in database.execute("SELECT Key, ContentType, Content FROM Objects"):
        images["Objects", key] = (content_type, content or b"")
    for side in ("Before", "After"):
        query = f"SELECT Key, ContentType{side}, Content{side} FROM Changes"
        for key, content_type, content in database.execute(query):
            images[f"Changes.{side}", key] = (content_type, content or b"")
    database.close()
    return images


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(SCHEMA.types()), st.binary(max_size=200))
def test_no_bytes_make_reading_fail_and_none_are_lost_in_silence(message_type: Any, raw: bytes) -> None:
    read = decode(message_type, raw)
    if not read.flaws and not read.unknown:
        again = decode(message_type, encode(message_type, read.values))
        assert again.values.keys() >= {name for name, value in read.values.items() if value not in (0, [], {}, None)}


def test_unknown_fields_keep_their_bytes_wherever_they_stand() -> None:
    message_type = SCHEMA.named("SalesInvoice")
    assert message_type is not None
    lines = message_type.field("Lines")
    assert lines is not None
    newer = write_tag(900, 0) + write_varint(7)
    read = decode(message_type, write_bytes(lines.number, newer) + newer)
    assert [(field.path, field.data) for field in read.unknown] == [("Lines[0]", newer), ("", newer)]
    assert read.values == {"Lines": [{}]}
    assert read.flaws == ()


def test_a_broken_field_keeps_its_bytes_and_spares_the_others() -> None:
    message_type = SCHEMA.named("Customer")
    assert message_type is not None
    wrong = write_tag(1, 0) + write_varint(5)
    read = decode(message_type, wrong + write_bytes(2, "पता".encode()) + b"\x12\x7f")
    assert read.values == {"BillingAddress": "पता"}
    assert {(flaw.path, flaw.data) for flaw in read.flaws} == {("Name", wrong), ("", b"\x12\x7f")}


def test_a_value_that_the_schema_does_not_name_is_its_number() -> None:
    value = EnumValue.of("Enums.SortOrder", 77)
    assert (value, value.number) == ("77", 77)
    message_type = SCHEMA.message("AdvancedQuery.OrderByLine")
    assert decode(message_type, encode(message_type, {"SortOrder": value})).values == {"SortOrder": "77"}


def test_an_unknown_field_name_is_refused_with_its_place() -> None:
    message_type = SCHEMA.named("SalesInvoice")
    assert message_type is not None
    with pytest.raises(EncodeError, match=r"Lines\[0\]\.Colour"):
        encode(message_type, {"Lines": [{"Colour": "red"}]})
