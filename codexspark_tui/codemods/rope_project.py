"""A rope project that lives in memory. Imported lazily, in a worker process as a rule.

True here: rope sees exactly the files of a `Library`, by the texts that the library read; it never
lists a folder, opens a file, writes one, reads a configuration or imports a module of its own
accord. Nothing of the repository is run.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from rope.base import exceptions, libutils
from rope.base.change import ChangeContents, ChangeSet, MoveResource
from rope.base.prefs import ImportPrefs, Prefs
from rope.base.project import Project as RopeBase
from rope.base.resources import File, Folder

from codexspark_tui.codemods.packages import Packages, parent
from codexspark_tui.codemods.sources import Library

# What rope raises on code that it does not understand: its own errors, and bugs on unusual syntax.
RopeFailed = (
    exceptions.RopeError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)

_rope_modname = libutils.modname


class MemoryProject(RopeBase):  # type: ignore[misc]  # rope is not typed
    """rope's project over the texts of `library`; the disk is never touched."""

    def __init__(self, library: Library, packages: Packages) -> None:
        self.library = library
        self.packages = packages
        self.instead: dict[str, str] = {}  # plain texts that rope sees in place of a file's own
        super().__init__(str(library.root), fscommands=_Texts(self), ropefolder=None)

    def _init_prefs(self, prefs: dict[str, Any]) -> None:
        """Fixed preferences instead of `pyproject.toml`, the user's and `.ropeproject`'s."""
        del prefs
        self.prefs = Prefs(
            ignore_syntax_errors=True,
            extension_modules=[],
            import_dynload_stdmods=False,
            automatic_soa=False,
            perform_doa=False,
            save_history=False,
            save_objectdb=False,
            pull_imports_to_top=False,
            ignored_resources=[],
            imports=ImportPrefs(preferred_import_style="from-global"),
        )
        self._init_other_parts()

    def get_resource(self, resource_name: str) -> File | Folder:
        if resource_name in self.packages.modules:
            return File(self, resource_name)
        if not resource_name or resource_name in self.packages.folders:
            return Folder(self, resource_name)
        raise exceptions.ResourceNotFoundError(f"no file {resource_name}")

    def get_files(self) -> set[File]:
        return {File(self, path) for path in self.packages.modules}

    def get_source_folders(self) -> list[Folder]:
        return [Folder(self, path) for path in self.packages.roots]

    def get_python_path_folders(self) -> list[Folder]:
        return []

    def find_module(self, modname: str, folder: Folder | None = None) -> File | Folder | None:
        found = self.packages.find(modname, None if folder is None else folder.path)
        return None if found is None else self.get_resource(found)

    def find_relative_module(
        self, modname: str, folder: Folder | None, level: int
    ) -> File | Folder | None:
        if folder is None:
            return None
        base = folder.path
        for _ in range(level - 1):
            base = parent(base)
        found = base if not modname else self.packages.find_below(base, modname)
        return None if found is None else self.get_resource(found)

    def is_ignored(self, resource: object) -> bool:
        del resource
        return False


class _Texts:
    """rope's door to the disk, opened to the library's texts instead; it writes nothing."""

    def __init__(self, project: MemoryProject) -> None:
        self._project = project

    def read(self, path: str) -> str:
        relative = path.removeprefix(self._project.address).lstrip("/")
        if relative in self._project.instead:
            return self._project.instead[relative]
        source = self._project.library.python(relative)
        return "" if source is None else source.plain


def open_project(library: Library, packages: Packages) -> MemoryProject:
    """A project for one refactoring; also quietens rope's warnings about the code it reads."""
    warnings.simplefilter("ignore")
    libutils.modname = _modname
    return MemoryProject(library, packages)


def explain(error: BaseException) -> str:
    """What rope said, as the end of a sentence; an error that is no refusal says only its kind."""
    if isinstance(error, exceptions.RopeError):
        said = " ".join(str(error).split()).rstrip(".")
        return said[:1].lower() + said[1:300] if said else "rope refuses it"
    return f"rope does not understand this code ({type(error).__name__})"


def _modname(resource: File | Folder) -> str:
    """rope's own does not know namespace packages."""
    if isinstance(resource.project, MemoryProject):
        return resource.project.packages.module_name(resource.path)
    return str(_rope_modname(resource))


def changed_texts(changes: ChangeSet) -> Iterator[tuple[str, str]]:
    """(path, new plain text) of each file whose contents change."""
    for change in changes.changes:
        if isinstance(change, ChangeSet):
            yield from changed_texts(change)
        elif isinstance(change, ChangeContents):
            yield change.resource.path, change.new_contents


def moved_paths(changes: ChangeSet) -> Iterator[tuple[str, str]]:
    """(old path, new path) of each file or folder that moves."""
    for change in changes.changes:
        if isinstance(change, MoveResource):
            yield change.resource.path, change.new_resource.path


def file_moves(library: Library, old: str, new: str) -> dict[str, str]:
    """The moves of all listed files when `old` (a file or folder) becomes `new`."""
    if old in library.files:
        return {old: new}
    inside = [p for p in library.files if p.startswith(f"{old}/")]
    return {p: str(PurePosixPath(new) / p[len(old) + 1 :]) for p in sorted(inside)}
