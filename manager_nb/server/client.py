"""A Manager server, over the network: its businesses, backups of them, imports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.backup.choices import Choices
from manager_nb.progress import SILENT, Progress
from manager_nb.server import listing, secrets
from manager_nb.server.address import address_of
from manager_nb.server.connection import Connection
from manager_nb.server.consistent import PAUSES
from manager_nb.server.keeping import Order, keep
from manager_nb.server.live import restore_live
from manager_nb.server.sending import send
from manager_nb.server.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from manager_nb.backup.create import Backup
    from manager_nb.model.tables import Table
    from manager_nb.restore.plan import RestorePlan
    from manager_nb.server.live_result import LiveRestore


class Server:
    """A Manager server and one of its users.

    The first request logs in. Close the server at the end, or use it in a ``with`` block: a session that is not ended
    is good for a year. The password is in no repr, error or log.

    Args:
        url: its address, as the browser shows it; without ``http://`` an encrypted connection is meant.
        user: the user's name there; capital letters count.
        password: the password; None takes the one that this computer's keyring has (:meth:`remember_password`).
        certificate: the file of a certificate (PEM) by which a server is known that has one of its own making.
        unencrypted: whether the password may travel over ``http://`` to another computer, where others in the network
            can read it.
        pauses: seconds before each further attempt of a download that could not be proven.

    Raises:
        ServerAddressError: the address is none, holds a password, or would not be encrypted.
        CertificateError: the certificate cannot be read.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str | None = None,
        *,
        certificate: Path | str | None = None,
        unencrypted: bool = False,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._address = address_of(url, unencrypted=unencrypted)
        connection = Connection(self._address, Path(certificate) if certificate is not None else None)
        self._session = Session(connection, user, password)
        self._pauses = tuple(pauses)

    def __repr__(self) -> str:
        return f"<Server {self.url} as {self.user!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address, without a page."""
        return self._address.url

    @property
    def user(self) -> str:
        """The user's name."""
        return self._session.user

    def close(self) -> None:
        """Log out and give up the connection."""
        self._session.sign_out()
        self._session.connection.close()

    def sign_in(self, code: str | None = None, *, progress: Progress | None = None) -> None:
        """Log in now; only where a second factor is asked for is this needed.

        Args:
            code: what the authenticator app shows.
            progress: its cancel is heeded.

        Raises:
            SecondFactorError: a code is needed, or was not accepted.
            SignInError: the server does not know the user with this password, or there is none.
            ServerError: it is no Manager server, or cannot be reached.
        """
        self._session.sign_in(code, progress or SILENT)

    def remember_password(self, password: str) -> bool:
        """Let this computer's keyring keep the password; False where it has no keyring."""
        return secrets.remember(self.url, self.user, password)

    def forget_password(self) -> None:
        """Let this computer's keyring forget the password."""
        secrets.forget(self.url, self.user)

    def businesses(self, *, progress: Progress | None = None) -> list[str]:
        """The names of the businesses that the user may see, in alphabetical order.

        Raises:
            ServerError: there is no list.
        """
        return listing.names(self._session, progress or SILENT)

    def download(
        self,
        name: str,
        folder: Path | str,
        *,
        attachments: bool = True,
        emails: bool = True,
        history: bool = True,
        compress: bool = False,
        file_name: str | None = None,
        progress: Progress | None = None,
    ) -> Backup:
        """Download a business as a backup with its manifest beside it: a consistent copy, or an honest no.

        The backup is the very file that the server sends: ``NAME.manager.tar`` with attachments, else
        ``NAME.manager``. The server can leave out nothing but attachments, so a copy without e-mails or History, or a
        compressed one, is made here from the download. Attachments whose content the server does not have, or has
        altered, are named in the manifest.

        Args:
            name: the business, as :meth:`businesses` names it.
            folder: where the backup goes; made if it is not there.
            attachments: whether the contents of attachments go into it.
            emails: whether the e-mails sent go into it.
            history: whether the History goes into it.
            compress: whether to compress it (zstd). Manager cannot open it like that; manager_nb can.
            file_name: what it is called; None suggests the business's name with today's date.
            progress: told of every step; its cancel is heeded and leaves nothing.

        Raises:
            TornCopyError: people saved during every attempt.
            DamagedFileError: the business is damaged on the server itself.
            UnknownBusinessError: there is no such business.
            NotAllowedError: the user may not back it up.
            ServerError: anything else that is wrong with the server or the way there.
            TargetError: it cannot be written there.
            CancelledError: the user cancelled.
        """
        progress = progress or SILENT
        listing.require_listed(self._session, name, progress)
        choices = Choices(attachments=attachments, emails=emails, history=history)
        return keep(self._session, Order(name, folder, file_name, choices, compress), self._pauses, progress)

    def import_business(self, path: Path | str, *, name: str | None = None, progress: Progress | None = None) -> str:
        """Import a backup, or any business file, into the server, and prove it there.

        Args:
            path: the file.
            name: what the business is to be called; None takes the file's own name.
            progress: told of every step. Its cancel is heeded until the server has all of it; afterwards the business
                is there, and only its comparison is left out.

        Returns:
            The name that the business has there: ``NAME(2)`` where there was one of that name.

        Raises:
            SourceError: the file cannot be read, or is damaged.
            BusinessNameError: Manager could not use the name.
            NotAllowedError: the user is no administrator.
            ServerFailedError: the server did not take it, or has something else now.
            ServerError: anything else that is wrong with the server or the way there.
            CancelledError: the user cancelled.
        """
        return send(self._session, path, name, self._pauses, progress or SILENT)

    def restore(
        self,
        name: str,
        plan: RestorePlan,
        *,
        reason: str,
        folder: Path | str,
        progress: Progress | None = None,
    ) -> LiveRestore:
        """Do a restore plan on the server itself, through its own API: Manager writes its own History of it.

        Before anything is written, the business is downloaded and proven, and held against the plan: what the plan acts
        on or needs must be byte for byte as it was when the plan was made, and the server must be able to take it
        exactly. Each record is looked at right before and right after it is written; at the first that is not as
        expected it stops. Then the business is downloaded again and proven to be what the plan predicts. The server
        does not stop changes in a locked period: the plan's conflicts warn of them. Afterwards
        :attr:`LiveRestore.records` tells what became of each record, also where it stopped half way.

        Args:
            name: the business, as :meth:`businesses` names it.
            plan: made by :func:`~manager_nb.restore.plan.plan_restore` from a backup of this business; its business
                must still be open.
            reason: why; it goes into the journal.
            folder: where the backup before, the backup after and the journal go; made if it is not there.
            progress: told of every step. Its cancel is heeded between two records; what is done by then stays.

        Returns:
            What was done, also where it stopped half way: look at :attr:`LiveRestore.ok`.

        Raises:
            ConflictError: the plan has conflicts that nobody has decided, or what it needs changed on the server.
            SelectionError: there is nothing to do, no reason is given, it is another business, or the server cannot
                take a record.
            ServerError: the server cannot be asked, or not by this user.
            TargetError: the proof cannot be written there.
            CancelledError: the user cancelled before anything was written.
        """
        return restore_live(self._session, name, plan, reason, folder, self._pauses, progress or SILENT)

    def history(self, name: str, *, progress: Progress | None = None) -> Table:
        """What the server tells of a business's History, newest first: ``row`` ``user`` ``action`` ``description``.

        It is a look from afar and no evidence: the server tells its times on a clock of twelve hours without am or pm
        (the column ``time_without_am_or_pm``), no keys, and nothing before or after. Changes without a user are not
        listed. For anything else :meth:`download` the business.

        Raises:
            UnknownBusinessError: there is no such business.
            NotAllowedError: the user may not see its History.
            ServerError: it is not told.
        """
        return listing.history(self._session, name, progress or SILENT)
