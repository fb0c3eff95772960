"""Where Python imports a project's own modules from, so that a fork's come before them.

A project that is installed in editable mode is imported from the person's tree by its absolute
path. `PYTHONPATH` comes before that, so the fork's own folders go there. Reading only.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_MAPPING = re.compile(r"^MAPPING\b[^=]*=\s*(\{.*?\})\s*$", re.MULTILINE | re.DOTALL)


def python_path(source: Path, fork: Path, env: Mapping[str, str]) -> str:
    """PYTHONPATH for code in the fork: what leads into the tree at `source` leads into the fork."""
    given = [name for name in env.get("PYTHONPATH", "").split(os.pathsep) if name]
    roots = [*import_roots(source, env), *given]
    return os.pathsep.join(dict.fromkeys(_moved(name, source, fork) for name in roots))


def import_roots(root: Path, env: Mapping[str, str]) -> list[str]:
    """Folders in the tree at `root` (absolute) that editable installations import from."""
    real = Path(os.path.realpath(root))
    found: dict[str, None] = {}
    for site in _site_folders(root, env):
        for folder in _editable(site):
            path = Path(os.path.realpath(folder))
            if path.is_relative_to(real):
                found[str(root / path.relative_to(real))] = None
    return list(found)


def _moved(name: str, source: Path, fork: Path) -> str:
    path = Path(os.path.realpath(name)) if Path(name).is_absolute() else Path(name)
    real = Path(os.path.realpath(source))
    return str(fork / path.relative_to(real)) if path.is_relative_to(real) else name


def _site_folders(root: Path, env: Mapping[str, str]) -> Iterator[Path]:
    """Of the environments that commands in the fork may use."""
    found = [env.get("VIRTUAL_ENV", ""), env.get("CONDA_PREFIX", "")]
    for name in ("python", "python3"):
        python = shutil.which(name, path=env.get("PATH"))
        found += [str(Path(python).parent.parent)] if python else []
    found += [str(root / ".venv"), str(root / "venv"), sys.prefix]
    found += [str(Path(env["HOME"]) / ".local")] if env.get("HOME") else []
    for prefix in dict.fromkeys(filter(None, found)):
        yield from sorted(Path(prefix).glob("lib/python*/site-packages"))
        yield from sorted(Path(prefix).glob("lib/python*/dist-packages"))


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
