"""Bringing records back as a person does it: by clicking, with nothing but what the page says."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

import manager_nb as mn
from tests.browser.acting import add_cell, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    Open = Callable[[str], Page]

CUSTOMER, INVOICE = "Customer — TEMP - अस्थायी ग्राहक", "Sales Invoice — 1111 — 2025-10-25"


def panel_of(page: Page, name: str = "Bring records back") -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def bring_back(panel: Locator) -> None:
    panel.get_by_role("button", name="Show the plan").click()
    expect(panel.get_by_role("heading", name="3. The plan")).to_be_focused()
    sign_and_apply(panel)


def sign_and_apply(panel: Locator) -> None:
    panel.get_by_label("Your name").fill("Meera Shah")
    panel.get_by_label("Reason").fill("Deleted by mistake")
    panel.get_by_role("button", name="Bring back", exact=True).click()
    expect(panel.get_by_role("heading", name="The records are back, in a new file")).to_be_focused()


def made_in(home: Path) -> Path:
    (made,) = (home / "Manager backups").glob("*.manager.tar")
    return made


def objects_of(business: mn.Business) -> dict[str, tuple[str, bytes]]:
    return {key: (kind, content) for key, kind, content in business.objects()}


def test_who_deleted_a_customer_and_bring_it_back_with_invoice_and_attachment(open_notebook: Open, home: Path) -> None:
    source = mn.demonstration()
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    page = open_notebook("20_restore.ipynb")
    panel = panel_of(page)
    row = panel.get_by_role("row").filter(has_text="अस्थायी ग्राहक")
    expect(row).to_contain_text("Ravi Kumar")
    row.get_by_role("checkbox").check()
    expect(panel.get_by_text("1 ticked")).to_be_visible()
    panel.get_by_role("button", name="Show the plan").click()
    panel.get_by_role("button", name="Bring that along too").click()
    expect(panel.get_by_text(f"Bring back: {INVOICE}")).to_be_visible()
    expect(panel.get_by_role("heading", name="3. The plan")).to_be_focused()
    assert violations(page) == []
    sign_and_apply(panel)
    assert violations(page) == []
    with mn.open_business(source) as old, mn.open_business(made_in(home)) as new:
        was, now = objects_of(old), objects_of(new)
        back = now.keys() - was.keys()
        assert {new.record(key).label for key in back} == {CUSTOMER, INVOICE}
        assert {key: now[key] for key in was} == was
        files = new.attachments.to_arrow(["attachment", "object", "state", "sha256"]).to_pylist()
        (attached,) = [one for one in files if one["object"] in back]
        assert attached["state"] == "present"
        assert hashlib.sha256(new.attachment_bytes(attached["attachment"])).hexdigest() == attached["sha256"]
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before


def test_a_batch_is_undone_and_nothing_since_is_touched(open_notebook: Open, home: Path) -> None:
    page = open_notebook("20_restore.ipynb")
    panel = panel_of(page)
    panel.get_by_role("radio", name="Undo what somebody did").check()
    panel.get_by_role("button", name="Filters").click()
    panel.get_by_label("When (UTC), from").fill("2025-09-27")
    panel.get_by_label("When (UTC), to").fill("2025-09-27")
    panel.get_by_label("Changes, from").fill("5")
    row = panel.get_by_role("row").filter(has_text="P4798")
    expect(panel.get_by_text("Rows 1–1 of 1")).to_be_visible()
    row.get_by_role("checkbox").check()
    bring_back(panel)
    with mn.open_business(mn.demonstration()) as old, mn.open_business(made_in(home)) as new:
        was, now = objects_of(old), objects_of(new)
        actions = mn.commits_of(old).to_arrow().to_pylist()
        batch = next(one["commit"] for one in actions if one["changes"] == 8)
        touched = {one["object"] for one in mn.find_changes(old, commits=[batch]).to_arrow().to_pylist()}
        assert {key for key in was if was[key] != now[key]} == touched
        assert was.keys() == now.keys()
        assert len(mn.commits_of(new)) == len(actions) + 1


def test_the_whole_business_as_at_a_day_in_hindi(open_notebook: Open, home: Path) -> None:
    page = open_notebook("20_restore.ipynb")
    panel_of(page).get_by_role("radio", name="हिन्दी").check()
    panel = panel_of(page, "रिकॉर्ड वापस लाएँ")
    panel.get_by_role("radio", name="जैसा किसी क्षण पर था").check()
    panel.get_by_label("दिन", exact=True).fill("2025-09-30")
    panel.get_by_role("button", name="देखें कि क्या अलग है").click()
    panel.get_by_role("checkbox", name="सब कुछ: पूरा व्यापार वैसा हो जाए जैसा तब था").check()
    panel.get_by_role("button", name="योजना दिखाएँ").click()
    expect(panel.get_by_role("heading", name="3. योजना")).to_be_focused()
    panel.get_by_label("आपका नाम").fill("मीरा शाह")
    panel.get_by_label("कारण").fill("सितंबर की स्थिति चाहिए")
    panel.get_by_role("button", name="वापस लाएँ", exact=True).click()
    expect(panel.get_by_role("heading", name="रिकॉर्ड वापस आ गए, एक नई फ़ाइल में")).to_be_focused()
    made = made_in(home)
    with mn.open_business(mn.demonstration()) as old, mn.open_business(made) as new:
        with old.as_at(dt.date(2025, 9, 30)) as past:
            assert objects_of(new) == objects_of(past)
        assert len(new.history) > len(old.history)
    journal = json.loads(made.with_name(made.name + ".restore.json").read_text("utf-8"))
    assert journal["user"] == "मीरा शाह"


def test_two_panels_choose_and_plan_each_for_itself(open_notebook: Open, home: Path) -> None:
    page = open_notebook("20_restore.ipynb")
    add_cell(page, "from manager_nb.widgets import demonstration\nsecond = RestorePanel(demonstration())\nsecond")
    panels = panel_of(page)
    expect(panels).to_have_count(2)
    one, other = panels.nth(0), panels.nth(1)
    other.get_by_role("row").filter(has_text="R69").get_by_role("checkbox").check()
    expect(other.get_by_text("1 ticked")).to_be_visible()
    expect(one.get_by_text("0 ticked")).to_be_visible()
    one.get_by_role("row").filter(has_text="PV-GHOST").get_by_role("checkbox").check()
    other.get_by_role("button", name="Show the plan").click()
    expect(other.get_by_text("Bring back: Receipt — R69")).to_be_visible()
    expect(one.get_by_role("heading", name="3. The plan")).to_have_count(0)
    one.get_by_role("radio", name="Undo what somebody did").check()
    expect(other.get_by_role("radio", name="What was deleted")).to_be_checked()
    expect(other.get_by_role("heading", name="3. The plan")).to_be_visible()
    bring_back(other)
    expect(one.get_by_text("First tick what you want back.")).to_be_visible()
    with mn.open_business(mn.demonstration()) as old, mn.open_business(made_in(home)) as new:
        back = objects_of(new).keys() - objects_of(old).keys()
        assert {new.record(key).label for key in back} == {"Receipt — R69"}
