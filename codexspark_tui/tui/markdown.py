"""A finished block of Markdown as rows of segments.

Links are shown as text, never as terminal hyperlinks: the model chose where they lead. Code has the
colours of the changes, so that a theme is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax, SyntaxTheme
from rich.theme import Theme

from codexspark_tui.tui.highlight import role_of

if TYPE_CHECKING:
    from markdown_it.token import Token

CODE = "code"


class _Colours(SyntaxTheme):
    """`styles`: "code" for what has no colour of its own, "code.keyword" and so on for the rest."""

    def __init__(self, styles: Mapping[str, Style]) -> None:
        self._styles = styles

    def get_style_for_token(self, token_type: tuple[str, ...]) -> Style:
        plain = self._styles[CODE]
        role = role_of(str(token_type))
        return plain + self._styles[f"{CODE}.{role}"] if role else plain

    def get_background_style(self) -> Style:
        return self._styles[CODE].background_style


class _Document(Markdown):
    def __init__(self, text: str, styles: Mapping[str, Style]) -> None:
        super().__init__(text, hyperlinks=False, justify="left", inline_code_lexer=None)
        self.colours = _Colours(styles)


class _Code(CodeBlock):
    """Each is made by `create` for one document."""

    colours: SyntaxTheme

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> _Code:
        made = super().create(markdown, token)
        assert isinstance(made, cls)
        assert isinstance(markdown, _Document)
        made.colours = markdown.colours
        return made

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Syntax(code, self.lexer_name, theme=self.colours, word_wrap=True, padding=(0, 1))


class _Heading(Heading):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


_Document.elements = {
    **Markdown.elements,
    "heading_open": _Heading,
    "fence": _Code,
    "code_block": _Code,
}


def markdown_rows(text: str, width: int, styles: Mapping[str, Style]) -> list[list[Segment]]:
    """`text` (already clean) in rows of at most `width` cells; an empty block is one empty row.

    `styles` are those of rich's Markdown by name, and those of code; "markdown.text" is the base of
    all.
    """
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        theme=Theme(dict(styles)),
    )
    document = _Document(text, styles)
    base = styles["markdown.text"]
    lines = console.render_lines(document, console.options.update(width=width), style=base)
    rows = _begun([list(line) for line in lines])
    blank = text.endswith("\n") or not text.strip()
    return [*rows, [Segment("", base)]] if blank or not rows else rows


def _begun(rows: list[list[Segment]]) -> list[list[Segment]]:
    """Without empty rows at its beginning: what is before it ended with one."""
    first = next((n for n, row in enumerate(rows) if any(s.text.strip() for s in row)), 0)
    return rows[first:]
