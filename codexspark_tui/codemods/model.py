"""What can be asked of the codemods, and what they answer: plain frozen values.

    Request = RenameSymbol | RenameModule | MoveName | MoveModule | Extract | Inline
            | Tidy | Replace | Docstrings | TestSkeletons
    Answer  = Edits | AmbiguousName | CannotDo

`sentences.understand()` makes a Request from a prompt; `engine.propose()` makes an Answer from a
Request. Nothing here reads a file; nothing in this room ever writes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

MentionKind: TypeAlias = Literal["__all__", "attribute", "string", "comment", "docs"]
SymbolKind: TypeAlias = Literal["function", "class", "method", "variable", "module", "attribute"]


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file: 1-based line, 0-based column in characters."""

    path: str
    line: int
    column: int = 0


@dataclass(frozen=True, slots=True)
class RenameSymbol:
    """Rename a function, class, method or variable in the whole project.

    `old` is a bare or dotted name ("parse", "Reader.parse", "pkg.io.parse"); `at` settles which
    one is meant; `files` limits where the definition is looked for, not where uses are renamed.
    """

    old: str
    new: str
    kind: SymbolKind | None = None
    at: Place | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenameModule:
    """`module` is a dotted name or a path; `new` is the new last part of the name."""

    module: str
    new: str


@dataclass(frozen=True, slots=True)
class MoveName:
    """Move a top-level function, class or variable to another module (dotted name or path)."""

    name: str
    to: str
    at: Place | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveModule:
    """Move a module or package into another package (dotted name or folder)."""

    module: str
    to: str


@dataclass(frozen=True, slots=True)
class Extract:
    """Make a function of the lines `first`–`last` (1-based, inclusive) of `path`."""

    path: str
    first: int
    last: int
    name: str


@dataclass(frozen=True, slots=True)
class Inline:
    """Put the body or value of `name` where it is used, and remove the definition."""

    name: str
    at: Place | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tidy:
    """Ruff's fixes, only those asked for, in `files` (files or folders; empty: all files)."""

    files: tuple[str, ...] = ()
    imports: bool = False
    sort: bool = False
    modernise: bool = False
    simplify: bool = False
    format: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """Structural search and replace with ast-grep patterns ("print($A)" → "log($A)")."""

    pattern: str
    rewrite: str
    language: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Docstrings:
    """Add docstring stubs to the public functions, methods and classes of `path` that have none."""

    path: str


@dataclass(frozen=True, slots=True)
class TestSkeletons:
    """Make test skeletons for the public functions and classes of `path`."""

    __test__ = False

    path: str
    to: str | None = None


Request: TypeAlias = (
    RenameSymbol
    | RenameModule
    | MoveName
    | MoveModule
    | Extract
    | Inline
    | Tidy
    | Replace
    | Docstrings
    | TestSkeletons
)


@dataclass(frozen=True, slots=True)
class FileEdit:
    """The whole text of one file before and after.

    `before` None: the file is made; `after` None: it is deleted; `move_to`: it also gets this path.
    Texts keep their own line endings; a byte order mark stays in the text as U+FEFF.
    """

    path: str
    before: str | None
    after: str | None
    move_to: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that names the symbol and that a refactoring library does not change."""

    place: Place
    where: MentionKind
    line_text: str


@dataclass(frozen=True, slots=True)
class ExtraEdit:
    """Changes that are only offered. `edit.before` is the text after the main edits.

    `on` tells whether it is accepted unless the person says otherwise: True for `__all__` (the
    code breaks without it), False for strings, comments and docs. "attribute" are uses like
    `x.name` where the type of `x` is not known: on only where nothing else has such a name.
    """

    edit: FileEdit
    where: MentionKind
    why: str
    on: bool


@dataclass(frozen=True, slots=True)
class Edits:
    """What a codemod proposes. `summary`: one sentence; `library`: who did it ("rope 1.15").

    `skipped`: files that were left out, each with the reason; `notices`: other things to know.
    """

    files: tuple[FileEdit, ...]
    summary: str
    library: str
    extras: tuple[ExtraEdit, ...] = ()
    mentions: tuple[Mention, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several things that a name may mean. `kind`: a `SymbolKind`, or in another language
    what that calls it ("struct")."""

    name: str
    kind: str
    place: Place
    line_text: str


@dataclass(frozen=True, slots=True)
class AmbiguousName:
    name: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class CannotDo:
    """The request is understood and cannot be carried out: why, and what to do instead.

    `fault`: what was in the way. "worker": its process failed; "time": it took too long.
    """

    why: str
    next_step: str = ""
    fault: Literal["request", "worker", "time"] = "request"


Answer: TypeAlias = Edits | AmbiguousName | CannotDo


@dataclass(frozen=True, slots=True)
class Understood:
    """A sentence that was understood: as which request, and the explicit command for the same."""

    request: Request
    command: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The nearest thing that can be done: `example` is a sentence that will be understood."""

    codemod: str
    example: str
    command: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    nearest: tuple[Suggestion, ...]


Understanding: TypeAlias = Understood | NotUnderstood
