"""Which record an e-mail was about: on the demonstration businesses, and on businesses made up for one question."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as some

import manager_nb as mn
from manager_nb.audit import holders
from manager_nb.audit.books import Books
from manager_nb.audit.emailed import CERTAIN, LIKELY, MOST, POSSIBLE, Sent, changed_since, match_emails, sent_records
from manager_nb.audit.holders import Held, Holder
from manager_nb.audit.mentions import Letter, key_of, widest
from manager_nb.errors import CancelledError
from manager_nb.format.scalars import NIL
from manager_nb.progress import Silent
from tests.model.small_files import TICKS, content, guid, key, record, write
from tests.truth import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

HOUR = 36_000_000_000
CUSTOMER, OTHER, INVOICE = 1, 2, 10


def email(
    number: int,
    subject: str | None,
    *,
    to: str = "a@x.example",
    body: str = "",
    at: int | None = TICKS,
    about: str = NIL,
) -> tuple[object, ...]:
    """A row of Emails."""
    return key(900 + number), about, "Us", to, subject, body, None, None, at, 0, "u"


def change(number: int, of: int, at: int, before: bytes | None, after: bytes | None, kind: str) -> tuple[object, ...]:
    """A row of Changes."""
    kinds = [NIL if side is None else guid(kind) for side in (before, after)]
    return (key(500 + number), key(600 + number), key(of), "u", at, *kinds, before, after)


def customers(*more: tuple[object, ...]) -> list[tuple[object, ...]]:
    return [
        record(CUSTOMER, "Customer", Name="Asha", Email="A@x.example; accounts@x.example"),
        record(OTHER, "Customer", Name="Bharat", Email="b@x.example"),
        *more,
    ]


def invoice(number: int, reference: str, customer: int = CUSTOMER, kind: str = "SalesInvoice") -> tuple[object, ...]:
    party = {"Supplier" if kind.startswith("Purchase") else "Customer": key(customer)}
    return record(number, kind, Reference=reference, **party)


def told(
    tmp_path: Path,
    objects: Sequence[Sequence[object]],
    emails: Sequence[Sequence[object]],
    changes: Sequence[Sequence[object]] = (),
) -> list[tuple[str, str, str]]:
    """The number of the e-mail, of the record, the confidence."""
    file = write(tmp_path / "A.manager", objects, Emails=emails, Changes=changes)
    with mn.open_business(file) as business:
        return [(int(one.email[-4:], 16) - 900, int(one.object[-4:], 16), one.confidence) for one in sent(business)]


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def sent(business: mn.Business) -> list[Sent]:
    return sent_records(Books(business))


# ---- the demonstration businesses ------------------------------------------------------------------------------------


def test_every_e_mail_of_the_demo_is_matched_to_the_invoice_that_it_names(himalaya: Path, data: Path) -> None:
    """By the program's own decoding: every invoice that was there has the number that the subject says."""
    with mn.open_business(himalaya) as business:
        found = sent(business)
        subjects = {row["email"]: row["subject"] for row in business.emails.to_arrow().to_pylist()}
        history = business.history.to_arrow(["change", "object"]).to_pylist()
    objects = {row["change"]: row["object"] for row in history}
    numbers: dict[str, str] = {}
    for line in read_lines(data / "himalaya/truth/Himalaya Traders.decoded.jsonl"):
        values = line.get("value") or {}
        if line.get("type") == "SalesInvoice" and "Reference" in values:
            numbers[objects.get(line["key"], line["key"])] = values["Reference"]
    assert len(numbers) > 180
    assert len(found) == len({one.email for one in found}) == 73
    assert {one.confidence for one in found} == {LIKELY}
    assert [f"Invoice {numbers[one.object]}" for one in found] == [subjects[one.email] for one in found]
    (unmatched,) = subjects.keys() - {one.email for one in found}
    assert subjects[unmatched] == "<b>Statement</b>"


