"""What a session knows of models: figures of the one that answers, and how to get another.

The values are plain; who reads settings and opens connections is outside (actions/models.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from codexspark_tui.providers.model import Provider

if TYPE_CHECKING:
    from codexspark_tui.providers.presets import Model


class Models(Protocol):
    """The models that can be chosen. Names are those of providers: "openai/gpt-…", "codemods"."""

    def facts(self, name: str) -> Model:
        """What is known of the model with this name."""
        ...

    def names(self) -> tuple[str, ...]:
        """Names that can be chosen now, as far as is known without asking anybody."""
        ...

    def after(self, name: str) -> tuple[str, ...]:
        """Names to offer when this one cannot be had, the best first."""
        ...

    def open(self, name: str) -> Provider:
        """A provider of this name. Raises `SparkError` when it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class NoModels:
    """Nothing is known and nothing can be chosen."""

    def facts(self, name: str) -> Model:
        from codexspark_tui.providers.presets import Model

        return Model(name.partition("/")[2] or name)

    def names(self) -> tuple[str, ...]:
        return ()

    def after(self, name: str) -> tuple[str, ...]:
        return ()

    def open(self, name: str) -> Provider:
        from codexspark_tui.errors import UsageError

        raise UsageError("no other model can be chosen in this session")


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """Where a turn is stopped; 0 is no limit. Dollars, tokens of the answer, seconds of stream."""

    max_cost_usd: float = 0.0
    max_tokens: int = 0
    timeout_s: float = 0.0


@dataclass(slots=True)
class Allowance:
    """What is left of limits that several turns share; 0 is no limit. Whoever runs the turns keeps
    it up to date, and a turn takes it as it is when it begins."""

    max_cost_usd: float = 0.0
    timeout_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Setup:
    """What a session is given beside its provider. `allowance` narrows the limits; `system`: what
    the person has to say to every model beside our instructions."""

    models: Models = field(default_factory=NoModels)
    limits: TurnLimits = field(default_factory=TurnLimits)
    allowance: Allowance | None = None
    system: str = ""

    def limits_now(self) -> TurnLimits:
        """The limits of a turn that begins now."""
        if self.allowance is None:
            return self.limits
        cost, time = self.allowance.max_cost_usd, self.allowance.timeout_s
        return TurnLimits(cost, self.limits.max_tokens, time)
