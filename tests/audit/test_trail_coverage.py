"""How far History reaches, records older than it, torn copies and damaged files; and whom it names."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, NOTE
from manager_nb.timeline.coverage import coverage_of
from tests.audit.lived import DAY, Lived, audited, told
from tests.crafting import altered
from tests.model.small_files import TICKS, content, guid, key

if TYPE_CHECKING:
    from pathlib import Path

COVERAGE, BEGINNING, DAMAGE, USERS = "coverage", "beginning of History", "damaged file", "users"


def test_the_name_of_the_desktop_is_told_to_be_no_person(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Customer", "Asha", Name="A")
    lived.make("Customer", "Desktop", Name="B")
    lived.make("Customer", "Desktop", Name="C")
    found = audited(lived.write(tmp_path / "A.manager"), USERS)
    (desktop,) = [one for one in found.findings if one.user == "Desktop"]
    assert desktop.severity == LOW
    assert desktop.message.told().startswith(
        "2 changes and e-mails have the user Desktop. The desktop edition of Manager has no login:"
    )
    assert len(desktop.evidence) == 2
    alone = Lived()
    alone.make("Customer", "Desktop", Name="A")
    (words,) = told(audited(alone.write(tmp_path / "B.manager"), USERS))
    assert "no login: there, this is the user of the computer and not a person who logged in" in words


def test_the_demo_is_covered_from_its_first_day_with_every_creation(himalaya: Path) -> None:
    found = audited(himalaya, COVERAGE)
    with contextlib.closing(sqlite3.connect(himalaya)) as database:
        rows = database.execute("SELECT count(*) FROM Changes").fetchone()[0]
    assert [one.severity for one in found.findings] == [NOTE]
    assert f"{rows} changes from 1 Apr 2025, 04:00" in told(found)[0]
    assert "693 of 693 records" in told(found)[0]
    assert told(found)[0].endswith(
        " Not counted, since Manager keeps no History of them or they are no records: the mark of the file's own"
        " version (1), default values of forms (1)."
    )  # pages that count the mark too have 694
    assert audited(himalaya, BEGINNING).findings == ()
    assert audited(himalaya, DAMAGE).findings == ()


@pytest.mark.parametrize(
    "name", ["himalaya/Himalaya Traders.manager", "upgraded/Revision 370 after the upgrade.manager"]
)
def test_it_counts_as_the_coverage_of_the_start_page_does(data: Path, name: str) -> None:
    with mn.open_business(data / name) as business:
        known = coverage_of(business)
    reach = dict(audited(data / name, COVERAGE).findings[0].message.facts)
    assert (reach["told"], reach["records"]) == (known.told, known.records - 1)  # the schema's own object


def test_types_without_their_creation_are_named_with_their_number(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Customer", Name="A")
    for number, type_name in enumerate(("Customer", "Supplier", "Supplier"), 1):
        lived.objects[key(number)] = (guid(type_name), content(type_name, Name="old"), TICKS - DAY)
    file = lived.write(tmp_path / "A.manager")
    reach, lacking = told(audited(file, COVERAGE))
    assert "1 of 4 records" in reach
    assert lacking.endswith("Customer (1); Supplier (2)")
    older = audited(file, BEGINNING)
    assert [one.severity for one in older.findings] == [NOTE]
    assert "later than 3 records" in told(older)[0]


def test_no_history_is_looked_at_first_and_an_empty_business_only_noted(data: Path) -> None:
    assert [one.severity for one in audited(data / "small/Old format.manager", COVERAGE).findings] == [HIGH]
    assert [one.severity for one in audited(data / "small/Empty.manager", COVERAGE).findings] == [NOTE]
    assert audited(data / "small/Old format.manager", BEGINNING).findings == ()


def test_history_dropped_and_begun_again_is_one_finding(tmp_path: Path, himalaya: Path) -> None:
    file = altered(himalaya, tmp_path / "A.manager", "DELETE FROM Changes WHERE Timestamp < 639050000000000000")
    found = audited(file, BEGINNING)
    assert [one.severity for one in found.findings] == [NOTE]
    assert "later than 584 records" in told(found)[0]
    assert audited(file, "changed outside History").findings == ()


def test_a_torn_copy_is_named_as_one(data: Path) -> None:
    torn = data / "small/Torn backup.manager"
    found = audited(torn, DAMAGE)
    assert [one.severity for one in found.findings] == [MEDIUM]
    assert "probably a torn copy" in told(found)[0]
    assert audited(torn, "changed outside History").findings == ()


def test_a_damaged_file_is_named_as_one(tmp_path: Path, himalaya: Path) -> None:
    broken = bytearray(himalaya.read_bytes())
    broken[200 * 4096 : 203 * 4096] = bytes(3 * 4096)
    (tmp_path / "A.manager").write_bytes(broken)
    found = audited(tmp_path / "A.manager", DAMAGE)
    assert len(found.findings) == 1
    assert told(found)[0].startswith("The file is damaged")


def test_the_demos_administrator_may_have_two_names(himalaya: Path) -> None:
    found = audited(himalaya, USERS)
    assert [(one.severity, one.user) for one in found.findings] == [(NOTE, "Administrator")]
    assert "Administrator (40" in told(found)[0]
    assert "administrator (24" in told(found)[0]
    assert found.count == 5


def test_a_login_name_that_is_a_persons_first_name_is_a_hint(tmp_path: Path) -> None:
    lived = Lived()
    for user in ("Ravi Kumar", "ravi", "Asha", "Kumarasamy"):
        lived.make("Customer", user, Name="A")
    assert [message[:31] for message in told(audited(lived.write(tmp_path / "A.manager"), USERS))] == [
        "Ravi Kumar (1) and ravi (1) may"
    ]


def test_rows_without_a_user_are_noted_where_they_create_and_looked_at_where_they_change(tmp_path: Path) -> None:
    lived = Lived()
    one = lived.make("Customer", None, Name="A")
    lived.make("Customer", "", Name="B")
    made = audited(lived.write(tmp_path / "A.manager"), USERS)
    assert [finding.severity for finding in made.findings] == [NOTE]
    assert told(made)[0].startswith("2 records were created without a user")
    lived.change(one, "Customer", None, Name="C")
    assert [one.severity for one in audited(lived.write(tmp_path / "B.manager"), USERS).findings] == [NOTE, MEDIUM]


def test_the_older_api_and_a_single_name_are_told(tmp_path: Path, data: Path) -> None:
    lived = Lived()
    lived.make("Customer", "API", Name="A")
    lived.make("Customer", "Asha", Name="B")
    found = audited(lived.write(tmp_path / "A.manager"), USERS)
    assert [(one.severity, one.user) for one in found.findings] == [(LOW, "API")]
    desktop = audited(data / "small/Desktop.manager", USERS)
    assert "Everything was done under one name, root" in told(desktop)[0]


def test_the_import_of_the_store_is_noted_once(data: Path) -> None:
    store = next((data / "small").glob("* (2025-04-22).manager"))
    found = audited(store, USERS)
    assert [one.severity for one in found.findings] == [NOTE]
    assert told(found)[0].startswith("3 records were created without a user")
