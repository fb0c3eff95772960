"""Where forks are kept: in memory where there is plenty of room for them, else in the cache folder.

Memory is a folder that is the person's alone: XDG_RUNTIME_DIR, or one below /dev/shm. A disk takes
seconds for ten thousand files when it is busy.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from codexspark_tui.state_dir import NAME, PRIVATE, cache_dir, ensure

_SHARED_MEMORY = Path("/dev/shm")
_LARGEST = 512 * 1024 * 1024
_TIMES = 8
"""Code in a fork writes as well, so there must be this many times its size."""


def place_for(size_bytes: int) -> Path:
    """The folder in which a fork of this size is made; it is there. Raises `OSError`."""
    for folder in _in_memory():
        with suppress(OSError):
            if _has_room(folder.parent, size_bytes):
                ensure(folder)
                if _is_ours(folder):
                    return _forks(folder)
    return _forks(ensure(cache_dir()))


def places() -> list[Path]:
    """Where forks may be; those folders that are there and ours."""
    found = [folder for folder in (*_in_memory(), cache_dir()) if _is_ours(folder)]
    return [folder / "forks" for folder in found if (folder / "forks").is_dir()]


def _in_memory() -> Iterator[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and Path(runtime).is_absolute():
        yield Path(runtime) / NAME
    else:
        yield _SHARED_MEMORY / f"{NAME}-{os.getuid()}"


def _forks(folder: Path) -> Path:
    return ensure(folder / "forks")


def _has_room(folder: Path, size_bytes: int) -> bool:
    """Files there can be run, and the fork would be a small part of what is free."""
    if size_bytes > _LARGEST or _free_memory() <= _TIMES * size_bytes:
        return False
    info = os.statvfs(folder)
    free = info.f_bavail * info.f_frsize
    return not info.f_flag & os.ST_NOEXEC and free > _TIMES * size_bytes


def _free_memory() -> int:
    """In bytes; 0 where that is not told."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def _is_ours(folder: Path) -> bool:
    """A folder of this user that others cannot look into (in the cache: as it is)."""
    try:
        info = folder.lstat()
    except OSError:
        return False
    private = stat.S_IMODE(info.st_mode) == PRIVATE or folder == cache_dir()
    return stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() and private
