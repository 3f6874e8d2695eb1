"""Missing and reused numbers, and what was entered twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from manager_nb.audit.rule import HIGH, LOW, MEDIUM
from manager_nb.audit.tests.series import places_of, stretches
from tests.audit.diary import MONDAY, Diary, invoice, journal, payment, said_of, tried

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2025, 3, 3)
_UNTRACED = ", and History has no document that ever had them: they may have been undone."


@pytest.mark.parametrize(
    ("reference", "before", "number", "behind", "width"),
    [
        ("1001", "", 1001, "", 1),
        ("INV-0012", "INV-", 12, "", 4),
        ("INV/2025-26/001", "INV/2025-26/", 1, "", 3),
        ("12/2025-26", "", 12, "/2025-26", 1),
        ("A7/99-00", "A", 7, "/99-00", 1),
        ("2025-26", "2025-", 26, "", 1),
        ("7/INV", "", 7, "/INV", 1),
        ("INV-007A", "INV-", 7, "A", 3),
    ],
)
def test_a_number_has_a_place_in_a_series(reference: str, before: str, number: int, behind: str, width: int) -> None:
    series, *rest = places_of("SalesInvoice", "p", reference)[0]
    assert (series.shown, *rest) == ((before, behind), number, width)
    assert series.party == ""
    assert series.written(number, width) == reference


def test_what_may_be_a_year_may_be_a_number_too() -> None:
    found = [(series.shown, number) for series, number, _ in places_of("SalesInvoice", "", "5/2025")]
    assert found == [(("5/", ""), 2025), (("", "/2025"), 5)]


@pytest.mark.parametrize("reference", ["", "none", "²"])
def test_what_holds_no_digit_has_no_place(reference: str) -> None:
    assert places_of("SalesInvoice", "", reference) == []


@pytest.mark.parametrize(
    "pattern", ["{}/INV", "INV-{}A", "{:03d}-2025", "{:03d}/2025", "{}/25", "{:03d}/2025-26", "R/{}/04/2025"]
)
def test_a_gap_is_told_wherever_the_number_stands(tmp_path: Path, pattern: str) -> None:
    diary = Diary()
    for number in (*range(1, 5), *range(6, 14)):
        diary.create("SalesInvoice", **invoice(number, DAY, pattern.format(number), diary.new_key()))
    (words,) = said_of(tried(diary.write(tmp_path / "A.manager"), "sequence gaps"))
    assert words.startswith(f"The number {pattern.format(5)} is missing")


def test_a_year_is_a_number_where_more_documents_say_so(tmp_path: Path) -> None:
    diary = Diary()
    for number in range(2000, 2040):
        diary.create("SalesInvoice", **invoice(number, DAY, f"5-{number}", diary.new_key()))
    tested = tried(diary.write(tmp_path / "A.manager"), "sequence gaps")
    assert (tested.count, tested.findings, tested.notes) == (40, (), ())


_BOTH = "dated 3 Mar 2025; dated 3 Mar 2025"


def test_digits_of_any_script_are_numbers(tmp_path: Path) -> None:
    diary = Diary()
    digits = str.maketrans("0123456789", "०१२३४५६७८९")
    for number in (*range(1, 5), *range(6, 14)):
        diary.create("SalesInvoice", **invoice(number, DAY, f"बिल {number}".translate(digits), diary.new_key()))
    diary.create("SalesInvoice", MONDAY + dt.timedelta(1), **invoice(4, DAY, "बिल-0004", diary.new_key()))
    file = diary.write(tmp_path / "A.manager")
    assert "is missing" in said_of(tried(file, "sequence gaps"))[0]
    (words,) = said_of(tried(file, "reused numbers"))
    assert words == f"Sales Invoice — बिल-0004 — 2025-03-03: its number is on 2 documents that are there now: {_BOTH}."


def test_a_far_jump_begins_a_new_stretch() -> None:
    assert stretches([]) == []


def numbered(*numbers: int) -> Diary:
    diary = Diary()
    for number in numbers:
        diary.create("SalesInvoice", **invoice(number, DAY, f"N{number:03d}", diary.new_key()))
    return diary


def test_a_series_without_gaps_is_clean(tmp_path: Path) -> None:
    file = numbered(*range(1, 15), *range(501, 520)).write(tmp_path / "A.manager")
    tested = tried(file, "sequence gaps")
    assert (tested.count, said_of(tested)) == (33, [])
    assert [note.told() for note in tested.notes] == [
        "Sales Invoice, N1 to N519: where the numbers jump far (1 times) another series is taken to begin."
    ]
    assert said_of(tried(file, "reused numbers")) == []


@pytest.mark.parametrize("missing", [20, 21, 60])
def test_a_block_of_missing_numbers_is_told(tmp_path: Path, missing: int) -> None:
    diary = numbered(*range(1, 70), *range(70 + missing, 80 + missing))
    tested = tried(diary.write(tmp_path / "A.manager"), "sequence gaps")
    assert [(finding.severity, finding.message.told()) for finding in tested.findings] == [
        (MEDIUM, f"The numbers N070 to N{69 + missing:03d} are missing{_UNTRACED}")
    ]
    assert (tested.count, tested.notes) == (79, ())


def test_a_block_before_a_few_last_numbers_is_told_and_those_are_counted(tmp_path: Path) -> None:
    tested = tried(numbered(*range(1, 70), 100, 101).write(tmp_path / "A.manager"), "sequence gaps")
    assert said_of(tested) == [f"The numbers N070 to N099 are missing{_UNTRACED}"]
    assert [note.told() for note in tested.notes] == ["2 documents have numbers of no series of 10 and were left out."]


def test_numbers_of_few_documents_are_counted(tmp_path: Path) -> None:
    diary = numbered(*range(1, 4), 2)
    diary.create("SalesInvoice", **invoice(5, DAY, "cash", diary.new_key()))
    file = diary.write(tmp_path / "A.manager")
    bare = "1 documents have no number with digits and were left out."
    for rule, words in {
        "sequence gaps": "4 documents have numbers of no series of 10 and were left out.",
        "reused numbers": "4 documents have numbers of no series of 10 and were left out; 1 of these numbers are on"
        " more than one document.",
    }.items():
        tested = tried(file, rule)
        assert (tested.count, tested.findings) == (0, ())
        assert [note.told() for note in tested.notes] == [words, bare]
    assert len(said_of(tried(file, "reused numbers", series=1))) == 1


@pytest.mark.parametrize("again", ["0007", "n 007", "N-7"])
def test_the_same_number_written_otherwise_is_the_same(tmp_path: Path, again: str) -> None:
    diary = Diary()
    prefix = "N" if again.lower().startswith("n") else ""
    for number in range(1, 15):
        diary.create("SalesInvoice", **invoice(number, DAY, f"{prefix}{number}", diary.new_key()))
    diary.create("SalesInvoice", **invoice(3, DAY, again, diary.new_key()))
    assert len(said_of(tried(diary.write(tmp_path / "A.manager"), "reused numbers"))) == 1


def test_gaps_are_told_with_what_history_knows_of_them(tmp_path: Path) -> None:
    diary = numbered(*range(1, 20), *range(21, 40), *range(42, 60))
    deleted, renumbered = list(diary.objects)[4], list(diary.objects)[9]
    diary.delete(deleted, MONDAY + dt.timedelta(days=1), "Ravi")
    values = invoice(10, DAY, "X", diary.new_key())
    diary.update(renumbered, "SalesInvoice", MONDAY + dt.timedelta(days=2), "Ravi", **values)
    tested = tried(diary.write(tmp_path / "A.manager"), "sequence gaps")
    assert sorted((finding.severity, finding.message.told()) for finding in tested.findings) == [
        (LOW, "The number N005 is missing: Sales Invoice — N005 — 2025-03-03 was deleted at 4 Mar 2025, 10:00 (UTC)."),
        (LOW, "The number N010 is missing: Sales Invoice — X — 2025-03-03 had it until 5 Mar 2025, 10:00 (UTC)."),
        (MEDIUM, "The number N020 is missing, and History has no document that ever had it: it may have been undone."),
        (MEDIUM, f"The numbers N040 to N041 are missing{_UNTRACED}"),
    ]
    assert all(finding.evidence for finding in tested.findings)


def test_where_history_does_not_reach_a_gap_weighs_less(tmp_path: Path) -> None:
    diary = Diary()
    for number in (*range(1, 15), 16):
        diary.keep("SalesInvoice", **invoice(5, DAY, str(number)))
    (finding,) = tried(diary.write(tmp_path / "A.manager"), "sequence gaps").findings
    assert (finding.severity, finding.message.told()) == (
        LOW,
        "The number 15 is missing; History does not reach back to it.",
    )


def test_a_series_with_many_gaps_is_noted_and_not_told(tmp_path: Path) -> None:
    tested = tried(numbered(*range(1, 60, 3)).write(tmp_path / "A.manager"), "sequence gaps")
    assert (tested.count, tested.findings) == (0, ())
    assert "only 20 of 58 numbers are used" in tested.notes[0].told()


def test_numbers_on_two_documents_and_of_deleted_ones_are_told(tmp_path: Path) -> None:
    diary = numbered(*range(1, 20), 7)
    gone = next(iter(diary.objects))
    diary.delete(gone)
    diary.create("SalesInvoice", MONDAY + dt.timedelta(days=1), **invoice(3, DAY, "n001"))
    tested = tried(diary.write(tmp_path / "A.manager"), "reused numbers")
    assert [(finding.severity, finding.message.told()) for finding in tested.findings] == [
        (LOW, "Sales Invoice — n001 — 2025-03-03: its number was also on a document that was deleted."),
        (
            MEDIUM,
            f"Sales Invoice — N007 — 2025-03-03: its number is on 2 documents that are there now: {_BOTH}.",
        ),
    ]


def test_numbers_of_suppliers_are_their_own(tmp_path: Path) -> None:
    diary = Diary()
    for supplier in (diary.new_key(), diary.new_key()):
        for number in range(10):
            diary.create("PurchaseInvoice", IssueDate=DAY, Reference=f"P{number}", Supplier=supplier)
    assert said_of(tried(diary.write(tmp_path / "A.manager"), "reused numbers")) == []


def test_what_was_paid_twice_is_told_and_what_is_near(tmp_path: Path) -> None:
    diary = Diary()
    one, other = diary.new_key(), diary.new_key()
    week = dt.timedelta(days=7)
    diary.create("Payment", **payment("100.10", DAY, "INV 7", one))
    again = diary.create("Payment", MONDAY + week, **payment("100.10", DAY + week, "inv-7", one))
    near = diary.create("Payment", MONDAY + week, **payment("100.10", DAY + week, "8", one))
    diary.create("Payment", **payment("100.10", DAY, "INV 7", other))
    diary.create("Payment", **payment("100.11", DAY, "INV 7", one))
    tested = tried(diary.write(tmp_path / "A.manager"), "duplicates")
    assert [(finding.severity, finding.object) for finding in tested.findings] == [(HIGH, again), (LOW, near)]
    assert len(tested.findings[0].evidence) == 2
    assert "100.10" in tested.findings[0].message.told()


def test_what_comes_every_month_and_what_was_deleted_is_no_duplicate(tmp_path: Path) -> None:
    diary = Diary()
    landlord = diary.new_key()
    for month in range(1, 7):
        diary.create("Payment", **payment(900, DAY.replace(month=month), f"{month}", landlord))
    gone = diary.create("Payment", **payment(55, DAY, "9", landlord))
    diary.create("Payment", **payment(55, DAY, "9", landlord))
    diary.delete(gone)
    assert said_of(tried(diary.write(tmp_path / "A.manager"), "duplicates")) == []


def test_equal_payments_at_once_are_told_however_many(tmp_path: Path) -> None:
    diary = Diary()
    one, other = diary.new_key(), diary.new_key()
    for number in range(5):
        last = diary.create("Payment", **payment(49_999, DAY + dt.timedelta(number // 2), f"P{number}", one))
        diary.create("Payment", **payment(7, DAY, "P9", other))
    tested = tried(diary.write(tmp_path / "A.manager"), "duplicates")
    assert [(finding.severity, finding.object) for finding in tested.findings[:1]] == [(MEDIUM, last)]
    assert said_of(tested) == [
        "Payment — P4: the same party and amount (49,999.00) are on 5 documents within 2 days.",
        "Payment — P9: the same party, amount (7.00) and number are on 5 documents.",
    ]
    assert len(tested.findings[0].evidence) == 5


def test_what_comes_every_month_and_once_twice_is_told(tmp_path: Path) -> None:
    diary = Diary()
    landlord, worker = diary.new_key(), diary.new_key()
    for month in range(1, 7):
        diary.create("Payment", **payment(900, DAY.replace(month=month), f"{month}", landlord))
    twice = diary.create("Payment", **payment(900, DAY + dt.timedelta(2), "99", landlord))
    for day in (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10):
        diary.create("Payment", **payment(50, DAY + dt.timedelta(day), "", worker))
    tested = tried(diary.write(tmp_path / "A.manager"), "duplicates")
    assert [(finding.severity, finding.object) for finding in tested.findings] == [(LOW, twice)]
    assert [note.told() for note in tested.notes] == [
        "14 documents whose amounts come again and again were held against each other by number only."
    ]


@pytest.mark.parametrize(("one", "other"), [("R10", "R१०"), ("बिल 1", "बिल-1")])
def test_numbers_in_other_digits_and_signs_are_the_same(tmp_path: Path, one: str, other: str) -> None:
    diary = Diary()
    supplier = diary.new_key()
    diary.create("Payment", **payment(100, DAY, one, supplier))
    diary.create("Payment", **payment(100, DAY + dt.timedelta(90), other, supplier))
    diary.create("Payment", **payment(100, DAY + dt.timedelta(180), "बल 1", supplier))
    assert [finding.severity for finding in tried(diary.write(tmp_path / "A.manager"), "duplicates").findings] == [HIGH]


def test_journal_entries_are_the_same_by_accounts_and_date(tmp_path: Path) -> None:
    diary = Diary()
    rent, bank = diary.new_key(), diary.new_key()
    diary.create("JournalEntry", **journal(5, DAY, "1", rent, bank))
    diary.create("JournalEntry", **journal(5, DAY, "2", rent, bank))
    diary.create("JournalEntry", **journal(5, DAY + dt.timedelta(days=1), "3", rent, bank))
    diary.create("InterAccountTransfer", Date=DAY, CreditAmount=Decimal(5))
    tested = tried(diary.write(tmp_path / "A.manager"), "duplicates")
    (words,) = said_of(tested)
    assert words.startswith("Journal Entry — 2 — As agreed: the same party and amount (5.00) as Journal Entry — 1")
    assert [note.told() for note in tested.notes] == ["1 documents with neither a party nor accounts were left out."]
