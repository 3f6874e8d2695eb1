"""What the links between changes show: alterations without a row, undone actions, upgrades, half a save."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager_nb.audit.rule import HIGH, MEDIUM, NOTE
from tests.audit.lived import DAY, Lived, audited, seven, told
from tests.crafting import altered, execute
from tests.model.small_files import TICKS, content, guid

if TYPE_CHECKING:
    from pathlib import Path

INVOICE = "0195f00e-62e2-70d1-84a3-3922ae724028"  # changed once, on 27 June 2025
OUTSIDE, UNDONE, UPGRADE, STAMP, HALF = (
    "changed outside History", "undone actions", "upgrade", "time of the record", "half a save",
)  # fmt: skip


def test_the_undone_update_of_the_demo_is_found_and_nothing_else(data: Path, himalaya: Path) -> None:
    planted = json.loads((data / "himalaya/truth/planted.json").read_text(encoding="utf-8"))
    undone = next(one for one in planted if one["kind"] == "undone update")
    found = audited(himalaya, UNDONE)
    assert [(one.object, one.severity) for one in found.findings] == [(undone["object"], MEDIUM)]
    assert "27 May 2025, 15:44" in told(found)[0]
    assert found.count == 704
    for name in (OUTSIDE, UPGRADE, STAMP, HALF):
        assert audited(himalaya, name).findings == ()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (f"UPDATE Objects SET Content = Content || x'a00601' WHERE Key = '{INVOICE}'", "is not as its last change"),
        (f"DELETE FROM Objects WHERE Key = '{INVOICE}'", "is gone, and History has no row of its deletion"),
        (f"DELETE FROM Changes WHERE Object = '{INVOICE}'", "but History has no row of it"),
        (
            f"DELETE FROM Changes WHERE Object = '{INVOICE}' AND User = 'Ravi Kumar'",
            "History has no row of what altered",
        ),
        (f"DELETE FROM Changes WHERE Object = '{INVOICE}' AND User <> 'Ravi Kumar'", "the row of its creation is not"),
    ],
)
def test_each_way_around_history_is_found_at_its_record(tmp_path: Path, himalaya: Path, sql: str, said: str) -> None:
    found = audited(altered(himalaya, tmp_path / "A.manager", sql), OUTSIDE)
    assert [(one.object, one.severity) for one in found.findings] == [(INVOICE, HIGH)]
    assert said in told(found)[0]
    assert found.findings[0].evidence


def test_a_row_removed_between_two_changes_and_a_record_that_came_back_are_found(tmp_path: Path) -> None:
    lived = Lived()
    one = lived.make("Customer", Name="A")
    lived.change(one, "Customer", Name="B")
    lived.change(one, "Customer", Name="C")
    other = lived.make("Customer", Name="D")
    lived.delete(other)
    lived.make("Customer", key=other, Name="D")
    del lived.changes[1], lived.changes[-1]
    found = audited(lived.write(tmp_path / "A.manager"), OUTSIDE)
    between, back = sorted(told(found), key=lambda text: "deleted it" in text)
    assert "altered between its changes of" in between
    assert "what differs: Name" in between
    assert "deleted it" in back


def test_the_upgrade_is_one_finding_with_its_number_and_no_person_is_suspected(data: Path) -> None:
    upgraded = data / "upgraded/Revision 370 after the upgrade.manager"
    found = audited(upgraded, UPGRADE)
    assert [one.severity for one in found.findings] == [NOTE]
    assert "7 records of the program's own were added, and 26 rewritten" in told(found)[0]
    assert "Inventory Item — Valuation method (15)" in told(found)[0]
    assert len(found.findings[0].evidence) == 33
    assert audited(upgraded, OUTSIDE).findings == ()


def test_an_upgrade_hides_neither_an_altered_amount_nor_what_no_other_record_shows(tmp_path: Path, data: Path) -> None:
    upgraded = data / "upgraded/Revision 370 after the upgrade.manager"
    supplier = "0195efc7-993f-76c1-9265-9a548e2f7f67"
    file = altered(
        upgraded,
        tmp_path / "A.manager",
        f"UPDATE Objects SET Content = (SELECT Content FROM Objects WHERE Key <> '{INVOICE}' AND ContentType ="
        f" (SELECT ContentType FROM Objects WHERE Key = '{INVOICE}') ORDER BY length(Content) DESC LIMIT 1)"
        f" WHERE Key = '{INVOICE}'",
        f"UPDATE Objects SET Content = Content || x'a00601' WHERE Key = '{supplier}'",
    )
    found = audited(file, OUTSIDE)
    assert {one.object: one.severity for one in found.findings} == {INVOICE: HIGH, supplier: MEDIUM}


def test_one_undo_of_many_records_is_one_finding(tmp_path: Path) -> None:
    lived = Lived()
    keys = [lived.make("Customer", Name=name) for name in "ABC"]
    for key in keys:
        type_guid, blob, _ = lived.objects[key]
        lived.objects[key] = (type_guid, blob, lived.clock + DAY)
    found = audited(lived.write(tmp_path / "A.manager"), UNDONE)
    assert len(found.findings) == 1
    assert "on 3 records" in told(found)[0]
    assert "Customer — A; Customer — B; Customer — C" in told(found)[0]


def test_what_many_records_show_alike_is_told_once(tmp_path: Path) -> None:
    lived = Lived()
    for place in range(12):
        key = lived.make("Customer", Name=f"C{place}")
        type_guid, _, ticks = lived.objects[key]
        lived.objects[key] = (type_guid, content("Customer", Name=f"X{place}"), ticks)
    found = audited(lived.write(tmp_path / "A.manager"), OUTSIDE)
    assert len(found.findings) == 1
    assert told(found)[0].startswith("12 records show the same")
    assert len(found.findings[0].evidence) == 24


def test_a_time_that_was_altered_is_no_undo(tmp_path: Path, himalaya: Path) -> None:
    sql = f"UPDATE Changes SET Timestamp = Timestamp - {3 * DAY} WHERE Object = '{INVOICE}'"
    file = altered(himalaya, tmp_path / "A.manager", sql)
    assert [one.object for one in audited(file, STAMP).findings] == [INVOICE]
    assert INVOICE not in [one.object for one in audited(file, UNDONE).findings]


def test_half_of_the_last_save_is_named_as_such(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("Customer", Name="A")
    before = lived.objects[key]
    lived.change(key, "Customer", Name="B")
    lived.objects[key] = before
    file = lived.write(tmp_path / "A.manager")
    found = audited(file, HALF)
    assert [one.severity for one in found.findings] == [MEDIUM]
    assert "Make a fresh copy while nobody is working" in told(found)[0]
    assert audited(file, OUTSIDE).findings == ()


def test_a_life_without_a_flaw_finds_nothing(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("Customer", Name="A")
    lived.change(key, "Customer", Name="B")
    lived.change(key, "Customer", Name="A")
    lived.delete(lived.make("Customer", Name="C"))
    file = lived.write(tmp_path / "A.manager")
    for name in (OUTSIDE, UNDONE, UPGRADE, STAMP, HALF):
        assert audited(file, name).findings == ()


def test_damaged_and_empty_files_are_tested_without_a_crash(tmp_path: Path, data: Path, himalaya: Path) -> None:
    file = altered(
        himalaya,
        tmp_path / "A.manager",
        "UPDATE Objects SET Timestamp = NULL WHERE Key LIKE '%1'",
        "UPDATE Objects SET ContentType = 'no type' WHERE Key LIKE '%2'",
        "UPDATE Objects SET Content = x'ffffff' WHERE Key LIKE '%3'",
        "UPDATE Changes SET Timestamp = NULL, User = NULL, \"Commit\" = NULL WHERE Key LIKE '%4'",
        "UPDATE Changes SET ContentBefore = x'0a', ContentTypeAfter = NULL WHERE Key LIKE '%5'",
        "UPDATE Changes SET Object = NULL WHERE Key LIKE '%6'",
    )
    for name in (OUTSIDE, UNDONE, UPGRADE, STAMP, HALF):
        audited(file, name)
        assert audited(data / "small/Old format.manager", name).findings == ()
    execute(file, "DROP TABLE Changes")
    assert [note.told() for note in audited(file, OUTSIDE).notes] == ["The file holds no History."]


def test_one_row_with_an_impossible_time_does_not_make_older_records_suspect(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Customer", Name="A")
    lived.objects[seven(TICKS - 30 * DAY)] = (guid("Customer"), content("Customer", Name="old"), TICKS - 30 * DAY)
    lived.changes.append([*lived.changes[0]])
    lived.changes[1][0], lived.changes[1][2], lived.changes[1][4] = seven(TICKS), seven(TICKS), 5
    file = lived.write(tmp_path / "A.manager")
    assert "Customer — old" not in " ".join(told(audited(file, OUTSIDE)))
    assert len(audited(file, "beginning of History").findings) == 1
