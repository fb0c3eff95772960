"""The numbers of the status line, from the events and the time at which they came.

Tokens are counted as 4 characters each until the provider says how many there were.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.runs import RunFinished, RunStarted
from codexspark_tui.tui.model.cells import clean, shortened, width_of

CHARS_PER_TOKEN = 4
LONGEST = 48  # cells of a command


@dataclass(slots=True)
class Status:
    """Times in seconds of one clock, given by the caller. `runs`: the command that runs now."""

    provider: str = ""
    root: str = ""
    transport: str = ""
    model: str = ""
    first_token_ms: float | None = None
    tokens_per_s: float | None = None
    whole_per_s: float | None = None
    failed: str = ""
    waits: facts.Retrying | None = None
    asks: bool = False
    usage: facts.Usage | None = None
    cost_usd: float = 0.0
    limits: tuple[facts.LimitView, ...] = ()
    runs: RunStarted | None = None
    _waits_until: float = 0.0
    _asked_at: float = 0.0
    _first_at: float = 0.0
    _characters: int = 0

    def note(self, event: Event, now: float) -> None:
        if isinstance(event, RunStarted | RunFinished):
            self._ran(event)
            return
        self.asks = isinstance(event, facts.Asked)
        match event:
            case facts.SessionStarted():
                self.provider, self.root = event.provider, event.root
            case facts.ModelChosen():
                self.provider, self.model, self.usage = event.provider, "", None
            case facts.RateLimits():
                self.limits = event.limits
            case facts.Retrying():
                self.waits, self._waits_until = event, now + event.in_s
            case facts.StreamFinished() | facts.Asked():
                self.waits = None
                self._leave_run()
            case facts.TurnStarted():
                self.first_token_ms = self.tokens_per_s = self.whole_per_s = None
                self.transport = self.model = self.failed = ""
                self._asked_at, self._characters = now, 0
            case facts.Connected():
                self.transport, self.model = event.transport, event.model
                self.waits = None
                self._leave_run()
            case facts.ProseDelta() | facts.ReasoningDelta():
                self._count(len(event.text), now)
            case facts.ChangeOpened():
                self._count(len(event.path), now)
            case facts.HunkLines():
                self._count(sum(len(line.text) + 2 for line in event.lines), now)
            case facts.Usage():
                self._usage(event)
            case facts.Failed():
                self.failed = event.title
            case _:
                pass

    def waiting(self, now: float) -> str:
        """What is waited for, counted down by whole seconds; "" when nothing is."""
        if self.waits is None:
            return ""
        if not self.waits.attempt:
            return "in the server's queue"
        left_s = math.ceil(self._waits_until - now)
        when = f"again in {left_s} s" if left_s > 0 else "trying again"
        return f"{when} ({self.waits.attempt} of {self.waits.attempts})"

    def command(self, room: int, stop_key: str) -> str:
        """What runs, in about so many cells, and what ends it; "" when nothing does."""
        if self.runs is None:
            return ""
        ends = f" · {stop_key} stops" if self.runs.typed else f" · {stop_key} stops the answer"
        shown = clean(" ".join(self.runs.command).strip())
        return f"$ {shortened(shown, max(8, min(room - width_of(ends) - 2, LONGEST)))}{ends}"

    def _ran(self, event: RunStarted | RunFinished) -> None:
        if isinstance(event, RunStarted):
            self.runs = event
        elif self.runs is not None and self.runs.run == event.run:
            self.runs = None

    def _leave_run(self) -> None:
        """The model goes on, or is stopped: a command of its own is over, told or not."""
        if self.runs is not None and not self.runs.typed:
            self.runs = None

    def _count(self, characters: int, now: float) -> None:
        self.waits = None
        if self.first_token_ms is None:
            self.first_token_ms = (now - self._asked_at) * 1000
            self._first_at = now
        self._characters += characters
        elapsed = now - self._first_at
        if elapsed > 0.02:
            self.tokens_per_s = self._characters / CHARS_PER_TOKEN / elapsed

    def spent(self) -> list[str]:
        """Tokens of the last answer, cost of the session, window, the scarcest limit; last the rate
        with all waits."""
        usage, parts = self.usage, []
        if usage is not None and usage.input_tokens is not None:
            cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
            parts.append(f"{usage.input_tokens:,} in{cached} {usage.output_tokens or 0:,} out")
            if self.cost_usd:
                parts.append(f"${self.cost_usd:.4f}")
            if usage.window:
                used = usage.input_tokens + (usage.output_tokens or 0)
                parts.append(f"{used / usage.window:.0%} of {usage.window // 1000:,}k")
        scarce = [x for x in self.limits if x.limit and x.remaining is not None]
        if scarce:
            least = min(scarce, key=lambda x: (x.remaining or 0) / (x.limit or 1))
            parts.append(f"{least.remaining:,} {least.name} left")
        if self.whole_per_s:
            parts.append(f"{self.whole_per_s:,.0f} tok/s with the wait")
        return parts

    def _usage(self, usage: facts.Usage) -> None:
        self.usage = usage
        self.cost_usd += usage.cost_usd or 0.0
        if usage.first_token_ms is not None:
            self.first_token_ms = usage.first_token_ms
        streamed_ms = usage.stream_ms - (self.first_token_ms or 0)
        tokens = usage.output_tokens or usage.characters / CHARS_PER_TOKEN
        if tokens and streamed_ms > 0:
            self.tokens_per_s = tokens / streamed_ms * 1000
            self.whole_per_s = tokens / usage.stream_ms * 1000
