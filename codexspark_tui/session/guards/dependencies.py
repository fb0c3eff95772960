"""`--no-new-deps`: imports and manifests name nothing that was not there.

There is what the file imports already, what the language brings, what lies in the repository, what
a manifest declares and what another file of the repository imports. Languages: Python, JS and
TypeScript, Go, Rust, Java, C#.
"""

from __future__ import annotations

import re

from codexspark_tui.session.guards.imports import imports_of
from codexspark_tui.session.guards.known import is_known
from codexspark_tui.session.guards.languages import language_of
from codexspark_tui.session.guards.manifests import declared_in, is_manifest
from codexspark_tui.session.guards.subject import Found, Subject

_MAY_IMPORT = re.compile(
    r"\b(?:import|from|require|use|using|extern|import_module|__import__)\b"
    r"|[\"'`][\w./~-]+[\"'`][\s),;]*(?:$|//|#)"
)
_NEW = "is imported and was not there"
_UNSURE = "is imported, and the tree could not be searched for it"


def new_dependencies(subject: Subject) -> list[Found]:
    if is_manifest(subject.path):
        return _in_manifest(subject)
    language = language_of(subject.path)
    if not any(_MAY_IMPORT.search(text) for _, text in subject.added()):
        return []  # most hunks import nothing, and texts need not be read for them
    there = {name for _, name in imports_of(language, subject.before or "")}
    imported: dict[int, list[str]] = {}
    for line, name in imports_of(language, subject.after or ""):
        if name not in there:
            imported.setdefault(line, []).append(name)
    found: dict[str, list[int]] = {}
    known: dict[str, bool | None] = {}
    for index, number, _ in subject.numbered(False) if imported else ():
        for name in imported.get(number, ()):
            if name not in known:
                known[name] = is_known(subject, language, name)
            if not known[name]:
                found.setdefault(name, []).append(index)
    return [
        Found("no_new_deps", f"{name} {_NEW if known[name] is False else _UNSURE}", tuple(lines))
        for name, lines in found.items()
    ]


def _in_manifest(subject: Subject) -> list[Found]:
    before = declared_in(subject.path, subject.before or "")
    after = declared_in(subject.path, subject.after or "")
    if after is None:
        return [Found("no_new_deps", f"{subject.path} cannot be read any more")]
    new = sorted(after - (before or set()))
    parts = {part.split("*")[0] for name in new for part in name.split(" from ")}
    words = [part for part in parts if part] or new
    lines = tuple(i for i, text in subject.added() if any(word in text.lower() for word in words))
    return [Found("no_new_deps", f"{', '.join(new)} is declared and was not there", lines)] * bool(
        new
    )
