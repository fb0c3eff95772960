"""Paths as a person writes them, relative to where they are, made relative to the root."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from codexspark_tui.errors import UsageError


def within_root(root: Path, folder: Path, named: str) -> str:
    """`named`, as seen from `folder`, relative to `root` ("." for the root itself).

    Links in the last part are not followed, so that a link itself can be named. Raises `UsageError`
    for a path outside the root.
    """
    absolute = Path(os.path.normpath(folder / named))
    try:
        resolved = absolute.parent.resolve() / absolute.name if absolute.name else absolute
        relative = resolved.relative_to(root.resolve())
    except (ValueError, OSError, RuntimeError):
        raise UsageError(
            f"{named} lies outside the repository at {root}",
            next_step="Name a file of this repository, or go to the one that holds it.",
        ) from None
    return relative.as_posix()


def existing(root: Path, folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """The same for several files or folders, each of which must be there."""
    found = []
    for name in names:
        if not name or "\0" in name:
            raise UsageError(f"{name!r} is not the name of a file")
        path = within_root(root, folder, name)
        if not os.path.lexists(root / path):
            raise UsageError(f"there is no file {name}", next_step="Check the name.")
        found.append(path)
    return tuple(dict.fromkeys(found))


def as_meant(root: Path, folder: Path, named: str) -> str:
    """A path out of a sentence: seen from `folder` if it is there, else from the root."""
    try:
        from_here = within_root(root, folder, named)
    except UsageError:
        return named
    return from_here if (root / from_here).exists() else named
