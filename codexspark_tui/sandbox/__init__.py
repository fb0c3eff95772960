"""sandbox/: commands that are run for the person, confined as well as this machine allows.

`probe()` says once by which mechanism, `run(...)` runs one command by it. What comes out is text
without control sequences. Whether a command may run at all is decided above this room.
"""

from __future__ import annotations

from codexspark_tui.sandbox.confine import CannotConfine, Mechanism, probe
from codexspark_tui.sandbox.places import programs_named
from codexspark_tui.sandbox.run import run
from codexspark_tui.sandbox.values import Access, Finished, Job, Limits, Output, RunEvent

__all__ = [
    "Access",
    "CannotConfine",
    "Finished",
    "Job",
    "Limits",
    "Mechanism",
    "Output",
    "RunEvent",
    "probe",
    "programs_named",
    "run",
]