def test_the_planted_invoice_was_changed_after_it_was_e_mailed(himalaya: Path, data: Path) -> None:
    planted = json.loads((data / "himalaya/truth/planted.json").read_text("utf-8"))
    (fact,) = [one for one in planted if one["kind"] == "invoice changed after it was e-mailed"]
    with mn.open_business(himalaya) as business:
        books = Books(business)
        found = {one.object: changed_since(books, one) for one in sent_records(books)}
        (change,) = found[fact["object"]]
        labels = {entries[0].label for entries in found.values() if entries}
    assert (change.action, change.user, change.object) == ("update", fact["user"], fact["object"])
    assert sum(bool(entries) for entries in found.values()) == 7
    assert len(labels) == 7


def test_an_invoice_in_hindi_that_is_deleted_now_is_found_as_it_was_then(data: Path) -> None:
    with mn.open_business(data / "small/आरोही स्टोर्स (2025-04-22).manager") as business:
        books = Books(business)
        (one,) = sent_records(books)
        assert one.confidence == LIKELY
        assert one.why.told() == "Its subject says “बिल क-1”, and it went to an address recorded for राम प्रसाद."
        (gone,) = changed_since(books, one)
        assert (gone.action, gone.label) == ("delete", "Sales Invoice — क-1 — 2025-05-02")


# ---- how sure --------------------------------------------------------------------------------------------------------


def test_an_e_mail_of_an_older_version_names_its_record(tmp_path: Path) -> None:
    one = email(1, "Whatever", about=key(INVOICE).upper())
    assert told(tmp_path, customers(invoice(INVOICE, "7")), [one]) == [(1, INVOICE, CERTAIN)]


@pytest.mark.parametrize(
    ("subject", "body", "to", "confidence"),
    [
        ("Invoice 1001", "", "a@x.example", LIKELY),
        ("Invoice 1001", "", "who@ever.example", LIKELY),
        ("INVOICE NO. 1001", "", "b@x.example", LIKELY),
        ("बिल संख्या १००१", "", "a@x.example", LIKELY),
        ("Tax invoice: #1001.", "", "a@x.example", LIKELY),
        ("Your order", "<p>We send <b>Sales Invoice</b> 1001</p>", "", LIKELY),
        ("1001", "<p>Your invoice is attached</p>", "accounts@x.example", LIKELY),
        ("1001", "<p>Your invoice is attached</p>", "b@x.example", POSSIBLE),
        ("1001", "", "who@ever.example", POSSIBLE),
        ("Hello", "<p>About 1001, please</p>", "a@x.example", POSSIBLE),
        ("Hello", "<p>About 1001, please</p>", "b@x.example", None),
        ("Order 1001", "", "a@x.example", None),
        ("Invoice 10010", "", "a@x.example", None),
        ("Invoice 11001", "", "a@x.example", None),
        ("Invoice 1,001", "", "a@x.example", None),
        ("Invoice 1001.50", "", "a@x.example", None),
        ("Invoice over ₹1001", "", "a@x.example", None),
        ("Invoice over Rs. 1001", "", "a@x.example", None),
        ("Invoice A1001", "", "a@x.example", None),
        ("Invoice 2025/1001", "", "a@x.example", None),
        ("Statement", "", "a@x.example", None),
        (None, "", "", None),
    ],
)
def test_how_sure_it_is(tmp_path: Path, subject: str | None, body: str, to: str, confidence: str | None) -> None:
    found = told(tmp_path, customers(invoice(INVOICE, "1001")), [email(1, subject, body=body, to=to)])
    assert found == ([] if confidence is None else [(1, INVOICE, confidence)])


def test_of_two_with_one_number_the_address_decides_and_else_both_are_possible(tmp_path: Path) -> None:
    objects = customers(invoice(10, "7"), invoice(11, "7", OTHER))
    mails = [email(1, "Invoice 7", at=TICKS + 2, to="b@x.example"), email(2, "Invoice 7", at=TICKS, to="who@x.example")]
    assert told(tmp_path, objects, mails) == [(1, 11, LIKELY), (2, 10, POSSIBLE), (2, 11, POSSIBLE)]


