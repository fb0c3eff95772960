"""`--no-new-deps`: imports and manifests name nothing that was not there.

There is what the file imports already, what the language brings, what lies in the repository, and
what a manifest declares. Languages: Python, JS and TypeScript, Go, Rust, Java, C#.
"""

from __future__ import annotations

import re
import sys
from pathlib import PurePosixPath

from codexspark_tui.session.guards.languages import language_of
from codexspark_tui.session.guards.manifests import MANIFESTS, declared_in
from codexspark_tui.session.guards.subject import Found, Subject

_IMPORT = {
    "python": re.compile(r"^\s*(?:import\s+(.+)|from\s+([A-Za-z_][\w.]*)\s+import\b)"),
    "js": re.compile(
        r"(?:^\s*(?:import|export)\b[^'\"]*|\bfrom\s*|\brequire\(\s*|\bimport\(\s*)['\"]([^'\"]+)['\"]"
    ),
    "go": re.compile(r"^\s*(?:import\s+)?(?:[\w.]+\s+)?\"([\w./~-]+)\"\s*(?://.*)?$"),
    "rust": re.compile(r"^\s*(?:pub\s+)?(?:use\s+(?:::)?|extern\s+crate\s+)(\w+)"),
    "java": re.compile(r"^\s*import\s+(?:static\s+)?([\w.]+)"),
    "csharp": re.compile(r"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)\s*;"),
}
_NODE = frozenset({
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants",
    "crypto", "dgram", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector",
    "module", "net", "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline",
    "repl", "stream", "string_decoder", "sys", "timers", "tls", "tty", "url", "util", "v8", "vm",
    "wasi", "worker_threads", "zlib",
})  # fmt: skip
_OWN = {
    "rust": ("std", "core", "alloc", "crate", "self", "super", "proc_macro", "test"),
    "java": ("java", "javax", "jdk"),
    "csharp": ("System",),
}
# Modules whose package has another name.
_PACKAGES = {
    "yaml": "pyyaml", "pil": "pillow", "cv2": "opencv-python", "sklearn": "scikit-learn",
    "bs4": "beautifulsoup4", "dateutil": "python-dateutil", "attr": "attrs", "jwt": "pyjwt",
    "dotenv": "python-dotenv", "git": "gitpython", "google": "protobuf", "crypto": "pycryptodome",
    "serial": "pyserial", "magic": "python-magic", "mysqldb": "mysqlclient",
    "psycopg2": "psycopg2-binary",
}  # fmt: skip


def new_dependencies(subject: Subject) -> list[Found]:
    if PurePosixPath(subject.path).name in MANIFESTS or subject.path.endswith(_PROJECTS):
        return _in_manifest(subject)
    language = language_of(subject.path)
    if language not in _IMPORT:
        return []
    there = set(_imported((subject.before or "").splitlines(), language))
    found: dict[str, list[int]] = {}
    for index, text in subject.added():
        for name in _imported([text], language):
            if name not in there and not _is_known(subject, language, name):
                found.setdefault(name, []).append(index)
    return [
        Found("no_new_deps", f"{name} is imported and was not there", tuple(lines))
        for name, lines in found.items()
    ]


_PROJECTS = (".csproj", ".fsproj", ".gradle", ".gradle.kts")


def _in_manifest(subject: Subject) -> list[Found]:
    before = declared_in(subject.path, subject.before or "")
    after = declared_in(subject.path, subject.after or "")
    if after is None:
        return [Found("no_new_deps", f"{subject.path} cannot be read any more")]
    new = sorted(after - (before or set()))
    lines = tuple(i for i, text in subject.added() if any(name in text.lower() for name in new))
    return [Found("no_new_deps", f"{', '.join(new)} is declared and was not there", lines)] * bool(
        new
    )


def _imported(lines: list[str], language: str) -> list[str]:
    """The packages that lines import: top level names, or module paths in Go."""
    found: list[str] = []
    in_block = language != "go" or len(lines) == 1
    for line in lines:
        if language == "go" and line.startswith("import"):
            in_block = True
        match = _IMPORT[language].search(line) if in_block else None
        if language == "go" and in_block and line.startswith(")"):
            in_block = len(lines) == 1
        if match is None:
            continue
        said = next(group for group in match.groups() if group)
        found += [_package(one.strip(), language) for one in _several(said, language)]
    return [name for name in found if name]


def _several(said: str, language: str) -> list[str]:
    if language != "python":
        return [said]
    return [one for one in said.split("#")[0].rstrip("\\;").split(",") if one.strip()]


def _package(said: str, language: str) -> str:
    """What of an import names the dependency; "" for one that names none."""
    match language:
        case "python":
            name = said.split()[0].split(".")[0]
            return name if name.isidentifier() else ""
        case "js":
            if said.startswith((".", "/", "#", "node:", "@/", "~/")):
                return ""
            parts = said.split("/")
            return "/".join(parts[:2]) if said.startswith("@") else parts[0]
        case "go":
            return said if "." in said.split("/")[0] else ""
        case "java" | "csharp":
            return ".".join(said.split(".")[:2])
        case _:
            return said


def _is_known(subject: Subject, language: str, name: str) -> bool:
    top = name.split(".")[0]
    if language == "python" and (top in sys.stdlib_module_names or _is_here(subject, name)):
        return True
    if (language == "js" and name in _NODE) or top in _OWN.get(language, ()):
        return True
    if language == "rust" and (subject.read(f"src/{name}.rs") or _defines_module(subject, name)):
        return True
    if language in ("java", "csharp") and _own_space(subject) == name:
        return True
    return _is_declared(subject, language, name)


def _defines_module(subject: Subject, name: str) -> bool:
    return bool(re.search(rf"\b(?:mod|enum|struct)\s+{re.escape(name)}\b", subject.after or ""))


def _own_space(subject: Subject) -> str:
    """The package or namespace of the file itself, its first two parts."""
    match = re.search(r"^\s*(?:package|namespace)\s+([\w.]+)", subject.after or "", re.MULTILINE)
    return ".".join(match[1].split(".")[:2]) if match else ""


def _is_here(subject: Subject, name: str) -> bool:
    """Whether a Python module lies in the repository: beside the file, above it, or in src."""
    folders = [str(folder) for folder in PurePosixPath(subject.path).parents]
    bases = ["" if folder == "." else f"{folder}/" for folder in [*folders, "src", "lib"]]
    return any(
        subject.read(f"{base}{name}{end}") is not None
        for base in bases
        for end in (".py", "/__init__.py")
    )


def _is_declared(subject: Subject, language: str, name: str) -> bool:
    names = {_normal(name), _normal(_PACKAGES.get(name.lower(), name))}
    folders = ["" if str(p) == "." else f"{p}/" for p in PurePosixPath(subject.path).parents]
    for manifest, owner in MANIFESTS.items():
        if owner != language:
            continue
        for folder in folders:
            text = subject.read(folder + manifest)
            declared = declared_in(manifest, text) if text else None
            if declared and any(_matches(one, names, language) for one in declared):
                return True
    return False


def _matches(declared: str, names: set[str], language: str) -> bool:
    said = _normal(declared)
    if language == "go":
        return any(name == said or name.startswith(said + "/") for name in names)
    if language in ("java", "csharp"):
        return any(said.startswith(name) or name.startswith(said) for name in names)
    return said in names


def _normal(name: str) -> str:
    return re.sub(r"[-_]+", "-", name).lower()
