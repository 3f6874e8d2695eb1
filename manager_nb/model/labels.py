"""What an accountant knows a record by: titles of types and labels of records, worded as Manager's History words them.

A label is the type's title and the record's identifying values, joined by a long dash: ``Sales Invoice — 1001 —
2025-04-02 — March order``. Which values a type shows was read off the program's own History page; types that it did not
show us follow the general rule of :func:`rule_of`.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.errors import NotFoundError
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA, ContentType

if TYPE_CHECKING:
    from collections.abc import Mapping

DASH = " — "
"""Between the parts of a label."""

_CODE_DASH = " - "
_SMALL_WORDS = frozenset({"and", "by", "for", "in", "of", "on", "or", "per", "to", "vs"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+")
_OBSOLETE = re.compile(r"^Obsolete\.(?:Obsolete(\d+)\.)?(.*?)\d*$")

_TITLES = {"ExchangeRate": "Exchange rate"}
_NAMES = (("Code", "Name"), ("ItemCode", "ItemName"))
_CALLED_BY = (*_NAMES, ("Reference",))
_KNOWN_BY_CODE = frozenset(
    {
        "BankOrCashAccount",
        "CapitalAccount",
        "Customer",
        "Employee",
        "FixedAsset",
        "IntangibleAsset",
        "InventoryItem",
        "InventoryKit",
        "Investment",
        "NonInventoryItem",
        "SpecialAccount",
        "Supplier",
    }
)
_TITLE_ONLY = frozenset({"AccessToken", "Attachment", "BusinessDetails", "UserPermissions"})
_DATES = ("IssueDate", "Date", "DeliveryDate", "NextIssueDate", "nextIssueDate")
_NO_DATE = dt.date(1, 1, 1)
_TEXTS = ("Description", "description", "Narration")


@dataclass(frozen=True, slots=True)
class LabelRule:
    """How records of one type are named.

    Attributes:
        title: what the label begins with, "" where the program shows none.
        parts: the fields of each further part; those of one part are joined by a hyphen ("C003 - Chetan & Sons").
        dates: which of them are dates; one that is not set shows as the program shows it, 0001-01-01.
    """

    title: str
    parts: tuple[tuple[str, ...], ...]
    dates: frozenset[str]

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that the label needs."""
        return tuple(field for part in self.parts for field in part)


def title(content_type: ContentType) -> str:
    """What Manager calls the type: "Sales Invoice", "Bank or Cash Account".

    Types of older versions say so, with the number that keeps them apart: "Start Date (obsolete 72)".
    """
    return _title(content_type.name)


@functools.cache
def _title(name: str) -> str:
    if name in _TITLES:
        return _TITLES[name]
    if name.endswith("CustomField"):
        return name  # the program has no words for these types and shows the bare name
    old = _OBSOLETE.match(name)
    if old:
        number = f" {old[1]}" if old[1] else ""
        return f"{_split(old[2])} (obsolete{number})"
    return _split(name)


def _split(name: str) -> str:
    words = _WORDS.findall(name)
    return " ".join(word.lower() if row and word.lower() in _SMALL_WORDS else word for row, word in enumerate(words))


def rule_of(content_type: ContentType) -> LabelRule:
    """How records of the type are named.

    The general rule: a name (after its code, for the lists that people choose from by code); else the reference, the
    date where it is an issue date, and the description or narration; else, for records that have nothing but a date,
    the date.
    """
    return _rule_of(content_type.name)


@functools.cache
def _rule_of(type_name: str) -> LabelRule:
    content_type = SCHEMA.named(type_name)
    assert content_type is not None  # noqa: S101 - content types come from the schema
    heading = "" if type_name == "Supplier" else title(content_type)
    if content_type.name in _TITLE_ONLY:
        return LabelRule(heading, (), frozenset())
    known = set(content_type.order)
    for code, name in _NAMES:
        if name in known:
            coded = content_type.name in _KNOWN_BY_CODE and code in known
            return LabelRule(heading, ((code, name) if coded else (name,),), frozenset())
    parts = [(field,) for field in ("Reference", "IssueDate", *_TEXTS) if field in known]
    if not parts and not content_type.singleton and content_type.kind in ("record", "transaction"):
        parts = [(field,) for field in _DATES if field in known]
    dates = {field.name for field in content_type.fields.values() if field.type == "datetime" and not field.nullable}
    return LabelRule(heading, tuple(parts), frozenset(dates & {field for part in parts for field in part}))


