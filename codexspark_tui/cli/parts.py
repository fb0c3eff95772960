"""The list of commands in `spark --help`, in parts, as a person looks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PARTS: Mapping[str, tuple[str, ...]] = {
    "Change": (
        *("app", "edit", "fix", "watch", "new", "ask", "explain", "apply", "review", "verify"),
        *("web", "demo"),
    ),
    "Without a model": (
        *("rename", "move", "extract", "inline", "tidy", "replace", "docstrings", "tests"),
        "codemods",
    ),
    "What was written": (
        *("undo", "redo", "log", "show", "blame", "commit", "export", "bisect", "gc"),
    ),
    "Models": ("models", "login", "logout", "serve"),
    "Around it": ("index", "trust", "doctor", "config", "completion", "schema"),
}
"""Every command of cli/commands.py stands in one part."""


def in_parts(rows: Iterable[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Names with their summaries under the titles of their parts; parts without a row are left
    out, and rows of no part come last."""
    given = dict(rows)
    made = [
        (title, [(name, given.pop(name)) for name in names if name in given])
        for title, names in PARTS.items()
    ]
    made.append(("Others", list(given.items())))
    return [(title, found) for title, found in made if found]
