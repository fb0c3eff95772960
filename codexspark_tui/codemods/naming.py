"""Small checks and phrases about names that several codemods share."""

from __future__ import annotations

import keyword

from codexspark_tui.codemods.model import CannotDo


def check_new_name(old: str, new: str) -> CannotDo | None:
    """Why `new` cannot be the new name of `old` anywhere, if it cannot."""
    invalid = check_identifier(new)
    if invalid is not None:
        return invalid
    if old == new:
        return CannotDo(f"“{old}” already has that name", "Give a different new name")
    if old.startswith("__") and old.endswith("__"):
        return CannotDo(
            f"“{old}” is a name with a meaning in Python itself", "Rename something else"
        )
    return None


def without_place(old: str, new: str) -> str:
    """The new name alone: `Session.close` for `Session.stop` is a rename in the same place."""
    place, dot, _ = old.rpartition(".")
    return new.removeprefix(place + dot)


def check_identifier(name: str) -> CannotDo | None:
    """Why `name` cannot be the name of anything in Python, if it cannot."""
    if not name.isidentifier():
        return CannotDo(f"“{name}” is not a valid Python name", "Use letters, digits and _")
    if keyword.iskeyword(name):
        return CannotDo(f"“{name}” is a Python keyword", f"Another name, for example {name}_")
    return None
