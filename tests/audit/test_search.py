"""Questions to History, answered on the demonstration business by the program's own facts."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.errors import CancelledError, NotFoundError
from tests.restore.test_plan import BATCH, CUSTOMER, INVOICE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


@pytest.fixture(scope="module")
def planted(data: Path) -> list[dict[str, Any]]:
    return json.loads((data / "himalaya/truth/planted.json").read_text("utf-8"))


def rows(table: mn.Table) -> list[dict[str, Any]]:
    return table.to_arrow().to_pylist()


def test_without_a_question_it_is_the_whole_history(demo: mn.Business) -> None:
    assert rows(mn.find_changes(demo)) == rows(demo.history)


def test_what_ravi_changed_on_sales_invoices_in_july(demo: mn.Business, planted: list[dict[str, Any]]) -> None:
    july = dt.date(2025, 7, 1), dt.date(2025, 7, 31)
    chosen = {"users": "Ravi Kumar", "types": ["Sales Invoice"], "actions": "update", "zone": "Asia/Kolkata"}
    found = rows(mn.find_changes(demo, between=july, **chosen))
    told = [fact["object"] for fact in planted if fact["kind"] == "closed period changed while unlocked"]
    assert [row["object"] for row in found] == told
    assert len(found) < len(mn.find_changes(demo, **chosen))


def test_by_the_documents_date_and_amount(demo: mn.Business, planted: list[dict[str, Any]]) -> None:
    (extreme,) = [fact["object"] for fact in planted if fact["kind"] == "extreme amount"]
    found = rows(
        mn.find_changes(demo, amounts=(Decimal(10**9), None), dated=(dt.date(2026, 2, 1), dt.date(2026, 2, 28)))
    )
    assert [row["object"] for row in found] == [extreme]
    (limit,) = [fact["object"] for fact in planted if fact["kind"] == "just below 50,000"]
    assert limit in {row["object"] for row in rows(mn.find_changes(demo, amounts=("49000", "49999.99")))}
    with pytest.raises(TypeError, match="float"):
        mn.find_changes(demo, amounts=(0.1, None))  # type: ignore[arg-type]


def test_by_party_under_any_name_it_ever_had(demo: mn.Business) -> None:
    found = {row["object"] for row in rows(mn.find_changes(demo, party="अस्थायी"))}
    assert found == {CUSTOMER, INVOICE}
    assert found == {row["object"] for row in rows(mn.find_changes(demo, party=CUSTOMER.upper()))}


def test_by_field_and_by_words_before_or_after(demo: mn.Business) -> None:
    changed = {
        row["change"] for row in rows(demo.changes) if row["path"] == "Bank details" or "Recoded" in str(row["after"])
    }
    assert {row["commit"] for row in rows(mn.find_changes(demo, text="recoded", actions=["update"]))} >= {BATCH}
    found = {row["change"] for row in rows(mn.find_changes(demo, field="description", text="RECODED"))}
    assert found == {row["change"] for row in rows(mn.find_changes(demo, commits=[BATCH]))}
    assert found <= changed


def test_one_records_life(demo: mn.Business) -> None:
    life = rows(mn.life_of(demo, INVOICE.upper()))
    assert [row["action"] for row in life] == ["create", "delete"]
    assert [row["time"] for row in life] == sorted(row["time"] for row in life)
    assert len(mn.life_of(demo, "a4ddb0e3-b207-4fee-aa01-f104b6c09932")) >= 0
    with pytest.raises(NotFoundError, match="neither now nor in History"):
        mn.life_of(demo, "00000000-0000-0000-0000-000000000001")


def test_one_action_is_one_row(demo: mn.Business, data: Path) -> None:
    counts = json.loads((data / "himalaya/truth/counts.json").read_text("utf-8"))
    found = rows(mn.commits_of(demo))
    assert sum(row["changes"] for row in found) == len(demo.history) == counts["tables"]["Changes"]
    assert len(found) == len({row["commit"] for row in rows(demo.history)})
    (batch,) = [row for row in found if row["commit"] == BATCH]
    assert (batch["changes"], batch["updated"], batch["types"]) == (8, 8, ["PurchaseInvoice"])
    assert [row["ticks"] for row in found] == sorted((row["ticks"] for row in found), reverse=True)


def test_a_type_that_is_not_there_is_told(demo: mn.Business) -> None:
    with pytest.raises(NotFoundError, match="Invoyce"):
        mn.find_changes(demo, types=["Invoyce"])


class Meter:
    """A progress that is cancelled after some steps."""

    def __init__(self, most: int) -> None:
        self.left, self.steps = most, list[str]()

    @property
    def cancelled(self) -> bool:
        self.left -= 1
        return self.left < 0

    def start(self, step: str, total: int | None = None) -> None:
        self.steps.append(f"{step} {total}")

    def advance(self, amount: int = 1) -> None:
        """Not counted here."""

    def finish(self) -> None:
        """Not counted here."""


@pytest.mark.parametrize("asked", [{"party": "अस्थायी"}, {"text": "1111"}, {"field": "qty"}])
def test_a_question_to_rows_that_were_read_tells_how_far_it_is_and_stops_when_asked(
    demo: mn.Business, asked: dict[str, str]
) -> None:
    read = mn.Table.of("History", demo.history.to_arrow())
    meter = Meter(1_000)
    assert rows(mn.find_changes(demo, among=read, progress=meter, **asked)) == rows(mn.find_changes(demo, **asked))
    assert "Searching 794" in meter.steps
    few = mn.Table.of("History", demo.history.to_arrow().slice(0, 3))
    assert len(mn.find_changes(demo, among=few, **asked)) < 4
    with pytest.raises(CancelledError):
        mn.find_changes(demo, among=read, progress=Meter(1), **asked)
    with pytest.raises(CancelledError):
        mn.commits_of(read, Meter(0))


def test_a_party_is_found_by_a_name_that_only_the_side_before_a_change_tells(himalaya: Path, tmp_path: Path) -> None:
    """As where History begins after the party was made: no row has the old name on the side after."""
    copy = tmp_path / "copy.manager"
    shutil.copyfile(himalaya, copy)
    with mn.open_business(copy) as business:
        (renamed,) = [row for row in rows(business.history) if "C005 - Renamed" in str(row["label"])]
    with contextlib.closing(sqlite3.connect(copy)) as database, database:
        database.execute(
            'DELETE FROM "Changes" WHERE "Object" = ? AND "Key" <> ?', (renamed["object"], renamed["change"])
        )
    with mn.open_business(copy) as business:
        assert renamed["object"] in {row["object"] for row in rows(mn.find_changes(business, party="Esha"))}
