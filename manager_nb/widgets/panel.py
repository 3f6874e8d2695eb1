"""The base of every panel: language, error boundary, long work with Cancel, and one screen drawn from its state.

A panel is a class over one engine. It keeps its state in traits and says in :meth:`Panel.body` what the screen shows
for that state; every change of a trait draws the screen anew. Whatever a person does arrives in one place behind one
error boundary, so no exception is lost: it is shown with a hint (`role="alert"`) and kept as :attr:`Panel.error`.

Handlers may run in the notebook's main thread or in one that Jupyter gives to the widgets, and long work runs in a
thread of its own; one lock keeps them apart. :meth:`Panel.change` holds it.
"""

from __future__ import annotations

import contextlib
import threading
import traceback
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

from traitlets import All, Bool, HasTraits, Unicode
from traitlets import Any as AnyTrait

from manager_nb.errors import CancelledError, ManagerNbError
from manager_nb.i18n import Language, available, in_zone
from manager_nb.progress import IN_BYTES
from manager_nb.server.secrets import Secret
from manager_nb.timeline.moments import zone_named
from manager_nb.widgets import view
from manager_nb.widgets.preferences import preferences
from manager_nb.widgets.reruns import make_room
from manager_nb.widgets.view import Node, View
from manager_nb.widgets.work import Job
from manager_nb.widgets.zones import ZoneChooser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from manager_nb.progress import Progress

T = TypeVar("T")


