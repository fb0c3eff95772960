"""Hooks: commands of the settings that are run when something has happened.

    [hooks]
    turn_ended = "notify-send spark done"     # a turn is over
    written = "make fmt"                      # files were written

They count only from the person's own settings or from a repository's that are trusted (config.py).
A hook gets what happened as one line of JSON on stdin. It cannot change what has happened: when it
fails, or takes longer than its time, that is said and no more.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from codexspark_tui.config import Config

TIME_S = 60.0
EVENTS = ("turn_ended", "written")


def run_hooks(config: Config, root: Path, happened: Mapping[str, object]) -> list[str]:
    """Run the hooks for what happened (`exit_code`, `entry`, `files`); what went wrong with them,
    as sentences."""
    wrong = []
    for event in EVENTS:
        command = config.text(f"hook_{event}")
        if not command or (event == "written" and not happened.get("files")):
            continue
        why = _run(command, root, json.dumps({"event": event, **happened}))
        if why:
            wrong.append(f"the hook {event} ({command}) {why}")
    return wrong


def _run(command: str, root: Path, told: str) -> str:
    arguments: Sequence[str] = ("/bin/sh", "-c", command)
    try:
        done = subprocess.run(
            arguments,
            cwd=root,
            input=told.encode() + b"\n",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIME_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"was ended after {TIME_S:.0f} s"
    except OSError as error:
        return f"cannot be run: {error.strerror or error}"
    if done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"ended with code {done.returncode}" + (f": {said[-1][:200]}" if said else "")
