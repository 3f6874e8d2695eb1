"""Documents that were changed or deleted after they had been e-mailed."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from manager_nb.audit.rule import HIGH, LOW, MEDIUM
from tests.audit.lived import DAY, Lived, audited, told
from tests.crafting import altered

if TYPE_CHECKING:
    from pathlib import Path

MAILED = "changed after e-mail"
ON = dt.date(2025, 4, 1)


def test_the_invoice_that_the_demo_changed_after_its_email_is_found(data: Path, himalaya: Path) -> None:
    facts = json.loads((data / "himalaya/truth/planted.json").read_text(encoding="utf-8"))
    planted = next(one for one in facts if one["kind"] == "invoice changed after it was e-mailed")
    found = audited(himalaya, MAILED)
    one = next(one for one in found.findings if one.object == planted["object"])
    assert (one.severity, one.user) == (HIGH, planted["user"])
    assert "Sales Invoice — 1001" in one.message.told()
    assert "after it had been e-mailed on 1 Apr 2025, 06:52" in one.message.told()
    assert [row.split()[0] for row in one.evidence] == ["Changes", "Emails"]
    # besides it, five invoices were changed and one was deleted in the ordinary course, each after its own e-mail
    assert len(found.findings) == 7
    assert sum("was deleted" in message for message in told(found)) == 1


def test_what_was_sent_and_left_alone_or_changed_before_finds_nothing(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("SalesInvoice", IssueDate=ON, Reference="1001")
    lived.change(key, "SalesInvoice", IssueDate=ON, Reference="1001", Description="x")
    lived.mail("Invoice 1001")
    found = audited(lived.write(tmp_path / "A.manager"), MAILED)
    assert (found.findings, found.count) == ((), 1)


def test_a_change_that_was_sent_again_weighs_less_a_deletion_does_not(tmp_path: Path) -> None:
    lived = Lived()
    one, other = (lived.make("SalesInvoice", IssueDate=ON, Reference=number) for number in ("1001", "1002"))
    lived.mail("Invoice 1001")
    lived.mail("Invoice 1002")
    lived.clock += DAY
    lived.change(one, "SalesInvoice", IssueDate=ON, Reference="1001", Description="x")
    lived.delete(other, "Ravi")
    lived.mail("Invoice 1001")
    found = audited(lived.write(tmp_path / "A.manager"), MAILED)
    assert {one.object: one.severity for one in found.findings} == {one: MEDIUM, other: HIGH}
    assert "It was e-mailed again on" in next(one.message.told() for one in found.findings if one.severity == MEDIUM)


def test_what_altered_nothing_or_is_only_possible_is_looked_at_last(tmp_path: Path) -> None:
    lived = Lived()
    one = lived.make("SalesInvoice", IssueDate=ON, Reference="1001")
    twins = [lived.make("SalesInvoice", IssueDate=ON, Reference="7000") for _ in range(2)]
    lived.mail("Invoice 1001")
    lived.mail("Invoice 7000")
    lived.change(one, "SalesInvoice", IssueDate=ON, Reference="1001")
    lived.change(twins[0], "SalesInvoice", IssueDate=ON, Reference="7000", Description="x")
    found = audited(lived.write(tmp_path / "A.manager"), MAILED)
    assert {finding.object: finding.severity for finding in found.findings} == {one: LOW, twins[0]: LOW}
    assert any("only possible" in note.told() for note in found.notes)


def test_damaged_emails_do_not_crash(tmp_path: Path, himalaya: Path) -> None:
    sql = "UPDATE Emails SET Timestamp = NULL, Recipient = NULL, User = NULL WHERE Key LIKE '%1'"
    broken = altered(himalaya, tmp_path / "A.manager", sql, "UPDATE Emails SET Subject = NULL WHERE Key LIKE '%2'")
    assert audited(broken, MAILED).notes
    bare = altered(himalaya, tmp_path / "B.manager", "DROP TABLE Emails")
    assert audited(bare, MAILED).findings == ()
