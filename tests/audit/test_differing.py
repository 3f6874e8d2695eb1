"""Which fields of a record were altered without History, from what to what: exact, masked, and never cut silently."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.i18n import Language
from tests.audit.lived import Lived, audited, told
from tests.model.small_files import content, guid

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE, EARLIER = "changed outside History", "against an earlier backup"


def rewritten(lived: Lived, key: str, type_name: str, **values: Any) -> None:
    lived.objects[key] = (guid(type_name), content(type_name, **values), lived.objects[key][2])


def test_what_was_altered_without_a_row_is_told_from_what_to_what(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("Customer", Name="A", CreditLimit=Decimal(5000))
    rewritten(lived, key, "Customer", Name="B", CreditLimit=Decimal("75000.50"))
    found = audited(lived.write(tmp_path / "A.manager"), OUTSIDE)
    assert told(found)[0].endswith("(what differs: Name: A → B; Credit limit: 5,000 → 75,000.50).")
    hindi = found.findings[0].message.told(Language("hi"))
    assert "नाम: A → B; क्रेडिट सीमा: 5,000 → 75,000.50" in hindi


def test_lines_days_and_what_is_emptied_are_told(tmp_path: Path) -> None:
    lived = Lived()
    lines = [{"LineDescription": "a", "SalesUnitPrice": Decimal(1)}, {"LineDescription": "b"}]
    key = lived.make("SalesInvoice", IssueDate=dt.date(2025, 4, 1), Reference="1", Lines=lines)
    other = [{**lines[0], "SalesUnitPrice": Decimal(9)}, lines[1]]
    rewritten(lived, key, "SalesInvoice", IssueDate=dt.date(2025, 5, 1), Lines=other)
    (words,) = told(audited(lived.write(tmp_path / "A.manager"), OUTSIDE))
    assert "Issue date: 1 Apr 2025 → 1 May 2025" in words
    assert "Reference: 1 → (nothing)" in words
    assert "Lines — Sales unit price (line 1): 1 → 9" in words


def test_a_secret_is_masked_and_a_long_text_is_cut_with_its_length(tmp_path: Path) -> None:
    lived = Lived()
    settings = lived.make("EmailSettings", key=guid("EmailSettings"), Password="old secret", SmtpServer="s" * 300)
    rewritten(lived, settings, "EmailSettings", Password="new secret", SmtpServer="t" * 300)
    (words,) = told(audited(lived.write(tmp_path / "A.manager"), OUTSIDE))
    assert "secret" not in words
    assert "Password: ******** → ********" in words
    assert f"{'s' * 80}… (300 characters) → {'t' * 80}… (300 characters)" in words


def test_of_many_fields_the_first_are_told_and_how_many_more(tmp_path: Path) -> None:
    lived = Lived()
    fields = ("Name", "Code", "Email", "BillingAddress", "DeliveryAddress")
    lines = [{"LineDescription": str(line)} for line in range(9)]
    key = lived.make("SalesInvoice", Reference="1", Lines=lines)
    rewritten(lived, key, "SalesInvoice", Reference="1", Lines=[{"LineDescription": f"x{line}"} for line in range(9)])
    customer = lived.make("Customer", **dict.fromkeys(fields, "old"))
    rewritten(lived, customer, "Customer", **dict.fromkeys(fields, "new"))
    invoice, five = sorted(told(audited(lived.write(tmp_path / "A.manager"), OUTSIDE)), reverse=True)
    assert invoice.count(" → ") == 5
    assert "; and 4 more)" in invoice or "; and 13 more)" in invoice
    assert "more" not in five


def test_against_an_earlier_backup_it_is_told_as_well(tmp_path: Path) -> None:
    lived = Lived()
    altered, broken = lived.make("Supplier", Name="A"), lived.make("Supplier", Name="C")
    row = lived.make("Supplier", Name="E")
    earlier = lived.write(tmp_path / "earlier.manager")
    rewritten(lived, altered, "Supplier", Name="B")
    rewritten(lived, broken, "Supplier", Name="D")
    lived.change(broken, "Supplier", Name="F")
    change = next(one for one in lived.changes if one[2] == row)
    change[3], change[4] = "Ravi", change[4] + 600_000_000
    change[8] = content("Supplier", Name="G")
    words = told(audited(lived.write(tmp_path / "later.manager"), EARLIER, earlier=earlier))
    assert any(one.endswith("History has no change of it since (what differs: Name: A → B).") for one in words)
    assert any(one.endswith("without a row in History (what differs: Name: C → D).") for one in words)
    (one,) = [one for one in words if one.startswith("The row of")]
    assert "the user: Asha → Ravi" in one
    assert "the time: 11 Apr 2025, 20:28 (UTC) → 11 Apr 2025, 20:29 (UTC)" in one
    assert "the content after (Name: E → G)" in one


def test_what_cannot_be_read_is_no_trouble(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("Customer", Name="A")
    lived.objects[key] = (guid("Customer"), b"\xff\xff", lived.objects[key][2])
    other = lived.make("Customer", Name="A")
    lived.objects[other] = ("11111111-2222-4333-8444-555555555555", b"\x0a\x01x", lived.objects[other][2])
    file = lived.write(tmp_path / "A.manager")
    assert len(told(audited(file, OUTSIDE))) == 2
    for finding in audited(file, OUTSIDE).findings:
        assert finding.message.told(Language("hi"))
