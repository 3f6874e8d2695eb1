"""How a plan names a record, so that nobody takes one for another: its label, and what the label does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.audit.parties import PARTIES
from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.amounts import amount_of, has_amount
from manager_nb.model.lookup import ObjectsLookup
from manager_nb.model.said import Called

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from typing import Any

    from manager_nb.format.schema import ContentType
    from manager_nb.i18n import Language
    from manager_nb.model.held import Held


def called(one: Held) -> Called:
    """A record's label as a fact of a sentence."""
    known = SCHEMA.type_of(one.content_type)
    return Called(one.label, labels.title(known) if known else "")


class Names:
    """Names records in full: party, date and amount of a document; the file and the record of an attachment.

    Args:
        objects: all that may be named, by key in lower case.
        language: of the types' names and of numbers; what the business wrote stays as it is.
    """

    def __init__(self, objects: Mapping[str, Held], language: Language) -> None:
        self._lookup = ObjectsLookup(objects)
        self._objects = objects
        self._language = language

    def full(self, one: Held) -> str:
        """The label with what it lacks."""
        known = SCHEMA.type_of(one.content_type)
        if known is None:
            return f"{one.label} {one.key}"
        values = decode(known, one.content).values
        return labels.DASH.join(
            [
                self.short(one),
                *(self._attached(values) if known.name == "Attachment" else self._facts(known, one, values)),
            ]
        )

    def short(self, one: Held) -> str:
        """The label, its type in the language."""
        return called(one).told(self._language, "UTC")

    def _attached(self, values: Mapping[str, Any]) -> list[str]:
        owner = self._objects.get(str(values.get("Object") or "").lower())
        return [part for part in (str(values.get("Name") or ""), self.short(owner) if owner else "") if part]

    def _facts(self, known: ContentType, one: Held, values: Mapping[str, Any]) -> list[str]:
        party = next((self._called(values[name]) for name in _party_fields(known) if values.get(name)), None)
        field = labels.date_field(known)
        date = str(values.get(field) or "")[:10] if field else ""
        facts = [party, date if date not in one.label else None]
        if has_amount(known):
            amount = amount_of(known, one.content, self._lookup)
            facts.append(
                None if amount.value is None else f"{self._money(amount.value)} {amount.currency or ''}".strip()
            )
        return [fact for fact in facts if fact]

    def _called(self, key: str) -> str | None:
        found = self._lookup.now(key)
        return labels.name(found.type, found.values) if found else None

    def _money(self, value: Decimal) -> str:
        return self._language.number(value, max(2, -int(value.normalize().as_tuple().exponent)))


def _party_fields(known: ContentType) -> list[str]:
    return [field.name for field in known.fields.values() if field.ref in PARTIES and not field.repeated]
