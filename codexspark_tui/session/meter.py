"""What a turn has cost up to now, and whether that is beyond a limit. Pure; times are given.

Counts of the server are taken where there are any; what streams meanwhile is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codexspark_tui.errors import LimitReached, UsageError
from codexspark_tui.providers.model import Counted
from codexspark_tui.session.models import TurnLimits
from codexspark_tui.session.tokens import Estimator, pieces

if TYPE_CHECKING:
    from codexspark_tui.providers.presets import Model, Prices

SLACK = 1.1  # an estimate may be that much too high before it stops anything
RAISE = "Raise it, or ask for less at once; changes that are complete are kept for review."


@dataclass(slots=True)
class Meter:
    """One turn. `asked` and `answered` are pieces of text (tokens.py) of the request that runs."""

    limits: TurnLimits
    estimator: Estimator
    model: Model | None
    tokens: int = 0
    cost_usd: float = 0.0
    streamed_s: float = 0.0
    asked: int = 0
    answered: int = 0
    _counted: bool = field(default=True)

    def ask(self, text: str) -> None:
        """A request goes out. Raises `LimitReached` when it alone would be beyond a limit, and
        `UsageError` for a limit on a cost that nobody knows."""
        self.close()
        self.asked, self.answered, self._counted = pieces(text), 0, False
        if self.limits.max_cost_usd and self._prices is None:
            name = self.model.id if self.model else "this model"
            raise UsageError(
                f"the prices of {name} are not known, so --max-cost cannot be kept",
                next_step="Set prices for it in the settings (docs/models.md), or use "
                "--max-tokens.",
            )
        self._check_cost()

    def note(self, text: str) -> None:
        """Text of the answer has come. Raises `LimitReached`."""
        self.answered += pieces(text)
        most = self.limits.max_tokens
        if most and self.tokens + self.estimator.of_pieces(self.answered) > most * SLACK:
            raise self.too_long()
        self._check_cost()

    def count(self, counted: Counted) -> float | None:
        """The server has counted; what the request cost, where that is known."""
        asked = counted.input_tokens
        if asked is not None:
            self.estimator.learn(self.asked, asked)
        output = counted.output_tokens
        if output is None:
            output = self.estimator.of_pieces(self.answered)
        if asked is None:
            asked = self.estimator.of_pieces(self.asked)
        self._counted = True
        self.tokens += output
        if self._prices is None or counted.input_tokens is None:
            return None
        cost = self._prices.of(asked, output, counted.cached_tokens or 0)
        self.cost_usd += cost
        return cost

    def close(self) -> None:
        """The request has ended; where nobody counted, the estimate stands."""
        if not self._counted:
            self.tokens += self.estimator.of_pieces(self.answered)
            self.cost_usd += self._running_cost()
            self._counted = True

    def left_tokens(self) -> int | None:
        """How many tokens the next answer may have; None for no limit of the person's."""
        return max(1, self.limits.max_tokens - self.tokens) if self.limits.max_tokens else None

    def used_up(self) -> bool:
        """Whether an answer that was cut by its length was cut by the person's limit."""
        self.close()
        return bool(self.limits.max_tokens) and self.tokens >= self.limits.max_tokens * 0.8

    @property
    def is_spent(self) -> bool:
        """Whether the limit on cost is reached."""
        return 0 < self.limits.max_cost_usd <= self.cost_usd

    def left_s(self) -> float | None:
        if not self.limits.timeout_s:
            return None
        return max(0.0, self.limits.timeout_s - self.streamed_s)

    def too_long(self) -> LimitReached:
        return LimitReached(
            f"the limit of {self.limits.max_tokens:,} tokens (--max-tokens) is reached",
            next_step=RAISE,
        )

    def too_late(self) -> LimitReached:
        most = self.limits.set_timeout_s or self.limits.timeout_s
        return LimitReached(f"the limit of {most:g} s (--timeout) is reached", next_step=RAISE)

    @property
    def _prices(self) -> Prices | None:
        return self.model.prices if self.model is not None else None

    def _running_cost(self) -> float:
        if self._prices is None or self._counted:
            return 0.0
        asked = self.estimator.of_pieces(self.asked)
        return self._prices.of(asked, self.estimator.of_pieces(self.answered))

    def _check_cost(self) -> None:
        most = self.limits.max_cost_usd
        if most and self.cost_usd + self._running_cost() > most:
            most = self.limits.set_cost_usd or most
            raise LimitReached(
                f"the limit of ${most:g} (--max-cost) is reached, by what is known and estimated",
                next_step=RAISE,
            )
