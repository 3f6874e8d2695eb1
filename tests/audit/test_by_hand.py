"""The figures of a working paper, recomputed from the fixture with plain SQL and the program's own decoding of it.

Nothing of the package is used but to write the paper: what an auditor can do with ``sqlite3`` and a pocket calculator.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import math
import sqlite3
import statistics
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import manager_nb as mn
from tests.audit.papers import sheets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTHING = "00000000-0000-0000-0000-000000000000"
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
SEED, SIZE = "by hand", 7


class Change(NamedTuple):
    """A row of Changes, its time in India."""

    key: str
    commit: str
    object: str
    user: str
    time: dt.datetime
    made: bool
    gone: bool


class Paper:
    """The sheets of the paper."""

    def __init__(self, path: Path) -> None:
        self.book = sheets(path)

    def rows(self, sheet: str) -> list[dict[str, str]]:
        """The rows of a sheet by their headings, which follow its words."""
        lines = self.book[sheet]
        top = next(place for place, line in enumerate(lines) if len(line) > 1)
        head = lines[top]
        return [dict(zip(head, [*line, *[""] * len(head)], strict=False)) for line in lines[top + 1 :]]

    def tested(self, title: str) -> tuple[int, int]:
        """How many a test looked at, and how many findings it had."""
        (row,) = [row for row in self.rows("Tests") if row["Test"] == title]
        return int(row["Tested"]), int(row["Findings"])

    def evidence(self, title: str) -> list[list[str]]:
        """The rows that each finding of a test rests on."""
        return [row["Evidence"].split("\n") for row in self.rows("Findings") if row["Test"] == title]


@pytest.fixture(scope="module")
def paper(himalaya: Path, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    path = tmp_path_factory.mktemp("paper") / "a.xlsx"
    with mn.open_business(himalaya) as business:
        found = mn.audit(business, zone="Asia/Kolkata", letters=20)
        sample = mn.draw_sample(business.amounts("Purchase Invoice"), seed=SEED, size=SIZE)
        found.export(path, sample=sample)
    return Paper(path)


@pytest.fixture(scope="module")
def database(himalaya: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"{himalaya.as_uri()}?mode=ro", uri=True)) as opened:
        yield opened


@pytest.fixture(scope="module")
def changes(database: sqlite3.Connection) -> list[Change]:
    rows = database.execute(
        'SELECT "Key", "Commit", "Object", "User", "Timestamp", "ContentTypeBefore", "ContentTypeAfter"'
        ' FROM "Changes" ORDER BY "Timestamp"'
    )
    begin = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
    return [
        Change(
            *row[:4],
            (begin + dt.timedelta(microseconds=row[4] // 10)).astimezone(INDIA),
            *(one == NOTHING for one in row[5:]),
        )
        for row in rows
    ]


@pytest.fixture(scope="module")
def decoded(data: Path) -> list[dict[str, Any]]:
    """Every object as the program itself decodes it."""
    lines = (data / "himalaya" / "truth" / "Himalaya Traders.decoded.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line, parse_float=Decimal) for line in lines]
    return [row for row in rows if row["table"] == "Objects"]


def test_the_digest_and_the_size_are_those_of_the_file(paper: Paper, himalaya: Path) -> None:
    told = dict(row[:2] for row in paper.book["Summary"])["File"].split("\n")
    data = himalaya.read_bytes()
    assert told == [str(himalaya), f"SHA-256 {hashlib.sha256(data).hexdigest()}", f"{len(data):,} bytes"]


def test_deleted_records(paper: Paper, database: sqlite3.Connection, changes: list[Change]) -> None:
    there = {key for (key,) in database.execute('SELECT "Key" FROM "Objects"')}
    last = {change.object: change for change in changes}
    gone = [change for key, change in last.items() if change.gone and key not in there]
    assert paper.tested("Deleted records") == (len(last), len(gone))
    assert sorted(rows[0] for rows in paper.evidence("Deleted records")) == sorted(f"Changes {one.key}" for one in gone)
    assert len(gone) == 10


def test_created_and_deleted_by_one_person_within_a_day(paper: Paper, changes: list[Change]) -> None:
    made = {change.object: change for change in changes if change.made}
    pairs = [(made[change.object], change) for change in changes if change.gone and change.object in made]
    hits = [
        (first, last) for first, last in pairs
        if first.user == last.user and last.time - first.time <= dt.timedelta(hours=24)
    ]  # fmt: skip
    assert paper.tested("Created and deleted by one person") == (len(pairs), len(hits)) == (10, 1)
    ((first, last),) = hits
    assert set(paper.evidence("Created and deleted by one person")[0]) == {
        f"Changes {one.key}" for one in (first, last)
    }


def test_many_records_changed_at_once(paper: Paper, changes: list[Change]) -> None:
    commits: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        commits[change.commit].append(change)
    many = [rows for rows in commits.values() if sum(not one.made for one in rows) >= 5]
    assert paper.tested("Many records changed at once") == (len(commits), len(many)) == (773, 1)
    assert set(paper.evidence("Many records changed at once")[0]) == {f"Changes {one.key}" for one in many[0]}


def test_outside_the_hours_and_days_of_work(paper: Paper, changes: list[Change]) -> None:
    first: dict[str, Change] = {}
    for change in changes:
        first.setdefault(change.commit, change)
    (hours,) = [row["Parameters"] for row in paper.rows("Tests") if row["Test"] == "Outside the hours of work"]
    assert hours.endswith("09:00-22:00")
    late = [one for one in first.values() if not dt.time(9) <= one.time.time() < dt.time(22)]
    sunday = [one for one in first.values() if one.time.weekday() == 6]
    for title, some in (("Outside the hours of work", late), ("On days off", sunday)):
        assert paper.tested(title) == (len(first), len(some))
        assert {row for rows in paper.evidence(title) for row in rows} == {f"Changes {one.key}" for one in some}
    assert (len(late), len(sunday)) == (3, 1)


def test_who_history_names(paper: Paper, database: sqlite3.Connection, changes: list[Change]) -> None:
    counts = Counter(change.user for change in changes)
    users = {*counts, *(user for (user,) in database.execute('SELECT "User" FROM "Emails"'))}
    assert paper.tested("Who History names") == (len(users), 1)
    (told,) = [row["What was found"] for row in paper.rows("Findings") if row["Test"] == "Who History names"]
    assert f"Administrator ({counts['Administrator']}) and administrator ({counts['administrator']})" in told


def test_journal_entries_with_little_description(paper: Paper, decoded: list[dict[str, Any]]) -> None:
    entries = [row for row in decoded if row["type"] == "JournalEntry"]
    short = [row for row in entries if sum(map(str.isalpha, row["value"].get("Narration", ""))) < 20]
    assert paper.tested("No description, or a poor one") == (len(entries), len(short))
    assert 0 < len(short) <= len(entries)
    named = {row for rows in paper.evidence("No description, or a poor one") for row in rows}
    assert {f"Objects {row['key']}" for row in short} == named


def test_the_score_of_the_extreme_amount(paper: Paper, decoded: list[dict[str, Any]]) -> None:
    """Most journal entries are of 25,000: the median distance is 0, and the paper says what takes its place."""
    entries = [row for row in decoded if row["type"] == "JournalEntry"]
    totals = [sum(float(line.get("Debit", 0)) for line in row["value"]["Lines"]) for row in entries]
    middle = statistics.median(totals)
    away = [abs(math.log(total / middle)) for total in totals]
    score = math.log(max(totals) / middle) / (1.253314 * statistics.mean(away))
    (told,) = [row for row in paper.rows("Findings") if row["Test"] == "Extreme amounts"]
    assert (
        f"the middle amount of its kind is {middle:,.2f} and its modified z-score {score:.2f}."
        in told["What was found"]
    )
    (row,) = [row for row in paper.rows("Tests") if row["Test"] == "Extreme amounts"]
    assert "divided by 1.253314 times the mean of all distances" in row["Notes"]


def test_the_scores_are_the_sums_of_the_weights_of_the_same_paper(paper: Paper) -> None:
    weights = {row["Test"]: int(row["Weight"]) for row in paper.rows("Tests")}
    tests: dict[str, set[str]] = defaultdict(set)
    for row in paper.rows("Findings"):
        for record in row["Record"].split("\n"):
            tests[record].add(row["Test"])
    for row in paper.rows("Scores"):
        assert int(row["Score"]) == sum(weights[test] for test in tests[row["Record"]])
    assert len(paper.rows("Scores")) > 20


def test_the_sample_is_the_smallest_digests(paper: Paper, decoded: list[dict[str, Any]]) -> None:
    keys = [row["key"] for row in decoded if row["type"] == "PurchaseInvoice"]
    lots = {hashlib.sha256(f"{SEED}:{key}".encode()).hexdigest(): key for key in keys}
    drawn = [row for row in paper.rows("Sample") if row["Why"] == "drawn by lot"]
    assert [(row["Lot"], row["Key"]) for row in drawn] == sorted(lots.items())[:SIZE]
