"""Whether an imported name is one that is there already: it comes with the language, lies in the
repository, is declared in a manifest, or another file of the repository imports it.

What is asked of the repository goes from what costs little to what costs a look at all its files.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath

from codexspark_tui.session.guards.bare_json import bare
from codexspark_tui.session.guards.imports import imports_of
from codexspark_tui.session.guards.languages import language_of
from codexspark_tui.session.guards.manifests import MANIFESTS, declared_in, is_manifest
from codexspark_tui.session.guards.subject import Subject

_NODE = frozenset({
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants",
    "crypto", "dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2",
    "https", "inspector", "module", "net", "os", "path", "perf_hooks", "process", "punycode",
    "querystring", "readline", "repl", "stream", "string_decoder", "sys", "timers", "tls",
    "trace_events", "tty", "url", "util", "v8", "vm", "wasi", "worker_threads", "zlib",
})  # fmt: skip
_OWN = {
    "rust": ("std", "core", "alloc", "crate", "self", "super", "proc_macro", "test"),
    "java": ("java", "javax", "jdk"),
    "csharp": ("System", "Microsoft.CSharp", "Microsoft.Win32", "Microsoft.VisualBasic"),
}
# Modules whose package has another name.
_PACKAGES = {
    "yaml": "pyyaml", "pil": "pillow", "cv2": "opencv-python", "sklearn": "scikit-learn",
    "bs4": "beautifulsoup4", "dateutil": "python-dateutil", "attr": "attrs", "jwt": "pyjwt",
    "dotenv": "python-dotenv", "git": "gitpython", "google": "protobuf", "crypto": "pycryptodome",
    "serial": "pyserial", "magic": "python-magic", "mysqldb": "mysqlclient",
    "psycopg2": "psycopg2-binary",
}  # fmt: skip
MOST_LOOKED_AT = 300
_MODULES = {"rust": (".rs", "/mod.rs"), "python": (".py", "/__init__.py")}
_SCRIPTS = (".ts", ".tsx", ".js", ".jsx", "/index.ts", "/index.js", "")


def is_known(subject: Subject, language: str, name: str) -> bool | None:
    """None where the tree could not be searched for it in time."""
    return (
        _comes_along(language, name)
        or _is_here(subject, language, name)
        or _is_declared(subject, language, name)
        or _is_elsewhere(subject, language, name)
    )


def _comes_along(language: str, name: str) -> bool:
    top = name.split(".")[0]
    if language == "python":
        return top in sys.stdlib_module_names
    if language == "js":
        return name in _NODE
    return top in _OWN.get(language, ()) or name in _OWN.get(language, ())


def _is_here(subject: Subject, language: str, name: str) -> bool:
    match language:
        case "python":
            return _has_module(subject, language, name)
        case "rust":
            return (
                name[:1].isupper()  # a type, or what one holds
                or _is_in_file(subject, name)
                or _has_module(subject, language, name)
                or _is_own_crate(subject, name)
            )
        case "js":
            return _is_own_package(subject, name) or _is_own_path(subject, name)
        case "go":
            found = re.search(r"^module\s+(\S+)", _nearest(subject, "go.mod"), re.MULTILINE)
            return found is not None and f"{name}/".startswith(f"{found[1].strip(chr(34))}/")
        case _:
            return _own_space(subject) == name


def _folders(subject: Subject) -> list[str]:
    """Of the file and those above it, each with its "/"."""
    return ["" if str(p) == "." else f"{p}/" for p in PurePosixPath(subject.path).parents]


def _nearest(subject: Subject, name: str) -> str:
    texts = (subject.read(f"{folder}{name}") for folder in _folders(subject))
    return next((text for text in texts if text is not None), "")


def _has_module(subject: Subject, language: str, name: str) -> bool:
    """Whether a module of this name lies beside the file, below it, above it, or in src."""
    below = PurePosixPath(subject.path).with_suffix("").as_posix() + "/"
    folders = [*_folders(subject), "src/", "lib/"]
    folders += [f"{folder}src/" for folder in _folders(subject)] + [below]
    ends = _MODULES[language]
    return any(subject.read(f"{at}{name}{end}") is not None for at in folders for end in ends)


def _is_in_file(subject: Subject, name: str) -> bool:
    """Whether a Rust file defines the name, or has it from another import."""
    word = re.escape(name)
    text = subject.after or ""
    if re.search(rf"\b(?:mod|enum|struct|trait|as)\s+{word}\b", text):
        return True
    return bool(re.search(rf"\buse\s[^;]*(?:::|[{{,]\s*){word}\s*[;,}}]", text))


def _is_own_crate(subject: Subject, name: str) -> bool:
    """Tests, examples and programs of a crate import it by its name."""
    names = re.findall(r"^\s*name\s*=\s*[\"']([\w-]+)", _nearest(subject, "Cargo.toml"), re.M)
    return _normal(name) in map(_normal, names)


def _is_own_package(subject: Subject, name: str) -> bool:
    try:
        data = json.loads(_nearest(subject, "package.json") or "{}")
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.get("name") == name


def _is_own_path(subject: Subject, name: str) -> bool:
    """Whether the settings of TypeScript say that the name is a place in the tree."""
    return any(
        _leads_to(subject, _nearest(subject, settings), name)
        for settings in ("tsconfig.json", "jsconfig.json")
    )


def _leads_to(subject: Subject, settings: str, name: str) -> bool:
    try:
        data = json.loads(bare(settings) or "{}")
    except (ValueError, RecursionError):
        return False
    said = data.get("compilerOptions") if isinstance(data, dict) else None
    if not isinstance(said, dict):
        return False
    paths = said.get("paths")
    keys = [key.rstrip("*").rstrip("/") for key in paths] if isinstance(paths, dict) else []
    if any(key and f"{name}/".startswith(f"{key}/") for key in keys):
        return True
    base = str(said.get("baseUrl", "")).strip("./")
    base = f"{base}/" if base else ""
    imported = re.findall(rf"['\"]({re.escape(name)}(?:/[^'\"]*)?)['\"]", subject.after or "")
    folders = [f"{folder}{base}" for folder in _folders(subject)]
    files = (f"{at}{path}{end}" for at in folders for path in imported for end in _SCRIPTS)
    return "baseUrl" in said and any(subject.read(path) is not None for path in files)


def _own_space(subject: Subject) -> str:
    """The package or namespace of the file itself, its first two parts."""
    match = re.search(r"^\s*(?:package|namespace)\s+([\w.]+)", subject.after or "", re.MULTILINE)
    return ".".join(match[1].split(".")[:2]) if match else ""


def _is_declared(subject: Subject, language: str, name: str) -> bool:
    for manifest, owner in MANIFESTS.items():
        if owner == language:
            for folder in _folders(subject):
                text = subject.read(folder + manifest)
                if text and _declares(manifest, text, language, name):
                    return True
    return False


def _declares(manifest: str, text: str, language: str, name: str) -> bool:
    names = {_normal(name), _normal(_PACKAGES.get(name.lower(), name))}
    if language == "js":
        names.add(_normal(f"@types/{name.lstrip('@').replace('/', '__')}"))
    return any(_matches(one, names, language) for one in declared_in(manifest, text) or ())


def _matches(declared: str, names: set[str], language: str) -> bool:
    said = _normal(declared)
    if language == "go":
        return any(name == said or name.startswith(said + "/") for name in names)
    if language in ("java", "csharp"):
        return any(said.startswith(name) or name.startswith(said) for name in names)
    return said in names


def _normal(name: str) -> str:
    return re.sub(r"[-_]+", "-", name).lower()


def _is_elsewhere(subject: Subject, language: str, name: str) -> bool | None:
    """Whether another file of the tree imports it, declares it, or is what is imported."""
    for search in (subject.likely, subject.holding):
        found = search(name)
        if found is None:
            return None
        if any(_shows(subject, path, language, name) for path in _others(subject, found)):
            return True
    return False


def _shows(subject: Subject, path: str, language: str, name: str) -> bool:
    text = subject.read(path)
    if text is None:
        return False
    if is_manifest(path):
        return _declares(PurePosixPath(path).name, text, language, name)
    if any(_names(imported, name) for _, imported in imports_of(language, text)):
        return True
    return language in ("java", "csharp") and _is_space_of(text, name)


def _names(imported: str, name: str) -> bool:
    return imported == name or imported.startswith(f"{name}.")


def _others(subject: Subject, found: list[str]) -> Iterator[str]:
    """Those that are in this language, and manifests; the first of very many."""
    language = language_of(subject.path)
    others = (
        path
        for path in found
        if path != subject.path and (language_of(path) == language or is_manifest(path))
    )
    return islice(others, MOST_LOOKED_AT)


def _is_space_of(text: str, name: str) -> bool:
    pattern = rf"^\s*(?:package|namespace)\s+(?:[\w.]+\.)?{re.escape(name)}\b"
    return bool(re.search(pattern, text, re.MULTILINE))
