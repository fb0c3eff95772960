"""Files for the whole output of commands, in the state folder, the oldest taken away."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from codexspark_tui.state_dir import ensure, state_dir

MOST_FILES = 200


@dataclass(slots=True)
class KeptOutputs:
    """Call it with a run's id, once for each run; None where no file can be made."""

    _lead: str = field(
        default_factory=lambda: (
            time.strftime("%Y%m%dT%H%M%SZ-", time.gmtime()) + os.urandom(4).hex()
        )
    )

    def __call__(self, id: str) -> Path | None:
        try:
            folder = ensure(state_dir() / "runs")
            files = sorted(folder.glob("*.txt"))
        except OSError:
            return None
        for old in files[: max(0, len(files) - MOST_FILES + 1)]:
            with contextlib.suppress(OSError):
                old.unlink()
        return folder / f"{self._lead}-{id}.txt"
