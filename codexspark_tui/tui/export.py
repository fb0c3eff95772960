"""The session as a file: a patch of what is accepted, Markdown, a page, or a picture of all of it.

The form follows from the name. Nothing is overwritten.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import TypeAlias

from codexspark_tui.errors import UsageError
from codexspark_tui.events.resolved import to_resolved
from codexspark_tui.patch import render
from codexspark_tui.tui.model.board import Board, Item
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.model.words import badge_of, place_of

FORMS = (".patch", ".diff", ".md", ".html", ".svg")
WIDTH = 100
DIFF_STYLES = {"+": "green", "-": "red"}
Said: TypeAlias = Sequence[tuple[str, Sequence[str]]]
"""(kind, lines) of each block of the session pane."""


def export(path: Path, board: Board, said: Said) -> None:
    """Write the file. Raises `UsageError` for another ending, and where it cannot be written."""
    form = path.suffix.lower()
    if form in (".patch", ".diff"):
        text = _patch(board)
    elif form == ".md":
        text = _markdown(board, said)
    elif form in (".html", ".svg"):
        text = _drawn(_markdown(board, said), form)
    else:
        names = ", ".join(FORMS)
        raise UsageError(f"{path.name} has none of the endings {names}", next_step="Name a file.")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    except FileExistsError:
        raise UsageError(
            f"{path.name} is there already", next_step="Choose another name."
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path.name} cannot be written: {error}") from None


def _accepted(board: Board) -> list[Item]:
    return [i for i in board.items.values() if i.taken or i.state in ("written", "accepted")]


def _patch(board: Board) -> str:
    return render([to_resolved(i.view) for i in _accepted(board) if i.view is not None])


def _markdown(board: Board, said: Said) -> str:
    """What was said, then each change with what became of it."""
    parts = ["# A session of spark\n"]
    for kind, lines in said:
        lead = "> " if kind == "prompt" else ""
        parts.append("".join(f"{lead}{line}\n" for line in lines))
    for turn, prompt in board.prompts.items():
        items = board.of_turn(turn)
        if items:
            parts.append(f"\n## Changes of turn {turn}: {clean(prompt.split(chr(10))[0])}\n")
            parts += [_change(item) for item in items]
    return "\n".join(parts) + "\n"


def _change(item: Item) -> str:
    badge = badge_of(item)
    why = f" ({clean(item.reason)})" if item.reason else ""
    where = ", ".join(filter(None, (clean(item.path), place_of(item))))
    head = f"### {where}: {badge.word}{why}\n"
    lines = [clean(line.sign + line.text) for line in item.lines]
    fence = "`" * max(3, 1 + max(map(_ticks, lines), default=2))
    return "\n".join([head, f"{fence}diff", *lines, fence, ""])


def _ticks(line: str) -> int:
    longest = run = 0
    for char in line:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    return longest


def _drawn(text: str, form: str) -> str:
    """The same as coloured rows, in a page or a picture, in which every blank counts."""
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    for line, style in _rows(text.split("\n")):
        console.print(Text(clean(line.replace("\x00", "")), style=style))
    if form == ".html":
        return console.export_html()
    svg = console.export_svg(title="spark")
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)


def _rows(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each row and its style, without the marks of Markdown that begin a line."""
    fence, is_diff = "", False
    for line in lines:
        mark = line[: len(line) - len(line.lstrip("`"))]
        if len(mark) >= 3 and (not fence or line == fence):
            fence, is_diff = ("", False) if fence else (mark, line == f"{mark}diff")
        elif fence:
            yield line, DIFF_STYLES.get(line[:1], "") if is_diff else ""
        elif line.startswith("#"):
            yield line.lstrip("# "), "bold"
        elif line.startswith("> "):
            yield f"❯ {line[2:]}", "bold cyan"
        else:
            yield line, ""
