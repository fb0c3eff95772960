"""A text in the person's editor: SPARK_EDITOR, GIT_EDITOR, VISUAL, EDITOR, else vi."""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
from pathlib import Path

from codexspark_tui.cli.terminal import Terminal


async def edit_text(text: str, suffix: str, terminal: Terminal) -> str | None:
    """What the person made of `text`; None when the editor cannot be run or fails."""
    with tempfile.TemporaryDirectory(prefix="spark-") as folder:
        path = Path(folder) / f"edit{suffix}"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with terminal.lent():
            try:
                editor = await asyncio.create_subprocess_exec(
                    *_command(),
                    str(path),
                    stdin=terminal.fd,
                    stdout=terminal.fd,
                    stderr=terminal.fd,
                )
            except (OSError, ValueError):
                return None
            if await editor.wait() != 0:
                return None
        try:
            return path.read_bytes().decode("utf-8", "surrogateescape")
        except OSError:
            return None


def _command() -> list[str]:
    """The editor and its arguments, split as a shell would. Raises `ValueError` for bad quotes."""
    names = ("SPARK_EDITOR", "GIT_EDITOR", "VISUAL", "EDITOR")
    chosen = next((os.environ[n] for n in names if os.environ.get(n, "").strip()), "vi")
    return shlex.split(chosen)
