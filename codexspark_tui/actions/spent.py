"""What a turn with a model came to, in one line: a consumer of events, for faces without a screen.

Nothing is said of providers that count no tokens (codemods, a patch).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.providers.model import REPLAYED


@dataclass(slots=True)
class Spent:
    """Feed it every event."""

    provider: str = ""
    model: str = ""
    transport: str = ""
    usages: list[facts.Usage] = field(default_factory=list)

    def note(self, event: Event) -> None:
        match event:
            case facts.SessionStarted() | facts.ModelChosen():
                self.provider = event.provider
            case facts.Connected():
                self.model, self.transport = event.model, event.transport
            case facts.TurnStarted():
                self.usages, self.transport = [], ""
            case facts.Usage() if "/" in self.provider:
                self.usages.append(event)
            case _:
                pass

    def line(self) -> str:
        """Model and transport, times, tokens, cost, window; "" when no model has counted. A
        recording is only told to be one: its figures are of another day."""
        if self.transport == REPLAYED:
            return f"no model was asked, this is a replay: {self.model}"
        if not self.usages:
            return ""
        parts = [self._who(), *self._times(), self._tokens(), self._cost(), self._window()]
        return " · ".join(part for part in parts if part)

    def _who(self) -> str:
        asked = self.provider.partition("/")[2]
        answered = f" ({self.model} answered)" if self.model not in ("", asked) else ""
        return f"{self.provider}{answered} over {self.transport or 'an unknown way'}"

    def _times(self) -> list[str]:
        first = self.usages[0].first_token_ms
        if first is None:
            return []
        said = [f"first token {first:,.0f} ms"]
        tokens = sum(usage.output_tokens or 0 for usage in self.usages)
        whole_ms = sum(usage.stream_ms for usage in self.usages)
        streamed_ms = whole_ms - sum(usage.first_token_ms or 0 for usage in self.usages)
        if tokens and streamed_ms > 0:
            streaming, whole = tokens / streamed_ms * 1000, tokens / whole_ms * 1000
            said.append(f"{streaming:,.0f} tok/s ({whole:,.0f} with the wait)")
        return said

    def _tokens(self) -> str:
        read = [usage.input_tokens for usage in self.usages if usage.input_tokens is not None]
        if not read:
            return ""
        cached = sum(usage.cached_tokens or 0 for usage in self.usages)
        written = sum(usage.output_tokens or 0 for usage in self.usages)
        of_them = f" ({cached:,} cached)" if cached else ""
        return f"{sum(read):,} in{of_them}, {written:,} out"

    def _cost(self) -> str:
        costs = [usage.cost_usd for usage in self.usages]
        known = [cost for cost in costs if cost is not None]
        return f"${sum(known):.4f}" if known and len(known) == len(costs) else "price unknown"

    def _window(self) -> str:
        last = self.usages[-1]
        if not last.window or last.input_tokens is None:
            return ""
        used = last.input_tokens + (last.output_tokens or 0)
        return f"{used / last.window:.0%} of {last.window:,}"


def waiting_line(event: facts.Retrying) -> str:
    """What is waited for, and how long."""
    if not event.attempt:
        return f"the server lets it wait: {event.why}"
    return f"waiting {event.in_s:.1f} s: {event.why} (attempt {event.attempt} of {event.attempts})"
