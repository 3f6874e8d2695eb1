"""Bringing records back on the server itself: the choice, the warnings, and what came of it, record by record."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from manager_nb.backup.store import Store
from manager_nb.errors import ConflictError, ManagerNbError
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.restore.steps import CREATE, DELETE, REVERT
from manager_nb.server.live_proof import DONE, NOT_KNOWN
from manager_nb.server.live_result import STATES
from manager_nb.widgets import view
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.naming import record_column, type_column
from manager_nb.widgets.outcome import proof_list
from manager_nb.widgets.plan_view import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.restore.plan import RestorePlan
    from manager_nb.server.live_result import LiveRestore
    from manager_nb.widgets.from_server import FromServer, Origin
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

FILE, SERVER = "file", "server"
"""Where a plan is done: into a new file, or into the business on the server."""

_COLUMNS = (
    record_column(),
    Column("state", mark("What became of it"), words=STATES),
    Column("action", mark("What happens"), words=ACTIONS),
    type_column(),
    Column("object", mark("Key of the record"), hidden=True),
)
_DID = {"create": mark("Created"), "update": mark("Changed"), "delete": mark("Deleted")}
_OTHERS = (
    record_column(),
    Column("time", mark("Time")),
    Column("user", mark("User")),
    Column("action", mark("What happened"), words=_DID),
)
_PLACE = "live"


class RestoreLive:
    """The part of the panel of restores about the server.

    Args:
        panel: the panel it is in.
        source: where the business came from.
        look_into: called with the backup from afterwards, to open it here.

    Attributes:
        where: where the plan is done, `FILE` or `SERVER`.
        result: what was done on the server; None until then.
    """

    def __init__(self, panel: Panel, source: FromServer, look_into: Callable[[Path, RestorePlan | None], None]) -> None:
        self._panel, self._source, self._look_into = panel, source, look_into
        self.where = FILE
        self.result: LiveRestore | None = None
        self._agreed: tuple[str, str] | None = None  # to which server, and as whom
        self._plan: RestorePlan | None = None
        self._origin: Origin | None = None
        self._records = Grid(panel, "live-records")
        self._others = Grid(panel, "live-others")

    def forget(self) -> None:
        """Drop what was agreed, and what was done: the plan is another."""
        self._agreed, self.result, self._plan, self._origin = None, None, None, None
        self._records.clear()
        self._others.clear()

    def apply(self, origin: Origin, plan: RestorePlan, reason: str, ended: Callable[[], None]) -> None:
        """Do a plan on the server.

        Args:
            origin: the business there.
            plan: what is to be done.
            reason: why, for the journal.
            ended: called when it has come to an end, good or bad.
        """
        server, folder = self._source.server, Store(self._source.folder).folder_of(origin.business)
        if server is None or self._agreed != (server.url, server.user):
            return
        self._origin = origin

        def work(progress: Progress) -> LiveRestore:
            return server.restore(origin.business, plan, reason=reason, folder=folder, progress=progress)

        def show(done: LiveRestore) -> None:
            self.result, self._plan, self._agreed = done, plan, None
            self._records.show("", done.records.to_arrow(), _COLUMNS)
            self._others.show("", done.others.to_arrow(), _OTHERS)
            self._source.login.heed(done.error)
            ended()
            self._panel.focus = "live-result"

        with self._panel.change(_PLACE):
            self._panel.run("Downloading", work, show, place=_PLACE)

    # ---- the screen ----------------------------------------------------------------------------------------------

    def choice(self) -> Node:
        """Where the plan is done."""
        text = self._panel.text
        return view.choice(
            text("Where it is done"),
            {FILE: text("In a new file"), SERVER: text("On the server, in the business itself")},
            self.where,
            self._choose,
            key="where-done",
            disabled=self._panel.busy,
            helps={
                FILE: text("You look at it first, and import it then. Nothing changes on the server."),
                SERVER: text("Manager itself does it and writes its own History, under your name there."),
            },
        )

    def action(
        self, origin: Origin, plan: RestorePlan, reason: Node, button: Callable[[str, bool], Node], signed: bool
    ) -> Iterable[Node | None]:
        """What to know before, the reason, the tick, the button.

        Args:
            origin: the business there.
            plan: what is to be done.
            reason: the field for the reason.
            button: makes the button, given its words and whether it may be pressed.
            signed: whether there is a reason.
        """
        panel, text, server = self._panel, self._panel.text, self._source.server
        if server is None:
            yield view.notice(text("Sign in to the server again, at the top of this panel."), look="warning")
            return
        if server.url != origin.server:
            words = text("The plan is of a business on {server}: sign in there again.", server=origin.server)
            yield view.notice(words, look="warning")
            return
        yield view.notice(
            text(
                "This changes the books of everybody who works there, now. Others may be working: a record that"
                " somebody changed meanwhile is not touched, and it stops there. The server does not stop changes in a"
                " locked period; read in the plan whether there are any. Right before and right after, a backup is"
                " made and proven."
            ),
            look="warning",
            title=text("Before you do it:"),
        )
        agreed = self._agreed == (server.url, server.user)
        yield reason
        yield view.paragraph(text("On the server it is done as {user}.", user=server.user), look="muted")
        yield view.check(
            text("I have read the plan: change {name} on {server}", name=origin.business, server=server.url),
            agreed,
            lambda ticked: self._agree((server.url, server.user) if ticked else None),
            key="live-agree",
            disabled=panel.busy,
            help=self._how_many(plan),
        )
        yield panel.trouble(_PLACE)
        yield from self._refused(origin)
        yield panel.under_way(_PLACE) or button(text("Bring back on the server"), signed and agreed)
        if not signed:
            yield view.paragraph(text("A reason is needed."), look="muted")

    def _how_many(self, plan: RestorePlan) -> str:
        counts = Counter(step.action for step in plan.effective)
        number = self._panel.words.number
        return self._panel.text(
            "Records that come back: {created}; that are changed back: {changed}; that are deleted: {deleted}.",
            created=number(counts[CREATE]),
            changed=number(counts[REVERT]),
            deleted=number(counts[DELETE]),
        )

    def _refused(self, origin: Origin) -> Iterable[Node]:
        """What a no leaves behind, and how to go on from there."""
        panel, error = self._panel, self._panel.error
        if panel.trouble(_PLACE) is None or not isinstance(error, ManagerNbError):
            return
        words = panel.text(
            "Nothing was changed on the server. If the backup from right before was made already, it stays in the"
            " folder of the backups."
        )
        yield view.paragraph(words, look="strong")
        newer = error.path
        if isinstance(error, ConflictError) and newer is not None:
            yield view.row(
                view.button(
                    panel.text("Open the business as it is on the server now"),
                    lambda: self._open(origin, newer, None),
                    key="live-newer",
                    look="strong",
                )
            )

    def outcome(self) -> Node | None:
        """What came of it."""
        done = self.result
        if done is None:
            return None
        text = self._panel.text
        self._records.rename(text("The records of the plan"))
        return view.section(
            self.verdict(done),
            view.paragraph(done.business, look="name"),
            *self._trouble(done),
            self._records.nodes(),
            *self._proof(done),
            *self._of_others(done),
            self._panel.copyable(text("Backup from right before"), str(done.before.path), key="live-before"),
            self._panel.copyable(text("Backup from right after"), str(done.after.path), key="live-after")
            if done.after is not None
            else None,
            self._panel.copyable(text("Journal: who, why, what"), str(done.journal), key="live-journal")
            if done.journal is not None
            else None,
            self._looking(done),
            key="live-result",
            look="result" if done.ok else "failed",
        )

    def verdict(self, done: LiveRestore) -> str:
        """In one line what came of it."""
        text = self._panel.text
        if done.ok:
            return text("The records are back on the server, and proven")
        states = done.records.to_arrow(["state"]).column(0).to_pylist()
        if DONE not in states and NOT_KNOWN not in states:
            return text("Nothing was changed on the server")
        if done.error is not None and set(states) == {DONE} and done.proof is not None and done.proof.ok:
            return text("The records are back on the server, and proven; look at the problem below all the same")
        if done.error is not None:
            return text("It stopped half way: see below what is done and what is not")
        return text("The records are written on the server, but not proven")

    def _trouble(self, done: LiveRestore) -> Iterable[Node]:
        text = self._panel.text
        for error in (done.error, done.unproven):
            if error is not None:
                message, hint = error.in_language(text)
                yield view.trouble(message, hint, title=text("Problem"))

    def _proof(self, done: LiveRestore) -> Iterable[Node]:
        if done.proof is not None:
            yield view.paragraph(self._panel.text("How it was checked"), look="label")
            yield proof_list(self._panel, done.proof, details=True)

    def _of_others(self, done: LiveRestore) -> Iterable[Node]:
        panel = self._panel
        since = len(done.since)
        if since:
            words = panel.plural(
                "Since the plan was made, {count} change came on the server; what the plan acts on was not among it.",
                "Since the plan was made, {count} changes came on the server; what the plan acts on was not among"
                " them.",
                since,
            )
            yield view.paragraph(words, look="muted")
        if len(done.others):
            words = panel.plural(
                "While it was done, others made {count} change.", "While it was done, others made {count} changes.",
                len(done.others),
            )  # fmt: skip
            self._others.rename(panel.text("Changes of others meanwhile"))
            yield view.paragraph(words)
            yield view.fold(panel.text("Changes of others meanwhile"), self._others.nodes(), key="live-others-fold")

    def _looking(self, done: LiveRestore) -> Node | None:
        after, origin, plan = done.after, self._origin, self._plan if done.ok else None
        if after is None or origin is None:
            return None
        return view.button(
            self._panel.text("Open the business as it is on the server now"),
            lambda: self._open(origin, after.path, plan),
            key="live-look",
        )

    # ---- what happens --------------------------------------------------------------------------------------------

    def _open(self, origin: Origin, path: Path, plan: RestorePlan | None) -> None:
        """Open a newer backup of the business in place of the one that the plan was made from."""
        self._source.came(path, origin.business, origin.server)
        self._look_into(path, plan)

    def _choose(self, where: str) -> None:
        self.where, self._agreed = where, None

    def _agree(self, agreed: tuple[str, str] | None) -> None:
        self._agreed = agreed
