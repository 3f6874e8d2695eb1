"""A restore into a live server: exactly what was planned, between two proven backups, or a no that says why."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import manager_nb as mn
from manager_nb import errors, i18n
from manager_nb.__main__ import main
from manager_nb.format.schema import SCHEMA, SCHEMA_TYPE
from manager_nb.model.references import references
from manager_nb.restore.plan import FORCE
from manager_nb.server import live
from manager_nb.server.live_result import RECORDS
from tests.crafting import below, execute
from tests.restore.test_plan import BATCH, BEFORE_THE_LOSS, CUSTOMER, INVOICE
from tests.server import records, wrongs
from tests.server.conftest import TRADERS
from tests.server.json_values import dumps, told
from tests.server.live import OTHER, at_nth, on_disk, save, writes
from tests.server.serving import serve_manager
from tests.server.users import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.server.serving import ManagerServer

INVOICES, CUSTOMERS = "/api4/sales-invoice", "/api4/customer"
LOST = mn.Selection(keys=[INVOICE])


@pytest.fixture
def current(himalaya_tar: Path) -> Iterator[mn.Business]:
    """The business of the server, as a file from which plans are made."""
    with mn.open_business(himalaya_tar) as business:
        yield business


@pytest.fixture
def plan(current: mn.Business) -> Iterator[mn.RestorePlan]:
    """An invoice comes back, and the customer that it needs."""
    with current.as_at(BEFORE_THE_LOSS) as past:
        yield mn.plan_restore(current, past, LOST)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "proof"


def states(done: mn.LiveRestore) -> dict[str, str]:
    return {row["object"]: row["state"] for row in done.records.to_arrow().to_pylist()}


def failed(done: mn.LiveRestore) -> list[str]:
    assert done.proof is not None
    return [row["check"] for row in done.proof.checks.to_arrow().to_pylist() if not row["ok"]]


def journal(done: mn.LiveRestore) -> Path:
    assert done.journal is not None
    return done.journal


def some(current: mn.Business, type_name: str) -> str:
    """The key of a record of a type."""
    kind = SCHEMA.named(type_name)
    assert kind is not None
    return next(key for key, guid, _ in current.objects() if guid == kind.guid and key != guid)


@pytest.mark.parametrize("taken", ["before", "after"])
@pytest.mark.parametrize("ending", [".manager.tar", ".manager.tar.manifest.json"])
def test_the_two_backups_have_names_of_which_neither_is_taken(tmp_path: Path, taken: str, ending: str) -> None:
    begun = dt.datetime(2026, 10, 25, 2, 30, tzinfo=dt.UTC)
    (tmp_path / f"Acme (2026-10-25 02.30.00 {taken}){ending}").touch()
    found = live._free_names("Acme", begun, tmp_path)
    assert found == tuple(live._called("Acme", f"2026-10-25 02.30.00 {what}", 2) for what in ("before", "after"))


# ---- it is done ------------------------------------------------------------------------------------------------------


def test_the_lost_invoice_comes_back_with_its_customer(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    done = client.restore(TRADERS, plan, reason="Deleted by mistake", folder=folder)
    assert done.ok
    assert done.error is done.unproven is None
    assert list(done.records.columns) == ["action", "type", "object", "label", "state"]
    assert done.since.columns == done.others.columns == plan.current.history.columns
    assert states(done) == {CUSTOMER: "done", INVOICE: "done"}
    assert writes(server) == [("PUT", CUSTOMERS), ("PUT", INVOICES)]
    assert {key: on_disk(server, key) for key in (CUSTOMER, INVOICE)} == {
        step.key: step.after.content for step in plan.effective if step.after is not None
    }
    assert done.after is not None
    with mn.open_business(done.after.path) as after:
        rows = after.history.page(0, 2, ["object", "user", "action"]).to_pylist()
        assert {(row["object"], row["user"], row["action"]) for row in rows} == {
            (CUSTOMER, "administrator", "create"),
            (INVOICE, "administrator", "create"),
        }
        assert len(after.history) == len(plan.current.history) + 2
    assert mn.verify_backup(done.before.path).ok
    assert mn.verify_backup(done.after.path).ok
    assert repr(done) == f"<LiveRestore '{TRADERS}': 2 of 2 done>"


def test_the_journal_tells_who_why_and_what_and_nothing_tells_the_password(
    client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    done = client.restore(TRADERS, plan, reason="गलती से मिटा", folder=folder)
    told = json.loads(journal(done).read_bytes())
    assert (told["user"], told["reason"], told["business"]) == ("administrator", "गलती से मिटा", TRADERS)
    assert [row["state"] for row in told["records"]] == ["done", "done"]
    assert told["before"]["sha256"] == done.before.manifest["file"]["sha256"]
    assert told["after"]["sha256"] != told["before"]["sha256"]
    assert all(row["ok"] for row in told["proof"])
    assert (told["stopped"], told["not_proven"], told["others_meanwhile"]) == (None, None, [])
    assert done.after is not None
    files = [done.before.path, done.after.path]
    papers = [path for file in files for path in (file, file.with_name(f"{file.name}.manifest.json"))]
    assert sorted(folder.iterdir()) == sorted([*papers, journal(done)])
    assert b"secret" not in journal(done).read_bytes().lower()
    assert "secret" not in repr(vars(done))


def test_the_backups_around_it_stay_in_a_store_whatever_the_retention_says(
    client: mn.Server, plan: mn.RestorePlan, tmp_path: Path
) -> None:
    store = mn.Store(tmp_path / "Store")
    done = client.restore(TRADERS, plan, reason="x", folder=store.folder_of(TRADERS))
    mn.back_up_all(client, store.folder)
    assert done.after is not None
    fates = {fate.backup.path: fate.because for fate in store.fates(mn.Retention(0, 0, 0, 0))}
    assert all("restore" in fates[path] for path in (done.before.path, done.after.path))


def test_a_batch_is_taken_back_on_the_server(
    server: ManagerServer, client: mn.Server, current: mn.Business, folder: Path
) -> None:
    plan = mn.plan_restore(current, current, mn.Selection(commits=[BATCH]))
    assert len(plan.effective) == 8
    done = client.restore(TRADERS, plan, reason="Wrong batch", folder=folder)
    assert done.ok
    assert all(on_disk(server, step.key) == (step.after and step.after.content) for step in plan.effective)


def test_what_is_taken_away_goes_last_and_those_that_name_it_first(
    server: ManagerServer, client: mn.Server, folder: Path, plan: mn.RestorePlan
) -> None:
    client.restore(TRADERS, plan, reason="There again", folder=folder)
    with mn.open_business(client.download(TRADERS, folder).path) as again:
        taken = mn.plan_restore(again, plan.current, mn.Selection(keys=[CUSTOMER, INVOICE]))
        server.requests.clear()
        done = client.restore(TRADERS, taken, reason="Not after all", folder=folder)
    assert done.ok
    assert writes(server) == [("DELETE", INVOICES), ("DELETE", CUSTOMERS)]
    assert on_disk(server, CUSTOMER) is None


def test_a_setting_is_changed_back(
    client: mn.Server, server: ManagerServer, current: mn.Business, folder: Path
) -> None:
    lock = SCHEMA.named("LockDate")
    assert lock is not None
    save(server, lock.guid, "LockDate", Date=dt.date(2024, 3, 31))
    with mn.open_business(client.download(TRADERS, folder).path) as now:
        plan = mn.plan_restore(now, current, mn.Selection(keys=[lock.guid]))
        sent: list[dict[str, Any]] = []

        def noted(handler: Any) -> None:
            sent.append(json.loads(handler.body()))
            handler.answered(*handler.path.partition("?")[::2])

        server.wrong("/api4/lock-date", noted, method="PUT")
        done = client.restore(TRADERS, plan, reason="Locked too late", folder=folder)
    assert done.ok
    assert [set(one) for one in sent] == [{"business", "value"}]  # a setting has no key there
    assert ("PUT", "/api4/lock-date") in writes(server)


def test_what_others_saved_elsewhere_does_not_matter_and_is_told(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    item, payment = some(plan.current, "InventoryItem"), some(plan.current, "Payment")
    save(server, item, "InventoryItem", ItemName="Since the plan")
    server.at_request = at_nth("PUT", INVOICES, 1, lambda: save(server, payment, "Payment", Description="Meanwhile"))
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert done.ok
    told = [(table.to_arrow(["object", "user"]).to_pylist()) for table in (done.since, done.others)]
    assert told == [[{"object": item, "user": OTHER}], [{"object": payment, "user": OTHER}]]
    assert [row["object"] for row in json.loads(journal(done).read_bytes())["others_meanwhile"]] == [payment]


def test_a_session_that_ends_half_way_is_begun_again(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    server.at_request = at_nth("PUT", INVOICES, 1, server.users.end_sessions)
    assert client.restore(TRADERS, plan, reason="Lost", folder=folder).ok


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_plan_in_words_speaks_of_the_server(plan: mn.RestorePlan, language: str) -> None:
    words = i18n.Language(language)
    there, file = plan.describe(language, into_server=True), plan.describe(language)
    assert words.text("Everything is done in the business on the server; its own History tells of it.") in there
    assert ("new file" in file or "नई फ़ाइल" in file, "new file" in there or "नई फ़ाइल" in there) == (True, False)


# ---- it is refused, and nothing is written ---------------------------------------------------------------------------


def _another_with_its_number(server: ManagerServer) -> None:
    save(server, "00000000-0000-4000-8000-000000000001", "SalesInvoice", Reference="1111")


def _lock_date(server: ManagerServer) -> None:
    lock = SCHEMA.named("LockDate")
    assert lock is not None
    save(server, lock.guid, "LockDate", Date=dt.date(2026, 12, 31))


@pytest.mark.parametrize(
    "deed",
    [
        lambda server: save(server, INVOICE, "SalesInvoice", Reference="9"),
        lambda server: save(server, CUSTOMER, "Customer", Name="Quicker"),
        _another_with_its_number,
        _lock_date,
    ],
    ids=["the record", "what it needs", "its number", "the lock date"],
)
def test_what_changed_since_the_plan_is_refused(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path, deed: Callable[[Any], None]
) -> None:
    deed(server)
    with pytest.raises(
        errors.ConflictError, match=r"since the plan was made\. Of what the plan needs were changed: 1"
    ) as caught:
        client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert writes(server) == []
    (kept,) = folder.glob("*.manager.tar")  # from which the plan can be made again
    assert kept.name in caught.value.hint


def test_a_record_that_is_referred_to_and_changed_since_is_refused(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    invoice = next(step.after for step in plan.effective if step.key == INVOICE)
    assert invoice is not None
    named = (one.key for one in references(invoice.content_type, invoice.content))
    item = next(one for one in named if one in plan.before and plan.before[one].type == "InventoryItem")
    save(server, item, "InventoryItem", ItemName="Renamed meanwhile")
    with pytest.raises(errors.ConflictError, match="Renamed meanwhile"):
        client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert writes(server) == []


def test_who_refers_since_to_what_is_deleted_is_a_refusal(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    client.restore(TRADERS, plan, reason="There again", folder=folder)
    with mn.open_business(client.download(TRADERS, folder).path) as again:
        taken = mn.plan_restore(again, plan.current, mn.Selection(keys=[CUSTOMER, INVOICE]))
        save(server, "00000000-0000-4000-8000-000000000002", "SalesInvoice", Customer=CUSTOMER)
        server.requests.clear()
        with pytest.raises(errors.ConflictError):
            client.restore(TRADERS, taken, reason="Not after all", folder=folder)
    assert writes(server) == []


def test_a_business_that_was_brought_up_to_date_since_is_refused(tmp_path: Path, himalaya: Path, folder: Path) -> None:
    with serve_manager(tmp_path / "server", {TRADERS: himalaya}) as server:
        execute(server.store.path(TRADERS), f"UPDATE Objects SET Content = X'089A03' WHERE Key = '{SCHEMA_TYPE}'")
        with mn.Server(server.url, "administrator", "secret", pauses=()) as client:
            older = client.download(TRADERS, folder).path
            with mn.open_business(older) as now, now.as_at(BEFORE_THE_LOSS) as past:
                plan = mn.plan_restore(now, past, LOST)
                with pytest.raises(errors.ConflictError, match="up to date"):
                    client.restore(TRADERS, plan, reason="Lost", folder=folder)
        assert writes(server) == []


def test_another_business_is_refused(
    server: ManagerServer, client: mn.Server, data: Path, plan: mn.RestorePlan, folder: Path
) -> None:
    server.store.add("Shop", data / "small" / "आरोही स्टोर्स.manager.tar")
    with pytest.raises(errors.SelectionError, match="another business"):
        client.restore("Shop", plan, reason="Lost", folder=folder)
    with pytest.raises(errors.UnknownBusinessError):
        client.restore("Nobody", plan, reason="Lost", folder=folder)
    assert writes(server) == []


def test_no_reason_and_undecided_conflicts_are_refused_before_anything_is_asked(
    server: ManagerServer, client: mn.Server, current: mn.Business, plan: mn.RestorePlan, folder: Path
) -> None:
    with current.as_at(BEFORE_THE_LOSS) as past:
        undecided = mn.plan_restore(current, past, LOST, depth=0)
    with pytest.raises(errors.ConflictError):
        client.restore(TRADERS, undecided, reason="Lost", folder=folder)
    with pytest.raises(errors.SelectionError, match="a reason"):
        client.restore(TRADERS, plan, reason=" ", folder=folder)
    assert (server.requests, folder.exists()) == ([], False)


def test_a_type_that_the_server_does_not_show_is_refused(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    server.no_single = frozenset({"customer"})
    with pytest.raises(errors.SelectionError, match="offers no way to write records like Customer"):
        client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert writes(server) == []


def test_a_field_that_the_server_does_not_know_is_refused(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    older = wrongs.data(b'{"code":null}', "application/json")
    server.at_request = at_nth("GET", CUSTOMERS, 2, lambda: server.wrong(CUSTOMERS, older, method="GET"))
    with pytest.raises(errors.SelectionError, match="fields that the server would lose"):
        client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert writes(server) == []


@pytest.mark.parametrize(
    "told_as", [lambda text: text, lambda text: float(text) + 0.25], ids=["text", "another number"]
)
def test_a_server_that_tells_money_otherwise_is_refused_before_the_first_record(
    server: ManagerServer,
    client: mn.Server,
    plan: mn.RestorePlan,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    told_as: Callable[[str], object],
) -> None:
    """Nothing of what comes back is there yet: a record of the same type tells how money is told."""

    def otherwise(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: otherwise(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [otherwise(inner) for inner in value]
        return told_as(str(value)) if isinstance(value, Decimal) and value else value

    monkeypatch.setattr(records, "told", lambda kind, content: otherwise(told(kind, content)))
    with pytest.raises(errors.SelectionError, match="does not show Sales Invoice"):
        client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert writes(server) == []


def test_the_only_record_of_its_type_comes_back_where_the_server_lists_the_type(
    server: ManagerServer, client: mn.Server, current: mn.Business, folder: Path
) -> None:
    project = some(current, "Project")
    save(server, project, None)
    with mn.open_business(client.download(TRADERS, folder).path) as now:
        plan = mn.plan_restore(now, current, mn.Selection(keys=[project]))
        server.no_single = frozenset({"project"})
        with pytest.raises(errors.SelectionError, match="offers no way"):
            client.restore(TRADERS, plan, reason="Lost", folder=folder / "refused")
        server.no_single = frozenset()
        assert client.restore(TRADERS, plan, reason="Lost", folder=folder / "done").ok
    assert on_disk(server, project) == {key: raw for key, _, raw in current.objects()}[project]


def test_a_user_who_may_not_back_up_writes_nothing(tmp_path: Path, himalaya: Path, plan: mn.RestorePlan) -> None:
    users = {"asha": User("a", administrator=False, businesses={TRADERS})}
    with (
        serve_manager(tmp_path / "server", {TRADERS: himalaya}, users=users) as server,
        mn.Server(server.url, "asha", "a", pauses=()) as client,
        pytest.raises(errors.NotAllowedError),
    ):
        client.restore(TRADERS, plan, reason="Lost", folder=tmp_path / "proof")
    assert writes(server) == []
    assert below(tmp_path / "proof") == []


def test_what_the_program_remembers_otherwise_than_its_file_says_is_refused(
    server: ManagerServer, client: mn.Server, current: mn.Business, folder: Path
) -> None:
    plan = mn.plan_restore(current, current, mn.Selection(commits=[BATCH]), mode=FORCE)
    step = plan.effective[0]
    server.store.objects(TRADERS).pop(step.shown.key)
    with pytest.raises(errors.SelectionError, match="does not show"):
        client.restore(TRADERS, plan, reason="Wrong batch", folder=folder)
    assert writes(server) == []


def test_cancel_before_anything_is_written_is_an_error(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    with pytest.raises(errors.CancelledError):
        client.restore(
            TRADERS, plan, reason="Lost", folder=folder, progress=Stopping("Looking at the records on the server")
        )
    assert writes(server) == []


# ---- it stops half way, and tells exactly where ----------------------------------------------------------------------


class Stopping:
    """Cancels when so many units of a step are done."""

    def __init__(self, step: str, after: int = 0) -> None:
        self.cancelled = False
        self._step, self._left, self._on = step, after, False

    def start(self, step: str, total: int | None = None) -> None:
        self._on = step == self._step
        self._look()

    def advance(self, amount: int = 1) -> None:
        self._left -= amount if self._on else 0
        self._look()

    def finish(self) -> None:
        self._on = False

    def _look(self) -> None:
        self.cancelled = self.cancelled or (self._on and self._left <= 0)


def test_cancel_is_heard_between_two_records(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder, progress=Stopping("Writing on the server", 1))
    assert states(done) == {CUSTOMER: "done", INVOICE: "not done"}
    assert isinstance(done.error, errors.CancelledError)
    assert (done.after, done.proof, done.ok) == (None, None, False)
    assert json.loads(journal(done).read_bytes())["stopped"]["error"] == "CancelledError"
    assert (on_disk(server, CUSTOMER) is not None, on_disk(server, INVOICE)) == (True, None)


def test_cancel_while_it_is_proven_leaves_it_done_and_says_so(
    client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    class Late(Stopping):
        """Is patient until everything is written."""

        def start(self, step: str, total: int | None = None) -> None:
            super().start("Begin" if self._left and step == "Downloading" else step, total)
            self._left = 0 if step == "Writing on the server" else self._left

    done = client.restore(TRADERS, plan, reason="Lost", folder=folder, progress=Late("Downloading", 1 << 40))
    assert set(states(done).values()) == {"done"}
    assert (done.error, done.after, done.ok) == (None, None, False)
    assert isinstance(done.unproven, errors.CancelledError)
    assert "othing was written" not in done.unproven.hint


def test_what_nobody_foresaw_leaves_a_journal_too(
    client: mn.Server, plan: mn.RestorePlan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "prove", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        client.restore(TRADERS, plan, reason="Lost", folder=folder)
    (paper,) = folder.glob("*.restore.json")
    assert [row["state"] for row in json.loads(paper.read_bytes())["records"]] == ["done", "done"]


@pytest.mark.parametrize(
    ("wrong", "state", "kind"),
    [
        (wrongs.answer_lost, "done", errors.ServerUnreachableError),
        (wrongs.hang_up, "not done", errors.ServerUnreachableError),
        (lambda handler: handler.fail("SqliteException", "database is locked"), "not done", errors.ServerFailedError),
        (lambda handler: handler.json(404, {"error": "not_found"}), "not done", errors.ServerFailedError),
        (lambda handler: handler.json(200, False), "not done", errors.ServerFailedError),
        (lambda handler: handler.json(403, {"error": "forbidden"}), "not done", errors.NotAllowedError),
    ],
    ids=["answer lost", "request lost", "locked", "not found", "false", "forbidden"],
)
def test_the_first_write_that_fails_stops_and_is_looked_at(
    server: ManagerServer,
    client: mn.Server,
    plan: mn.RestorePlan,
    folder: Path,
    wrong: Callable[[Any], None],
    state: str,
    kind: type[Exception],
) -> None:
    server.wrong(CUSTOMERS, wrong, method="PUT")
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert states(done) == {CUSTOMER: state, INVOICE: "not done"}
    assert (on_disk(server, CUSTOMER) is not None) == (state == "done")
    assert isinstance(done.error, kind)
    assert "othing was left" not in done.error.hint
    assert not done.ok
    assert (done.proof is not None) == (state == "done")
    assert journal(done).exists()


def test_where_nobody_answers_any_more_it_is_not_known_until_the_backup_tells(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    def gone(_handler: Any) -> None:
        server.wrong(CUSTOMERS, wrongs.hang_up, times=2, method="GET")
        wrongs.answer_lost(_handler)

    server.wrong(CUSTOMERS, gone, method="PUT")
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert states(done) == {CUSTOMER: "done", INVOICE: "not done"}


def test_what_is_still_under_way_is_waited_for(
    server: ManagerServer, plan: mn.RestorePlan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost before the server has done it; that it is not there yet does not tell that it never is."""
    (first, *_) = live.in_order(plan.effective)
    assert first.after is not None
    arrives = partial(
        records.write, server.store, TRADERS, {first.key: (first.after.content_type, first.after.content)}
    )
    server.wrong(CUSTOMERS, wrongs.hang_up, method="PUT")
    paused: list[float] = []

    def pause(seconds: float, _progress: object) -> None:
        paused.append(seconds)
        if seconds == 7:
            arrives("administrator")

    monkeypatch.setattr(live, "paused", pause)
    with mn.Server(server.url, "administrator", "secret", pauses=(5, 7, 9)) as client:
        done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert paused == [0, 5, 7]
    assert states(done) == {CUSTOMER: "done", INVOICE: "not done"}


