"""ruff (full and concise, check and format), mypy, eslint (stylish and unix)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from codexspark_tui.reports.text import cut, first_number
from codexspark_tui.reports.values import Finding, Frame, Report

_CODE = r"[A-Z]{1,5}\d{1,4}|invalid-syntax"
_RUFF_HEAD = re.compile(rf"^({_CODE})(?: \[[*-]\]|:)? ?(\S.*)$")
_RUFF_ARROW = re.compile(r"^\s*--> (\S[^:\n]*\.\w+):(?:cell \d+:)?(\d+):\d+$")
_RUFF_LINE = re.compile(
    rf"^(\S[^:\n]*\.\w+):(?:cell \d+:)?(\d+):\d+: ({_CODE}):? (?:\[[*-]\] )?(\S.*)$"
)
_RUFF_FOUND = re.compile(r"^Found (\d+) errors?(?: \(.+\))?\.$")
_RUFF_FORMAT = re.compile(r"^Would reformat: (\S.*)$")
_RUFF_UNFORMATTED = "unformatted: File would be reformatted"
_RUFF_FORMATTED = re.compile(r"^(\d+) files? would be reformatted")


def ruff(lines: list[str]) -> Report | None:
    if any(_RUFF_FORMATTED.match(line) for line in lines):
        found = list(_ruff_unformatted(lines))
        return Report("ruff", tuple(found), len(found)) if found else None
    if not any(_RUFF_FOUND.match(line) for line in lines):
        return None
    found = list(_ruff_findings(lines))
    return Report("ruff", tuple(found), first_number(_RUFF_FOUND, lines)) if found else None


def _ruff_unformatted(lines: list[str]) -> Iterator[Finding]:
    for line, following in pairwise([*lines, ""]):
        arrow = _RUFF_ARROW.match(following) if line == _RUFF_UNFORMATTED else None
        if arrow:
            frame = Frame(arrow[1], int(arrow[2]))
            yield Finding("ruff", frame.path, frame.line, line, (frame,), line, "format")
        elif named := _RUFF_FORMAT.match(line):
            yield Finding("ruff", named[1], 0, line, (), line, "format")


def _ruff_findings(lines: list[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines):
        if placed := _RUFF_LINE.match(line):
            yield _ruff_finding(placed[1], int(placed[2]), placed[4], placed[3], [line])
            continue
        head = _RUFF_HEAD.match(line)
        arrow = _RUFF_ARROW.match(lines[number + 1]) if head and number + 1 < len(lines) else None
        if head and arrow:
            body = _ruff_block(lines, number)
            yield _ruff_finding(arrow[1], int(arrow[2]), head[2], head[1], body)


def _ruff_block(lines: list[str], number: int) -> list[str]:
    """To the empty line behind it, or to the arrow of the next one, which no line begins with."""
    for end in range(number + 2, len(lines)):
        if not lines[end].strip():
            return lines[number:end]
        if _RUFF_ARROW.match(lines[end]):
            return lines[number : end - 1]
    return lines[number:]


def _ruff_finding(path: str, line: int, message: str, rule: str, body: list[str]) -> Finding:
    syntax = rule in ("invalid-syntax", "E999")
    return Finding("ruff", path, line, message, (Frame(path, line),), cut(body), rule, syntax)


_MYPY = re.compile(
    r"^(\S[^:\n]*\.(?:pyi?|ipynb)):(\d+):(?:\d+:)?(?:\d+:\d+:)? error: (.+?)"
    r"(?:  \[([a-z][a-z0-9-]*)\])?$"
)
_MYPY_FOUND = re.compile(
    r"^Found (\d+) errors? in \d+ files? \((?:checked \d+ source files?|errors prevented .+)\)$"
)
_MYPY_ALONE = re.compile(
    r"^(?:mypy: )?(\S[^:\n]*\.pyi?): error: (.+?)(?:  \[([a-z][a-z0-9-]*)\])?$"
)


def mypy(lines: list[str]) -> Report | None:
    count = first_number(_MYPY_FOUND, lines)
    if count is None:
        return None
    prevented = any("errors prevented further checking" in line for line in lines)
    found = []
    for number, line in enumerate(lines):
        if placed := _MYPY.match(line):
            frame = Frame(placed[1], int(placed[2]))
            detail = cut([line, *_notes(lines, number + 1, frame)])
            rule = placed[4] or ""
            found.append(
                Finding(
                    "mypy", frame.path, frame.line, placed[3].rstrip(), (frame,), detail, rule,
                    prevented or rule == "syntax",
                )
            )  # fmt: skip
        elif alone := _MYPY_ALONE.match(line):
            rule = alone[3] or ""
            found.append(Finding("mypy", alone[1], 0, alone[2], (), line, rule, prevented))
    return Report("mypy", tuple(found), count) if found else None


def _notes(lines: list[str], start: int, place: Frame) -> list[str]:
    """The notes of the same line, and the source with carets of --pretty."""
    body: list[str] = []
    for line in lines[start : start + 12]:
        if not (line.startswith((f"{place.path}:{place.line}: note:", "    "))):
            break
        body.append(line)
    return body


_ESLINT_ROW = re.compile(r"^\s+(\d+):(\d+)\s+(error|warning)\s+(\S.*?)(?:\s{2,}(\S+))?$")
_ESLINT_UNIX = re.compile(r"^(\S[^:\n]*\.\w+):(\d+):\d+: (.+) \[(Error|Warning)(?:/(\S+))?\]$")
_ESLINT_FOUND = re.compile(r"^[✖x] \d+ problems? \((\d+) errors?, \d+ warnings?\)$")
_ESLINT_UNIX_FOUND = re.compile(r"^(\d+) problems?$")
_ESLINT_FILE = re.compile(r"^(?:/|[A-Za-z]:[\\/]|\.{0,2}[\w@+-])[^\s:]*.*\.\w+$")


def eslint(lines: list[str]) -> Report | None:
    """Errors; warnings only where there are no errors (--max-warnings)."""
    stylish = any(_ESLINT_FOUND.match(line) for line in lines)
    unix = any(_ESLINT_UNIX_FOUND.match(line) for line in lines)
    every = list(_stylish(lines)) if stylish else list(_unix(lines)) if unix else []
    if not every:
        return None
    errors = [finding for severity, finding in every if severity == "error"]
    found = errors or [finding for _, finding in every]
    return Report("eslint", tuple(found), len(found))


def _stylish(lines: list[str]) -> Iterator[tuple[str, Finding]]:
    path = ""
    for line in lines:
        row = _ESLINT_ROW.match(line)
        if row and path:
            yield row[3], _eslint_finding(path, int(row[1]), row[4], row[5] or "", line)
        elif not line.strip() or not _ESLINT_FILE.match(line):
            path = ""
        else:
            path = line


def _unix(lines: list[str]) -> Iterator[tuple[str, Finding]]:
    for line in lines:
        if row := _ESLINT_UNIX.match(line):
            found = _eslint_finding(row[1], int(row[2]), row[3], row[5] or "", line)
            yield row[4].lower(), found


def _eslint_finding(path: str, line: int, message: str, rule: str, text: str) -> Finding:
    broken = message.startswith("Parsing error")
    frame = Frame(path, line)
    return Finding("eslint", path, line, message, (frame,), text.strip(), rule, broken)
