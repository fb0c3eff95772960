"""Events as a session sends them, made by hand; and answers for the scripted provider."""

from __future__ import annotations

from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.resolved import LineView, ResolvedView
from codexspark_tui.tui.model.board import Board
from codexspark_tui.tui.model.control import Control
from codexspark_tui.tui.model.diff_rows import DiffRows
from codexspark_tui.tui.model.layout import Cell
from codexspark_tui.tui.model.section import Row


def started(turn: int = 1, prompt: str = "do it") -> Event:
    return facts.TurnStarted(turn, prompt)


def opened(id: str, path: str = "a.py", *needs: str, optional: bool = False) -> Event:
    return facts.ChangeOpened(id, "hunk", path, needs, "", optional)


def written(id: str, *texts: str) -> Event:
    return facts.HunkLines(id, tuple(facts.ShownLine(t[0], t[1:]) for t in texts))


def placed(id: str, path: str = "a.py", start: int = 1, *texts: str, moved: int = 0) -> Event:
    lines = tuple(LineView(t[0], t[1:]) for t in texts or ("-old", "+new"))  # type: ignore[arg-type]
    view = ResolvedView("hunk", path, start, lines)
    at = facts.PlacedAt(start, "exact", moved)
    return facts.ChangeClosed(id, "placed", at, f"digest of {id}", view)


def ambiguous(id: str, *lines: int) -> Event:
    return facts.ChangeClosed(id, "ambiguous", facts.AmbiguousAt(lines))


def missing(id: str, why: str) -> Event:
    return facts.ChangeClosed(id, "refused", facts.NotPlacedAt(why))


def decided(id: str, state: facts.State, entry: str = "", reason: str = "") -> Event:
    return facts.ChangeDecided(id, state, reason, entry)


def whole(id: str, path: str = "a.py", start: int = 1, *texts: str) -> list[Event]:
    return [opened(id, path), placed(id, path, start, *texts)]


class Desk:
    """A board with its rows and a control that remembers what was sent."""

    def __init__(self, *events: Event, writes: bool = True) -> None:
        self.board = Board()
        self.rows = DiffRows(self.board)
        self.sent: list[object] = []
        self.control = Control(self.board, self.rows, send=self.sent.append, writes=writes)
        self.note(started(), *events)

    def note(self, *events: Event) -> int | None:
        """Take events over as the pane does; the first row that changed."""
        for event in events:
            self.board.note(event)
        first = self.rows.update()
        self.control.settle()
        return first

    def states(self) -> dict[str, str]:
        return {i.id: "taken" if i.taken else i.state for i in self.board.items.values()}

    def shown(self) -> list[str]:
        """Each row as one line of plain text."""
        rows = (self.rows.row(y) for y in range(self.rows.height))
        return [self._plain(row) for row in rows if row is not None]

    def _plain(self, row: Row) -> str:
        section = row.section
        item = section.item
        match row.kind:
            case "turn":
                return f"turn {section.turn}"
            case "file":
                return f"file {section.path}"
            case "blank":
                return ""
            case _:
                pass
        assert item is not None
        if row.kind == "head":
            return f"{item.id} {item.state}"
        if row.kind == "note":
            return f"note {section.notes[row.index]}"
        (left, right), _ = section.body_row(row.index, self.rows.view)
        if right is not None:
            return " │ ".join(_cell(cell, item.shift, 0) for cell in (left, right))
        return _cell(left, item.shift, section.shift)


def _cell(cell: Cell | None, moved: int, shift: int) -> str:
    if cell is None:
        return ""
    old = cell.old + moved if cell.old else "-"
    new = cell.new + moved + shift if cell.new else "-"
    return f"{old} {new} {cell.sign}{cell.text}"
