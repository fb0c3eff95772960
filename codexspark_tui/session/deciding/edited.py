"""A hunk that the person has edited by hand, as text, checked against the hunk that it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from codexspark_tui.patch.model import Line, LineEnd, ResolvedHunk, Sign

_COMMENT = "#"


def hunk_text(hunk: ResolvedHunk) -> str:
    """The hunk's body as a person edits it: sign and text, one line each."""
    return "".join(f"{line.sign}{line.text}\n" for line in hunk.lines)


def edited_hunk(hunk: ResolvedHunk, text: str) -> ResolvedHunk | str:
    """The hunk that `text` says, or a sentence why it cannot be.

    Context and removed lines must still be the file's, in their order; a removed line may have
    become context, or a line of context a removed one. Lines that start with "#" are left out; an
    empty line is an empty context line. Line ends, and a missing final newline, stay the file's.
    """
    if not text.strip():
        return "nothing is left of the hunk; reject it instead"
    old = [line for line in hunk.lines if line.sign != "+"]
    made: list[Line] = []
    used = 0
    for said in _said_lines(text, old):
        sign, body = said[0], said[1:]
        if sign not in " -+":
            return f"a line of a hunk starts with a space, - or +, and this one does not: {said}"
        if sign == "+":
            made.append(Line("+", body, _end(old, used)))
            continue
        if used == len(old) or old[used].text != body:
            if used == len(old) and not body:
                continue  # empty lines that an editor leaves at the end
            return f"this line is not in the file at this place: {body}"
        made.append(Line(cast(Sign, sign), body, old[used].end))
        used += 1
    if used < len(old):
        return f"this line of the file was left out: {old[used].text}"
    if all(line.sign == " " for line in made):
        return "nothing is changed any more; reject the hunk instead"
    return replace(hunk, lines=_with_file_end(made, hunk))


def _said_lines(text: str, old: Sequence[Line]) -> list[str]:
    """The lines without comments and without line ends, also where an editor made them CRLF."""
    lines = text.removesuffix("\n").split("\n")
    if all(line.endswith("\r") for line in lines) and not any(x.text.endswith("\r") for x in old):
        lines = [line.removesuffix("\r") for line in lines]
    return [line or " " for line in lines if not line.startswith(_COMMENT)]


def _end(old: Sequence[Line], used: int) -> LineEnd:
    """The line end of the nearest old line that has one."""
    for line in [*old[:used][::-1], *old[used:]]:
        if line.end:
            return line.end
    return "\n"


def _with_file_end(lines: list[Line], hunk: ResolvedHunk) -> tuple[Line, ...]:
    """Only the last line of a side can lack its newline, and the new side's does if it did."""
    last_new = max((i for i, line in enumerate(lines) if line.sign != "-"), default=-1)
    new_side = [line for line in hunk.lines if line.sign != "-"]
    lacks_newline = bool(new_side) and not new_side[-1].end
    made: list[Line] = []
    for index, line in enumerate(lines):
        if line.sign == "+" and index == last_new and lacks_newline:
            made.append(replace(line, end=""))
        elif line.sign == " " and not line.end and index != last_new:
            end = _end([x for x in lines if x.sign != "+"], index)
            made += [replace(line, sign="-"), replace(line, sign="+", end=end)]
        else:
            made.append(line)
    return tuple(made)
