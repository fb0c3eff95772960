"""What a person has put beside a conversation, and the context that is made while they type.

Pins and drops hold from prompt to prompt. A context that was made for a draft is used for the
prompt if that is the same and no file of it has changed since; one is made at a time, and of the
drafts that come meanwhile only the last is looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from codexspark_tui.errors import SparkError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import real_path

if TYPE_CHECKING:
    from codexspark_tui.session.context.model import Chosen, Context, Wanted
    from codexspark_tui.session.review import Change
    from codexspark_tui.session.tokens import Estimator

MOST_EDITED = 20
OUTPUT = "last-output"
CLOCK_NS = 20_000_000  # how much the clock of a file may be behind ours


@dataclass(frozen=True, slots=True)
class _Made:
    wanted: Wanted
    chosen: Chosen
    root: Path
    begun_ns: int


class Talk(Protocol):
    """The conversation that a prompt would go to."""

    @property
    def context(self) -> Context: ...

    @property
    def estimator(self) -> Estimator: ...

    def wanted(self, prompt: commands.Prompt, window: int | None) -> tuple[Wanted, str]:
        """What to choose for, and what is attached, as it would be sent."""
        ...


@dataclass(slots=True)
class Shelf:
    """`talk`: the conversation and the model's window; None with a provider that has none.
    `output`: of the latest command, for @last-output."""

    talk: Callable[[], tuple[Talk, int | None] | None] = lambda: None
    output: Callable[[], str] = lambda: ""
    pinned: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    _made: _Made | None = None
    _draft: str = ""
    _working: asyncio.Lock = field(default_factory=asyncio.Lock)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def arrange(self, command: commands.Draft | commands.Pin | commands.Drop) -> list[Event]:
        """Do as the person says."""
        match command:
            case commands.Pin():
                path = real_path(command.path)
                self.dropped = tuple(p for p in self.dropped if p != path)
                self.pinned = tuple(dict.fromkeys((*self.pinned, path)))
                return [facts.Notice(f"{command.path} goes along with every prompt")]
            case commands.Drop():
                path = real_path(command.path)
                was_pinned = path in self.pinned
                self.pinned = tuple(p for p in self.pinned if p != path)
                if not was_pinned:
                    self.dropped = tuple(dict.fromkeys((*self.dropped, path)))
                how = "is not pinned any more" if was_pinned else "stays at home"
                return [facts.Notice(f"{command.path} {how}")]
            case commands.Draft():
                return await self._drafted(command)

    async def _drafted(self, draft: commands.Draft) -> list[Event]:
        talk = self.talk()
        self._draft = draft.text
        if talk is None or not draft.text.strip():
            return []
        asking, window = talk
        if draft.shown:
            prompt = commands.Prompt(draft.text, draft.files)
            wanted, attached = asking.wanted(prompt, window)
            chosen = await self.chosen(asking.context, wanted)
            from codexspark_tui.session.context.composed import Composed

            tokens = sum(piece.tokens for piece in chosen.pieces)
            return [Composed(chosen, attached).event(0, asking.estimator, tokens, window)]
        task = asyncio.create_task(self._prepare(asking, window, draft))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return []

    async def _prepare(self, asking: Talk, window: int | None, draft: commands.Draft) -> None:
        """Make the context of a draft, unless a later one has come."""
        async with self._working:
            if draft.text != self._draft:
                return
            wanted, _ = asking.wanted(commands.Prompt(draft.text, draft.files), window)
            if self._made is None or self._made.wanted != wanted:
                with contextlib.suppress(SparkError):  # it is told when the prompt is sent
                    await self._make(asking.context, wanted)

    async def chosen(self, context: Context, wanted: Wanted) -> Chosen:
        """The context for a prompt: the one that was made for its draft, or a new one. Raises
        `SparkError`."""
        async with self._working:
            made = self._made
            if made is not None and made.wanted == wanted and _is_fresh(made):
                return made.chosen
            return await self._make(context, wanted)

    async def _make(self, context: Context, wanted: Wanted) -> Chosen:
        begun = time.time_ns()
        chosen = await asyncio.to_thread(context.choose, wanted)
        self._made = _Made(wanted, chosen, context.root, begun)
        return chosen

    def completed(self, wanted: Wanted) -> Wanted:
        """With what stands beside the conversation."""
        output = self.output() if f"@{OUTPUT}" in wanted.prompt else ""
        return replace(
            wanted, output=output, edited=self.edited, pinned=self.pinned, dropped=self.dropped
        )

    def note(self, became: Iterable[Change]) -> None:
        """What became of the changes of an answer: files that were written count as edited."""
        written = [change.path for change in became if change.state in ("written", "accepted")]
        self.edited = tuple(dict.fromkeys((*reversed(written), *self.edited)))[:MOST_EDITED]


def _is_fresh(made: _Made) -> bool:
    """Whether no file of it has changed since it was begun."""
    last = made.begun_ns - CLOCK_NS
    try:
        paths = (made.root / piece.path for piece in made.chosen.pieces if piece.path)
        return all(path.stat().st_ctime_ns < last for path in paths)
    except (OSError, ValueError):
        return False
