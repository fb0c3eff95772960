"""What is there before the first prompt: where one is, and what can be typed."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Middle
from textual.content import Content
from textual.widgets import Static

from codexspark_tui.events.paths import path_text
from codexspark_tui.tui.model.cells import clean, shortened_path

OF_CODEMODS = (
    "rename old_name to new_name",
    "remove unused imports and sort the imports",
    "add docstrings to path/to/file.py",
)
OF_MODELS = (
    "make parse() accept bytes, and test it",
    "add a --json option to the export command",
    "why is this slow? make it faster: path/to/file.py",
)
LONGEST_PATH = 48


class Welcome(Middle):
    DEFAULT_CSS = """
    Welcome { width: 1fr; align: center middle; }
    Welcome Static { width: auto; max-width: 100%; }
    """

    def __init__(self, root: Path, provider: str = "") -> None:
        super().__init__()
        self._root = root
        self._provider = provider

    def compose(self) -> ComposeResult:
        yield Static(_text(self._root, self._provider))


def _text(root: Path, provider: str) -> Content:
    where = shortened_path(clean(path_text(str(root))), LONGEST_PATH)
    builtin = provider == "codemods"
    parts: list[tuple[str, str]] = [
        ("spark", "bold $spark-accent"),
        (f"  {where}\n\n", "$spark-muted"),
        ("Say what to change. Each change appears as it is written,\n", ""),
        ("and you decide it at once:\n\n  ", ""),
        ("y", "bold $spark-accent"),
        (" accepts it, on disk    ", ""),
        ("n", "bold $spark-accent"),
        (" rejects it    ", ""),
        ("u", "bold $spark-accent"),
        (" undoes it\n\n", ""),
    ]
    for example in OF_CODEMODS if builtin else OF_MODELS:
        parts += [("  ❯ ", "$spark-accent"), (f"{example}\n", "$spark-muted")]
    if builtin:
        parts.append(("\nBuilt-in codemods answer: no key, no network.", "$spark-muted"))
    parts.append(("\nF1 or /help shows all keys, ctrl+p every command.", "$spark-muted"))
    return Content.assemble(*parts)
