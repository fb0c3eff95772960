"""Events of what is run for the turn: commands. The same rules hold as in `facts.py`."""

from __future__ import annotations

import msgspec


class RunStarted(msgspec.Struct, frozen=True, tag_field="type", tag="run_started"):
    """A command begins. `confined`: by which mechanism ("none": by nothing)."""

    run: str
    command: tuple[str, ...]
    confined: str


class RunOutput(msgspec.Struct, frozen=True, tag_field="type", tag="run_output"):
    """The next piece of what it printed, without control sequences."""

    run: str
    text: str


class RunFinished(msgspec.Struct, frozen=True, tag_field="type", tag="run_finished"):
    """`ended`: "exit", or the limit that stopped it. `kept`: the file with the whole output."""

    run: str
    exit_code: int
    ended: str
    seconds: float
    kept: str = ""
