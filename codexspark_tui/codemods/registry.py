"""The list of codemods: feeds `spark codemods`, the help texts and the documentation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodemodInfo:
    """One codemod: what it does, and an example as a command and as a sentence."""

    name: str
    summary: str
    command_example: str
    sentence_example: str
    library: str


CODEMODS: tuple[CodemodInfo, ...] = (
    CodemodInfo(
        "rename",
        "rename a function, class, method, variable or parameter in the whole project",
        "spark rename Reader.parse Reader.decode",
        "rename the method Reader.parse to decode",
        "rope",
    ),
    CodemodInfo(
        "rename module",
        "rename a module or package and everything that imports it",
        "spark rename --kind module pkg.io reader",
        "rename the module pkg.io to reader",
        "ast",
    ),
    CodemodInfo(
        "move",
        "move a top-level function, class or variable to another module",
        "spark move parse pkg/text.py",
        "move parse to pkg/text.py",
        "rope",
    ),
    CodemodInfo(
        "move module",
        "move a module or package into another package",
        "spark move --module pkg.io pkg.core",
        "move the module pkg.io into pkg.core",
        "ast",
    ),
    CodemodInfo(
        "extract",
        "make a function of some lines",
        "spark extract pkg/io.py:10-18 read_header",
        "extract lines 10-18 of pkg/io.py into read_header",
        "rope",
    ),
    CodemodInfo(
        "inline",
        "put the body or value of a name where it is used",
        "spark inline helper",
        "inline helper",
        "rope",
    ),
    CodemodInfo(
        "tidy",
        "unused imports, import order, modern syntax, simpler code, format; only what is asked",
        "spark tidy --imports --sort src",
        "remove unused imports in src",
        "ruff",
    ),
    CodemodInfo(
        "replace",
        "structural search and replace, with $A for one part and $$$ARGS for several",
        "spark replace 'print($A)' 'log.info($A)' --lang python",
        "replace print($A) with log.info($A)",
        "ast-grep",
    ),
    CodemodInfo(
        "docstrings",
        "add docstring stubs where a file has none",
        "spark docstrings pkg/io.py",
        "add docstring stubs to pkg/io.py",
        "ast",
    ),
    CodemodInfo(
        "tests",
        "make pytest or unittest skeletons for a file; they fail until they are written",
        "spark tests pkg/io.py",
        "generate test skeletons for pkg/io.py",
        "ast",
    ),
)
