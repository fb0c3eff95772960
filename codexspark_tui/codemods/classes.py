"""Base classes and inherited names of rope's classes, generic bases included. Loads rope."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from rope.base import evaluate, pyobjects

from codexspark_tui.codemods.rope_project import RopeFailed

_DEEPEST = 40


def bases(pyclass: Any) -> Iterator[Any]:
    """rope's class objects of the bases in the project; `Base[int]` is `Base`."""
    if not isinstance(pyclass, pyobjects.PyClass):
        return
    for node in pyclass.get_ast().bases:
        inner = node.value if isinstance(node, ast.Subscript) else node
        try:
            found = evaluate.eval_node(pyclass.parent.get_scope(), inner)
            base = None if found is None else found.get_object()
        except RopeFailed:
            continue
        if isinstance(base, pyobjects.AbstractClass) and base is not pyclass:
            yield base


def lookup(pyclass: Any, name: str, depth: int = 0) -> Any:
    """rope's name object for `name` in a class or above it; None where there is none."""
    try:
        return pyclass[name]
    except RopeFailed:
        pass
    for base in bases(pyclass) if depth < _DEEPEST else ():
        found = lookup(base, name, depth + 1)
        if found is not None:
            return found
    return None
