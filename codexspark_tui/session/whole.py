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


def resolve_creation(change: Create, state: FileState) -> ResolvedCreate | Missing:
    resolved = resolve_create(change)
    if state.kind == "missing":
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


def why_link_stays(change: Hunk, link: FileState) -> Missing | None:
    """Where a hunk is about where the link itself leads, as git shows that: why it is refused."""
    target = link.data.decode("utf-8", "surrogateescape")
    if [line.text for line in change.lines if line.sign != "+"] != [target]:
        return None
    return Missing(
        f"{change.path} is a symbolic link, and a patch does not change where it leads:"
        " delete it and make it anew, in two steps"
    )


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
    change: Rename, source: FileState, target: FileState, is_link: bool
) -> ResolvedRename | Missing:
    if source.kind == "missing":
        return Missing(f"there is no file {change.path}")
    if is_link:
        return Missing(f"{change.path} is a symbolic link, which is left alone")
    # A rename that only changes case names the same file where case does not count.
    same_name = change.path.casefold() == change.to.casefold() and target.digest == source.digest
    if target.kind != "missing" and not same_name:
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
