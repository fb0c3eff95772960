"""Text as terminal cells: harmless, tabs expanded, cut and wrapped by width.

Widths are in cells. Nothing here knows colours.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, chop_cells, set_cell_size

from codexspark_tui.events.visible import visible_line

TAB = 4


def clean(text: str) -> str:
    """One line of foreign text as it may be shown: tabs to spaces, controls made visible."""
    if text.isascii() and text.isprintable():
        return text
    return visible_line(_untabbed(text) if "\t" in text else text)


def _untabbed(text: str) -> str:
    parts = text.split("\t")
    made = parts[0]
    for part in parts[1:]:
        made += " " * (TAB - cell_len(made) % TAB) + part
    return made


def width_of(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, start: int, width: int) -> str:
    """The cells from `start` on, exactly `width` of them; half a wide character is a space."""
    if width <= 0:
        return ""
    if text.isascii():
        return text[start : start + width].ljust(width)
    if start:
        text = _without_cells(text, start)
    return set_cell_size(text[: width + 64] if len(text) > width + 64 else text, width)


def _without_cells(text: str, count: int) -> str:
    dropped = 0
    for index, char in enumerate(text):
        if dropped >= count:
            return " " * (dropped - count) + text[index:]
        dropped += cell_len(char)
    return ""


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` cells, its middle left out for "…" (paths keep their end)."""
    if width_of(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    head = (width - 1) // 3
    tail = width - 1 - head
    end = text[-tail:]
    while cell_len(end) > tail:
        end = end[1:]
    return set_cell_size(text, head).rstrip() + "…" + end


def ended(text: str, width: int) -> str:
    """`text` in at most `width` cells, its end left out for "…"."""
    if width_of(text) <= width:
        return text
    return cut(text, 0, width - 1).rstrip() + "…" if width > 0 else ""


def shortened_path(path: str, width: int) -> str:
    """`path` in at most `width` cells: whole folders are left out before the name is cut."""
    parts = path.split("/")
    for first in range(len(parts)):
        shown = "/".join(["…", *parts[first:]] if first else parts)
        if width_of(shown) <= width:
            return shown
    return shortened(parts[-1] or path, width)


@lru_cache(maxsize=4096)
def wrapped(text: str, width: int) -> tuple[str, ...]:
    """`text` (clean) in rows of at most `width` cells, broken at spaces where there are any."""
    width = max(1, width)
    rows: list[str] = []
    at = 0
    while at < len(text) and (len(text) - at > width or width_of(text[at:]) > width):
        window = text[at : at + width]
        piece = window if window.isascii() else (chop_cells(window, width) or [window])[0]
        end = at + max(1, len(piece))
        space = piece.rfind(" ")
        if not text[end : end + 1].isspace() and space > width // 3:
            end = at + space
        rows.append(text[at:end].rstrip(" "))
        at = end + (text[end : end + 1] == " " and end > at)
    return (*rows, text[at:]) if at < len(text) or not rows else tuple(rows)
