"""The verdict on the trail, each grade of it, and what it names as its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.examine import audit
from manager_nb.audit.trail.rules import RULES
from manager_nb.audit.trail.verdict import (
    EXCEPTIONS,
    LIMITS,
    PARTLY,
    RELIABLE,
    UNRELIABLE,
    UNSOUND,
    UNTESTED,
    Verdict,
    verdict_of,
)  # fmt: skip
from tests.audit.lived import Lived
from tests.crafting import altered

if TYPE_CHECKING:
    from pathlib import Path


def verdict(path: Path, earlier: Path | None = None, rules: list[str] | str = "trail") -> Verdict:
    with mn.open_business(path) as business:
        if earlier is None:
            return verdict_of(audit(business, rules=rules))
        with mn.open_business(earlier) as before:
            return verdict_of(audit(business, earlier=before, rules=rules))


def test_a_trail_without_a_flaw_can_be_relied_on(tmp_path: Path) -> None:
    lived = Lived()
    lived.change(lived.make("Customer", Name="A"), "Customer", "Ravi", Name="B")
    found = verdict(lived.write(tmp_path / "A.manager"))
    assert found.grade == RELIABLE
    assert "from 11 Apr 2025, 20:26 (UTC) to 11 Apr 2025, 20:27 (UTC)" in found.reasons[0].told()
    assert "1 of 1 records" in found.reasons[1].told()


def test_the_demo_can_be_relied_on_except_for_what_was_undone(data: Path, himalaya: Path) -> None:
    before = data / "himalaya/earlier/Himalaya Traders (2025-12-31).manager"
    found = verdict(himalaya, before)
    said = [reason.told() for reason in found.reasons]
    assert found.grade == EXCEPTIONS
    assert said[0].startswith(
        "The trail can be relied on from 1 Apr 2025, 04:00 (UTC) to 27 Mar 2026, 13:50 (UTC), except"
    )
    assert said[2].startswith("Actions that were undone: An action on Customer — C021")
    assert said[3].startswith(
        "History extends that of the earlier backup Himalaya Traders (2025-12-31).manager, whose newest row"
    )
    assert len(said) == 4
    limits = [limit.told() for limit in found.limits]
    assert limits == [
        (
            "The file was held against the earlier backup Himalaya Traders (2025-12-31).manager, whose newest row is of"
            " 29 Dec 2025, 15:48 (UTC): it vouches for nothing later."
        ),
        *LIMITS,
    ]


def test_without_an_earlier_backup_that_is_a_limit(himalaya: Path) -> None:
    assert verdict(himalaya).limits[0].told() == "The file was not held against an earlier backup."


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM Changes WHERE Key = '0197b20c-0099-7a13-9cb2-d63c1c7e3f55'",
        "UPDATE Changes SET User = 'X' WHERE Key = '0197b20c-0099-7a13-9cb2-d63c1c7e3f55'",
        "UPDATE Changes SET Timestamp = Timestamp - 864000000000 WHERE Key = '0197b20c-0099-7a13-9cb2-d63c1c7e3f55'",
        "DELETE FROM Changes",
    ],
)
def test_a_history_that_was_altered_cannot_be_relied_on(tmp_path: Path, data: Path, himalaya: Path, sql: str) -> None:
    before = data / "himalaya/earlier/Himalaya Traders (2025-12-31).manager"
    found = verdict(altered(himalaya, tmp_path / "A.manager", sql), before)
    assert found.grade == UNRELIABLE
    assert len(found.reasons) > 1


def test_a_torn_copy_is_no_sound_basis_and_an_upgrade_is_told(data: Path) -> None:
    torn = verdict(data / "small/Torn backup.manager")
    assert torn.grade == UNSOUND
    assert torn.reasons[0].told().startswith("No conclusion on the trail can be drawn from this file: it is probably a")
    assert verdict(data / "small/Torn backup.manager", rules=["coverage", "damaged file"]).grade == UNSOUND
    upgraded = verdict(data / "upgraded/Revision 370 after the upgrade.manager")
    assert upgraded.grade == EXCEPTIONS  # for the undone update, which the demo has
    assert any("marks of an upgrade by a newer Manager" in reason.told() for reason in upgraded.reasons)


def test_nothing_to_test_and_tests_left_out_are_said(data: Path, himalaya: Path) -> None:
    assert verdict(data / "small/Empty.manager").grade == UNTESTED
    assert verdict(data / "small/Old format.manager").grade == UNRELIABLE
    assert verdict(himalaya, rules=["users"]).grade == UNTESTED
    part = verdict(himalaya, rules=["coverage", "users"])
    assert part.grade == PARTLY
    assert part.reasons[0].told().startswith("The trail was not tested in full: 12 of its 14 tests were not done")
    assert f"{len(RULES) - 2} were left out" in part.limits[-1].told()
