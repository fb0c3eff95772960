"""Search the files of the tree for a text or a regular expression."""

from __future__ import annotations

import asyncio
import os

from codexspark_tui.counts import count
from codexspark_tui.errors import ProviderError
from codexspark_tui.git import run_git
from codexspark_tui.index.scan import IGNORE_FILE
from codexspark_tui.index.secret_files import secret_by_content, secret_by_name
from codexspark_tui.providers.model import Tool
from codexspark_tui.session.tools.kit import (
    Arguments,
    Hands,
    Tooled,
    ToolRefused,
    number,
    schema,
    text,
)

TIMEOUT_S = 10.0
LONGEST_LINE = 400


async def search(arguments: Arguments, hands: Hands) -> str:
    wanted, folder = text(arguments, "text"), text(arguments, "path", "")
    most = min(number(arguments, "most", 100), 500)
    how = "-E" if arguments.get("regex") is True else "-F"
    options = [how] if arguments.get("ignore_case") is not True else [how, "-i"]
    return await asyncio.to_thread(_grep, hands, [*options, "-e", wanted], folder, most)


def _grep(hands: Hands, options: list[str], folder: str, most: int) -> str:
    """git's own search, which is exact and quick, over the files that `hands` knows of: what
    .sparkignore covers is left out, and a folder that is no repository is searched as well."""
    root, repository = hands.root, hands.workspace.repository is not None
    untracked = ["--untracked", "--no-recurse-submodules"] if repository else ["--no-index"]
    command = ["grep", "-n", "-z", "-I", *untracked, *options]
    named = [f":(glob){folder.rstrip('/')}{'/**' if folder.endswith('/') else ''}"]
    try:
        done = run_git([*command, "--", *(named if folder else [])], cwd=root, timeout_s=TIMEOUT_S)
    except ProviderError as error:
        raise ToolRefused("the search took too long; look for something more exact") from error
    if done.code > 1:
        raise ToolRefused(f"the search failed: {done.err.splitlines()[0] if done.err else ''}")
    narrowed = not repository or (root / IGNORE_FILE).is_file()
    files = frozenset(hands.files()) if narrowed else None
    found = [line for raw in done.out.split(b"\n") if (line := _line(raw, files))]
    if not found:
        return "nothing was found"
    left = len(found) - most
    return "\n".join([*found[:most], *([f"[{count(left, 'more hit')}]"] if left > 0 else [])])


def _line(raw: bytes, files: frozenset[str] | None) -> str:
    """ "path:number: text"; "" for what is held back, or in none of these files."""
    parts = raw.split(b"\0", 2)
    if len(parts) != 3:
        return ""
    path, line = os.fsdecode(parts[0]), parts[2].decode("utf-8", "replace")
    if files is not None and path not in files:
        return ""
    if secret_by_name(path) or secret_by_content(line):
        return ""
    return f"{path}:{parts[1].decode()}: {line.strip()[:LONGEST_LINE]}"


SEARCH = Tooled(
    Tool(
        "search",
        "Find lines in the files of the repository.",
        schema(
            ("text",),
            text="string: what to look for",
            regex="boolean: it is an extended regular expression",
            ignore_case="boolean: capitals do not matter",
            path="string: a file, a pattern, or a folder with / at its end",
            most="integer: so many hits at most",
        ),
    ),
    "free",
    search,
)
