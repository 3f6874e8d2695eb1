"""What a server lists: businesses, and what its History says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from manager_nb.errors import ServerFailedError
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT
from manager_nb.server.transfer import unknown

if TYPE_CHECKING:
    from manager_nb.progress import Progress
    from manager_nb.server.session import Session

HISTORY = pa.schema(
    [
        ("row", pa.int64()),
        ("user", pa.string()),
        ("action", pa.string()),
        ("description", pa.string()),
        ("time_without_am_or_pm", pa.string()),
    ]
)
_PAGE = 5_000
_MOST = 2_000_000
_ACTIONS = {"Create": "create", "Update": "update", "Delete": "delete"}


def names(session: Session, progress: Progress = SILENT) -> list[str]:
    """The businesses that the user may see, in alphabetical order.

    The server remembers its list until somebody looks at the page Businesses; so that is done first.

    Raises:
        ServerError: there is no list.
        CancelledError: the user cancelled.
    """
    session.ask("GET", "/businesses", progress=progress)
    told = session.ask("GET", "/api4/businesses", progress=progress).json()
    listed = told.get("businesses") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise session.strange()
    found = [one.get("name") for one in listed if isinstance(one, dict)]
    named = [name for name in found if isinstance(name, str)]
    if any(_storable(name) != name for name in named):  # the name of a file is text: Manager has no such business
        raise session.strange()
    return sorted(named, key=str.casefold)


def require_listed(session: Session, name: str, progress: Progress) -> None:
    """Refuse a business that the server does not list.

    Raises:
        UnknownBusinessError: there is no such business, or the user may not see it.
        ServerError: there is no list.
        CancelledError: the user cancelled.
    """
    listed = names(session, progress)
    if name not in listed:
        raise unknown(session, name, listed)


def history(session: Session, business: str, progress: Progress = SILENT) -> Table:
    """What the server tells of a business's History, newest first; see :meth:`Server.history`.

    Raises:
        UnknownBusinessError: the server has no such business.
        NotAllowedError: the user may not see its History.
        ServerError: it is not told.
        CancelledError: the user cancelled.
    """
    rows: list[dict[str, Any]] = []
    header = {"Manager-Business": quote(business, safe="", errors="replace")}
    while True:
        params = {"skip": str(len(rows)), "pageSize": str(_PAGE)}
        answer = session.ask("GET", "/api2/history", params=params, headers=header, progress=progress)
        if answer.status == 200 and not answer.body:
            raise unknown(session, business, names(session, progress))
        if answer.status == 404:
            raise ServerFailedError(
                "{server} does not tell the History of its businesses.",
                hint="Download the business: the backup holds its whole History.",
                server=session.connection.address.url,
            )
        told = answer.json()
        page = told.get("history") if isinstance(told, dict) else None
        if not isinstance(page, list) or not all(isinstance(one, dict) for one in page):
            raise session.strange()
        if len(rows) > _MOST:  # a list without an end must not fill the memory
            raise session.strange()
        rows += [_row(len(rows) + place, one) for place, one in enumerate(page, 1)]
        if len(page) < _PAGE:
            return Table.of("History", pa.Table.from_pylist(rows, HISTORY))


def _row(number: int, told: dict[str, Any]) -> dict[str, Any]:
    def value(name: str) -> str:
        return _storable(str(told.get(name) or ""))

    return {
        "row": number,
        "user": value("user"),
        "action": _ACTIONS.get(value("action"), value("action")),
        "description": value("description"),
        "time_without_am_or_pm": value("timestamp").replace("T", " ").removesuffix("Z"),
    }


def _storable(text: str) -> str:
    """A text without half of a sign, which JSON can tell but nothing can hold."""
    return text.encode("utf-8", "replace").decode()
