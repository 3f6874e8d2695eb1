"""The order of the house: a room knows the rooms below it, and no other (docs/design.md §1)."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "manager_nb"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

#: Lowest first. Rooms on one line do not know each other.
FLOORS = [
    {"errors", "i18n", "progress", "version"},
    {"demo", "format"},
    {"model"},
    {"timeline"},
    {"audit", "backup"},
    {"listing", "restore"},
    {"fleet", "server"},
    {"widgets"},
    {"cli", "lab"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
#: The core is four single modules that may use each other; a room is a folder.
CORE = FLOORS[0]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The room of ``manager_nb.room.module``; "" for the package itself, which names what every room offers."""
    return module.split(".")[1] if "." in module else ""


def imported(tree: ast.AST, names: set[str]) -> Iterator[str]:
    """The modules of this package that a syntax tree imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "manager_nb")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            if (node.module or "").split(".")[0] == "manager_nb":
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & names
                yield from inner or {str(node.module)}


def graph() -> dict[str, set[str]]:
    names = {name_of(path) for path in modules()}
    return {name_of(path): set(imported(ast.parse(path.read_bytes()), names)) for path in modules()}


def test_every_room_has_its_floor() -> None:
    rooms = {room_of(module) for module in graph()} - {""}
    assert rooms <= set(LEVEL), "give the new room a floor here and in docs/design.md"


def test_a_room_knows_only_the_rooms_below_it() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in graph().items()
        for other in others
        if room_of(module) not in {"", "__main__"} and not may_know(room_of(module), room_of(other))
    ]
    assert wrong == []


def may_know(room: str, other: str) -> bool:
    return other != "" and (LEVEL[other] < LEVEL[room] or room == other or {room, other} <= CORE)


def test_imports_have_no_circle() -> None:
    knows = {module: others - {module} for module, others in graph().items()}
    try:
        TopologicalSorter(knows).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


@pytest.mark.parametrize("path", [path for path in modules() if path.name == "__init__.py"], ids=name_of)
def test_an_init_file_names_things_and_holds_no_logic(path: Path) -> None:
    body = ast.parse(path.read_bytes()).body
    extra = [ast.unparse(statement) for statement in body if not names_things(statement)]
    assert extra == []


def names_things(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)  # the docstring
    if isinstance(statement, ast.Assign):
        return [ast.unparse(target) for target in statement.targets] == ["__all__"]
    return isinstance(statement, (ast.Import, ast.ImportFrom))


def test_only_the_command_line_imports_what_the_whole_package_offers() -> None:
    """A room that imports ``manager_nb`` itself would load every other room, those above it too."""
    assert {module for module, others in graph().items() if "manager_nb" in others} <= {"manager_nb.__main__"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_the_package_and_its_widgets_only(path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)
    tree = ast.parse("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    opened = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert (named | opened) - {"datetime"} <= {"manager_nb", "manager_nb.widgets"}  # a day has to be named somehow
