"""How tests are written here: for pytest, or for unittest. Standard library only.

A test file that is there decides for itself; a new one is written as most of the project's test
files are. Nothing is made here.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from codexspark_tui.codemods.sources import Library

MOST_READ = 100
_UNITTEST = re.compile(r"^[ \t]*class[ \t]+\w+\([^)]*\bTestCase\b", re.MULTILINE)
_PYTEST = re.compile(r"^(?:import pytest\b|from pytest\b|(?:async )?def test_)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Style:
    """`fails`: what a test calls to fail; `module`: what is imported for that, where `base` (the
    class that test classes derive from) or pytest is not there yet."""

    fails: str
    module: str
    base: str = ""

    @property
    def by_class(self) -> bool:
        """Whether each test stands in a class."""
        return bool(self.base)

    @property
    def imports(self) -> list[str]:
        return [f"import {self.module}"] if self.module else []


PYTEST = Style("pytest.fail", "pytest")
UNITTEST = Style("self.fail", "unittest", "unittest.TestCase")


def style_of(library: Library, target: str, tree: ast.Module) -> Style:
    """How the tests in `target`, whose tree this is, are written, or will be."""
    bound = _bound(tree)
    bases = [b for n in tree.body if isinstance(n, ast.ClassDef) for b in map(ast.unparse, n.bases)]
    cases = [base for base in bases if base.endswith("TestCase")]
    alone = any(
        isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name.startswith("test_")
        for n in tree.body
    )
    if "pytest" in bound or (alone and not cases):
        return Style(PYTEST.fails, "" if "pytest" in bound else "pytest")
    if cases or {"unittest", "TestCase"} & bound or (not tree.body and _prefers(library, target)):
        if "TestCase" in bound:
            return Style(UNITTEST.fails, "", "TestCase")
        return Style(UNITTEST.fails, "" if "unittest" in bound else "unittest", UNITTEST.base)
    return PYTEST


def _bound(tree: ast.Module) -> set[str]:
    made: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            made |= {a.asname or a.name.partition(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            made |= {a.asname or a.name for a in node.names}
    return made


def _prefers(library: Library, target: str) -> bool:
    """Whether most test files, those of the same folder first, are for unittest."""
    folder = PurePosixPath(target).parent
    tests = [path for path in library.python_files if _is_test(PurePosixPath(path).stem)]
    near = [path for path in tests if PurePosixPath(path).parent == folder]
    return next((many > 0 for some in (near, tests) if (many := _balance(library, some))), False)


def _balance(library: Library, paths: list[str]) -> int:
    """By how many the test files for unittest are more than those for pytest."""
    many = 0
    for path in sorted(paths)[:MOST_READ]:
        source = library.source(path)
        if source is None:
            continue
        if _PYTEST.search(source.plain):
            many -= 1
        elif _UNITTEST.search(source.plain):
            many += 1
    return many


def _is_test(stem: str) -> bool:
    return stem.startswith("test_") or stem.endswith(("_test", "_tests")) or stem == "tests"
