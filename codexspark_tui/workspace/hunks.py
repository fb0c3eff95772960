"""Resolved hunks on the bytes of one file: apply them together, say where each part now stands.

A hunk's parts are its runs of changed lines, with the context between them left out. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codexspark_tui.patch.apply import Mismatch, apply_resolved
from codexspark_tui.patch.encodings import has_bytes, resolved_in
from codexspark_tui.patch.model import Line, ResolvedHunk
from codexspark_tui.patch.text import TextFile, Undecodable, decode, split_lines, to_line
from codexspark_tui.workspace.delta import Delta, LineEdit, between, forward, of_edits

_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\n"


@dataclass(frozen=True, slots=True)
class Part:
    """`at` is the offset of its first old line from the hunk's first old line."""

    at: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """`lines`: for each hunk, the 0-based lines of its parts in the text afterwards."""

    data: bytes
    delta: Delta
    lines: tuple[tuple[int, ...], ...]


def parts(hunk: ResolvedHunk) -> tuple[Part, ...]:
    found: list[Part] = []
    at = start = 0
    old: list[str] = []
    new: list[str] = []
    for line in hunk.lines:
        if line.sign == " ":
            if old or new:
                found.append(Part(start, tuple(old), tuple(new)))
                old, new = [], []
            at += 1
            start = at
        elif line.sign == "-":
            old.append(line.text + line.end)
            at += 1
        else:
            new.append(line.text + line.end)
    if old or new:
        found.append(Part(start, tuple(old), tuple(new)))
    return tuple(found)


def part_hunks(hunk: ResolvedHunk, places: Sequence[int]) -> list[ResolvedHunk]:
    """Each part as a hunk of its own, without context, at the 0-based lines `places`."""
    return [
        ResolvedHunk(hunk.path, line + 1, _signed(part))
        for part, line in zip(parts(hunk), places, strict=True)
    ]


def _signed(part: Part) -> tuple[Line, ...]:
    removed = (to_line("-", raw) for raw in part.old)
    return (*removed, *(to_line("+", raw) for raw in part.new))


def read_text(data: bytes) -> TextFile | str:
    """The file as text, or why it is not edited as text."""
    if data.startswith(_LFS_POINTER):
        return "it is a Git LFS pointer; the file itself is not in the working tree"
    text = decode(data)
    if isinstance(text, Undecodable):
        return f"it cannot be read as text: {text.why}"
    return text


def apply_hunks(data: bytes, hunks: Sequence[ResolvedHunk]) -> Applied | dict[int, str]:
    """All hunks, which refer to the same text, at once; or for each hunk at fault the reason."""
    text = read_text(data)
    if isinstance(text, str):
        return dict.fromkeys(range(len(hunks)), text)
    hunks = [resolved_in(hunk, text.encoding) for hunk in hunks]
    after = apply_resolved(text.text, hunks)
    if isinstance(after, Mismatch):
        return _at_fault(text.text, hunks, after)
    encoded = text.encode(after)
    if isinstance(encoded, Undecodable):
        return dict.fromkeys(range(len(hunks)), f"its new text cannot be written: {encoded.why}")
    edits, lines = _edits(hunks)
    delta = of_edits(split_lines(text.text), edits, encoder(text))
    if forward(data, delta) != encoded:
        delta = between(data, encoded)
    return Applied(encoded, delta, lines)


def hunk_for(hunk: ResolvedHunk, data: bytes) -> ResolvedHunk:
    """The hunk with its lines read as those of the file that holds `data`."""
    if not has_bytes(hunk.lines):
        return hunk
    text = read_text(data)
    return hunk if isinstance(text, str) else resolved_in(hunk, text.encoding)


def encoder(text: TextFile) -> Callable[[str], bytes]:
    """Pieces of this text as bytes, as `of_edits` wants them."""

    def encode(piece: str) -> bytes:
        encoded = text.encode(piece)
        return b"" if isinstance(encoded, Undecodable) else encoded

    return encode


def _edits(
    hunks: Sequence[ResolvedHunk],
) -> tuple[list[LineEdit], tuple[tuple[int, ...], ...]]:
    """The line edits in order, and where each hunk's parts stand after all of them."""
    found = [
        (hunk.old_start - 1 + part.at, index, part)
        for index, hunk in enumerate(hunks)
        for part in parts(hunk)
    ]
    found.sort(key=lambda item: (item[0], bool(item[2].old)))
    places: list[list[int]] = [[] for _ in hunks]
    edits: list[LineEdit] = []
    shift = 0
    for line, index, part in found:
        places[index].append(line + shift)
        edits.append(LineEdit(line, len(part.old), part.new))
        shift += len(part.new) - len(part.old)
    return edits, tuple(tuple(place) for place in places)


def _at_fault(text: str, hunks: Sequence[ResolvedHunk], said: Mismatch) -> dict[int, str]:
    """Which of the hunks do not fit by themselves; all of them where each does but not together."""
    found: dict[int, str] = {}
    for index, hunk in enumerate(hunks):
        alone = apply_resolved(text, [hunk])
        if isinstance(alone, Mismatch):
            found[index] = f"line {alone.line}: {alone.why}"
    return found or dict.fromkeys(range(len(hunks)), f"line {said.line}: {said.why}")
