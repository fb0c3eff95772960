"""One row of the live diff as segments. Nothing is looked up here but styles and what is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from codexspark_tui.counts import count
from codexspark_tui.tui.highlight import PIECE, Highlighter, Span
from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.cells import clean, cut, ended, shortened_path, width_of
from codexspark_tui.tui.model.diff_rows import TWO_NUMBERS_FROM, DiffRows
from codexspark_tui.tui.model.layout import Cell, partners
from codexspark_tui.tui.model.section import Group, Row, Section
from codexspark_tui.tui.model.word_diff import changed_words
from codexspark_tui.tui.model.words import badge_of, place_of

ROLES = {"+": "added", "-": "removed", " ": "same"}
LONGEST_COLOURED = 1000
FADED = frozenset({"rejected", "undone", "refused"})


@dataclass(frozen=True, slots=True)
class Look:
    """What the painter asks its view for: the style of a role, and letters of one on another."""

    role: Callable[[str], Style]
    over: Callable[[Style, str], Style]


class RowPainter:
    """Paints lines and heads; `shift_x`: cells that lines are scrolled by."""

    def __init__(self, rows: DiffRows, look: Look, highlighter: Highlighter) -> None:
        self.rows = rows
        self.look = look
        self.highlighter = highlighter
        self.moved: frozenset[str] = frozenset()
        self._words: tuple[Item | None, int, dict[int, int]] = (None, -1, {})

    # -- headings

    def turn(self, section: Section, width: int) -> list[Segment]:
        prompt = clean(self.rows.board.prompts.get(section.turn, "").split("\n")[0])
        text = f" turn {section.turn}  {prompt}"
        return [Segment(cut(ended(text, width), 0, width), self.look.role("turn"))]

    def file(self, group: Group, width: int, mark: Style | None) -> list[Segment]:
        """The heading of a file; `mark`: of the cursor, when that is on it."""
        style, over = self.look.role("file"), self.look.over
        items = group.items
        added = sum(x.sign == "+" for i in items for x in i.lines)
        removed = sum(x.sign == "-" for i in items for x in i.lines)
        left = sum(i.is_open for i in items)
        writing = any(i.state == "writing" for i in items)
        undone = sum(i.state == "undone" for i in items)
        rest = f"{undone} undone" if undone else "done"
        said = "writing" if writing else f"{left} open" if left else rest
        fold = f"▸ {count(len(items), 'change')} · " if group.folded else ""
        plus, minus = f" +{added}", f" −{removed} "
        room = max(4, width - sum(map(width_of, (fold, said, plus, minus))) - 2)
        name = cut(shortened_path(clean(group.head.path), room - 1), 0, room - 1)
        bar = Segment(" ", style) if mark is None else Segment("▌", style + Style(color=mark.color))
        role = "writing" if writing else "placed" if left else "undone" if undone else "muted"
        return [
            bar,
            Segment(name, style),
            Segment(fold, over(style, "muted")),
            Segment(said, over(style, role)),
            Segment(plus, over(style, "plus")),
            Segment(minus, over(style, "minus")),
            Segment("  ", style),
        ]

    def head(self, item: Item, width: int, base: Style, buttons: str | None) -> list[Segment]:
        """State, place and size; `buttons`: the cells that they take, as a text."""
        badge = badge_of(item)
        room = width - width_of(buttons or "")
        first = cut(f"{badge.sign} {badge.word}", 0, min(room, width_of(badge.word) + 3))
        left = max(0, room - width_of(first))
        said = _fitting([clean(place_of(item)), *how(item)], left - 2)
        rest = ended(f" {said}", left - 1)  # a cell stays free before a button
        author = f" · {clean(item.author)}" if item.author else ""
        if width_of(rest + author) >= left:
            author = ""
        gap = " " * (left - width_of(rest + author))
        colour = self.look.over
        quiet = [Segment(author, colour(base, "muted"))] if author else []
        return [
            Segment(first, colour(base, badge.role)),
            Segment(rest, base),
            *quiet,
            Segment(gap, base),
        ]

    # -- lines

    def line(
        self, row: Row, item: Item, width: int, shift_x: int, chosen: range | None
    ) -> list[Segment]:
        """A row of the body of a change; `chosen`: its lines that are selected."""
        (left, right), piece = row.section.body_row(row.index, self.rows.view)
        if not self.rows.view.side_by_side or item.state == "writing":
            return self._cell(row.section, item, left, width, (shift_x, piece, chosen, None))
        half = width // 2
        parts = self._cell(row.section, item, left, half, (shift_x, piece, chosen, "old"))
        rest = width - half
        return parts + self._cell(row.section, item, right, rest, (shift_x, piece, chosen, "new"))

    def _cell(
        self,
        section: Section,
        item: Item,
        cell: Cell | None,
        width: int,
        how: tuple[int, int, range | None, str | None],
    ) -> list[Segment]:
        shift_x, piece, chosen, side = how
        look = self.look
        if cell is None:
            return [Segment(" " * width, look.role("gutter"))]
        role = ROLES.get(cell.sign, "same")
        style, gutter = look.role(role), look.role("gutter" if role == "same" else f"{role}-gutter")
        if item.state in FADED:
            style = look.over(style, "muted")
        if chosen is not None and cell.at in chosen and cell.at >= 0:
            style, gutter = look.role("chosen"), look.role("chosen")
        numbers = self._numbers(section, cell, width, side) if piece == 0 else ""
        if piece:
            numbers = " " * width_of(self._numbers(section, cell, width, side))
        mark = "»" if role != "same" and cell.text.strip() in self.moved else " "
        sign = f"{cell.sign if piece == 0 else ' '}{mark if piece == 0 else ' '}"
        room = max(1, width - len(numbers) - 2)
        start = piece * room if self.rows.view.wrap else shift_x
        body = self._body(item, cell, style, (start, room))
        return [Segment(numbers, gutter), Segment(sign, gutter), *body]

    def _numbers(self, section: Section, cell: Cell, width: int, side: str | None) -> str:
        """Old and new line number; one of them where there is no room for two."""
        digits = self.rows.digits
        moved = section.item.shift if section.item is not None else 0
        old = cell.old + moved if cell.old else 0
        new = cell.new + moved + section.shift if cell.new else 0
        if side is not None:
            number = old if side == "old" else new
            return f"{number or '':>{digits}} "
        if width >= TWO_NUMBERS_FROM:
            return f"{old or '':>{digits}} {new or '':>{digits}} "
        return f"{new or old or '':>{digits}} "

    def _body(self, item: Item, cell: Cell, style: Style, window: tuple[int, int]) -> list[Segment]:
        """The text from a cell on, so many cells of it, in its colours."""
        start, room = window
        shown = clean(cell.text)
        cuts = width_of(shown) > start + room and not self.rows.view.wrap
        coloured = len(shown) <= LONGEST_COLOURED and item.state not in FADED
        spans = self._spans(item, cell, shown) if coloured and item.state != "writing" else []
        if not spans:
            body = cut(shown, start, room)
            if cuts:
                body = cut(body, 0, room - 1) + "…"
            return [Segment(body, style)]
        strip = Strip(_styled(shown, style, spans)).crop_extend(start, start + room - cuts, style)
        return [*strip, Segment("…", style)] if cuts else list(strip)

    def _spans(self, item: Item, cell: Cell, shown: str) -> list[tuple[int, int, Style]]:
        """(start, end, style) of words that differ and of syntax, in characters of `shown`."""
        made: list[tuple[int, int, Style]] = []
        for first, last, role in self._syntax(item, cell):
            made.append((first, last, Style(color=self.look.role(role).color)))
        if cell.sign != " " and cell.at >= 0:
            role = "added-word" if cell.sign == "+" else "removed-word"
            background = Style(bgcolor=self.look.role(role).bgcolor)
            made += [(a, b, background) for a, b in self._changed(item, cell, shown)]
        return made

    def _changed(self, item: Item, cell: Cell, shown: str) -> Sequence[tuple[int, int]]:
        if self._words[:2] != (item, item.version):
            self._words = (item, item.version, partners(item.lines))
        other = self._words[2].get(cell.at)
        if other is None or other >= len(item.lines):
            return ()
        text = clean(item.lines[other].text)
        if cell.sign == "-":
            return changed_words(shown, text)[0]
        return changed_words(text, shown)[1]

    def _syntax(self, item: Item, cell: Cell) -> Sequence[Span]:
        """The colours of a line, worked out with the lines near it on its side of the change."""
        if cell.at < 0:
            return self._alone(item, cell)
        start = cell.at - cell.at % PIECE
        piece = item.lines[start : start + PIECE]
        other = "+" if cell.sign == "-" else "-"
        lines = tuple("" if x.sign == other else clean(x.text) for x in piece)
        found = self.highlighter.spans(item.path, lines)
        return found[cell.at - start] if found is not None else ()

    def _alone(self, item: Item, cell: Cell) -> Sequence[Span]:
        found = self.highlighter.spans(item.path, (clean(cell.text),))
        return found[0] if found is not None else ()


def _styled(text: str, base: Style, spans: Sequence[tuple[int, int, Style]]) -> list[Segment]:
    """`text` as segments, later spans over earlier ones."""
    cuts = sorted({0, len(text), *(min(len(text), x) for a, b, _ in spans for x in (a, b))})
    made: list[Segment] = []
    for first, last in pairwise(cuts):
        style = base
        for a, b, over in spans:
            if a <= first and last <= b:
                style += over
        made.append(Segment(text[first:last], style))
    return made


def _fitting(parts: Sequence[str], room: int) -> str:
    """Parts in their order; those behind the first one only as far as there is room for them."""
    said = ""
    for part in filter(None, parts):
        more = f"{said} · {part}" if said else part
        said = more if not said or width_of(more) <= room else said
    return said


def how(item: Item) -> list[str]:
    """How its place was found, unless that goes without saying; its versions, tests and size."""
    parts = []
    found = getattr(item.placement, "how", "")
    if found not in ("", "exact", "file", "split", "chosen"):
        parts.append(str(found))
    lines = item.lines
    added, removed = sum(x.sign == "+" for x in lines), sum(x.sign == "-" for x in lines)
    if item.version_shown[1]:
        parts.append("version {} of {}".format(*item.version_shown))
    if item.tested:
        parts.append(item.tested)
    if item.state == "writing":
        parts.append(count(len(lines), "line"))
    elif added or removed:
        parts.append(f"+{added} −{removed}")
    return parts
