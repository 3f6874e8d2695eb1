"""What a server cannot take exactly is refused before it is asked; what others need is written first."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb import errors
from manager_nb.format.schema import REVISION, SCHEMA
from manager_nb.format.wire import write_tag, write_varint
from manager_nb.model.held import held
from manager_nb.restore.plan import FORCE
from manager_nb.server.live_checks import require_same_revision, require_unchanged, require_writable
from manager_nb.server.live_order import in_order
from tests.model.small_files import TICKS, content, guid, key, record, write

if TYPE_CHECKING:
    from pathlib import Path

    Row = tuple[object, ...]

NEWER = write_tag(900, 0) + write_varint(7)


def row(number: int, type_name: str, raw: bytes) -> Row:
    return key(number), guid(type_name), raw, TICKS


def planned(folder: Path, now: list[Row], then: list[Row], **choices: Any) -> mn.RestorePlan:
    """What becomes of everything that differs between two files; a customer is in both."""
    both = record(1, "Customer", Name="In both")
    files = [write(folder / f"{name}.manager", [both, *rows]) for name, rows in (("now", now), ("then", then))]
    businesses = [mn.open_business(file) for file in files]
    return mn.plan_restore(businesses[0], businesses[1], mn.Selection.everything(), **choices)


def obsolete() -> str:
    return next(kind.name for kind in SCHEMA.types() if kind.obsolete)


def minus_zero() -> tuple[str, bytes]:
    """A record with a minus before a zero: nobody knows whether it would arrive."""
    fields = ((kind, field) for kind in SCHEMA.types() if not kind.obsolete for field in kind.fields.values())
    kind, field = next((kind, field) for kind, field in fields if field.type == "decimal" and field.nullable)
    return kind.name, content(kind.name, **{field.name: Decimal("-0.00")})


@pytest.mark.parametrize(
    ("now", "then", "why"),
    [
        ([], [row(2, "Customer", content("Customer", Name="A") + NEWER)], "has fields that the server would lose"),
        ([], [row(2, "Customer", content("Customer", Name="A") * 2)], "exactly as it was"),
        ([], [row(2, "Customer", b"\x0a\x05A")], "exactly as it was"),
        ([], [row(2, *minus_zero())], "exactly as it was"),
        ([], [(key(2), key(3), b"", TICKS)], "offers no way to write records like"),
        ([], [row(2, obsolete(), b"")], "offers no way to write records like"),
        ([record(2, "Customer", Name="A")], [record(2, "Supplier", Name="A")], "a record of another type"),
        ([], [(guid("BaseCurrency"), guid("BaseCurrency"), b"", TICKS)], "is a setting"),
        ([(guid("BaseCurrency"), guid("BaseCurrency"), b"", TICKS)], [], "is a setting"),
        ([], [(guid("SalesInvoice"), guid("SalesInvoice"), b"", TICKS)], "is a setting"),
    ],
    ids=[
        *("unknown field", "field twice", "broken", "minus zero", "unknown type", "older type", "another type"),
        *("setting made", "setting taken away", "form made"),
    ],
)
def test_what_a_server_cannot_take_exactly_is_refused(
    tmp_path: Path, now: list[Row], then: list[Row], why: str
) -> None:
    with pytest.raises(errors.SelectionError, match=why) as caught:
        require_writable(planned(tmp_path, now, then, mode=FORCE))
    assert "Nothing was written" in caught.value.hint


def test_what_it_can_take_is_not_refused(tmp_path: Path) -> None:
    made, form = record(2, "Customer", Name="A"), guid("SalesInvoice")
    before, after = content("SalesInvoice"), content("SalesInvoice", Reference="1")
    require_writable(planned(tmp_path, [(form, form, before, TICKS)], [(form, form, after, TICKS), made]))
    (tmp_path / "again").mkdir()
    require_writable(planned(tmp_path / "again", [row(2, "Customer", content("Customer") + NEWER)], []))  # deleted


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    plan = planned(tmp_path, [], [record(2, "Customer", Name="A")])
    newer = write(tmp_path / "newer.manager", [], revision=REVISION + 1)
    with pytest.warns(mn.NewerSchemaWarning), mn.open_business(newer) as fresh, pytest.raises(errors.SelectionError):
        require_same_revision(plan, fresh, "newer")


def test_what_else_changed_does_not_matter(tmp_path: Path) -> None:
    plan = planned(tmp_path, [], [record(2, "Customer", Name="A")])
    with mn.open_business(write(tmp_path / "fresh.manager", [record(9, "Supplier", Name="New")])) as fresh:
        there = {**plan.before, key(9): held(fresh.objects())[key(9)]}
        require_unchanged(plan, there, fresh.source.path)
        there[key(2)] = plan.after[key(2)]
        with pytest.raises(errors.ConflictError):
            require_unchanged(plan, there, fresh.source.path)


def test_what_others_need_is_made_first_and_what_others_name_goes_last(tmp_path: Path) -> None:
    now = [
        record(20, "Customer", Name="Goes"),
        record(21, "SalesInvoice", Customer=key(20), Reference="G"),
        record(30, "Customer", Name="Now"),
    ]
    then = [
        record(10, "SalesInvoice", Customer=key(12), Reference="A"),
        record(11, "Receipt", Reference="R", Lines=[{"AccountsReceivableSalesInvoice": key(10)}]),
        record(12, "Customer", Name="Comes", BillingAddress="x"),
        record(30, "Customer", Name="Then"),
    ]
    order = [(step.action, step.key) for step in in_order(planned(tmp_path, now, then, mode=FORCE).effective)]
    made = [one for action, one in order if action == "create"]
    assert made.index(key(12)) < made.index(key(10)) < made.index(key(11))
    assert [one for one in order if one[0] != "create"] == [
        ("revert", key(30)),
        ("delete", key(21)),
        ("delete", key(20)),
    ]
    assert [action for action, _ in order[:3]] == ["create"] * 3


def test_records_that_name_each_other_have_an_order_too(tmp_path: Path) -> None:
    then = [
        record(2, "Customer", Name="A", Division=key(4)),
        record(3, "Customer", Name="B", Division=key(3)),
        record(4, "SalesInvoice", Customer=key(2), Reference="1"),
    ]
    order = [step.key for step in in_order(planned(tmp_path, [], then).effective)]
    assert sorted(order) == [key(2), key(3), key(4)]


@pytest.mark.parametrize(("selected", "last"), [(4, 4), (2, 2)])
def test_in_a_circle_what_was_selected_comes_after_what_it_brought_along(
    tmp_path: Path, selected: int, last: int
) -> None:
    circle = [
        record(2, "Customer", Name="A", Division=key(4)),
        record(4, "SalesInvoice", Customer=key(2), Reference="1"),
    ]
    both = record(1, "Customer", Name="In both")
    files = [write(tmp_path / f"{name}.manager", [both, *rows]) for name, rows in (("now", []), ("then", circle))]
    now, then = (mn.open_business(file) for file in files)
    order = [step.key for step in in_order(mn.plan_restore(now, then, mn.Selection(keys=[key(selected)])).effective)]
    assert len(order) == 2
    assert order[-1] == key(last)
