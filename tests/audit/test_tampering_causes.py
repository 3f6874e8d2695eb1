"""Causes that are nobody's doing are believed only of what they can do: upgrades, torn copies, older keys."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from manager_nb.audit.rule import HIGH, MEDIUM
from manager_nb.audit.trail.rules import RULES
from manager_nb.audit.trail.verdict import EXCEPTIONS, PARTLY, UNRELIABLE, UNSOUND
from manager_nb.audit.upgrades import difference, unlike
from manager_nb.format.database import Database
from manager_nb.model.lookup import Lookup
from tests.audit.lived import DAY, MINUTE, Lived, audited, told
from tests.audit.test_verdict import verdict
from tests.crafting import altered
from tests.model.small_files import TICKS, content, guid, key

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE, HALF, UPGRADE, KEYS, UNDONE = (
    "changed outside History", "half a save", "upgrade", "keys and times", "undone actions",
)  # fmt: skip
OWN = guid("InventoryItem")
"""The key of a form's defaults: what an upgrade adds."""


def rewritten(lived: Lived, record: str, type_name: str, ticks: int | None = None, **values: Any) -> None:
    kind, _, was = lived.objects[record]
    lived.objects[record] = (kind, content(type_name, **values), was if ticks is None else ticks)


def torn(file: Path) -> Path:
    """With bytes at its end: a mark of a torn copy that anybody can make."""
    with file.open("ab") as end:
        end.write(bytes(4096))
    return file


def test_records_that_anybody_can_add_are_no_mark_of_an_upgrade(tmp_path: Path) -> None:
    lived = Lived()
    suppliers = [lived.make("Supplier", Name=name) for name in "AB"]
    for number in range(2):
        lived.objects[str(uuid.UUID(int=number + 1, version=4))] = (guid("Division"), content("Division"), 0)
    for supplier, name in zip(suppliers, "AB", strict=True):
        rewritten(lived, supplier, "Supplier", Name=name, Address="Pay to another account")
    file = lived.write(tmp_path / "A.manager")
    assert audited(file, UPGRADE).findings == ()
    found = audited(file, OUTSIDE)
    assert sorted(one.severity for one in found.findings) == [HIGH, HIGH, MEDIUM, MEDIUM]
    assert sum("is there without a time" in message for message in told(found)) == 2
    assert verdict(file).grade == UNRELIABLE


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"Address": "Pay to another account"}, "stood nowhere in it before"),
        ({"Inactive": True}, "other records like it were left as they were"),
    ],
)
def test_an_upgrade_is_not_believed_of_what_only_people_know_nor_of_a_few(
    tmp_path: Path, values: dict[str, Any], why: str
) -> None:
    lived = Lived()
    suppliers = [lived.make("Supplier", Name=name) for name in "ABC"]
    lived.change(suppliers[0], "Supplier", Name="D")  # the last to be changed, so the upgrade was later than all
    lived.objects[OWN] = (OWN, b"", 0)
    for supplier, name in ((suppliers[0], "D"), (suppliers[1], "B")):
        rewritten(lived, supplier, "Supplier", Name=name, **values)
    file = lived.write(tmp_path / "A.manager")
    found = audited(file, OUTSIDE)
    assert [one.severity for one in found.findings] == [MEDIUM, MEDIUM]
    assert all(why in message and "cannot be told from an edit" in message for message in told(found))
    assert verdict(file).grade == EXCEPTIONS


def test_an_upgrade_keeps_the_time_of_a_record(tmp_path: Path) -> None:
    lived = Lived()
    suppliers = [lived.make("Supplier", Name=name) for name in "AB"]
    lived.objects[OWN] = (OWN, b"", 0)
    rewritten(lived, suppliers[0], "Supplier", Name="A", Inactive=True)
    rewritten(lived, suppliers[1], "Supplier", lived.clock, Name="B", Inactive=True)
    file = lived.write(tmp_path / "A.manager")
    assert [one.object for one in audited(file, OUTSIDE).findings] == [suppliers[1]]
    assert "its own time is another" in told(audited(file, OUTSIDE))[0]
    assert "1 rewritten, all of a kind alike" in told(audited(file, UPGRADE))[0]


def test_a_setting_that_was_changed_is_not_the_upgrades(tmp_path: Path) -> None:
    lived = Lived()
    lock = guid("LockDate")
    lived.make("LockDate", key=lock, LockAccountingPeriods=True)
    lived.objects[OWN] = (OWN, b"", 0)
    rewritten(lived, lock, "LockDate")
    file = lived.write(tmp_path / "A.manager")
    assert [(one.object, one.severity) for one in audited(file, OUTSIDE).findings] == [(lock, MEDIUM)]


def test_a_record_that_was_changed_later_says_nothing_of_an_upgrade(tmp_path: Path) -> None:
    lived = Lived()
    for name in "AB":
        rewritten(lived, lived.make("Supplier", Name=name), "Supplier", Name=name, Inactive=True)
    lived.objects[OWN] = (OWN, b"", 0)
    lived.make("Supplier", Name="made after the upgrade")
    file = lived.write(tmp_path / "A.manager")
    assert audited(file, OUTSIDE).findings == ()
    assert len(audited(file, UPGRADE).findings) == 1


