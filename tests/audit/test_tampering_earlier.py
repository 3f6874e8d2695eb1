"""What somebody may do to a file that an earlier backup disproves, and the innocent causes that it is not taken for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from manager_nb.audit.rule import HIGH, LOW, MEDIUM, NOTE
from manager_nb.audit.trail.verdict import UNRELIABLE
from tests.audit.lived import DAY, MINUTE, Lived, audited, seven, told
from tests.audit.test_extension import compared
from tests.audit.test_verdict import verdict
from tests.crafting import altered
from tests.model.small_files import TICKS, content, guid

if TYPE_CHECKING:
    from pathlib import Path

RULE = "against an earlier backup"


def lines(price: int) -> list[dict[str, Decimal]]:
    return [{"Qty": Decimal(1), "SalesUnitPrice": Decimal(price)}]


def invoice(lived: Lived, price: int) -> str:
    return lived.make("SalesInvoice", Reference="1", Lines=lines(price))


def rewritten(lived: Lived, key: str, type_name: str, **values: object) -> None:
    """Alter a record without a change, its time left as it is: as an upgrade does it, or an edit."""
    lived.objects[key] = (guid(type_name), content(type_name, **values), lived.objects[key][2])


def test_rows_and_emails_of_times_that_the_earlier_backup_covers_are_found(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Supplier", Name="A")
    lived.mail("one")
    newest = lived.clock - MINUTE
    earlier = lived.write(tmp_path / "earlier.manager")
    lived.make("Supplier", Name="came since")
    lived.clock = newest - MINUTE // 2
    forged = lived.make("Supplier", Name="back-dated")
    lived.clock = newest  # the same moment is covered as well
    mail = lived.mail("back-dated mail")
    later = lived.write(tmp_path / "later.manager")
    found = compared(earlier, later)
    assert [(one.object, one.what) for one in found.backdated] == [(forged, "back-dated")]
    assert ([one.key for one in found.emails_backdated], found.added, found.extends) == ([mail], 1, False)
    audit = audited(later, RULE, earlier=earlier)
    assert [(one.severity, one.object) for one in audit.findings] == [(HIGH, forged), (NOTE, None), (HIGH, None)]
    assert "back-dated, is not in the earlier backup, which has rows of later times" in told(audit)[0]
    assert verdict(later, earlier).grade == UNRELIABLE


def test_a_row_ahead_of_its_key_in_the_earlier_backup_makes_none_back_dated(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Supplier", Name="A")
    lived.make("Supplier", Name="B")
    lived.changes[0][4] = TICKS + 900 * DAY
    earlier = lived.write(tmp_path / "earlier.manager")
    lived.make("Supplier", Name="C")
    assert compared(earlier, lived.write(tmp_path / "later.manager")).backdated == ()


def test_rows_removed_from_a_record_that_was_altered_are_no_undo(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Supplier", Name="A")
    key = invoice(lived, 100)
    earlier = lived.write(tmp_path / "earlier.manager")
    lived.changes.pop()
    rewritten(lived, key, "SalesInvoice", Reference="1", Lines=lines(1000))
    kind, blob, _ = lived.objects[key]
    lived.objects[key] = (kind, blob, lived.clock)
    later = lived.write(tmp_path / "later.manager")
    found = compared(earlier, later)
    assert ([one.what for one in found.changed], found.objects) == (["missing"], ((key, "altered"),))
    audit = audited(later, RULE, earlier=earlier)
    assert [one.severity for one in audit.findings] == [HIGH, HIGH]
    assert verdict(later, earlier).grade == UNRELIABLE


@pytest.mark.parametrize(("first", "second"), [("B", "A"), ("A", "X")])
def test_only_what_an_undo_leaves_is_taken_for_one(tmp_path: Path, first: str, second: str) -> None:
    """The row in the middle was removed and the later one stands; or what is there is not what was before."""
    lived = Lived()
    key = lived.make("Supplier", Name="A")
    lived.change(key, "Supplier", Name="B")
    lived.change(key, "Supplier", Name="C")
    earlier = lived.write(tmp_path / "earlier.manager")
    if first == "B":
        del lived.changes[1]
    else:
        del lived.changes[1:]
        lived.objects[key] = (guid("Supplier"), content("Supplier", Name=second), lived.clock)
    found = compared(earlier, lived.write(tmp_path / "later.manager"))
    assert {one.what for one in found.changed} == {"missing"}


def test_several_undone_changes_of_one_record_are_an_undo(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("Supplier", Name="A")
    lived.change(key, "Supplier", Name="B")
    lived.change(key, "Supplier", Name="C")
    earlier = lived.write(tmp_path / "earlier.manager")
    del lived.changes[1:]
    lived.objects[key] = (guid("Supplier"), content("Supplier", Name="A"), lived.clock)
    found = compared(earlier, lived.write(tmp_path / "later.manager"))
    assert [one.what for one in found.changed] == ["as undone", "as undone"]


@pytest.mark.parametrize("revision", [417, 419])
def test_a_new_revision_hides_no_alteration_that_an_upgrade_does_not_make(tmp_path: Path, revision: int) -> None:
    lived = Lived()
    bill = invoice(lived, 100)
    suppliers = [lived.make("Supplier", Name=name, Address="old") for name in "ABC"]
    earlier = lived.write(tmp_path / "earlier.manager", revision=418)
    rewritten(lived, bill, "SalesInvoice", Reference="1", Lines=lines(1000))
    for key, name in zip(suppliers[:2], "AB", strict=False):
        rewritten(lived, key, "Supplier", Name=name, Address="Pay to another account")
    gone = suppliers[2]
    lived.objects[seven(TICKS)] = lived.objects.pop(gone)
    later = lived.write(tmp_path / "later.manager", revision=revision)
    found = compared(earlier, later)
    assert (found.upgraded, len(found.objects)) == (revision == 419, 5)
    audit = audited(later, RULE, earlier=earlier)
    severities = {one.object: one.severity for one in audit.findings if one.object}
    assert severities[bill] == severities[gone] == HIGH
    expected = MEDIUM if revision == 419 else HIGH
    assert [severities[key] for key in suppliers[:2]] == [expected] * 2
    assert LOW not in severities.values()
    assert verdict(later, earlier).grade == UNRELIABLE


def test_what_an_upgrade_makes_of_all_alike_is_told_once(tmp_path: Path) -> None:
    lived = Lived()
    items = [lived.make("InventoryItem", ItemName=name) for name in "ABC"]
    earlier = lived.write(tmp_path / "earlier.manager", revision=400)
    for key, name in zip(items, "ABC", strict=True):
        rewritten(lived, key, "InventoryItem", ItemName=name, Inactive=True)
    later = lived.write(tmp_path / "later.manager")
    assert compared(earlier, later).unlike == ()
    assert [one.severity for one in audited(later, RULE, earlier=earlier).findings] == [NOTE, LOW]
    rewritten(lived, items[2], "InventoryItem", ItemName="C")  # one was left as it was
    assert {reason for _, reason in compared(earlier, lived.write(tmp_path / "B.manager")).unlike} == {
        "other records like it were left as they were"
    }


def test_a_damaged_earlier_backup_is_said(tmp_path: Path, data: Path, himalaya: Path) -> None:
    earlier = tmp_path / "earlier.manager"
    earlier.write_bytes((data / "himalaya/earlier/Himalaya Traders (2025-12-31).manager").read_bytes() + bytes(4096))
    assert "The earlier backup itself is damaged" in audited(himalaya, RULE, earlier=earlier).notes[1].told()


def test_all_emails_gone_weigh_no_less_than_one(tmp_path: Path, data: Path, himalaya: Path) -> None:
    earlier = data / "himalaya/earlier/Himalaya Traders (2025-12-31).manager"
    file = altered(himalaya, tmp_path / "A.manager", "DELETE FROM Emails")
    assert verdict(file, earlier).grade == UNRELIABLE
