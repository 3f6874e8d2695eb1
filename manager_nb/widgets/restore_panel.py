"""Bring records back by clicking: choose them, read the plan, give a reason, get a new file and its proof."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any as Whatever

from traitlets import Any, Unicode

from manager_nb.backup.create import is_current
from manager_nb.backup.names import backup_name, numbered, undated
from manager_nb.errors import BusinessNameError, ManagerNbError
from manager_nb.format.scalars import ticks_to_datetime
from manager_nb.i18n import in_zone
from manager_nb.model.contents import IN_BLOBS, IN_BLOBS2
from manager_nb.progress import check
from manager_nb.restore.apply import apply_restore
from manager_nb.restore.plan import STOP, RestorePlan, plan_restore
from manager_nb.timeline.business import PastBusiness
from manager_nb.widgets import view
from manager_nb.widgets.brought_back import BroughtBack
from manager_nb.widgets.files import FolderChooser
from manager_nb.widgets.folders import backup_folder
from manager_nb.widgets.from_server import FromServer, Origin
from manager_nb.widgets.open_panel import OpenPanel
from manager_nb.widgets.plan_view import PlanView
from manager_nb.widgets.restore_live import SERVER, RestoreLive
from manager_nb.widgets.restore_outcome import Applied, outcome
from manager_nb.widgets.restore_ways import RestoreWays

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.model.business import Business as AnyBusiness
    from manager_nb.progress import Progress
    from manager_nb.restore.selection import Selection
    from manager_nb.timeline.business import Business
    from manager_nb.widgets.view import Node


class RestorePanel(OpenPanel):
    """Brings single records, or a whole past, back into a new file; nothing is written before the button is pressed.

    Args:
        source: the business as it is now: a file or an open `Business`; None lets the person choose.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.
        deleted: keys of deleted records that are ticked at first.

    Attributes:
        selection: what is chosen, a `Selection`; None while nothing is.
        plan: the `RestorePlan` that is shown; None until it is made, and again when the choice changes.
        mode: how the plan deals with conflicts.
        user: who restores, as the History of the new file will show it.
        reason: why, for the journal.
        folder: where the new file goes.
        name: what it is called, without its ending.
        result: the path of the new file, None until it is there.
        server: the part that opens a business of a Manager server; ``server.login`` signs in.
        live: the part that does the plan there; ``live.result`` is what came of it.
    """

    plan = Any(None)
    mode = Unicode(STOP)
    user = Unicode("")
    reason = Unicode("")
    folder = Any(None)
    name = Unicode("")

    def __init__(
        self,
        source: Path | str | AnyBusiness | None = None,
        *,
        language: str | None = None,
        timezone: str | None = None,
        deleted: Iterable[str] = (),
    ) -> None:
        self._ticked = frozenset(deleted)
        self._ways = RestoreWays(self, self._chosen)
        self._plan_view = PlanView(self, self._choose_mode, lambda: self._on_server)
        self._folders = FolderChooser(self, "folder", self._use_folder, lambda: Path(self.folder))
        self._brought = BroughtBack(self, "brought")
        self.server = FromServer(self, "server", self.open)
        self.live = RestoreLive(self, self.server, self._look_into)
        self._signed: frozenset[tuple[object, ...]] = frozenset()  # what the reason and the mode were meant for
        self._ending = "manager"
        self._done: Applied | None = None
        self._suggested = ""
        super().__init__(source, language=language, timezone=timezone)
        self.folder = backup_folder()

    # ---- what it does, from a button or from code ----------------------------------------------------------------

    @property
    def selection(self) -> Selection | None:
        """What is chosen."""
        return self._ways.selection

    def make_plan(self) -> None:
        """Make the plan for what is chosen."""
        current, past, selection, mode = self.current, self._ways.source(), self.selection, self.mode
        if current is None or past is None or selection is None:
            self._take(None)
            return

        def work(progress: Progress) -> RestorePlan:
            plan = plan_restore(current, past, selection, mode=mode, progress=progress)
            self._plan_view.read(plan)
            check(progress)
            return plan

        def show(plan: RestorePlan) -> None:
            if (plan.selection, plan.past) != (self.selection, self._ways.source()):
                self.make_plan()  # something else was chosen meanwhile
                return
            self._take(plan)
            self._suggest_name()
            self.focus = "plan"

        with self.change("plan"):
            self._take(None)
            self.run("Planning", work, show, place="plan")

    def apply(self) -> None:
        """Write the new file as the plan says, and prove it."""
        plan, user, reason = self.plan, self.user, self.reason
        target = self.target

        def write(progress: Progress) -> tuple[Path, Applied]:
            with apply_restore(plan, target, user=user, reason=reason, progress=progress) as made:
                (newest,) = made.history.page(0, 1, ["user"]).to_pylist()
                return made.source.path, Applied(plan, str(newest["user"]), is_current(plan.current))

        def show(made: tuple[Path, Applied]) -> None:
            self.result, self._done = made
            self._unsign()  # the next restore has a reason of its own
            self.focus = "result"

        with self.change("apply"):
            self.result = None
            if plan is None:
                raise ManagerNbError(
                    "There is no plan yet.", hint="Choose what comes back, then make the plan and read it."
                )
            self.run("Bringing back", write, show, place="apply")

    def apply_on_server(self) -> None:
        """Do the plan in the business on the server that this one was downloaded from."""
        if self._origin is not None and self.plan is not None:
            self.live.apply(self._origin, self.plan, self.reason, self._unsign)

    def close(self) -> None:
        """Let go of everything; sign out too."""
        super().close()
        self.server.close()

    @property
    def _origin(self) -> Origin | None:
        """Of which business of a server the one that is open is a download."""
        return self.server.origin_of(self.source)

    @property
    def _on_server(self) -> bool:
        """Whether the plan is to be done there, not into a new file."""
        return self._origin is not None and self.live.where == SERVER

    @property
    def target(self) -> Path:
        """The file that is written."""
        return Path(self.folder) / f"{self.name}.{self._ending}"

    def read(self, business: Business, progress: Progress) -> Whatever:
        """What the lists hold, and whether attachments lie outside the database."""
        where = business.attachments.to_arrow(["where"], progress=progress)["where"].to_pylist()
        outside = any(place not in (None, IN_BLOBS, IN_BLOBS2) for place in where)
        return outside, self._ways.read(business, progress)

    def show(self, seen: Whatever) -> None:
        """Take it."""
        assert self.current is not None  # noqa: S101 - it has just been opened
        outside, lists = seen
        self._ending = "manager.tar" if outside else "manager"
        self._ways.show(self.current, lists)
        self._brought.show(self.current)
        self._ways.tick_deleted(self._ticked)
        self._suggest_name()

    def forget(self) -> None:
        """Drop the choice, the plan and what was made."""
        super().forget()
        self._ways.forget()
        self._brought.forget()
        if self._signed:
            self._unsign()
        self._take(None)
        self.name = self._suggested = ""

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Bring records back")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "Choose what was lost, read the plan, and get a new file. Your present file is only read, and nothing is"
            " written before you press Bring back."
        )

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.live.result is not None and not self.busy:
            return self.live.verdict(self.live.result)
        if self.result is not None and not self.busy:
            return self.text("The records are back: {name}", name=self.result.name)
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The business, the choice, the plan, the action, the outcome."""
        yield self.business(self.text("1. The business as it is now"), types=False)
        yield self.server.nodes()
        if self.current is None:
            return
        yield self._brought.nodes()
        yield view.section(self.text("2. What comes back"), *self._ways.nodes(), self._planning(), key="choice")
        if self.plan is not None:
            yield view.section(self.text("3. The plan"), *self._plan_view.nodes(), key="plan")
        if self.plan is not None and self.result is None and self.live.result is None:
            yield self._action()
        else:  # the choice was changed while the file was being written
            for place in ("apply", "live"):
                yield self.under_way(place)
                yield self.trouble(place)
        if self.result is not None and self._done is not None:
            path, done = self.result, self._done
            yield outcome(self, path, done, lambda: self._look_into(path, done.plan))
        yield self.live.outcome()

    def _planning(self) -> Node:
        ready = self.selection is not None and not self.busy
        first = self.text("First tick what you want back.")
        return view.group(
            self.trouble("plan"),
            self.under_way("plan")
            or view.button(
                self.text("Show the plan"),
                self.make_plan,
                key="make-plan",
                look="primary" if self.plan is None else "",
                disabled=not ready,
                focus=True,
            ),
            view.paragraph(first, look="muted") if self.selection is None else None,
            look="action",
        )

    def _action(self) -> Node | None:
        text = self.text
        if not self.plan.effective and not self.plan.undecided:
            return view.notice(text("There is nothing to bring back: what was chosen is as it was."))
        undecided = view.notice(
            text("The plan has conflicts. Choose above how to deal with them, or choose other records."),
            look="warning",
            title=text("To be decided:"),
        )
        origin = self._origin
        return view.section(
            text("4. Bring back"),
            undecided if self.plan.undecided else None,
            self.live.choice() if origin is not None else None,
            *(self._into_server(origin) if origin is not None and self._on_server else self._into_file()),
            key="act",
        )

    def _into_server(self, origin: Origin) -> Iterable[Node | None]:
        def button(label: str, ready: bool) -> Node:
            stopped = not ready or self.busy or bool(self.plan.undecided)
            return view.button(label, self.apply_on_server, key="apply", look="primary", disabled=stopped, focus=True)

        return self.live.action(origin, self.plan, self._reason_field(), button, bool(self.reason.strip()))

    def _reason_field(self) -> Node:
        return view.entry(
            self.text("Reason"),
            self.reason,
            self._give_reason,
            key="reason",
            help=self.text("It goes into the journal beside the backups; Manager’s History has no place for it.")
            if self._on_server
            else self.text("It goes into the journal beside the file."),
            disabled=self.busy,
        )

    def _into_file(self) -> Iterable[Node | None]:
        text = self.text
        wrong = self._name_trouble()
        signed = bool(self.user.strip() and self.reason.strip())
        ready = signed and not (self.busy or self.plan.undecided or wrong)
        yield view.fields(
            view.entry(
                text("Your name"),
                self.user,
                self._setting("user"),
                key="user",
                help=text("The History of the new file will show it."),
                disabled=self.busy,
            ),
        )
        yield self._reason_field()
        yield view.entry(
            text("Name of the new file"),
            self.name,
            self._setting("name"),
            key="name",
            suffix=f".{self._ending}",
            help=wrong,
            disabled=self.busy,
        )
        yield view.row(
            self.copyable(text("Folder"), str(self.folder), key="target"),
            self._folders.opener(text("Choose another folder")),
        )
        yield self._folders.browser()
        yield None if self._folders.opened else self.trouble("folder")
        yield self.trouble("apply")
        yield self.under_way("apply") or view.button(
            text("Bring back"), self.apply, key="apply", look="primary", disabled=not ready, focus=True
        )
        if not (signed or self.plan.undecided):
            yield view.paragraph(text("Your name and a reason are needed."), look="muted")

    # ---- what happens --------------------------------------------------------------------------------------------

    def _chosen(self) -> None:
        """The choice has changed: the plan is of another. What was said of one restore is not said of another."""
        self._take(None)
        if self._signed and not self._signed & self._ways.chosen:
            self._unsign()

    def _unsign(self) -> None:
        self.reason, self.mode, self._signed = "", STOP, frozenset()

    def _give_reason(self, words: str) -> None:
        self.reason, self._signed = words, self._ways.chosen

    def _look_into(self, path: Path, plan: RestorePlan | None) -> None:
        if plan is not None:
            self._brought.expect(path, plan)
        self.open(path)

    def _take(self, plan: RestorePlan | None) -> None:
        self.plan, self.result, self._done = plan, None, None
        self.live.forget()
        self._plan_view.take(plan)

    def _suggest_name(self) -> None:
        """Name the new file after the business, unless another name was typed; with a number where it is taken."""
        if self.current is None or self.name != self._suggested:
            return
        own = undated(self.current.name)  # of a restored file: not "restored" twice
        past = self.plan.past if self.plan is not None and self.plan.selection.all else None
        if isinstance(past, PastBusiness):
            then = in_zone(ticks_to_datetime(past.ticks), self.timezone).date().isoformat()
            name = self.text("{name} (as at {date})", name=own, date=then)
        else:
            date = dt.datetime.now().astimezone().date().isoformat()
            name = self.text("{name} (restored {date})", name=own, date=date)
        for number in itertools.count(1):
            self.name = self._suggested = numbered(name, number)
            if self.folder is None or not os.path.lexists(self.target):
                return

    def _choose_mode(self, mode: str) -> None:
        self.mode, self._signed = mode, self._ways.chosen
        self.make_plan()

    def _setting(self, name: str) -> Whatever:
        return lambda words: self.set_trait(name, words)

    def _use_folder(self, folder: Path) -> None:
        self.folder = folder
        self._suggest_name()

    def _name_trouble(self) -> str:
        try:
            usable = backup_name(self.name).text
        except BusinessNameError as error:
            return " ".join(error.in_language(self.text))
        if usable != self.name:
            return self.text("This name cannot be used everywhere; take “{name}”.", name=usable)
        return ""
