"""Attachments are listed with whether their content is there, and proven when they are read."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import NotFoundError
from manager_nb.model.business import open_business
from tests.model.small_files import TICKS, guid, key, record, write

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.model.business import Business


def test_attachments_are_those_of_the_program_s_list(traders: Business, data: Path) -> None:
    listed = json.loads((data / "himalaya/truth/lists.json").read_text("utf-8"))["attachments"]["attachments"]
    ours = traders.attachments.to_arrow().to_pylist()
    told = sorted((row["key"], row["name"], int(row["size"]), row["date"][14:]) for row in listed)
    assert [(row["attachment"], row["name"], row["size"], f"{row['date']:%M:%SZ}") for row in ours] == told
    assert len(ours) == 25


def test_without_the_archive_their_content_is_missing_and_that_is_no_problem(traders: Business) -> None:
    rows = traders.attachments.to_arrow(["state", "where"]).to_pylist()
    assert {(row["state"], row["where"]) for row in rows} == {("missing", None)}
    assert len(traders.problems) == 0
    with pytest.raises(NotFoundError) as refused:
        traders.attachment_bytes(traders.attachments.page(0, 1)["attachment"][0].as_py())
    assert ".manager.tar" in refused.value.hint


@pytest.mark.parametrize(("name", "place"), [("archived", "tar"), ("running", "Packs")])
def test_with_it_every_content_is_there_and_unaltered(name: str, place: str, request: pytest.FixtureRequest) -> None:
    business: Business = request.getfixturevalue(name)
    rows = business.attachments.to_arrow().to_pylist()
    assert {(row["state"], row["where"]) for row in rows} == {("present", place)}
    for row in rows:
        content = business.attachment_bytes(row["attachment"])
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
        assert len(content) == row["size"]
    assert {row["mime"] for row in rows} >= {"text/plain", "image/png"}
    assert len(business.problems) == 0


def test_an_attachment_belongs_to_a_record(archived: Business) -> None:
    owners = set(archived.attachments.to_arrow(["object"])["object"].to_pylist())
    there = {key for key, _, _ in archived.objects()}
    history = archived.history.to_arrow(["object", "action"]).to_pylist()
    assert owners - there <= {row["object"] for row in history if row["action"] == "delete"}
    assert len(owners & there) > 5


def test_the_attachment_of_a_deleted_record_stays_listed(opened_shop_tar: Business) -> None:
    (row,) = opened_shop_tar.attachments.to_arrow().to_pylist()
    assert (row["name"], row["state"]) == ("बिल.txt", "present")
    assert hashlib.sha256(opened_shop_tar.attachment_bytes(row["attachment"])).hexdigest() == row["sha256"]
    with pytest.raises(NotFoundError):
        opened_shop_tar.record(row["object"])


@pytest.fixture(scope="module")
def opened_shop_tar(data: Path) -> Business:
    return open_business(data / "small/आरोही स्टोर्स.manager.tar")


def test_altered_and_missing_content_is_told(himalaya_tar: Path, tmp_path: Path) -> None:
    target = tmp_path / "altered.manager.tar"
    with tarfile.open(himalaya_tar) as source, tarfile.open(target, "w") as copy:
        entries = [entry for entry in source if entry.isfile()]
        blobs = [entry for entry in entries if entry.name.startswith("Blobs/")]
        for entry in entries:
            content = source.extractfile(entry)
            assert content is not None
            data = content.read()
            if entry is blobs[0]:
                continue
            if entry is blobs[1]:
                data = data[:-1] + b"?"
            with (tmp_path / "one").open("w+b") as one:
                one.write(data)
                one.seek(0)
                copy.addfile(entry, one)
    wrong = {blob.name.rsplit("/", 1)[-1]: state for blob, state in zip(blobs, ("missing", "altered"), strict=False)}
    with open_business(target) as business:
        rows = business.attachments.to_arrow().to_pylist()
        assert {row["sha256"]: row["state"] for row in rows if row["state"] != "present"} == wrong
        for row in rows:
            if row["state"] != "present":
                with pytest.raises(NotFoundError):
                    business.attachment_bytes(row["attachment"])
        problems = business.problems.to_arrow().to_pylist()
        concerned = {row["attachment"] for row in rows if row["state"] != "present"}
        assert {problem["key"] for problem in problems if problem["where"] == "attachments"} == concerned


def test_content_inside_the_file_is_found_by_hash_then_by_key(tmp_path: Path) -> None:
    new, old = b"kept by hash", b"kept by key"
    wrong = b"something else"
    rows = [
        record(1, "Attachment", Name="../../new.pdf", Sha256=hashlib.sha256(new).digest(), Size=999, Object=key(9)),
        record(2, "Attachment", Name="old", Size=999),
        record(3, "Attachment", Name="altered", Sha256=hashlib.sha256(b"it").digest(), Size=999),
        record(4, "Attachment", Name="gone", Sha256=hashlib.sha256(b"gone").digest(), Size=7),
        record(5, "Attachment"),
    ]
    blobs = [(key(2), "old", "application/x-old", old), (key(3), "altered", None, wrong)]
    path = write(
        tmp_path / "a.manager", rows, also=["Blobs2"], Blobs=blobs, Blobs2=[(hashlib.sha256(new).digest(), new)]
    )
    with open_business(path) as business:
        listed = business.attachments.to_arrow().to_pylist()
        assert [(row["state"], row["where"], row["size"], row["mime"]) for row in listed] == [
            ("present", "Blobs2 table", len(new), "application/pdf"),
            ("present", "Blobs table", len(old), "application/x-old"),
            ("altered", "Blobs table", len(wrong), None),
            ("missing", None, 7, None),
            ("missing", None, 0, None),
        ]
        assert listed[0]["name"] == "../../new.pdf"
        assert listed[0]["object"] == key(9)
        assert listed[1]["object"] is None
        assert business.attachment_bytes(key(1)) == new
        assert business.attachment_bytes(key(2).upper()) == old
        states = [problem["what"] for problem in business.problems.to_arrow().to_pylist()]
        assert len(states) == 3


def test_a_key_that_is_no_attachment_is_refused(traders: Business) -> None:
    customer = traders.records("Customer").page(0, 1)["key"][0].as_py()
    for wrong in (customer, key(1), "", "../../etc/passwd"):
        with pytest.raises(NotFoundError):
            traders.attachment_bytes(wrong)


def test_only_a_page_s_contents_are_looked_for(himalaya_tar: Path, tmp_path: Path) -> None:
    copy = tmp_path / himalaya_tar.name
    shutil.copy(himalaya_tar, copy)
    with open_business(copy) as business:
        asked: list[str] = []
        blobs = business.open_source.blobs
        where = blobs.where
        blobs.where = lambda sha256: (asked.append(sha256), where(sha256))[1]  # type: ignore[method-assign]
        business.attachments.page(0, 3)
        assert len(set(asked)) <= 3
        business.attachments.page(0, 25, ["attachment", "name", "date"])
        assert len(set(asked)) <= 3


def test_an_attachment_record_itself_is_a_record(tmp_path: Path) -> None:
    rows = [(guid("Attachment"), guid("Attachment"), b"", TICKS), record(1, "Attachment", Name="a.txt")]
    with open_business(write(tmp_path / "a.manager", rows)) as business:
        assert len(business.attachments) == len(business.records("Attachment")) == 1
