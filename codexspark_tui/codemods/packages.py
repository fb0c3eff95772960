"""Which dotted name a file has, and which file a dotted name means.

Source roots are the root itself, the usual `src`, `lib` and `python`, and every folder that holds a
top-level package. A folder of loose scripts is a root for the files in it only, as it is for the
interpreter. Namespace packages (no `__init__.py`) count where the project imports them by name.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from codexspark_tui.codemods.sources import Library, normal

_USUAL_ROOTS = ("", "src", "lib", "python")


def parent(path: str) -> str:
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


class Packages:
    """The packages and modules of one `Library`; paths and folders as the project lists them."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.modules = frozenset(library.python_files)
        self.folders = frozenset(_folders(library.files))
        self.roots = self._find_roots()

    def is_package(self, folder: str) -> bool:
        return join(folder, "__init__.py") in self.modules

    def module_name(self, path: str) -> str:
        """The dotted name that `path` (a module or a package folder) is imported by; "" for ""."""
        if not path:
            return ""
        pure = PurePosixPath(path)
        if pure.name == "__init__.py":
            return self.module_name(parent(path))
        parts = [pure.stem if path.endswith(".py") else pure.name]
        folder = parent(path)
        while folder and self.is_package(folder):
            parts.insert(0, folder.rpartition("/")[2])
            folder = parent(folder)
        return ".".join([*self._namespace(folder, parts[0]), *parts])

    def find(self, dotted: str, folder: str | None = None) -> str | None:
        """The file or folder that `dotted` names, seen from a file in `folder`."""
        own = [folder] if folder is not None and not self.is_package(folder) else []
        for root in [*self.roots, *own]:
            found = self.find_below(root, dotted)
            if found is not None:
                return found
        return None

    def find_below(self, root: str, dotted: str) -> str | None:
        path = join(root, dotted.replace(".", "/"))
        if self.is_package(path):
            return path
        if f"{path}.py" in self.modules:
            return f"{path}.py"
        return path if path in self.folders and path else None

    def find_named(self, name: str) -> tuple[str, ...]:
        """What `name` (dotted, or a path with or without ".py") may mean, packages as folders."""
        cleaned = normal(name)
        if cleaned in self.modules:
            is_init = cleaned.endswith("/__init__.py")
            return (parent(cleaned) if is_init else cleaned,)
        if self.is_package(cleaned):
            return (cleaned,)
        if f"{cleaned}.py" in self.modules:
            return (f"{cleaned}.py",)
        below = [f"{root}/{cleaned}" for root in self.roots if root]
        if "/" in cleaned and (found := [p for p in below if self._is_known(p)]):
            return tuple(found)
        everything = [*self.modules, *(f for f in self.folders if self.is_package(f))]
        named = {p: self.module_name(p) for p in everything if not p.endswith("__init__.py")}
        exact = sorted(p for p, dotted in named.items() if dotted == name)
        return tuple(exact or sorted(p for p, d in named.items() if d.endswith(f".{name}")))

    def _is_known(self, path: str) -> bool:
        return path in self.modules or self.is_package(path)

    def _find_roots(self) -> tuple[str, ...]:
        packages = {f for f in self.folders if self.is_package(f)}
        tops = {parent(f) for f in packages if not self.is_package(parent(f))}
        usual = [r for r in _USUAL_ROOTS if not r or (r in self.folders and r not in packages)]
        return (*usual, *sorted(tops - set(usual)))

    def _namespace(self, folder: str, first: str) -> list[str]:
        """The parts of `folder` that belong to the dotted name of what is in it."""
        for root in sorted(self.roots, key=len, reverse=True):
            below = folder.removeprefix(f"{root}/") if root else folder
            if folder == root or not folder or (root and below == folder):
                continue
            parts = below.split("/")
            dotted = ".".join([*parts, first])
            imports = self._library.imports
            if imports(dotted) or (folder not in self.roots and imports(".".join(parts))):
                return parts
        return []


def _folders(files: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for path in files:
        folder = parent(path)
        while folder and folder not in found:
            found.add(folder)
            folder = parent(folder)
    return found
