"""Files that a person seldom means. Reading only.

What git ignores or a program writes is written only after the person was asked; a guess errs on the
side of asking. What a sparse checkout leaves out is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from codexspark_tui.errors import PathRefused
from codexspark_tui.git import Repository, ignored_paths, run_git
from codexspark_tui.workspace.tree import Tree, refused

_HEAD_BYTES = 2000
_NAMES = re.compile(
    r"(^|/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?"
    r"|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|Cargo\.lock|composer\.lock|Gemfile\.lock"
    r"|go\.sum|flake\.lock)$"
    r"|\.min\.(js|css)$|\.(js|css)\.map$|_pb2(_grpc)?\.pyi?$|\.pb\.(go|cc|h)$|\.g\.dart$"
)
_HEADS = re.compile(
    rb"@generated\b|\bauto-?generated\b|\bgenerated (by|from|using|with)\b[^\n]*\n?[^\n]*\bdo not"
    rb"|\bdo not (edit|modify|change)\b[^\n]*\bgenerated\b"
    rb"|\bgenerated\b[^\n]*\bdo not (edit|modify|change)\b",
    re.IGNORECASE,
)


def unusual(tree: Tree, repository: Repository | None, paths: Sequence[str]) -> dict[str, str]:
    """Those of `paths` that are ignored or generated, each with a sentence that says which."""
    found: dict[str, str] = {}
    if repository is not None:
        found = dict.fromkeys(ignored_paths(tree.root, paths), "git ignores it")
        if (tree.root / ".gitattributes").exists():
            marked = _marked(tree, [path for path in paths if path not in found])
            found |= dict.fromkeys(marked, "it is marked as generated (.gitattributes)")
    for path in paths:
        if path not in found and _is_generated(tree, path):
            found[path] = "it looks like a file that a program writes"
    return found


def check_sparse(repository: Repository, path: str) -> None:
    """Raises `PathRefused` for a file that git has and that a sparse checkout leaves out: nothing
    may be made in its place."""
    if not (repository.git_dir / "info/sparse-checkout").exists():
        return
    said = run_git(["ls-files", "-z", "-t", "--", f":(literal){path}"], cwd=repository.root).out
    if said.startswith(b"S "):
        raise refused(path, "it is outside of this sparse checkout")


def _marked(tree: Tree, paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    fed = b"\0".join(path.encode("utf-8", "surrogateescape") for path in paths) + b"\0"
    said = run_git(
        ["check-attr", "-z", "--stdin", "linguist-generated"], cwd=tree.root, stdin=fed
    ).out.split(b"\0")
    return [
        path
        for path, value in zip(paths, said[2::3], strict=False)
        if value in (b"set", b"true", b"yes", b"1")
    ]


def _is_generated(tree: Tree, path: str) -> bool:
    if _NAMES.search(path):
        return True
    try:
        state = tree.read(path)
    except PathRefused:
        return False
    return state.kind == "file" and _HEADS.search(state.data[:_HEAD_BYTES]) is not None
