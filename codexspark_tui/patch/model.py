"""The values of a patch: what a model wrote, where it belongs, what will be written.

    Line, HunkHint                      parts
    Proposed = Hunk | Create | Delete | Rename | ModeChange        what the stream said
    Placement = Placed | Ambiguous | Missing                       where it belongs
    Resolved = ResolvedHunk | ResolvedCreate | ResolvedDelete
             | ResolvedRename | ResolvedMode                       what will really be written
    Fact = ProseLine | ChangeStarted | LineRead | ChangeEnded | Unsupported | StreamEnded

All are frozen and plain data. Line numbers called `start` are 1-based as in a diff; indexes called
`at` are 0-based. Paths are relative to the root with "/" between the parts. Nothing here does I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Sign: TypeAlias = Literal[" ", "-", "+"]
LineEnd: TypeAlias = Literal["\n", "\r\n", ""]
ChangeKind: TypeAlias = Literal["hunk", "create", "delete", "rename", "mode"]
Mode: TypeAlias = Literal["100644", "100755", "120000"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk. `end` is "" only for a last line without a final newline."""

    sign: Sign
    text: str
    end: LineEnd = "\n"


@dataclass(frozen=True, slots=True)
class HunkHint:
    """What a hunk says about its own place. Hints, never the truth: lines decide.

    `before_first`: it adds lines before the first one of a file that git's header says has content.
    """

    old_start: int | None = None
    old_count: int | None = None
    new_start: int | None = None
    new_count: int | None = None
    section: str = ""
    anchors: tuple[str, ...] = ()
    at_end: bool = False
    before_first: bool = False


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines to find and replace in `path` (the new name, where the same patch renames)."""

    path: str
    lines: tuple[Line, ...]
    hint: HunkHint = HunkHint()
    kind: Literal["hunk"] = "hunk"


@dataclass(frozen=True, slots=True)
class Create:
    """A new file; every line has the sign "+"."""

    path: str
    lines: tuple[Line, ...] = ()
    mode: Mode = "100644"
    kind: Literal["create"] = "create"


@dataclass(frozen=True, slots=True)
class Delete:
    """A file that goes; `lines` (sign "-") may be empty where the patch does not show them, and
    `mode` is None where it does not say it."""

    path: str
    lines: tuple[Line, ...] = ()
    mode: Mode | None = None
    kind: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True)
class Rename:
    """`path` becomes `to`; with `copy` the old file stays."""

    path: str
    to: str
    copy: bool = False
    kind: Literal["rename"] = "rename"


@dataclass(frozen=True, slots=True)
class ModeChange:
    path: str
    mode: Mode
    old_mode: Mode | None = None
    kind: Literal["mode"] = "mode"


Proposed: TypeAlias = Hunk | Create | Delete | Rename | ModeChange


@dataclass(frozen=True, slots=True)
class Placed:
    """The hunk's first old line is line `at` of the file. `how` names the strategy that found it.

    `moved` is the distance in lines from where the header said (0 where it said nothing);
    `assumed` lists in words what had to be assumed ("white space differs in 2 lines").
    """

    at: int
    how: str
    moved: int = 0
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several places are equally good; `candidates` are indexes `at`, ascending, two or more.

    Of very many (`more`) they are the first ones that are free, of which there may be one alone.
    """

    candidates: tuple[int, ...]
    how: str
    more: bool = False


MissingReason: TypeAlias = Literal[
    "",  # something else, which `why` says
    "line_absent",  # `wanted` is not in the file; `seen` stands at its place
    "lines_apart",  # every line is in the file, but not in this order
    "taken",  # an earlier hunk of the patch changes these lines
    "no_evidence",  # the hunk shows nothing of the file that could be found
    "bad_anchor",  # `wanted`, the text after "@@", is not in the file
    "already",  # the file is as the change would leave it
    "repeated",  # an earlier hunk of the patch is the same
]


@dataclass(frozen=True, slots=True)
class Missing:
    """No place. `nearest` is the best index `at` if any; `why` is a sentence for a person.

    `already`: the file is (or will be) as the change would leave it, so there is nothing to do.
    `wanted` is the first line of the hunk that the file does not have at the nearest place, and
    `seen` the file's line there ("" where there is none): what must be mended.
    """

    why: str
    nearest: int | None = None
    already: bool = False
    reason: MissingReason = ""
    wanted: str = ""
    seen: str = ""


Placement: TypeAlias = Placed | Ambiguous | Missing


@dataclass(frozen=True, slots=True)
class ResolvedHunk:
    """What will be written: context and removed lines as the file has them, added lines fitted.

    `old_start` is the 1-based number of the hunk's first old line in the text that it was resolved
    against; for a hunk without old lines, the number of the line before which it inserts.
    Line ends are the file's own.
    """

    path: str
    old_start: int
    lines: tuple[Line, ...]
    kind: Literal["hunk"] = "hunk"


@dataclass(frozen=True, slots=True)
class ResolvedCreate:
    path: str
    lines: tuple[Line, ...]
    mode: Mode = "100644"
    kind: Literal["create"] = "create"


@dataclass(frozen=True, slots=True)
class ResolvedDelete:
    """`lines` are all lines of the file, so that the deletion can be undone from this alone."""

    path: str
    lines: tuple[Line, ...]
    mode: Mode = "100644"
    kind: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True)
class ResolvedRename:
    path: str
    to: str
    copy: bool = False
    kind: Literal["rename"] = "rename"


@dataclass(frozen=True, slots=True)
class ResolvedMode:
    path: str
    mode: Mode
    old_mode: Mode
    kind: Literal["mode"] = "mode"


Resolved: TypeAlias = ResolvedHunk | ResolvedCreate | ResolvedDelete | ResolvedRename | ResolvedMode


@dataclass(frozen=True, slots=True)
class ProseLine:
    """One line of the answer that is no part of a patch, without its line ending."""

    text: str


@dataclass(frozen=True, slots=True)
class ChangeStarted:
    """A change opens. `index` counts from 0 in the stream; `needs`: the index it depends on."""

    index: int
    kind: ChangeKind
    path: str
    hint: HunkHint = HunkHint()
    needs: int | None = None


@dataclass(frozen=True, slots=True)
class LineRead:
    index: int
    line: Line


@dataclass(frozen=True, slots=True)
class ChangeEnded:
    """The change is whole and can be decided; it is never taken back or altered."""

    index: int
    change: Proposed


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Part of the patch that cannot be carried out: binary data, a submodule, a malformed part.

    `index` is the change that had been opened for it, if one had.
    """

    path: str
    why: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The end. `truncated`: the text stops in the middle of a change; `why`: how it was seen."""

    truncated: bool = False
    why: str = ""


Fact: TypeAlias = ProseLine | ChangeStarted | LineRead | ChangeEnded | Unsupported | StreamEnded