def test_without_a_backup_after_what_is_not_known_stays_so(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    def gone(_handler: Any) -> None:
        server.wrong(CUSTOMERS, wrongs.hang_up, times=2, method="GET")
        server.wrong("/backup", wrongs.hang_up, times=9)
        wrongs.answer_lost(_handler)

    server.wrong(CUSTOMERS, gone, method="PUT")
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert states(done) == {CUSTOMER: "not known", INVOICE: "not done"}
    assert isinstance(done.unproven, errors.ServerUnreachableError)
    told = json.loads(journal(done).read_bytes())
    assert (told["after"], told["not_proven"]["error"]) == (None, "ServerUnreachableError")


def test_a_busy_server_leaves_it_done_and_not_proven(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    busy = wrongs.elsewhere("/backup?x")
    server.at_request = at_nth("PUT", INVOICES, 1, lambda: server.wrong("/backup", busy, times=9))
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert set(states(done).values()) == {"done"}
    assert isinstance(done.unproven, errors.ServerBusyError)
    assert (done.error, done.after, done.ok) == (None, None, False)


def test_who_may_not_log_in_any_more_has_not_written(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    def lock_out() -> None:
        server.users.by_name["administrator"].password = "another"
        server.users.end_sessions()

    server.at_request = at_nth("PUT", INVOICES, 1, lock_out)
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert states(done) == {CUSTOMER: "done", INVOICE: "not done"}
    assert isinstance(done.error, errors.SignInError)
    assert isinstance(done.unproven, errors.SignInError)


def test_what_was_done_is_told_also_where_the_disk_is_full(
    client: mn.Server, plan: mn.RestorePlan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise errors.DiskFullError("Full.", hint="Free some space.")

    monkeypatch.setattr(live, "write_journal", full)
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert set(states(done).values()) == {"done"}
    assert isinstance(done.unproven, errors.DiskFullError)
    assert (done.journal, done.ok) == (None, False)


def test_whoever_is_quicker_than_the_look_stops_it(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    server.at_request = at_nth("PUT", CUSTOMERS, 1, lambda: save(server, INVOICE, "SalesInvoice", Reference="Quicker"))
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert states(done) == {CUSTOMER: "done", INVOICE: "not done"}
    assert isinstance(done.error, errors.ConflictError)
    assert failed(done) == []
    assert [row["user"] for row in done.others.to_arrow(["user"]).to_pylist()] == [OTHER]


def test_whoever_saves_between_the_look_and_the_write_is_found_by_the_proof(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    server.at_request = at_nth("PUT", INVOICES, 1, lambda: save(server, INVOICE, "SalesInvoice", Reference="Between"))
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert not done.ok
    assert failed(done) == ["The server’s History tells of every one, under your name"]
    assert len(done.others) == 2  # the other's, and ours that took its place


def test_whoever_changes_what_came_back_right_after_is_found_by_the_proof(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    server.at_request = at_nth("POST", "/backup", 3, lambda: save(server, INVOICE, "SalesInvoice", Reference="After"))
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert states(done) == {CUSTOMER: "done", INVOICE: "done"}
    assert failed(done) == ["Every restored record is as planned, byte by byte"]
    assert [row["user"] for row in done.others.to_arrow(["user"]).to_pylist()] == [OTHER]


def test_a_server_that_writes_something_else_than_it_was_sent_stops_it(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    def otherwise(handler: Any) -> None:
        save(server, CUSTOMER, "Customer", Name="?")
        handler.json(200, True)

    server.wrong(CUSTOMERS, otherwise, method="PUT")
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert isinstance(done.error, errors.ServerFailedError)
    assert states(done) == {CUSTOMER: "not known", INVOICE: "not done"}
    assert len(done.others) == 1


def test_what_is_changed_without_a_trace_is_found_by_the_proof(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    payment = some(plan.current, "Payment")
    quietly = f"UPDATE Objects SET Content = X'' WHERE Key = '{payment}'"
    server.at_request = at_nth("PUT", INVOICES, 1, lambda: execute(server.store.path(TRADERS), quietly))
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert failed(done) == ["Every other record is unchanged, or History tells who changed it"]


def test_a_change_with_a_trace_that_leads_elsewhere_is_found_by_the_proof(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    payment = some(plan.current, "Payment")

    def act() -> None:
        save(server, payment, "Payment", Reference="Told")
        execute(server.store.path(TRADERS), f"UPDATE Objects SET Content = X'' WHERE Key = '{payment}'")

    server.at_request = at_nth("PUT", INVOICES, 1, act)
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert failed(done) == ["Every other record is unchanged, or History tells who changed it"]


def test_who_brought_the_same_back_meanwhile_is_not_taken_for_the_restore(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    (step,) = (one for one in plan.effective if one.key == INVOICE)
    assert step.after is not None
    theirs = {INVOICE: (step.after.content_type, step.after.content)}
    server.at_request = at_nth("PUT", INVOICES, 1, lambda: records.write(server.store, TRADERS, theirs, OTHER))
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert failed(done) == ["The server’s History tells of every one, under your name"]
    assert [row["user"] for row in done.others.to_arrow(["user"]).to_pylist()] == [OTHER]


def test_a_record_that_the_server_does_not_confirm_is_no_success(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    def unconfirmed(handler: Any) -> None:
        wrongs.quietly(handler)
        handler.json(200, "perhaps")

    server.wrong(CUSTOMERS, unconfirmed, method="PUT")
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert isinstance(done.error, errors.ServerFailedError)
    assert "did not take" in done.error.message
    assert states(done) == {CUSTOMER: "done", INVOICE: "not done"}


def test_a_form_in_which_nothing_is_filled_in_is_no_record(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    kind = SCHEMA.named("Customer")
    assert kind is not None
    form = wrongs.data(dumps(told(kind, b"")).encode(), "application/json")
    server.wrong(CUSTOMERS, form, method="GET")
    assert client.restore(TRADERS, plan, reason="Lost", folder=folder).ok


def test_what_is_not_known_is_not_well(client: mn.Server, plan: mn.RestorePlan, folder: Path) -> None:
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    rows = [{**row, "state": "not known"} for row in done.records.to_arrow().to_pylist()]
    unsure = mn.Table.of("Restored", pa.Table.from_pylist(rows, RECORDS))
    assert (done.ok, dataclasses.replace(done, records=unsure).ok) == (True, False)


def test_a_history_that_loses_a_row_meanwhile_is_found_by_the_proof(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    one = 'DELETE FROM "Changes" WHERE "Key" = (SELECT "Key" FROM "Changes" ORDER BY "Timestamp" LIMIT 1 OFFSET 300)'
    server.at_request = at_nth("PUT", INVOICES, 1, lambda: execute(server.store.path(TRADERS), one))
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert "Every row that History had before is still there, unchanged" in failed(done)


def test_an_attachment_that_loses_its_content_meanwhile_is_found_by_the_proof(
    server: ManagerServer, client: mn.Server, plan: mn.RestorePlan, folder: Path
) -> None:
    lost = next(path for path in server.store.blobs.rglob("*") if path.is_file())
    server.at_request = at_nth("PUT", INVOICES, 1, lost.unlink)
    done = client.restore(TRADERS, plan, reason="Lost", folder=folder)
    assert failed(done) == ["The content of every attachment is still there"]


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_command_restores_into_the_server_and_tells_its_exit_code(
    server: ManagerServer,
    himalaya_tar: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(*more: str, password: str = "secret") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        moment = ["--as-at", "2025-10-27T15:20", "--key", INVOICE]
        way = ["--into-server", server.url, "--business", TRADERS, "--password-stdin"]
        return main(["restore", str(himalaya_tar), *moment, *way, *more]), "".join(capsys.readouterr())

    proof = ["--proof", str(folder), "--reason", "Lost"]
    assert run()[0] == run("--proof", str(folder))[0] == 3  # no folder, no reason
    code, told = run(*proof, password="wrong")
    assert (code, "does not know" in told, writes(server)) == (3, True, [])
    server.wrong(INVOICES, lambda handler: handler.fail("SqliteException"), method="PUT")
    code, told = run(*proof, "--json")
    assert (code, [row["state"] for row in json.loads(told)["records"]]) == (1, ["done", "not done"])
    save(server, CUSTOMER, None)
    code, told = run(*proof)
    assert (code, "Restored and verified" in told) == (0, True)
