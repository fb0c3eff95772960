"""By which mechanism a command can be confined here, and the argument list that does it.

    bubblewrap   the program bwrap: namespaces of its own, the tree read-only but for the workspace
    landlock     the same by the kernel's Landlock and namespaces, set up by `inner.py`
    none         nothing works here; the person is asked each time

Nothing is run here but the probe, once in a process.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui.sandbox.places import Places, beside, places_of
from codexspark_tui.sandbox.values import MIB, Job

MechanismName: TypeAlias = Literal["bubblewrap", "landlock", "none"]
PROBE_S = 5.0
TMP_BYTES = 1024 * MIB
# Switches of the kernel, which root may turn in any namespace, for the files are its own there.
KERNEL = ("sys", "sysrq-trigger", "fs", "mtrr")
# Limits that the shell sets before it becomes the command; sh takes KiB and blocks of 512 bytes.
_LIMITED = (
    'ulimit -c 0; [ "$1" = - ] || ulimit -f "$1"; [ "$2" = - ] || ulimit -d "$2"; '
    '[ "$3" = - ] || ulimit -u "$3" 2>/dev/null || ulimit -p "$3"; shift 3; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`line`: one sentence for the person about what confines a command here."""

    name: MechanismName
    line: str

    @property
    def confines(self) -> bool:
        return self.name != "none"


@dataclass(frozen=True, slots=True)
class CannotConfine:
    """Why this job cannot be confined though others can, as a sentence."""

    why: str


@functools.cache
def probe() -> Mechanism:
    """The best mechanism that really works here; tried once in a process (about 10 ms)."""
    if not sys.platform.startswith("linux"):
        return Mechanism("none", "commands are not confined: there is no sandbox for this system")
    if _works("bubblewrap"):
        return Mechanism("bubblewrap", "commands run confined by bubblewrap, without network")
    if _works("landlock"):
        return Mechanism("landlock", "commands run confined by Landlock, without network")
    why = "neither bubblewrap nor Landlock with namespaces works here"
    return Mechanism("none", f"commands are not confined: {why}")


def _works(name: MechanismName) -> bool:
    """Whether `true` can be run by it in a folder that is there everywhere."""
    root = Path("/usr") if Path("/usr").is_dir() else Path("/")
    job = Job(("true",), root, root)
    made = wrapped(name, job)
    if isinstance(made, CannotConfine):
        return False
    try:
        done = subprocess.run(
            made, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def wrapped(name: MechanismName, job: Job) -> list[str] | CannotConfine:
    """The arguments that run the job's command by this mechanism."""
    limited = ["/bin/sh", "-c", _LIMITED, "sh", *_limits(job), *job.command]
    if name == "none":
        return limited
    places = places_of(job)
    if places.obstacle:
        return CannotConfine(places.obstacle)
    make = _bubblewrap if name == "bubblewrap" else _landlock
    return make(job, places, limited)


def _limits(job: Job) -> list[str]:
    """Of processes the kernel lets twice as many be: who has too many is seen and killed, where
    one who only cannot fork may go on trying for long."""
    limits = job.limits
    blocks = "-" if limits.file_bytes is None else str(limits.file_bytes // 512)
    kib = "-" if limits.memory_bytes is None else str(limits.memory_bytes // 1024)
    return [blocks, kib, "-" if limits.processes is None else str(2 * limits.processes + 64)]


def _bubblewrap(job: Job, places: Places, command: list[str]) -> list[str] | CannotConfine:
    program = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin")
    if program is None:
        return CannotConfine("there is no bubblewrap")
    made = [program, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    made += ["--unshare-cgroup-try", "--die-with-parent", "--cap-drop", "ALL"]
    made += [] if job.access.network else ["--unshare-net"]
    made += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for name in KERNEL if os.getuid() == 0 else ():
        made += ["--ro-bind-try", f"/proc/{name}", f"/proc/{name}"]
    made += ["--size", str(TMP_BYTES), "--tmpfs", "/dev/shm"]
    for folder in places.hidden:
        made += ["--size", str(TMP_BYTES), "--tmpfs", folder]
    if job.access.network:
        made += ["--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve"]
    for folder in places.visible:
        made += ["--ro-bind", folder, folder]
    for path in (places.root, *places.held):
        made += ["--bind", path, path]
    for path in places.protected:
        made += ["--ro-bind", path, path]
    return [*made, "--chdir", places.folder, "--", *command]


def _landlock(job: Job, places: Places, command: list[str]) -> list[str] | CannotConfine:
    shown = [places.root, *places.visible]
    order: dict[str, list[str]] = {
        "folder": [places.folder],
        "network": ["yes"] if job.access.network else [],
        "writable": [places.root],
        "readable": beside(places.hidden, shown),
        "held": list(places.held),
        "protected": list(places.protected),
        "covered": [*places.hidden, "/dev/shm"],
        "shown": shown,
        "tmp_bytes": [str(TMP_BYTES)],
    }
    made = [sys.executable, "-I", "-S", "-c", _INNER, os.path.dirname(__file__)]  # noqa: PTH120
    for name, values in order.items():
        made += [f"--{name}", str(len(values)), *values]
    return [*made, "--", *command]


# As a module it is compiled once; only its folder is added to where the interpreter looks.
_INNER = "import sys; sys.path.append(sys.argv.pop(1)); import inner; inner.main()"