def test_of_several_kinds_with_one_number_the_word_decides(tmp_path: Path) -> None:
    objects = customers(invoice(10, "7"), invoice(11, "7", kind="SalesOrder"), invoice(12, "7", kind="PurchaseInvoice"))
    mails = [
        email(1, "Order 7", at=TICKS + 3),
        email(2, "Invoice 7", at=TICKS + 2),
        email(3, "purchase invoice 7", at=TICKS + 1, to=""),
    ]
    assert told(tmp_path, objects, mails) == [(1, 11, LIKELY), (2, 10, LIKELY), (3, 12, POSSIBLE)]


def test_several_invoices_in_one_e_mail_are_all_named(tmp_path: Path) -> None:
    objects = customers(invoice(10, "7"), invoice(11, "8"), invoice(12, "INV-9"), invoice(13, "9"))
    one = email(1, "Invoices 7, 8 and INV-9")
    assert told(tmp_path, objects, [one]) == [(1, 10, LIKELY), (1, 11, LIKELY), (1, 12, LIKELY)]


def test_a_number_that_too_many_share_names_none(tmp_path: Path) -> None:
    objects = customers(*(invoice(10 + number, "1") for number in range(MOST + 1)))
    assert told(tmp_path, objects, [email(1, "Invoice 1")]) == []
    assert len(told(_folder(tmp_path / "B"), objects[:-1], [email(1, "Invoice 1")])) == MOST


# ---- as it was then --------------------------------------------------------------------------------------------------


def test_a_record_made_later_or_deleted_before_is_not_meant(tmp_path: Path) -> None:
    blob = content("SalesInvoice", Reference="7", Customer=key(CUSTOMER))
    changes = [
        change(1, 10, TICKS, None, blob, "SalesInvoice"),
        change(2, 10, TICKS + 10 * HOUR, blob, None, "SalesInvoice"),
        change(3, 11, TICKS + 20 * HOUR, None, blob, "SalesInvoice"),
    ]
    mails = [email(number, "Invoice 7", at=TICKS + at * HOUR) for number, at in ((1, 25), (2, 15), (3, 5), (4, -1))]
    objects = customers((key(11), guid("SalesInvoice"), blob, 0))
    assert told(tmp_path, objects, mails, changes) == [(1, 11, LIKELY), (3, 10, LIKELY)]


def test_a_record_is_known_by_the_number_and_the_address_that_it_had_then(tmp_path: Path) -> None:
    old, new = (content("SalesInvoice", Reference=name, Customer=key(CUSTOMER)) for name in ("7", "8"))
    was, now = (content("Customer", Name="Asha", Email=name) for name in ("old@x.example", "new@x.example"))
    changes = [
        change(1, 10, TICKS + 10 * HOUR, old, new, "SalesInvoice"),
        change(2, CUSTOMER, TICKS + 10 * HOUR, was, now, "Customer"),
    ]
    objects = [(key(10), guid("SalesInvoice"), new, 0), (key(CUSTOMER), guid("Customer"), now, 0)]
    mails = [
        email(1, "Invoice 8", at=TICKS + 11 * HOUR, to="new@x.example"),
        email(2, "Invoice 7", at=TICKS + 11 * HOUR, to="old@x.example"),
        email(3, "7 (invoice)", at=TICKS, to="old@x.example"),
        email(4, "7 (invoice)", at=TICKS - 1, to="new@x.example"),
    ]
    assert told(tmp_path, objects, mails, changes) == [(1, 10, LIKELY), (3, 10, LIKELY), (4, 10, LIKELY)]
    with mn.open_business(tmp_path / "A.manager") as business:
        found = {one.email: one for one in sent(business)}
        assert "no address that is recorded for Asha" in found[key(904)].why.told()
        books = Books(business)
        assert [entry.change for entry in changed_since(books, found[key(903)])] == [key(501)]
        assert changed_since(books, found[key(901)]) == ()


def test_where_the_clock_was_set_back_the_links_tell_what_came_after(tmp_path: Path) -> None:
    a, b, c = (content("SalesInvoice", Reference="7", Description=text) for text in "abc")
    changes = [
        change(1, 10, TICKS, None, a, "SalesInvoice"),
        change(2, 10, TICKS + 10 * HOUR, a, b, "SalesInvoice"),
        change(3, 10, TICKS + 5 * HOUR, b, c, "SalesInvoice"),
    ]
    file = write(
        tmp_path / "A.manager",
        [(key(10), guid("SalesInvoice"), c, 0)],
        Changes=changes,
        Emails=[email(1, "Invoice 7", at=TICKS + HOUR)],
    )
    with mn.open_business(file) as business:
        books = Books(business)
        (one,) = sent_records(books)
        assert [entry.change for entry in changed_since(books, one)] == [key(502), key(503)]


