"""The page of the guide that lists every test of an audit, written from what the code knows of them.

``python -m tests.guide_of_tests`` writes it anew in each language.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.audit.catalogue import ALL
from manager_nb.audit.rule import GROUPS
from manager_nb.i18n import Language, available

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.audit.parameters import Parameter
    from manager_nb.audit.rule import Rule

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
NAME = "11-tests.md"

WORDS = {
    "en": {
        "title": "11. The tests of an audit, one by one",
        "links": "[हिन्दी](../hi/11-tests.md) · first page: [1. Start](01-start.md)",
        "intro": "Each test looks for one thing. What it finds is a reason to look, never a verdict: read it, ask, and"
        " write down what came of it. Where a test could not be done, or left something out, its result says so.",
        "head": "what can be set | if nothing is set | name",
        "weight": "Name in scripts: `{name}`. A finding adds {weight} to the score of a record.",
        "limits": "Its limits: ",
    },
    "hi": {
        "title": "11. ऑडिट की जाँचें, एक-एक करके",
        "links": "[English](../en/11-tests.md) · पहला पृष्ठ: [1. शुरुआत](01-start.md)",
        "intro": "हर जाँच एक ही बात खोजती है। जो मिले वह देखने का कारण है, फ़ैसला कभी नहीं: पढ़ें, पूछें, और जो निकला उसे लिख लें।"
        " जहाँ कोई जाँच नहीं हो सकी या कुछ छूट गया, वहाँ उसका परिणाम यह बताता है।",
        "head": "क्या तय किया जा सकता है | कुछ तय न करें तो | नाम",
        "weight": "स्क्रिप्ट में नाम: `{name}`। हर अवलोकन रिकॉर्ड के अंक में {weight} जोड़ता है।",
        "limits": "इसकी सीमाएँ: ",
    },
}


def page(language: Language) -> str:
    """The page in a language."""
    return "\n".join(_lines(language))


def _lines(language: Language) -> Iterator[str]:
    words = WORDS[language.code]
    yield from (f"# {words['title']}", "", words["links"], "", words["intro"], "")
    for group, title in GROUPS.items():
        rules = [rule for rule in ALL if rule.group == group]
        if rules:
            yield from (f"## {language.text(title)}", "")
        for rule in rules:
            yield from _told(rule, language)


def _told(rule: Rule, language: Language) -> Iterator[str]:
    words = WORDS[language.code]
    yield from (f"### {language.text(rule.title)}", "", language.text(rule.why), "")
    if rule.limits:
        yield from (words["limits"] + language.text(rule.limits), "")
    if rule.parameters:
        yield from (f"| {words['head']} |", "|---|---|---|")
        yield from (_parameter(one, language) for one in rule.parameters)
        yield ""
    yield from (words["weight"].format(name=rule.name, weight=language.number(rule.weight)), "")


def _parameter(one: Parameter, language: Language) -> str:
    return f"| {language.text(one.title)} | {one.told(one.default, language) or '—'} | `{one.name}` |"


def main() -> None:
    """Write the page in each language."""
    for code in available():
        (GUIDE / code / NAME).write_text(page(Language(code)), "utf-8")


if __name__ == "__main__":
    main()
