"""The e-mails table tells what was sent, by whom, to whom."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from manager_nb.model.business import open_business
from manager_nb.model.emails import split_recipients
from tests.model.small_files import TICKS, key, write

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.model.business import Business


def test_e_mails_are_those_of_the_program_s_list_newest_first(traders: Business, data: Path) -> None:
    listed = json.loads((data / "himalaya/truth/lists.json").read_text("utf-8"))["emails"]["emails"]
    ours = traders.emails.to_arrow().to_pylist()
    assert len(ours) == len(traders.emails) == 74
    told = [
        (f"{row['time']:%Y-%m-%dT%I:%M:%SZ}", row["recipients"], row["subject"], "Viewed" if row["seen"] else "Sent")
        for row in ours
    ]
    assert told == [
        (twelve_hours(row["timestamp"]), row["recipient"].split(";"), row["subject"], row["status"]) for row in listed
    ]


def twelve_hours(moment: str) -> str:
    """The program's own lists print some times on a 12-hour clock."""
    return f"{dt.datetime.fromisoformat(moment):%Y-%m-%dT%I:%M:%SZ}"


def test_an_e_mail_tells_its_words(traders: Business) -> None:
    (last,) = traders.emails.page(0, 1).to_pylist()
    assert last["body_text"] == "Dear customer,\nPlease find invoice 1193 attached.\nधन्यवाद"
    assert (last["user"], last["sender"], last["object"]) == ("आशा वर्मा", "Himalaya Traders Pvt Ltd", None)
    assert last["size"] == 110
    assert last["time"] == dt.datetime(2026, 3, 27, 6, 56, 3, 204882, dt.UTC)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@x.example; b@y.example", ["a@x.example", "b@y.example"]),
        (" a@x.example ,b@y.example;; ", ["a@x.example", "b@y.example"]),
        ("", []),
        (None, []),
    ],
)
def test_recipients_are_separated_by_semicolon_or_comma(text: str | None, addresses: list[str]) -> None:
    assert split_recipients(text) == addresses


def test_bodies_from_outside_are_never_rendered(tmp_path: Path) -> None:
    evil = "<p>Pay now</p><script>steal()</script><img src='https://spy.example/x' onerror=steal()>"
    rows = [
        (key(1), key(9), "S", "a@x.example", None, evil, "<b>file</b>", "f.pdf", TICKS, 1, "u"),
        (key(2), None, None, None, None, None, None, None, None, None, None),
    ]
    with open_business(write(tmp_path / "a.manager", Emails=rows)) as business:
        first, second = business.emails.to_arrow().to_pylist()
    assert first["body_text"] == "Pay now"
    assert (first["object"], first["seen"], first["size"]) == (key(9), True, len(evil) + 11)
    assert (second["body_text"], second["recipients"], second["seen"], second["size"]) == (None, [], None, 0)
    assert second["time"] is None
