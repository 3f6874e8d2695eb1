"""The query of Manager's pages: base64url, without padding, of a protobuf message.

Field 100 names the business on every page that belongs to one; field 1 is the user on the page that asks for the
password, where fields 2 and 3 tell why it is asked for again.
"""

from __future__ import annotations

import base64
import binascii

from manager_nb.errors import WireError
from manager_nb.format.wire import VARINT, read_fields, write_bytes

BUSINESS, USER = 100, 1
WRONG, WRONG_OR_NO_CODE = 2, 3


def query(number: int, text: str) -> str:
    """The query with one field."""
    return base64.urlsafe_b64encode(write_bytes(number, text.encode("utf-8", "replace"))).decode().rstrip("=")


def flags(text: str) -> set[int]:
    """The numbers of the fields of a query that are a yes; of what is no query, none."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return {field.number for field in read_fields(data) if field.wire_type == VARINT}
    except (binascii.Error, ValueError, WireError):
        return set()
