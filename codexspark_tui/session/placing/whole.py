"""Changes of whole files against what is on disk: can they be done, and what exactly. No I/O.

Each function takes the state of the file and gives the resolved change, or a `Missing` that says
why not.
"""

from __future__ import annotations

from codexspark_tui.patch import TextFile, decode, resolve_create, split_lines, to_line
from codexspark_tui.patch.encodings import MARKED, encoding_in_patch, read_in, without_mark
from codexspark_tui.patch.model import (
    Create,
    Delete,
    Hunk,
    Missing,
    ModeChange,
    Placed,
    Rename,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.workspace import FileState

WHOLE_FILE = Placed(0, "file")
_ONE_LINE_CHANGED = 2


def read_text(path: str, state: FileState) -> tuple[FileState, TextFile] | Missing:
    """The state again, with its text."""
    if state.kind == "missing":
        return Missing(f"there is no file {path}")
    if state.kind == "symlink":
        return Missing(f"{path} is a symbolic link, and the patch is for a file")
    text = decode(state.data)
    if not isinstance(text, TextFile):
        return Missing(f"{path} cannot be read as text: {text.why}")
    return state, text


def resolve_creation(change: Create, state: FileState, left: str = "") -> ResolvedCreate | Missing:
    """`left`: the change that takes away what is there."""
    resolved = resolve_create(change)
    if state.kind == "missing" or left:
        return resolved
    text = "".join(line.text + line.end for line in resolved.lines)
    same = TextFile("").encode(text) == state.data
    how = "exists already with this content" if same else "exists already"
    return Missing(f"{change.path} {how}", already=same)


def resolve_link_deletion(change: Delete, link: FileState) -> ResolvedDelete | Missing:
    """Only a patch that shows where the link leads is for the link itself."""
    target = link.data.decode("utf-8", "surrogateescape")
    shown = "".join(line.text + line.end for line in change.lines)
    if shown.rstrip("\r\n") != target:
        return Missing(f"{change.path} is a symbolic link, and the patch is for a file")
    return ResolvedDelete(change.path, (to_line("-", target),), link.mode)


def is_of_link(change: Hunk, link: FileState) -> bool:
    """Whether a hunk is about where the link itself leads, as git shows that."""
    target = link.data.decode("utf-8", "surrogateescape")
    old = [line.text for line in change.lines if line.sign != "+"]
    return old == [target] and len(change.lines) == _ONE_LINE_CHANGED


def may_be_of_link(change: Hunk) -> bool:
    """Whether it has the shape of one: a line for another, and neither has an end."""
    lines = change.lines
    return len(lines) == _ONE_LINE_CHANGED and not any(line.end for line in lines)


def resolve_deletion(change: Delete, state: FileState) -> ResolvedDelete | Missing:
    found = read_text(change.path, state)
    if isinstance(found, Missing):
        return found
    lines = tuple(to_line("-", raw) for raw in split_lines(found[1].text))
    encoding = encoding_in_patch(found[1])
    removed = read_in(change.lines, encoding)
    if encoding == MARKED:
        removed = without_mark(removed)
    if change.lines and [x.text for x in lines] != [x.text for x in removed]:
        return Missing(f"{change.path} is not what the patch deletes")
    return ResolvedDelete(change.path, lines, state.mode)


def resolve_renaming(
    change: Rename, source: FileState, target: FileState, left: str = ""
) -> ResolvedRename | Missing:
    """`left`: the change that takes away what is at the new name."""
    if source.kind == "missing":
        return Missing(f"there is no file {change.path}")
    # A rename that only changes case names the same file where case does not count.
    same_name = change.path.casefold() == change.to.casefold() and target.digest == source.digest
    if target.kind != "missing" and not same_name and not left:
        return Missing(f"{change.to} exists already")
    return ResolvedRename(change.path, change.to, change.copy)


def resolve_mode(change: ModeChange, state: FileState) -> ResolvedMode | Missing:
    if state.kind == "missing":
        return Missing(f"there is no file {change.path}")
    if "120000" in (change.mode, state.mode):
        return Missing(f"{change.path} cannot be made a link, or a link a file, by its mode")
    if state.mode == change.mode:
        return Missing(f"{change.path} has this mode already", already=True)
    return ResolvedMode(change.path, change.mode, state.mode)
