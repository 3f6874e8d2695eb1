"""Which rows answer what a person asks of a long table."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from manager_nb.errors import SelectionError
from manager_nb.i18n import Language
from manager_nb.listing.columns import Column, plain
from manager_nb.listing.query import Filter, Query, answer, choices, day_in, number_in


def rows() -> pa.Table:
    return plain(
        pa.table(
            {
                "label": ["Invoice — 10", "invoice — 9", "Receipt — 7", None],
                "to": pa.array([["a@x.in", "b@x.in"], [], None, ["c@x.in"]], pa.list_(pa.string())),
                "amount": pa.array([Decimal("118.00"), Decimal("-2.50"), None, Decimal("40.00")]),
                "day": [dt.date(2025, 7, 1), dt.date(2025, 6, 30), None, dt.date(2025, 7, 31)],
                "time": pa.array(
                    [
                        dt.datetime(2025, 7, 31, 18, 29, tzinfo=dt.UTC),  # 23:59 in Kolkata
                        dt.datetime(2025, 7, 31, 18, 31, tzinfo=dt.UTC),  # 00:01 the next day
                        None,
                        dt.datetime(2025, 6, 30, 18, 31, tzinfo=dt.UTC),  # 1 July
                    ],
                    pa.timestamp("us", "UTC"),
                ),
                "seen": [True, False, None, True],
                "content": [b"x", b"y", b"z", None],
            }
        )
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), [0, 1, 2, 3]),
        (Query(search="INVOICE"), [0, 1]),
        (Query(search="invoice b@x"), [0]),
        (Query(search="*"), []),
        (Query(filters={"label": Filter(contains="pt — 7")}), [2]),
        (Query(filters={"label": Filter(only="invoice — 9")}), [1]),
        (Query(filters={"amount": Filter(least="-2.5", most="118")}), [0, 1, 3]),
        (Query(filters={"amount": Filter(least="-2.499")}), [0, 3]),
        (Query(filters={"day": Filter(least="2025-07-01", most="2025-07-31")}), [0, 3]),
        (Query(filters={"time": Filter(least="2025-07-01", most="2025-07-31")}, zone="Asia/Kolkata"), [0, 3]),
        (Query(filters={"time": Filter(least="2025-07-01", most="2025-07-31")}), [0, 1]),
        (Query(filters={"time": Filter(least="0001-01-01", most="9999-12-31")}, zone="Asia/Kolkata"), [0, 1, 3]),
        (Query(filters={"seen": Filter(only="no")}), [1]),
        (Query(by="label"), [0, 1, 2, 3]),
        (Query(by="amount"), [1, 3, 0, 2]),
        (Query(by="amount", descending=True), [0, 3, 1, 2]),
        (Query(by="seen"), [1, 0, 3, 2]),
        (Query(by="gone", filters={"gone": Filter(only="x")}), [0, 1, 2, 3]),
    ],
)
def test_rows_that_answer(query: Query, expected: list[int]) -> None:
    assert answer(rows(), query).to_pylist() == expected


def test_an_empty_table_answers_with_nothing() -> None:
    assert answer(rows().slice(0, 0), Query(search="x", by="label")).to_pylist() == []


def test_bytes_are_no_column_and_lists_are_words() -> None:
    assert rows().column_names == ["label", "to", "amount", "day", "time", "seen"]
    assert rows()["to"].to_pylist() == ["a@x.in, b@x.in", "", None, "c@x.in"]


def test_choices_are_those_of_few_words() -> None:
    assert choices(rows(), "label") == ["Invoice — 10", "invoice — 9", "Receipt — 7"]
    assert choices(rows(), "amount") is None
    many = pa.table({"label": [str(n) for n in range(100)]})
    assert choices(many, "label") is None


def test_numbers_and_days_as_people_type_them() -> None:
    assert number_in(" 1,18,000.50") == Decimal("118000.50")
    assert number_in("−5") == Decimal(-5)
    with pytest.raises(SelectionError, match="no number"):
        number_in("12 or so")
    assert number_in("१,१८,०००") == Decimal(118000)
    assert number_in("1 118 000") == Decimal(1118000)
    for doubtful in ("1,5", "1.250,50", "1_0", "1e9", "9" * 80, "", "1,18,00", "0x1"):
        with pytest.raises(SelectionError, match="no number"):
            number_in(doubtful)
    with pytest.raises(SelectionError, match="no number"):
        number_in("NaN")
    with pytest.raises(SelectionError, match="no day"):
        day_in("31.7.2025")


def test_values_are_told_in_the_readers_language_and_zone() -> None:
    column = Column("amount", "Amount", digits=2, words={"create": "Created"})
    assert column.told(Decimal(11800000), Language("hi"), "UTC") == "1,18,00,000.00"
    assert column.told(Decimal("12.345000000"), Language(), "UTC") == "12.345"  # a dinar has three decimals
    moment = dt.datetime(2025, 7, 31, 18, 31, tzinfo=dt.UTC)
    assert column.told(moment, Language(), "Asia/Kolkata") == "1 Aug 2025, 00:01"
    assert column.told(dt.date(2025, 7, 31), Language("hi"), "UTC") == "31 जुलाई 2025"
    assert column.told("create", Language(), "UTC") == "Created"
    assert column.told(None, Language(), "UTC") == ""


COLUMNS = (
    Column("action", "Action", words={"create": "Created", "delete": "Deleted", "update": "Changed"}),
    Column("label", "Record", heads=frozenset({"Sales Invoice", "Customer"})),
    Column("path", "Field", paths=True),
)


def told_otherwise() -> pa.Table:
    return plain(
        pa.table(
            {
                "action": ["update", "create", None, "delete"],
                "label": ["Sales Invoice — 1001", "Customer — Sales Invoices Ltd", "Customer", None],
                "path": ["Lines — Qty", "Description", None, "Due date, Description"],
            }
        )
    )


@pytest.mark.parametrize(
    ("search", "language", "expected"),
    [
        ("changed", "en", [0]),
        ("created", "en", [1]),
        ("create", "en", [1]),
        ("बनाया", "hi", [1]),
        ("create", "hi", [1]),
        ("ग्राहक", "hi", [1, 2]),
        ("बिक्री", "hi", [0]),
        ("बिक्री 1001", "hi", [0]),
        ("बिक्री 1002", "hi", []),
        ("विवरण", "hi", [1, 3]),
        ("ग्राहक", "en", []),
        ("(", "hi", []),
    ],
)
def test_words_are_found_as_the_reader_sees_them_and_as_the_file_has_them(
    search: str, language: str, expected: list[int]
) -> None:
    asked = Query(search=search, language=language)
    assert answer(told_otherwise(), asked, COLUMNS).to_pylist() == expected


def test_a_column_is_filtered_and_ordered_by_the_words_that_are_shown() -> None:
    asked = Query(filters={"label": Filter(contains="ग्राहक")}, language="hi")
    assert answer(told_otherwise(), asked, COLUMNS).to_pylist() == [1, 2]
    assert answer(told_otherwise(), Query(by="action"), COLUMNS).to_pylist() == [
        0,
        1,
        3,
        2,
    ]  # Changed, Created, Deleted
    assert answer(told_otherwise(), Query(by="action"), ()).to_pylist() == [1, 3, 0, 2]


def test_a_table_without_rows_answers_in_every_language() -> None:
    for asked in (Query(search="बनाया", language="hi"), Query(by="action", language="hi")):
        assert answer(told_otherwise().slice(0, 0), asked, COLUMNS).to_pylist() == []


def test_a_sign_is_found_however_it_is_written() -> None:
    names = plain(pa.table({"label": ["Café", "Cafe\u0301", "क़लम", "\u0958लम"]}))
    assert answer(names, Query(search="café")).to_pylist() == [0, 1]
    assert answer(names, Query(search="cafe\u0301")).to_pylist() == [0, 1]
    assert answer(names, Query(search="\u0958लम")).to_pylist() == [2, 3]


FIGURES = (Column("amount", "Amount"), Column("day", "Date"), Column("time", "When"), Column("count", "Changes"))


def moment(*day: int) -> dt.datetime:
    return dt.datetime(*day, 20, tzinfo=dt.UTC)  # type: ignore[misc]


def figures() -> pa.Table:
    return plain(
        pa.table(
            {
                "amount": [Decimal("12345.67"), Decimal("-1001.00"), Decimal("51001.50"), None],
                "day": [dt.date(2025, 9, 27), dt.date(2025, 10, 1), None, dt.date(2024, 9, 27)],
                "time": pa.array(
                    [moment(2025, 9, 26), None, moment(2025, 9, 27), moment(9999, 12, 31)],
                    pa.timestamp("us", "UTC"),
                ),
                "count": [1, 27, 3, 4],
            }
        )
    )


@pytest.mark.parametrize(
    ("search", "zone", "language", "expected"),
    [
        ("12,345.67", "UTC", "en", [0]),
        ("12345", "UTC", "en", [0]),
        ("12345.6", "UTC", "en", []),
        ("1,001", "UTC", "en", [1]),
        ("१२३४५.६७", "UTC", "en", [0]),
        ("27", "UTC", "en", [0, 1, 2, 3]),
        ("27 Sep", "UTC", "en", [0, 2, 3]),
        ("27 sep 2024", "UTC", "en", [3]),
        ("2025-09", "UTC", "en", [0, 2]),
        ("28 Sep", "UTC", "en", []),
        ("28 Sep", "Asia/Kolkata", "en", [2]),
        ("सितंबर", "UTC", "hi", [0, 2, 3]),
    ],
)
def test_figures_and_days_are_found_as_they_are_shown(
    search: str, zone: str, language: str, expected: list[int]
) -> None:
    assert answer(figures(), Query(search=search, zone=zone, language=language), FIGURES).to_pylist() == expected
