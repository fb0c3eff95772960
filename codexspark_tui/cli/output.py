"""The two outputs: stdout is the product, stderr is the rest.

True here: nothing that came from a model, a patch or a file name reaches a terminal with control
characters in it; a pipe or file gets the product's exact bytes. An output that was closed counts as
one that cannot be written (`OSError`), never as a reason for a traceback.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Literal, TypeAlias

from codexspark_tui.events.visible import terminal_text

__all__ = [
    "ColorChoice",
    "Style",
    "colored_patch",
    "is_terminal",
    "print_product",
    "say",
    "styled",
    "terminal_text",
    "uses_color",
    "write_product",
]

ColorChoice: TypeAlias = Literal["auto", "always", "never"]
Style: TypeAlias = Literal["added", "removed", "heading", "place", "dim", "strong", "error"]

_CODES: dict[Style, str] = {
    "added": "32",
    "removed": "31",
    "heading": "1",
    "place": "36",
    "dim": "2",
    "strong": "1",
    "error": "1;31",
}


def uses_color(fd: int, choice: ColorChoice = "auto") -> bool:
    """--color, then NO_COLOR, then CLICOLOR_FORCE, then whether `fd` is a terminal with colours."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return is_terminal(fd) and os.environ.get("TERM", "") not in ("", "dumb")


def is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False


def styled(text: str, style: Style, on: bool) -> str:
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if on else text


def write_product(data: bytes) -> None:
    """Write to stdout, all of it; raises `OSError` (`BrokenPipeError` …) when that fails."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    sys.stdout.flush()
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def print_product(text: str) -> None:
    """Text for stdout: made harmless for a terminal, exact for anything else."""
    safe = terminal_text(text) if is_terminal(1) else text
    write_product(safe.encode("utf-8", "surrogateescape"))


def say(text: str) -> None:
    """One or more lines on stderr; what cannot be said is let go."""
    try:
        data = (terminal_text(text) + "\n").encode("utf-8", "backslashreplace")
        os.write(2, data)
    except OSError:
        return


def colored_patch(patch: str, on: bool) -> str:
    """A patch with colours by line, where `on`; each line is made harmless first."""
    if not on:
        return patch
    return "".join(_colored_line(line) for line in patch.splitlines(keepends=True))


def _colored_line(line: str) -> str:
    text = terminal_text(line.rstrip("\n").removesuffix("\r"))
    if text.startswith(("diff ", "--- ", "+++ ", "index ", "rename ", "new ", "deleted ", "old ")):
        return styled(text, "heading", True) + "\n"
    style: dict[str, Style] = {"+": "added", "-": "removed", "@": "place", "\\": "dim"}
    return (styled(text, style[text[0]], True) if text[:1] in style else text) + "\n"
