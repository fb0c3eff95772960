"""What crosses the door of the sandbox: plain frozen values. Paths are absolute unless said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

MIB = 1 << 20
Ending: TypeAlias = Literal[
    "exit", "time", "memory", "processes", "output", "disk", "cancelled", "missing"
]

# Tools that people keep in their home folder, without the files beside them that hold keys.
TOOLS_AT_HOME: tuple[str, ...] = (
    ".cargo/bin",
    ".cargo/git",
    ".cargo/registry",
    ".dotnet",
    ".gradle/caches",
    ".gradle/wrapper",
    ".jdks",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/mise/installs",
    ".local/share/pnpm",
    ".local/share/uv",
    ".m2/repository",
    ".nvm",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".sdkman/candidates",
    ".volta",
    "go",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a command may use. None: no limit.

    `memory_bytes` is of all its processes together, `file_bytes` of one file; `disk_bytes`: by how
    much the free space of the workspace's disk may shrink meanwhile. `output_bytes` is what is
    read of its output, `view_chars` what of it is kept in memory.
    """

    time_s: float | None = 600.0
    memory_bytes: int | None = 8 << 30
    processes: int | None = 512
    file_bytes: int | None = 2 << 30
    disk_bytes: int | None = 8 << 30
    output_bytes: int = 64 * MIB
    view_chars: int = 64_000


@dataclass(frozen=True, slots=True)
class Access:
    """`at_home`: what of the home folder can be read, relative to it. `hidden`: more folders that
    cannot be seen. `readable`: folders that can be read wherever they lie. `network`: it was
    granted."""

    network: bool = False
    at_home: tuple[str, ...] = TOOLS_AT_HOME
    hidden: tuple[str, ...] = ()
    readable: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A command in a workspace. `folder`: where it starts, inside `root`.

    `keep`: a file that gets the whole output. `protected`: names in the root that stay as they are.
    `variables`: the environment, in the place of ours; keys are taken out of it, too.
    """

    command: tuple[str, ...]
    root: Path
    folder: Path
    keep: Path | None = None
    access: Access = field(default_factory=Access)
    limits: Limits = field(default_factory=Limits)
    protected: tuple[str, ...] = (".git", ".spark")
    variables: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """The next piece of what the command printed, stdout and stderr as they came, as plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """How it ended. `exit_code`: the command's own, 128 + n for signal n, 127 if it is missing.

    `ended` names the limit that stopped it. `view`: the beginning and the end of the output.
    `why`: a sentence where `ended` is not "exit".
    """

    exit_code: int
    ended: Ending
    seconds: float
    view: str
    why: str = ""

    @property
    def is_green(self) -> bool:
        return self.ended == "exit" and self.exit_code == 0


RunEvent: TypeAlias = Output | Finished
