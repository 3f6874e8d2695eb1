"""Import Business into a Manager server by clicking: see what is in a backup, sign in, send it, see the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.backup.names import imported_name
from manager_nb.errors import CancelledError, ManagerNbError
from manager_nb.model.business import Business
from manager_nb.widgets import view
from manager_nb.widgets.import_panel import PreviewPanel
from manager_nb.widgets.parts import how_made, left_out
from manager_nb.widgets.server_login import ServerLogin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.server.client import Server
    from manager_nb.widgets.view import Node

_WORK, _RESULT = "work", "result"


@dataclass(frozen=True, slots=True)
class Sent:
    """A business that is on the server now.

    Attributes:
        name: what it is called there.
        server: the server's address.
        proven: whether it was compared; not after a cancel.
        names: all businesses there.
    """

    name: str
    server: str
    proven: bool
    names: tuple[str, ...]


class ServerImportPanel(PreviewPanel):
    """Brings a backup back as a business of a Manager server; nothing is sent before the button is pressed.

    Args:
        file: the backup; None lets the person choose.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        login: the part in which a person signs in.
        result: a `Sent`, None until the business is there.
    """

    def __init__(
        self, file: Path | str | None = None, *, language: str | None = None, timezone: str | None = None
    ) -> None:
        self.login = ServerLogin(self, "login", lambda: None)
        super().__init__(file, language=language, timezone=timezone)

    # ---- what it does, from a button or from code ----------------------------------------------------------------

    def import_business(self) -> None:
        """Send the business as chosen, and prove it there."""
        source, name, server = self.source, self.name, self.login.server
        if server is None or source is None:
            return
        file = source.source.path if isinstance(source, Business) else source

        def show(sent: Sent) -> None:
            self.result = sent
            self.login.refresh(sent.names)
            self.focus = _RESULT

        with self.change():
            self.result = None
            self.run("Importing the business", lambda progress: _send(server, file, name, progress), show, place=_WORK)

    def close(self) -> None:
        """Sign out too."""
        super().close()
        self.login.close()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Its heading."""
        return self.text("Import into a Manager server")

    def intro(self) -> str:
        """One sentence under the heading."""
        return self.text(
            "Puts a backup on a server that you sign in to, as a new business there. No business is ever replaced."
        )

    def status(self) -> str:
        """The outcome, once there is one."""
        if self.result is not None and not self.busy:
            return f"{self._verdict(self.result)}: {self.result.name}"
        return super().status()

    def body(self) -> Iterable[Node | None]:
        """The backup, signing in, the action, the outcome."""
        yield self.business(
            self.text("Backup for the server"), self.text("Choose a backup"), self.text("Choose another backup")
        )
        if self.preview is not None:
            yield how_made(self, self.preview)
        if self.preview is not None and self.preview.obstacle is None:
            yield self.login.nodes()
            if self.login.server is not None:
                yield self._order()
        if self.result is not None:
            yield self._outcome(self.result)

    def _order(self) -> Node:
        remark, usable = self._name_check()
        field = view.entry(
            self.text("Name of the business"),
            self.name,
            lambda name: self.set_trait("name", name),
            key="name",
            disabled=self.busy,
            help="" if self.busy or self._is_there() else remark,
        )
        again = self.result is not None
        label = self.text("Import once more") if again else self.text("Import into the server")
        button = view.button(
            label,
            self.import_business,
            key="import",
            look="" if again else "primary",
            disabled=self.busy or not usable,
            focus=True,
        )
        needs = self.text(
            "Only an administrator of the server may import. Afterwards it is downloaded again and compared with what"
            " was sent."
        )
        return view.section(
            self.text("What it is called there"),
            field,
            view.group(
                self.trouble(),
                self.trouble(_WORK),
                self.under_way(_WORK) or button,
                view.paragraph(needs, look="muted"),
                look="action",
            ),
            key="place",
        )

    def _name_check(self) -> tuple[str, bool]:
        try:
            name = imported_name(self.name).text
        except ManagerNbError as error:
            return " ".join(error.in_language(self.text)), False
        if name in self.login.names:
            words = self.text("There is a business of this name on the server. The new one gets a number behind it.")
            return words, True
        return "" if name == self.name else self.text("It will be called “{name}”.", name=name), True

    def _is_there(self) -> bool:
        """Whether the name is that of what was just imported: that it is taken is no news."""
        return self.result is not None and self.result.name.startswith(self.name)

    def _verdict(self, sent: Sent) -> str:
        if sent.proven:
            return self.text("The business is on the server, and proven")
        return self.text("The business is on the server, but was not compared")

    def _outcome(self, sent: Sent) -> Node:
        text = self.text
        if sent.proven:
            proof: Node = view.proof(
                [
                    (True, text("The file was sound before it was sent"), ""),
                    (True, text("The server lists the business"), sent.name),
                    (
                        True,
                        text(
                            "It was downloaded again: every row of every table and every attachment is as it was sent"
                        ),
                        "",
                    ),
                    (True, text("The server opens it"), ""),
                ],
                passed=text("Verified:"),
                failed=text("Failed:"),
            )
        else:
            words = text(
                "You cancelled when the server had all of it already. Remove it in Manager’s Businesses and import it"
                " once more, or work in it knowing that nobody compared it."
            )
            proof = view.notice(words, look="warning", title=text("Not compared:"))
        return view.section(
            self._verdict(sent),
            view.paragraph(sent.name, look="name"),
            view.paragraph(text("It is in the Businesses tab of {server}.", server=sent.server)),
            left_out(self, self.preview) if self.preview is not None else None,
            proof,
            key=_RESULT,
            look="result" if sent.proven else "warned",
        )


def _send(server: Server, file: Path, name: str, progress: Progress) -> Sent:
    """Import; after a cancel tell whether the business is there all the same."""
    before = server.businesses(progress=progress)
    try:
        called = server.import_business(file, name=name, progress=progress)
    except CancelledError:
        after = server.businesses()
        new = [one for one in after if one not in before and one.startswith(imported_name(name).text)]
        if len(new) != 1:
            raise
        return Sent(new[0], server.url, proven=False, names=tuple(after))
    return Sent(called, server.url, proven=True, names=tuple(sorted({*before, called}, key=str.casefold)))