def date_field(content_type: ContentType) -> str | None:
    """The field with the document's own date, None where the type has none."""
    dated = {field.name for field in content_type.fields.values() if field.type == "datetime"}
    return next((field for field in _DATES if field in dated), None)


def label(content_type: ContentType, values: Mapping[str, Any]) -> str:
    """The label of one record, from its values as :func:`manager_nb.format.messages.decode` gives them."""
    rule = rule_of(content_type)
    given = {**dict.fromkeys(rule.dates, _NO_DATE), **values}
    parts = [_CODE_DASH.join(filter(None, (_text(given.get(field)) for field in part))) for part in rule.parts]
    return DASH.join(filter(None, (rule.title, *parts))) or title(content_type)


def name(content_type: ContentType, values: Mapping[str, Any]) -> str:
    """What other records call it: "C003 - Chetan & Sons", "USD - US dollar", "1001"; its label where it has no name."""
    for pair in _CALLED_BY:
        called = _CODE_DASH.join(filter(None, (_text(values.get(field)) for field in pair)))
        if called:
            return called
    return label(content_type, values)


def name_fields(content_type: ContentType) -> tuple[str, ...]:
    """The fields that :func:`name` looks at before it takes the label."""
    return tuple(field for pair in _CALLED_BY for field in pair if field in content_type.order)


def names(called: pa.Array, columns: Mapping[str, pa.Array]) -> pa.Array:
    """What other records call many records of one type; equal to :func:`name` of each.

    Args:
        called: their labels.
        columns: the columns of :func:`name_fields`.
    """
    texts = {field: _texts(column) for field, column in columns.items()}
    pairs = [[texts[field] for field in pair if field in texts] for pair in _CALLED_BY]
    return pc.coalesce(*(_join(pair, _CODE_DASH) for pair in pairs if pair), called)


def labels(content_type: ContentType, columns: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """The labels of many records at once; equal to :func:`label` of each.

    Args:
        content_type: the type of all of them.
        columns: by field name, at least :attr:`LabelRule.fields`; text, or dates.
        rows: how many records there are.
    """
    rule = rule_of(content_type)
    texts = {field: _texts(columns[field]) for field in rule.fields}
    texts |= {field: pc.coalesce(texts[field], _text(_NO_DATE)) for field in rule.dates}
    parts = [_join([texts[field] for field in part], _CODE_DASH) for part in rule.parts]
    heading = [pa.repeat(pa.scalar(rule.title), rows)] if rule.title else []
    return pc.coalesce(_join([*heading, *parts], DASH), title(content_type))


def _text(value: Any) -> str:
    if isinstance(value, dt.date):
        return dt.date.isoformat(value)[:10]
    return str(value) if value is not None else ""


def _texts(column: pa.Array) -> pa.Array:
    if pa.types.is_temporal(column.type):
        return column.cast(pa.date32(), safe=False).cast(pa.string())
    text = column.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _join(columns: list[pa.Array], between: str) -> pa.Array:
    """Joined row by row, leaving out what is null; null where all are."""
    return functools.reduce(
        lambda left, right: pc.coalesce(pc.binary_join_element_wise(left, right, between), left, right), columns
    )


@functools.cache
def _by_title() -> dict[str, ContentType]:
    return {title(content_type).casefold(): content_type for content_type in SCHEMA.types()}


def titled(text: str) -> ContentType | None:
    """The type that Manager calls so, e.g. ``"Sales Invoice"``; upper and lower case are the same."""
    return _by_title().get(text.casefold())


def find_type(name: str) -> ContentType | None:
    """The type that people mean: by its name (``"SalesInvoice"``), its title or its GUID."""
    return SCHEMA.named(name) or SCHEMA.type_of(name.lower()) or titled(name)


def guid_of(name: str) -> str:
    """The GUID of the type that people mean, in lower case; a GUID that the schema does not know is one all the same.

    Raises:
        NotFoundError: there is no such type.
    """
    known = find_type(name)
    if known is not None:
        return known.guid
    if len(name) == len(NIL) and name.count("-") == NIL.count("-"):
        return name.lower()  # a type of a newer version
    raise NotFoundError(
        "There is no type called {type}.", hint="Types are called as in business.types(): SalesInvoice.", type=name
    )
