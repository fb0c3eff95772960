"""What a tool's output comes to: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A place that the tool names. `path` as the tool writes it, `line` from 1 (0: unknown)."""

    path: str
    line: int
    function: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `path` "" where the tool names none; `line` from 1, or 0.

    `message` is one line, `detail` what the tool says of it (several lines). `rule`: the name of a
    test, or the code of a rule. `frames`: the places on the way, the innermost last. `blocks`:
    because of it the rest was not looked at (a syntax error, a module that cannot be imported).
    """

    tool: str
    path: str
    line: int
    message: str
    frames: tuple[Frame, ...] = ()
    detail: str = ""
    rule: str = ""
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """`tool` is "" where no parser knows the output; then there is one finding at most: its tail.

    `failures`: how many things are wrong, by the tool's own count where it prints one; None where
    that cannot be told.
    """

    tool: str
    findings: tuple[Finding, ...]
    failures: int | None = None

    @property
    def blocked(self) -> bool:
        """Whether something kept the tool from looking at everything."""
        return any(finding.blocks for finding in self.findings)
