"""What of the file system a confined command sees: computed anew for each, as strings, quickly.

Everything is real paths. A folder inside of a hidden one is hidden with it and one inside of a
visible one is visible with it, so neither is named: each name is a mount, and costs time.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.sandbox.values import Job
from codexspark_tui.state_dir import config_dir, state_dir

COMMON = ("/home", "/root", "/tmp", "/var/tmp", "/run", "/var/run", "/var/snap", "/var/lib/lxd",
          "/var/lib/incus", "/var/lib/docker", "/var/lib/containerd")  # fmt: skip
"""Homes, temporary files, and where the sockets of services lie that act for whoever asks."""
_BESIDE = ("lib", "lib64", "libexec")


@dataclass(frozen=True, slots=True)
class Places:
    """`hidden` and `visible` are outermost folders, `protected` names in the root that are there.

    `held`: the folders on the way to those, from the outermost on; none can be moved away.
    `obstacle`: why the job cannot be confined, as a sentence; else "".
    """

    root: str
    folder: str
    hidden: tuple[str, ...]
    visible: tuple[str, ...]
    protected: tuple[str, ...]
    held: tuple[str, ...] = ()
    obstacle: str = ""


def places_of(job: Job) -> Places:
    root, folder = os.path.realpath(job.root), os.path.realpath(job.folder)
    private = _private(job)
    every = {*private, *_real(COMMON)}
    hidden = outermost(every)
    protected = tuple(
        f"{root}/{name}" for name in job.protected if os.path.lexists(f"{root}/{name}")
    )
    obstacle = _obstacle(job, root, folder, private)
    visible = _visible(job, hidden, every)
    return Places(root, folder, hidden, visible, protected, _held(root, protected), obstacle)


def _held(root: str, protected: tuple[str, ...]) -> tuple[str, ...]:
    """What is mounted cannot be renamed, but a folder that holds it can, and another made there."""
    above = {str(up) for path in protected for up in Path(path).parents if within(str(up), root)}
    return tuple(sorted(above - {root}))


def programs_named(command: str) -> tuple[Path, ...]:
    """The folders of the programs that a command of the person names by their whole paths, and of
    what they load. Not for a model's commands, which may choose what they name."""
    try:
        words = [os.path.expanduser(word) for word in shlex.split(command)]  # noqa: PTH111
    except ValueError:
        return ()
    named = [word for word in words if word.startswith("/") and _is_program(word)]
    links = [os.path.realpath(program) for program in named]
    places = [os.path.dirname(program) for program in (*named, *links)]  # noqa: PTH120
    return tuple(Path(part) for place in dict.fromkeys(places) for part in _with_parts(place))


def _is_program(path: str) -> bool:
    try:
        return Path(path).is_file() and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def within(path: str, folder: str) -> bool:
    """Whether it is the folder, or lies in it."""
    return path == folder or path.startswith(folder if folder == "/" else f"{folder}/")


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Sorted, without those that lie in another one."""
    found: list[str] = []
    for path in sorted(set(paths), key=lambda one: (one.count("/"), one)):
        if not any(within(path, other) for other in found):
            found.append(path)
    return tuple(found)


def _real(paths: Iterable[str]) -> list[str]:
    return [os.path.realpath(path) for path in paths if _is_folder(path)]


def _is_folder(path: str) -> bool:
    """Whether it is one that can be looked at."""
    try:
        return Path(path).is_dir()
    except OSError:
        return False


def _home() -> str:
    home = os.environ.get("HOME", "")
    return os.path.realpath(home) if home.startswith("/") else "/root"


def _private(job: Job) -> list[str]:
    """Folders of this user that a command may not see and the workspace may not contain."""
    named = [_home(), str(state_dir()), str(config_dir()), *job.access.hidden]
    return [path for path in dict.fromkeys(_real(named)) if path != "/"]


def _obstacle(job: Job, root: str, folder: str, private: list[str]) -> str:
    for name in job.protected:
        if Path(root, name).is_symlink():
            return f"{name} is a symbolic link, so it cannot be kept from the command"
    for path in private:
        if within(path, root):
            return f"the workspace holds {path}, which is to stay hidden"
    return "" if within(folder, root) else f"{job.folder} lies outside the workspace"


def _visible(job: Job, hidden: tuple[str, ...], every: set[str]) -> tuple[str, ...]:
    """What of the hidden folders stays readable; a link out of a listed place is not followed.

    What holds one of `every` (hidden) folder is not shown, for it would show that one, too.
    """
    home = _home()
    named = [f"{home}/{name}" for name in job.access.at_home]
    named += [os.environ["VIRTUAL_ENV"]] if os.environ.get("VIRTUAL_ENV") else []
    searched = [place for place in os.environ.get("PATH", "").split(":") if place.startswith("/")]
    for place in dict.fromkeys(searched):
        if any(within(place, folder) for folder in hidden):
            named += _with_parts(place)
    named += map(str, job.access.readable)
    real = dict.fromkeys(_real(named))
    return outermost(path for path in real if not any(within(shut, path) for shut in every))


def _with_parts(place: str) -> list[str]:
    """A folder of programs and what they load; shims start what lies beside their folder."""
    above, _, name = place.rstrip("/").rpartition("/")
    if name == "shims":
        return [place, above]
    if name == "bin" and (base := _base_of(f"{above}/pyvenv.cfg")):
        return [above, *(_with_parts(base) if base != place else ())]
    return [place, *(f"{above}/{part}" for part in _BESIDE if name == "bin")]


def _base_of(config: str) -> str:
    """Where the Python of a virtual environment lies, by its `pyvenv.cfg`; "" where it is none."""
    try:
        lines = Path(config).read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    said = (line.partition("=") for line in lines)
    base = next((value.strip() for key, _, value in said if key.strip() == "home"), "")
    return os.path.realpath(base) if base.startswith("/") else ""


def beside(hidden: Iterable[str], shown: Iterable[str]) -> list[str]:
    """Readable places: all there is but what is hidden, and what is shown inside of it.

    A rule of Landlock holds for all that lies below its path, so the folders above a hidden one
    are replaced by what else lies in them.
    """
    shut = set(hidden)
    above = {str(parent) for path in shut for parent in Path(path).parents}
    found: list[str] = []
    pending = ["/"]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.path in shut or entry.is_symlink():
                    continue
                (pending if entry.path in above else found).append(entry.path)
    return [*found, *shown]
