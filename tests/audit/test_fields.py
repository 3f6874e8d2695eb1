"""One change field by field, and the records that are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.fields import fields_of_change
from manager_nb.audit.search import deleted_records
from manager_nb.errors import NotFoundError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_change_is_told_as_the_table_of_all_changes_tells_it(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        whole = business.changes.to_arrow(["change", "path", "line", "before", "after", "kind", "field"])
        by_change: dict[str, list[dict[str, object]]] = {}
        for row in whole.to_pylist():
            by_change.setdefault(row.pop("change"), []).append(row)
        assert len(by_change) > 700
        for change in list(by_change)[::7]:
            assert fields_of_change(business, change).to_pylist() == by_change[change]


def test_what_stayed_is_told_on_request(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        updates = business.history.to_arrow(["change", "action"]).to_pylist()
        change = next(row["change"] for row in updates if row["action"] == "update")
        only, whole = (fields_of_change(business, change, unchanged=full).to_pylist() for full in (False, True))
        assert whole[: len(only)] == only
        rest = whole[len(only) :]
        assert rest
        assert all(row["kind"] == "unchanged" and row["before"] == row["after"] for row in rest)


def test_a_change_that_is_not_there_is_told(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business, pytest.raises(NotFoundError, match="no change with the key x"):
        fields_of_change(business, "x")


def test_gone_records_are_listed_once_with_their_deletion(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        gone = deleted_records(business).to_arrow().to_pylist()
        there = {key for key, _, _ in business.objects()}
        known = {row["object"] for row in business.history.to_arrow(["object"]).to_pylist()}
        whole = {row["change"]: row for row in business.history.to_arrow().to_pylist()}
    labels = [row["label"] for row in gone]
    assert gone == [whole[row["change"]] for row in gone]
    assert "Customer — TEMP - अस्थायी ग्राहक" in labels
    assert {row["object"] for row in gone} == known - there
    assert len(labels) == len({row["object"] for row in gone})
    assert [row["time"] for row in gone] == sorted((row["time"] for row in gone), reverse=True)
