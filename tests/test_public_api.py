"""The names that scripts and notebooks rely on: docs/design.md lists them, and a release does not change them."""

from __future__ import annotations

import datetime as dt
import inspect
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

import manager_nb as mn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: A function may take more, but only by keyword and with a default.
CALLS = {
    "open_business": (["path", "name"], {"name": None}),
    "suggest_name": (["business", "today"], {}),
    "create_backup": (
        ["source", "folder"],
        {"name": None, "attachments": True, "emails": True, "history": True, "compress": False, "progress": None},
    ),
    "verify_backup": (["path", "level"], {"level": "full"}),
    "import_business": (["file", "data_folder"], {"name": None, "progress": None}),
    "compare": (["a", "b"], {}),
    "audit": (["business"], {"earlier": None, "rules": None}),
    "draw_sample": (["population", "seed"], {"size": None, "method": "random"}),
    "back_up_all": (["server", "folder"], {"names": None, "attachments": True, "emails": True, "history": True}),
    "plan_restore": (["current", "past", "selection"], {"mode": "stop", "depth": None}),
    "apply_restore": (["plan", "target", "user", "reason"], {"progress": None}),
}
BY_KEYWORD = {"user", "reason", "seed"}
SERVER = {
    "__init__": ["url", "user", "password"],
    "businesses": [],
    "download": ["name", "folder"],
    "import_business": ["path"],
    "restore": ["name", "plan"],
    "history": ["name"],
    "sign_in": ["code"],
    "close": [],
}
STORE = {"businesses": [], "backups": ["business"], "fates": ["retention"], "remove": ["decided"]}
TABLES = {
    "history": "change commit time ticks user action type object label date amount fields_changed problems",
    "changes": "change path line before after kind object type time user field",
    "emails": "email time user sender recipients subject body_text object seen size",
    "attachments": "attachment name date size mime object sha256 where state",
    "images": "image object label mime size time",
    "problems": "where key part what data",
}


@pytest.fixture(scope="module")
def business(himalaya_tar: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya_tar) as opened:
        yield opened


@pytest.mark.parametrize("name", CALLS)
def test_a_public_function_is_called_as_promised(name: str) -> None:
    given = inspect.signature(getattr(mn, name)).parameters.values()
    parameters = [parameter for parameter in given if parameter.kind is not parameter.VAR_KEYWORD]
    by_place, defaults = CALLS[name]
    required = [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]
    placed = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    assert placed == [one for one in by_place if one not in BY_KEYWORD]
    assert required == [one for one in by_place if one not in defaults]
    assert {one.name: one.default for one in parameters if one.name in defaults} == defaults


@pytest.mark.parametrize("name", SERVER)
def test_a_server_is_asked_as_promised(name: str) -> None:
    _, *given = inspect.signature(getattr(mn.Server, name)).parameters.values()
    assert [one.name for one in given if one.kind is one.POSITIONAL_OR_KEYWORD] == SERVER[name]
    required = [one.name for one in given if one.kind is one.KEYWORD_ONLY and one.default is one.empty]
    assert required == (["reason", "folder"] if name == "restore" else [])
    assert name == "__init__" or inspect.getdoc(getattr(mn.Server, name))


@pytest.mark.parametrize("name", STORE)
def test_a_store_is_asked_as_promised(name: str) -> None:
    _, *given = inspect.signature(getattr(mn.Store, name)).parameters.values()
    assert [one.name for one in given if one.kind is one.POSITIONAL_OR_KEYWORD] == STORE[name]
    assert inspect.getdoc(getattr(mn.Store, name))


def test_the_backups_of_a_store_are_a_frame(business: mn.Business, tmp_path: Path) -> None:
    store = mn.Store(tmp_path)
    mn.create_backup(business, store.folder_of(business.name))
    (name,) = store.businesses()
    frame = pd.DataFrame(store.backups(name))
    assert list(frame.columns) == ["path", "business", "made", "size", "earlier", "contents", "restore", "whole"]
    assert [fate.because for fate in store.fates(mn.Retention(days=1))] == [("newest", "day", "week", "month")]