class Panel(HasTraits):
    """One panel: show it as the last line of a cell.

    Args:
        language: code of the language ("en", "hi"); None follows the one chosen in any panel, and remembers it.
        timezone: IANA name of the zone in which times are shown; None follows the one chosen in any panel, at first
            this machine's.

    Raises:
        MomentError: there is no such zone.

    Attributes:
        busy: whether long work is under way.
        error: what went wrong last, None if nothing did.
        result: what the panel made, None until then.
    """

    language = Unicode("en")
    timezone = Unicode("UTC")
    busy = Bool(False)
    error = AnyTrait(None)
    result = AnyTrait(None)

    def __init__(self, *, language: str | None = None, timezone: str | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._heard: dict[str, int] = {}
        self._job: Job | None = None
        self._step = ""
        self._error_place = self._work_place = ""
        self._handlers: dict[str, Callable[..., None]] = {}
        self._view = View()
        self._own_language, self._own_timezone = language is not None, timezone is not None
        self._zones = ZoneChooser(self, self._choose_timezone)
        self._focus, self._focus_asked = "", 0
        self._kept = kept = preferences()
        kept.refresh()
        if timezone is not None:
            zone_named(timezone)
        super().__init__()
        with self.change():
            self.language = language or kept.language
            self.timezone = timezone or kept.timezone
        followed = {"language": not self._own_language, "timezone": not self._own_timezone}
        self._followers = {name: _follower(self, name) for name, follows in followed.items() if follows}
        for name, follower in self._followers.items():
            kept.observe(follower, name)
        self._view.on_msg(self._receive)
        closing = weakref.WeakMethod(self.close)
        self._view.closed = lambda: (close := closing()) and close()
        self.observe(self._changed, All)
        make_room(self)

    @property
    def focus(self) -> str:
        """The key of what gets the focus at the next drawing, if the panel has it; empty: it stays where it is."""
        return self._focus

    @focus.setter
    def focus(self, key: str) -> None:
        self._focus = key
        self._focus_asked += bool(key)

    # ---- what a panel says of itself -----------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        raise NotImplementedError

    def intro(self) -> str:
        """One sentence under the heading."""
        return ""

    def body(self) -> Iterable[Node | None]:
        """What the screen shows for the state as it is now."""
        raise NotImplementedError

    def subject(self) -> str:
        """What it is about, for `repr`: short and the same on every run."""
        return ""

    def status(self) -> str:
        """What a screen reader is told when it changes: the step of the work, or its outcome."""
        return self.text(self._step) if self.busy and self._step else ""

    # ---- words ---------------------------------------------------------------------------------------------------

    @property
    def words(self) -> Language:
        """The language of the panel, with its numbers and dates."""
        return Language(self.language)

    def text(self, msgid: str, **given: object) -> str:
        """An English text of the catalogue in the panel's language, with its facts put in."""
        return self.words.text(msgid, **given)

    def plural(self, one: str, many: str, count: int, **given: object) -> str:
        """The form of a text that goes with a number, which is its fact ``{count}``."""
        return self.words.plural(one, many, count, **given)

    def local(self, when: datetime) -> datetime:
        """A moment in the panel's zone."""
        return in_zone(when, self.timezone)

    def moment(self, when: datetime) -> str:
        """A moment in words, in the panel's zone, with the zone's name beside it."""
        return self.words.datetime(when, self.timezone)

    @property
    def zone(self) -> str:
        """The panel's zone as people call it, for headings of moments: "India Time"."""
        return self.words.zone(self.timezone)

    # ---- what happens --------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def change(self, place: str = "") -> Iterator[None]:
        """Change the state: one at a time, behind the error boundary, and one drawing at the end.

        Args:
            place: the part of the panel where an error belongs, see :meth:`trouble`.
        """
        with self._lock:
            self._depth += 1
            try:
                yield
            except Exception as error:  # noqa: BLE001 - the boundary: shown to the person and kept
                self.fail(error, place)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._draw()

    def fail(self, error: Exception, place: str = "") -> None:
        """Show an error in a part of the panel, and keep it."""
        with self._lock:
            self._error_place = place
            self.error = error

    def clear(self, place: str | None = None) -> None:
        """Forget the error shown in a part of the panel (None: in any)."""
        if place is None or self._error_place == place:
            self.error = None

    def run(self, step: str, work: Callable[[Progress], T], done: Callable[[T], None], *, place: str = "") -> None:
        """Do long work in a thread of its own; work that is under way is cancelled first.

        Args:
            step: what is said until the work names its first step, an English text of the catalogue.
            work: given a Progress, does it; touches no trait.
            done: given its result, changes the state.
            place: where it belongs: its bar and its error.
        """

        def ended(job: Job, result: object, error: Exception | None) -> None:
            with self._lock:
                if job is not self._job:
                    return  # something newer was begun meanwhile: nobody waits for this any more
                with self.change(place):
                    self.busy = False
                    if error is not None:
                        raise error
                    done(result)  # type: ignore[arg-type]

        with self.change(place):
            self.cancel()
            self.clear()
            self._step, self._work_place = step, place
            self.busy = True
            self._job = Job(work, ended, self._moved, after=self._job)
            self._job.begin()

    def cancel(self) -> None:
        """Ask the work that is under way to stop: it does within a second and leaves nothing behind."""
        if self._job is not None and self.busy:
            self._job.meter.cancel()
            self._changed(None)

    def wait(self, timeout: float | None = None) -> Any:
        """Wait in code for the work that is under way.

        Returns:
            The panel's result.

        Raises:
            Exception: the panel's error, if the work failed.
            TimeoutError: it takes longer than `timeout` seconds.
        """
        job = None
        while job is not self._job:
            job = self._job
            if job is not None and not job.join(timeout):
                raise TimeoutError
        if self.error is not None:
            raise self.error
        return self.result

    def close(self) -> None:
        """Let go of everything that it holds; it is no longer drawn. A cell that is run again does it by itself."""
        with self._lock:
            self.cancel()
            self._job = None  # what it brings, nobody waits for
            self.unobserve_all()
            for name, follower in self._followers.items():
                self._kept.unobserve(follower, name)
            self._followers = {}
            self._handlers = {}
            self._view.on_msg(self._receive, remove=True)  # anywidget keeps the view itself for good
            self._view.close()
            self._view.show({}, ())

    # ---- parts that every panel uses -----------------------------------------------------------------------------

    def trouble(self, place: str = "") -> Node | None:
        """The error that belongs to a part of the panel, if there is one: put it where that part ends."""
        if self.error is None or self._error_place != place:
            return None
        if isinstance(self.error, CancelledError):
            return view.notice(" ".join(self.error.in_language(self.text)))
        if isinstance(self.error, ManagerNbError):
            message, hint = self.error.in_language(self.text)
            path = view.preformatted(str(self.error.path), label=self.text("File")) if self.error.path else None
            return view.trouble(message, hint, path, title=self.text("Problem"))
        details = "".join(traceback.format_exception(self.error))
        return view.trouble(
            self.text("Something happened that this program did not foresee."),
            self.text("Try once more. If it stays, send the technical details to whoever looks after this program."),
            view.fold(
                self.text("Technical details"),
                view.preformatted(details, label=self.text("Technical details")),
                key=f"{place}-details",
            ),
            title=self.text("Problem"),
        )

    def under_way(self, place: str | None = None) -> Node | None:
        """The bar with its Cancel button while work is under way.

        Args:
            place: only work that belongs to this part of the panel, see :meth:`run`; None: any.
        """
        if not self.busy or self._job is None or place not in (None, self._work_place):
            return None
        stopping = self._job.meter.cancelled
        reading = self._job.meter.reading
        words = self.text("Stopping …") if stopping else self._progress_words()
        return view.row(
            view.progress(self.text("Progress"), words, reading.fraction),
            view.button(self.text("Cancel"), self.cancel, key="cancel", disabled=stopping, focus=True),
        )

    def copyable(self, label: str, value: str, *, key: str) -> Node:
        """A path or a digest with its Copy button."""
        return view.copyable(label, value, key=key, copy=self.text("Copy"), copied=self.text("Copied"))

    def _progress_words(self) -> str:
        reading = self._job.meter.reading if self._job is not None else None
        step = self.text(reading.step or self._step) if reading else ""
        if reading is None or not reading.total:
            return self.text("{step} …", step=step)
        percent = self.words.percent(min(1.0, reading.done / reading.total))
        told = self.words.size if reading.step in IN_BYTES else self.words.number
        done, total = told(reading.done), told(reading.total)
        return self.text("{step} — {done} of {total} ({percent})", step=step, done=done, total=total, percent=percent)

    # ---- drawing -------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        with self._lock:
            try:
                nodes = tuple(node for node in (self._zones.nodes(), *self.body()) if node is not None)
            except Exception as error:  # noqa: BLE001 - a panel that cannot draw itself says so
                self._depth += 1
                self.fail(error)
                self._depth -= 1
                nodes = tuple(node for node in (self.trouble(),) if node is not None)
            tools = (self._zones.opener(), self._language_switch())
            # a click that was on its way when its button was switched off does nothing
            self._handlers = {
                node.key: node.on
                for top in (*tools, *nodes)
                for node in top.walk()
                if node.on is not None and not node.props.get("disabled")
            }
            screen = {
                "lang": self.language,
                "title": self.title(),
                "intro": self.intro(),
                "tools": [node.wire() for node in tools],
                "children": [node.wire() for node in nodes],
                "status": self.status(),
                "focus": self.focus,
                "focus_asked": self._focus_asked,
                "asleep": self.text(
                    "The notebook does not answer. It is busy, or it was restarted: then click the cell above"
                    " and press Shift+Enter."
                ),
                "heard": dict(self._heard),
            }
            shown = (node.picture for top in nodes for node in top.walk())
            self._view.show(screen, (picture for picture in shown if picture is not None))

    def _language_switch(self) -> Node:
        return view.choice(self.text("Language"), available(), self.language, self._choose_language, key="language")

    def _choose_language(self, code: str) -> None:
        if code not in available():
            return
        if self._own_language:
            self.language = code
        else:
            preferences().choose("language", code)

    def _choose_timezone(self, name: str) -> None:
        zone_named(name)
        if self._own_timezone:
            self.timezone = name
        else:
            preferences().choose("timezone", name)

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        secrets = [Secret(_sound(content.pop("secret")))] if "secret" in content else []  # nobody else has it from here
        with self.change():
            self._kept.refresh()  # another page may have chosen a language meanwhile
            self._heard[str(content.get("view"))] = int(content.get("event", 0))
            if not content.get("key"):
                return  # the page came into sight
            self.focus = ""
            handler = self._handlers.get(str(content.get("key")))
            if handler is not None:
                given = {name: content[name] for name in ("value", "enter") if name in content}
                value = [_sound(given.pop("value"))] if "value" in given else []
                handler(*secrets, *value, **({"enter": True} if given.get("enter") else {}))

    def _changed(self, _change: object) -> None:
        with self._lock:
            if self._depth == 0:
                self._draw()

    def _moved(self) -> None:
        self._changed(None)

    # ---- showing it in a notebook --------------------------------------------------------------------------------

    @property
    def widget(self) -> View:
        """The ipywidget, to place the panel inside a layout of other widgets."""
        return self._view

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = self._view._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        subject = self.subject()
        return f"<{type(self).__name__}: {subject}>" if subject else f"<{type(self).__name__}>"


def _follower(panel: Panel, name: str) -> Callable[[dict[str, Any]], None]:
    """Carries a choice that is made in any panel over to this one, without keeping it alive."""
    followed = weakref.ref(panel)

    def follow(change: dict[str, Any]) -> None:
        alive = followed()
        if alive is not None:
            alive.set_trait(name, change["new"])

    return follow


def _sound(value: Any) -> Any:
    """What the script sent, as text that a file can hold: halves of signs, which no keyboard makes, are marks."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
