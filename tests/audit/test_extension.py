"""A file's History against that of an earlier backup: what was there once has to be there still."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.audit.extension import BEGUN_AGAIN, OTHER, SWAPPED, WITHOUT, Extension, extension
from manager_nb.audit.rows import Row
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, NOTE
from manager_nb.errors import CancelledError
from manager_nb.progress import Silent
from tests.audit.lived import DAY, MINUTE, Lived, audited, told
from tests.crafting import altered, execute

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from manager_nb.model.tables import Table

RULE = "against an earlier backup"
INVOICE, ROW = "0195f00e-62e2-70d1-84a3-3922ae724028", "0197b20c-0099-7a13-9cb2-d63c1c7e3f55"


@pytest.fixture
def before(data: Path) -> Path:
    return data / "himalaya/earlier/Himalaya Traders (2025-12-31).manager"


def compared(earlier: Path, later: Path) -> Extension:
    with mn.open_business(earlier) as first, mn.open_business(later) as second:
        return extension(first, second)


def test_the_demo_extends_its_earlier_backup(before: Path, himalaya: Path) -> None:
    found = compared(before, himalaya)
    assert found == Extension(641, 153, emails=57)
    assert found.extends
    audit = audited(himalaya, RULE, earlier=before)
    assert [one.severity for one in audit.findings] == [NOTE, NOTE]
    assert told(audit)[0] == (
        "History extends that of the earlier backup Himalaya Traders (2025-12-31).manager, whose newest row is of"
        " 29 Dec 2025, 15:48 (UTC): its 641 rows are all there unchanged; 153 rows are of later times, for which the"
        " backup cannot vouch."
    )
    assert audit.count == 641 + 57


def test_without_an_earlier_backup_that_is_said(himalaya: Path) -> None:
    found = audited(himalaya, RULE)
    assert (found.findings, found.count) == ((), 0)
    assert "No earlier backup was given" in found.notes[0].told()


@pytest.mark.parametrize(
    ("sql", "what", "fields"),
    [
        (f"DELETE FROM Changes WHERE Key = '{ROW}'", "missing", ()),
        (f"UPDATE Changes SET User = 'Nobody' WHERE Key = '{ROW}'", "altered", ("User",)),
        (f"UPDATE Changes SET Timestamp = Timestamp + 1 WHERE Key = '{ROW}'", "altered", ("Timestamp",)),
        (f"UPDATE Changes SET ContentAfter = x'' WHERE Key = '{ROW}'", "altered", ("ContentAfter",)),
    ],
)
def test_a_row_that_is_gone_or_altered_is_found(
    tmp_path: Path, before: Path, himalaya: Path, sql: str, what: str, fields: tuple[str, ...]
) -> None:
    file = altered(himalaya, tmp_path / "A.manager", sql)
    found = compared(before, file).changed
    assert [(one.key, one.what, one.object, one.fields) for one in found] == [(ROW, what, INVOICE, fields)]
    assert found[0].commit is not None
    first = audited(file, RULE, earlier=before).findings[0]
    assert (first.severity, first.object, first.user) == (HIGH, INVOICE, "Ravi Kumar")
    assert f"earlier Changes {ROW}" in first.evidence


def test_a_record_altered_without_a_change_is_found(tmp_path: Path, before: Path, himalaya: Path) -> None:
    sql = f"UPDATE Objects SET Content = Content || x'a00601' WHERE Key = '{INVOICE}'"
    file = altered(himalaya, tmp_path / "A.manager", sql, "DELETE FROM Objects WHERE Key LIKE '0195efb6-a6%'")
    assert (INVOICE, "altered") in compared(before, file).objects
    found = audited(file, RULE, earlier=before)
    assert (INVOICE, HIGH) in [(one.object, one.severity) for one in found.findings]


def test_a_forged_chain_that_fits_is_found_by_the_earlier_backup_only(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("Supplier", Name="A")
    other = lived.make("Supplier", Name="B")
    earlier = lived.write(tmp_path / "earlier.manager")
    kind, _, ticks = lived.objects[key]
    lived.objects[key] = (kind, b"\x0a\x01X", ticks)
    lived.changes[0][8] = b"\x0a\x01X"
    lived.change(other, "Supplier", Name="C")
    later = lived.write(tmp_path / "later.manager")
    assert audited(later, "changed outside History").findings == ()
    assert [(one.what, one.fields) for one in compared(earlier, later).changed] == [("altered", ("ContentAfter",))]


def test_a_change_that_does_not_begin_with_what_the_backup_has_is_found(tmp_path: Path) -> None:
    lived = Lived()
    key = lived.make("Supplier", Name="A")
    earlier = lived.write(tmp_path / "earlier.manager")
    kind, _, ticks = lived.objects[key]
    lived.objects[key] = (kind, b"\x0a\x01X", ticks)
    lived.change(key, "Supplier", Name="C")
    assert compared(earlier, lived.write(tmp_path / "later.manager")).objects == ((key, "broken"),)


def test_records_that_came_or_went_without_a_change_are_found(tmp_path: Path) -> None:
    lived = Lived()
    gone, stays = lived.make("Supplier", Name="A"), lived.make("Supplier", Name="B")
    earlier = lived.write(tmp_path / "earlier.manager")
    lived.objects["0195f00e-0000-7000-8000-000000000000"] = lived.objects.pop(gone)
    later = lived.write(tmp_path / "later.manager")
    assert sorted(cause for _, cause in compared(earlier, later).objects) == ["added", "gone"]
    assert stays not in dict(compared(earlier, later).objects)


@pytest.mark.parametrize("since", [False, True])
def test_rows_that_an_undo_took_away_are_told_apart(tmp_path: Path, since: bool) -> None:
    lived = Lived()
    keys = [lived.make("Supplier", Name=name) for name in "AB"]
    states = [lived.objects[key] for key in keys]
    rows = [lived.change(key, "Supplier", Name="X") for key in keys]
    lived.changes[3][1] = lived.changes[2][1]  # both in one action
    made = lived.make("Supplier", Name="made and undone")
    earlier = lived.write(tmp_path / "earlier.manager")
    del lived.changes[2:], lived.objects[made]
    for key, (kind, blob, _) in zip(keys, states, strict=True):
        lived.objects[key] = (kind, blob, lived.clock)
    lived.clock += MINUTE
    if since:
        for key in keys:
            lived.change(key, "Supplier", Name="Y")
    later = lived.write(tmp_path / "later.manager")
    found = compared(earlier, later)
    assert [one.what for one in found.changed] == ["as undone"] * 3
    assert {one.key for one in found.changed} >= set(rows)
    assert found.objects == ()
    audit = audited(later, RULE, earlier=earlier)
    assert [one.severity for one in audit.findings] == [MEDIUM, MEDIUM]
    assert "and 1 more" in told(audit)[0]


def test_half_an_action_that_is_gone_is_no_undo(tmp_path: Path) -> None:
    lived = Lived()
    keys = [lived.make("Supplier", Name=name) for name in "AB"]
    kind, blob, _ = lived.objects[keys[0]]
    for key in keys:
        lived.change(key, "Supplier", Name="X")
    lived.changes[3][1] = lived.changes[2][1]
    earlier = lived.write(tmp_path / "earlier.manager")
    del lived.changes[2]
    lived.objects[keys[0]] = (kind, blob, lived.clock + DAY)
    assert [one.what for one in compared(earlier, lived.write(tmp_path / "later.manager")).changed] == ["missing"]


def test_honest_reasons_are_named(data: Path, before: Path, himalaya: Path, tmp_path: Path) -> None:
    store = next((data / "small").glob("* (2025-04-22).manager"))
    dropped = altered(himalaya, tmp_path / "A.manager", "DELETE FROM Changes WHERE Timestamp < 639050000000000000")
    cases: list[tuple[Path, Path, str, str]] = [
        (himalaya, before, SWAPPED, MEDIUM),
        (store, himalaya, OTHER, MEDIUM),
        (himalaya, data / "small/Old format.manager", WITHOUT, MEDIUM),
        (before, dropped, BEGUN_AGAIN, HIGH),
    ]
    for earlier, later, reason, severity in cases:
        found = compared(earlier, later)
        assert (found.reason, found.extends, found.changed) == (reason, False, ())
        assert audited(later, RULE, earlier=earlier).findings[0].severity == severity


def test_the_newest_rows_removed_are_no_exchange_of_the_two(tmp_path: Path, before: Path) -> None:
    newest = "(SELECT Key FROM Changes ORDER BY Timestamp DESC LIMIT 3)"
    found = compared(before, altered(before, tmp_path / "A.manager", f"DELETE FROM Changes WHERE Key IN {newest}"))
    assert (found.reason, [one.what for one in found.changed]) == (None, ["missing"] * 3)


def test_an_upgrade_in_between_is_one_finding(data: Path) -> None:
    old, new = (data / f"upgraded/Revision 370{part}.manager" for part in ("", " after the upgrade"))
    found = compared(old, new)
    assert (found.upgraded, len(found.objects), found.extends) == (True, 33, True)
    audit = audited(new, RULE, earlier=old)
    assert [one.severity for one in audit.findings] == [NOTE, LOW, NOTE]
    assert "33 records differ" in told(audit)[1]


def test_emails_that_are_gone_or_altered_are_found(tmp_path: Path, before: Path, himalaya: Path) -> None:
    file = altered(
        himalaya,
        tmp_path / "A.manager",
        "DELETE FROM Emails WHERE Subject = 'Invoice 1001'",
        "UPDATE Emails SET Recipient = 'x@y.z' WHERE Subject = 'Invoice 1002'",
        "UPDATE Emails SET Seen = 1 - Seen WHERE Subject = 'Invoice 1003'",
    )
    found = audited(file, RULE, earlier=before)
    assert told(found)[1:] == [
        "The e-mail “Invoice 1001” was in the earlier backup and is gone.",
        (
            "The e-mail “Invoice 1002” is not as the earlier backup has it; what differs: the recipient:"
            " 006@customers.example → x@y.z."
        ),
    ]
    assert [one.severity for one in found.findings] == [NOTE, HIGH, HIGH]
    execute(file, "DELETE FROM Emails")
    assert [one.severity for one in audited(file, RULE, earlier=before).findings] == [NOTE, HIGH]


def test_a_column_that_the_earlier_file_lacks_is_not_compared(tmp_path: Path, before: Path, himalaya: Path) -> None:
    older = tmp_path / "older.manager"
    shutil.copyfile(before, older)
    execute(older, 'DROP INDEX "ix_Emails_User"', 'ALTER TABLE "Emails" DROP COLUMN "User"')
    assert compared(older, himalaya).emails_changed == ()


def test_bare_files_do_not_crash(tmp_path: Path, before: Path, data: Path, himalaya: Path) -> None:
    bare = altered(himalaya, tmp_path / "A.manager", "DROP TABLE Changes", "DROP TABLE Emails")
    empty = data / "small/Empty.manager"
    for pair in ((before, bare), (bare, before), (before, empty), (empty, himalaya), (empty, empty)):
        assert compared(*pair).changed == ()
    nulls = altered(before, tmp_path / "B.manager", "UPDATE Changes SET Object = NULL, User = NULL WHERE Key LIKE '%3'")
    assert {one.what for one in compared(nulls, himalaya).changed} == {"altered"}
    assert all(isinstance(one, Row) for one in compared(nulls, himalaya).changed)


def test_a_cancel_is_heeded(before: Path, himalaya: Path) -> None:
    class Cancelled(Silent):
        cancelled = True

    progress: Any = Cancelled()
    with mn.open_business(before) as first, mn.open_business(himalaya) as second, pytest.raises(CancelledError):
        extension(first, second, progress)


def test_many_rows_that_the_earlier_backup_lacks_are_looked_up_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived = Lived()
    lived.make("Supplier", Name="A")
    lived.clock += DAY
    lived.make("Supplier", Name="B")
    earlier = lived.write(tmp_path / "earlier.manager")
    lived.clock -= DAY
    for name in range(50):
        lived.make("Supplier", Name=f"back-dated {name}")
    later = lived.write(tmp_path / "later.manager")
    asked: list[int] = []
    asking = mn.Business.history_rows

    def counted(business: mn.Business, changes: Sequence[str]) -> Table:
        asked.append(len(changes))
        return asking(business, changes)

    monkeypatch.setattr(mn.Business, "history_rows", counted)
    (found,) = audited(later, RULE, earlier=earlier).findings
    assert told(audited(later, RULE, earlier=earlier))[0].startswith("50 times the same; the first: The row of")
    assert len(found.evidence) == 50
    assert len(asked) == 2  # once an audit, of two
