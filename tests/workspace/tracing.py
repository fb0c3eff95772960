"""strace around the actor: what it calls in which order, and a kill at an exact call."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+|\?)")


@dataclass(frozen=True)
class Call:
    """`number` counts the calls of this name from 1, from the start of the process."""

    name: str
    arguments: str
    number: int


@cache
def why_not() -> str:
    """Why calls cannot be traced here; "" where they can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    tried = subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "strace may not trace here: " + tried.stderr.decode()


def actor_command(root: Path, action: str) -> list[str]:
    return [sys.executable, "-m", "tests.workspace.actor", str(root), *action.split()]


def actor_env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def run_actor(
    root: Path, action: str, *before: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, *actor_command(root, action)],
        cwd=ROOT,
        env={**actor_env(), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def calls_of(root: Path, action: str, log: Path) -> list[Call]:
    """The calls of the action alone, in order."""
    done = run_actor(root, action, "strace", "-y", "-s", "300", "-o", str(log))
    assert done.returncode == 0, done.stderr
    counts: dict[str, int] = {}
    found: list[Call] = []
    inside = False
    for line in log.read_text(errors="replace").splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        name, arguments = match.group(1), match.group(2)
        counts[name] = counts.get(name, 0) + 1
        if name == "write" and arguments.startswith("2<") and '"end' in arguments:
            return found
        if inside:
            found.append(Call(name, arguments, counts[name]))
        if name == "write" and arguments.startswith("2<") and '"begin' in arguments:
            inside = True
    raise AssertionError("the actor did not come to its end")


def killed_at(root: Path, action: str, call: Call) -> bool:
    """Run the actor and kill it as it enters that call; whether it died there."""
    inject = f"inject={call.name}:signal=SIGKILL:when={call.number}"
    done = run_actor(root, action, "strace", "-o", "/dev/null", "-e", inject)
    return done.returncode not in (0, 1)
