"""Times against the order of changes, against the keys of rows, and against what can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager_nb.audit.rule import HIGH, LOW, MEDIUM
from tests.audit.lived import DAY, MINUTE, Lived, audited, seven, told
from tests.crafting import altered
from tests.model.small_files import TICKS, key

if TYPE_CHECKING:
    from pathlib import Path

INVOICE = "0195f00e-62e2-70d1-84a3-3922ae724028"
CLOCK, KEYS, EMAILS, IMPOSSIBLE = "clock set back", "keys and times", "keys of e-mails", "impossible times"


def test_the_demo_has_no_time_that_speaks_against_another(himalaya: Path) -> None:
    for name, population in ((CLOCK, 90), (KEYS, 794), (EMAILS, 74), (IMPOSSIBLE, 1499)):
        found = audited(himalaya, name)
        assert (found.findings, found.count) == ((), population)


def test_a_clock_set_back_is_one_finding_with_the_span_and_its_records(tmp_path: Path) -> None:
    lived = Lived()
    keys = [lived.make("Customer", Name=name) for name in "AB"]
    lived.clock -= DAY
    for one in keys:
        lived.change(one, "Customer", Name="later")
    file = lived.write(tmp_path / "A.manager")
    found = audited(file, CLOCK)
    assert [one.severity for one in found.findings] == [MEDIUM]
    assert "at 2 records" in told(found)[0]
    assert len(found.findings[0].evidence) == 4
    assert audited(file, KEYS).findings == ()  # the keys went back with the clock


@pytest.mark.parametrize(("shift", "severity"), [(3 * DAY, HIGH), (-3 * DAY, HIGH), (10_000_000, MEDIUM)])
def test_a_row_whose_time_was_altered_disagrees_with_its_key(
    tmp_path: Path, himalaya: Path, shift: int, severity: str
) -> None:
    row = "0197b20c-0099-7a13-9cb2-d63c1c7e3f55"
    file = altered(
        himalaya, tmp_path / "A.manager", f"UPDATE Changes SET Timestamp = Timestamp + {shift} WHERE Key = '{row}'"
    )
    found = audited(file, KEYS)
    assert [(one.change, one.object, one.severity) for one in found.findings] == [(row, INVOICE, severity)]
    assert "27 Jun 2025, 15:40" in told(found)[0]


def test_a_batch_whose_times_were_altered_is_one_finding(tmp_path: Path, himalaya: Path) -> None:
    batch = (
        f"UPDATE Changes SET Timestamp = Timestamp - {DAY} WHERE User = 'administrator' AND Timestamp BETWEEN ? AND ?"
    )
    day = batch.replace("?", "638945000000000000", 1).replace("?", "638946000000000000", 1)
    found = audited(altered(himalaya, tmp_path / "A.manager", day), KEYS)
    assert len(found.findings) == 1
    assert "and 7 more of that action" in told(found)[0]
    assert len(found.findings[0].evidence) == 8


def test_keys_of_records_are_held_against_their_creation(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Customer", key=seven(TICKS - DAY), Name="imported")
    lived.make("Customer", key=seven(TICKS + DAY), Name="ahead")
    lived.make("Customer", key=key(1), Name="silent")
    found = audited(lived.write(tmp_path / "A.manager"), KEYS)
    assert {one.message.facts[0][1].label: one.severity for one in found.findings} == {
        "Customer — imported": LOW, "Customer — ahead": MEDIUM,
    }  # fmt: skip
    assert [note.told() for note in found.notes] == ["1 created records have keys that tell no time."]
    assert audited(lived.write(tmp_path / "B.manager"), KEYS, record_minutes=2000).findings[0].severity == MEDIUM


def test_rows_with_keys_that_tell_no_time_are_counted(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Customer", Name="A")
    lived.changes[0][:2] = key(1), None
    found = audited(lived.write(tmp_path / "A.manager"), KEYS)
    assert found.findings == ()
    assert [note.told() for note in found.notes] == ["1 rows have keys that tell no time."]


def test_an_email_whose_time_was_altered_disagrees_with_its_key(tmp_path: Path, himalaya: Path) -> None:
    sql = f"UPDATE Emails SET Timestamp = Timestamp - {DAY} WHERE Subject = 'Invoice 1001'"
    found = audited(altered(himalaya, tmp_path / "A.manager", sql), EMAILS)
    assert [one.severity for one in found.findings] == [MEDIUM]
    assert "“Invoice 1001”" in told(found)[0]
    lived = Lived()
    lived.mail("slow", seven(TICKS - MINUTE))
    lived.mail("old", key(3))
    found = audited(lived.write(tmp_path / "B.manager"), EMAILS)
    assert (found.findings, found.count, len(found.notes)) == ((), 2, 1)


def test_times_that_cannot_be_are_found(tmp_path: Path) -> None:
    lived = Lived()
    lived.make("Customer", Name="A")
    lived.make("Customer", Name="B")
    lived.make("Customer", Name="C")
    lived.changes[0][4], lived.changes[1][4] = None, TICKS + 9 * DAY
    lived.changes.append([key(9), None, None, None, -5, None, None, None, None])
    file = lived.write(tmp_path / "A.manager")
    found = audited(file, IMPOSSIBLE)
    assert sorted(one.severity for one in found.findings) == [HIGH, MEDIUM, MEDIUM]
    assert any("more than a day after the newest key" in message for message in told(found))


def test_times_are_held_against_the_day_on_which_the_file_was_taken(himalaya: Path) -> None:
    assert audited(himalaya, IMPOSSIBLE, taken_on="2026-03-27").findings == ()
    found = audited(himalaya, IMPOSSIBLE, taken_on="2026-03-26")
    assert found.findings
    assert all("after the file was taken" in message for message in told(found))
    assert found.notes == ()


def test_nothing_crashes_without_tables(data: Path, tmp_path: Path, himalaya: Path) -> None:
    bare = altered(himalaya, tmp_path / "A.manager", "DROP TABLE Changes", "DROP TABLE Emails")
    for name in (CLOCK, KEYS, EMAILS, IMPOSSIBLE):
        assert audited(data / "small/Empty.manager", name).findings == ()
        assert audited(bare, name).findings == ()
