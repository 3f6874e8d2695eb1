"""An import places the very bytes where Manager looks for them, under the name that it would give, and proves it."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tarfile
import warnings
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.backup.verify import verify_backup
from manager_nb.errors import (
    BusinessNameError,
    CancelledError,
    DamagedFileError,
    NewerSchemaWarning,
    SeveralBusinessesError,
    TargetUnwritableError,
    VerificationError,
)
from manager_nb.format import steps
from manager_nb.format.digests import digest_tables
from manager_nb.format.integrity import examine
from manager_nb.model.business import open_business
from manager_nb.restore.importing import import_business
from manager_nb.restore.preview import preview_import
from tests import processes
from tests.crafting import altered, archive, attach, below, contents, link, place
from tests.evidence import untouched
from tests.model.small_files import guid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILES = [
    "himalaya/Himalaya Traders.manager",
    "himalaya/Himalaya Traders (2026-03-27).manager.tar",
    "data-folder/Businesses/Himalaya Traders.manager",
    "small/आरोही स्टोर्स.manager.tar",
    "small/Empty.manager",
    "small/Old format.manager",
    "upgraded/Revision 370.manager",
]
EMPTY_FILE = hashlib.sha256(b"").hexdigest()


def businesses(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "Businesses").iterdir())


@pytest.mark.parametrize("name", FILES)
def test_what_comes_out_is_what_went_in(data: Path, tmp_path: Path, name: str) -> None:
    with untouched(data / name):
        path = import_business(data / name, tmp_path / "data")
    with open_business(data / name) as source, open_business(path) as placed:
        assert path == tmp_path / "data" / "Businesses" / f"{source.name}.manager"
        assert placed.name == source.name
        assert list(placed.objects()) == list(source.objects())
        assert digest_tables(placed.open_source.database) == digest_tables(source.open_source.database)
        columns = ["attachment", "sha256", "state"]
        assert placed.attachments.to_arrow(columns).equals(source.attachments.to_arrow(columns))


def test_the_file_gets_the_very_bytes(himalaya: Path, himalaya_tar: Path, tmp_path: Path) -> None:
    assert import_business(himalaya, tmp_path / "a").read_bytes() == himalaya.read_bytes()
    packed = contents(himalaya_tar)
    assert import_business(himalaya_tar, tmp_path / "b").read_bytes() == next(iter(packed.values()))
    made = create_backup(himalaya_tar, tmp_path / "c", compress=True)
    placed = import_business(made.path, tmp_path / "d")
    assert hashlib.sha256(placed.read_bytes()).hexdigest() == made.manifest["file"]["database"]["sha256"]


def test_attachments_go_where_manager_looks_for_them(himalaya_tar: Path, tmp_path: Path) -> None:
    import_business(himalaya_tar, tmp_path / "data")
    packed = dict(list(contents(himalaya_tar).items())[1:])
    assert below(tmp_path / "data" / "Blobs") == sorted(name.removeprefix("Blobs/") for name in packed)
    assert all((tmp_path / "data" / name).read_bytes() == content for name, content in packed.items())


def test_attachments_that_the_folder_has_in_a_pack_are_not_written_again(
    data: Path, himalaya_tar: Path, tmp_path: Path
) -> None:
    shutil.copytree(data / "data-folder", tmp_path / "data")
    before = below(tmp_path / "data")
    import_business(himalaya_tar, tmp_path / "data")
    assert below(tmp_path / "data") == sorted([*before, "Businesses/Himalaya Traders (2026-03-27).manager"])


def test_loose_attachments_that_are_there_are_checked_and_left(himalaya_tar: Path, tmp_path: Path) -> None:
    import_business(himalaya_tar, tmp_path / "data")
    loose = sorted((tmp_path / "data" / "Blobs").glob("??/*"))
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in loose]
    import_business(himalaya_tar, tmp_path / "data")
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in loose] == before
    loose[0].write_bytes(b"damaged")
    everything = below(tmp_path / "data")
    with pytest.raises(VerificationError) as caught:
        import_business(himalaya_tar, tmp_path / "data")
    assert loose[0].name in caught.value.message
    assert loose[0].read_bytes() == b"damaged"
    assert below(tmp_path / "data") == everything


def test_a_name_that_is_taken_is_numbered_as_manager_does(data: Path, tmp_path: Path) -> None:
    for expected in ("Acme.manager", "Acme(2).manager", "Acme(3).manager"):
        assert import_business(data / "small/Desktop.manager", tmp_path, name="Acme").name == expected
    source = altered(data / "small/Desktop.manager", tmp_path / "from" / "Acme (2026-11-24).manager")
    for expected in ("Acme (2026-11-24).manager", "Acme (2026-11-24)(2).manager"):
        assert import_business(source, tmp_path / "data").name == expected


def test_a_journal_that_was_left_behind_takes_the_name_too(data: Path, tmp_path: Path) -> None:
    (tmp_path / "Businesses").mkdir()
    (tmp_path / "Businesses" / "Acme.manager-journal").write_bytes(b"of a business that is gone")
    assert import_business(data / "small/Desktop.manager", tmp_path, name="Acme").name == "Acme(2).manager"


@pytest.mark.parametrize("name", ["Two.dots.v2", " lead", "नया व्यवसाय", "Percent%41", "e\u0301"])
def test_a_name_stays_as_it_is(data: Path, tmp_path: Path, name: str) -> None:
    path = import_business(data / "small/Desktop.manager", tmp_path, name=name)
    assert path.name == f"{name}.manager"


@pytest.mark.parametrize(
    "name", ["", "..", "/", ".hidden", ".manager", "238097db79f84dc5a44a0c6f8aa04e6c", "a" * 240, "अ" * 80]
)
def test_a_name_that_manager_cannot_work_with_is_refused(data: Path, tmp_path: Path, name: str) -> None:
    if name == "/":  # becomes a name: nothing leaves the folder
        assert (
            import_business(data / "small/Desktop.manager", tmp_path, name="a/../../b").parent
            == tmp_path / "Businesses"
        )
        return
    with pytest.raises(BusinessNameError):
        import_business(data / "small/Desktop.manager", tmp_path, name=name)
    assert below(tmp_path) == []


def test_the_longest_name_works_and_its_clash_is_refused(data: Path, tmp_path: Path) -> None:
    path = import_business(data / "small/Desktop.manager", tmp_path, name="a" * 239)
    assert path.stem == "a" * 239
    with pytest.raises(BusinessNameError):
        import_business(data / "small/Desktop.manager", tmp_path, name="a" * 239)
    assert businesses(tmp_path) == [path.name]


def test_in_an_older_data_folder_businesses_are_at_the_top(data: Path, himalaya_tar: Path, tmp_path: Path) -> None:
    altered(data / "small/Desktop.manager", tmp_path / "Desk.manager")
    path = import_business(himalaya_tar, tmp_path)
    assert path.parent == tmp_path
    with open_business(path) as placed:
        assert set(placed.attachments.to_pandas()["state"]) == {"present"}


def test_businesses_itself_may_be_named(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "data-folder", tmp_path / "data")
    path = import_business(data / "small/Desktop.manager", tmp_path / "data" / "Businesses")
    assert path == tmp_path / "data" / "Businesses" / "Desktop.manager"


def test_a_file_in_place_of_the_folder_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TargetUnwritableError):
        import_business(data / "small/Desktop.manager", tmp_path / "file")


def test_a_damaged_file_is_refused_with_what_to_do_and_its_rescue_can_be_imported(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError) as caught:
        import_business(data / "small/Torn backup.manager", tmp_path / "data")
    assert "create a backup of it" in caught.value.hint
    assert not (tmp_path / "data").exists()
    rescued = create_backup(data / "small/Torn backup.manager", tmp_path / "rescued", name="Rescued")
    with open_business(import_business(rescued.path, tmp_path / "data")) as placed:
        assert sum(1 for _ in placed.objects()) > 600


def test_a_file_that_is_damaged_without_losing_a_row_is_placed_mended(himalaya: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.manager"
    short.write_bytes(himalaya.read_bytes()[:-1])
    path = import_business(short, tmp_path / "data")
    assert examine(path) == []
    with open_business(himalaya) as source, open_business(path) as placed:
        assert list(placed.objects()) == list(source.objects())


def test_an_old_file_that_lost_a_record_is_refused(data: Path, tmp_path: Path) -> None:
    raw = bytearray((data / "small/Old format.manager").read_bytes())
    raw[60000] ^= 255
    old = tmp_path / "old.manager"
    old.write_bytes(raw)
    with pytest.raises(DamagedFileError, match="hide what is lost"):
        import_business(old, tmp_path / "data")
    assert not (tmp_path / "data").exists()
    rescued = create_backup(old, tmp_path / "rescued", name="Rescued")
    with open_business(import_business(rescued.path, tmp_path / "data")) as placed:
        assert sum(1 for _ in placed.objects()) == 694


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('UPDATE "Objects" SET "Content" = x\'0a05ff\' WHERE "ContentType" = \'{type}\'', "{key}"),
        ('UPDATE "Objects" SET "Key" = upper("Key") WHERE "ContentType" = \'{type}\'', "{KEY}"),
        ('DROP TABLE "Objects"', "no table of records"),
    ],
)
def test_what_manager_would_not_open_is_refused(data: Path, tmp_path: Path, change: str, told: str) -> None:
    kind, key = guid("Customer"), "0195f4a7-ed54-72d0-a17e-fd6d74c88582"
    source = altered(next((data / "small").glob("*22).manager")), tmp_path / "x.manager", change.format(type=kind))
    with pytest.raises(DamagedFileError, match=told.format(key=key, KEY=key.upper())):
        import_business(source, tmp_path / "data")
    assert not (tmp_path / "data").exists()
    seen = preview_import(source)
    assert seen.obstacle is not None
    verified = verify_backup(source, "restore")
    assert not verified.ok
    assert verified.checks.to_arrow().to_pylist()[-1]["ok"] is False


def test_a_key_that_is_there_in_lower_case_too_keeps_nothing_from_being_imported(data: Path, tmp_path: Path) -> None:
    again = 'INSERT INTO "Objects" SELECT upper("Key"), "ContentType", "Content", "Timestamp" FROM "Objects" LIMIT 1'
    source = altered(data / "small/Desktop.manager", tmp_path / "x.manager", again)
    assert import_business(source, tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["a" * 300, "0" * 32])
def test_verifying_agrees_with_importing_about_a_name(business: bytes, tmp_path: Path, name: str) -> None:
    source = archive(tmp_path / "x.tar", [(f"{name}.manager", business)])
    with pytest.raises(BusinessNameError) as caught:
        import_business(source, tmp_path / "data")
    assert caught.value.path == source
    last = verify_backup(source, "restore").checks.to_arrow().to_pylist()[-1]
    assert (last["ok"], last["detail"]) == (False, caught.value.message)


def test_an_old_file_that_tells_no_revision_is_left_to_manager(data: Path, tmp_path: Path) -> None:
    raw = (data / "small/Old format.manager").read_bytes()
    schema = bytes.fromhex("471ea7a9b382db498aec898adb460a80")
    old = tmp_path / "old.manager"
    old.write_bytes(raw.replace(schema, schema[::-1]))  # another type and key, the same checksum
    with open_business(old) as business:
        assert business.schema_revision is None
    with pytest.raises(DamagedFileError, match="which version"):
        import_business(old, tmp_path / "data")


def test_a_newer_business_is_placed_as_it_is(himalaya: Path, tmp_path: Path) -> None:
    newer = altered(
        himalaya,
        tmp_path / "newer.manager",
        'UPDATE "Objects" SET "Content" = x\'08a403\' WHERE "Key" = \'a9a71e47-82b3-49db-8aec-898adb460a80\'',
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NewerSchemaWarning)
        path = import_business(newer, tmp_path / "data")
    assert path.read_bytes() == newer.read_bytes()


# ---- hostile archives ------------------------------------------------------------------------------------------------


@pytest.fixture
def business(data: Path, tmp_path: Path) -> bytes:
    source = altered(data / "small/Desktop.manager", tmp_path / "source")
    attach(source, "aaaaaaaa-0000-7000-8000-000000000001", "receipt.txt", b"a receipt")
    attach(source, "aaaaaaaa-0000-7000-8000-000000000002", "nothing.txt", b"")
    return source.read_bytes()


RECEIPT = hashlib.sha256(b"a receipt").hexdigest()


@pytest.mark.parametrize(
    "name",
    [
        "../../../Evil.manager",
        "/etc/Evil.manager",
        "Blobs/../../Evil.manager",
        "./Evil.manager",
        "x\\..\\..\\Evil.manager",
        "C:\\dir\\Evil.manager",
    ],
)
def test_the_name_of_an_entry_never_leaves_the_folder(business: bytes, tmp_path: Path, name: str) -> None:
    tar = archive(
        tmp_path / "evil.tar",
        [
            (name, business),
            ("../../Blobs/aa/evil", b"evil"),
            ("Blobs/../../../evil", b"evil"),
            ("/tmp/evil", b"evil"),
            ("../Users/evil", b"evil"),
            (place(RECEIPT), b"a receipt"),
        ],
    )
    folder = tmp_path / "deep" / "er" / "data"
    folder.mkdir(parents=True)
    path = import_business(tar, folder)
    assert path.parent == folder / "Businesses"
    assert path.name.endswith("Evil.manager")
    assert below(tmp_path / "deep") == [f"er/data/{place(RECEIPT)}", f"er/data/Businesses/{path.name}"]


def test_links_are_never_followed(business: bytes, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    tar = archive(
        tmp_path / "evil.tar",
        [
            ("Acme.manager", business),
            (link("Blobs", str(outside)), b""),
            (link(place(RECEIPT), "/etc/passwd"), b""),
            (link("Other.manager", "Acme.manager", tarfile.LNKTYPE), b""),
        ],
    )
    folder = tmp_path / "data"
    import_business(tar, folder)
    assert below(folder) == ["Businesses/Acme.manager"]
    assert below(outside) == []


def test_an_archive_with_two_businesses_asks_which(business: bytes, tmp_path: Path) -> None:
    tar = archive(tmp_path / "two.tar", [("A.manager", business), ("B.manager", business)])
    with pytest.raises(SeveralBusinessesError) as caught:
        import_business(tar, tmp_path / "data")
    assert "A, B" in caught.value.hint
    assert not (tmp_path / "data").exists()


def test_contents_are_placed_by_what_they_are_not_by_their_name(business: bytes, tmp_path: Path) -> None:
    other = hashlib.sha256(b"something else").hexdigest()
    tar = archive(
        tmp_path / "mixed.tar",
        [("A.manager", business), (place(other), b"a receipt"), (place(RECEIPT), b"something else")],
    )
    import_business(tar, tmp_path / "data")
    assert below(tmp_path / "data") == [place(RECEIPT), "Businesses/A.manager"]
    assert (tmp_path / "data" / place(RECEIPT)).read_bytes() == b"a receipt"


def test_a_content_that_was_altered_is_not_placed(business: bytes, tmp_path: Path) -> None:
    tar = archive(tmp_path / "altered.tar", [("A.manager", business), (place(RECEIPT), b"a Receipt")])
    path = import_business(tar, tmp_path / "data")
    assert below(tmp_path / "data") == ["Businesses/A.manager"]
    with open_business(path) as placed:
        assert set(placed.attachments.to_pandas()["state"]) == {"missing"}


def test_an_empty_attachment_is_placed_although_manager_would_drop_it(business: bytes, tmp_path: Path) -> None:
    tar = archive(
        tmp_path / "t.tar", [("A.manager", business), (place(RECEIPT), b"a receipt"), (place(EMPTY_FILE), b"")]
    )
    made = create_backup(tar, tmp_path / "out")
    assert contents(made.path)[place(EMPTY_FILE)] == b""
    path = import_business(made.path, tmp_path / "data")
    with open_business(path) as placed:
        assert set(placed.attachments.to_pandas()["state"]) == {"present"}


# ---- at the same time ------------------------------------------------------------------------------------------------


def test_imports_of_one_name_at_the_same_time_all_arrive(data: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from manager_nb.restore.importing import import_business\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(import_business(sys.argv[1], sys.argv[2], name='Acme'))"
    )
    source = data / "small/आरोही स्टोर्स.manager.tar"
    running = [processes.start(code, source, tmp_path / "data") for _ in range(3)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    expected = ["Acme(2).manager", "Acme(3).manager", "Acme.manager"]
    assert sorted(line.strip().rpartition(os.sep)[2] for line in told) == expected
    assert businesses(tmp_path / "data") == expected


@pytest.fixture
def at_step() -> Iterator[Callable[[str, Callable[[], None]], None]]:
    """Runs something when the writer reaches a step."""
    yield lambda step, act: steps.watchers.append(lambda reached: act() if reached == step else None)
    steps.watchers.clear()


def test_a_name_taken_in_between_goes_on_to_the_next(
    data: Path, tmp_path: Path, at_step: Callable[[str, Callable[[], None]], None]
) -> None:
    def take() -> None:
        (tmp_path / "data" / "Businesses" / "Acme.manager").write_bytes(b"theirs")

    at_step("before the name .manager", take)
    assert import_business(data / "small/Desktop.manager", tmp_path / "data", name="Acme").name == "Acme(2).manager"
    assert (tmp_path / "data" / "Businesses" / "Acme.manager").read_bytes() == b"theirs"
    assert businesses(tmp_path / "data") == ["Acme(2).manager", "Acme.manager"]


# ---- failures --------------------------------------------------------------------------------------------------------


class Patient:
    """Cancels at the nth look."""

    def __init__(self, patience: int = 10**9) -> None:
        self.patience = patience
        self.looks = 0

    @property
    def cancelled(self) -> bool:
        self.looks += 1
        return self.looks > self.patience

    def start(self, step: str, total: int | None = None) -> None: ...
    def advance(self, amount: int = 1) -> None: ...
    def finish(self) -> None: ...


def test_cancelling_at_any_moment_leaves_nothing(data: Path, tmp_path: Path) -> None:
    source = data / "small/आरोही स्टोर्स.manager.tar"
    whole = Patient()
    import_business(source, tmp_path / "whole", progress=whole)
    cancelled, stride = 0, max(1, whole.looks // 25)
    while True:
        try:
            import_business(source, tmp_path / "data", progress=Patient(cancelled * stride))
        except CancelledError:
            cancelled += 1
            assert not (tmp_path / "data").exists(), cancelled
        else:
            break
    assert cancelled > 15, "some looks are taken by the clock, so their number varies"


def test_what_differs_after_it_was_placed_is_taken_away_again(
    himalaya: Path, tmp_path: Path, at_step: Callable[[str, Callable[[], None]], None]
) -> None:
    def harm() -> None:
        (path,) = (tmp_path / "data" / "Businesses").iterdir()
        raw = path.read_bytes()
        path.write_bytes(raw.replace(b"Ravi Kumar", b"Ravi Kumas", 1))

    at_step("business placed", harm)
    with pytest.raises(VerificationError) as caught:
        import_business(himalaya, tmp_path / "data")
    assert caught.value.hint
    assert not (tmp_path / "data").exists()


def test_a_disk_that_fills_up_leaves_nothing(
    himalaya_tar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def full(handle: int) -> None:
        synced.append(handle)
        if len(synced) > 9:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Exception, match="not enough room"):
        import_business(himalaya_tar, tmp_path / "data")
    assert not (tmp_path / "data").exists()
