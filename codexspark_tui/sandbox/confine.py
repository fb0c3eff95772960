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

from codexspark_tui.sandbox.values import MIB, Job
from codexspark_tui.state_dir import config_dir, state_dir

MechanismName: TypeAlias = Literal["bubblewrap", "landlock", "none"]
PROBE_S = 5.0
TMP_BYTES = 1024 * MIB
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
    why = _obstacle(job)
    if why:
        return CannotConfine(why)
    return _bubblewrap(job, limited) if name == "bubblewrap" else _landlock(job, limited)


def _limits(job: Job) -> list[str]:
    limits = job.limits
    blocks = "-" if limits.file_bytes is None else str(limits.file_bytes // 512)
    kib = "-" if limits.memory_bytes is None else str(limits.memory_bytes // 1024)
    return [blocks, kib, "-" if limits.processes is None else str(limits.processes)]


def _obstacle(job: Job) -> str:
    root = job.root.resolve()
    for name in job.protected:
        if (root / name).is_symlink():
            return f"{name} is a symbolic link, so it cannot be kept from the command"
    for folder in _private(job):
        if root == folder or root in folder.parents:
            return f"the workspace holds {folder}, which is to stay hidden"
    if not job.folder.resolve().is_relative_to(root):
        return f"{job.folder} lies outside the workspace"
    return ""


def _home() -> Path:
    home = Path(os.environ.get("HOME") or "/root")
    return home.resolve() if home.is_absolute() else Path("/root")


def _private(job: Job) -> list[Path]:
    """Folders of this user that a command may not see and the workspace may not contain."""
    named = [_home(), state_dir(), config_dir(), *map(Path, job.access.hidden)]
    found = [path.resolve() for path in named if path.is_dir()]
    return [path for path in dict.fromkeys(found) if path != Path("/")]


def hidden(job: Job) -> list[Path]:
    """What is hidden, outermost first: private folders, other homes, temporary files, sockets."""
    common = ["/home", "/root", "/tmp", "/var/tmp", "/run"]
    paths = [*_private(job), *(Path(p) for p in common if Path(p).is_dir())]
    real = {path.resolve() for path in paths}
    return sorted(real, key=lambda path: len(path.parts))


def visible(job: Job) -> list[Path]:
    """What of the hidden folders stays readable; a link out of a listed place is not followed."""
    home = _home()
    named = [home / name for name in job.access.at_home]
    if "VIRTUAL_ENV" in os.environ:
        named.append(Path(os.environ["VIRTUAL_ENV"]))
    named += [part for place in _searched(job) for part in _with_parts(place)]
    named += job.access.readable
    real = [path.resolve() for path in named if path.is_dir()]
    shut = hidden(job)
    return [p for p in dict.fromkeys(real) if not any(f == p or p in f.parents for f in shut)]


def _searched(job: Job) -> list[Path]:
    """The folders of PATH that would be hidden, though programs are to be found in them."""
    shut = hidden(job)
    places = [Path(p) for p in os.environ.get("PATH", "").split(":") if p.startswith("/")]
    return [place for place in places if any(place.is_relative_to(f) for f in shut)]


def _with_parts(place: Path) -> list[Path]:
    """A folder of programs and what they load; shims start what lies beside their folder."""
    if place.name == "shims":
        return [place, place.parent]
    beside = ("lib", "lib64", "libexec") if place.name == "bin" else ()
    return [place, *(place.parent / name for name in beside)]


def protected(job: Job) -> list[Path]:
    root = job.root.resolve()
    return [root / name for name in job.protected if os.path.lexists(root / name)]


def _bubblewrap(job: Job, command: list[str]) -> list[str] | CannotConfine:
    program = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin")
    if program is None:
        return CannotConfine("there is no bubblewrap")
    made = [program, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    made += ["--unshare-cgroup-try", "--die-with-parent", "--cap-drop", "ALL"]
    made += [] if job.access.network else ["--unshare-net"]
    made += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    root = str(job.root.resolve())
    for folder in hidden(job):
        made += ["--size", str(TMP_BYTES), "--tmpfs", str(folder)]
    if job.access.network:
        made += ["--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve"]
    for folder in visible(job):
        made += ["--ro-bind", str(folder), str(folder)]
    made += ["--bind", root, root]
    for path in protected(job):
        made += ["--ro-bind", str(path), str(path)]
    return [*made, "--chdir", str(job.folder.resolve()), "--", *command]


def _landlock(job: Job, command: list[str]) -> list[str] | CannotConfine:
    shown = [job.root.resolve(), *visible(job)]
    order: dict[str, list[str]] = {
        "folder": [str(job.folder.resolve())],
        "network": ["yes"] if job.access.network else [],
        "writable": [str(job.root.resolve())],
        "readable": [str(p) for p in _beside(hidden(job), shown)],
        "protected": [str(p) for p in protected(job)],
        "covered": [p for p in ("/run", "/tmp", "/var/tmp") if _can_cover(p, shown)],
        "tmp_bytes": [str(TMP_BYTES)],
    }
    made = [sys.executable, "-I", "-S", str(Path(__file__).with_name("inner.py"))]
    for name, values in order.items():
        made += [f"--{name}", str(len(values)), *values]
    return [*made, "--", *command]


def _can_cover(folder: str, shown: list[Path]) -> bool:
    """Whether an empty folder may be mounted over it: nothing that is needed lies in it."""
    path = Path(folder)
    return path.is_dir() and not path.is_symlink() and not any(path in p.parents for p in shown)


def _beside(shut: list[Path], shown: list[Path]) -> list[Path]:
    """Readable places: all there is but what is shut, and what is shown inside of it.

    A rule of Landlock holds for all that lies below its path, so the folders above a shut one are
    replaced by what else lies in them.
    """
    found: list[Path] = []
    pending = [Path("/")]
    while pending:
        folder = pending.pop()
        for path in sorted(folder.iterdir()):
            if path in shut or path.is_symlink():
                continue
            above = any(path in one.parents for one in shut)
            (pending if above else found).append(path)
    return [*found, *shown]
