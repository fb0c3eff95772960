"""Where Python imports a project's own modules from, so that a fork's come before them.

A project that is installed in editable mode is imported from the person's tree by its absolute
path. `PYTHONPATH` comes before that, so the fork's own folders go there. Reading only.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_MAPPING = re.compile(r"^MAPPING\b[^=]*=\s*(\{.*?\})\s*$", re.MULTILINE | re.DOTALL)


def import_roots(root: Path, env: Mapping[str, str]) -> list[str]:
    """Folders below `root`, relative to it: those of editable installations, or by convention
    "src" where there is one, and the root."""
    real = Path(os.path.realpath(root))
    found: dict[str, None] = {}
    for site in _site_folders(root, env):
        for folder in _editable(site):
            path = Path(os.path.realpath(folder))
            if path.is_relative_to(real):
                found[str(path.relative_to(real))] = None
    if not found:
        found = dict.fromkeys([*(["src"] if (root / "src").is_dir() else []), "."])
    return list(found)


def _site_folders(root: Path, env: Mapping[str, str]) -> Iterator[Path]:
    prefixes = [root / ".venv", root / "venv", Path(sys.prefix)]
    if env.get("VIRTUAL_ENV"):
        prefixes.insert(0, Path(env["VIRTUAL_ENV"]))
    for prefix in dict.fromkeys(prefixes):
        yield from sorted(prefix.glob("lib/python*/site-packages"))


def _editable(site: Path) -> Iterator[Path]:
    for path in sorted(site.glob("*.pth")):
        for line in _text(path).splitlines():
            if line.startswith("/"):
                yield Path(line.strip())
    for path in sorted(site.glob("__editable__*.py")):
        found = _MAPPING.search(_text(path))
        try:
            mapping = ast.literal_eval(found[1]) if found else {}
        except (ValueError, SyntaxError):
            continue
        for folder in mapping.values() if isinstance(mapping, dict) else ():
            if isinstance(folder, str):
                yield Path(folder).parent


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
