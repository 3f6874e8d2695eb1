"""What the catalogues have to hold, read from the source.

``python -m tests.translations`` lists what they lack; with ``--update`` it writes each catalogue anew: every text of
the source in its order, translated where it was, and nothing that is no longer said. Then fill in the empty ones.

A text belongs into the catalogues when it is written as

- the message or the ``hint=`` of an error of the ManagerNbError family,
- the first word of ``.text("…")``, or both of ``.plural("…", "…", n)``,
- a step of long work: ``progress.start("…")``, ``panel.run("…", …)``,
- the heading of a ``Column``,
- what is wrong in a ``Problem``, where it is one text,
- the sentence of ``said("…", fact=…)``,
- ``mark("…")``: a text that is translated where it is shown,
- the title of a content type.
"""

from __future__ import annotations

import ast
import functools
import inspect
import io
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages import Catalog
from babel.messages.pofile import write_po

from manager_nb import errors, i18n
from manager_nb.format.schema import SCHEMA
from manager_nb.model.labels import title

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(i18n.__file__).parent
FAMILY = {
    name
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.ManagerNbError)
}  # fmt: skip

#: A call's last name, and which of its arguments are texts: places, or names of keywords.
CALLS: dict[str, tuple[int | str, ...]] = {
    **dict.fromkeys(FAMILY, (0, "hint")),
    "Column": (1, "title"),
    "Problem": (3, "what"),
    "mark": (0,),
    "plural": (0, 1),
    "run": (0,),
    "said": (0,),
    "start": (0,),
    "text": (0,),
}
#: Where a text that cannot be read from the source is a fault: nobody could translate it.
LITERAL = FAMILY | {"mark"}


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the source.

    Attributes:
        forms: the English text; singular and plural where it has both.
        places: where it stands, ``file:line``.
    """

    forms: tuple[str, ...]
    places: tuple[str, ...]


@functools.cache
def texts() -> dict[str, Text]:
    """Every text that the catalogues have to hold, by its first form."""
    found: dict[str, Text] = {}
    for place, forms in [*_in_source(), *_titles()]:
        known = found.get(forms[0], Text((), ()))
        found[forms[0]] = Text(max(known.forms, forms, key=len), (*known.places, place))
    return found


def unreadable() -> list[str]:
    """Places where a text is put together by the program, so that no catalogue can hold it."""
    return [
        f"{place}: {ast.unparse(argument)}"
        for place, call in _calls()
        if _name(call) in LITERAL
        for argument in _arguments(call)
        if isinstance(argument, (ast.JoinedStr, ast.BinOp))
        or (
            isinstance(argument, ast.Call)
            and isinstance(argument.func, ast.Attribute)
            and argument.func.attr == "format"
        )
    ]


def placeholders(text: str) -> set[str]:
    """The facts that a template names."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def missing(code: str) -> dict[str, Text]:
    """The texts that a language's catalogue has no translation of."""
    translated = {forms[0] for forms, strings in i18n.pairs(i18n.read_catalogue(code)) if all(strings)}
    return {first: text for first, text in texts().items() if first not in translated}


def _in_source() -> Iterator[tuple[str, tuple[str, ...]]]:
    for place, call in _calls():
        readings = [_literals(argument) for argument in _arguments(call)]
        if _name(call) == "plural":
            forms = tuple(text for reading in readings for text in reading)
            yield from [(place, forms)] if len(forms) == 2 else []
        else:
            yield from ((place, (text,)) for reading in readings for text in reading)


def _titles() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from (("schema", (title(kind),)) for kind in SCHEMA.types() if not kind.obsolete)


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and _name(node) in CALLS:
                yield f"{path.relative_to(PACKAGE.parent).as_posix()}:{node.lineno}", node


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    for place in CALLS[_name(call)]:
        if isinstance(place, int):
            yield from call.args[place : place + 1]
        else:
            yield from (keyword.value for keyword in call.keywords if keyword.arg == place)


def _literals(argument: ast.expr) -> list[str]:
    """The texts that an expression may be: one, or those of both branches of ``a if … else b``."""
    if isinstance(argument, ast.IfExp):
        return _literals(argument.body) + _literals(argument.orelse)
    worded = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return [str(argument.value)] if isinstance(argument, ast.Constant) and worded and argument.value else []


HEADER = """\
# The words of manager_nb. python -m tests.translations --update brings this file up to date with the source.
msgid ""
msgstr ""
"Project-Id-Version: manager_nb\\n"
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""


def catalogue_of(code: str, wanted: dict[str, Text]) -> str:
    """A catalogue of some texts, with the translations that there are, as a `.po` file."""
    known = dict(i18n.pairs(i18n.read_catalogue(code)))
    catalogue = Catalog(locale=code)
    for text in wanted.values():
        strings = known.get(text.forms, ("",) * len(text.forms))
        files = sorted({place.partition(":")[0] for place in text.places})
        ids, translated = (text.forms, strings) if len(text.forms) == 2 else (text.forms[0], strings[0])
        catalogue.add(ids, translated, locations=[(file, 0) for file in files])
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, include_lineno=False)
    return HEADER.format(code=code) + body.getvalue().decode().strip() + "\n"


def main(words: list[str]) -> None:
    for code in sorted(set(i18n.available()) - {"en"}):
        if "--update" in words:
            (i18n.CATALOGUES / code / "LC_MESSAGES" / "manager_nb.po").write_text(catalogue_of(code, texts()), "utf-8")
        lacking = missing(code)
        print(catalogue_of(code, lacking) if lacking else f"{code}: all {len(texts())} texts are translated")


if __name__ == "__main__":
    main(sys.argv[1:])
