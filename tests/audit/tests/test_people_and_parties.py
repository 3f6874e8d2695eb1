"""Who did it, to whom: bank details, dormant parties, one person only, unusual users, batches, settings, e-mails."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import pytest

from manager_nb.audit.rule import HIGH, LOW, MEDIUM, NOTE
from manager_nb.audit.tests.emails import active_parts
from manager_nb.format.schema import SCHEMA
from tests.audit.diary import MONDAY, Diary, invoice, journal, payment, said_of, tried

if TYPE_CHECKING:
    from pathlib import Path

DAY = MONDAY.date()
HOUR, ONE = dt.timedelta(hours=1), dt.timedelta(days=1)


def bank(diary: Diary, number: str) -> dict[str, Any]:
    """The values of a supplier with that bank account in a custom field."""
    field = next((key for key, (_, raw) in diary.objects.items() if b"Bank" in raw), None)
    field = field or diary.create("TextCustomField", Name="Bank details")
    return {"Name": "Mill", "CustomFields2": {"Strings": {field: number}}}


def test_bank_details_that_were_set_back_weigh_most(tmp_path: Path) -> None:
    diary = Diary()
    mill = diary.create("Supplier", **bank(diary, "A"))
    diary.update(mill, "Supplier", MONDAY + HOUR, "Ravi", **bank(diary, "B"))
    paid = diary.create("Payment", MONDAY + 2 * HOUR, "Ravi", **payment(5, DAY, "P1", mill))
    diary.update(mill, "Supplier", MONDAY + 3 * HOUR, "Ravi", **bank(diary, "A"))
    tested = tried(diary.write(tmp_path / "A.manager"), "bank details")
    (finding,) = tested.findings
    assert (finding.severity, finding.object, finding.user) == (HIGH, mill, "Ravi")
    assert f"Objects {paid}" in finding.evidence
    assert len(finding.evidence) == 3
    assert "(Bank details)" in finding.message.told()


@pytest.mark.parametrize(("after", "severity"), [(True, MEDIUM), (False, LOW)])
def test_a_change_before_a_payment_weighs_more_than_one_after(tmp_path: Path, after: bool, severity: str) -> None:
    diary = Diary()
    mill = diary.create("Supplier", **bank(diary, "A"))
    diary.update(mill, "Supplier", MONDAY + 2 * ONE, **bank(diary, "B"))
    diary.create("Payment", MONDAY + (3 if after else 1) * ONE, **payment(5, DAY, "P1", mill))
    (finding,) = tried(diary.write(tmp_path / "A.manager"), "bank details").findings
    assert finding.severity == severity


def test_other_changes_and_far_payments_are_no_finding(tmp_path: Path) -> None:
    diary = Diary()
    mill = diary.create("Supplier", **bank(diary, "A"))
    diary.update(mill, "Supplier", MONDAY + ONE, **{**bank(diary, "A"), "Address": "No 45 Main Road"})
    account = diary.create("ControlAccountForSuppliers", Name="Other creditors")
    values = {**bank(diary, "A"), "Address": "No 45 Main Road", "ControlAccount": account}
    diary.update(mill, "Supplier", MONDAY + ONE, **values)
    diary.create("Payment", MONDAY + ONE, **payment(5, DAY, "P1", mill))
    diary.update(mill, "Supplier", MONDAY + 20 * ONE, **{**values, **bank(diary, "B")})
    tested = tried(diary.write(tmp_path / "A.manager"), "bank details")
    assert (tested.count, said_of(tested)) == (3, [])


@pytest.mark.parametrize(
    "text", ["IFSC SBIN0000003", "a/c 30000000003", "IBAN DE89 3704 0044 0532 0130 00", "खाता 123456"]
)
def test_bank_details_in_an_address_are_known_by_their_looks(tmp_path: Path, text: str) -> None:
    diary = Diary()
    mill = diary.create("Employee", Name="Sunil", Address="Street 1")
    diary.update(mill, "Employee", MONDAY + HOUR, Name="Sunil", Address=f"Street 1\n{text}")
    lines = {"Lines": [{"Employee": mill, "Amount": payment(5, DAY)["Lines"][0]["Amount"]}]}
    diary.create("Payment", MONDAY + 2 * HOUR, **{**payment(5, DAY), **lines})
    (finding,) = tried(diary.write(tmp_path / "A.manager"), "bank details").findings
    assert "(Address)" in finding.message.told()


def test_the_first_document_after_a_long_silence_is_told(tmp_path: Path) -> None:
    diary = Diary()
    mill = diary.create("Supplier", Name="Mill")
    for days in (0, 100, 280):
        diary.create("Payment", **payment(5 + days, DAY + days * ONE, f"{days}", mill))
    diary.create("Payment", Date=DAY, Contact="Somebody")
    file = diary.write(tmp_path / "A.manager")
    assert said_of(tried(file, "dormant parties")) == ["Payment — 280 is the first document with Mill for 180 days."]
    assert said_of(tried(file, "dormant parties", dormant_days=181)) == []


def test_who_created_and_paid_alone_is_told_where_others_work_too(tmp_path: Path) -> None:
    diary = Diary()
    alone = diary.create("Supplier", user="Ravi", Name="Ghost")
    shared = diary.create("Supplier", user="Asha", Name="Mill")
    for supplier in (alone, shared):
        diary.create("Payment", user="Ravi", **payment(5, DAY, "1", supplier))
    diary.create("Customer", user="Asha", Name="C")
    tested = tried(diary.write(tmp_path / "A.manager"), "one person")
    assert said_of(tested) == ["Ghost was created, dealt with and paid by Ravi only."]
    assert tested.count == 2


def test_where_one_person_does_everything_that_is_told_once(tmp_path: Path) -> None:
    diary = Diary()
    for name in ("A", "B"):
        diary.create("Payment", **payment(5, DAY, name, diary.create("Supplier", Name=name)))
    (finding,) = tried(diary.write(tmp_path / "A.manager"), "one person").findings
    assert (finding.severity, finding.user) == (NOTE, "Asha")


def test_created_and_deleted_by_one_person_within_a_day(tmp_path: Path) -> None:
    diary = Diary()
    ghost = diary.create("Payment", **payment(5, DAY))
    diary.delete(ghost, MONDAY + HOUR)
    customer = diary.create("Customer", Name="C")
    diary.delete(customer, MONDAY + 24 * HOUR)
    for user, when in (("Ravi", MONDAY + HOUR), ("Asha", MONDAY + 25 * HOUR), (None, MONDAY)):
        other = diary.create("Payment", **payment(6, DAY))
        diary.delete(other, when, user)
    nobody = diary.create("Payment", user=None, **payment(7, DAY))
    diary.delete(nobody, user=None)
    tested = tried(diary.write(tmp_path / "A.manager"), "created and deleted")
    assert [(one.severity, one.object) for one in tested.findings] == [(MEDIUM, ghost), (LOW, customer)]
    assert "deleted 60 minutes later" in tested.findings[0].message.told()
    assert (tested.count, len(tested.notes)) == (5, 1)


def test_who_seldom_makes_journal_entries_is_told(tmp_path: Path) -> None:
    diary = Diary()
    for place in range(20):
        diary.create("JournalEntry", **journal(5, DAY, f"{place}"))
        diary.create("Customer", user="Ravi", Name=f"{place}")
    odd = diary.create("JournalEntry", user="Ravi", **journal(5, DAY, "odd"))
    known = SCHEMA.named("JournalEntry")
    assert known is not None
    diary.create("JournalEntry", user="Administrator", key=known.guid)  # the form's defaults: a setting
    tested = tried(diary.write(tmp_path / "A.manager"), "unusual users")
    assert [(one.user, one.object) for one in tested.findings] == [("Ravi", odd)]


def test_where_many_share_the_work_nobody_is_unusual(tmp_path: Path) -> None:
    diary = Diary()
    for place in range(120):
        diary.create("JournalEntry", user=f"U{place % 12}", **journal(5, DAY, f"{place}"))
    assert said_of(tried(diary.write(tmp_path / "A.manager"), "unusual users")) == []


def test_many_records_changed_by_one_action_are_one_finding(tmp_path: Path) -> None:
    diary = Diary()
    keys = [diary.create("SalesInvoice", **invoice(5, DAY, f"{place}"), commit="c") for place in range(9)]
    for key in keys[:4]:
        diary.update(key, "SalesInvoice", commit="d", **invoice(6, DAY, "x"))
    for key in keys[:5]:
        diary.update(key, "SalesInvoice", commit="e", **invoice(7, DAY, "x"))
    tested = tried(diary.write(tmp_path / "A.manager"), "batch updates")
    (finding,) = tested.findings
    assert (finding.severity, len(finding.evidence), finding.object) == (MEDIUM, 5, None)
    assert "Sales Invoice (5)" in finding.message.told()


def test_tokens_permissions_and_passwords_are_told_without_secrets(tmp_path: Path) -> None:
    diary = Diary()
    token = diary.create("AccessToken", Name="App", Password="s3cret")
    diary.update(token, "AccessToken", Name="App 2", Password="0ther")
    rights = diary.create("UserPermissions", MONDAY + 2 * ONE, Username="ravi")
    diary.delete(rights, MONDAY + 3 * ONE)
    tested = tried(diary.write(tmp_path / "A.manager"), "access rights")
    assert said_of(tested) == [
        "Access Token was created.",
        "Access Token: a password or token was changed (Password).",
        "Access Token was changed (Name).",
        "User Permissions was created.",
        "User Permissions was deleted.",
    ]
    assert not any("s3cret" in words or "0ther" in words for words in said_of(tested))


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("<p>Dear customer, pay online = yes &lt;script&gt;</p>", ()),
        ("no <b>tags</b> javascript and forms", ()),
        ('<meta charset="utf-8"><p>Hello</p><img src="cid:logo">', ()),
        ("<p>x<script>1</script></p>", ("scripts",)),
        ('<img src=x onerror="1">', ("scripts",)),
        ("<a href='javascript:1'>x</a>", ("scripts",)),
        ("<form action=x><input></form>", ("forms",)),
        ("<iframe src='https://x.example'></iframe>", ("embedded pages or programs", "content from elsewhere")),
        ('<img src="https://x.example/1.gif">', ("content from elsewhere",)),
        ("<p style=\"background:url('//x.example')\">", ("content from elsewhere",)),
    ],
)
def test_a_body_is_searched_for_what_is_no_word(body: str, parts: tuple[str, ...]) -> None:
    assert active_parts(body) == parts


@pytest.mark.parametrize("piece", ["<", "<a ", "on", " onerror ", "src= ", "url( ", "<meta ", "='"])
def test_a_hostile_body_takes_no_longer_than_its_length(piece: str) -> None:
    begun = time.process_time()
    active_parts("<" + piece * (1_000_000 // len(piece)))
    assert time.process_time() - begun < 2


def test_e_mails_without_body_are_read(tmp_path: Path) -> None:
    diary = Diary()
    diary.email(None)
    diary.email("<p>Hello</p>")
    diary.email("<form><img src='http://x'></form>", user=None)
    diary.email("<img src='http://x'>")
    tested = tried(diary.write(tmp_path / "A.manager"), "active e-mails")
    assert (tested.count, sorted(one.severity for one in tested.findings)) == (4, [LOW, NOTE])
    assert all(one.evidence[0].startswith("Emails ") for one in tested.findings)
