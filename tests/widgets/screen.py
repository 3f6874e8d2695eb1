"""Acts on a panel as a person does, without a browser: finds things by their words, sends what the script sends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from manager_nb.widgets.panel import Panel

#: A row's key says which rows of the table it is of, so that a late click opens no row of others.
_ROWS = re.compile(r"row-\d+\.")


class Screen:
    """What a panel shows now."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def nodes(self) -> list[dict[str, Any]]:
        """Every node on the screen, in reading order."""
        found: list[dict[str, Any]] = []

        def walk(node: dict[str, Any]) -> None:
            found.append(node)
            for child in node.get("children", ()):
                walk(child)

        screen = self._panel.widget.screen
        for top in (*screen["tools"], *screen["children"]):
            walk(top)
        return found

    def kinds(self, kind: str) -> list[dict[str, Any]]:
        """All nodes of a kind."""
        return [node for node in self.nodes() if node["kind"] == kind]

    def all_text(self) -> str:
        """Every word on the screen."""
        words: list[str] = [self._panel.widget.screen["title"], self._panel.widget.screen["intro"]]

        def walk(value: Any) -> None:
            if isinstance(value, str):
                words.append(value)
            elif isinstance(value, dict):
                for name, part in value.items():
                    if name not in {"kind", "key", "look"}:
                        walk(part)
            elif isinstance(value, list):
                for part in value:
                    walk(part)

        walk(self.nodes())
        return "\n".join(words)

    def one(self, kind: str, label: str) -> dict[str, Any]:
        """The node of a kind whose label is this."""
        found = [node for node in self.kinds(kind) if node.get("label") == label]
        labels = [node.get("label") for node in self.kinds(kind)]
        assert len(found) == 1, f"{kind} {label!r} {len(found)} times among {labels}"
        return found[0]

    def has(self, kind: str, label: str) -> bool:
        """Whether there is such a node."""
        return any(node.get("label") == label for node in self.kinds(kind))

    def press(self, label: str) -> None:
        """Press a button."""
        node = self.one("button", label)
        assert "disabled" not in node, f"{label!r} is disabled"  # to the script anything there is a yes
        self.send(node["key"])

    def give(self, label: str, secret: str) -> None:
        """Press a button that takes along what was typed into the field of a secret."""
        node = self.one("button", label)
        assert not node.get("disabled"), f"{label!r} is disabled"
        fields = [one for one in self.kinds("entry") if one["key"] == node["gives"]]
        assert [bool(one.get("secret")) for one in fields] == [True], f"{label!r} gives {node['gives']}"
        self.send(node["key"], secret=secret)

    def tick(self, label: str, value: bool) -> None:
        """Tick or untick a checkbox."""
        self.send(self.one("check", label)["key"], value=value)

    def fill(self, label: str, value: str, *, enter: bool = False) -> None:
        """Type into a field."""
        self.send(self.one("entry", label)["key"], value=value, enter=enter)

    def speak(self, code: str) -> None:
        """Choose the language."""
        self.send("language", value=code)

    def send(self, key: str, **content: Any) -> None:
        """What the script sends to the kernel; a row of a long table by its number alone ("rows-row-3-open")."""
        whole = next((known for known in self._panel._handlers if _ROWS.sub("row-", known) == key), key)
        self._panel.widget._handle_custom_msg({"key": whole, **content}, [])

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """The errors that are shown."""
        return self.kinds("trouble")
