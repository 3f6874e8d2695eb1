"""One change of History in a panel: who, when, what; before and after."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.widgets.change_view import ChangeView
from manager_nb.widgets.panel import Panel
from tests.model.small_files import content, guid, write
from tests.model.test_history import change as history_row
from tests.restore.test_plan import BATCH, INVOICE
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from manager_nb.widgets.view import Node


class Around(Panel):
    """A panel with nothing but the view."""

    def __init__(self, language: str = "en", **told: Any) -> None:
        self.change_view = ChangeView(self, "it", **told)
        super().__init__(language=language, timezone="Asia/Kolkata")

    def title(self) -> str:
        return "Around"

    def body(self) -> Iterable[Node | None]:
        yield self.change_view.nodes()


@pytest.fixture(scope="module")
def business(himalaya: Path) -> mn.Business:
    return mn.open_business(himalaya)


def found(business: mn.Business, **asked: Any) -> list[dict[str, Any]]:
    return mn.find_changes(business, **asked).to_arrow().to_pylist()


def cells(screen: Screen) -> list[list[str]]:
    return [
        [str(part.get("words", part.get("label", ""))) for cell in row["children"] for part in cell.get("children", ())]
        for row in screen.kinds("tr")
    ]


def test_a_change_is_told_in_words_with_only_what_changed(business: mn.Business) -> None:
    (row,) = found(business, users="Ravi Kumar", types="SalesInvoice", actions="update", text="1003", field="Qty")
    panel = Around()
    assert Screen(panel).kinds("section") == []
    panel.change_view.open(business, row)
    screen = Screen(panel)
    assert screen.kinds("section")[0]["heading"] == row["label"]
    assert panel.focus == "it"
    words = screen.all_text()
    assert "Ravi Kumar changed it on 26 Jul 2025, 21:12:25 (India Time)." in words
    assert "The document is dated 5 Apr 2025. It came to 55,316.99 INR before, and to 84,762.12 INR after." in words
    qty = ["Lines — Qty", "1", "I015 - Panel 750 W", "9", "14", "Changed"]
    assert cells(screen) == [qty]
    screen.press("All fields")
    whole = cells(screen)
    assert whole[0] == qty
    same = [line for line in whole if line[-1] == "As before"]
    assert len(same) == len(whole) - 1 > 3
    assert all(line[-3] == line[-2] for line in same)
    assert ["Issue date", "", "", "5 Apr 2025", "5 Apr 2025", "As before"] in whole
    panel.language = "hi"
    assert any("5 अप्रैल 2025" in line for line in cells(screen))
    panel.language = "en"
    screen.press("Only what changed")
    assert len(cells(screen)) == 1
    screen.press("Close")
    assert screen.kinds("section") == []
    assert panel.change_view.opened is None


def test_an_inserted_line_is_one_item(tmp_path: Path) -> None:
    one, two = ({"LineDescription": text, "Qty": Decimal(1)} for text in "ab")
    kind = guid("SalesInvoice")
    images = [content("SalesInvoice", Lines=lines) for lines in ([one], [two, one])]
    rows = [history_row(1, *images, type_before=kind, type_after=kind)]
    with mn.open_business(write(tmp_path / "a.manager", (), Changes=rows)) as business:
        panel = Around()
        (row,) = business.history.to_arrow().to_pylist()
        panel.change_view.open(business, row)
        assert cells(Screen(panel)) == [["Lines", "1", "", "Line description: b; Qty: 1", "Line added"]]


def test_what_was_deleted_is_told_in_full(business: mn.Business) -> None:
    (row,) = found(business, objects=[INVOICE], actions="delete")
    panel = Around("hi")
    panel.change_view.open(business, row)
    screen = Screen(panel)
    assert "ने इसे" in screen.all_text()
    assert len(cells(screen)) > 3
    assert not screen.has("button", "सभी फ़ील्ड")  # all of it is there already


def test_an_action_is_told_as_a_unit_and_leads_on(business: mn.Business) -> None:
    asked: list[tuple[str, str]] = []
    panel = Around(
        on_commit=lambda key: asked.append(("commit", key)),
        on_record=lambda key: asked.append(("record", key)),
        closed=lambda: asked.append(("closed", "")),
    )
    row = found(business, commits=[BATCH])[0]
    panel.change_view.open(business, row, mates=8)
    screen = Screen(panel)
    assert "One save made 8 changes; this is one of them." in screen.all_text()
    screen.press("Show all of them")
    screen.press("All changes of this record")
    screen.press("Close")
    assert asked == [("commit", BATCH), ("record", row["object"]), ("closed", "")]
    panel.change_view.open(business, row)
    assert not screen.has("button", "Show all of them")


def test_a_change_that_is_not_there_is_an_error_in_its_place(business: mn.Business) -> None:
    row = {**found(business, commits=[BATCH])[0], "change": "00000000-0000-0000-0000-000000000001"}
    panel = Around()
    panel.change_view.open(business, row)
    (alert,) = Screen(panel).alerts
    assert "There is no change with the key" in alert["message"]
