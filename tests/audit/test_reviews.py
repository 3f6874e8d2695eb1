"""Marks of review survive another run, another program and a careless hand; the evidence is left alone."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.paper import moment_of
from manager_nb.audit.reviews import Reviews, identity_of
from manager_nb.errors import ManagerNbError, NotFoundError, SourceUnreadableError, TargetUnwritableError
from manager_nb.format.turns import own_turn
from tests.crafting import altered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = dt.datetime(2026, 4, 1, 6, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def found(himalaya: Path) -> Iterator[mn.Findings]:
    with mn.open_business(himalaya) as business:
        yield mn.audit(business, rules=["no description"], letters=100)


def test_a_mark_is_found_again_after_another_run_in_another_order(
    found: mn.Findings, himalaya: Path, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "reviews.json"
    Reviews(path).mark(found, 2, by=" Asha ", note="अच्छा", at=AT)
    with mn.open_business(himalaya) as business:
        again = mn.audit(business, rules=["no description"], letters=90, zone="Asia/Kolkata")
        again.found = again.found[::-1]
    ((place, review),) = Reviews(path).of(again).items()
    assert again.found[place][1].object == found.found[2][1].object
    assert (review.by, review.note, review.at) == ("Asha", "अच्छा", "2026-04-01T06:30:00+00:00")
    assert review.same_file


def test_a_mark_for_another_state_of_the_file_says_so(found: mn.Findings, himalaya: Path, tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.json")
    reviews.mark(found, 0, by="Asha", at=AT)
    other = altered(himalaya, tmp_path / "B.manager", "DELETE FROM Emails")
    with mn.open_business(other) as business:
        again = mn.audit(business, rules=["no description"], letters=100)
    assert [review.same_file for review in reviews.of(again).values()] == [False]


def test_a_mark_can_be_changed_and_taken_away(found: mn.Findings, tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.json")
    for note in ("first", "second"):
        reviews.mark(found, 0, by="Asha", note=note, at=AT)
    assert [review.note for review in reviews.of(found).values()] == ["second"]
    reviews.unmark(found, 0)
    assert reviews.of(found) == {} == Reviews(reviews.path).of(found)
    with pytest.raises(NotFoundError):
        reviews.mark(found, len(found), by="Asha")


def test_two_who_review_at_once_keep_each_others_marks(found: mn.Findings, tmp_path: Path) -> None:
    one, two = (Reviews(tmp_path / "reviews.json") for _ in range(2))
    one.mark(found, 0, by="Asha", at=AT)
    two.mark(found, 1, by="Ravi", at=AT)
    assert {review.by for review in two.of(found).values()} == {"Asha", "Ravi"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reviews.json"]


def test_a_mark_waits_until_another_program_has_written_its_own(found: mn.Findings, tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    Reviews(path).mark(found, 0, by="Asha", at=AT)
    with own_turn(path):
        kept = json.loads(path.read_text("utf-8"))
        waiting = threading.Thread(target=lambda: Reviews(path).mark(found, 1, by="Ravi", at=AT))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        kept["reviews"]["another"] = {"by": "Meera"}
        path.write_text(json.dumps(kept), "utf-8")
    waiting.join(60)
    assert {entry["by"] for entry in json.loads(path.read_text("utf-8"))["reviews"].values()} == {
        "Asha",
        "Ravi",
        "Meera",
    }
    assert [file.name for file in tmp_path.iterdir()] == ["reviews.json"]


def test_a_turn_that_does_not_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    with own_turn(path), pytest.raises(OSError, match="unavailable"), own_turn(path, patience=0.05):
        pytest.fail("two at once")
    with own_turn(path, patience=0.05):
        pass


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_moment_without_a_zone_is_in_utc_on_every_machine(
    found: mn.Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        reviews = Reviews(tmp_path / "reviews.json")
        reviews.mark(found, 0, by="Asha", at=dt.datetime(2026, 4, 1, 6, 30))  # noqa: DTZ001 - that is the case
        reviews.path.write_text(reviews.path.read_text("utf-8").replace("06:30:00+00:00", "06:30:00"), "utf-8")
        ((_, review),) = Reviews(reviews.path).of(found).items()
        assert review.at == "2026-04-01T06:30:00+00:00"
        assert str(moment_of("2026-04-01T06:30:00", "Asia/Kolkata")) == "2026-04-01 12:00:00+05:30"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_entries_that_are_not_understood_are_passed_over_and_kept(found: mn.Findings, tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.json")
    reviews.mark(found, 0, by="Asha", at=AT)
    kept = json.loads(reviews.path.read_text("utf-8"))
    rule, finding = found.found[1]
    kept["reviews"] |= {"strange": 5, identity_of(rule.name, finding): {"by": 7, "note": None}}
    kept["remark"] = "by hand"
    reviews.path.write_text(json.dumps(kept), "utf-8")
    again = Reviews(reviews.path)
    assert [review.by for review in again.of(found).values()] == ["Asha", ""]
    again.mark(found, 2, by="Ravi", at=AT)
    now = json.loads(reviews.path.read_text("utf-8"))
    assert (now["remark"], now["reviews"]["strange"], len(now["reviews"])) == ("by hand", 5, 4)


@pytest.mark.parametrize(
    "held", [b"", b"{", b"[]", b'{"form": "other", "reviews": {}}', b"SQLite format 3\x00", b"[" * 9999]
)
def test_a_file_that_is_none_of_reviews_is_never_written_over(found: mn.Findings, tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "reviews.json"
    path.write_bytes(held)
    with pytest.raises(SourceUnreadableError):
        Reviews(path)
    path.unlink()
    reviews = Reviews(path)
    path.write_bytes(held)  # put there meanwhile
    with pytest.raises(ManagerNbError):
        reviews.mark(found, 0, by="Asha", at=AT)
    assert path.read_bytes() == held


def test_a_file_of_a_newer_version_is_read_and_not_written(found: mn.Findings, tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    Reviews(path).mark(found, 0, by="Asha", at=AT)
    text = path.read_text("utf-8").replace('"version": 1', '"version": 2')
    path.write_text(text, "utf-8")
    newer = Reviews(path)
    assert len(newer.of(found)) == 1
    with pytest.raises(TargetUnwritableError):
        newer.mark(found, 1, by="Asha", at=AT)
    assert path.read_text("utf-8") == text
