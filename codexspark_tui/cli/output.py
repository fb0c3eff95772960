"""The two outputs: stdout is the product, stderr is the rest.

True here: nothing that came from a model, a patch or a file name reaches a terminal with control
characters in it; a pipe or file gets the product's exact bytes. An output that was closed counts as
one that cannot be written (`OutputFailed`), never as a reason for a traceback.
"""

from __future__ import annotations

import io
import os
import select
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, TypeAlias

from codexspark_tui.errors import SparkError, WriteFailed
from codexspark_tui.events.visible import terminal_text as terminal_text

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


class OutputFailed(WriteFailed):
    """stdout cannot be written: a full disk, a closed descriptor."""

    def __init__(self, error: OSError) -> None:
        why = (error.strerror or str(error)).lower()
        super().__init__(
            f"standard output could not be written: {why}",
            next_step="What has been printed is not whole.",
        )


def write_product(data: bytes) -> None:
    """Write all of `data` to stdout. Raises `BrokenPipeError`, or `OutputFailed` for the rest."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(1, view) :]
        except BlockingIOError:
            select.select([], [1], [])
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputFailed(error) from error


class ProductStream(io.TextIOBase):
    """Stands for `sys.stdout`, so that what a library prints (help) is written like the rest."""

    encoding = "utf-8"
    errors = "surrogateescape"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return is_terminal(1)

    def fileno(self) -> int:
        return 1

    def write(self, text: str) -> int:
        print_product(text)
        return len(text)


def print_product(text: str) -> None:
    """Text for stdout: made harmless for a terminal, exact for anything else."""
    safe = terminal_text(text) if is_terminal(1) else text
    write_product(safe.encode("utf-8", "surrogateescape"))


def say_piece(text: str) -> None:
    """The next piece of a longer text on stderr, as it comes."""
    try:
        os.write(2, terminal_text(text).encode("utf-8", "backslashreplace"))
    except OSError:
        return


def say(text: str) -> None:
    """One or more lines on stderr; what cannot be said is let go."""
    try:
        data = (terminal_text(text) + "\n").encode("utf-8", "backslashreplace")
        os.write(2, data)
    except OSError:
        return


def show_progress(text: str) -> None:
    """A line on the terminal at stderr in the place of the one before; "" takes it away."""
    with suppress(OSError):
        os.write(2, f"\r{terminal_text(text)}\x1b[K".encode("utf-8", "backslashreplace"))


def show_error(error: SparkError) -> None:
    """The sentence, the particulars and the next step, on stderr."""
    said = [t for t in (error.title, error.detail, error.next_step) if t]
    text = styled("spark: ", "error", uses_color(2)) + terminal_text("\n".join(said)) + "\n"
    try:
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:
        return


def colored_patch(patch: str) -> str:
    """A patch with colours by line; each line is made harmless first."""
    lines = patch.split("\n")
    last = lines.pop()
    colored: list[str] = []
    in_hunk = False
    for line in lines:
        in_hunk = not line.startswith("diff ") and (in_hunk or line.startswith("@@"))
        colored.append(_colored_line(line, in_hunk) + "\n")
    return "".join(colored) + (_colored_line(last, in_hunk) if last else "")


def colored_hunk(lines: Iterable[str]) -> str:
    """The lines of one hunk with colours, each with a newline and made harmless."""
    return "".join(_colored_line(line, True) + "\n" for line in lines)


def _colored_line(line: str, in_hunk: bool) -> str:
    text = terminal_text(line)
    if not in_hunk:
        return styled(text, "heading", True)
    style: dict[str, Style] = {"+": "added", "-": "removed", "@": "place", "\\": "dim"}
    return styled(text, style[text[0]], True) if text[:1] in style else text
