"""What was planted in the demonstration business is found, and little else is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.audit.examine import audit
from manager_nb.audit.rule import HIGH, LOW, MEDIUM, NOTE, Finding
from manager_nb.audit.tests.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.audit.findings import Findings

ZONE = "Asia/Kolkata"
NOISE = {
    "seldom-used accounts": 3,
    "unusual users": 3,
    "sequence gaps": 4,
    "out of hours": 3,
    "just below a limit": 2,
    "access rights": 2,
    "e-mail settings": 2,
    "dormant parties": 0,
    "one person": 0,
    "no description": 0,
    "benford": 0,
}
"""How many findings each test gives; one where it is not named."""


@pytest.fixture(scope="module")
def found(himalaya: Path) -> Iterator[Findings]:
    with mn.open_business(himalaya) as business:
        yield audit(business, rules="tests", zone=ZONE)


@pytest.fixture(scope="module")
def planted(data: Path) -> dict[str, dict[str, Any]]:
    told = (data / "himalaya" / "truth" / "planted.json").read_text(encoding="utf-8")
    return {one["kind"]: one for one in json.loads(told)}


def of(found: Findings, rule: str) -> list[Finding]:
    return [finding for one, finding in found.found if one.name == rule]


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_a_year_does_not_drown_in_findings(found: Findings, rule: str) -> None:
    assert len(of(found, rule)) == NOISE.get(rule, 1)


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_every_finding_rests_on_rows_that_are_in_the_file(found: Findings, himalaya: Path, rule: str) -> None:
    with mn.open_business(himalaya) as business:
        keys = {
            "Objects": {key.lower() for key, *_ in business.objects()},
            "Changes": set(business.history.to_arrow(["change"])["change"].to_pylist()),
            "Emails": set(business.emails.to_arrow(["email"])["email"].to_pylist()),
        }
    for finding in of(found, rule):
        assert finding.evidence
        for row in finding.evidence:
            table, key = row.split(" ")
            assert key in keys[table]


@pytest.mark.parametrize(
    ("kind", "rule", "severity"),
    [
        ("bank details changed around a payment", "bank details", HIGH),
        ("just below 50,000", "just below a limit", LOW),
        ("journal entered at night, round sum", "out of hours", MEDIUM),
        ("journal entered at night, round sum", "round sums", LOW),
        ("journal entered at night, round sum", "unusual users", LOW),
        ("created and deleted by one user within an hour", "created and deleted", MEDIUM),
        ("access token created", "access rights", MEDIUM),
        ("extreme amount", "extreme amounts", MEDIUM),
        ("document dated in a closed period, entered later", "backdated", MEDIUM),
    ],
)
def test_a_planted_fact_is_found(
    found: Findings, planted: dict[str, dict[str, Any]], kind: str, rule: str, severity: str
) -> None:
    told = planted[kind]
    (finding,) = [one for one in of(found, rule) if one.object == told["object"]]
    assert (finding.severity, finding.user) == (severity, told["user"])


def test_the_payment_that_was_made_twice_is_found(found: Findings, planted: dict[str, dict[str, Any]]) -> None:
    (finding,) = of(found, "duplicates")
    assert {row.split(" ")[1] for row in finding.evidence} == set(
        planted["same payee, amount and reference twice"]["objects"]
    )
    assert finding.severity == HIGH


def test_the_payment_between_the_changes_of_bank_details_is_named(
    found: Findings, planted: dict[str, dict[str, Any]]
) -> None:
    (finding,) = of(found, "bank details")
    told = planted["bank details changed around a payment"]
    assert f"Objects {told['payment']}" in finding.evidence
    assert "PV-JUN-77" in finding.message.told()
    assert "999900001111" not in finding.message.told()


def test_the_batch_update_is_found_with_all_its_records(
    found: Findings, planted: dict[str, dict[str, Any]], himalaya: Path
) -> None:
    (finding,) = of(found, "batch updates")
    with mn.open_business(himalaya) as business:
        rows = business.history.to_arrow(["change", "object"]).to_pylist()
    objects = {row["object"] for row in rows if f"Changes {row['change']}" in finding.evidence}
    assert objects == set(planted["batch update"]["objects"])


def test_the_changed_password_is_told_and_never_shown(found: Findings) -> None:
    told = {finding.severity: finding.message.told() for finding in of(found, "e-mail settings")}
    assert told == {
        MEDIUM: "Email Settings: a password or token was changed (Password).",
        NOTE: "Email Settings was created when the business was set up.",
    }


def test_the_hostile_e_mail_is_found(found: Findings, planted: dict[str, dict[str, Any]]) -> None:
    (finding,) = of(found, "active e-mails")
    assert finding.user == planted["e-mail with hostile HTML"]["user"]
    assert "scripts" in finding.message.told()


def test_the_number_of_the_undone_creation_is_missing(found: Findings) -> None:
    (finding,) = [one for one in of(found, "sequence gaps") if one.severity == MEDIUM]
    assert "JV-003" in finding.message.told()


def test_hours_and_days_of_work_are_those_of_history(found: Findings) -> None:
    used = {one.rule.name: dict(one.tested.used or {}) for one in found.examined}
    assert [f"{moment:%H:%M}" for moment in used["out of hours"]["hours"]] == ["09:00", "22:00"]
    assert used["out of days"]["days_off"] == (6,)


def test_another_zone_finds_the_same_night(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        utc = audit(business, rules=["out of hours"])
    assert [one.severity for one in of(utc, "out of hours")] == [MEDIUM, LOW]
    assert "JV-007" in of(utc, "out of hours")[0].message.told()
