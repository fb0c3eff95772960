"""What a piece of text looks like: a name, a path, a range of lines, code, a language.

Looks only; no file is read. Names are Python names, also dotted and non-ASCII, without `()`.
"""

from __future__ import annotations

import keyword
import re
import warnings


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


LANGUAGES = {
    name: canonical
    for canonical, names in {
        "bash": "bash|shell|sh",
        "c": "c",
        "cpp": "cpp|c++|cc|cxx",
        "csharp": "csharp|c#|cs",
        "css": "css",
        "elixir": "elixir",
        "go": "go|golang",
        "haskell": "haskell",
        "hcl": "hcl|terraform",
        "html": "html",
        "java": "java",
        "javascript": "javascript|js|jsx|node",
        "json": "json",
        "kotlin": "kotlin",
        "lua": "lua",
        "nix": "nix",
        "php": "php",
        "python": "python|py|python3",
        "ruby": "ruby",
        "rust": "rust",
        "scala": "scala",
        "solidity": "solidity",
        "swift": "swift",
        "tsx": "tsx",
        "typescript": "typescript|ts",
        "yaml": "yaml",
    }.items()
    for name in names.split("|")
}

_BY_SUFFIX = {
    ".bash": "bash", ".c": "c", ".cc": "cpp", ".cjs": "javascript", ".cpp": "cpp", ".cs": "csharp",
    ".css": "css", ".cxx": "cpp", ".ex": "elixir", ".exs": "elixir", ".go": "go", ".h": "c",
    ".hcl": "hcl", ".hpp": "cpp", ".hs": "haskell", ".html": "html", ".java": "java",
    ".js": "javascript", ".json": "json", ".jsx": "javascript", ".kt": "kotlin", ".lua": "lua",
    ".mjs": "javascript", ".nix": "nix", ".php": "php", ".py": "python", ".pyi": "python",
    ".rb": "ruby", ".rs": "rust", ".scala": "scala", ".sh": "bash", ".sol": "solidity",
    ".swift": "swift", ".tf": "hcl", ".ts": "typescript", ".tsx": "tsx", ".yaml": "yaml",
    ".yml": "yaml",
}  # fmt: skip

_OTHER_SUFFIXES = _set(
    ".cfg .csv .ini .ipynb .lock .log .md .pyx .rst .sql .svg .toml .txt .vue .xml .zip"
)
PYTHON_SUFFIXES = frozenset({".py", ".pyi", ".ipynb"})
MODULE_SUFFIXES = frozenset({".py", ".pyi"})

_RANGE = r"L?([0-9]{1,7})(?:-|–|—|\.\.|:)L?([0-9]{1,7})"
_LINE = r"L?([0-9]{1,7})"
_PLACED = r"(.+?):L?([0-9]{1,7})(?:[-–—]L?([0-9]{1,7}))?"
_META = r"\$\$\$|\$[A-Z_]"
_CODE = r"[()\[\]{}$.=<>+*/%!&|^~@;]|\bnot\b|\bis\b"


def last_part(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def folder_of(path: str) -> str:
    """What `path` is in; empty for a bare file name."""
    return path.rstrip("/").rpartition("/")[0]


def stem(path: str) -> str:
    name = last_part(path)
    return name[: -len(found)] if (found := suffix(path)) else name


def suffix(path: str) -> str:
    """`.py`, lower case; empty for none and for a name that only begins with a dot."""
    before, dot, last = last_part(path).rpartition(".")
    return f".{last.lower()}" if before and dot and last else ""


def looks_like_path(text: str) -> bool:
    """A slash or a known file suffix; no `::`, no wildcard, no line number behind it."""
    if text in (".", "./"):
        return True
    if not text or ":" in last_part(text) or any(c in text for c in "*?$<>|()") or "://" in text:
        return False
    if re.fullmatch(_PLACED, text, re.IGNORECASE) and not text.endswith("/"):
        return False
    if suffix(text) in _BY_SUFFIX or suffix(text) in _OTHER_SUFFIXES:
        return stem(text) != ""
    return "/" in text and text.strip("/.") != ""


def language_of(path: str) -> str | None:
    return _BY_SUFFIX.get(suffix(path))


def bare_name(text: str) -> str | None:
    """The dotted Python name that `text` is, without `()` behind it; None if it is not one."""
    name = text.removesuffix("()")
    parts = name.split(".")
    if parts[0] in ("self", "cls") and len(parts) > 1:
        return None
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        return None
    return None if suffix(name) in MODULE_SUFFIXES else name


def name_in_path(text: str) -> tuple[str | None, str] | None:
    """`src/io.py::Reader::parse` → ("src/io.py", "Reader.parse"); `Reader::parse` → (None, …)."""
    first, *rest = text.split("::")
    if not rest and text.count(":") == 1 and not text.endswith(":"):
        first, *rest = text.split(":")
    if not rest:
        return None
    if looks_like_path(first):
        name = bare_name(".".join(rest))
        return None if name is None else (first, name)
    name = bare_name(".".join([first, *rest]))
    return None if name is None else (None, name)


def line_range(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(_RANGE, text, re.IGNORECASE)
    return (int(found[1]), int(found[2])) if found else None


def line_number(text: str) -> int | None:
    found = re.fullmatch(_LINE, text, re.IGNORECASE)
    return int(found[1]) if found else None


def placed(text: str) -> tuple[str, int, int | None] | None:
    """`src/io.py:10-20` → ("src/io.py", 10, 20); `src/io.py:10` → ("src/io.py", 10, None)."""
    found = re.fullmatch(_PLACED, text, re.IGNORECASE)
    if found is None or not looks_like_path(found[1]):
        return None
    return found[1], int(found[2]), int(found[3]) if found[3] else None


def has_metavariable(code: str) -> bool:
    return re.search(_META, code) is not None


def looks_like_code(text: str) -> bool:
    """Not only words: a call, an operator, a dot, a metavariable."""
    return re.search(_CODE, text.rstrip(".")) is not None


def certainly_python(*codes: str) -> bool:
    """Whether this can be nothing but Python; used only where no language was named."""
    return all(_parses(code) for code in codes) and not any(_foreign(code) for code in codes)


_FOREIGN = (
    r"\b(console|document|window|JSON|Math|System|fmt|std|process|module|Object|Array|Promise|"
    r"String|println|printf|puts|require|strings|errors|wp|nil|null|undefined|this)\b|[;{}]|=>|&&"
)


def _foreign(code: str) -> bool:
    return re.search(_FOREIGN, code) is not None


def _parses(code: str) -> bool:
    text = re.sub(r"\$\$\$[A-Z_0-9]*|\$[A-Z_][A-Z_0-9]*", "x", code)
    if len(text) > 1000 or text.count("(") + text.count("[") > 50:
        return False
    try:
        # 0x400 is ast.PyCF_ONLY_AST: nothing is compiled, nothing runs, `ast` is not imported.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<pattern>", "exec", 0x400)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
