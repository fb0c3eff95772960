"""patch/: read a model's patch, find where it belongs, apply it, turn it round, print it.

Pure: standard library only, no I/O, no async. The names below are the room's public face. Each is
loaded when it is first asked for, so that importing one small part does not import them all; where
a name is also a module's (`apply`, `diff` …), what one gets from here is the function.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codexspark_tui.patch.apply import (
        Applied,
        Mismatch,
        apply,
        apply_resolved,
        resolve,
        resolve_create,
    )
    from codexspark_tui.patch.diff import diff
    from codexspark_tui.patch.locate import FilePlacer, locate
    from codexspark_tui.patch.paths import quote, unquote, unsafe_path
    from codexspark_tui.patch.reader import PatchReader
    from codexspark_tui.patch.rebase import Conflict, compose, merge, rebase
    from codexspark_tui.patch.relocate import moved_to, relocate
    from codexspark_tui.patch.render import render, render_change
    from codexspark_tui.patch.text import TextFile, Undecodable, decode, split_lines
    from codexspark_tui.patch.transform import (
        drop_lines,
        invert,
        invert_hunks,
        keep_lines,
        split,
    )

__all__ = [
    "Applied",
    "Conflict",
    "FilePlacer",
    "Mismatch",
    "PatchReader",
    "TextFile",
    "Undecodable",
    "apply",
    "apply_resolved",
    "compose",
    "decode",
    "diff",
    "drop_lines",
    "invert",
    "invert_hunks",
    "keep_lines",
    "locate",
    "merge",
    "moved_to",
    "quote",
    "rebase",
    "relocate",
    "render",
    "render_change",
    "resolve",
    "resolve_create",
    "split",
    "split_lines",
    "unquote",
    "unsafe_path",
]

_NAMES_IN = {
    "apply": ("Applied", "Mismatch", "apply", "apply_resolved", "resolve", "resolve_create"),
    "diff": ("diff",),
    "locate": ("FilePlacer", "locate"),
    "paths": ("quote", "unquote", "unsafe_path"),
    "reader": ("PatchReader",),
    "rebase": ("Conflict", "compose", "merge", "rebase"),
    "relocate": ("moved_to", "relocate"),
    "render": ("render", "render_change"),
    "text": ("TextFile", "Undecodable", "decode", "split_lines"),
    "transform": ("drop_lines", "invert", "invert_hunks", "keep_lines", "split"),
}
_MODULE_OF = {name: module for module, names in _NAMES_IN.items() for name in names}


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


class _Face(ModuleType):
    """Keeps a function's name for the function when the module of that name is loaded."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and name in _MODULE_OF:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
