"""How the computer makes the backups by itself every night: the exact command for its own scheduler."""

from __future__ import annotations

import plistlib
import shlex
import subprocess
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from manager_nb.backup.store import Retention
from manager_nb.format.businesses import absolute
from manager_nb.server.secrets import has_keyring
from manager_nb.widgets import view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

WINDOWS, MACOS, LINUX = "win32", "darwin", "linux"
HOME_FILE = ".manager-server-password"
"""In the home folder, where there is no keyring."""

REPORT = "Every night.txt"
"""What came of each night, in the store: a scheduler throws away what is printed."""

HOUR = 2
"""When it is done: at two in the morning few people save."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done every night.

    Attributes:
        url: of the server.
        user: who signs in.
        folder: the store.
        names: which businesses; empty: all that there are that night.
        left_out: which of "attachments", "emails" and "history" stay out.
        compress: whether the backups are compressed.
        certificate: the file of a certificate of the server's own; empty: none.
        unencrypted: whether http:// to another computer is allowed.
        retention: how many stay where old ones are removed.
        prune: whether old ones are removed.
        coded: whether the user signs in with the code of a second factor, which nobody can type at night.
        remembered: whether the keyring has the password.
    """

    url: str
    user: str
    folder: Path
    names: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    compress: bool = False
    certificate: str = ""
    unencrypted: bool = False
    retention: Retention = field(default_factory=Retention)
    prune: bool = False
    coded: bool = False
    remembered: bool = True

    def arguments(self) -> list[str]:
        """The words behind the program's name."""
        words = ["-m", "manager_nb", "backup", "--all", self.url, str(absolute(self.folder)), f"--user={self.user}"]
        words += [f"--business={name}" for name in self.names]  # also of one that begins with a dash
        words += [f"--no-{part}" for part in self.left_out]
        words += ["--compress"] * self.compress + ["--unencrypted"] * self.unencrypted
        words += [f"--report={self.report}"]
        words += [f"--certificate={absolute(self.certificate)}"] if self.certificate else []
        return [*words, *self._pruning()]

    @property
    def report(self) -> Path:
        """Where the command writes what came of each night."""
        return absolute(self.folder) / REPORT

    def _pruning(self) -> list[str]:
        if not self.prune:
            return []
        kept, usual = self.retention, Retention()
        words = ["--prune"]
        for name in ("days", "weeks", "months", "years"):
            if getattr(kept, name) != getattr(usual, name):
                words += [f"--keep-{name}", str(getattr(kept, name))]
        if kept.year_end != usual.year_end:
            words += ["--year-end", "{:02}-{:02}".format(*kept.year_end)]
        return words


