"""What goes with a prompt where no index is ready: the prompt's paths and names, by git grep.

RepositoryContext(workspace, estimator).choose(Wanted) → Chosen
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from codexspark_tui.git import grep_words
from codexspark_tui.index.prompt import MENTION
from codexspark_tui.index.secret_files import secret_by_name
from codexspark_tui.session.context.picking import state_of, text_of
from codexspark_tui.workspace import Workspace

MOST_WORDS = 8
MOST_FOUND = 12
MOST_READ = 60  # files for each word of the prompt
GREP_TIMEOUT_S = 3.0

_PATH = re.compile(r"[\w.@+-]*(?:/[\w.@+-]+)+|[\w-]+\.[A-Za-z][\w]{0,7}\b")
_NO_WORD = re.compile(r"[^\s/]{300,}|\S{4000,}")  # nothing that a person wrote
_QUOTED = re.compile(r"`([^`\s]+)`")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CALLED = re.compile(r"([A-Za-z_]\w*)\s?\(")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_DEFINES = (
    r"\b(?:def|class|function|fn|func|fun|struct|enum|trait|interface|type|const|let|var|module"
    r"|namespace|record|object|macro_rules!|define)\s+\*?{word}\b|^{word}\s*[:=]"
)


def found_files(workspace: Workspace, prompt: str, files: list[str]) -> list[tuple[str, str]]:
    """Files that the prompt's words lead to: paths first, then definitions, then uses."""
    plain = MENTION.sub(" ", _NO_WORD.sub(" ", prompt))
    found: dict[str, str] = {}
    by_name: dict[str, list[str]] = {}
    for file in files:
        by_name.setdefault(file.rpartition("/")[2], []).append(file)
    for word in dict.fromkeys(_PATH.findall(plain)):
        word = word.strip("./")
        same_name = by_name.get(PurePosixPath(word).name, [])
        for file in [f for f in same_name if ("/" + f).endswith("/" + word)][:3]:
            found.setdefault(file, "in the prompt")
    suffixes = {name[name.rfind(".") :] for name in by_name if name.rfind(".") > 0}
    words = identifiers(_PATH.sub(lambda found: _unless_file(found.group(), suffixes), plain))
    hits = grep_words(workspace.root, words, timeout_s=GREP_TIMEOUT_S)
    uses: dict[str, tuple[int, str]] = {}
    for word, paths in hits.items():
        defines = re.compile(_DEFINES.replace("{word}", re.escape(word)), re.MULTILINE)
        for path in paths[:MOST_READ]:
            if not secret_by_name(path) and _defines(workspace, path, defines):
                found.setdefault(path, f"defines {word}")
            uses[path] = (uses.get(path, (0, ""))[0] + 1, f"uses {word}")
    ranked = sorted(uses, key=lambda path: (-uses[path][0], path))
    for path in ranked:
        found.setdefault(path, uses[path][1])
    return list(found.items())[:MOST_FOUND]


def _unless_file(word: str, suffixes: set[str]) -> str:
    """The word; nothing where it names a file, whose suffix is no name of code."""
    return " " if "/" in word or PurePosixPath(word).suffix in suffixes else word


def identifiers(text: str) -> list[str]:
    """The words of a sentence that look like names of code, the surest first."""
    quoted = [name for part in _QUOTED.findall(text) for name in _NAME.findall(part)]
    called = _CALLED.findall(text)
    dotted = [name for part in _DOTTED.findall(text) for name in part.split(".")]
    shaped = [word for word in _NAME.findall(text) if _is_shaped(word)]
    names = [word for word in (*quoted, *called, *dotted, *shaped) if len(word) >= 3]
    return list(dict.fromkeys(names))[:MOST_WORDS]


def _is_shaped(word: str) -> bool:
    """Whether no ordinary word is written like this: snake_case, camelCase, with digits."""
    return "_" in word.strip("_") or any(c.isupper() or c.isdigit() for c in word[1:])


def _defines(workspace: Workspace, path: str, defines: re.Pattern[str]) -> bool:
    text = text_of(state_of(workspace, path))
    return isinstance(text, str) and defines.search(text) is not None
