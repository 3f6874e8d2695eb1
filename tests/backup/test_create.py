"""A backup holds what the business holds, leaves out what it was told to, and never touches anything else."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import json
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from manager_nb.backup.create import Backup, create_backup, is_current
from manager_nb.backup.names import LONGEST_BACKUP
from manager_nb.backup.verify import verify_backup
from manager_nb.errors import (
    BusinessNameError,
    CancelledError,
    SourceChangedError,
    TargetError,
    TargetExistsError,
    TargetUnwritableError,
    VerificationError,
)
from manager_nb.format import steps
from manager_nb.format.digests import digest_tables, schema_of
from manager_nb.model.business import open_business
from manager_nb.restore.importing import import_business
from tests.crafting import altered, attach, below, contents
from tests.evidence import untouched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOURCES = [
    "himalaya/Himalaya Traders.manager",
    "himalaya/Himalaya Traders (2026-03-27).manager.tar",
    "himalaya/earlier/Himalaya Traders (2025-12-31).manager",
    "data-folder",
    "data-folder/Businesses/Himalaya Traders.manager",
    "small/आरोही स्टोर्स.manager.tar",
    "small/आरोही स्टोर्स (2025-04-22).manager",
    "small/Desktop.manager",
    "small/Empty.manager",
    "small/Old format.manager",
    "small/Restored by appending.manager",
    "upgraded/Revision 370.manager",
    "upgraded/Revision 370 after the upgrade.manager",
]


def manifest_file(backup: Backup) -> Path:
    return backup.path.with_name(backup.path.name + ".manifest.json")


def hold_the_same(one: Path, other: Path) -> bool:
    with open_business(one) as mine, open_business(other) as theirs:
        return list(mine.objects()) == list(theirs.objects()) and digest_tables(
            mine.open_source.database
        ) == digest_tables(theirs.open_source.database)


@pytest.mark.parametrize("source", SOURCES)
def test_a_backup_holds_every_object_byte_by_byte_and_the_source_is_untouched(
    data: Path, tmp_path: Path, source: str
) -> None:
    with untouched(data / source):
        backup = create_backup(data / source, tmp_path, name="copy")
    assert hold_the_same(data / source, backup.path)
    assert below(tmp_path) == sorted([backup.path.name, manifest_file(backup).name])
    assert verify_backup(backup.path).ok


@pytest.mark.parametrize("source", ["data-folder", "himalaya/Himalaya Traders (2026-03-27).manager.tar"])
def test_attachments_go_into_managers_own_tar(data: Path, himalaya_tar: Path, tmp_path: Path, source: str) -> None:
    backup = create_backup(data / source, tmp_path, name="Himalaya Traders (2026-03-27)")
    ours, managers = contents(backup.path), contents(himalaya_tar)
    assert backup.path.name == "Himalaya Traders (2026-03-27).manager.tar"
    assert list(ours) == list(managers)
    business = "Himalaya Traders (2026-03-27).manager"
    assert {name: ours[name] for name in ours if name != business} == {
        name: managers[name] for name in managers if name != business
    }
    assert backup.manifest["attachments"] | {"bytes": 0} == {
        "listed": 25,
        "contents": 25,
        "bytes": 0,
        "outside_the_database": 25,
        "missing": [],
        "altered": [],
    }


def test_without_attachments_outside_the_result_is_a_plain_file(himalaya: Path, tmp_path: Path) -> None:
    backup = create_backup(himalaya, tmp_path)
    assert backup.path.suffix == ".manager"
    assert backup.path.read_bytes().startswith(b"SQLite format 3\0")
    assert len(backup.manifest["attachments"]["missing"]) == 25


def test_the_name_is_the_businesss_with_todays_date(himalaya_tar: Path, tmp_path: Path) -> None:
    before = dt.datetime.now().astimezone().date()
    backup = create_backup(himalaya_tar, tmp_path)
    assert backup.path.name in {
        f"Himalaya Traders ({day}).manager.tar" for day in (before, dt.datetime.now().astimezone().date())
    }


def test_the_name_that_was_given_is_the_businesss_name_inside(himalaya_tar: Path, tmp_path: Path) -> None:
    backup = create_backup(himalaya_tar, tmp_path, name="Year end: 2025/26.manager")
    assert backup.path.name == "Year end_ 2025_26.manager.tar"
    assert next(iter(contents(backup.path))) == "Year end_ 2025_26.manager"
    assert backup.manifest["business"] | {"schema_revision": None} == {
        "name": "Himalaya Traders (2026-03-27)",
        "schema_revision": None,
        "name_in_backup": "Year end_ 2025_26",
        "signs_replaced": True,
        "shortened": False,
    }


def test_a_name_that_is_too_long_is_shortened_and_the_manifest_says_so(data: Path, tmp_path: Path) -> None:
    backup = create_backup(data / "small/Desktop.manager", tmp_path, name="व्या" * 60, compress=True)
    assert len(backup.path.name.encode()) <= LONGEST_BACKUP + len(".manager.tar.zst")
    assert backup.manifest["business"]["shortened"] is True
    assert manifest_file(backup).exists()


@pytest.mark.parametrize("name", ["", "  ", "..", "238097db79f84dc5a44a0c6f8aa04e6c"])
def test_a_name_that_manager_cannot_use_is_refused(data: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(BusinessNameError):
        create_backup(data / "small/Desktop.manager", tmp_path, name=name)
    assert below(tmp_path) == []


@pytest.fixture
def store(data: Path, tmp_path: Path) -> Path:
    """A business with an attachment in each of the three places, and rows in each table that can be left out."""
    folder = tmp_path / "data"
    source = altered(
        data / "himalaya/Himalaya Traders.manager",
        folder / "Businesses" / "Store.manager",
        'CREATE TABLE "Blobs2" ("Hash" BLOB PRIMARY KEY, "Content" BLOB) WITHOUT ROWID',
    )
    outside = attach(source, "aaaaaaaa-0000-7000-8000-000000000001", "outside.txt", b"an outside receipt")
    (folder / "Blobs" / outside[:2]).mkdir(parents=True)
    (folder / "Blobs" / outside[:2] / outside).write_bytes(b"an outside receipt")
    inside = attach(source, "aaaaaaaa-0000-7000-8000-000000000002", "inside.txt", b"an inside receipt")
    return altered(
        source,
        source.with_name("Store 2.manager"),
        f"INSERT INTO \"Blobs2\" VALUES (x'{inside}', CAST('an inside receipt' AS BLOB))",
        "INSERT INTO \"Blobs\" VALUES ('k', 'old.txt', 'text/plain', CAST('an older receipt' AS BLOB))",
    )


SECRETS = {
    "attachments": [b"an outside receipt", b"an inside receipt", b"an older receipt"],
    "emails": [b"accounts@"],
    "history": [b"Ravi Kumar"],
}


def unpacked(path: Path) -> bytes:
    raw = path.read_bytes()
    return zstandard.ZstdDecompressor().decompress(raw) if path.suffix == ".zst" else raw


CHOSEN = [(*chosen, False) for chosen in itertools.product([True, False], repeat=3)]


@pytest.mark.parametrize("chosen", [*CHOSEN, (True, True, True, True), (False, False, False, True)])
def test_what_is_left_out_is_gone_and_all_else_is_there(
    store: Path, tmp_path: Path, chosen: tuple[bool, bool, bool, bool]
) -> None:
    *parts, compress = chosen
    choices = dict(zip(("attachments", "emails", "history"), parts, strict=True))
    backup = create_backup(store, tmp_path / "out", name="Store", compress=compress, **choices)

    assert backup.path.name == f"Store.manager{'.tar' if choices['attachments'] else ''}{'.zst' if compress else ''}"
    raw = unpacked(backup.path)
    kept = {part: all(text in raw for text in texts) for part, texts in texts_of(store).items()}
    gone = {part: not any(text in raw for text in texts) for part, texts in texts_of(store).items()}
    assert kept == choices
    assert gone == {part: not wanted for part, wanted in choices.items()}
    with open_business(store) as source, open_business(backup.path) as copy:
        assert list(copy.objects()) == list(source.objects())
        assert len(copy.images) == len(source.images)
        assert len(copy.emails) == (len(source.emails) if choices["emails"] else 0)
        assert len(copy.history) == (len(source.history) if choices["history"] else 0)
        present = copy.attachments.to_pandas().query("state == 'present'")
        assert sorted(present["name"]) == (["inside.txt", "outside.txt"] if choices["attachments"] else [])
    told = backup.manifest["choices"]
    assert {part: told[part]["included"] for part in told} == choices
    assert all(told[part]["meaning"].startswith("Without ") for part in told)
    assert backup.manifest["tables"]["Changes"]["rows"] == (794 if choices["history"] else 0)
    assert backup.manifest["history"]["rows"] == 794
    assert verify_backup(backup.path).ok


def texts_of(store: Path) -> dict[str, list[bytes]]:
    """For each choice, words that only the rows which it is about have."""
    with open_business(store) as business:
        emails = business.emails.to_pandas(["email", "subject"])
        changes = business.history.to_pandas(["change", "commit"])
        return {
            "attachments": SECRETS["attachments"],
            "emails": [emails["email"][0].encode(), emails["subject"][0].encode()],
            "history": [changes["change"][0].encode(), changes["commit"][0].encode()],
        }


def test_an_old_password_is_gone_with_the_history(himalaya: Path, tmp_path: Path) -> None:
    with open_business(himalaya) as business:
        settings = business.records("EmailSettings").to_pandas(["key"])["key"][0]
        password = business.record(settings, unmask=True).fields["Password"].encode()
    raw = himalaya.read_bytes()
    before = raw.count(password)
    assert before > 1, "the password is in the record and in its change"
    backup = create_backup(himalaya, tmp_path, history=False)
    assert backup.path.read_bytes().count(password) == 1


def test_compressed_it_is_smaller_and_holds_the_same(himalaya_tar: Path, tmp_path: Path) -> None:
    plain = create_backup(himalaya_tar, tmp_path, name="plain")
    packed = create_backup(himalaya_tar, tmp_path, name="packed", compress=True)
    assert packed.path.name == "packed.manager.tar.zst"
    assert packed.path.stat().st_size * 3 < plain.path.stat().st_size
    assert packed.manifest["tables"] == plain.manifest["tables"]
    assert packed.manifest["file"]["database"] == plain.manifest["file"]["database"]
    assert hold_the_same(packed.path, himalaya_tar)


def test_the_manifest_proves_the_files(himalaya_tar: Path, tmp_path: Path) -> None:
    backup = create_backup(himalaya_tar, tmp_path)
    assert json.loads(manifest_file(backup).read_text("utf-8")) == backup.manifest
    told = backup.manifest["file"]
    assert told["sha256"] == hashlib.sha256(backup.path.read_bytes()).hexdigest()
    assert told["size"] == backup.path.stat().st_size
    business = next(iter(contents(backup.path).values()))
    assert told["database"] == {"size": len(business), "sha256": hashlib.sha256(business).hexdigest()}
    assert backup.manifest["source"]["sha256"] == hashlib.sha256(himalaya_tar.read_bytes()).hexdigest()
    assert str(tmp_path) not in manifest_file(backup).read_text("utf-8")
    assert "Ravi Kumar" not in manifest_file(backup).read_text("utf-8")


@pytest.mark.parametrize("beside", ["", ".manifest.json", "-journal", "-wal"])
def test_nothing_that_exists_is_overwritten_and_the_next_name_is_told(data: Path, tmp_path: Path, beside: str) -> None:
    for name in ("Desk.manager", "Desk(2).manager"):
        (tmp_path / f"{name}{beside}").write_bytes(b"older")
    with pytest.raises(TargetExistsError) as caught:
        create_backup(data / "small/Desktop.manager", tmp_path, name="Desk")
    assert "Desk(3)" in caught.value.hint
    assert below(tmp_path) == sorted([f"Desk.manager{beside}", f"Desk(2).manager{beside}"])


def test_a_backup_over_its_own_source_is_refused(data: Path, tmp_path: Path) -> None:
    source = altered(data / "small/Desktop.manager", tmp_path / "Desk.manager")
    with untouched(source), pytest.raises(TargetExistsError):
        create_backup(source, tmp_path, name="Desk")


@pytest.mark.parametrize("folder", ["data/Businesses", "data/Businesses/2025", "old"])
def test_a_folder_that_manager_lists_businesses_from_is_refused(data: Path, tmp_path: Path, folder: str) -> None:
    shutil.copytree(data / "data-folder", tmp_path / "data")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / f"{'0' * 32}.manager").write_bytes(b"users")
    (tmp_path / folder).mkdir(exist_ok=True)
    before = below(tmp_path)
    with pytest.raises(TargetError) as caught:
        create_backup(data / "small/Desktop.manager", tmp_path / folder)
    assert caught.value.hint
    assert below(tmp_path) == before


def test_an_accountants_folder_called_businesses_is_fine(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Businesses" / "Desk"
    folder.mkdir(parents=True)
    assert create_backup(data / "small/Desktop.manager", folder).path.parent == folder


def test_a_folder_that_is_not_there_is_made(data: Path, tmp_path: Path) -> None:
    backup = create_backup(data / "small/Desktop.manager", tmp_path / "a" / "b")
    assert backup.path.parent == tmp_path / "a" / "b"


def test_a_file_in_place_of_the_folder_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TargetUnwritableError):
        create_backup(data / "small/Desktop.manager", tmp_path / "file")


def damaged_store(data: Path, tmp_path: Path) -> tuple[Path, list[str]]:
    """A data folder in which one attachment is gone and another is altered; their names."""
    folder = tmp_path / "data"
    shutil.copytree(data / "data-folder", folder)
    for derived in ("Packs", "Indexes", "Filters"):
        shutil.rmtree(folder / derived)
    with open_business(data / "data-folder") as business:
        listed = business.attachments.to_pandas(["attachment", "name", "sha256"]).to_dict("records")
        for row in listed[:-1]:
            place = folder / "Blobs" / row["sha256"][:2] / row["sha256"]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(business.attachment_bytes(row["attachment"]))
    place = folder / "Blobs" / listed[0]["sha256"][:2] / listed[0]["sha256"]
    place.write_bytes(b"x" + place.read_bytes()[1:])
    return folder, [listed[0]["name"], listed[-1]["name"]]


def test_missing_and_altered_attachments_are_named_and_not_passed_off(data: Path, tmp_path: Path) -> None:
    folder, (changed, missing) = damaged_store(data, tmp_path)
    backup = create_backup(folder, tmp_path / "out")
    told = backup.manifest["attachments"]
    assert [one["name"] for one in told["missing"]] == [missing]
    assert [one["name"] for one in told["altered"]] == [changed]
    assert told["contents"] == 23
    packed = contents(backup.path)
    assert len(packed) == 24
    assert all(hashlib.sha256(packed[name]).hexdigest() in name for name in list(packed)[1:])
    assert verify_backup(backup.path).ok, "what the business did not have, the backup need not have"


def test_an_open_business_can_be_backed_up(himalaya: Path, tmp_path: Path) -> None:
    with open_business(himalaya) as business:
        backup = create_backup(business, tmp_path, name="copy")
        assert len(business.history) == 794, "it stays open"
    assert hold_the_same(himalaya, backup.path)


def test_a_business_that_changed_since_it_was_opened_is_not_passed_off_as_current(data: Path, tmp_path: Path) -> None:
    source = altered(data / "small/Desktop.manager", tmp_path / "source" / "Desk.manager")
    with open_business(source) as business:
        altered(data / "small/Desktop.manager", source, 'DELETE FROM "Changes"')
        with pytest.raises(SourceChangedError):
            create_backup(business, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_business_whose_file_is_gone_can_still_be_backed_up(data: Path, tmp_path: Path) -> None:
    source = altered(data / "small/Desktop.manager", tmp_path / "source" / "Desk.manager")
    with open_business(source) as business:
        source.unlink()
        assert create_backup(business, tmp_path / "out").path.exists()


def test_what_was_rescued_from_a_damaged_file_is_backed_up_with_the_losses_listed(data: Path, tmp_path: Path) -> None:
    backup = create_backup(data / "small/Torn backup.manager", tmp_path, name="rescued")
    assert backup.manifest["problems"]["count"] > 0
    assert backup.manifest["problems"]["listed"][0]["what"]
    assert verify_backup(backup.path).checks.to_pandas().set_index("check")["ok"]["The database is intact"]


NEW_KEY, NEW_TYPE = "aaaaaaaa-0000-7000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000001"
UNUSUAL = {
    "a table that is missing": ['DROP TABLE "Emails"', 'DROP TABLE "Images"'],
    "names in lower case": ['ALTER TABLE "Changes" RENAME TO "x"', 'ALTER TABLE "x" RENAME TO "changes"'],
    "a column of a newer version": ['ALTER TABLE "Emails" ADD COLUMN "Later" TEXT DEFAULT \'अ\''],
    "content as text and as null": [
        'UPDATE "Objects" SET "Content" = CAST(\'\' AS TEXT) WHERE "Key" = (SELECT MAX("Key") FROM "Objects")',
        'UPDATE "Objects" SET "Content" = NULL WHERE "Key" = (SELECT MIN("Key") FROM "Objects")',
    ],
    "an unknown content type": [f"INSERT INTO \"Objects\" VALUES ('{NEW_KEY}', '{NEW_TYPE}', x'0807', 5)"],
    "a write-ahead log": ["PRAGMA journal_mode = WAL"],
    "no index": ['DROP INDEX "ix_Changes_Timestamp"', 'DROP INDEX "ix_Objects_ContentType"'],
    "a trigger and a view": [
        'CREATE TRIGGER t AFTER DELETE ON "Changes" BEGIN INSERT INTO "Emails" ("Key") VALUES (old."Key"); END',
        'CREATE VIEW v AS SELECT * FROM "Changes"',
    ],
    "a table for searching": ['CREATE VIRTUAL TABLE "Search" USING fts5(word)', "INSERT INTO \"Search\" VALUES ('अ')"],
    "pages of another size": ["PRAGMA page_size = 1024", "PRAGMA auto_vacuum = 0", "VACUUM"],
}


@pytest.mark.parametrize("history", [True, False])
@pytest.mark.parametrize("what", UNUSUAL)
def test_an_unusual_file_keeps_what_it_is(himalaya: Path, tmp_path: Path, what: str, history: bool) -> None:
    source = altered(himalaya, tmp_path / "source.manager", *UNUSUAL[what])
    backup = create_backup(source, tmp_path / "out", name="copy", history=history)
    with open_business(source) as business, open_business(backup.path) as copy:
        before, after = digest_tables(business.open_source.database), digest_tables(copy.open_source.database)
        assert list(copy.objects()) == list(business.objects())
        assert schema_of(copy.open_source.database) == schema_of(business.open_source.database)
    assert after == (before if history else before | {"Changes": after["Changes"]})
    assert after["Changes"].rows == (794 if history else 0)
    with open_business(import_business(backup.path, tmp_path / "data")) as placed:
        assert digest_tables(placed.open_source.database) == after


def test_a_file_in_another_text_encoding_keeps_it(himalaya: Path, tmp_path: Path) -> None:
    source = tmp_path / "source.manager"
    written, read = sqlite3.connect(source), sqlite3.connect(himalaya)
    written.execute("PRAGMA encoding = 'UTF-16le'")
    for name, sql in read.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
        written.execute(sql)
        for row in read.execute(f'SELECT * FROM "{name}"'):
            written.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(row))})', row)
    written.commit()
    written.close()
    read.close()
    backup = create_backup(source, tmp_path / "out", emails=False)
    assert hold_the_same(source, backup.path) is False
    with open_business(himalaya) as business, open_business(backup.path) as copy:
        assert list(copy.objects()) == list(business.objects())
        assert len(copy.history) == 794
        assert len(copy.emails) == 0


class Recorder:
    """Keeps what it is told, and cancels at the nth look."""

    def __init__(self, patience: int = 10**9) -> None:
        self.patience = patience
        self.looks = 0
        self.told: list[tuple[str, Any]] = []

    @property
    def cancelled(self) -> bool:
        self.looks += 1
        return self.looks > self.patience

    def start(self, step: str, total: int | None = None) -> None:
        self.told.append((step, total))

    def advance(self, amount: int = 1) -> None:
        assert amount >= 0

    def finish(self) -> None:
        self.told.append(("", None))


def test_every_step_is_told(himalaya_tar: Path, tmp_path: Path) -> None:
    progress = Recorder()
    create_backup(himalaya_tar, tmp_path, progress=progress)
    told = [step for step, _ in progress.told if step]
    assert [step for step in told if step in {"Copying", "Writing", "Attachments", "Verifying"}][-1] == "Verifying"
    assert {"Copying", "Writing", "Attachments", "Verifying"} <= set(told)
    starts = [step for step, _ in progress.told]
    assert starts.count("") == len(starts) - starts.count(""), "each step that begins also ends"


def test_cancelling_at_any_moment_leaves_nothing(data: Path, tmp_path: Path) -> None:
    source = data / "small/आरोही स्टोर्स.manager.tar"
    whole = Recorder()
    create_backup(source, tmp_path / "whole", compress=True, progress=whole)
    cancelled, stride = 0, max(1, whole.looks // 25)
    while True:
        try:
            backup = create_backup(source, tmp_path / "out", compress=True, progress=Recorder(cancelled * stride))
        except CancelledError:
            cancelled += 1
            assert not (tmp_path / "out").exists(), cancelled
        else:
            break
    assert cancelled > 15, "some looks are taken by the clock, so their number varies"
    assert verify_backup(backup.path).ok


@pytest.fixture
def at_step() -> Iterator[Callable[[str, Callable[[], None]], None]]:
    """Runs something when the writer reaches a step."""
    yield lambda step, act: steps.watchers.append(lambda reached: act() if reached == step else None)
    steps.watchers.clear()


def test_a_disk_that_does_not_give_back_what_was_written_is_found_out(
    himalaya: Path, tmp_path: Path, at_step: Callable[[str, Callable[[], None]], None]
) -> None:
    def flip() -> None:
        (grown,) = tmp_path.glob(".copy.manager.????????.partial")
        raw = bytearray(grown.read_bytes())
        raw[raw.index(b"Himalaya")] ^= 1
        grown.write_bytes(raw)

    at_step("manifest synced", flip)
    with pytest.raises(VerificationError) as caught:
        create_backup(himalaya, tmp_path, name="copy")
    assert caught.value.hint
    assert below(tmp_path) == []


def test_an_attachment_that_changes_while_it_is_copied_is_found_out(
    data: Path, tmp_path: Path, at_step: Callable[[str, Callable[[], None]], None]
) -> None:
    folder, _ = damaged_store(data, tmp_path)

    def change() -> None:
        for place in (folder / "Blobs").glob("??/*"):
            place.write_bytes(b"y" * place.stat().st_size)

    at_step("compact copy made", change)
    with pytest.raises(SourceChangedError):
        create_backup(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_name_taken_at_the_last_moment_is_not_overwritten(
    data: Path, tmp_path: Path, at_step: Callable[[str, Callable[[], None]], None]
) -> None:
    def take() -> None:
        (tmp_path / "Desk.manager.manifest.json").write_bytes(b"theirs")

    at_step("verified", take)
    with pytest.raises(TargetExistsError):
        create_backup(data / "small/Desktop.manager", tmp_path, name="Desk")
    assert below(tmp_path) == ["Desk.manager.manifest.json"]
    assert (tmp_path / "Desk.manager.manifest.json").read_bytes() == b"theirs"


def test_its_repr_is_short(data: Path, tmp_path: Path) -> None:
    assert repr(create_backup(data / "small/Desktop.manager", tmp_path, name="D")) == "<Backup 'D.manager'>"


def test_a_business_with_changes_in_a_journal_beside_it_is_not_passed_off_as_current(
    data: Path, tmp_path: Path
) -> None:
    source = altered(data / "small/Desktop.manager", tmp_path / "source" / "Desk.manager")
    with contextlib.closing(sqlite3.connect(source)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute('CREATE TABLE "Later" ("Key" TEXT)')
        writer.commit()
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open_business(source) as business:
            assert is_current(business) is True
            writer.execute('DELETE FROM "Changes"')
            writer.commit()
            assert is_current(business) is False
            with pytest.raises(SourceChangedError):
                create_backup(business, tmp_path / "out")


def test_whether_a_file_that_is_gone_is_current_cannot_be_told(data: Path, tmp_path: Path) -> None:
    source = altered(data / "small/Desktop.manager", tmp_path / "source" / "Desk.manager")
    with open_business(source) as business:
        assert is_current(business) is True
        source.unlink()
        assert is_current(business) is None
