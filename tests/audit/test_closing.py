"""The lock date's life, changes in closed periods and after filing, deleted records and what they left behind."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.audit.closing.locks import LOCK_DATE
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, NOTE
from tests.audit.lived import DAY, MINUTE, Lived, audited, told
from tests.crafting import altered
from tests.model.small_files import guid

if TYPE_CHECKING:
    from pathlib import Path

LOCK, CLOSED, FILED, DELETED, LEFT = "lock date", "closed periods", "after filing", "deleted records", "left behind"
END = dt.date(2025, 3, 31)
ROWS = f"UPDATE Changes SET Timestamp = NULL, User = NULL WHERE Object = '{LOCK_DATE}'"


@pytest.fixture
def planted(data: Path) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = json.loads((data / "himalaya/truth/planted.json").read_text(encoding="utf-8"))
    return facts


def of_kind(planted: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in planted if one["kind"] == kind]


def lock(lived: Lived, day: dt.date | None, user: str = "Asha") -> None:
    values = {"Date": day, "LockAccountingPeriods": True} if day else {}
    if LOCK_DATE in lived.objects:
        lived.change(LOCK_DATE, "LockDate", user, **values)
    else:
        lived.make("LockDate", user, LOCK_DATE, **values)


def test_the_demos_lock_date_was_set_lifted_set_again_and_moved(himalaya: Path, planted: list[dict[str, Any]]) -> None:
    found = audited(himalaya, LOCK)
    assert [(one.severity, one.user) for one in found.findings] == [
        (NOTE, "Administrator"), (MEDIUM, "Ravi Kumar"), (NOTE, "Ravi Kumar"), (NOTE, "Administrator"),
        (NOTE, "Administrator"),
    ]  # fmt: skip
    days = [dt.date.fromisoformat(one["until"]) for one in of_kind(planted, "period locked")]
    untils = [dict(one.message.facts).get("until") for one in found.findings]
    assert [untils[0], *untils[3:]] == days
    lifted = told(found)[1]
    assert "lifted the lock of the books up to 30 Jun 2025 on 26 Jul 2025, 15:07 (UTC)" in lifted
    assert "set it again on 26 Jul 2025, 16:18 (UTC), 71 min later" in lifted
    assert lifted.endswith(
        "Records dated in that period that were created, changed or deleted meanwhile: 2 (Sales Invoice — 1003 —"
        " 2025-04-05 — मासिक ऑर्डर; Sales Invoice — 1069 — 2025-06-20 — Order by phone)."
    )
    closed = [one for one in audited(himalaya, CLOSED).findings if "no lock reached it" in one.message.told()]
    assert {f"Changes {one.change}" for one in closed} <= set(found.findings[1].evidence)
    assert len(found.findings[1].evidence) == 4
    assert found.count == 5


def test_every_change_of_a_closed_period_of_the_demo_is_planted(himalaya: Path, planted: list[dict[str, Any]]) -> None:
    expected = {one["object"] for one in of_kind(planted, "closed period changed while unlocked")}
    expected |= {one["object"] for one in of_kind(planted, "document dated in a closed period, entered later")}
    batch = set(of_kind(planted, "batch update")[0]["objects"])
    found = audited(himalaya, CLOSED)
    lifted = {one.object for one in found.findings if "at that moment no lock reached it" in one.message.told()}
    (locked,) = [one for one in found.findings if "was locked at that moment" in one.message.told()]
    assert (lifted, set(locked.objects), len(found.findings)) == (expected, batch, 3)
    assert {one.severity for one in found.findings} == {HIGH}
    assert found.count == 460


def test_one_action_is_told_once_with_all_its_rows_and_what_it_came_to(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        findings = mn.audit(business, rules=CLOSED)
        history = business.history.to_arrow(["change", "commit", "object"]).to_pylist()
    batch = next(one for _, one in findings.found if len(one.objects) > 1)
    rows = {f"Changes {one['change']}" for one in history if one["object"] in batch.objects and one["change"] in str(
        batch.evidence)}  # fmt: skip
    assert len(rows) == len(batch.objects) == 8
    assert set(batch.evidence) > rows  # and the change that set the lock
    words = batch.message.told()
    assert words.startswith("8 records of the period were changed by administrator on 27 Sept 2025, 15:22 (UTC) in one")
    assert "Purchase Invoice — P4257 — 2025-04-01 — Recoded, 182,132.75 INR → 191,239.57 INR;" in words
    assert "and 3 more. Together they came to 940,242.69 INR before and 959,947.92 INR after." in words
    scores = {row["object"]: row["score"] for row in findings.scores.to_arrow().to_pylist()}
    assert {scores[key] for key in batch.objects} == {3}
    assert findings.about(batch.objects[3]).label.startswith("Purchase Invoice — ")  # type: ignore[union-attr]


def test_the_deletions_of_the_demo_are_found_with_what_they_came_to(
    himalaya: Path, planted: list[dict[str, Any]]
) -> None:
    found = audited(himalaya, DELETED)
    keys = {one.object for one in found.findings}
    assert set(of_kind(planted, "customer and its invoice deleted, attachment left")[0]["objects"]) <= keys
    assert of_kind(planted, "created and deleted by one user within an hour")[0]["object"] in keys
    assert len(found.findings) == 10
    invoice = next(text for text in told(found) if text.startswith("Sales Invoice — 1111"))
    assert "of 25,387.75 INR, created by आशा वर्मा on 27 Oct 2025" in invoice
    assert "was deleted by Ravi Kumar on 27 Oct 2025, 15:21 (UTC)" in invoice


def test_the_attachment_of_the_deleted_invoice_is_found(
    data: Path, himalaya: Path, planted: list[dict[str, Any]]
) -> None:
    customer, invoice = of_kind(planted, "customer and its invoice deleted, attachment left")[0]["objects"]
    found = audited(himalaya, LEFT)
    assert [(one.object, one.severity) for one in found.findings] == [(invoice, LOW)]
    assert "contract.pdf" in told(found)[0]
    assert customer not in [one.object for one in found.findings]
    store = next((data / "small").glob("* (2025-04-22).manager"))
    assert "बिल.txt" in told(audited(store, LEFT))[0]
    assert audited(data / "small/Restored by appending.manager", LEFT).findings == ()


def test_what_was_brought_back_is_not_listed_as_deleted(data: Path) -> None:
    assert len(audited(data / "small/Restored by appending.manager", DELETED).findings) == 8


def test_documents_of_a_period_that_were_touched_after_filing_are_found(himalaya: Path) -> None:
    none = audited(himalaya, FILED)
    assert (none.findings, none.count) == ((), 0)
    assert "Not tested" in none.notes[0].told()
    found = audited(himalaya, FILED, period_end="2025-06-30", filed_on="2025-07-20")
    assert {one.severity for one in found.findings} == {MEDIUM}
    assert [len(one.objects) for one in found.findings] == [1, 1, 8]  # two in July, the batch in September
    assert found.used == {"period_end": dt.date(2025, 6, 30), "filed_on": dt.date(2025, 7, 20)}
    same = audited(himalaya, FILED, period_end="2025-06-30")
    assert same.used == {"period_end": dt.date(2025, 6, 30), "filed_on": dt.date(2025, 6, 30)}
    assert len(same.findings) >= len(found.findings) == 3


def test_the_day_of_filing_ends_in_the_zone_of_the_business(tmp_path: Path) -> None:
    lived = Lived()  # begins on 11 April 2025, 20:26 UTC: in India it is the 12th
    lived.make("JournalEntry", Date=dt.date(2025, 3, 31), Narration="late")
    file = lived.write(tmp_path / "A.manager")
    days = {"period_end": dt.date(2025, 3, 31), "filed_on": dt.date(2025, 4, 11)}
    assert audited(file, FILED, **days).findings == ()
    assert len(audited(file, FILED, zone="Asia/Kolkata", **days).findings) == 1


def test_a_lock_moved_back_and_never_set_again_is_told(tmp_path: Path) -> None:
    lived = Lived()
    lock(lived, dt.date(2025, 3, 31))
    lock(lived, dt.date(2025, 1, 31), "Ravi")
    lived.clock += 3 * DAY
    lock(lived, dt.date(2025, 2, 28))
    found = audited(lived.write(tmp_path / "A.manager"), LOCK)
    assert [one.severity for one in found.findings] == [NOTE, MEDIUM, NOTE]
    assert "Ravi moved the lock back from 31 Mar 2025 to 31 Jan 2025" in told(found)[1]
    assert "not been set to that day again" in told(found)[1]


@pytest.mark.parametrize(
    ("gap", "lasted"), [(30 * MINUTE, "31 min later"), (5 * 60 * MINUTE, "5 h later"), (3 * DAY, "3 days later")]
)
def test_how_long_a_lock_was_lifted(tmp_path: Path, gap: int, lasted: str) -> None:
    lived = Lived()
    lock(lived, dt.date(2025, 3, 31))
    lock(lived, None)
    lived.clock += gap
    lock(lived, dt.date(2025, 4, 30))
    assert lasted in told(audited(lived.write(tmp_path / "A.manager"), LOCK))[1]


def test_a_document_moved_out_of_a_closed_period_is_found_by_its_old_date(tmp_path: Path) -> None:
    lived = Lived()
    old = lived.make("JournalEntry", Date=dt.date(2025, 3, 1), Narration="x")
    new = lived.make("JournalEntry", Date=dt.date(2025, 4, 2), Narration="y")
    lock(lived, dt.date(2025, 3, 31))
    moved = lived.change(old, "JournalEntry", Date=dt.date(2025, 4, 1), Narration="x")
    lived.change(new, "JournalEntry", Date=dt.date(2025, 4, 3), Narration="y")
    lived.make("Customer", Name="no document")
    found = audited(lived.write(tmp_path / "A.manager"), CLOSED)
    assert [one.change for one in found.findings] == [moved]
    assert "its date was or became 1 Mar 2025, the other is 1 Apr 2025" in told(found)[0]
    assert found.count == 2


def sold(amount: str, **more: Any) -> dict[str, Any]:
    line = {"SalesUnitPrice": Decimal(amount)}
    return {"IssueDate": dt.date(2025, 3, 1), "Reference": "7", "Lines": [line], **more}


def test_what_a_document_of_a_closed_period_came_to_is_told_exactly(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("SalesInvoice", **sold("1000.10"))
    lock(lived, END)
    lived.change(key, "SalesInvoice", **sold("99.25"))
    lived.change(key, "SalesInvoice", **sold("99.25", Description="x"))
    lived.change(
        key,
        "SalesInvoice",
        **sold("99.25", Lines=[{"SalesUnitPrice": Decimal(1), "TaxCode": "0195f00e-62e2-70d1-84a3-3922ae724028"}]),
    )
    lived.delete(key)
    lived.make("SalesInvoice", **sold("5"))
    words = told(audited(lived.write(tmp_path / "A.manager"), CLOSED))
    assert [one.split(" was ")[0].split("dated 1 Mar 2025")[1] for one in words] == [
        ", 1,000.10 → 99.25,",
        ", 99.25 before and after,",
        ", 99.25 → amount not known,",
        ", amount not known,",
        ", 5.00,",
    ]


def test_a_lock_that_was_lifted_while_nothing_was_touched_and_one_that_never_came_back(tmp_path: Path) -> None:
    lived = Lived()
    lock(lived, END)
    lock(lived, None, "Ravi")
    lived.make("JournalEntry", **entry_of(dt.date(2025, 4, 5)))  # of an open period
    lock(lived, END)
    lock(lived, None, "Ravi")
    for day in range(1, 9):
        lived.make("JournalEntry", **entry_of(dt.date(2025, 3, day)))
    lifted = [one for one in audited(lived.write(tmp_path / "A.manager"), LOCK).findings if one.severity == MEDIUM]
    first, last = (one.message.told() for one in lifted)
    assert first.endswith("Nothing dated in that period was created, changed or deleted meanwhile.")
    assert "created, changed or deleted since: 8 (Journal Entry" in last
    assert last.endswith("; and 3 more).")
    assert len(lifted[1].evidence) == 1 + 8


def test_a_change_that_altered_no_field_is_looked_at_last(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("JournalEntry", Date=dt.date(2025, 3, 1), Narration="x")
    lock(lived, dt.date(2025, 3, 31))
    lived.change(key, "JournalEntry", Date=dt.date(2025, 3, 1), Narration="x")
    assert [one.severity for one in audited(lived.write(tmp_path / "A.manager"), CLOSED).findings] == [LOW]


def test_a_business_that_was_closed_and_left_alone_finds_nothing(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("JournalEntry", Date=dt.date(2025, 3, 1), Narration="x")
    lock(lived, dt.date(2025, 3, 31))
    lived.make("JournalEntry", Date=dt.date(2025, 4, 1), Narration="y")
    file = lived.write(tmp_path / "A.manager")
    for name in (CLOSED, DELETED, LEFT):
        assert audited(file, name).findings == ()
    assert audited(file, FILED, period_end="2025-03-31", filed_on="2025-04-30").findings == ()


def entry_of(day: dt.date, text: str = "x") -> dict[str, Any]:
    return {"Date": day, "Narration": text}


def test_a_lock_whose_box_is_unticked_is_lifted(tmp_path: Path) -> None:
    lived = Lived()
    lock(lived, END)
    lived.change(LOCK_DATE, "LockDate", "Ravi", Date=END, LockAccountingPeriods=False)
    lived.make("JournalEntry", **entry_of(dt.date(2025, 3, 5)))
    lock(lived, END, "Ravi")
    file = lived.write(tmp_path / "A.manager")
    found = audited(file, LOCK)
    assert [one.severity for one in found.findings] == [NOTE, MEDIUM, NOTE]
    assert "Ravi lifted the lock of the books up to 31 Mar 2025" in told(found)[1]
    (words,) = told(audited(file, CLOSED))
    assert words.endswith("at that moment no lock reached it.")


def test_where_no_box_is_ticked_the_date_alone_counts_and_that_is_said(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("LockDate", "Asha", LOCK_DATE, Date=END)
    lived.make("JournalEntry", **entry_of(dt.date(2025, 3, 5)))
    file = lived.write(tmp_path / "A.manager")
    for name in (LOCK, CLOSED):
        found = audited(file, name)
        assert len(found.findings) == 1
        assert "box of the lock date is ticked nowhere" in found.notes[0].told()


def test_a_lock_from_before_history_is_proved_by_the_change_that_lifts_it(tmp_path: Path) -> None:
    lived = Lived()
    lock(lived, END)
    lived.changes.clear()
    lived.make("JournalEntry", **entry_of(dt.date(2025, 3, 4)))
    lock(lived, None, "Ravi")
    lifted = lived.changes[-1][0]
    lived.make("JournalEntry", **entry_of(dt.date(2025, 3, 5)))
    found = audited(lived.write(tmp_path / "A.manager"), CLOSED)
    (words,) = told(found)
    assert "The period up to 31 Mar 2025 had been locked before 11 Apr 2025, 20:28 (UTC); at that moment no" in words
    assert f"Changes {lifted}" in found.findings[0].evidence
    assert [note.told()[:20] for note in found.notes] == ["Since when the books"]


def test_what_the_lock_reached_at_that_moment_is_told(tmp_path: Path) -> None:
    lived = Lived()
    lock(lived, dt.date(2025, 6, 30))
    lock(lived, END, "Ravi")
    lived.make("JournalEntry", **entry_of(dt.date(2025, 2, 5)))
    lived.make("JournalEntry", **entry_of(dt.date(2025, 5, 5)))
    february, may = told(audited(lived.write(tmp_path / "A.manager"), CLOSED))
    assert "The period up to 31 Mar 2025 was locked at that moment" in february
    assert "up to 30 Jun 2025 had been locked since 11 Apr 2025, 20:26 (UTC); at that moment the lock reached" in may
    assert may.endswith("only up to 31 Mar 2025.")


def test_a_document_turned_into_a_quote_is_told_and_counted(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("SalesInvoice", IssueDate=dt.date(2025, 3, 5), Reference="2")
    other = lived.make("SalesQuote", IssueDate=dt.date(2025, 3, 5), Reference="3")
    lock(lived, END)
    turned = lived.change(key, "SalesQuote", "Ravi", IssueDate=dt.date(2025, 3, 5), Reference="2")
    lived.change(other, "SalesQuote", "Ravi", IssueDate=dt.date(2025, 3, 6), Reference="3")
    file = lived.write(tmp_path / "A.manager")
    found = audited(file, CLOSED)
    assert [one.change for one in found.findings] == [turned]
    assert told(found)[0].startswith(
        "Sales Invoice, dated 5 Mar 2025, 0.00 before and after, was turned into Sales Quote — 2"
    )
    assert len(audited(file, FILED, period_end=END, filed_on=END).findings) == 2  # it was created after that day too
    assert "1 documents became records of another type" in audited(file, DELETED).notes[0].told()


def test_opening_balances_rates_costs_and_reconciliations_of_a_closed_period_are_told(tmp_path: Path) -> None:
    lived = Lived()
    opening, march = "BalanceSheetAccountStartingBalance", dt.date(2025, 3, 1)
    balance = lived.make(opening, StartingBalance=Decimal(100))
    rate = lived.make("ExchangeRate", Date=march, ExchangeRateValue=Decimal(80))
    cost = lived.make("InventoryUnitCost", Date=march, UnitCost=Decimal(80))
    bank = lived.make("BankReconciliation", Date=march)
    lock(lived, END)
    lived.change(balance, opening, StartingBalance=Decimal(999_999))
    lived.change(rate, "ExchangeRate", Date=march, ExchangeRateValue=Decimal(8))
    lived.change(cost, "InventoryUnitCost", Date=march, UnitCost=Decimal(1))
    lived.delete(bank)
    lived.make("ExchangeRate", Date=dt.date(2025, 4, 1), ExchangeRateValue=Decimal(80))
    lived.make(opening, key=guid(opening), StartingBalance=Decimal(1))  # a form's default
    file = lived.write(tmp_path / "A.manager")
    found = audited(file, CLOSED)
    assert [one.object for one in found.findings] == [balance, rate, cost, bank]
    assert {one.severity for one in found.findings} == {MEDIUM}
    assert "an opening balance, was changed by Asha" in told(found)[0]
    assert found.count == 5
    assert len(audited(file, FILED, period_end=END, filed_on=END).findings) == 8


def test_a_change_that_a_clock_hides_before_the_lock_is_told_by_its_links(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("JournalEntry", **entry_of(dt.date(2025, 3, 5)))
    other = lived.make("JournalEntry", **entry_of(dt.date(2025, 3, 5)))
    lived.clock += 10 * DAY
    lock(lived, END)
    lived.change(key, "JournalEntry", **entry_of(dt.date(2025, 3, 5), "y"))
    lived.clock -= 5 * DAY
    hidden = lived.change(key, "JournalEntry", **entry_of(dt.date(2025, 3, 5), "z"))
    lived.change(other, "JournalEntry", **entry_of(dt.date(2025, 3, 5), "z"))
    found = audited(lived.write(tmp_path / "A.manager"), CLOSED)
    assert [one.severity for one in found.findings] == [HIGH, MEDIUM]
    assert found.findings[1].change == hidden
    assert "By its time that was before the lock; but it came after" in told(found)[1]


def test_changes_without_a_time_are_counted(tmp_path: Path) -> None:
    lived = Lived()
    lock(lived, END)
    lived.make("JournalEntry", **entry_of(dt.date(2025, 3, 5)))
    lived.changes[-1][4] = None
    assert "1 changes of documents have no time" in audited(lived.write(tmp_path / "A.manager"), CLOSED).notes[0].told()


def test_a_lock_that_history_does_not_tell_of_is_said(data: Path) -> None:
    old = data / "small/Old format.manager"
    assert "since when, and by whom, History does not tell" in told(audited(old, LOCK))[0]
    found = audited(old, CLOSED)
    assert found.findings == ()
    assert [note.told()[:20] for note in found.notes] == ["Since when the books", "History tells of no "]


def test_deletions_by_kind_of_record(tmp_path: Path) -> None:
    lived = Lived()
    line = {"Account": "0195f00e-62e2-70d1-84a3-3922ae724028", "Qty": Decimal(3), "SalesUnitPrice": Decimal("10.50")}
    invoice = lived.make("SalesInvoice", IssueDate=dt.date(2025, 4, 1), Reference="7", Lines=[line])
    customer = lived.make("Customer", Name="A")
    lived.delete(invoice, "Ravi")
    lived.delete(customer, None)
    found = audited(lived.write(tmp_path / "A.manager"), DELETED)
    assert [one.severity for one in found.findings] == [MEDIUM, LOW]
    assert "of 31.50" in told(found)[0]
    assert "created by Asha" in told(found)[0]
    assert "was deleted by (nobody is named)" in told(found)[1]


def test_damaged_rows_and_missing_tables_do_not_crash(tmp_path: Path, himalaya: Path) -> None:
    broken = altered(
        himalaya,
        tmp_path / "A.manager",
        ROWS,
        "UPDATE Changes SET ContentBefore = x'ff' WHERE Key LIKE '%1'",
        "UPDATE Changes SET ContentTypeBefore = 'x', Timestamp = -1 WHERE Key LIKE '%2'",
        "UPDATE Objects SET Content = x'ff' WHERE Key LIKE '%3'",
    )
    bare = altered(himalaya, tmp_path / "B.manager", "DROP TABLE Changes", "DROP TABLE Images")
    for file in (broken, bare):
        for name in (LOCK, CLOSED, DELETED, LEFT):
            audited(file, name)
        audited(file, FILED, period_end="2025-06-30")
