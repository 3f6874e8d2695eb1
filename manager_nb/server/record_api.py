"""Records of a business on a server, one at a time: looked at, put, deleted.

Nothing keeps this part of the server from overwriting what others saved, from changing a closed period or from leaving
a reference to nothing: whoever writes looks before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.errors import ServerFailedError
from manager_nb.format.encoding import encode
from manager_nb.format.schema import SCHEMA
from manager_nb.progress import SILENT
from manager_nb.server.record_json import canonical, from_json, parsed, path_of, to_json

if TYPE_CHECKING:
    from manager_nb.format.schema import ContentType
    from manager_nb.model.held import Held
    from manager_nb.progress import Progress
    from manager_nb.server.connection import Answer
    from manager_nb.server.session import Session

_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server shows of a record.

    Attributes:
        content: the bytes that it stands for; None where it is not there, or cannot be read as one of its type.
        names: the names of its fields, as the server calls them; empty where it shows none.
    """

    content: bytes | None
    names: frozenset[str] = frozenset()


class RecordApi:
    """The records of one business.

    Attributes:
        session: who asks.
        business: its name.
    """

    def __init__(self, session: Session, business: str) -> None:
        self.session = session
        self.business = business

    def open(self, progress: Progress) -> None:
        """Let the server open the business, and bring it up to date if it is an older one.

        Raises:
            ServerError: it does not.
            CancelledError: the user cancelled.
        """
        answer = self.session.ask("GET", "/api4/tabs", params={"business": self.business}, progress=progress)
        if answer.status != 200:
            raise self.session.strange()

    def look(self, one: Held, progress: Progress = SILENT) -> Seen:
        """What the server shows under the key and type of a record.

        Raises:
            ServerError: it does not tell.
            CancelledError: the user cancelled.
        """
        kind = _kind(one)
        answer = self.session.ask("GET", path_of(kind), params=self._params(kind, one), progress=progress)
        if answer.status == 404:
            return Seen(None)
        told = _told(answer)
        if answer.status == 200 and told is None and answer.body.strip() == b"null":
            return Seen(None)
        if answer.status != 200 or not isinstance(told, dict):
            raise self.session.strange()
        return Seen(from_json(kind, told), frozenset(map(str, told)))

    def has_kind(self, one: Held, progress: Progress) -> bool:
        """Whether the server lists records of a record's type.

        Raises:
            ServerError: it does not tell.
            CancelledError: the user cancelled.
        """
        params = {"business": self.business, "PageSize": "1"}
        answer = self.session.ask("GET", f"{path_of(_kind(one))}-batch", params=params, progress=progress)
        told = _told(answer)
        return answer.status == 200 and isinstance(told, dict) and isinstance(told.get("items"), list)

    def is_as(self, one: Held, expected: Held | None, progress: Progress = SILENT) -> bool:
        """Whether the server shows a record as it is expected: with these fields, or not at all.

        A form in which nothing is filled in counts as no record.

        Raises:
            ServerError: it does not tell.
            CancelledError: the user cancelled.
        """
        seen = self.look(one, progress)
        if expected is None:
            return not seen.names or seen.content == encode(_kind(one), {})
        return bool(seen.names) and seen.content == canonical(_kind(expected), expected.content)

    def put(self, one: Held) -> None:
        """Make a record, or put it in the place of what is there.

        Raises:
            ServerError: the server did not say that it is done.
        """
        kind = _kind(one)
        words = [f'"business":{json.dumps(self.business)}']
        if not _is_setting(kind, one):
            words.append(f'"key":{json.dumps(one.key)}')
        words.append(f'"value":{to_json(kind, one.content)}')
        self._write("PUT", kind, one, content=("{" + ",".join(words) + "}").encode(), headers=_JSON)

    def delete(self, one: Held) -> None:
        """Delete a record.

        Raises:
            ServerError: the server did not say that it is done.
        """
        kind = _kind(one)
        self._write("DELETE", kind, one, params=self._params(kind, one))

    def _params(self, kind: ContentType, one: Held) -> dict[str, str]:
        key = {} if _is_setting(kind, one) else {"key": one.key}
        return {"business": self.business, **key}

    def _write(self, method: str, kind: ContentType, one: Held, **given: Any) -> None:
        """Never given up half way: what is sent is waited for."""
        answer = self.session.ask(method, path_of(kind), **given)
        if answer.status != 200 or _told(answer) is not True:
            raise ServerFailedError(
                "{server} did not take {label}.",
                hint="Restore into a file instead and import that, or change the record in Manager. Whoever looks after"
                " the server may find the reason there.",
                server=self.session.connection.address.url,
                label=one.label,
            )


def _kind(one: Held) -> ContentType:
    kind = SCHEMA.type_of(one.content_type)
    assert kind is not None  # noqa: S101 - what is unknown is refused before
    return kind


def _is_setting(kind: ContentType, one: Held) -> bool:
    return kind.singleton and one.key.lower() == kind.guid


def _told(answer: Answer) -> Any:
    return parsed(answer.body) if answer.kind == "application/json" else None
