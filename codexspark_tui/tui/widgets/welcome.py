"""What is there before the first prompt: where one is, and what can be typed."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Middle
from textual.content import Content
from textual.widgets import Static

from codexspark_tui.events.paths import path_text
from codexspark_tui.tui.model.cells import clean, shortened

EXAMPLES = (
    "rename load_settings to read_settings",
    "remove unused imports and sort the imports",
    "add docstrings to src/prices.py",
)


class Welcome(Middle):
    DEFAULT_CSS = """
    Welcome { width: 1fr; align: center middle; }
    Welcome Static { width: auto; max-width: 100%; }
    """

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def compose(self) -> ComposeResult:
        yield Static(_text(self._root))


def _text(root: Path) -> Content:
    where = shortened(clean(path_text(str(root))), 52)
    parts: list[tuple[str, str]] = [
        ("spark", "bold $spark-accent"),
        (f"  {where}\n\n", "$spark-muted"),
        ("Say what to change; each change appears as it is written.\n", ""),
        ("y", "bold $spark-accent"),
        (" accepts it, on disk  ", ""),
        ("n", "bold $spark-accent"),
        (" rejects it  ", ""),
        ("u", "bold $spark-accent"),
        (" takes it back\n\n", ""),
    ]
    for example in EXAMPLES:
        parts += [("  ❯ ", "$spark-accent"), (f"{example}\n", "$spark-muted")]
    parts.append(("\n? in the changes or /help lists all keys.", "$spark-muted"))
    return Content.assemble(*parts)
