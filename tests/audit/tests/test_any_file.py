"""Whatever a file holds, the tests on entries come to an end, and to the same one in any order of its rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import manager_nb as mn
from manager_nb.audit.examine import audit
from manager_nb.audit.tests.rules import RULES
from manager_nb.errors import CancelledError
from manager_nb.format.scalars import NIL
from manager_nb.i18n import Language, available
from manager_nb.progress import Silent
from tests.audit.diary import MONDAY, Diary, invoice, journal, payment
from tests.crafting import altered
from tests.model.small_files import content, guid, key, write

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.audit.findings import Findings

DAY = MONDAY.date()


def examined(file: Path) -> Findings:
    with mn.open_business(file) as business:
        found = audit(business, rules="tests", zone="Asia/Kolkata")
        found.describe()
        return found


def test_an_empty_business_has_no_findings(data: Path, tmp_path: Path) -> None:
    for file in (data / "small" / "Empty.manager", write(tmp_path / "A.manager")):
        assert len(examined(file)) == 0


@pytest.mark.parametrize("table", ["Changes", "Emails", "Objects"])
def test_a_missing_table_hides_nothing_else(himalaya: Path, tmp_path: Path, table: str) -> None:
    found = examined(altered(himalaya, tmp_path / "A.manager", f'DROP TABLE "{table}"'))
    assert len(found) > 0


def test_a_file_without_history_is_still_tested(himalaya: Path, tmp_path: Path) -> None:
    found = examined(altered(himalaya, tmp_path / "A.manager", 'DELETE FROM "Changes"'))
    counts = {one.rule.name: len(one.tested.findings) for one in found.examined}
    assert counts["duplicates"] == counts["extreme amounts"] == counts["round sums"] == 1
    assert counts["out of hours"] == counts["bank details"] == 0


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE "Changes" SET "User" = NULL',
        'UPDATE "Changes" SET "Timestamp" = NULL',
        'UPDATE "Changes" SET "Timestamp" = -1',
        'UPDATE "Changes" SET "Timestamp" = 9223372036854775807',
        'UPDATE "Changes" SET "Timestamp" = \'now\'',
        'UPDATE "Changes" SET "Commit" = NULL',
        'UPDATE "Changes" SET "Object" = NULL',
        'UPDATE "Changes" SET "ContentTypeBefore" = NULL, "ContentTypeAfter" = NULL',
        'UPDATE "Changes" SET "ContentBefore" = x\'ffff\', "ContentAfter" = x\'0a\'',
        'UPDATE "Changes" SET "ContentTypeAfter" = \'11111111-2222-3333-4444-555555555555\'',
        'UPDATE "Objects" SET "Content" = x\'0affff\'',
        'UPDATE "Objects" SET "Content" = NULL',
        'UPDATE "Objects" SET "ContentType" = NULL',
        'UPDATE "Objects" SET "Key" = upper("Key")',
        'UPDATE "Emails" SET "Body" = NULL, "Subject" = NULL, "Timestamp" = NULL, "User" = NULL',
        'ALTER TABLE "Emails" DROP COLUMN "Body"',
    ],
)
def test_a_damaged_file_is_tested_to_the_end(himalaya: Path, tmp_path: Path, statement: str) -> None:
    found = examined(altered(himalaya, tmp_path / "A.manager", statement))
    assert [one.rule.name for one in found.examined] == [rule.name for rule in RULES]


def test_dates_at_the_ends_of_the_calendar_are_no_trouble(tmp_path: Path) -> None:
    diary = Diary()
    account = diary.create("ProfitAndLossStatementAccount", Name="Rent")
    party = diary.new_key()
    for place, day in enumerate([dt.date.min, dt.date.max] * 40):
        diary.create("JournalEntry", **journal(place + 1, day, f"{place}", account))
        diary.create("SalesInvoice", **invoice(place + 1, day, "9" * 40, party))
        diary.create("Payment", Date=None, Reference=str(place), Supplier=party)
    assert len(examined(diary.write(tmp_path / "A.manager"))) > 0


def test_an_unknown_type_and_a_key_that_is_none_are_no_trouble(tmp_path: Path) -> None:
    unknown = "11111111-2222-3333-4444-555555555555"
    rows = [(key(1), unknown, b"\x0a\x01x", 0), ("{odd}", guid("Payment"), content("Payment", Reference="{x}"), 0)]
    changes = [(key(5), key(6), "{odd}", "{u}", 638_800_000_000_000_000, NIL, unknown, None, b"x")]
    assert examined(write(tmp_path / "A.manager", rows, Changes=changes)).describe()


KINDS = ("Customer", "JournalEntry", "Payment", "SalesInvoice", "Supplier")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "create", "update", "delete"]),
        st.sampled_from(KINDS),
        st.integers(0, 60 * 24 * 90),
        st.sampled_from(["Asha", "Ravi", None]),
        st.sampled_from([1, 5, 5000, 49_999, 1_000_000]),
        st.sampled_from(["", "7", "A-007", "A-008", "A-010", "12/2025-26"]),
    ),
    max_size=30,
)


def lived(steps: list[Any]) -> Diary:
    diary = Diary()
    kinds: dict[str, str] = {}
    for what, kind, minutes, user, amount, reference in steps:
        when = MONDAY + dt.timedelta(minutes=minutes)
        here = [one for one, of in kinds.items() if of == kind]
        if what == "create" or not here:
            made = diary.create(kind, when, user, **values(kind, amount, reference))
            kinds[made] = kind
        elif what == "update":
            diary.update(here[amount % len(here)], kind, when, user, **values(kind, amount, reference))
        else:
            gone = here[amount % len(here)]
            diary.delete(gone, when, user)
            del kinds[gone]
    return diary


def values(kind: str, amount: int, reference: str) -> dict[str, Any]:
    if kind in ("Customer", "Supplier"):
        return {"Name": reference or "x", "Email": f"a/c {amount:09d}"}
    maker = {"JournalEntry": journal, "Payment": payment, "SalesInvoice": invoice}[kind]
    party = [key(1)] if kind != "JournalEntry" else [key(2), key(3)]
    return maker(amount, DAY, reference, *party)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_order_of_rows_changes_no_finding(tmp_path: Path, steps: list[Any]) -> None:
    diary = lived(steps)
    told = []
    for backwards in (False, True):
        file = tmp_path / "A.manager"
        file.unlink(missing_ok=True)
        found = examined(diary.write(file, backwards=backwards))
        told.append((found.to_arrow().to_pylist(), found.population.to_arrow().to_pylist()))
    assert told[0] == told[1]


def test_every_finding_is_told_in_every_language(himalaya: Path) -> None:
    found = examined(himalaya)
    for code in available():
        messages = found.to_arrow(Language(code))["message"].to_pylist()
        assert all(messages)
        assert not any("{" in message for message in messages)


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_a_cancel_is_heeded(himalaya: Path, rule: str) -> None:
    class Cancelled(Silent):
        cancelled = True

    with mn.open_business(himalaya) as business, pytest.raises(CancelledError):
        audit(business, rules=rule, progress=Cancelled())


def test_parameters_of_several_tests_mean_the_same_to_all() -> None:
    seen: dict[str, Any] = {}
    for rule in RULES:
        assert rule.why
        for parameter in rule.parameters:
            assert seen.setdefault(parameter.name, parameter) == parameter
