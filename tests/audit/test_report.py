"""The working paper: everything that was found, told so that it can be recomputed and repeated, and harmless."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.audit import paper_excel, paper_page
from manager_nb.audit.lots import lot
from manager_nb.audit.reviews import Reviews
from manager_nb.audit.sampling import draw_sample
from manager_nb.errors import BusinessNameError, CancelledError, SourceError, TargetExistsError
from manager_nb.format import sheets as excel
from manager_nb.format.scalars import datetime_to_ticks
from manager_nb.i18n import Language
from manager_nb.model.secrets import MASK
from manager_nb.progress import Silent
from tests.audit.papers import Page, sheets
from tests.model.small_files import record, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ZONE = "Asia/Kolkata"
HOSTILE = '=HYPERLINK("http://x")\x07\u202eevil<script>alert(1)</script>'


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


@pytest.fixture(scope="module")
def found(demo: mn.Business) -> mn.Findings:
    """So long a description is asked for that every journal entry is found."""
    return mn.audit(demo, rules=["no description"], zone=ZONE, letters=100)


def test_both_papers_repeat_to_the_byte_and_overwrite_nothing(found: mn.Findings, tmp_path: Path) -> None:
    for ending in ("xlsx", "html"):
        first, second = (found.export(tmp_path / f"{name}.{ending}") for name in "ab")
        assert first.read_bytes() == second.read_bytes()
        with pytest.raises(TargetExistsError):
            found.export(first)
        assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "a.xlsx", "b.html", "b.xlsx"]


def test_every_finding_is_there_with_its_record_dates_times_and_rows(
    demo: mn.Business, found: mn.Findings, tmp_path: Path
) -> None:
    book = sheets(found.export(tmp_path / "a.xlsx"))
    head, *rows = book["Findings"]
    entries = demo.records("JournalEntry").to_arrow(["key", "label"]).to_pylist()
    assert len(rows) == len(found) == len(entries) > 0
    assert [row[head.index("Number")] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    history = {row["object"]: row for row in demo.history.to_arrow().to_pylist() if row["action"] == "create"}
    page = Page(found.export(tmp_path / "a.html"))
    here = head.index("Time (India Time)")
    evidence = {row[0]: row for row in page.tables["Evidence"][1:]}
    for row, told, (_, finding) in zip(rows, page.findings(), found.found, strict=True):
        made = history[finding.object]
        assert row[head.index("Record")] == made["label"]
        assert made["label"] in told["What was found"]
        named = [evidence[number][2].split("\n")[-1] for number in told["Evidence"].split(", ")]
        assert named == list(finding.evidence)
        assert row[head.index("User")] == made["user"]
        assert int(row[head.index("Date of the document")]) == (made["date"] - dt.date(1899, 12, 30)).days
        local = made["time"].astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
        days = (local.replace(tzinfo=None) - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)  # noqa: DTZ001
        assert float(row[here]) == pytest.approx(days, abs=1e-8)
        assert float(row[here]) - float(row[here + 1]) == pytest.approx(5.5 / 24, abs=1e-6)
        assert told["Time (India Time)"] == Language("en").datetime(local, seconds=True)
        assert row[head.index("Evidence")] == "\n".join(finding.evidence)


def test_a_test_tells_its_population_numbers_parameters_and_why(found: mn.Findings, tmp_path: Path) -> None:
    head, row = sheets(found.export(tmp_path / "a.xlsx"))["Tests"]
    (rule,) = (one.rule for one in found.examined)
    told = dict(zip(head, row, strict=False))
    assert (told["Test"], told["Why"]) == (rule.title, rule.why)
    assert (told["Tested"], told["Findings"]) == (str(found.examined[0].tested.count), str(len(found)))
    assert told["Population"] == found.population.to_arrow()["population"][0].as_py()
    assert told["Parameters"].endswith(": 100")
    assert told["Weight"] == str(found.weights[rule.name])


def test_the_evidence_tells_each_change_field_by_field(demo: mn.Business, tmp_path: Path) -> None:
    rows = demo.history.to_arrow().to_pylist()
    chosen = next(row for row in rows if row["type"] == "EmailSettings" and row["action"] == "update")
    found = crafted(demo, f"Changes {chosen['change']}", f"Objects {chosen['object']}", "Objects nothing", "odd")
    head, *told = sheets(found.export(tmp_path / "a.xlsx"))["Evidence"][1:]
    of_change = [dict(zip(head, row, strict=False)) for row in told if row[0] == "Changes"]
    fields = mn.find_changes(demo, commits=[chosen["commit"]]).to_arrow()["fields_changed"][0].as_py()
    assert len(of_change) == len(fields) > 0
    assert {(row["User"], row["Action"], row["Findings"]) for row in of_change} == {(chosen["user"], "Changed", "1")}
    assert MASK in {row["After"] for row in of_change}
    of_record = [dict(zip(head, row, strict=False)) for row in told if row[0] == "Objects"]
    assert list(dict.fromkeys(row["Key"] for row in of_record)) == [chosen["object"], "nothing"]
    settings = {row["Field"]: row["After"] for row in of_record if row["Action"] == "Last saved"}
    assert (settings["Email address"], settings["Password"]) == ("accounts@himalaya.example", MASK)
    assert {row["What happened"] for row in of_record if row.get("Field")} == {"The record as it is"}
    assert "not in the file now" in told[-2]
    assert told[-1][0] == "odd"


def test_two_documents_of_one_number_are_told_apart_in_the_paper(demo: mn.Business, tmp_path: Path) -> None:
    """A record that is there was named without a word of what it says: nobody could weigh it from the paper alone."""
    found = mn.audit(demo, rules=["reused numbers"], zone=ZONE)
    head, *rows = sheets(found.export(tmp_path / "a.xlsx"))["Evidence"][1:]
    told = [dict(zip(head, row, strict=False)) for row in rows]
    assert [row["After"] for row in told if row["Field"] == "Date"] == ["10 May 2025", "9 May 2025"]
    page = Page(found.export(tmp_path / "a.html"))
    cells = [row[-1] for row in page.tables["Evidence"][1:]]
    assert all(f"Date: {day} May 2025" in cell for day, cell in zip((10, 9), cells, strict=True))


def crafted(business: mn.Business, *evidence: str) -> mn.Findings:
    """Findings whose only one rests on rows that are given."""
    from dataclasses import replace

    found = mn.audit(business, rules=["no description"], letters=100)
    (one,) = found.examined
    finding = replace(one.tested.findings[0], evidence=evidence)
    found.found = ((one.rule, finding),)
    return found


def test_the_call_and_the_command_that_are_told_give_the_same_again(
    demo: mn.Business, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from manager_nb.__main__ import main

    found = mn.audit(demo, rules=["no description"], zone=ZONE, letters=100, weights={"no description": 5})
    path = found.export(tmp_path / "a.html")
    summary = dict(Page(path).tables["Summary"][1:])  # type: ignore[arg-type]
    names: dict[str, Any] = {}
    call = summary["How to repeat it in Python"] + f"\n    findings.export({str(tmp_path / 'b.html')!r})"
    exec(call, names)
    assert (tmp_path / "b.html").read_bytes() == path.read_bytes()
    python, *words = shlex.split(summary["How to repeat it on the command line"])
    assert [python, *words[:2]] == ["python", "-m", "manager_nb"]
    assert main([*words[2:], "--export", str(tmp_path / "c.html")]) == 1
    assert (tmp_path / "c.html").read_bytes() == path.read_bytes()
    capsys.readouterr()


def test_the_sources_are_named_with_digest_and_size_and_the_day_only_where_given(
    demo: mn.Business, found: mn.Findings, tmp_path: Path
) -> None:
    plain, signed = tmp_path / "a.html", tmp_path / "b.html"
    found.export(plain)
    found.export(signed, prepared_by="Asha Rao", prepared_on=dt.date(2026, 4, 1))
    digest = hashlib.sha256(demo.source.path.read_bytes()).hexdigest()
    told = Page(plain).source
    assert digest in told
    assert f"{demo.source.size:,} bytes" in told
    assert f"manager_nb {mn.__version__}" in told
    assert "Prepared" not in told
    assert {"Asha Rao", "1 Apr 2026"} <= {cell for row in Page(signed).tables["Summary"] for cell in row}


def test_what_a_file_holds_does_nothing_in_either_paper(tmp_path: Path) -> None:
    file = write(tmp_path / "A.manager", [record(1, "JournalEntry", Reference=HOSTILE, Narration="", Date=None)])
    with mn.open_business(file) as business:
        found = mn.audit(business, rules=["no description"], letters=100)
        cells = [cell for row in sheets(found.export(tmp_path / "a.xlsx"))["Findings"] for cell in row]
        page = Page(found.export(tmp_path / "a.html"))
    told = next(cell for cell in cells if "HYPERLINK" in cell)
    assert "\x07" not in told
    assert "\u202e" not in told
    assert told.count("\ufffd") >= 2
    assert "<script" not in page.source
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "a", "object", "form"}
    policy = next(given["content"] for tag, given in page.tags if given.get("http-equiv"))
    style = re.search(r"<style>(.*?)</style>", page.source, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert str(policy).startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert "thead { display: table-header-group; }" in style.group(1)
    assert not any("style" in given for _, given in page.tags)


def test_a_text_too_long_for_a_cell_is_cut_and_that_is_said(tmp_path: Path) -> None:
    long = "x" * 40_000
    file = write(tmp_path / "A.manager", [record(1, "JournalEntry", Reference=long)])
    with mn.open_business(file) as business:
        found = mn.audit(business, rules=["no description"], letters=100)
        book = sheets(found.export(tmp_path / "a.xlsx"))
        page = Page(found.export(tmp_path / "a.html"))
    longest = max((cell for row in book["Findings"] for cell in row), key=len)
    assert len(longest) == excel.LONGEST
    assert longest.endswith("…")
    assert "32,767" in book["Summary"][0][0]
    assert long not in page.source
    assert f"{'x' * (paper_page.SIGNS - 20)}" in page.source


def test_more_rows_than_a_sheet_holds_go_on_in_another(
    found: mn.Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_excel, "MOST_ROWS", len(found) - 1)
    book = sheets(found.export(tmp_path / "a.xlsx"))
    assert len(book["Findings"]) == len(found)
    assert [row[0] for row in book["Findings (2)"]] == ["Number", str(len(found))]


def test_scores_marks_of_review_and_a_sample_are_in_it(demo: mn.Business, found: mn.Findings, tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.json")
    reviews.mark(found, 1, by="Asha", note="=seen, fine", at=dt.datetime(2026, 4, 1, 6, tzinfo=dt.UTC))
    sample = draw_sample(demo.amounts("PurchaseInvoice"), seed=7, size=3)
    path = found.export(tmp_path / "a.xlsx", reviews=reviews.of(found), sample=sample)
    book = sheets(path)
    head, *rows = book["Findings"]
    reviewed = [dict(zip(head, row, strict=False)) for row in rows]
    assert [row.get("Note", "") for row in reviewed[:3]] == ["", "=seen, fine", ""]
    assert (reviewed[1]["Reviewed"], reviewed[1]["Reviewed by"]) == ("yes", "Asha")
    scores = found.scores.to_arrow().to_pylist()
    assert [(row[1], row[3]) for row in book["Scores"][2:]] == [(str(one["score"]), one["object"]) for one in scores]
    keys = [row["key"] for row in sample.items.to_arrow().to_pylist()]
    assert [row[0] for row in book["Sample"][-3:]] == keys
    assert all(lot("7", one) in row for one, row in zip(keys, book["Sample"][-3:], strict=True))


def test_several_samples_are_all_in_it_each_with_its_call(
    demo: mn.Business, found: mn.Findings, tmp_path: Path
) -> None:
    rows = demo.amounts("PurchaseInvoice")
    samples = [draw_sample(rows, seed=7, size=3), draw_sample(rows, seed="x", size=2, method="monetary unit")]
    book = sheets(found.export(tmp_path / "a.xlsx", sample=samples))
    page = Page(found.export(tmp_path / "a.html", sample=samples))
    for number, sample in enumerate(samples, start=1):
        keys = sample.items.to_arrow()["key"].to_pylist()
        lines = [row[0] for row in book[f"Sample {number}"]]
        assert lines[: len(sample.told)] == sample.describe()
        assert any(
            line.startswith("    sample = mn.draw_sample(business.amounts('Purchase Invoice')") for line in lines
        )
        assert set(keys) <= set(lines)
        assert set(keys) <= {row[-1] for row in page.tables[f"Sample {number}"]}
        assert all(told.replace('"', "&quot;").replace("'", "&#x27;") in page.source for told in sample.describe())


def test_a_mark_of_review_names_the_zone_of_its_moment(found: mn.Findings, tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.json")
    reviews.mark(found, 1, by="Asha", note="seen", at=dt.datetime(2026, 4, 1, 6, tzinfo=dt.UTC))
    marks = reviews.of(found)
    head, *rows = sheets(found.export(tmp_path / "a.xlsx", reviews=marks))["Findings"]
    days = float(rows[1][head.index("Reviewed on (India Time)")])
    assert days % 1 == pytest.approx(11.5 / 24, abs=1e-6)
    page = Page(found.export(tmp_path / "a.html", reviews=marks))
    assert page.findings()[1]["Reviewed (India Time)"] == "Asha\n1 Apr 2026, 11:30\nseen"
    assert "Reviewed (India Time)" not in Page(found.export(tmp_path / "b.html")).findings()[1]  # none: no column


def test_the_page_begins_with_a_summary_has_every_test_and_says_where_it_is_short(
    demo: mn.Business, tmp_path: Path
) -> None:
    found = mn.audit(demo, zone=ZONE)
    page = Page(found.export(tmp_path / "a.html"))
    assert list(page.tables)[:2] == ["Summary", "To be filled in by hand (ISA 230, paragraph 9)"]
    assert [row[1].strip() for row in page.tables["To be filled in by hand (ISA 230, paragraph 9)"][1:]] == ["", "", ""]
    something, nothing = (page.tables[f"Tests that found {what}"][1:] for what in ("something", "nothing"))
    idle = page.tables["Tests that had nothing to test"][1:]
    assert {row[0] for row in idle} >= {"Changes after filing or reporting", "First digits (Benford)"}
    assert all(row[4] for row in idle), "a test that was not done says why"
    summary = dict(page.tables["Summary"][1:])  # type: ignore[arg-type]
    assert int(summary["Tests done"]) == len(something) + len(nothing) == len(found.examined) - len(idle)
    assert int(summary["Tests that had nothing to test"]) == len(idle)
    for one in found.examined:
        those = something if one.tested.findings else nothing if one.tested.count else idle
        (row,) = [row for row in those if row[0] == one.rule.title]
        assert row[1:3] == [one.tested.population.told(zone=ZONE), f"{one.tested.count:,}"]
        for _, value in one.parameters():
            assert (value or "none given") in row[3]
        assert (one.rule.title in page.tables) == bool(one.tested.findings)
    assert len(page.findings()) == len(found)
    rows = {row[0]: row for row in page.tables["Evidence"][1:]}
    assert len(rows) == len({row for _, finding in found.found for row in finding.evidence})
    long = [row[-1] for row in rows.values() if "more field" in row[-1]]
    assert long
    assert all(len(cell.split("\n")) == paper_page.FIELDS + 1 for cell in long)
    where = dict(page.tables["Summary"][1:])["Where the rest is"]  # type: ignore[arg-type]
    assert "The paper for Excel of the same run has everything in full" in where
    assert "size: A4 portrait" in page.source


def test_it_speaks_hindi_with_the_names_of_the_file(found: mn.Findings, tmp_path: Path) -> None:
    hindi = Language("hi")
    book = sheets(found.export(tmp_path / "a.xlsx", language="hi"))
    assert set(book) == {hindi.text(name) for name in ("Summary", "Tests", "Findings", "Evidence", "Scores")}
    page = Page(found.export(tmp_path / "a.html", language="hi"))
    assert '<html lang="hi"' in page.source
    label = found.about(found.found[0][1].object).label
    assert label is not None
    assert label.replace("Journal Entry", hindi.text("Journal Entry")) in page.source


def test_another_ending_a_closed_business_and_a_cancel_leave_nothing(himalaya: Path, tmp_path: Path) -> None:
    class Cancelled(Silent):
        cancelled = True

    with mn.open_business(himalaya) as business:
        found = mn.audit(business, rules=["no description"], letters=100)
        with pytest.raises(BusinessNameError):
            found.export(tmp_path / "a.pdf")
        with pytest.raises(CancelledError):
            found.export(tmp_path / "a.html", progress=Cancelled())
    with pytest.raises(SourceError):
        found.export(tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_an_audit_that_found_nothing_makes_a_paper_too(tmp_path: Path) -> None:
    with mn.open_business(write(tmp_path / "A.manager")) as business:
        found = mn.audit(business, rules=["no description"])
        book = sheets(found.export(tmp_path / "a.xlsx"))
        page = Page(found.export(tmp_path / "a.html"))
    assert len(book["Findings"]) == 1
    assert book["Tests"][1][4:6] == ["0", "0"]
    assert "There are none." in page.source


def test_a_moment_that_no_calendar_has_is_told_as_ticks(tmp_path: Path) -> None:
    from manager_nb.audit.paper import moment

    assert moment(1 << 62, "UTC") == f"{1 << 62} ticks"
    assert moment(None, "UTC") is None
    assert str(moment(datetime_to_ticks(dt.datetime(2025, 7, 1, tzinfo=dt.UTC)), "UTC")).startswith("2025-07-01")