class Nightly:
    """The part of a panel that tells how.

    Args:
        panel: the panel it is in.
        place: its name there.
        plan: gives what is to be done, as it is chosen now; None: nothing yet.
    """

    def __init__(self, panel: Panel, place: str, plan: Callable[[], Plan | None]) -> None:
        self._panel, self._place, self._plan = panel, place, plan
        self._system = sys.platform if sys.platform in (WINDOWS, MACOS) else LINUX
        self._prune = False
        self._keyring = has_keyring()

    def nodes(self) -> Node | None:
        """The command, and where it goes."""
        plan = self._plan()
        if plan is None:
            return None
        text = self._panel.text
        systems = {WINDOWS: "Windows", MACOS: "macOS", LINUX: "Linux"}
        words = replace(plan, prune=self._prune)
        return view.section(
            text("Every night by itself"),
            view.fold(
                text("How to let this computer make these backups every night"),
                self._obstacle(plan),
                view.paragraph(self._how()),
                view.choice(text("System"), systems, self._system, self._choose, key=self._key("system")),
                view.check(
                    text("Also remove what the choice of old backups above does not keep"),
                    self._prune,
                    self._choose_prune,
                    key=self._key("prune"),
                    help=text("Look first what that would be, with “Show what would be removed”."),
                ),
                *self._steps(words),
                view.paragraph(
                    text(
                        "What came of each night is written at the end of the file below. Look into it from time to"
                        " time: lines with LOOK or FAILED need you, and a night that is missing was not begun."
                    )
                ),
                self._copyable(text("What came of each night"), str(plan.report), "report"),
                view.paragraph(
                    text(
                        "The program ends with the number 0 when every business has a backup whose History extends the"
                        " one before, with 1 when one has not or has to be looked at, and with 3 when nothing could be"
                        " done: let the scheduler tell you when it is not 0. More about it: page 2 of the guide,"
                        " “A backup every night”."
                    ),
                    look="muted",
                ),
                key=self._key("fold"),
            ),
            key=self._place,
        )

    @property
    def _from_file(self) -> bool:
        """Whether the password has to come from a file: on Linux there may be no keyring."""
        return self._system == LINUX and not self._keyring

    def _how(self) -> str:
        if self._from_file:
            return self._panel.text(
                "The computer’s own scheduler can run the line below; it does what is chosen above. The computer has"
                " to be on. It has no keyring, so the password comes from a file that only you can read."
            )
        return self._panel.text(
            "The computer’s own scheduler can run the line below; it does what is chosen above. The computer has to be"
            " on and you signed in to it, since the password comes from its keyring: tick “Remember the password on"
            " this computer” when you sign in to the server."
        )

    def _obstacle(self, plan: Plan) -> Node | None:
        """What would make it fail every night."""
        text = self._panel.text
        if plan.coded:
            words = text(
                "{user} signs in with a code, and nobody can type it at night: it would fail every time. Sign in here"
                " as a user without a second factor who has full access to these businesses.",
                user=plan.user,
            )
        elif self._keyring and not plan.remembered:
            words = text(
                "The keyring does not have the password yet: sign out above, tick “Remember the password on this"
                " computer”, and sign in again."
            )
        else:
            return None
        return view.notice(words, look="warning", title=text("Before it can work:"))

    def _steps(self, plan: Plan) -> Iterable[Node]:
        text, command = self._panel.text, [sys.executable, *plan.arguments()]
        line = shlex.join(command)
        if self._system == WINDOWS:
            yield view.bullets(
                [
                    text("Open Task Scheduler from the Start menu and choose Create Basic Task."),
                    text("Name it, choose Daily and an hour at which nobody works, then Start a program."),
                    text("Put the two lines below into the fields for the program and its arguments."),
                ]
            )
            yield self._copyable(text("Program"), command[0], "program")
            yield self._copyable(text("Arguments"), subprocess.list2cmdline(command[1:]), "arguments")
        elif self._system == MACOS:
            yield view.bullets(
                [
                    text("Save the text below as ~/Library/LaunchAgents/manager_nb.backup.plist."),
                    text("Then run once in Terminal: launchctl load ~/Library/LaunchAgents/manager_nb.backup.plist"),
                ]
            )
            yield self._copyable(text("File for launchd"), _plist(command), "plist")
        else:
            steps = [
                text("Open a terminal and type: crontab -e"),
                text("Put the line below at the end of the file, and save it."),
            ]
            if self._from_file:
                line += f' --password-stdin < "$HOME/{HOME_FILE}"'
                file = {"file": f"~/{HOME_FILE}"}
                steps[:0] = [
                    text("Write the password, and nothing else, into the file {file} in your home folder.", **file),
                    text("Let nobody else read it; in a terminal: chmod 600 {file}", **file),
                ]
            else:
                steps += [
                    text(
                        "Where the keyring is locked while nobody is signed in, let the line read the password from a"
                        " place of your own, and add --password-stdin; the guide tells how."
                    )
                ]
            yield view.bullets(steps)
            # cron takes a % for the end of the line
            yield self._copyable(text("Line for cron"), f"0 {HOUR} * * * {line}".replace("%", r"\%"), "cron")

    def _copyable(self, label: str, value: str, name: str) -> Node:
        return self._panel.copyable(label, value, key=self._key(name))

    def _choose(self, system: str) -> None:
        self._system = system

    def _choose_prune(self, prune: bool) -> None:
        self._prune = prune

    def _key(self, name: str) -> str:
        return f"{self._place}-{name}"


def _plist(command: list[str]) -> str:
    """What launchd reads."""
    content = {
        "Label": "manager_nb.backup",
        "ProgramArguments": command,
        "StartCalendarInterval": {"Hour": HOUR, "Minute": 0},
    }
    return plistlib.dumps(content).decode()
