"""What the app asks of the files of a repository: their lines, to show more of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.actions.auto_test import NO_AUTO_TEST, AutoTest
from codexspark_tui.config import Config
from codexspark_tui.errors import SparkError
from codexspark_tui.events.paths import real_path
from codexspark_tui.patch import TextFile, decode, split_lines
from codexspark_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Files:
    """`root`: the folder that paths belong to; None: there are no files to look at.

    `test_command`: what the person's settings say that a test is; `auto_test`: what of it runs by
    itself after an accept. `config`: what /verify goes by; None: there is none.
    """

    workspace: Workspace | None = None
    test_command: str = ""
    auto_test: AutoTest = NO_AUTO_TEST
    config: Config | None = None

    @property
    def root(self) -> Path | None:
        return self.workspace.root if self.workspace is not None else None

    def lines(self, path: str) -> Sequence[str] | None:
        """The lines of a file, by its path in text form, without their ends; None for no text."""
        if self.workspace is None:
            return None
        try:
            state = self.workspace.read(real_path(path))
        except (SparkError, OSError):
            return None
        text = decode(state.data) if state.kind == "file" else None
        return _lines(text.text) if isinstance(text, TextFile) else None


def _lines(text: str) -> list[str]:
    return [line.rstrip("\r\n") for line in split_lines(text)]


NO_FILES = Files()
