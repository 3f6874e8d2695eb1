"""A plan is applied into a new file that holds what was predicted, byte for byte, and tells of itself in History."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import manager_nb as mn
from manager_nb.errors import (
    BusinessNameError,
    CancelledError,
    ConflictError,
    SelectionError,
    SourceChangedError,
    TargetError,
    TargetExistsError,
    VerificationError,
)
from manager_nb.format import steps
from manager_nb.format.digests import digest_tables
from manager_nb.restore import apply
from manager_nb.restore.plan import FORCE, ONLY_FREE
from tests.crafting import altered, below
from tests.evidence import untouched
from tests.model.small_files import content, record, write
from tests.restore.test_plan import BATCH, BEFORE_THE_LOSS, CUSTOMER, INVOICE, change, key
from tests.timeline.lives import Life

if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATOR = {"user": "लेखा परीक्षक", "reason": "Deleted by mistake"}


@pytest.fixture(scope="module")
def demo(himalaya_tar: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya_tar) as business:
        yield business


def lost(demo: mn.Business) -> mn.RestorePlan:
    return mn.plan_restore(demo, demo.as_at(BEFORE_THE_LOSS), mn.Selection(keys=[INVOICE]))


@pytest.mark.parametrize("ending", [".manager.tar", ".manager", ".manager.tar.zst", ".manager.zst"])
def test_the_planted_loss_comes_back_with_its_attachment(
    demo: mn.Business, himalaya_tar: Path, tmp_path: Path, ending: str
) -> None:
    target = tmp_path / "new folder" / f"बहाल{ending}"
    before = dict((key, rest) for key, *rest in demo.objects())  # noqa: C402
    with untouched(himalaya_tar):
        result = mn.apply_restore(lost(demo), target, **OPERATOR)
    with result:
        assert result.source.path == target
        after = dict((key, rest) for key, *rest in result.objects())  # noqa: C402
        assert after.keys() - before.keys() == {INVOICE, CUSTOMER}
        assert {key: after[key] for key in before} == before
        with demo.as_at(BEFORE_THE_LOSS) as past:
            for key_ in (INVOICE, CUSTOMER):
                assert result.record(key_).raw == past.record(key_).raw
        (attached,) = [row for row in result.attachments.to_arrow().to_pylist() if row["object"] == INVOICE]
        content = result.attachment_bytes(attached["attachment"])
        assert hashlib.sha256(content).hexdigest() == attached["sha256"]
        assert set(result.attachments.to_pandas()["state"]) == {"present"}
    assert mn.verify_backup(target, "restore").ok
    assert below(target.parent) == sorted(f"{target.name}{part}" for part in ("", ".manifest.json", ".restore.json"))


def test_history_tells_of_the_restore_as_manager_would(demo: mn.Business, tmp_path: Path) -> None:
    begun = dt.datetime.now(dt.UTC)
    with mn.apply_restore(lost(demo), tmp_path / "a.manager.tar", **OPERATOR) as result:
        rows = result.history.page(0, 3).to_pylist()
        assert [row["action"] for row in rows[:2]] == ["create", "create"]
        assert {row["user"] for row in rows[:2]} == {"लेखा परीक्षक"}
        assert len({row["commit"] for row in rows[:2]}) == len({row["ticks"] for row in rows[:2]}) == 1
        assert begun <= rows[0]["time"] <= dt.datetime.now(dt.UTC)
        assert rows[2] == demo.history.page(0, 1).to_pylist()[0]
        assert len(result.history) == len(demo.history) + 2
        with result.as_at(rows[2]["ticks"]) as before:
            assert list(before.objects()) == list(demo.objects())
            assert before.certificate.level == "exact"
    with closing(sqlite3.connect(result_database(tmp_path / "a.manager.tar", tmp_path))) as database:
        sql = 'SELECT "ContentTypeBefore", "ContentBefore" FROM "Changes" WHERE "User" = ?'
        assert set(database.execute(sql, ("लेखा परीक्षक",))) == {("00000000-0000-0000-0000-000000000000", None)}


def result_database(tar: Path, folder: Path) -> Path:
    import tarfile

    with tarfile.open(tar) as opened:
        member = next(name for name in opened.getnames() if name.endswith(".manager"))
        content = opened.extractfile(member)  # Debian 12 has Python 3.11.2, whose extract() knows no filter
        assert content is not None
        unpacked = folder / "unpacked.manager"
        unpacked.write_bytes(content.read())
    return unpacked


def test_the_journal_says_who_why_what_and_from_which_file(
    demo: mn.Business, himalaya_tar: Path, tmp_path: Path
) -> None:
    target = tmp_path / "a.manager.tar"
    mn.apply_restore(lost(demo), target, **OPERATOR).close()
    told = json.loads((tmp_path / "a.manager.tar.restore.json").read_text("utf-8"))
    assert (told["user"], told["reason"]) == ("लेखा परीक्षक", "Deleted by mistake")
    assert told["source"]["sha256"] == hashlib.sha256(himalaya_tar.read_bytes()).hexdigest()
    assert told["result"]["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert [(row["object"], row["depth"]) for row in told["actions"]] == [(INVOICE, 0), (CUSTOMER, 1)]
    assert told["selection"]["keys"] == [INVOICE]
    assert told["past"]["certificate"] == "exact"
    with mn.open_business(target) as result:
        assert told["commit"]["key"] == result.history.page(0, 1).to_pylist()[0]["commit"]


def test_a_batch_is_undone_and_nothing_else_is_touched(himalaya: Path, tmp_path: Path) -> None:
    with mn.open_business(himalaya) as demo:
        plan = mn.plan_restore(demo, demo, mn.Selection(commits=[BATCH]))
        batch = [row for row in demo.history.to_arrow().to_pylist() if row["commit"] == BATCH]
        with mn.apply_restore(plan, tmp_path / "a.manager", **OPERATOR) as result:
            compared = mn.compare(demo, result)
            assert {row["key"] for row in compared.records.to_arrow().to_pylist()} == {row["object"] for row in batch}
            with demo.as_at(batch[0]["ticks"] - 1) as before:
                for row in batch:
                    assert result.record(row["object"]).raw == before.record(row["object"]).raw
        old, new = (digest_tables(one.open_source.database) for one in (demo, _open(tmp_path / "a.manager")))
        assert {table for table in old if old[table] != new[table]} == {"Objects", "Changes"}


def _open(path: Path) -> mn.Business:
    return mn.open_business(path)


@pytest.mark.parametrize("ending", [".manager.tar", ".manager"])
def test_everything_as_at_a_moment_goes_into_a_new_file(
    demo: mn.Business, data: Path, tmp_path: Path, ending: str
) -> None:
    told = json.loads((data / "himalaya/truth/as_at/2025-09.json").read_text("utf-8"))
    with demo.as_at(told["ticks"]) as then:
        plan = mn.plan_restore(demo, then, mn.Selection.everything())
        with mn.apply_restore(plan, tmp_path / f"a{ending}", **OPERATOR) as result:
            objects = {key: [kind, hashlib.sha256(raw).hexdigest()] for key, kind, raw in result.objects()}
            assert objects == told["objects"]
            assert len(result.history) == len(demo.history) + len(plan.effective)
            assert set(result.attachments.to_pandas()["state"]) == {"present"}


def test_the_row_of_a_restore_has_the_shape_that_the_program_accepted(
    himalaya: Path, data: Path, tmp_path: Path
) -> None:
    """`Restored by appending` was opened by the program, which listed its last commit in History."""
    sql = (
        'SELECT "Object", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore", "ContentAfter", length("Key"),'
        ' length("Commit"), substr("Key", 15, 1), typeof("Timestamp"), typeof("User") FROM "Changes"'
        ' WHERE "Commit" = (SELECT "Commit" FROM "Changes" ORDER BY "Timestamp" DESC LIMIT 1) ORDER BY "Object"'
    )
    with mn.open_business(himalaya) as demo, demo.as_at(BEFORE_THE_LOSS) as past:
        plan = mn.plan_restore(demo, past, mn.Selection(keys=[INVOICE, CUSTOMER]))
        mn.apply_restore(plan, tmp_path / "a.manager", **OPERATOR).close()
    rows = []
    for path in (tmp_path / "a.manager", data / "small/Restored by appending.manager"):
        with closing(sqlite3.connect(path)) as database:
            rows.append(database.execute(sql).fetchall())
    assert rows[0] == rows[1]
    assert len(rows[0]) == 2


def test_a_days_work_on_attachments_is_taken_back(demo: mn.Business, tmp_path: Path) -> None:
    day = dt.date(2025, 10, 27)
    chosen = mn.Selection(users=["Ravi Kumar"], between=(day, day), zone="Asia/Kolkata")
    plan = mn.plan_restore(demo, demo, chosen, mode=ONLY_FREE)
    assert any(step.shown.type == "Attachment" and step.after is None for step in plan.effective)
    with mn.apply_restore(plan, tmp_path / "a.manager.tar", **OPERATOR) as result:
        assert len(result.attachments) == len(demo.attachments) - 1


def test_from_an_earlier_backup(himalaya: Path, data: Path, tmp_path: Path) -> None:
    earlier = data / "himalaya/earlier/Himalaya Traders (2025-12-31).manager"
    with mn.open_business(himalaya) as demo:
        rows = mn.compare(mn.open_business(earlier), demo).records.to_arrow().to_pylist()
        changed = [row["key"] for row in rows if row["type"] == "Customer" and row["state"] == "differing"]
        plan = mn.plan_restore(demo, earlier, mn.Selection(keys=changed[:2]))
        with mn.apply_restore(plan, tmp_path / "a.manager", **OPERATOR) as result, mn.open_business(earlier) as past:
            assert [result.record(key).raw for key in changed[:2]] == [past.record(key).raw for key in changed[:2]]
            assert result.record(changed[2]).raw == demo.record(changed[2]).raw


def test_a_restore_of_a_restore_gives_the_business_back(himalaya: Path, tmp_path: Path) -> None:
    with mn.open_business(himalaya) as demo:
        first = mn.apply_restore(
            mn.plan_restore(demo, demo.as_at(BEFORE_THE_LOSS), mn.Selection(keys=[INVOICE])),
            tmp_path / "a.manager",
            **OPERATOR,
        )
        again = mn.plan_restore(first, first, mn.Selection(users=[OPERATOR["user"]]))
        with mn.apply_restore(again, tmp_path / "b.manager", **OPERATOR) as second:
            assert list(second.objects()) == list(demo.objects())
            assert len(second.history) == len(demo.history) + 4


def test_a_file_of_an_older_version_gets_the_columns_that_a_restore_needs(tmp_path: Path) -> None:
    rows = [change(1, 1, None, content("Customer", Name="A")), change(2, 1, content("Customer", Name="A"), None)]
    path = write(tmp_path / "a.manager", [record(2, "Customer", Name="B")], Changes=rows)
    older = altered(path, tmp_path / "older.manager", 'ALTER TABLE "Objects" DROP COLUMN "Timestamp"')
    with mn.open_business(older) as business:
        plan = mn.plan_restore(business, business, mn.Selection(commits=[key(8002)]))
        with mn.apply_restore(plan, tmp_path / "b.manager", **OPERATOR) as result:
            assert result.record(key(1)).fields == {"Name": "A"}
            assert result.record(key(2)).ticks is None


def test_the_files_own_triggers_do_not_run_and_stay(himalaya: Path, tmp_path: Path) -> None:
    trigger = 'CREATE TRIGGER t AFTER INSERT ON "Changes" BEGIN DELETE FROM "Emails"; END'
    source = altered(himalaya, tmp_path / "a.manager", trigger)
    with mn.open_business(source) as demo:
        plan = mn.plan_restore(demo, demo, mn.Selection(commits=[BATCH]))
        with mn.apply_restore(plan, tmp_path / "out" / "b.manager", **OPERATOR) as result:
            assert len(result.emails) == 74
    with closing(sqlite3.connect(tmp_path / "out" / "b.manager")) as database:
        assert database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall() == [("t",)]


def test_a_plan_with_conflicts_is_refused_until_somebody_decides(himalaya: Path, tmp_path: Path) -> None:
    day = dt.date(2025, 10, 27)
    chosen = mn.Selection(users=["Ravi Kumar"], between=(day, day), zone="Asia/Kolkata")
    with mn.open_business(himalaya) as demo:
        with pytest.raises(ConflictError) as caught:
            mn.apply_restore(mn.plan_restore(demo, demo, chosen), tmp_path / "a.manager", **OPERATOR)
        assert "P1859" in caught.value.message
        assert below(tmp_path) == []
        forced = mn.plan_restore(demo, demo, chosen, mode=FORCE)
        with mn.apply_restore(forced, tmp_path / "a.manager", **OPERATOR) as result:
            assert {key: one.content for key, one in forced.after.items()} == {k: c for k, _, c in result.objects()}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"user": " "}, SelectionError),
        ({"reason": ""}, SelectionError),
        ({"target": "a.txt"}, TargetError),
        ({"target": "a?.manager"}, BusinessNameError),
        ({"target": "taken.manager"}, TargetExistsError),
    ],
)
def test_what_cannot_be_done_leaves_nothing(
    himalaya: Path, tmp_path: Path, changed: dict[str, str], error: type[Exception]
) -> None:
    (tmp_path / "taken.manager.restore.json").write_text("{}")
    given = {"target": "a.manager", **OPERATOR, **changed}
    with mn.open_business(himalaya) as demo:
        plan = mn.plan_restore(demo, demo, mn.Selection(commits=[BATCH]))
        with pytest.raises(error):
            mn.apply_restore(plan, tmp_path / given.pop("target"), **given)
    assert below(tmp_path) == ["taken.manager.restore.json"]


def test_nothing_to_do_and_a_changed_source_are_told(himalaya: Path, tmp_path: Path) -> None:
    source = altered(himalaya, tmp_path / "a.manager")
    with mn.open_business(source) as demo, demo.as_at(BEFORE_THE_LOSS) as past:
        same = mn.plan_restore(demo, past, mn.Selection(keys=["0195f00e-62e2-70d1-84a3-3922ae724028"]))
        with pytest.raises(SelectionError, match="nothing to restore"):
            mn.apply_restore(same, tmp_path / "b.manager", **OPERATOR)
        plan = mn.plan_restore(demo, past, mn.Selection(keys=[INVOICE]))
        with source.open("ab") as file:
            file.write(b"\0")
        with pytest.raises(SourceChangedError):
            mn.apply_restore(plan, tmp_path / "b.manager", **OPERATOR)
    assert below(tmp_path) == ["a.manager"]


def test_a_result_that_is_not_the_prediction_is_removed(
    himalaya: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(database: Path, *rest: object) -> list[str]:
        keys = apply_rows(database, *rest)
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute('UPDATE "Objects" SET "Content" = ? WHERE "Key" = ?', (b"", INVOICE))
        return keys

    apply_rows = apply.write_rows
    monkeypatch.setattr(apply, "write_rows", careless)
    with mn.open_business(himalaya) as demo:
        plan = mn.plan_restore(demo, demo.as_at(BEFORE_THE_LOSS), mn.Selection(keys=[INVOICE]))
        with pytest.raises(VerificationError, match=INVOICE):
            mn.apply_restore(plan, tmp_path / "a.manager", **OPERATOR)
    assert below(tmp_path) == []


def test_stopped_at_any_step_nothing_half_is_left(himalaya: Path, tmp_path: Path) -> None:
    seen: list[str] = []
    steps.watchers.append(seen.append)
    with mn.open_business(himalaya) as demo:
        plan = mn.plan_restore(demo, demo, mn.Selection(commits=[BATCH]))
        mn.apply_restore(plan, tmp_path / "0" / "a.manager", **OPERATOR).close()
        named = seen.index("before the name .manager")
        assert named > 5
        for number in range(named + 1):
            left = iter(range(number))

            def stop(_step: str, left: Iterator[int] = left) -> None:
                if next(left, None) is None:
                    raise CancelledError("cancelled", hint="-")

            steps.watchers[:] = [stop]
            folder = tmp_path / f"try {number}"
            try:
                with pytest.raises(CancelledError):
                    mn.apply_restore(plan, folder / "a.manager", **OPERATOR)
            finally:
                steps.watchers.clear()
            assert not folder.exists() or below(folder) == [], seen[number]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.integers(3, 40), st.booleans())
def test_whatever_happened_any_instant_comes_back_and_goes_again(seed: int, actions: int, whole: bool) -> None:
    """A random life of a business: restore an instant, wholly or some records of it; then take the restore back."""
    life = Life(random.Random(seed))
    for _ in range(actions):
        life.act(undo=False, reset=False)
    ticks, state = life.dice.choice(life.memory)
    with (
        tempfile.TemporaryDirectory() as folder,
        mn.open_business(life.write(Path(folder) / "life.manager")) as business,
    ):
        keys = life.dice.sample(sorted(state), min(3, len(state)))
        chosen = mn.Selection.everything() if whole or not keys else mn.Selection(keys=keys)
        with business.as_at(ticks) as past:
            plan = mn.plan_restore(business, past, chosen)
            assert not plan.undecided
            if not plan.effective:
                return
            restored = mn.apply_restore(plan, Path(folder) / "restored.manager", **OPERATOR)
        with restored:
            expected = state if chosen.all else {**life.now, **{key: state[key] for key in keys}}
            now = {key: raw for key, kind, raw in restored.objects() if not key.startswith("a9a71e47")}
            assert now == expected
            back = mn.plan_restore(restored, restored, mn.Selection(users=[OPERATOR["user"]]))
            with mn.apply_restore(back, Path(folder) / "back.manager", **OPERATOR) as again:
                assert list(again.objects()) == list(business.objects())
