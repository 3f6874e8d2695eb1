"""Round sums, amounts below a limit, extreme amounts, first digits: reckoned by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from manager_nb.audit.rule import LOW, NOTE
from manager_nb.audit.tests.amounts import is_round, usual_limits
from manager_nb.audit.tests.benford import beginning, expected, first_digits
from tests.audit.diary import Diary, invoice, journal, payment, said_of, tried
from tests.model.small_files import key

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2025, 3, 3)


@pytest.mark.parametrize(
    ("amount", "zeros", "round_"),
    [
        ("25000", 3, True),
        ("25000.00", 3, True),
        ("250000", 3, True),
        ("25000.01", 3, False),
        ("25500", 3, False),
        ("1250000", 3, False),  # three figures
        ("900", 2, True),
        ("900", 3, False),
    ],
)
def test_a_round_amount_has_few_figures_and_many_zeros(amount: str, zeros: int, round_: bool) -> None:
    assert is_round(Decimal(amount), 2, zeros) is round_


def test_round_payments_are_told_and_standing_ones_counted(tmp_path: Path) -> None:
    diary = Diary()
    landlord = diary.create("Supplier", Name="Landlord")
    for month in range(1, 5):
        diary.create("Payment", **payment(20_000, DAY.replace(month=month), f"R{month}", landlord))
    for place in range(6):
        diary.create("Payment", **payment(23_456 + place, DAY, f"P{place}"))
    odd = diary.create("Payment", **payment(30_000, DAY, "X"))
    tested = tried(diary.write(tmp_path / "A.manager"), "round sums")
    assert [finding.object for finding in tested.findings] == [odd]
    assert tested.count == 11
    assert "4 round amounts come again and again and were left out." in [note.told() for note in tested.notes]
    assert len(tried(tmp_path / "A.manager", "round sums", recurring=0).findings) == 5


def test_amounts_that_are_not_known_or_not_above_zero_are_counted(tmp_path: Path) -> None:
    diary = Diary()
    diary.create("Payment", **payment(0, DAY))
    taxed = {"Amount": Decimal(5), "TaxCode": key(9_999)}  # a tax code that is not there
    diary.create("Payment", Date=DAY, AmountsAreTaxExclusive=True, Lines=[taxed])
    tested = tried(diary.write(tmp_path / "A.manager"), "round sums")
    assert tested.count == 0
    assert len(tested.notes) == 2


def test_limits_that_people_like_lie_above_the_usual_amount() -> None:
    steps = [50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000]
    assert usual_limits(Decimal("22824.68")) == tuple(map(Decimal, steps))
    assert usual_limits(Decimal("0.25"))[0] == 1
    assert usual_limits(Decimal("7e8"))[:2] == (Decimal(10**9), Decimal(5 * 10**9))


def test_just_below_is_within_the_margin_and_not_the_limit_itself(tmp_path: Path) -> None:
    diary = Diary()
    for amount in ("9899.99", "9900", "9999.99", "10000"):
        diary.create("Payment", **payment(amount, DAY, amount))
    file = diary.write(tmp_path / "A.manager")
    assert sorted(said_of(tried(file, "just below a limit", limits="10,000"))) == [
        "Payment — 9900 comes to 9,900.00, just below 10,000.",
        "Payment — 9999.99 comes to 9,999.99, just below 10,000.",
    ]
    assert said_of(tried(file, "just below a limit", limits=[10_000], margin=0)) == []
    assert tried(file, "just below a limit").used == {"limits": usual_limits(Decimal(9900))}


def test_the_modified_z_score_can_be_reckoned_by_hand(tmp_path: Path) -> None:
    """The median is 200, the distances are the factors 2, 2, 1, 1, 1, 1, 1, 2, 2, 2, 64: their median is 2."""
    diary = Diary()
    for place, amount in enumerate([100, 100, 200, 200, 200, 200, 200, 400, 400, 400, 12_800]):
        diary.create("SalesInvoice", **invoice(amount, DAY, f"{place}"))
    file = diary.write(tmp_path / "A.manager")
    (words,) = said_of(tried(file, "extreme amounts"))
    assert words == (
        "Sales Invoice — 10 — 2025-03-03 comes to 12,800.00, far more than usual: the middle amount of its kind is"
        " 200.00 and its modified z-score 4.05."  # 0.6745 times 6, by 1: the logarithms to the base 2 of 64 and of 2
    )
    assert said_of(tried(file, "extreme amounts", outlier="4.05")) == []


def test_a_population_of_equal_amounts_takes_the_mean_of_the_distances(tmp_path: Path) -> None:
    diary = Diary()
    for place in range(19):
        diary.create("SalesInvoice", **invoice(100, DAY, f"{place}"))
    big = diary.create("SalesInvoice", **invoice(10_000, DAY, "x"))
    tested = tried(diary.write(tmp_path / "A.manager"), "extreme amounts")
    (finding,) = tested.findings
    assert finding.object == big
    assert "modified z-score 15.96" in finding.message.told()  # 20 / 1.253314


@pytest.mark.parametrize(("amount", "found"), [(101, 0), (199, 0), (200, 1)])
def test_what_is_hardly_more_than_usual_is_no_extreme(tmp_path: Path, amount: int, found: int) -> None:
    diary = Diary()
    for value in [*[100] * 100, amount]:
        diary.create("Payment", **payment(value, DAY))
    assert len(tried(diary.write(tmp_path / "A.manager"), "extreme amounts").findings) == found


def test_few_amounts_and_equal_amounts_have_no_extreme(tmp_path: Path) -> None:
    diary = Diary()
    for place in range(9):
        diary.create("SalesInvoice", **invoice(10**place, DAY, f"{place}"))
        diary.create("Payment", **payment(5, DAY, f"{place}"))
    diary.create("Payment", **payment(5, DAY))
    tested = tried(diary.write(tmp_path / "A.manager"), "extreme amounts")
    assert (tested.count, tested.findings) == (10, ())
    assert ["9 are too few" in note.told() for note in tested.notes] == [True]


def test_first_digits_are_counted_and_compared_by_hand() -> None:
    assert [beginning(Decimal(text), 1) for text in ("0.0456", "456", "100.00", "9E+3")] == [4, 4, 1, 9]
    assert [beginning(Decimal(text), 2) for text in ("0.0456", "4", "100.00")] == [45, 40, 10]
    assert round(expected(1), 5) == Decimal("0.30103")
    assert sum(expected(start) for start in range(10, 100)) == pytest.approx(1)
    same = first_digits([Decimal(1)] * 10, 1)
    # all of them begin with 1: 0.69897 too many there, 0.69897 too few elsewhere, by nine digits
    assert same.deviation == Decimal("0.15533")
    assert same.excess == (1,)


def test_digits_as_the_law_has_them_are_no_finding(tmp_path: Path) -> None:
    diary = Diary()
    for place in range(400):
        amount = (Decimal(10) ** (Decimal(place) / 400 * 3 + 1)).quantize(Decimal("0.01"))
        diary.create("Payment", **payment(str(amount), DAY, f"{place}"))
    tested = tried(diary.write(tmp_path / "A.manager"), "benford")
    assert (tested.count, tested.findings) == (400, ())


def test_digits_unlike_the_law_are_one_finding_for_the_population(tmp_path: Path) -> None:
    diary = Diary()
    for place in range(300):
        diary.create("Payment", **payment(f"{4900 + place % 100}.{place:03d}"[:7], DAY, f"{place}"))
    for place in range(299):
        diary.create("SalesInvoice", **invoice(4000 + place, DAY, f"{place}"))
    tested = tried(diary.write(tmp_path / "A.manager"), "benford")
    (finding,) = tested.findings
    assert finding.severity in (LOW, NOTE)
    assert len(finding.evidence) == 300
    assert "Too frequent: 4 (300); 49 (300)" in finding.message.told()
    assert any("299 amounts are too few" in note.told() for note in tested.notes)


def test_journal_entries_of_a_rare_account_are_told(tmp_path: Path) -> None:
    diary = Diary()
    often, seldom = (diary.create("ProfitAndLossStatementAccount", Name=name) for name in ("Rent", "Gifts"))
    for place in range(50):
        diary.create("JournalEntry", **journal(7 + place, DAY, f"J{place}", often))
    odd = diary.create("JournalEntry", **journal(7, DAY, "JX", seldom, often))
    file = diary.write(tmp_path / "A.manager")
    tested = tried(file, "seldom-used accounts")
    assert [finding.object for finding in tested.findings] == [odd]
    assert said_of(tested) == ["Journal Entry — JX — As agreed posts to accounts that are seldom used: Gifts."]
    assert said_of(tried(file, "seldom-used accounts", seldom=0)) == []


def test_in_a_small_business_every_account_is_rare(tmp_path: Path) -> None:
    diary = Diary()
    account = diary.create("ProfitAndLossStatementAccount", Name="Rent")
    diary.create("JournalEntry", **journal(7, DAY, "J", account))
    tested = tried(diary.write(tmp_path / "A.manager"), "seldom-used accounts")
    assert (tested.count, tested.findings) == (0, ())
    assert len(tested.notes) == 1
