"""Temporary: the patch engine's functions that the workspace calls, until patch/ has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from codexspark_tui.patch.model import (
    Ambiguous,
    Line,
    Missing,
    Placed,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
    Sign,
)


@dataclass(frozen=True, slots=True)
class Undecodable:
    why: str


@dataclass(frozen=True, slots=True)
class TextFile:
    text: str
    encoding: str = "utf-8"
    bom: bytes = b""

    def encode(self, text: str) -> bytes | Undecodable:
        try:
            return self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            return Undecodable(str(error))


@dataclass(frozen=True, slots=True)
class Mismatch:
    path: str
    line: int
    why: str


def decode(data: bytes) -> TextFile | Undecodable:
    if b"\0" in data:
        return Undecodable("it holds binary data")
    bom = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    try:
        return TextFile(data[len(bom) :].decode("utf-8"), "utf-8", bom)
    except UnicodeDecodeError as error:
        return Undecodable(str(error))


def split_lines(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def apply_resolved(text: str, hunks: Sequence[ResolvedHunk]) -> str | Mismatch:
    lines = split_lines(text)
    edits: list[tuple[int, int, list[str]]] = []
    for hunk in hunks:
        at = hunk.old_start - 1
        for line in hunk.lines:
            if line.sign == "+":
                edits.append((at, 0, [line.text + line.end]))
                continue
            if at >= len(lines) or lines[at] != line.text + line.end:
                return Mismatch(hunk.path, at + 1, "the line is not there")
            if line.sign == "-":
                edits.append((at, 1, []))
            at += 1
    edits.sort(key=lambda e: (e[0], e[1]))
    out: list[str] = []
    done = 0
    for at, count, new in edits:
        if at < done:
            return Mismatch(hunks[0].path, at + 1, "two hunks overlap")
        out += lines[done:at] + new
        done = at + count
    return "".join(out + lines[done:])


def invert(resolved: Resolved) -> Resolved:
    flip: dict[str, Sign] = {"+": "-", "-": "+", " ": " "}
    match resolved:
        case ResolvedHunk(lines=lines):
            turned = tuple(replace(line, sign=flip[line.sign]) for line in lines)
            return replace(resolved, lines=turned)
        case ResolvedCreate(path=path, lines=lines, mode=mode):
            return ResolvedDelete(path, tuple(replace(x, sign="-") for x in lines), mode)
        case ResolvedDelete(path=path, lines=lines, mode=mode):
            return ResolvedCreate(path, tuple(replace(x, sign="+") for x in lines), mode)
        case ResolvedRename(path=path, to=to):
            return ResolvedRename(to, path)
        case ResolvedMode(path=path, mode=mode, old_mode=old):
            return ResolvedMode(path, old, mode)


def relocate(text: str, hunk: ResolvedHunk) -> Placed | Ambiguous | Missing:
    lines = split_lines(text)
    old = [x.text + x.end for x in hunk.lines if x.sign != "+"]
    if not old:
        return Missing("it has no old lines")
    hits = [i for i in range(len(lines) - len(old) + 1) if lines[i : i + len(old)] == old]
    if not hits:
        return Missing("its lines are not there")
    if len(hits) > 1:
        return Ambiguous(tuple(hits), "exact")
    return Placed(hits[0], "exact", hits[0] + 1 - hunk.old_start)


def render(changes: Sequence[Resolved]) -> str:
    out: list[str] = []
    for change in changes:
        out.append(f"--- a/{change.path}\n+++ b/{change.path}\n")
        if isinstance(change, ResolvedHunk):
            out.append("@@ @@\n" + "".join(x.sign + x.text + "\n" for x in change.lines))
    return "".join(out)


def unsafe_path(path: str) -> str | None:
    parts = path.split("/")
    if not path or path.startswith("/") or "\0" in path:
        return "the path is empty, absolute or holds a NUL"
    if any(part in {"", ".", ".."} for part in parts):
        return "the path leaves the root"
    if any(part.lower() == ".git" for part in parts):
        return "the path is inside .git"
    return None


__all__ = ["Line"]
