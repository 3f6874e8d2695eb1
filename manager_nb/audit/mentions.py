"""What a text names: numbers of documents as whole words, and the words for kinds of documents beside them."""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

Key = tuple[str, ...]
"""A reference as it is compared: its words, with one form for each letter and digit: ``("inv", "1001")``."""

BESIDE, SOMEWHERE, NOWHERE = 2, 1, 0
"""Where the word for a document's kind stands: beside its number, elsewhere in the text, nowhere."""

_MOST_WORDS = 6
"""A reference of more words is not looked for."""

_JOINING = frozenset("-\u2010\u2011\u2012\u2013_/\\@=+&?%~")
_IN_NUMBERS = frozenset(".,:'\u2019")  # join two numbers (1,001.00), but end a word (invoice 1001.)
_COUNTING = frozenset(
    {
        *("no", "nos", "nr", "num", "number", "numbers", "ref", "reference", "id", "and", "to"),
        *("संख्या", "नंबर", "नम्बर", "क्रमांक", "क्र", "सं", "नं", "और", "व", "एवं", "तथा"),
    }
)
"""Words between the word for a kind and a number: "invoice no. 1001 and 1002"."""
_MONEY = frozenset({"rs", "inr", "usd", "eur", "gbp", "रु", "रुपये", "रूपये", "₹"})
_SALES, _BOUGHT = "SalesInvoice", "PurchaseInvoice"

_CALLED: dict[str, tuple[str, ...]] = {
    "invoice": (_SALES, _BOUGHT),
    "invoices": (_SALES, _BOUGHT),
    "inv": (_SALES, _BOUGHT),
    "tax invoice": (_SALES, _BOUGHT),
    "bill": (_SALES, _BOUGHT),
    "bills": (_SALES, _BOUGHT),
    "बिल": (_SALES, _BOUGHT),
    "बिलों": (_SALES, _BOUGHT),
    "बीजक": (_SALES, _BOUGHT),
    "चालान": (_SALES, _BOUGHT, "DeliveryNote"),
    "चालानों": (_SALES, _BOUGHT, "DeliveryNote"),
    "इनवॉइस": (_SALES, _BOUGHT),
    "इनवॉयस": (_SALES, _BOUGHT),
    "इन्वॉइस": (_SALES, _BOUGHT),
    "order": ("SalesOrder", "PurchaseOrder"),
    "orders": ("SalesOrder", "PurchaseOrder"),
    "ऑर्डर": ("SalesOrder", "PurchaseOrder"),
    "po": ("PurchaseOrder",),
    "so": ("SalesOrder",),
    "quote": ("SalesQuote", "PurchaseQuote"),
    "quotation": ("SalesQuote", "PurchaseQuote"),
    "quotations": ("SalesQuote", "PurchaseQuote"),
    "estimate": ("SalesQuote",),
    "proforma": ("SalesQuote", "SalesOrder", _SALES),
    "कोटेशन": ("SalesQuote", "PurchaseQuote"),
    "cn": ("CreditNote",),
    "dn": ("DebitNote", "DeliveryNote"),
    "क्रेडिट नोट": ("CreditNote",),
    "डेबिट नोट": ("DebitNote",),
    "challan": ("DeliveryNote",),
    "delivery challan": ("DeliveryNote",),
    "receipts": ("Receipt",),
    "रसीद": ("Receipt",),
    "payments": ("Payment",),
    "remittance": ("Payment",),
    "भुगतान": ("Payment", "Receipt"),
    "payslips": ("Payslip",),
    "salary slip": ("Payslip",),
    "pay slip": ("Payslip",),
    "वेतन पर्ची": ("Payslip",),
    "voucher": ("Payment", "Receipt", "JournalEntry"),
    "जर्नल": ("JournalEntry",),
    "jv": ("JournalEntry",),
}
"""What people call documents, besides the titles that Manager gives the types."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A reference that stands in a text.

    Attributes:
        key: the reference as it is compared.
        words: what the text says: the reference, with the word for its kind before it where one stands there.
        kinds: the types that the word beside it stands for; none where there is no such word.
        first, last: the places of its words in the text.
    """

    key: Key
    words: str
    kinds: frozenset[str]
    first: int
    last: int


