"""The languages that structural replace knows: an allow-list, because an unknown one is a crash."""

from __future__ import annotations

from pathlib import PurePosixPath

_LANGUAGES = {
    "bash": ("sh", "bash", "zsh"),
    "c": ("c", "h"),
    "cpp": ("cc", "cpp", "cxx", "hpp", "hh", "hxx"),
    "csharp": ("cs",),
    "css": ("css",),
    "dart": ("dart",),
    "elixir": ("ex", "exs"),
    "go": ("go",),
    "haskell": ("hs",),
    "hcl": ("hcl", "tf"),
    "html": ("html", "htm"),
    "java": ("java",),
    "javascript": ("js", "mjs", "cjs"),
    "jsx": ("jsx",),
    "json": ("json",),
    "kotlin": ("kt", "kts"),
    "lua": ("lua",),
    "nix": ("nix",),
    "php": ("php",),
    "python": ("py", "pyi"),
    "ruby": ("rb",),
    "rust": ("rs",),
    "scala": ("scala", "sc"),
    "solidity": ("sol",),
    "swift": ("swift",),
    "tsx": ("tsx",),
    "typescript": ("ts", "mts", "cts"),
    "yaml": ("yaml", "yml"),
}
LANGUAGES: dict[str, frozenset[str]] = {k: frozenset(v) for k, v in _LANGUAGES.items()}
_BY_SUFFIX = {suffix: name for name, suffixes in LANGUAGES.items() for suffix in suffixes}
_OTHER_NAMES = {
    "c++": "cpp",
    "c#": "csharp",
    "cs": "csharp",
    "golang": "go",
    "react": "tsx",
    "sh": "bash",
    "shell": "bash",
    "terraform": "hcl",
}


def language_for(path: str) -> str | None:
    """The name in `LANGUAGES` of the language of a file, by its extension; None for others."""
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower().removeprefix("."))


def language_named(name: str) -> str | None:
    """The name in `LANGUAGES` that a person's `name` ("Python", "py", "C++") means."""
    low = name.strip().lower().removeprefix(".")
    if low in LANGUAGES:
        return low
    return _OTHER_NAMES.get(low) or _BY_SUFFIX.get(low)