@pytest.mark.parametrize(
    ("before", "after", "by_hand"),
    [
        ({}, {"Inactive": True}, False),
        ({}, {"Name": ""}, False),
        ({"Obsolete_Notes": "call first"}, {"Address": "call first"}, False),
        ({"Obsolete_Notes": "call first"}, {}, False),
        ({"Address": "old"}, {}, True),
        ({"Address": "old"}, {"Address": "new"}, True),
        ({}, {"CreditLimit": Decimal(5000)}, True),
        ({"CreditLimit": Decimal(5000)}, {"CreditLimit": Decimal(1)}, False),
        ({"Currency": key(1)}, {"Currency": key(2)}, True),
    ],
)
def test_what_only_people_know(tmp_path: Path, before: dict[str, Any], after: dict[str, Any], by_hand: bool) -> None:
    lookup = Lookup(Database(Lived().write(tmp_path / "A.manager")))
    sides = [(guid("Supplier"), content("Supplier", **values)) for values in (before, after)]
    found = difference("one", sides[0], sides[1], lookup)
    assert (found.unlike is not None) == by_hand
    assert ("one" in unlike([found, difference("two", sides[0], sides[1], lookup)], ())) == by_hand


def test_a_torn_copy_is_not_believed_of_an_old_record_that_was_altered(tmp_path: Path) -> None:
    lived = Lived()
    old = lived.make("Supplier", Name="A")
    lived.clock += 200 * DAY
    lived.make("Supplier", Name="B")
    rewritten(lived, old, "Supplier", Name="X")  # with its own old time
    file = torn(lived.write(tmp_path / "A.manager"))
    assert [(one.object, one.severity) for one in audited(file, OUTSIDE).findings] == [(old, HIGH)]
    rewritten(lived, old, "Supplier", lived.clock, Name="X")  # with a time of the last moments: it cannot be told
    file = torn(lived.write(tmp_path / "B.manager"))
    assert audited(file, HALF).findings == ()
    found = audited(file, OUTSIDE)
    assert [(one.object, one.severity) for one in found.findings] == [(old, MEDIUM)]
    assert "It cannot be told from an edit" in told(found)[0]
    assert "no sign of tampering" not in " ".join(told(audited(file, "damaged file")))
    assert verdict(file).grade == UNSOUND


def test_a_torn_copy_lacks_the_time_of_the_last_change_with_its_content(tmp_path: Path) -> None:
    lived = Lived()
    record = lived.make("Supplier", Name="A")
    lived.change(record, "Supplier", Name="B")
    rewritten(lived, record, "Supplier", Name="A")  # the old content with the new time: no page of the file had that
    file = lived.write(tmp_path / "A.manager")
    assert audited(file, HALF).findings == ()
    assert [one.severity for one in audited(file, OUTSIDE).findings] == [HIGH]


def test_an_undo_in_a_torn_copy_is_told_as_one(tmp_path: Path) -> None:
    lived = Lived()
    record = lived.make("Supplier", Name="A")
    rewritten(lived, record, "Supplier", lived.clock, Name="A")
    assert len(audited(torn(lived.write(tmp_path / "A.manager")), UNDONE).findings) == 1


def test_a_row_that_a_torn_copy_lacks_is_named_as_possible(tmp_path: Path) -> None:
    lived = Lived()
    record = lived.make("Supplier", Name="A")
    for name in "BC":
        lived.change(record, "Supplier", Name=name)
    made = lived.make("Supplier", Name="D")
    del lived.changes[3], lived.changes[1]
    found = audited(torn(lived.write(tmp_path / "A.manager")), OUTSIDE)
    assert {one.object: one.severity for one in found.findings} == {record: MEDIUM, made: MEDIUM}


def test_a_row_whose_keys_tell_no_time_amid_others_is_found(tmp_path: Path) -> None:
    lived = Lived()
    record = lived.make("Supplier", Name="A")
    lived.change(record, "Supplier", Name="B")
    lived.make("Supplier", Name="C")
    lived.changes[1][:2] = key(1), key(2)
    found = audited(lived.write(tmp_path / "A.manager"), KEYS)
    assert [(one.change, one.severity) for one in found.findings] == [(key(1), HIGH)]
    lived.changes[1][4] = TICKS - DAY  # before all others by the clock, after one by the links
    assert HIGH in [one.severity for one in audited(lived.write(tmp_path / "B.manager"), KEYS).findings]
    lived.changes[1][1], lived.changes[1][4] = lived.changes[0][1], TICKS + MINUTE
    half = audited(lived.write(tmp_path / "C.manager"), KEYS, commit_milliseconds=100_000)
    assert [one.severity for one in half.findings] == [MEDIUM]


def test_rows_of_an_older_version_of_manager_are_none(tmp_path: Path) -> None:
    lived = Lived()
    for number in range(1, 4):
        lived.make("Supplier", Name=f"old {number}")
        lived.changes[-1][:2] = key(number), key(number + 10)
    lived.make("Supplier", Name="new")
    assert audited(lived.write(tmp_path / "A.manager"), KEYS).findings == ()


def test_a_history_that_lacks_half_of_its_rows_cannot_be_relied_on(tmp_path: Path, himalaya: Path) -> None:
    half = "DELETE FROM Changes WHERE substr(Key, 36) IN ('0', '2', '4', '6', '8', 'a', 'c', 'e')"
    assert verdict(altered(himalaya, tmp_path / "A.manager", half)).grade == UNRELIABLE


@pytest.mark.parametrize("left_out", [rule.name for rule in RULES if rule.name != "coverage"])
def test_a_trail_is_not_called_reliable_while_a_test_was_left_out(tmp_path: Path, left_out: str) -> None:
    lived = Lived()
    lived.make("Supplier", Name="A")
    rules = [rule.name for rule in RULES if rule.name != left_out]
    assert verdict(lived.write(tmp_path / "A.manager"), rules=rules).grade == PARTLY
