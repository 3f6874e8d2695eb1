"""An audit: the tests that are chosen are done, and what they found is told with the population that it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.audit.catalogue import ALL, chosen_rules, parameters_of
from manager_nb.audit.rule import GROUPS, SEVERITIES
from manager_nb.errors import CancelledError, MomentError, NotFoundError, SelectionError
from manager_nb.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


@pytest.fixture(scope="module")
def found(demo: mn.Business) -> mn.Findings:
    return mn.audit(demo, zone="Asia/Kolkata")


def test_every_test_is_done_and_tells_its_population(found: mn.Findings) -> None:
    told = found.population.to_pandas()
    assert list(told["rule"]) == [rule.name for rule in ALL]
    assert (told["population"].str.len() > 0).all()
    assert told["findings"].sum() == len(found) == len(found.to_pandas())


def test_findings_have_the_promised_columns_the_gravest_first(found: mn.Findings) -> None:
    frame = found.to_pandas()
    promised = ["rule", "severity", "object", "change", "time", "user", "message", "evidence"]
    assert list(frame.columns[: len(promised)]) == promised
    places = [list(SEVERITIES).index(severity) for severity in frame["severity"]]
    assert places == sorted(places)


def test_a_file_is_no_earlier_backup_of_itself(demo: mn.Business, himalaya: Path, tmp_path: Path) -> None:
    """Every row of a file is there unchanged in the file: said in a paper, that would vouch for all of it."""
    copy = tmp_path / "Kept elsewhere.manager"
    copy.write_bytes(himalaya.read_bytes())
    with mn.open_business(copy) as same, pytest.raises(SelectionError, match="cannot vouch for itself"):
        mn.audit(demo, earlier=same, rules="trail")


def test_every_record_that_a_finding_of_several_is_about_has_its_score(found: mn.Findings, data: Path) -> None:
    """Its score is the sum of the tests that found something about it, whichever record a finding names first."""
    planted = json.loads((data / "himalaya/truth/planted.json").read_text("utf-8"))
    rules = {row["object"]: row["rules"] for row in found.scores.to_arrow().to_pylist()}
    for kind, told in (
        ("batch update", "batch updates 1"),
        ("same payee, amount and reference twice", "duplicates 3"),
    ):
        (one,) = [one for one in planted if one["kind"] == kind]
        assert all(told in rules[key] for key in one["objects"]), kind
    assert sum("reused numbers 1" in one for one in rules.values()) == 2
    (told,) = [one.message.told() for rule, one in found.found if rule.name == "reused numbers"]
    assert told == (
        "Payment — PV75: its number is on 2 documents that are there now: 34,583.00 INR, dated 9 May 2025; 33,835.00"
        " INR, dated 10 May 2025."
    )


def test_the_rows_that_a_finding_rests_on_are_in_the_file(demo: mn.Business, found: mn.Findings) -> None:
    there = {
        "Changes": set(demo.history.to_arrow(["change"])["change"].to_pylist()),
        "Objects": {key.lower() for key, _, _ in demo.objects()},
        "Emails": set(demo.emails.to_arrow(["email"])["email"].to_pylist()),
    }
    for rule, finding in found.found:
        if finding.change is not None:
            assert finding.change in there["Changes"], rule.name
        for place in finding.evidence:
            table, key = place.split(" ")
            assert key in there[table], (rule.name, place)


def test_rules_and_parameters_have_names_of_their_own_and_words() -> None:
    names = [rule.name for rule in ALL]
    assert len(set(names) | set(GROUPS)) == len(names) + len(GROUPS)
    for rule in ALL:
        assert rule.group in GROUPS
        assert rule.title
        assert rule.why
        assert rule.weight >= 0
        for parameter in rule.parameters:
            assert parameters_of(ALL)[parameter.name] == parameter, "one name, one meaning"
            assert parameter.read(parameter.default) == (parameter.default if parameter.default != "" else None)


def test_only_the_tests_that_were_chosen_are_done(demo: mn.Business) -> None:
    assert mn.audit(demo, rules=["no description"]).population.to_pandas()["rule"].tolist() == ["no description"]
    assert {rule.group for rule in chosen_rules("tests")} == {"tests"}
    with pytest.raises(NotFoundError, match="no test called horoscope"):
        mn.audit(demo, rules="horoscope")


def test_what_no_test_knows_is_refused(demo: mn.Business) -> None:
    with pytest.raises(NotFoundError, match="No test has a parameter called colour"):
        mn.audit(demo, colour="red")
    with pytest.raises(
        SelectionError, match=r"The setting “A description has at least so many letters” cannot be “1\.5”"
    ):
        mn.audit(demo, rules="no description", letters=1.5)
    with pytest.raises(MomentError, match="no time zone called Mars"):
        mn.audit(demo, zone="Mars")
    with pytest.raises(NotFoundError):
        mn.audit(demo, weights={"horoscope": 2})


def test_a_parameter_changes_what_is_found_and_is_told(demo: mn.Business) -> None:
    found = mn.audit(demo, rules="no description", letters=10_000)
    journals = demo.records("JournalEntry")
    assert len(found) == len(journals)
    assert found.population.to_pandas().iloc[0]["parameters"] == "letters = 10,000"
    assert set(found.to_pandas()["object"]) == set(journals.to_arrow(["key"])["key"].to_pylist())


def test_a_score_is_the_sum_of_visible_weights(demo: mn.Business) -> None:
    found = mn.audit(demo, rules="no description", letters=10_000, weights={"no description": 7})
    scores = found.scores.to_pandas()
    assert set(scores["score"]) == {7}
    assert scores["rules"].tolist()[0] == ["no description 7"]
    whole = mn.audit(demo).scores.to_pandas()
    for row in whole.itertuples():
        assert row.score == sum(int(rule.rsplit(" ", 1)[1]) for rule in row.rules)


def test_the_same_file_gives_the_same_findings(demo: mn.Business, found: mn.Findings) -> None:
    again = mn.audit(demo, zone="Asia/Kolkata").to_arrow()
    assert again.equals(found.to_arrow())


def test_the_result_in_words_names_every_test_and_its_caveat(found: mn.Findings) -> None:
    words = found.describe()
    for rule in ALL:
        assert rule.title in words
    assert words.endswith("in what was tested.")


def test_every_file_of_the_program_can_be_tested(data: Path) -> None:
    files = sorted(data.rglob("*.manager"))
    assert len(files) > 8
    for path in files:
        with mn.open_business(path) as business:
            assert len(mn.audit(business).population) == len(ALL), path.name


def test_a_cancel_is_heard(demo: mn.Business) -> None:
    class Cancelled(Silent):
        cancelled = True

    with pytest.raises(CancelledError):
        mn.audit(demo, progress=Cancelled())


@pytest.mark.parametrize("weight", ["x", None, 1.5, True, -5, 10**30])
def test_a_weight_that_is_no_whole_number_is_refused(demo: mn.Business, weight: Any) -> None:
    with pytest.raises(SelectionError) as refused:
        mn.audit(demo, rules="duplicates", weights={"duplicates": weight})
    assert "Entered or paid twice" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("wrong", [{"rules": 5}, {"rules": [None]}, {"rules": [[]]}, {"weights": {"trail": 3}}])
def test_names_that_are_none_are_refused(demo: mn.Business, wrong: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError):
        mn.audit(demo, **wrong)
