"""Events of what is done for the turn beside changes: tools and commands.

The same rules hold as in `facts.py`.
"""

from __future__ import annotations

import msgspec


class RunStarted(msgspec.Struct, frozen=True, tag_field="type", tag="run_started"):
    """A command begins. `confined`: by which mechanism ("none": by nothing). `typed`: by the
    person, who can end it alone (`StopRun`); others end with what they run for."""

    run: str
    command: tuple[str, ...]
    confined: str
    typed: bool = False


class RunOutput(msgspec.Struct, frozen=True, tag_field="type", tag="run_output"):
    """The next piece of what it printed, without control sequences."""

    run: str
    text: str


class RunFinished(msgspec.Struct, frozen=True, tag_field="type", tag="run_finished"):
    """`ended`: "exit", the limit that stopped it, or "cancelled" by the person. `kept`: the file
    with the whole output. `why`: what stopped it, or kept it from beginning, in words."""

    run: str
    exit_code: int
    ended: str
    seconds: float
    kept: str = ""
    why: str = ""


class ToolStarted(msgspec.Struct, frozen=True, tag_field="type", tag="tool_started"):
    """The model's call of a tool begins; `said` are its arguments on one line."""

    call: str
    name: str
    said: str


class ToolFinished(msgspec.Struct, frozen=True, tag_field="type", tag="tool_finished"):
    """`ok`: it could be carried out. `said`: the first line of what the model is told."""

    call: str
    ok: bool
    said: str
