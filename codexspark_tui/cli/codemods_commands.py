"""The codemods in explicit form: rename, move, extract, inline, tidy, replace …"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args

from codexspark_tui.actions.edit import EditRequest, here
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.actions.paths import existing
from codexspark_tui.cli.options import RunOptions, argument, option, with_options
from codexspark_tui.cli.run import load_settings, run_request
from codexspark_tui.codemods import model
from codexspark_tui.errors import UsageError

Files = Annotated[list[str] | None, argument("FILES", "Files or folders to look in.")]
At = Annotated[
    str | None,
    option("--at", metavar="PATH:LINE", help="Which one is meant, where a name is used twice."),
]
KINDS: tuple[str, ...] = get_args(model.SymbolKind)


@dataclass(frozen=True)
class TidyOptions(RunOptions):
    imports: Annotated[bool, option("--imports", help="Remove unused imports.")] = False
    sort: Annotated[bool, option("--sort", help="Sort imports.")] = False
    modernise: Annotated[bool, option("--modernise", "--modernize", help="Use newer syntax.")] = (
        False
    )
    simplify: Annotated[bool, option("--simplify", help="Write simple things simply.")] = False
    format: Annotated[bool, option("--format", help="Format the code.")] = False


def rename(
    options: RunOptions,
    old: Annotated[str, argument("OLD", "A name: parse, Reader.parse, pkg.io.parse.")],
    new: Annotated[str, argument("NEW", "The new name.")],
    files: Files = None,
    kind: Annotated[
        model.SymbolKind | None,
        option("--kind", metavar="KIND", help=f"What the name is: {', '.join(KINDS)}."),
    ] = None,
    at: At = None,
) -> int:
    """Rename a function, class, method, variable or module in the whole project.

    FILES say where the definition is looked for; uses are renamed everywhere.
    """
    root, folder = _where(options)
    if kind == "module":
        return _run(options, f"rename module {old} to {new}", model.RenameModule(old, new))
    request = model.RenameSymbol(
        old, new, kind, _place(root, folder, at), existing(root, folder, files or ())
    )
    return _run(options, f"rename {old} to {new}", request)


def move(
    options: RunOptions,
    name: Annotated[str, argument("NAME", "A top-level name, or a module with --module.")],
    to: Annotated[str, argument("TO", "The module, or the package, that it moves to.")],
    files: Files = None,
    module: Annotated[bool, option("--module", help="Move a module, not a name.")] = False,
    at: At = None,
) -> int:
    """Move a top-level name to another module, or a module to another package."""
    if module:
        return _run(options, f"move module {name} to {to}", model.MoveModule(name, to))
    root, folder = _where(options)
    request = model.MoveName(
        name, to, _place(root, folder, at), existing(root, folder, files or ())
    )
    return _run(options, f"move {name} to {to}", request)


def extract(
    options: RunOptions,
    lines: Annotated[
        str, argument("PATH:FIRST-LAST", "PATH:FIRST-LAST, for example src/io.py:10-20.")
    ],
    name: Annotated[str, argument("NAME", "The name of the new function.")],
) -> int:
    """Make a function of some lines."""
    found = re.fullmatch(r"(.+):(\d+)-(\d+)", lines, re.DOTALL)
    if found is None:
        raise UsageError(
            f"{lines!r} is not PATH:FIRST-LAST", next_step="For example: src/io.py:10-20"
        )
    root, folder = _where(options)
    (path,) = existing(root, folder, [found[1]])
    request = model.Extract(path, int(found[2]), int(found[3]), name)
    return _run(options, f"extract {lines} into {name}", request)


def inline(
    options: RunOptions,
    name: Annotated[str, argument("NAME", "A function, method or variable.")],
    files: Files = None,
    at: At = None,
) -> int:
    """Put the body or value of a name where it is used, and remove its definition."""
    root, folder = _where(options)
    place = _place(root, folder, at)
    request = model.Inline(name, place, existing(root, folder, files or ()))
    return _run(options, f"inline {name}", request)


def tidy(options: TidyOptions, files: Files = None) -> int:
    """Clean up Python files with ruff: only what is asked for, in FILES or in all."""
    root, folder = _where(options)
    wanted = ("imports", "sort", "modernise", "simplify", "format")
    chosen = {name: bool(getattr(options, name)) for name in wanted}
    if not any(chosen.values()):
        raise UsageError(
            "tidy was not told what to do",
            next_step="Add one or more of --imports --sort --modernise --simplify --format.",
        )
    request = model.Tidy(existing(root, folder, files or ()), **chosen)
    return _run(options, "tidy: " + ", ".join(n for n in wanted if chosen[n]), request)


def replace(
    options: RunOptions,
    pattern: Annotated[str, argument("PATTERN", "Code with $A for one and $$$A for more parts.")],
    rewrite: Annotated[str, argument("REWRITE", "The new code, with the same parts.")],
    files: Files = None,
    lang: Annotated[
        str | None,
        option("--lang", metavar="LANG", help="The language; guessed from FILES when left out."),
    ] = None,
) -> int:
    """Replace code by its structure, in any of ast-grep's languages."""
    from codexspark_tui.codemods.languages import language_for

    root, folder = _where(options)
    paths = existing(root, folder, files or ())
    known = {language_for(path) for path in paths} - {None}
    language = lang or (known.pop() if len(known) == 1 else None)
    if language is None:
        raise UsageError(
            "the language is not known", next_step="Name it, for example with --lang python."
        )
    request = model.Replace(pattern, rewrite, language, paths)
    return _run(options, f"replace {pattern} by {rewrite}", request)


def docstrings(
    options: RunOptions, path: Annotated[str, argument("PATH", "A Python file.")]
) -> int:
    """Add docstring stubs to the public functions and classes of a file that have none."""
    root, folder = _where(options)
    (found,) = existing(root, folder, [path])
    return _run(options, f"docstrings for {found}", model.Docstrings(found))


def _where(options: RunOptions) -> tuple[Path, Path]:
    folder = here()
    return open_workspace(folder, no_git=options.no_git).root, folder


def _place(root: Path, folder: Path, at: str | None) -> model.Place | None:
    """PATH:LINE or PATH:LINE:COLUMN, both counted from 1."""
    if at is None:
        return None
    found = re.fullmatch(r"(.+?):(\d+)(?::(\d+))?", at, re.DOTALL)
    if found is None:
        raise UsageError(f"{at!r} is not PATH:LINE", next_step="For example: --at src/io.py:12")
    (path,) = existing(root, folder, [found[1]])
    return model.Place(path, int(found[2]), max(0, int(found[3] or 1) - 1))


def _run(options: RunOptions, prompt: str, request: model.Request) -> int:
    workspace = open_workspace(here(), no_git=options.no_git)
    config = load_settings(workspace, options)
    asked = EditRequest(prompt, ready=request)
    return run_request(workspace, config, asked, options).exit_code


COMMANDS = {
    "rename": with_options(RunOptions)(rename),
    "move": with_options(RunOptions)(move),
    "extract": with_options(RunOptions)(extract),
    "inline": with_options(RunOptions)(inline),
    "tidy": with_options(TidyOptions)(tidy),
    "replace": with_options(RunOptions)(replace),
    "docstrings": with_options(RunOptions)(docstrings),
}
