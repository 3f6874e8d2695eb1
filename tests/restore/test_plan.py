"""A plan says what comes back, what comes along and why, and what stands against it; making it writes nothing."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.search import deleted_records
from manager_nb.errors import NotFoundError, SelectionError
from manager_nb.format.scalars import NIL
from manager_nb.i18n import Language
from manager_nb.restore.plan import DEPENDANTS, FORCE, ONLY_FREE
from tests.evidence import untouched
from tests.model.small_files import TICKS, content, guid, key, record, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CUSTOMER, INVOICE = "019a2617-24fb-79f2-84b6-f7dd85c12ec5", "019a2622-aea2-7df8-a7fe-ef1783087885"
BEFORE_THE_LOSS = dt.datetime(2025, 10, 27, 15, 20, tzinfo=dt.UTC)
BATCH = "01998bc5-13da-74ac-b06d-1c97d3e8e5a2"
SECOND = 10_000_000


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


@pytest.fixture(scope="module")
def past(demo: mn.Business) -> Iterator[mn.PastBusiness]:
    with demo.as_at(BEFORE_THE_LOSS) as business:
        yield business


def actions(plan: mn.RestorePlan) -> dict[str, str]:
    return {row["object"]: row["action"] for row in plan.actions.to_arrow().to_pylist()}


def conflicts(plan: mn.RestorePlan) -> set[tuple[str, str, bool]]:
    return {(row["object"], row["conflict"], row["stops"]) for row in plan.conflicts.to_arrow().to_pylist()}


def change(number: int, subject: int, before: bytes | None, after: bytes | None, **facts: object) -> tuple[object, ...]:
    """A row of Changes about a Customer, or about what `kind` says; each in a commit of its own, a second apart."""
    kind, user, commit = (facts.get(name) for name in ("kind", "user", "commit"))
    types = [NIL if side is None else guid(str(kind or "Customer")) for side in (before, after)]
    return (
        key(9000 + number),
        commit or key(8000 + number),
        key(subject),
        user or "ravi",
        TICKS + number * SECOND,
        *types,
        before,
        after,
    )


def test_the_planted_loss_comes_back_with_what_it_needs(demo: mn.Business, past: mn.Business, himalaya: Path) -> None:
    with untouched(himalaya):
        plan = mn.plan_restore(demo, past, mn.Selection(keys=[INVOICE]))
    rows = plan.actions.to_arrow().to_pylist()
    assert [(row["object"], row["action"], row["depth"]) for row in rows] == [
        (INVOICE, "create", 0),
        (CUSTOMER, "create", 1),
    ]
    assert "needs it (Customer)" in rows[1]["reason"]
    assert conflicts(plan) == {(INVOICE, "locked period", False)}
    assert not plan.undecided


def test_control_totals_are_those_of_the_programs_own_lists(demo: mn.Business, past: mn.Business, data: Path) -> None:
    lists = json.loads((data / "himalaya/truth/lists.json").read_text("utf-8"), parse_float=Decimal)
    plan = mn.plan_restore(demo, past, mn.Selection.everything())
    rows = {(row["name"], row["currency"]): row for row in plan.totals.to_arrow().to_pylist()}
    for account in lists["bank-and-cash-accounts"]["bankAndCashAccounts"]:
        told = next((row for (name, _), row in rows.items() if name.endswith(account["name"])), None)
        balance = account["actualBalance"]
        assert (told["sum_before"] if told else 0) == balance["value"]
    invoices = lists["sales-invoices"]["salesInvoices"]
    for currency in ("INR", "USD"):
        amounts = [one["invoiceAmount"]["value"] for one in invoices if one["invoiceAmount"]["currency"] == currency]
        row = rows["Sales Invoice", currency]
        assert (row["count_before"], row["sum_before"]) == (len(amounts), sum(amounts))
    assert rows["Sales Invoice", "INR"]["count_after"] < rows["Sales Invoice", "INR"]["count_before"]


def test_what_was_lost_with_a_record_comes_along_where_asked_for(demo: mn.Business, past: mn.Business) -> None:
    chosen = mn.Selection(keys=[CUSTOMER.upper()])
    assert actions(mn.plan_restore(demo, past, chosen)) == {CUSTOMER: "create"}
    plan = mn.plan_restore(demo, past, chosen, mode=DEPENDANTS)
    assert actions(plan) == {CUSTOMER: "create", INVOICE: "create"}


def test_a_depth_of_zero_leaves_out_what_is_needed_and_says_so(demo: mn.Business, past: mn.Business) -> None:
    plan = mn.plan_restore(demo, past, mn.Selection(keys=[INVOICE]), depth=0)
    assert actions(plan) == {INVOICE: "conflict"}
    assert (INVOICE, "target gone", True) in conflicts(plan)
    assert plan.undecided


def test_a_batch_is_taken_back_from_history_alone(demo: mn.Business) -> None:
    plan = mn.plan_restore(demo, demo, mn.Selection(commits=[BATCH]))
    assert set(actions(plan).values()) == {"revert"}
    assert len(plan.effective) == 8
    images = {row["object"] for row in demo.history.to_arrow().to_pylist() if row["commit"] == BATCH}
    assert {step.key for step in plan.effective} == images


def test_a_users_day_is_taken_back_and_later_work_of_the_record_stands_against_it(demo: mn.Business) -> None:
    day = dt.date(2025, 10, 27)
    plan = mn.plan_restore(demo, demo, mn.Selection(users="Ravi Kumar", between=(day, day), zone="Asia/Kolkata"))
    assert actions(plan)[INVOICE] == actions(plan)[CUSTOMER] == "create"
    changed = [row for row in conflicts(plan) if row[1] == "changed since"]
    assert [actions(plan)[one] for one, _, _ in changed] == ["conflict"]
    free = mn.plan_restore(demo, demo, plan.selection, mode=ONLY_FREE)
    assert actions(free)[changed[0][0]] == "skip"
    assert not free.undecided
    forced = mn.plan_restore(demo, demo, plan.selection, mode=FORCE)
    assert actions(forced)[changed[0][0]] == "delete"


def test_everything_as_at_a_moment_predicts_that_moment(demo: mn.Business, data: Path) -> None:
    told = json.loads((data / "himalaya/truth/as_at/2025-09.json").read_text("utf-8"))
    with demo.as_at(told["ticks"]) as then:
        plan = mn.plan_restore(demo, then, mn.Selection.everything())
        assert plan.after.keys() == told["objects"].keys()
        assert not plan.undecided
        assert {one.content for one in plan.after.values()} == {content for _, _, content in then.objects()}


def test_what_was_made_since_is_taken_away_only_if_asked(demo: mn.Business, past: mn.Business) -> None:
    made = next(row["object"] for row in demo.history.to_arrow().to_pylist() if row["type"] == "SalesInvoice")
    by_type = mn.plan_restore(demo, past, mn.Selection(types=["Sales Invoice"]))
    assert actions(by_type)[made] == "skip"
    assert "delete" not in actions(by_type).values()
    assert actions(mn.plan_restore(demo, past, mn.Selection(keys=[made])))[made] in ("delete", "conflict")


def test_what_is_the_same_is_skipped(demo: mn.Business, past: mn.Business) -> None:
    same = next(key for key, _, _ in past.objects() if demo.record(key).raw == past.record(key).raw)
    plan = mn.plan_restore(demo, past, mn.Selection(keys=[same]))
    assert (actions(plan)[same], plan.effective) == ("skip", ())
    assert "Nothing would be done" in plan.describe()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_plan_in_words_names_records_reasons_and_totals(
    demo: mn.Business, past: mn.Business, language: str
) -> None:
    words = mn.plan_restore(demo, past, mn.Selection(keys=[INVOICE])).describe(language)
    assert f"{Language(language).text('Sales Invoice')} — 1111" in words
    assert ("Sales Invoice" in words) == (language == "en")
    assert "अस्थायी ग्राहक" in words
    assert {"en": "17,026,384.37 → 17,051,772.12", "hi": "1,70,26,384.37 → 1,70,51,772.12"}[language] in words
    assert ("needs it" in words) == (language == "en")
    assert {"en": "as they were at 27 Oct 2025, 15:20 (UTC)", "hi": "27 अक्टूबर 2025, 15:20"}[language] in words
    assert "25,387.75 INR" in words


def test_the_plan_in_words_says_what_changes_in_a_record(demo: mn.Business) -> None:
    words = mn.plan_restore(demo, demo, mn.Selection(commits=[BATCH])).describe(zone="Asia/Kolkata")
    assert "Purchase Invoice — P9521 — 2025-04-05 — Recoded" not in words
    assert "Description: Recoded → (empty)" in words
    assert "27 Sep 2025, 20:52 (India Time)" in words.replace("Sept", "Sep")
    assert "8 documents are dated in the period that is locked up to 31 Dec 2025" in words
    assert "What was selected:\n- Change back: Purchase Invoice — P1514 — 2025-04-10 — " in words


def test_attachments_and_payslips_are_told_apart(demo: mn.Business, past: mn.Business) -> None:
    words = mn.plan_restore(demo, past, mn.Selection.everything()).describe()
    named = [line for line in words.splitlines() if line.startswith(("- Delete: Attachment", "- Delete: Payslip"))]
    assert len(named) > 20
    assert len(set(named)) == len(named)


def test_what_belonged_to_a_record_and_does_not_come_along_is_told(demo: mn.Business, past: mn.Business) -> None:
    plan = mn.plan_restore(demo, past, mn.Selection(keys=[CUSTOMER]))
    assert conflicts(plan) == {(CUSTOMER, "left behind", False)}
    with demo.as_at(BEFORE_THE_LOSS + dt.timedelta(minutes=5)) as later:  # the invoice was gone already
        plan = mn.plan_restore(demo, later, mn.Selection(keys=[CUSTOMER]), mode=DEPENDANTS)
    assert actions(plan) == {CUSTOMER: "create"}
    assert "Sales Invoice — 1111" in plan.conflicts.to_arrow()["what"][0].as_py()
    chosen = mn.Selection(keys=[CUSTOMER, INVOICE])
    assert (CUSTOMER, "left behind", False) not in conflicts(mn.plan_restore(demo, past, chosen))


def test_what_a_record_names_already_does_not_come_along(demo: mn.Business) -> None:
    """Customers name a custom field that was deleted; changing one back must not bring that field back."""
    with demo.as_at(dt.date(2025, 4, 30)) as april:
        differing = mn.compare(april, demo).records.to_arrow().to_pylist()
        keys = [row["key"] for row in differing if row["type"] == "Customer" and row["state"] == "differing"]
        plan = mn.plan_restore(demo, april, mn.Selection(keys=keys, fields=["credit limit"]))
    assert set(actions(plan)) == set(keys)


def test_an_uncertain_past_says_so(demo: mn.Business) -> None:
    with demo.as_at(dt.date(2025, 4, 30)) as april:
        assert "records in doubt: 1" in mn.plan_restore(demo, april, mn.Selection.everything()).describe()


def test_nothing_selected_and_nonsense_are_told(demo: mn.Business, past: mn.Business) -> None:
    with pytest.raises(SelectionError, match="Nothing was selected"):
        mn.plan_restore(demo, past, mn.Selection())
    with pytest.raises(SelectionError, match="own past"):
        mn.plan_restore(demo, demo, mn.Selection(types=["Customer"]))
    with pytest.raises(SelectionError, match="no mode"):
        mn.plan_restore(demo, past, mn.Selection.everything(), mode="try")
    with pytest.raises(NotFoundError, match="no record"):
        mn.plan_restore(demo, past, mn.Selection(keys=[key(1)]))
    with pytest.raises(NotFoundError, match="no type"):
        mn.plan_restore(demo, past, mn.Selection(types=["Invoyce"]))
    with pytest.raises(NotFoundError, match="No change"):
        mn.plan_restore(demo, demo, mn.Selection(users=["nobody"]))
    with pytest.raises(NotFoundError, match="no field"):
        mn.plan_restore(demo, past, mn.Selection(keys=[_differing(demo, past)], fields=["Colour"]))


def _differing(demo: mn.Business, past: mn.Business) -> str:
    rows = mn.compare(past, demo).records.to_arrow().to_pylist()
    return next(str(row["key"]) for row in rows if row["state"] == "differing" and row["type"] == "Customer")


def test_one_field_of_one_record(tmp_path: Path) -> None:
    old, new = ({"Name": "A", "CreditLimit": Decimal(5)}, {"Name": "B", "CreditLimit": Decimal(9)})
    rows = [change(1, 1, None, content("Customer", **old)), change(2, 1, content("Customer", **old), _b(new))]
    path = write(tmp_path / "a.manager", [record(1, "Customer", TICKS + 2 * SECOND, **new)], Changes=rows)
    with mn.open_business(path) as business, business.as_at(TICKS + SECOND) as then:
        plan = mn.plan_restore(business, then, mn.Selection(keys=[key(1)], fields=["Credit limit"]))
    assert plan.after[key(1)].content == content("Customer", Name="B", CreditLimit=Decimal(5))


def _b(values: dict[str, object]) -> bytes:
    return content("Customer", **values)


def test_later_work_on_other_fields_stays_when_a_batch_is_taken_back(tmp_path: Path) -> None:
    first = {number: {"Name": f"N{number}"} for number in range(1, 31)}
    batch = {number: {**values, "CreditLimit": Decimal(99)} for number, values in first.items()}
    later = {number: {**batch[number], "Code": f"C{number}"} for number in range(1, 11)}
    rows = [change(number, number, None, _b(first[number])) for number in first]
    rows += [change(100, number, _b(first[number]), _b(batch[number]), commit=key(7)) for number in first]
    rows = [(key(500 + place), *row[1:]) for place, row in enumerate(rows)]
    rows += [change(200 + number, number, _b(batch[number]), _b(later[number]), user="asha") for number in later]
    now = {**batch, **later}
    objects = [record(number, "Customer", **now[number]) for number in now]
    with mn.open_business(write(tmp_path / "a.manager", objects, Changes=rows)) as business:
        plan = mn.plan_restore(business, business, mn.Selection(commits=[key(7)]))
        assert set(actions(plan).values()) == {"revert"}
        for number in first:
            code = {"Code": f"C{number}"} if number in later else {}
            assert plan.after[key(number)].content == _b({**first[number], **code})


def test_later_work_on_the_same_field_has_to_be_decided(tmp_path: Path) -> None:
    versions = [_b({"Name": "A"}), _b({"Name": "B"}), _b({"Name": "C"})]
    rows = [change(n, 1, before, after) for n, (before, after) in enumerate(zip([None, *versions], versions))]  # noqa: B905
    path = write(tmp_path / "a.manager", [record(1, "Customer", TICKS + 2 * SECOND, Name="C")], Changes=rows)
    with mn.open_business(path) as business:
        plan = mn.plan_restore(business, business, mn.Selection(commits=[key(8001)]))
        assert conflicts(plan) == {(key(1), "changed since", True)}
        assert mn.plan_restore(business, business, plan.selection, mode=FORCE).after[key(1)].content == versions[0]


def test_single_changes_are_taken_back_and_no_others_of_the_same_actions_or_records(tmp_path: Path) -> None:
    """Two deletions are chosen; the action of the second, and the time between both, hold other changes of them."""
    a, b, c, d = (_b({"Name": name}) for name in "ABCD")
    rows = [
        change(1, 1, None, a),
        change(2, 1, a, b, commit=key(7)),
        change(3, 1, b, None),
        change(4, 2, None, c),
        change(5, 2, c, d),
        change(6, 2, d, None, commit=key(7)),
    ]
    with mn.open_business(write(tmp_path / "a.manager", Changes=rows)) as business:
        plan = mn.plan_restore(business, business, mn.Selection(changes=[key(9003), key(9006).upper()]))
        assert not plan.undecided
        assert {one: plan.after[one].content for one in (key(1), key(2))} == {key(1): b, key(2): d}
        with pytest.raises(NotFoundError):
            mn.plan_restore(business, business, mn.Selection(changes=[key(1)]))


@pytest.mark.parametrize("ticks", [(1, 10, 3, 4), (1, 10, 11, 12), (5, 5, 5, 5)], ids=["set back", "right", "equal"])
def test_a_record_that_was_deleted_twice_comes_back_from_its_last_deletion(
    tmp_path: Path, ticks: tuple[int, ...]
) -> None:
    a, b = _b({"Name": "A"}), _b({"Name": "B"})
    images = [(None, a), (a, None), (None, b), (b, None)]
    rows = [change(number, 1, *sides) for number, sides in enumerate(images)]
    rows = [(*row[:4], TICKS + at * SECOND, *row[5:]) for row, at in zip(rows, ticks, strict=True)]
    with mn.open_business(write(tmp_path / "a.manager", Changes=rows)) as business:
        (gone,) = deleted_records(business).to_arrow().to_pylist()
        plan = mn.plan_restore(business, business, mn.Selection(changes=[gone["change"]]))
        assert actions(plan) == {key(1): "create"}
        assert not plan.undecided


def test_a_record_deleted_since_is_told(tmp_path: Path) -> None:
    a, b = _b({"Name": "A"}), _b({"Name": "B"})
    rows = [change(1, 1, None, a), change(2, 1, a, b), change(3, 1, b, None, user="meera")]
    with mn.open_business(write(tmp_path / "a.manager", Changes=rows)) as business:
        plan = mn.plan_restore(business, business, mn.Selection(commits=[key(8002)]))
        told = plan.conflicts.to_arrow().to_pylist()
    assert [(row["conflict"], row["stops"]) for row in told] == [("target gone", True)]
    assert "meera" in told[0]["what"]


def test_a_number_that_is_taken_by_now_is_told(tmp_path: Path) -> None:
    date = dt.date(2025, 4, 1)
    old = content("SalesInvoice", Reference="7", IssueDate=date)
    rows = [change(1, 1, old, None, kind="SalesInvoice")]
    objects = [record(2, "SalesInvoice", Reference="7", IssueDate=date)]
    with mn.open_business(write(tmp_path / "a.manager", objects, Changes=rows)) as business:
        plan = mn.plan_restore(business, business, mn.Selection(users=["ravi"]))
    assert conflicts(plan) == {(key(1), "number reused", True)}


def test_a_reference_to_what_is_nowhere_is_told_and_not_hidden(tmp_path: Path) -> None:
    invoice = content("SalesInvoice", Reference="7", Customer=key(40))
    rows = [change(1, 1, invoice, None, kind="SalesInvoice")]
    with mn.open_business(write(tmp_path / "a.manager", Changes=rows)) as business:
        plan = mn.plan_restore(business, business, mn.Selection(users=["ravi"]))
        assert conflicts(plan) == {(key(1), "target gone", True)}
        assert key(40) in plan.conflicts.to_arrow()["what"][0].as_py()
        assert actions(mn.plan_restore(business, business, plan.selection, mode=ONLY_FREE)) == {key(1): "skip"}


def test_what_others_name_is_not_taken_away_unasked(tmp_path: Path) -> None:
    rows = [change(1, 1, None, _b({"Name": "A"}))]
    objects = [record(1, "Customer", TICKS + SECOND, Name="A"), record(2, "SalesInvoice", Customer=key(1))]
    with mn.open_business(write(tmp_path / "a.manager", objects, Changes=rows)) as business:
        plan = mn.plan_restore(business, business, mn.Selection(users=["ravi"]))
    assert conflicts(plan) == {(key(1), "in use", True)}


def test_records_that_name_each_other_come_back_together(tmp_path: Path) -> None:
    first = content("SalesInvoice", Reference="1", SalesOrder=key(2))
    second = content("SalesOrder", Reference="2", SalesQuote=key(1))
    rows = [change(1, 1, first, None, kind="SalesInvoice"), change(2, 2, second, None, kind="SalesOrder", user="asha")]
    with mn.open_business(write(tmp_path / "a.manager", Changes=rows)) as business:
        plan = mn.plan_restore(business, business, mn.Selection(users=["ravi"]))
    assert actions(plan) == {key(1): "create", key(2): "create"}


def test_what_needs_a_skipped_record_is_skipped_too(tmp_path: Path) -> None:
    rows = [
        change(1, 1, content("SalesQuote", Reference="Q", IssueDate=dt.date(2025, 4, 1)), None, kind="SalesQuote"),
        change(2, 2, content("SalesOrder", Reference="O", SalesQuote=key(1)), None, kind="SalesOrder"),
        change(3, 3, content("SalesInvoice", Reference="I", SalesOrder=key(2)), None, kind="SalesInvoice"),
        change(4, 4, _b({"Name": "A"}), None),
    ]
    objects = [record(5, "SalesQuote", Reference="Q", IssueDate=dt.date(2025, 4, 1))]
    with mn.open_business(write(tmp_path / "a.manager", objects, Changes=rows)) as business:
        plan = mn.plan_restore(business, business, mn.Selection(users=["ravi"]), mode=ONLY_FREE)
    assert actions(plan) == {key(1): "skip", key(2): "skip", key(3): "skip", key(4): "create"}


def customer(**fields: object) -> bytes:
    return content("Customer", **fields)


def test_what_was_changed_outside_between_two_changes_is_not_taken_along(tmp_path: Path) -> None:
    """Ravi changed the name, somebody else did without a row in History, then Asha changed the e-mail."""
    rows = [
        change(1, 50, None, customer(Name="A")),
        change(2, 50, customer(Name="A"), customer(Name="B")),
        change(3, 50, customer(Name="OUTSIDE"), customer(Name="OUTSIDE", Email="x@y.in"), user="asha"),
    ]
    now = [record(50, "Customer", TICKS, Name="OUTSIDE", Email="x@y.in")]
    path = write(tmp_path / "a.manager", now, Changes=rows)
    with mn.open_business(path) as business:
        for chosen in ([key(8002)], [key(8002), key(8003)]):
            plan = mn.plan_restore(business, business, mn.Selection(commits=chosen))
            assert conflicts(plan) == {(key(50), "changed since", True)}
            assert plan.effective == ()
        free = mn.plan_restore(business, business, mn.Selection(commits=[key(8003)]))
        assert free.after[key(50)].content == customer(Name="OUTSIDE")


@pytest.mark.parametrize("mode", [FORCE, ONLY_FREE])
def test_single_fields_never_take_away_or_bring_back_a_whole_record(tmp_path: Path, mode: str) -> None:
    rows = [
        change(1, 50, None, customer(Name="A")),
        change(2, 51, None, customer(Name="B")),
        change(3, 51, customer(Name="B"), None),
        change(4, 52, None, content("Supplier", Name="S", Email="s@x.in"), kind="Supplier"),
    ]
    now = [record(50, "Customer", TICKS, Name="A"), record(52, "Customer", TICKS, Name="S")]
    path = write(tmp_path / "a.manager", now, Changes=rows)
    with (
        mn.open_business(path) as business,
        business.as_at(TICKS) as before,
        business.as_at(TICKS + 2 * SECOND) as then,
    ):
        made_since = mn.plan_restore(business, before, mn.Selection(keys=[key(50)], fields=["Email"]), mode=mode)
        gone = mn.plan_restore(business, then, mn.Selection(keys=[key(51)], fields=["Email"]), mode=mode)
        for plan in (made_since, gone):
            assert plan.effective == ()
            assert "Single fields cannot be brought back" in plan.describe()
    with mn.open_business(path) as business, business.as_at(TICKS + 4 * SECOND) as then:
        other = mn.plan_restore(business, then, mn.Selection(keys=[key(52)], fields=["Email"]), mode=mode)
        assert other.effective == ()


def test_a_name_cannot_forge_a_line_of_the_plan(tmp_path: Path) -> None:
    name = "x\n- Delete: everything \x1b[2J\u202e"
    rows = [change(1, 50, None, customer(Name=name)), change(2, 50, customer(Name=name), None)]
    path = write(tmp_path / "a.manager", [], Changes=rows)
    with mn.open_business(path) as business:
        words = mn.plan_restore(business, business, mn.Selection(commits=[key(8002)])).describe()
    assert "\n- Delete" not in words
    assert not {"\x1b", "\u202e"} & set(words)


def invoice(number: str, **fields: object) -> bytes:
    return content("SalesInvoice", Reference=number, **fields)


def sold(number: int, subject: int, before: bytes | None, after: bytes | None) -> tuple[object, ...]:
    return change(number, subject, before, after, kind="SalesInvoice")


def test_a_number_is_taken_also_where_a_document_gets_its_old_one_back(tmp_path: Path) -> None:
    rows = [
        sold(1, 50, None, invoice("1001")),
        sold(2, 50, invoice("1001"), invoice("2001")),
        sold(3, 51, None, invoice("1001")),
    ]
    now = [record(50, "SalesInvoice", TICKS, Reference="2001"), record(51, "SalesInvoice", TICKS, Reference="1001")]
    path = write(tmp_path / "a.manager", now, Changes=rows)
    with mn.open_business(path) as business:
        plan = mn.plan_restore(business, business, mn.Selection(commits=[key(8002)]))
        assert conflicts(plan) == {(key(50), "number reused", True)}


@pytest.mark.parametrize("made", [1, 4])
def test_a_number_that_two_had_before_is_taken_by_nobody(tmp_path: Path, made: int) -> None:
    """The second was there before the first was deleted, or was made afterwards."""
    rows = [
        sold(2, 50, None, invoice("1001")),
        sold(3, 50, invoice("1001"), None),
        sold(made, 51, None, invoice("1001")),
    ]
    path = write(tmp_path / "a.manager", [record(51, "SalesInvoice", TICKS, Reference="1001")], Changes=rows)
    with mn.open_business(path) as business:
        plan = mn.plan_restore(business, business, mn.Selection(commits=[key(8003)]))
        assert conflicts(plan) == (set() if made == 1 else {(key(50), "number reused", True)})


def test_everything_is_never_stopped_by_numbers_that_were_double_then(demo: mn.Business) -> None:
    with demo.as_at(dt.date(2025, 9, 30)) as then:
        back = mn.plan_restore(then, demo, mn.Selection.everything())
        assert back.undecided == ()
        assert {key: one.content for key, one in back.after.items()} == {
            key.lower(): content for key, _, content in demo.objects()
        }


def test_the_backup_of_another_business_is_refused(himalaya: Path, data: Path) -> None:
    stranger = next((data / "small").glob("*(2025-04-22).manager"))
    with pytest.raises(SelectionError, match="is another business"):
        mn.plan_restore(himalaya, stranger, mn.Selection.everything())
    earlier = next((data / "himalaya" / "earlier").glob("*.manager"))
    assert mn.plan_restore(himalaya, earlier, mn.Selection(types=["Customer"])).steps
