"""What the catalogues have to hold, read from the source: ``python -m tests.translations`` lists what they lack.

A text belongs into the catalogues when it is written as

- the message or the ``hint=`` of an error of the ManagerNbError family,
- the first word of ``.text("…")``, or both of ``.plural("…", "…", n)``,
- a step of long work: ``progress.start("…")``, ``panel.run("…", …)``,
- what is wrong in a ``Problem``, where it is one text,
- ``mark("…")``: a text that is translated where it is shown,
- the title of a content type.
"""

from __future__ import annotations

import ast
import inspect
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    "Problem": (3, "what"),
    "mark": (0,),
    "plural": (0, 1),
    "run": (0,),
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


def _entry(text: Text) -> str:
    """A text as an entry of a `.po` file, to be filled in."""
    names = ("msgid", "msgid_plural")
    lines = [
        f"#: {' '.join(text.places)}",
        *(f"{name} {_quoted(form)}" for name, form in zip(names, text.forms, strict=False)),
    ]
    empty = ['msgstr[0] ""', 'msgstr[1] ""'] if len(text.forms) == 2 else ['msgstr ""']
    return "\n".join([*lines, *empty])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    for code in sys.argv[1:] or sorted(set(i18n.available()) - {"en"}):
        lacking = missing(code)
        print("\n\n".join(map(_entry, lacking.values())))
        print(f"\n# {code}: {len(lacking)} of {len(texts())} texts lack a translation", file=sys.stderr)
