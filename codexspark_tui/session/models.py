"""What a session knows of models: figures of the one that answers, and how to get another.

The values are plain; who reads settings and opens connections is outside (actions/models.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from codexspark_tui.providers.model import Provider
from codexspark_tui.session.approvals import Mode
from codexspark_tui.session.guards import Rules

if TYPE_CHECKING:
    from codexspark_tui.index.keeper import Keeper
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
    """Where a turn is stopped; 0 is no limit. Dollars, tokens of the answer, seconds of stream.

    `set_cost_usd`, `set_timeout_s`: what the person set, where only a part of it is left; else 0.
    """

    max_cost_usd: float = 0.0
    max_tokens: int = 0
    timeout_s: float = 0.0
    set_cost_usd: float = 0.0
    set_timeout_s: float = 0.0


@dataclass(slots=True)
class Allowance:
    """What is left of limits that several turns share; 0 is no limit. Whoever runs the turns keeps
    it up to date, and a turn takes it as it is when it begins. `set_…`: what there was at first."""

    max_cost_usd: float = 0.0
    timeout_s: float = 0.0
    set_cost_usd: float = 0.0
    set_timeout_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CodemodAnswer:
    """What came of a sentence: a patch, or none, and what there is to say."""

    said: str
    patch: str = ""


async def _no_codemod(sentence: str, root: str) -> CodemodAnswer:
    return CodemodAnswer("there are no codemods in this session")


def _kept_nowhere(id: str) -> Path | None:
    return None


@dataclass(frozen=True, slots=True)
class Setup:
    """What a session is given beside its provider.

    `exact_at_once`: the mode auto-edit (and auto) accepts by itself. `keep_output(run)`: the file
    for a command's whole output. `network`: commands may use it. `keeper`: of the index, if any.
    `allowance` narrows the limits; `system`: what the person has to say to every model beside our
    instructions. `heavy`: the model that is asked about single changes; "" is none.
    """

    models: Models = field(default_factory=NoModels)
    limits: TurnLimits = field(default_factory=TurnLimits)
    rules: Rules = field(default_factory=Rules)
    mode: Mode = "review"
    tools: bool = True
    exact_at_once: bool = False
    network: bool = False
    run_timeout_s: float | None = 600.0
    codemod: Callable[[str, str], Awaitable[CodemodAnswer]] = _no_codemod
    keep_output: Callable[[str], Path | None] = _kept_nowhere
    keeper: Keeper | None = None
    allowance: Allowance | None = None
    system: str = ""
    heavy: str = ""

    def limits_now(self) -> TurnLimits:
        """The limits of a turn that begins now."""
        if self.allowance is None:
            return self.limits
        left = self.allowance
        return TurnLimits(
            left.max_cost_usd,
            self.limits.max_tokens,
            left.timeout_s,
            left.set_cost_usd,
            left.set_timeout_s,
        )

    @property
    def takes_exact(self) -> bool:
        """Whether what is placed exactly and breaks no guard is accepted by itself."""
        return self.exact_at_once and self.mode in ("auto-edit", "auto")
