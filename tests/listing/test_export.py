"""What is exported is what was there, and does nothing when it is opened."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manager_nb.errors import CancelledError, DiskFullError, ManagerNbError, SelectionError
from manager_nb.format import sheets
from manager_nb.listing import export
from manager_nb.listing.export import export_table
from manager_nb.progress import Silent

if TYPE_CHECKING:
    from pathlib import Path


MOMENT = dt.datetime(2025, 7, 31, 18, 29, 5, 250000, tzinfo=dt.UTC)


def rows() -> pa.Table:
    return pa.table(
        {
            "label": ["=1+1", "-Ravi", "अस्थायी ग्राहक", None],
            "amount": pa.array([Decimal("-118.50"), Decimal("12345678901234567.89"), None, Decimal("0.00")]),
            "day": [dt.date(2025, 7, 1), dt.date(1899, 1, 1), None, None],
            "time": pa.array(
                [dt.datetime(2025, 7, 31, 18, 29, 5, 250000, tzinfo=dt.UTC)] * 4, pa.timestamp("us", "UTC")
            ),
            "count": [1, -2, None, 4],
            "seen": [True, False, None, True],
        }
    )


def cells(path: Path) -> str:
    with zipfile.ZipFile(path) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_csv_holds_every_value_exactly_and_no_formula(tmp_path: Path) -> None:
    path = export_table(rows(), tmp_path / "new", "History", "csv", titles=["क", "b", "c", "d", "e", "f"])
    assert path == tmp_path / "new" / "History.csv"
    raw = path.read_bytes()
    assert raw.startswith("\ufeffक".encode())
    read = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert read[0] == ["क", "b", "c", "d (UTC)", "e", "f"]
    assert read[1] == ["'=1+1", "-118.50", "2025-07-01", "2025-07-31 18:29:05.250000", "1", "True"]
    assert read[2][:3] == ["'-Ravi", "12345678901234567.89", "1899-01-01"]
    assert read[3] == ["अस्थायी ग्राहक", "", "", "2025-07-31 18:29:05.250000", "", ""]


def test_excel_holds_texts_as_texts_and_money_that_it_would_round_as_text(tmp_path: Path) -> None:
    path = export_table(rows(), tmp_path, "History", "xlsx")
    sheet = cells(path)
    assert "<f>" not in sheet
    assert re.search(r'<c r="A2" t="inlineStr"><is><t>=1\+1</t></is></c>', sheet)
    assert "<v>-118.50</v>" in sheet
    assert "<t>12345678901234567.89</t>" in sheet
    assert "<t>1899-01-01</t>" in sheet
    assert sheet.count("<row ") == 5


def test_parquet_is_the_table(tmp_path: Path) -> None:
    path = export_table(rows(), tmp_path, "History", "parquet")
    assert pq.read_table(path).equals(rows())


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_the_same_rows_make_the_same_bytes_under_the_next_free_name(tmp_path: Path, kind: str) -> None:
    first, second = (export_table(rows(), tmp_path, "a/b", kind) for _ in range(2))
    assert [first.name, second.name] == [f"a_b.{kind}", f"a_b(2).{kind}"]
    assert first.read_bytes() == second.read_bytes()


def test_a_cancel_leaves_nothing(tmp_path: Path) -> None:
    class Stopped(Silent):
        cancelled = True

    for kind in export.FORMATS:
        with pytest.raises(CancelledError):
            export_table(rows(), tmp_path, "History", kind, progress=Stopped())
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_holds_are_refused_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 3)
    with pytest.raises(SelectionError, match="holds 3 rows, and these are 4"):
        export_table(rows(), tmp_path, "History", "xlsx")
    with pytest.raises(ManagerNbError, match="no export to pdf"):
        export_table(rows(), tmp_path, "History", "pdf")
    assert list(tmp_path.iterdir()) == []


def test_moments_are_told_in_the_zone_that_the_heading_names(tmp_path: Path) -> None:
    path = export_table(rows().select(["time"]), tmp_path, "History", "csv", zone="Asia/Kolkata")
    assert path.read_text("utf-8-sig").splitlines()[:2] == ["time (Asia/Kolkata)", "2025-07-31 23:59:05.250000+05:30"]
    sheet = cells(export_table(rows().select(["time"]), tmp_path, "History", "xlsx", zone="Asia/Kolkata"))
    assert "time (Asia/Kolkata)" in sheet
    serial = (dt.date(2025, 7, 31) - dt.date(1899, 12, 30)).days  # how Excel counts days
    assert re.search(rf"<v>{serial}\.9993", sheet)  # 23:59:05
    kept = pq.read_table(export_table(rows().select(["time"]), tmp_path, "History", "parquet", zone="Asia/Kolkata"))
    assert kept["time"][0].as_py() == MOMENT


def test_a_moment_that_no_clock_of_the_zone_shows_is_told_in_utc(tmp_path: Path) -> None:
    last = pa.table({"time": pa.array([dt.datetime.max.replace(tzinfo=dt.UTC)], pa.timestamp("us", "UTC"))})
    path = export_table(last, tmp_path, "End", "csv", zone="Asia/Kolkata")
    assert path.read_text("utf-8-sig").splitlines()[1] == "9999-12-31 23:59:59.999999"


def test_a_text_of_signs_beyond_the_first_plane_is_cut_where_excel_counts_it_as_too_long(tmp_path: Path) -> None:
    sheet = cells(export_table(pa.table({"a": ["\U0001f600" * 20_000]}), tmp_path, "Signs", "xlsx"))
    (told,) = re.findall("<t>(.*?)</t>", sheet)[-1:]
    assert told == "\U0001f600" * 16_383 + "…"
    assert len(told.encode("utf-16-le")) // 2 <= 32_767


def test_columns_are_as_wide_as_what_stands_in_them(tmp_path: Path) -> None:
    sheet = cells(export_table(pa.table({"a": ["x"], "b": ["y" * 40], "c": ["z" * 400]}), tmp_path, "Wide", "xlsx"))
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)]
    assert widths[0] < 10 < 40 < widths[1] < 50 < widths[2] < 65


def test_all_rows_are_written_however_many(tmp_path: Path) -> None:
    many = pa.table({"n": pa.array(range(12_345), pa.int64())})
    path = export_table(many, tmp_path, "Many", "csv")
    assert path.read_text("utf-8-sig").splitlines()[1:] == [str(n) for n in range(12_345)]
    assert cells(export_table(many, tmp_path, "Many", "xlsx")).count("<row ") == 12_346


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_acts_in_a_spreadsheet(sign: str, tmp_path: Path) -> None:
    acting = pa.table({f"{sign}head": [f"{sign}1+1"]})
    written = export_table(acting, tmp_path, "A", "csv").read_bytes().decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert read == [[f"'{sign}head"], [f"'{sign}1+1"]]
    assert "<f>" not in cells(export_table(acting, tmp_path, "A", "xlsx"))


def test_a_cell_of_excel_holds_what_excel_can_hold(tmp_path: Path) -> None:
    held = pa.table(
        {
            "text": ["x" * 32_767, "x" * 32_768],
            "money": pa.array([Decimal("1234567890123.45"), Decimal("12345678901234.56")], pa.decimal128(38, 2)),
            "day": [dt.date(1900, 3, 1), dt.date(1900, 2, 28)],
        }
    )
    sheet = cells(export_table(held, tmp_path, "Limits", "xlsx"))
    texts = re.findall("<t>(x+…?)</t>", sheet)
    assert [len(text) for text in texts] == [32_767, 32_767]
    assert texts[1].endswith("x…")
    assert "<v>1234567890123.45</v>" in sheet
    assert "<t>12345678901234.56</t>" in sheet
    assert "<t>1900-02-28</t>" in sheet
    assert '<c r="C2" s="' in sheet
    assert "<v>61</v>" in sheet  # how Excel counts 1 March 1900


def test_a_time_without_a_zone_is_written_as_it_is(tmp_path: Path) -> None:
    naive = pa.table({"at": pa.array([dt.datetime(2025, 7, 1, 10)], pa.timestamp("us"))})  # noqa: DTZ001
    read = export_table(naive, tmp_path, "Naive", "csv", zone="Asia/Kolkata").read_text("utf-8-sig").splitlines()
    assert read == ["at", "2025-07-01 10:00:00"]


def test_a_full_disk_is_told_of_excel_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def getbuffer(self) -> memoryview:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sheets.io, "BytesIO", Full)
    with pytest.raises(DiskFullError):
        export_table(rows(), tmp_path, "Full", "xlsx")
    assert list(tmp_path.iterdir()) == []
