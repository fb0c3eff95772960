"""Where a dependency comes from, if not by its own name from the usual registry. Pure.

Versions, revisions and what stands behind a "#" do not count: a version may be raised.
"""

from __future__ import annotations

import re
from typing import Any

_LOCAL = ("./", "../", "/", "~", "file:", "link:", "portal:")
_ARCHIVE = re.compile(r"\.(?:whl|zip|tgz|tar\.\w+|tar)$")
_VERSION = re.compile(r"[0-9a-f]{40}|\d+(?:\.\d+)*")
_KEYS = ("git", "url", "path", "file", "registry", "index", "source", "hg", "svn", "bzr")
A_FOLDER = "a folder"


def origin(said: str) -> str:
    """Of an address as it stands in a manifest."""
    said = said.strip().split("#")[0].partition(" ")[0].lower()
    if said in (".", "..") or said.startswith(_LOCAL):
        return A_FOLDER
    head, slash, last = said.rpartition("/")
    if slash or said.startswith("npm:"):
        last = last.split("@")[0]
    if _ARCHIVE.search(last):
        last = _VERSION.sub("*", last)
    return head + slash + last.removesuffix(".git")


def named(name: str, said: str) -> list[str]:
    """What is declared by a name that comes from an address."""
    return [name, f"{name} from {origin(said)}"]


def origins(name: str, said: Any) -> list[str]:
    """What the table of a dependency says of its origin: nothing, if that is the usual one."""
    tables = said if isinstance(said, list) else [said]
    found = list[str]()
    for table in tables:
        if not isinstance(table, dict):
            continue
        for key in _KEYS:
            if isinstance(table.get(key), str):
                folder = key in ("path", "file") and "://" not in table[key]
                found.append(f"{name} from {A_FOLDER if folder else origin(table[key])}")
        package = table.get("package", name)
        if isinstance(package, str) and package.lower() != name.lower():
            found.append(f"{name} from {package}")
    return found
