"""The session pane as rows: prompts, prose, notices and results, wrapped to a width.

What streams is plain lines, cut into blocks where a blank line or a fence ends one, so that a new
line costs no more late in a session than early. A finished block may be given other rows later
(`Block.rendered`); what it says does not change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Generic, Literal, TypeAlias, TypeVar

from codexspark_tui.actions.spent import waiting_line
from codexspark_tui.counts import count
from codexspark_tui.events import facts, runs
from codexspark_tui.events.facts import Event
from codexspark_tui.tui.model.cells import clean, wrapped

BlockKind: TypeAlias = Literal[
    "prompt", "prose", "reasoning", "change", "notice", "warning", "error", "end"
]
LONGEST_BLOCK = 60
R = TypeVar("R")


@dataclass(slots=True, eq=False)
class Block(Generic[R]):
    """Clean lines of one kind. `lead`: what stands before its first row; `rendered`: see above.

    `plain`: a part of a long fenced block, which makes no sense as Markdown by itself.
    """

    kind: BlockKind
    lines: list[str] = field(default_factory=list)
    lead: str = ""
    finished: bool = False
    plain: bool = False
    rendered: Sequence[R] | None = None
    rendered_width: int = 0
    rows: list[str] = field(default_factory=list)
    version: int = 0

    @property
    def height(self) -> int:
        return len(self.rendered) if self.rendered is not None else len(self.rows)

    def text(self) -> str:
        return "\n".join(self.lines)


class Prose(Generic[R]):
    """Give it events by `note` and a width by `fit`; then ask for rows."""

    def __init__(self, width: int = 80) -> None:
        self.width = width
        self.blocks: list[Block[R]] = []
        self._starts: list[int] = [0]
        self._dirty = 0
        self._partial = ""
        self._fenced = False
        self._swallow = False
        self._growing: Block[R] | None = None
        self._parts: set[str] = set()

    @property
    def height(self) -> int:
        self._sum()
        return self._starts[-1]

    def first_dirty(self) -> int:
        """The first row that has changed since rows were asked for last."""
        return self._starts[min(self._dirty, len(self._starts) - 1)]

    def note(self, event: Event) -> bool:
        """Take over an event; whether it changed a row."""
        match event:
            case facts.TurnStarted():
                self._finish()
                self.add("prompt", event.prompt, "❯ ")
            case facts.ProseDelta():
                self._stream("prose", event.text)
            case facts.ChangeSplit():
                self._parts.update(event.parts)
                return False
            case facts.ChangeOpened():
                return event.change not in self._parts and self._mention(event.path)
            case facts.ReasoningDelta():
                self._stream("reasoning", event.text)
            case facts.Notice():
                self.add("warning" if event.level == "warning" else "notice", event.text)
            case runs.ToolFinished() if not event.ok:
                self.add("warning", event.said)
            case runs.ToolStarted() | runs.RunStarted() | runs.RunOutput() | runs.RunFinished():
                self._ran(event)
            case facts.ModelChosen():
                self.add("notice", f"{event.provider} answers from here on")
            case facts.Retrying():
                self.add("notice", waiting_line(event))
            case facts.ContextChosen(turn=0):
                return False  # of a draft; it has a screen of its own
            case facts.ContextChosen():
                held = [
                    f"not sent: {x.path or 'the rest'}: {x.why}" for x in event.left_out if x.wanted
                ]
                if held:
                    self.add("warning", "\n".join(held))
                return bool(held)
            case facts.DecisionRefused():
                self.add("warning", f"not written: {event.why}")
            case facts.UndoConflict():
                self.add("warning", f"{event.path} cannot be taken back safely: {event.why}")
                self.add("notice", event.patch)
            case facts.Failed():
                said = (event.title, event.detail, event.next_step)
                self.add("error", "\n".join(filter(None, said)))
            case facts.StreamFinished():
                self._finish()
            case facts.TurnEnded():
                kind: BlockKind = "end" if event.accepted else "notice"
                self.add(kind, _ended(event))
            case _:
                return False
        return True

    def _ran(
        self, event: runs.ToolStarted | runs.RunStarted | runs.RunOutput | runs.RunFinished
    ) -> None:
        match event:
            case runs.ToolStarted():
                self.add("notice", f"{event.name} {event.said}", "⚙ ")
            case runs.RunStarted():
                how = "" if event.confined != "none" else "  (not confined)"
                self.add("notice", f"{' '.join(event.command)}{how}", "$ ")
            case runs.RunOutput():
                self.add("notice", event.text.rstrip("\n"))
            case runs.RunFinished():
                by_hand = event.ended == "cancelled"
                kind: BlockKind = "warning" if event.exit_code and not by_hand else "notice"
                self.add(kind, _run_ended(event))

    def add(self, kind: BlockKind, text: str, lead: str = "") -> None:
        """A finished block of its own; the streamed text goes on in a new one."""
        self._finish()
        block: Block[R] = Block(kind, [clean(x) for x in text.split("\n")], lead, True)
        self._append(block)

    def _mention(self, path: str) -> bool:
        """A file whose changes begin here: one row; the fence around them is not shown."""
        if self._fenced and self.blocks and _is_fence(self.blocks[-1].lines):
            self.blocks.pop()
            self._dirty = min(self._dirty, len(self.blocks))
            self._fenced, self._swallow = False, True
        said = clean(path)
        last = self.blocks[-1] if self.blocks else None
        if last is not None and last.kind == "change" and last.lines == [said]:
            return False
        swallow = self._swallow
        self.add("change", said, "± ")
        self._swallow = swallow
        return True

    def fit(self, width: int) -> bool:
        """Wrap everything to `width`; False if that was its width already."""
        if width == self.width:
            return False
        self.width = width
        for block in self.blocks:
            block.rendered = None
            self._wrap(block)
        self._dirty = 0
        return True

    def row(self, y: int) -> tuple[Block[R], int] | None:
        """The block of row `y` and the row in it; None below the end."""
        self._sum()
        if not 0 <= y < self._starts[-1]:
            return None
        at = bisect_right(self._starts, y) - 1
        return self.blocks[at], y - self._starts[at]

    def start_of(self, block: Block[R]) -> int:
        """The first row of a block."""
        self._sum()
        return self._starts[self.blocks.index(block)]

    def forget_rendered(self) -> None:
        """The plain rows again, until they are rendered anew."""
        for block in self.blocks:
            if block.rendered is not None:
                block.rendered = None
                block.version += 1
        self._dirty = 0

    def to_render(self) -> list[Block[R]]:
        """Finished prose that has not been rendered for this width."""
        return [
            b
            for b in self.blocks
            if b.kind == "prose" and b.finished and not b.plain and b.rendered is None
        ]

    def give_rows(self, block: Block[R], rows: Sequence[R]) -> None:
        block.rendered = rows
        block.version += 1
        self._dirty = min(self._dirty, self.blocks.index(block))

    def _stream(self, kind: BlockKind, text: str) -> None:
        """Streamed text; a line that is not whole yet is shown and grows."""
        if self._partial and self.blocks[-1].kind != kind:
            self._line(self.blocks[-1].kind, self._partial)
        *whole, rest = (self._partial + text).split("\n")
        for line in whole:
            self._line(kind, line)
        self._partial = rest
        if rest:
            block = self._growing = self._open(kind)
            self._grow(block, [*block.lines, clean(rest)])

    def _line(self, kind: BlockKind, line: str) -> None:
        """A whole line: a fence opens and closes a block, a blank line outside of one ends it."""
        self._drop_partial()
        if not line.strip() and not self._fenced and self._ends_blank():
            self._partial = ""
            return
        is_fence = _is_fence([line])
        if is_fence and self._swallow:
            self._partial, self._swallow = "", False
            return
        self._partial = ""
        if is_fence and not self._fenced and self.blocks:
            self.blocks[-1].finished = True
        block = self._open(kind)
        block.lines.append(clean(line))
        self._grow(block, block.lines)
        if is_fence:
            self._fenced = not self._fenced
        if self._fenced:
            too_long = len(block.lines) >= LONGEST_BLOCK
            block.plain = block.plain or too_long
            block.finished = too_long
        else:
            block.finished = is_fence or not line.strip() or len(block.lines) >= LONGEST_BLOCK

    def _drop_partial(self) -> None:
        """Take back the rows of a line that was not whole."""
        block, self._growing = self._growing, None
        if block is None:
            return
        self._grow(block, block.lines)
        if not block.lines:
            self.blocks.pop()
            self._dirty = min(self._dirty, len(self.blocks))

    def _ends_blank(self) -> bool:
        """Whether a further blank line would be the second one."""
        lines = self.blocks[-1].lines if self.blocks else []
        return not self.blocks or (bool(lines) and not lines[-1].strip())

    def _open(self, kind: BlockKind) -> Block[R]:
        last = self.blocks[-1] if self.blocks else None
        if last is None or last.finished or last.kind != kind:
            if last is not None:
                last.finished = True
            cut = self._fenced and last is not None and last.plain
            last = Block(kind, plain=cut)
            self._append(last)
        return last

    def _append(self, block: Block[R]) -> None:
        self.blocks.append(block)
        self._grow(block, block.lines)

    def _grow(self, block: Block[R], lines: list[str]) -> None:
        """Wrap what is new: rows of earlier lines stay as they are."""
        block.version += 1
        self._dirty = min(self._dirty, len(self.blocks) - 1)
        indent = len(block.lead)
        block.rows = [row for line in lines for row in wrapped(line, self.width - indent)]

    def _wrap(self, block: Block[R]) -> None:
        block.version += 1
        width = self.width - len(block.lead)
        block.rows = [row for line in block.lines for row in wrapped(line, width)]

    def _finish(self) -> None:
        if self._partial and self.blocks:
            self._line(self.blocks[-1].kind, self._partial)
        self._partial = ""
        self._fenced = self._swallow = False
        if self.blocks:
            self.blocks[-1].finished = True

    def _sum(self) -> None:
        first = min(self._dirty, len(self._starts) - 1)
        if first >= len(self.blocks):
            return
        heights = (block.height for block in self.blocks[first:])
        self._starts[first:] = accumulate(heights, initial=self._starts[first])
        self._dirty = len(self.blocks)


def _is_fence(lines: list[str]) -> bool:
    return len(lines) == 1 and lines[0].lstrip().startswith(("```", "~~~"))


def _ended(event: facts.TurnEnded) -> str:
    parts = [f"{event.accepted} accepted", f"{event.rejected} rejected"]
    if event.refused:
        parts.append(f"{event.refused} could not be placed")
    if event.undone:
        parts.append(f"{event.undone} undone")
    if event.left_open:
        parts.append(f"{event.left_open} left open")
    if not sum_of(event):
        return f"turn {event.turn}: no changes"
    where = f"; /undo {event.entry} takes it back" if event.entry else ""
    return f"turn {event.turn}: {count(sum_of(event), 'change')}, {', '.join(parts)}{where}"


def sum_of(event: facts.TurnEnded) -> int:
    return event.accepted + event.rejected + event.refused + event.left_open + event.undone


def _run_ended(event: runs.RunFinished) -> str:
    """How a command ended, and when; of one that did not begin only why."""
    match event.ended:
        case "exit":
            how = f"exit {event.exit_code}"
        case "cancelled":
            how = "you stopped it"
        case "missing":
            return event.why
        case _:
            how = event.why
    return f"{how} after {event.seconds:.1f} s"
