"""Do the tests: on a business, and against an earlier backup of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from manager_nb.audit.books import Books, is_document
from manager_nb.audit.catalogue import chosen_rules, read_parameters, read_weights
from manager_nb.audit.findings import About, Examined, Findings
from manager_nb.audit.report import Writer
from manager_nb.audit.side_by_side import require_another_file
from manager_nb.errors import NotFoundError
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.progress import SILENT, Progress, check, heeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from manager_nb.timeline.business import Business


def audit(
    business: Business,
    *,
    earlier: Business | None = None,
    rules: Iterable[str] | str | None = None,
    zone: str = "UTC",
    weights: Mapping[str, int] | None = None,
    progress: Progress = SILENT,
    **parameters: object,
) -> Findings:
    """Test a business: whether its trail can be relied on, what happened after closing, what deserves a look.

    Args:
        business: the business.
        earlier: an earlier backup of it, which shows what has gone from the file or was altered since.
        rules: groups ("trail", "closing", "tests") or names of rules; None is all.
        zone: the time zone in which hours and days are taken (IANA name).
        weights: what a finding of a rule adds to a record's score, by the rule's name, where it is not the rule's own.
        progress: told of each test; heeded.
        **parameters: what the tests are told; :data:`manager_nb.audit.catalogue.ALL` has them. Where one is empty, its
            default is taken.

    Returns:
        The findings. The same files and parameters give the same findings.

    Raises:
        NotFoundError: there is no such rule or parameter.
        SelectionError: a value does not fit its parameter, a weight is no whole number, or the earlier backup is the
            file itself.
        MomentError: there is no such zone.
        CancelledError: the user cancelled.
    """
    wanted = chosen_rules(rules)
    chosen = read_parameters(wanted, parameters)
    heavier = read_weights(weights or {})
    if earlier is not None:
        require_another_file(business, earlier)
    books = Books(business, earlier=earlier, zone=zone, progress=progress)
    examined = []
    for rule in wanted:
        check(progress)
        progress.start(rule.title)
        own = {parameter.name: chosen[parameter.name] for parameter in rule.parameters}
        examined.append(Examined(rule, own, rule.test(books, own)))
        progress.finish()
    return Findings(
        examined,
        _about(books, examined),
        zone=zone,
        business=business.name,
        sources=tuple(_sources(business, earlier)),
        weights={rule.name: heavier.get(rule.name, rule.weight) for rule in wanted},
        writer=Writer(business, earlier),
    )


def _about(books: Books, examined: Iterable[Examined]) -> dict[str, About]:
    """What each finding is about: as the record is called now, of one that is gone as it was called last."""
    keys = {key for one in examined for finding in one.tested.findings for key in finding.objects}
    found = {}
    for key in heeded(sorted(keys), books.progress):
        entries = books.of_object.get(key.lower(), ())
        named = None if entries else books.business.named(key)
        if entries:
            known = SCHEMA.named(entries[-1].type or "")
            date = entries[-1].date if known is not None and is_document(known) else None
            found[key] = About(entries[-1].type, entries[-1].label, date)
        elif named is not None:
            found[key] = About(named.type, named.label, _dated(books, key))
    return found


def _dated(books: Books, key: str) -> dt.date | None:
    """The own date of a record that History does not tell of."""
    try:
        record = books.business.record(key)
    except NotFoundError:
        return None
    known = SCHEMA.named(record.type)
    if known is None or not is_document(known):
        return None
    date = record.fields.get(labels.date_field(known) or "")
    return date.date() if isinstance(date, dt.datetime) else date


def _sources(business: Business, earlier: Business | None) -> Iterator[dict[str, Any]]:
    for one in filter(None, (business, earlier)):
        yield {"path": str(one.source.path), "sha256": one.source.sha256, "size": one.source.size}