def test_every_public_name_is_there_and_explained() -> None:
    assert set(mn.__all__) >= {*CALLS, "Business", "ManagerNbError", "Record", "Table", "__version__"}
    for name in set(mn.__all__) - {"__version__"}:
        assert inspect.getdoc(getattr(mn, name)), name


def test_a_backup_is_suggested_the_name_and_the_day(business: mn.Business) -> None:
    assert mn.suggest_name(business, dt.date(2026, 4, 1)) == "Himalaya Traders (2026-04-01)"


def test_every_error_of_the_family_is_a_manager_nb_error_with_a_hint() -> None:
    with pytest.raises(mn.ManagerNbError) as caught:
        mn.open_business("nowhere.manager")
    assert caught.value.hint
    assert caught.value.message
    assert caught.value.path is not None


def test_a_business_tells_its_name_revision_and_source(business: mn.Business, himalaya_tar: Path) -> None:
    assert (business.name, business.schema_revision) == ("Himalaya Traders (2026-03-27)", 419)
    source = business.source
    assert (source.path, source.kind, source.size) == (himalaya_tar, "manager.tar", himalaya_tar.stat().st_size)
    assert len(source.sha256) == 64


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_its_fixed_columns(business: mn.Business, name: str) -> None:
    table = getattr(business, name)
    assert list(table.columns) == TABLES[name].split()
    arrow, frame = table.to_arrow(), table.to_pandas()
    assert isinstance(arrow, pa.Table)
    assert isinstance(frame, pd.DataFrame)
    assert arrow.column_names == list(frame.columns) == list(table.columns)
    assert len(table) == len(arrow) == len(frame)


def test_the_summary_counts_every_object(business: mn.Business) -> None:
    summary = business.summary()
    assert list(summary.columns) == ["type", "label", "count"]
    assert summary["count"].sum() == 695
    assert set(business.types()) >= {"SalesInvoice", "Customer"}


def test_records_of_a_type_are_a_table_and_one_is_a_record(business: mn.Business) -> None:
    invoices = business.records("SalesInvoice")
    key = invoices.to_arrow(["key"])["key"][0].as_py()
    record = business.record(key)
    assert isinstance(record, mn.Record)
    assert (record.key, record.type) == (key, "SalesInvoice")
    assert record.fields["Lines"]
    assert isinstance(record.raw, bytes)


def test_the_objects_are_the_truth_of_the_file_in_key_order(business: mn.Business) -> None:
    objects = list(business.objects())
    assert len(objects) == 695
    assert [key for key, _, _ in objects] == sorted(key for key, _, _ in objects)
    assert all(isinstance(content, bytes) for _, _, content in objects)


def test_the_bytes_of_an_attachment_are_given_by_its_key(business: mn.Business) -> None:
    attachment = business.attachments.to_arrow().to_pylist()[0]
    assert isinstance(business.attachment_bytes(attachment["attachment"]), bytes)


def test_a_selection_and_a_plan_are_as_promised(business: mn.Business) -> None:
    fields = inspect.signature(mn.Selection).parameters
    assert {"keys", "types", "users", "commits", "between", "text"} <= set(fields)
    with business.as_at(dt.date(2025, 9, 30)) as past:
        assert past.certificate.level == "exact"
        assert list(past.certificate.reasons.columns) == ["object", "type", "label", "cause", "what"]
        plan = mn.plan_restore(business, past, mn.Selection.everything())
        compared = mn.compare(past, business)
    assert list(plan.actions.columns) == ["action", "type", "object", "label", "reason", "depth"]
    assert list(compared.records.columns) == ["key", "type", "label", "state"]
    assert {"create", "revert", "delete"} == set(plan.actions.to_arrow()["action"].to_pylist())
    assert len(plan.conflicts) > 0
    assert len(plan.totals) > 0
    assert plan.describe()
