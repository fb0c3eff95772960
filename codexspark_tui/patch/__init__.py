"""patch/: read a model's patch, find where it belongs, apply it, turn it round, print it.

Pure: standard library only, no I/O, no async. The names below are the room's public face.
"""

from __future__ import annotations

from codexspark_tui.patch.apply import (
    Applied,
    Mismatch,
    apply,
    apply_resolved,
    resolve,
    resolve_create,
)
from codexspark_tui.patch.diff import diff
from codexspark_tui.patch.locate import locate
from codexspark_tui.patch.merge3 import MergeConflict, Merged, marked, merge3
from codexspark_tui.patch.paths import quote, unquote, unsafe_path
from codexspark_tui.patch.placer import FilePlacer
from codexspark_tui.patch.reader import PatchReader
from codexspark_tui.patch.rebase import Conflict, compose, merge, rebase
from codexspark_tui.patch.relocate import moved_to, relocate
from codexspark_tui.patch.render import render, render_change
from codexspark_tui.patch.text import TextFile, Undecodable, decode, split_lines, to_line
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
    "MergeConflict",
    "Merged",
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
    "marked",
    "merge",
    "merge3",
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
    "to_line",
    "unquote",
    "unsafe_path",
]
