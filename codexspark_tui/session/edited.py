"""A hunk that the person has edited by hand, as text, checked against the hunk that it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from codexspark_tui.patch import split_lines
from codexspark_tui.patch.model import Line, LineEnd, ResolvedHunk, Sign

_COMMENT = "#"


def hunk_text(hunk: ResolvedHunk) -> str:
    """The hunk's body as a person edits it: sign and text, one line each."""
    return "".join(f"{line.sign}{line.text}\n" for line in hunk.lines)


def edited_hunk(hunk: ResolvedHunk, text: str) -> ResolvedHunk | str:
    """The hunk that `text` says, or a sentence why it cannot be.

    Context and removed lines must still be the file's, in their order; a removed line may have
    become context. Lines that start with "#" are left out; an empty line is an empty context line.
    """
    old = [line for line in hunk.lines if line.sign != "+"]
    made: list[Line] = []
    used = 0
    for raw in split_lines(text):
        said = raw.rstrip("\n").removesuffix("\r") or " "
        sign, body = said[0], said[1:]
        if sign == _COMMENT:
            continue
        if sign not in " -+":
            return f"a line of a hunk starts with a space, - or +, and this one does not: {said}"
        if sign == "+":
            made.append(Line("+", body, _end(old, used)))
            continue
        if used == len(old) or old[used].text != body:
            return f"this line is not in the file at this place: {body}"
        made.append(Line(cast(Sign, sign), body, old[used].end))
        used += 1
    if used < len(old):
        return f"this line of the file was left out: {old[used].text}"
    if all(line.sign == " " for line in made):
        return "nothing is changed any more; reject the hunk instead"
    return replace(hunk, lines=_with_final_newlines(made))


def _end(old: Sequence[Line], used: int) -> LineEnd:
    """The line end of the neighbouring lines of the file."""
    near = old[used - 1] if used else (old[0] if old else Line(" ", ""))
    return near.end or "\n"


def _with_final_newlines(lines: list[Line]) -> tuple[Line, ...]:
    """A line without a newline can only be the last of its side: give the earlier ones theirs."""
    last_new = max((i for i, x in enumerate(lines) if x.sign != "-"), default=-1)
    fixed = [
        replace(line, end="\n") if not line.end and line.sign == "+" and i != last_new else line
        for i, line in enumerate(lines)
    ]
    return tuple(fixed)
