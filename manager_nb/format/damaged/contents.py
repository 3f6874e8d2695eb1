"""Whether the contents of a row on a damaged page can be what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.errors import WireError
from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from manager_nb.format.wire import read_fields

if TYPE_CHECKING:
    from manager_nb.format.damaged.definitions import Definition
    from manager_nb.format.damaged.record import Value

CONTENTS = {
    "Objects": (("ContentType", "Content"),),
    "Changes": (("ContentTypeBefore", "ContentBefore"), ("ContentTypeAfter", "ContentAfter")),
}
"""The columns with Manager's own messages, each after the one that holds its content type."""


def decodes(definition: Definition, values: tuple[Value, ...]) -> bool:
    """Whether every message in the row of a known table can be read from end to end."""
    row = dict(zip(definition.columns, values, strict=True))
    return all(_decodes(row.get(kind), row.get(content)) for kind, content in CONTENTS.get(definition.name, ()))


def _decodes(guid: Value, content: Value) -> bool:
    if not isinstance(content, bytes):
        return True
    content_type = SCHEMA.type_of(guid.lower()) if isinstance(guid, str) else None
    if content_type is not None:
        return not decode(content_type, content).flaws
    try:
        read_fields(content)
    except WireError:
        return False
    return True
