"""Every word of a business, and the search through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.words import EMAIL, find_words, words_of
from manager_nb.errors import CancelledError
from manager_nb.model.secrets import MASK
from manager_nb.progress import Silent
from tests.model.small_files import key, record, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


@pytest.fixture(scope="module")
def words(demo: mn.Business) -> pa.Table:
    return words_of(demo).to_arrow()


def test_every_record_and_email_is_there_by_its_label(demo: mn.Business, words: pa.Table) -> None:
    labels = {row["object"]: row["label"] for row in words.to_pylist() if row["field"] is None}
    for name in demo.types():
        for row in demo.records(name).to_arrow(["key", "label"]).to_pylist():
            assert labels[row["key"]].startswith(row["label"])
    assert set(demo.emails.to_arrow(["email"])["email"].to_pylist()) <= labels.keys()


def test_every_text_of_a_records_fields_lines_and_custom_fields_is_there(demo: mn.Business, words: pa.Table) -> None:
    said: dict[str, set[str]] = {}
    for row in words.to_pylist():
        said.setdefault(row["object"], set()).add(row["text"])
    for name in ("SalesInvoice", "Customer", "Supplier", "TaxCode"):
        for one in demo.records(name).to_arrow(["key"])["key"].to_pylist():
            fields = demo.record(one).fields
            lines = [*fields.get("Lines", ()), *fields.get("Components", ())]
            texts = {value for part in (fields, *lines) for value in part.values() if type(value) is str}
            texts |= set(fields.get("CustomFields2", {}).get("Strings", {}).values())
            keys = {text for text in texts if len(text) == 36 and text.count("-") == 4}
            assert {text for text in texts - keys if text} <= said[one] | {"Percentage"}


def test_no_secret_is_among_them(words: pa.Table) -> None:
    assert MASK not in words["text"].to_pylist()


def test_all_words_are_found_wherever_they_stand_in_a_record(words: pa.Table) -> None:
    found = find_words(words, "deepa BAZAAR 07aaaaa0003").to_pylist()
    assert [row["label"] for row in found] == ["Customer — C004 - Deepa एंटरप्राइज़ेज़"]
    assert find_words(words, "deepa nobody").num_rows == 0
    assert find_words(words, "  ").num_rows == 0


def test_a_record_is_found_once_with_the_place_of_the_first_word(words: pa.Table) -> None:
    found = find_words(words, "आपूर्ति").to_pylist()
    assert len(found) == len({row["object"] for row in found}) > 50
    assert {row["field"] for row in found} == {"Lines — Line description"}
    assert {row["text"] for row in found} == {"आपूर्ति"}


def test_names_of_attachments_and_subjects_of_emails_are_found(words: pa.Table) -> None:
    assert [row["label"] for row in find_words(words, "contract").to_pylist()] == ["Attachment — contract.pdf"]
    assert {row["type"] for row in find_words(words, "invoice 1188").to_pylist()} == {"SalesInvoice", EMAIL}


def test_a_search_is_no_pattern(tmp_path: Path) -> None:
    file = write(tmp_path / "A.manager", [record(1, "Customer", Name="100% (A+B)"), record(2, "Customer", Name="1000")])
    with mn.open_business(file) as business:
        words = words_of(business).to_arrow()
    assert find_words(words, "100% (a+b)")["object"].to_pylist() == [key(1)]
    assert find_words(words, ".*").num_rows == 0


def test_an_empty_business_and_an_unknown_type_are_searched(tmp_path: Path) -> None:
    with mn.open_business(write(tmp_path / "A.manager")) as business:
        assert find_words(words_of(business).to_arrow(), "x").num_rows == 0
    file = write(tmp_path / "B.manager", [(key(1), key(99), b"\x0a\x01x", 0)])
    with mn.open_business(file) as business:
        assert find_words(words_of(business).to_arrow(), key(99))["object"].to_pylist() == [key(1)]


def test_a_cancel_is_heeded(demo: mn.Business) -> None:
    class Cancelled(Silent):
        cancelled = True

    with pytest.raises(CancelledError):
        words_of(demo, progress=Cancelled())