# ---- damage ----------------------------------------------------------------------------------------------------------


def test_rows_without_anything_and_files_without_tables_are_no_trouble(tmp_path: Path) -> None:
    nothing = (key(901), *[None] * 10)
    timeless = email(2, "Invoice 7", at=None)
    found = told(tmp_path, [invoice(10, "7"), (key(11), guid("SalesInvoice"), b"\xff\xff", None)], [timeless, nothing])
    assert found == [(2, 10, POSSIBLE)]
    for without in (["Changes"], ["Emails"], ["Objects"]):
        file = write(tmp_path / f"{without[0]}.manager", [], without=without)
        with mn.open_business(file) as business:
            assert sent(business) == []
    with mn.open_business(tmp_path / "A.manager") as business:
        books = Books(business)
        assert [changed_since(books, one) for one in sent_records(books)] == [()]


def test_records_are_read_once_for_their_numbers_and_once_for_their_addresses(himalaya: Path) -> None:
    class Counting(Silent):
        steps: ClassVar[list[str]] = []

        def start(self, step: str, total: int | None = None) -> None:
            self.steps.append(step)

    with mn.open_business(himalaya) as business:
        match_emails(business, Counting())
    assert Counting.steps.count("Reading references") == 2 * 3  # now, before and after each change


def test_of_a_number_that_thousands_have_only_kinds_that_answer_are_gone_through(tmp_path: Path) -> None:
    looked: list[str] = []

    class Watched(Held):
        def of_type(self, name: str, ticks: int | None) -> Iterator[Holder]:
            looked.append(name)
            return super().of_type(name, ticks)

    objects = [(key(10), guid("SalesInvoice"), content("SalesInvoice", Reference="7"), 0)]
    objects += [(key(20 + n), guid("JournalEntry"), content("JournalEntry", Reference="7"), 0) for n in range(50)]
    file = write(tmp_path / "A.manager", objects, Emails=[email(1, "Invoice 7", at=TICKS)])
    with mn.open_business(file) as business, pytest.MonkeyPatch.context() as patch:
        patch.setattr(holders, "Held", Watched)
        (one,) = sent_records(Books(business))
    assert one.object == key(10)
    assert set(looked) == {"SalesInvoice"}


def test_a_cancel_is_heeded(himalaya: Path) -> None:
    class Cancelled(Silent):
        cancelled = True

    with mn.open_business(himalaya) as business, pytest.raises(CancelledError):
        sent_records(Books(business, progress=Cancelled()))


# ---- what a text names -----------------------------------------------------------------------------------------------

WORDS = some.text(some.sampled_from("abIN 17९०-/.,#₹बिल\n"), max_size=30)


@given(WORDS, some.integers(1, 99_999))
def test_a_number_within_a_longer_number_is_never_named(text: str, number: int) -> None:
    for longer in (f"{number}0", f"1{number}"):
        found = Letter(f"Invoice {longer}").mentions({key_of(str(number))})
        assert list(found) == []
    whole = Letter(f"{text} invoice {number} {text}")
    assert f"invoice {number}" in [one.words for one in widest(whole.mentions({key_of(str(number))}))]


@given(WORDS)
def test_any_text_is_read_and_what_it_names_stands_in_it(text: str) -> None:
    letter = Letter(text)
    references: set[Any] = {tuple(letter.words[first : first + 2]) for first in range(len(letter.words))}
    for mention in letter.mentions(references | {(word,) for word in letter.words}):
        assert tuple(letter.words[mention.first : mention.last + 1]) == mention.key
        assert mention.words.split()[0] in text


def test_digits_and_letters_of_all_scripts_are_compared_alike() -> None:
    assert key_of("INV-१०१") == key_of("ｉｎｖ 101") == ("inv", "101")
    assert key_of(" – ") == ()
