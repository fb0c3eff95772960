"""The person's editor: SPARK_EDITOR, GIT_EDITOR, VISUAL, EDITOR, else vi.

It has the terminal while it runs: who calls gives that away before and takes it back afterwards.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

_PATH_AND_LINE = frozenset({"hx", "helix", "subl", "zed", "mate"})
_GOTO = frozenset({"code", "codium", "cursor", "windsurf"})


async def edit_text(text: str, suffix: str, terminal: int | None = None) -> str | None:
    """What the person made of `text`; None when the editor cannot be run or fails.

    `terminal`: a descriptor for the editor; None: it has ours.
    """
    with tempfile.TemporaryDirectory(prefix="spark-") as folder:
        path = Path(folder) / f"edit{suffix}"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        if not await _run(lambda command: [*command, str(path)], terminal):
            return None
        try:
            return path.read_bytes().decode("utf-8", "surrogateescape")
        except OSError:
            return None


async def open_at(path: Path, line: int) -> bool:
    """Let the person look at a file, at a line from 1; whether the editor ended well."""
    return await _run(lambda command: at_line(command, path, line), None)


def at_line(command: Sequence[str], path: Path, line: int) -> list[str]:
    """The whole command to open `path` at `line`, in the way of that editor."""
    name = Path(command[0]).name
    if name in _GOTO:
        return [*command, "--goto", f"{path}:{line}"]
    if name in _PATH_AND_LINE:
        return [*command, f"{path}:{line}"]
    return [*command, f"+{line}", str(path)]


async def _run(complete: Callable[[list[str]], list[str]], terminal: int | None) -> bool:
    """Run the editor with the arguments that `complete` adds; whether it ended well."""
    try:
        editor = await asyncio.create_subprocess_exec(
            *complete(editor_command()),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
    except (OSError, ValueError):
        return False
    return await editor.wait() == 0


def editor_command() -> list[str]:
    """The editor and its arguments, split as a shell would. Raises `ValueError` for bad quotes."""
    names = ("SPARK_EDITOR", "GIT_EDITOR", "VISUAL", "EDITOR")
    chosen = next((os.environ[n] for n in names if os.environ.get(n, "").strip()), "vi")
    return shlex.split(chosen)