class Letter:
    """A text cut into words.

    Args:
        text: any text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        found = list(_WORD.finditer(text))
        self._spans = [match.span() for match in found]
        self.words: list[str] = [_compared(match[0]) for match in found]
        self._joined = [self._joins(place) for place in range(len(found))]
        self._phrases = dict(self._named())

    @functools.cached_property
    def kinds(self) -> frozenset[str]:
        """The types that any word of it stands for."""
        return frozenset(kind for _, kinds in self._phrases.values() for kind in kinds)

    def mentions(self, references: Container[Key]) -> Iterator[Mention]:
        """The references that stand in it as whole words; where one is within another, both.

        Args:
            references: what to look for.
        """
        before = self._kinds_before()
        for first in range(len(self.words)):
            for last in range(first, min(first + _MOST_WORDS, len(self.words))):
                key = tuple(self.words[first : last + 1])
                if key in references and self._stands_alone(first, last):
                    begin, kinds = before[first]
                    yield Mention(
                        key, self._quoted(begin, first, last), kinds | self._kinds_at(first, last), first, last
                    )

    def _stands_alone(self, first: int, last: int) -> bool:
        """Whether no more of a number or a word follows or precedes it, and it is no sum of money."""
        if last + 1 < len(self.words) and self._joined[last + 1]:
            return False
        if first and self._joined[first]:
            prefix = self.words[first - 1]  # "INV-1001" names 1001; "PO-7/1001" and 10/1001 do not
            if (first > 1 and self._joined[first - 1]) or not (prefix in _COUNTING or first - 1 in self._phrases):
                return False
        start = self._spans[first][0]
        money = bool(start) and unicodedata.category(self._text[start - 1]) == "Sc"
        return not money and not (first and self.words[first - 1] in _MONEY)

    def _kinds_at(self, first: int, last: int) -> frozenset[str]:
        """Of the word right behind it ("1001 बिल"), and of the words that it begins with ("INV-1001")."""
        return frozenset(
            kind for place in (first, last + 1) if place in self._phrases for kind in self._phrases[place][1]
        )

    def _kinds_before(self) -> list[tuple[int, frozenset[str]]]:
        """Before each word: the word for a kind that still holds there, and where it stands."""
        told, place, now = [], 0, (0, frozenset[str]())
        while place < len(self.words):
            told.append(now if now[1] else (place, now[1]))
            if place in self._phrases:
                length, kinds = self._phrases[place]
                now = (place, kinds)
                told += [now] * (length - 1)
                place += length
                continue
            if not (self.words[place] in _COUNTING or self._numbered(place)):
                now = (0, frozenset())
            place += 1
        return told

    def _numbered(self, place: int) -> bool:
        """Whether a word, with what is joined to it, holds a number."""
        first = last = place
        while first and self._joined[first]:
            first -= 1
        while last + 1 < len(self.words) and self._joined[last + 1]:
            last += 1
        return any(sign.isdigit() for word in self.words[first : last + 1] for sign in word)

    def _named(self) -> Iterator[tuple[int, tuple[int, frozenset[str]]]]:
        """The words for kinds: where each begins, how many words it has, which types it stands for."""
        place, phrases = 0, _phrases()
        while place < len(self.words):
            for length in range(min(_longest(), len(self.words) - place), 0, -1):
                kinds = phrases.get(tuple(self.words[place : place + length]))
                if kinds is not None:
                    yield place, (length, kinds)
                    place += length - 1
                    break
            place += 1

    def _joins(self, place: int) -> bool:
        """Whether a word is joined to the one before it: 1001-2, 1,001, a@b."""
        if not place:
            return False
        between = self._text[self._spans[place - 1][1] : self._spans[place][0]]
        if len(between) != 1:
            return False
        if between in _IN_NUMBERS:
            return self.words[place - 1][-1].isdigit() and self.words[place][0].isdigit()
        return between in _JOINING

    def _quoted(self, begin: int, first: int, last: int) -> str:
        begin = begin if first - begin <= _MOST_WORDS else first
        return " ".join(self._text[self._spans[begin][0] : self._spans[last][1]].split())


def widest(mentions: Iterable[Mention]) -> list[Mention]:
    """Without those that are a part of another: "INV-1001" names INV-1001 where there is one, and not 1001."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda mention: (mention.first - mention.last, mention.first)):
        if not any(wide.first <= mention.first and mention.last <= wide.last for wide in kept):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.first)


def key_of(reference: str) -> Key:
    """A reference as it is compared; of one without letters and digits there is nothing to compare."""
    if reference.isascii() and reference.isdigit():
        return (reference,)
    return tuple(_compared(match[0]) for match in _WORD.finditer(reference))


@functools.lru_cache(100_000)
def _compared(word: str) -> str:
    """A word with one form for each letter and digit: ＩＮＶ and inv, १०० and 100."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    if not plain.isascii():
        plain = "".join(str(unicodedata.decimal(sign, sign)) for sign in plain if sign not in "\u200c\u200d")
    return sys.intern(plain)


def _words_pattern() -> re.Pattern[str]:
    """Letters and digits with the signs that belong to them, which a pattern of Python leaves out: matras, nuktas."""
    marks, start = [], -1
    for code in range(0x300, 0x20000):
        mark = unicodedata.category(chr(code)) in ("Mn", "Mc")
        if mark and start < 0:
            start = code
        elif not mark and start >= 0:
            marks.append(f"{chr(start)}-{chr(code - 1)}")
            start = -1
    return re.compile(rf"[^\W_](?:[^\W_]|[{''.join(marks)}\u200c\u200d])*")


_WORD = _words_pattern()


@functools.cache
def _phrases() -> Mapping[Key, frozenset[str]]:
    """The words for kinds of documents, as they are compared."""
    found = {key_of(phrase): frozenset(kinds) for phrase, kinds in _CALLED.items()}
    for known in SCHEMA.types():
        if known.field("Reference") is not None and not known.obsolete:
            found[key_of(labels.title(known))] = frozenset({known.name})
    return found


@functools.cache
def _longest() -> int:
    return max(map(len, _phrases()))
