"""Every word that a business holds, and where it stands: what a search across everything looks through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.schema import SCHEMA
from manager_nb.model.field_words import STEP
from manager_nb.model.labels import DASH
from manager_nb.model.secrets import MASK
from manager_nb.model.tables import Table
from manager_nb.model.wording import caption
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.format.schema import FieldType
    from manager_nb.timeline.business import Business

EMAIL = "Email"
"""The type that e-mails have among the records."""

WORDS = pa.schema(
    [
        ("object", pa.string()),
        ("type", pa.string()),
        ("label", pa.string()),
        ("field", pa.string()),
        ("text", pa.string()),
    ]
)
"""The columns of :func:`words_of`."""


def words_of(business: Business, *, progress: Progress = SILENT) -> Table:
    """Every text of every record, also in its lines and custom fields, and what is told of each e-mail.

    Columns: ``object`` (key of the record or of the e-mail), ``type`` (of the record; ``EMAIL``), ``label``, ``field``
    (where it stands, in words; null for the label itself), ``text``. The names of attachments are fields of their own
    records. Secrets are not among it.

    Args:
        business: the business.
        progress: told of the records that were read; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    parts = [part for name in business.types() for part in _of_type(business, name, progress)]
    parts += _of_emails(business, progress)
    return Table.of("Words", pa.concat_tables(parts) if parts else WORDS.empty_table())


def find_words(words: pa.Table, search: str) -> pa.Table:
    """The records and e-mails that hold every word of a search, a row each, upper and lower case the same.

    Columns as in :func:`words_of`; field and text are those of the first place that holds the first word.

    Args:
        words: what :func:`words_of` gave, or ``words.to_arrow()`` of it.
        search: words with blanks between them; none finds nothing.
    """
    wanted = search.lower().split()
    if not wanted or not words.num_rows:
        return words.slice(0, 0)
    texts = pc.utf8_lower(words["text"])
    places = [pc.match_substring(texts, word) for word in wanted]
    held = words["object"].filter(places[0])
    for place in places[1:]:
        some = words["object"].filter(place)
        held = held.filter(pc.is_in(held, some.combine_chunks()))
    first = words.filter(pc.and_(places[0], pc.is_in(words["object"], held.combine_chunks())))
    numbers = np.unique(first["object"].combine_chunks().dictionary_encode().indices.to_numpy(), return_index=True)[1]
    return first.take(pa.array(np.sort(numbers)))


def _of_type(business: Business, name: str, progress: Progress) -> Iterator[pa.Table]:
    known = SCHEMA.named(name)
    table = business.records(name)
    if known is None:
        yield _part(table.to_arrow(["key"], progress=progress)["key"], name, None, None, None)
        return
    wanted = [kind for kind in known.fields.values() if kind.name in table.columns and _has_text(kind, frozenset())]
    rows = table.to_arrow(["key", "label", *(kind.name for kind in wanted)], progress=progress)
    keys, labels = rows["key"].combine_chunks(), rows["label"].combine_chunks()
    if name == "Attachment":  # its label says no more than that it is one
        labels = pc.coalesce(pc.binary_join_element_wise(labels, rows["Name"].combine_chunks(), DASH), labels)
    yield _part(keys, name, labels, None, labels)
    for kind in wanted:
        for path, owners, texts in _texts(kind, rows[kind.name].combine_chunks(), np.arange(rows.num_rows), ()):
            check(progress)
            said = pc.fill_null(pc.and_(pc.not_equal(texts, ""), pc.not_equal(texts, MASK)), False)
            at = pa.array(owners).filter(said)
            field = STEP.join(dict.fromkeys(map(caption, path)))
            yield _part(keys.take(at), name, labels.take(at), field, texts.filter(said))


def _has_text(kind: FieldType, above: frozenset[str]) -> bool:
    if kind.type == "map":
        return kind.value is not None and _has_text(kind.value, above)
    if kind.message is None:
        return kind.type == "string"
    inner = SCHEMA.message(kind.message).fields.values()
    return kind.message not in above and any(_has_text(field, above | {kind.message}) for field in inner)


def _texts(
    kind: FieldType, column: pa.Array, owners: np.ndarray, above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], np.ndarray, pa.Array]]:
    """The texts of a column at any depth: where, the row of the record that each belongs to, and the text."""
    path = (*above, kind.name) if kind.name != "value" else above
    if pa.types.is_map(column.type):
        lists = column.cast(pa.list_(pa.struct([("key", column.type.key_type), ("value", column.type.item_type)])))
        inner = lists.flatten().field(1)
        if kind.value is not None:
            yield from _texts(kind.value, inner, owners[pc.list_parent_indices(lists).to_numpy()], above)
    elif pa.types.is_list(column.type):
        yield from _texts(kind, column.flatten(), owners[pc.list_parent_indices(column).to_numpy()], above)
    elif pa.types.is_struct(column.type):
        fields = {field.name: field for field in SCHEMA.message(kind.message or "").fields.values()}
        for place, field in enumerate(column.type):
            if field.name in fields:
                yield from _texts(fields[field.name], column.field(place), owners, path)
    elif kind.type == "string" and pa.types.is_string(column.type):
        yield path, owners, column


def _of_emails(business: Business, progress: Progress) -> Iterator[pa.Table]:
    rows = business.emails.to_arrow(["email", "subject", "sender", "recipients"], progress=progress)
    subjects = pc.coalesce(rows["subject"].combine_chunks(), "")
    told = {
        None: subjects,
        "Sender": rows["sender"].combine_chunks(),
        "Recipients": pc.binary_join(rows["recipients"].combine_chunks(), ", "),
    }
    for field, texts in told.items():
        yield _part(rows["email"].combine_chunks(), EMAIL, subjects, field, texts)


def _part(keys: pa.Array, name: str, labels: pa.Array | None, field: str | None, texts: pa.Array | None) -> pa.Table:
    count = len(keys)
    if isinstance(keys, pa.ChunkedArray):
        keys = keys.combine_chunks()
    same = pa.repeat(pa.scalar(name, pa.string()), count)
    columns = [
        keys,
        same,
        same if labels is None else labels,
        pa.repeat(pa.scalar(field, pa.string()), count),
        same if texts is None else texts,
    ]
    return pa.table(columns, schema=WORDS)
