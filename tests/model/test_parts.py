"""A record in parts: every value once, by its path."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.model.parts import Parts, Raw, Ref, Secret, Word, parts_of
from manager_nb.model.references import references
from tests.model.small_files import key, record, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


def parts(business: mn.Business, type_name: str, row: int = 0) -> Parts:
    return parts_of(business.record(business.records(type_name).page(row, 1)["key"][0].as_py()))


def test_fields_come_in_the_schemas_order_with_custom_fields_by_their_key(demo: mn.Business) -> None:
    fields = parts(demo, "Customer").fields
    assert [path for path, _ in fields][:3] == [("Name",), ("BillingAddress",), ("Email",)]
    custom = [path for path, _ in fields if path[0] == "CustomFields2"]
    assert custom
    assert all(len(path) == 2 and isinstance(path[1], Ref) for path in custom)


def test_lines_have_the_columns_that_some_line_has(demo: mn.Business) -> None:
    (lines,) = parts(demo, "JournalEntry").lines
    assert lines.columns == (("Account",), ("Debit",), ("Credit",))
    assert [row[1:] for row in lines.rows] == [(Decimal(25000), None), (None, Decimal(25000))]
    assert all(isinstance(row[0], Ref) for row in lines.rows)


def test_words_secrets_and_bytes_are_told_apart(demo: mn.Business) -> None:
    settings = dict(parts(demo, "EmailSettings").fields)
    assert settings[("Password",)] == Secret()
    assert settings[("Protocol",)] == Word("SMTP")
    digest = dict(parts(demo, "Attachment").fields)[("Sha256",)]
    assert isinstance(digest, Raw)
    assert digest.size == 32
    assert digest.hex == demo.attachments.page(0, 1)["sha256"][0].as_py()


def test_everything_that_a_record_refers_to_is_among_its_references(demo: mn.Business) -> None:
    for other, kind, content in list(demo.objects())[::9]:
        named = {reference.key for reference in references(kind, content)}
        assert named <= {found.lower() for found in parts_of(demo.record(other)).references()}


def test_nothing_and_unknown_have_no_parts(tmp_path: Path) -> None:
    rows = [record(1, "Customer"), (key(2), key(99), b"\x0a\x01x", 0)]
    with mn.open_business(write(tmp_path / "A.manager", rows)) as business:
        assert [parts_of(business.record(key(number))) for number in (1, 2)] == [Parts((), ())] * 2
