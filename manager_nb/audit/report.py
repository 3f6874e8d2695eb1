"""A working paper: what was tested and found, in a form that goes into the file and can be repeated to the byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.audit.paper import Wanted, paper_of
from manager_nb.audit.paper_evidence import evidence_of
from manager_nb.audit.paper_excel import write_excel
from manager_nb.audit.paper_html import write_html
from manager_nb.audit.paper_page import page_of
from manager_nb.audit.rule import TRAIL
from manager_nb.audit.sampling import Sample
from manager_nb.audit.trail.verdict import GRADES, Verdict, verdict_of
from manager_nb.errors import BusinessNameError
from manager_nb.format.businesses import absolute
from manager_nb.format.placing import exists, partial, standing, writing
from manager_nb.i18n import Language
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from manager_nb.audit.findings import Findings
    from manager_nb.audit.rule import Review
    from manager_nb.timeline.business import Business

ENDINGS = (".xlsx", ".html")
"""Of the files that a working paper can be."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the working paper of an audit; it keeps the businesses, whose rows are the evidence.

    Attributes:
        business: the business that was tested.
        earlier: the earlier backup, where one was looked at.
    """

    business: Business
    earlier: Business | None

    def __call__(
        self,
        findings: Findings,
        path: Path | str,
        *,
        language: str = "en",
        prepared_by: str = "",
        prepared_on: dt.date | None = None,
        reviews: Mapping[int, Review] | None = None,
        sample: Sample | Iterable[Sample] | None = None,
        progress: Progress = SILENT,
    ) -> Path:
        """Write it; see :meth:`Findings.export`."""
        target = absolute(path)
        if target.suffix.lower() not in ENDINGS:
            raise BusinessNameError(
                "A working paper cannot be called {name}.",
                hint="Let the name end in .xlsx for Excel, or in .html for a page to print.",
                path=target,
                name=target.name,
            )
        if standing(target) is not None:
            raise exists(target)
        words = Language(language)
        samples = (sample,) if isinstance(sample, Sample) else tuple(sample or ())
        wanted = Wanted(words, prepared_by.strip(), prepared_on, dict(reviews or {}), samples)
        evidence = evidence_of(findings, self.business, self.earlier, words, progress=progress)
        told = list(_told(findings, words))
        title = words.text("Audit of {business}", business=findings.business)
        with partial(target.parent, target.name) as made:
            progress.start("Writing the working paper")
            with writing(target):
                if target.suffix.lower() == ".xlsx":
                    write_excel(made.file, paper_of(findings, evidence, wanted, told), words, progress=progress)
                else:
                    write_html(made.file, page_of(findings, evidence, wanted, told), title, words, progress=progress)
            check(progress)
            made.place(target)
            progress.finish()
        return target


def trail_verdict(findings: Findings) -> Verdict | None:
    """The verdict on the trail; None where no test of it was done."""
    return verdict_of(findings) if any(one.rule.group == TRAIL for one in findings.examined) else None


def _told(findings: Findings, words: Language) -> Iterator[str]:
    verdict = trail_verdict(findings)
    if verdict is not None:
        yield words.text(GRADES[verdict.grade])
        yield from (one.told(words, findings.zone) for one in verdict.reasons)
        yield f"{words.text('What the trail cannot show')}:"
        yield from (one.told(words, findings.zone) for one in verdict.limits)
