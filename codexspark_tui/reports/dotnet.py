"""dotnet build, test and run (MSBuild's messages, VSTest's console logger)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import dropwhile
from pathlib import PurePath

from codexspark_tui.reports.text import cut, first_number
from codexspark_tui.reports.values import Finding, Frame, Report

_BUILD = re.compile(
    r"^\s*([^\s(][^(\n]*?\.\w+)\((\d+)(?:,\d+){0,3}\): error ([A-Z]{2,8}\d{2,5}): (.+?)"
    r"(?: \[([^\]]+proj)(?:::[^\]]+)?\])?$"
)
_NO_CODE = re.compile(
    r"^\s*([^\s(][^(\n]*?\.\w+)\((\d+)(?:,\d+){0,3}\): error ():\s+(.+?)"
    r" \[([^\]]+proj)(?:::[^\]]+)?\]$"
)
# before a line of a build in parts: the time where it was asked for, and the number of the part
_NODE = re.compile(r"^\s*(?:\d\d:\d\d:\d\d\.\d+\s+)?\d+(?::\d+)?>")
_PROJECT = re.compile(
    r"^\s*([^\s:][^:\n]*\.\w*proj|MSBUILD|CSC)\s*: error ([A-Z]{2,8}\d{2,5}): (.+?)"
    r"(?: \[[^\]]+\])?$"
)
_TOOK = r"\[(?:< ?)?\d[\d.,]* ?(?:ms|s|m|h)(?: \d+ ?(?:ms|s|m))*\]"
_FAILED = re.compile(rf"^\s+(?:Failed|X) (\S.*?) {_TOOK}$")
_OTHER = re.compile(rf"^\s+(?:Passed|Skipped|[√✓!]) \S.*?(?: {_TOOK})?$")
_ENDS = re.compile(
    r"^(?:Failed!|Passed!|Skipped!|Test Run |Total tests:|Test run for |Results File:)"
)
_SECTION = re.compile(r"^ {1,4}[A-Z][A-Za-z -]+:$")
_AT = re.compile(r"^\s+at (.+?) in (\S.*?):line (\d+)$")
_UNHANDLED = re.compile(r"^Unhandled exception\. ([\w.+`]+: .+|[\w.+`]+)$")
_COUNTS = re.compile(r"^(?:Failed!  - Failed:\s+(\d+),|\s+Failed: (\d+)$)")


def dotnet(lines: list[str]) -> Report | None:
    built = list(dict.fromkeys(_built(lines)))
    if built:
        return Report("dotnet", tuple(built), len(built))
    tested = list(_tested(lines))
    if tested:
        return Report("dotnet", tuple(tested), first_number(_COUNTS, lines) or len(tested))
    crashed = list(_crashed(lines))
    return Report("dotnet", tuple(crashed), len(crashed)) if crashed else None


def _built(lines: list[str]) -> Iterator[Finding]:
    for text in lines:
        line = _NODE.sub("", text)
        placed = _BUILD.match(line) or _NO_CODE.match(line)
        if placed and not placed[3].startswith("TS"):
            frame = Frame(_from_project(placed[1], placed[5] or ""), int(placed[2]))
            yield Finding(
                "dotnet", frame.path, frame.line, placed[4], (frame,), line.strip(), placed[3], True
            )
        elif named := _PROJECT.match(line):
            path = named[1] if named[1].endswith("proj") else ""
            yield Finding("dotnet", path, 0, named[3], (), line.strip(), named[2], True)


def _from_project(path: str, project: str) -> str:
    """Some versions name a file from the folder of its project, which they name in full."""
    return path if re.match(r"/|[A-Za-z]:[\\/]", path) else str(PurePath(project).parent / path)


def _tested(lines: list[str]) -> Iterator[Finding]:
    """A message may have any lines; what follows it ends where nothing is indented any more."""
    name, body, told = "", list[str](), False
    for line in [*lines, "Failed!"]:
        head = _FAILED.match(line)
        left = told and line and not line[0].isspace()
        if head or left or _OTHER.match(line) or _ENDS.match(line):
            if name and any(text.strip() == "Error Message:" for text in body):
                yield _test_finding(name, body)
            name, body, told = (head[1] if head else ""), [], False
        elif name:
            body.append(line)
            told = told or line.strip() == "Stack Trace:"


def _test_finding(name: str, body: list[str]) -> Finding:
    said = next(n for n, line in enumerate(body) if line.strip() == "Error Message:")
    frames = _frames(dropwhile(lambda line: line.strip() != "Stack Trace:", body)) or _frames(body)
    message = next((line.strip() for line in body[said + 1 :] if line.strip()), "")
    if not message or _SECTION.match(body[said + 1]):
        message = "the test failed"
    place = frames[0] if frames else Frame("", 0)
    return Finding("dotnet", place.path, place.line, message, frames[::-1], cut(body), name)


def _frames(lines: Iterable[str]) -> tuple[Frame, ...]:
    """The innermost first."""
    return tuple(Frame(at[2], int(at[3]), at[1]) for line in lines if (at := _AT.match(line)))


def _crashed(lines: list[str]) -> Iterator[Finding]:
    """An exception that nobody caught, as a program of `dotnet run` prints it."""
    for number, line in enumerate(lines):
        said = _UNHANDLED.match(line)
        body = _block(lines, number) if said else []
        frames = _frames(body)
        if said and any(text.startswith("   at ") for text in body):
            place = frames[0] if frames else Frame("", 0)
            yield Finding(
                "dotnet", place.path, place.line, said[1], frames[::-1], cut(body), "", True
            )


def _block(lines: list[str], number: int) -> list[str]:
    """To the empty line behind it, or to where another exception is told."""
    for end in range(number + 1, len(lines)):
        if not lines[end].strip() or _UNHANDLED.match(lines[end]):
            return lines[number:end]
    return lines[number:]
