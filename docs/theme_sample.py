"""Draws each theme as an SVG, to be looked at: `python docs/theme_sample.py FOLDER`.

The drawing is made of roles only and shows a diff in review, the states of a change and code, each
on the backgrounds that they are drawn on. User themes are drawn, too; pictures of the real app are
made elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from codexspark_tui.themes import Theme, load_all

CELL_WIDTH, CELL_HEIGHT = 9, 21  # pixels of one character
COLUMNS = 108
RAIL = 24  # columns of the file rail
FONT = "DejaVu Sans Mono, Menlo, monospace"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in colour `role`, on colour `on` (empty: what the row is drawn on)."""

    text: str
    role: str = "text"
    on: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the diff: its background, and what is written on it from left to right."""

    on: str
    spans: tuple[Span, ...]


def _line(number: int, sign: str, *code: Span) -> Row:
    role, on = {
        "+": ("added", "added_background"),
        "-": ("removed", "removed_background"),
        " ": ("context", "background"),
    }[sign]
    return Row(on, (Span(f" {number:>3} ", "line_number"), Span(f"{sign} ", role), *code))


def _diff() -> Iterator[Row]:
    yield Row("panel", (Span(" src/io.py ", "text"), Span(" +3 ", "added"), Span("-2 ", "removed")))
    yield Row("background", (Span(" @@ 12 @@ def parse(data):", "hunk_header"),))
    yield _line(12, " ", Span("def ", "keyword"), Span("parse", "function"), Span("(data):"))
    yield _line(13, " ", Span('    """Values, by name."""', "string"))
    yield _line(14, "-", Span("    limit = "), Span("10", "number", "removed_word"))
    yield _line(14, "+", Span("    limit = "), Span("256", "number", "added_word"))
    yield _line(
        15,
        "+",
        Span("    if ", "keyword", "added_word"),
        Span("isinstance", "function", "added_word"),
        Span("(data, ", on="added_word"),
        Span("bytes", "type", "added_word"),
        Span("):", on="added_word"),
        Span("  # from a socket", "comment", "added_word"),
    )
    yield _line(16, "+", Span('        data = data.decode("utf-8")'), Span("  # once", "comment"))
    yield _line(17, "-", Span("    return ", "keyword"), Span("dict", "type"), Span("(data)"))
    yield _line(18, " ", Span("    # done", "comment"))


def _states() -> Iterator[Row]:
    states = (
        ("… writing", "✓ placed", "? ambiguous", "! refused"),
        ("● accepted", "○ rejected", "~ stale", "↶ undone"),
        ("✗ error", "▲ warning", "✔ success", "  muted"),
    )
    pages = ("background", "surface", "panel", "cursor", "selection")
    lines = ("added_background", "removed_background")
    for on in pages + lines:
        for number, words in enumerate(states):
            if number < 2 or on in pages:
                spans = (Span(f" {word:<13}", word[2:]) for word in words)
                yield Row(on, (Span(f" {on if number == 0 else '':<19}", "muted"), *spans))


def _rail() -> Iterator[Row]:
    yield Row("surface", (Span(" FILES", "muted"),))
    yield Row("selection", (Span(" src/io.py "), Span("+3 ", "added"), Span("-2", "removed")))
    yield Row("surface", (Span(" src/cli.py "), Span("● 4", "accepted")))
    yield Row("surface", (Span(" tests/test_io.py "), Span("? 1", "ambiguous")))


def _foot() -> Iterator[Row]:
    yield Row("background", ())
    cursor = (Span(" ▌", "accent"), Span(" the row that the keys act on "), Span("y", "accent"))
    yield Row("cursor", (*cursor, Span(" accept  ", "muted"), Span("n", "accent"), Span(" reject")))
    button = Span(" Accept all ", "accent_text", "accent")
    yield Row("panel", (Span(" ", "text"), button, Span("  87 ms · 1,240 tok/s", "muted")))


def _draw(row: Row, theme: Theme, left: int, top: int, columns: int) -> Iterator[str]:
    """Rectangles and texts of one row, `left` and `columns` in characters, `top` in rows."""
    yield _box(left, top, columns, theme.colours[row.on])
    at = left
    for span in row.spans:
        if span.on:
            yield _box(at, top, len(span.text), theme.colours[span.on])
        x, y = at * CELL_WIDTH, top * CELL_HEIGHT + 15
        yield (
            f'<text x="{x}" y="{y}" fill="{theme.colours[span.role]}" xml:space="preserve" '
            f'textLength="{len(span.text) * CELL_WIDTH}">{escape(span.text)}</text>'
        )
        at += len(span.text)


def _box(left: int, top: int, columns: int, colour: str, rows: int = 1) -> str:
    x, y = left * CELL_WIDTH, top * CELL_HEIGHT
    width, height = columns * CELL_WIDTH, rows * CELL_HEIGHT
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}"/>'


def svg(theme: Theme) -> str:
    """The whole drawing, as the text of an SVG file."""
    main = [*_diff(), *_foot(), Row("background", ()), *_states()]
    height = len(main) + 1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * CELL_WIDTH}" '
        f'height="{height * CELL_HEIGHT}" font-family="{FONT}" font-size="15">',
        _box(0, 0, COLUMNS, theme.colours["background"], height),
        _box(0, 0, RAIL, theme.colours["surface"], height),
    ]
    title = Row("panel", (Span(f" {theme.title} "), Span(theme.description, "muted")))
    parts += _draw(title, theme, 0, 0, COLUMNS)
    for top, row in enumerate(_rail(), 1):
        parts += _draw(row, theme, 0, top, RAIL)
    for top, row in enumerate(main, 1):
        parts += _draw(row, theme, RAIL, top, COLUMNS - RAIL)
    x = RAIL * CELL_WIDTH
    border = theme.colours["border"]
    parts.append(f'<path d="M{x} {CELL_HEIGHT}V{height * CELL_HEIGHT}" stroke="{border}"/>')
    return "\n".join([*parts, "</svg>\n"])


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for theme in load_all().themes.values():
        (folder / f"{theme.name}.svg").write_text(svg(theme), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python docs/theme_sample.py FOLDER")
    main(Path(sys.argv[1]))
