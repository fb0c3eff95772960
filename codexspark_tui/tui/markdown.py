"""A finished block of Markdown as rows of segments.

Links are shown as text, never as terminal hyperlinks: the model chose where they lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO

from rich.console import Console
from rich.markdown import Markdown
from rich.segment import Segment
from rich.style import Style
from rich.theme import Theme


def markdown_rows(text: str, width: int, styles: Mapping[str, Style]) -> list[list[Segment]]:
    """`text` (already clean) in rows of at most `width` cells; an empty block is one empty row.

    `styles` are those of rich's Markdown by name; "markdown.text" is the base of all.
    """
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        theme=Theme(dict(styles)),
    )
    document = Markdown(text, hyperlinks=False, justify="left", inline_code_lexer=None)
    base = styles["markdown.text"]
    lines = console.render_lines(document, console.options.update(width=width), style=base)
    rows = [list(line) for line in lines]
    blank = text.endswith("\n") or not text.strip()
    return [*rows, [Segment("", base)]] if blank or not rows else rows
