"""dotnet build and dotnet test (MSBuild's messages, VSTest's console logger)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codexspark_tui.reports.text import cut, first_number
from codexspark_tui.reports.values import Finding, Frame, Report

_BUILD = re.compile(
    r"^\s*([^\s(][^(\n]*?\.\w+)\((\d+)(?:,\d+){0,3}\): error ([A-Z]{2,8}\d{2,5}): (.+?)"
    r"(?: \[[^\]]+proj\])?$"
)
_PROJECT = re.compile(
    r"^\s*([^\s:][^:\n]*\.\w*proj|MSBUILD|CSC)\s*: error ([A-Z]{2,8}\d{2,5}): (.+?)"
    r"(?: \[[^\]]+\])?$"
)
_FAILED = re.compile(r"^\s+(?:Failed|X) (\S.*?) \[(?:<? ?[\d.,]+ m?s|[\d.]+ m [\d.]+ s)\]$")
_PASSED = re.compile(r"^\s+(?:Passed|Skipped) \S")
_AT = re.compile(r"^\s+at (.+?) in (\S.*?):line (\d+)$")
_COUNTS = re.compile(r"^(?:Failed!  - Failed:\s+(\d+),|\s+Failed: (\d+)$)")


def dotnet(lines: list[str]) -> Report | None:
    built = list(dict.fromkeys(_built(lines)))
    if built:
        return Report("dotnet", tuple(built), len(built))
    tested = list(_tested(lines))
    if tested:
        return Report("dotnet", tuple(tested), first_number(_COUNTS, lines) or len(tested))
    return None


def _built(lines: list[str]) -> Iterator[Finding]:
    for line in lines:
        if (placed := _BUILD.match(line)) and not placed[3].startswith("TS"):
            frame = Frame(placed[1], int(placed[2]))
            yield Finding(
                "dotnet", frame.path, frame.line, placed[4], (frame,), line.strip(), placed[3], True
            )
        elif named := _PROJECT.match(line):
            path = named[1] if named[1].endswith("proj") else ""
            yield Finding("dotnet", path, 0, named[3], (), line.strip(), named[2], True)


def _tested(lines: list[str]) -> Iterator[Finding]:
    name, body = "", list[str]()
    for line in [*lines, "Failed!"]:
        head = _FAILED.match(line)
        ends = head or _PASSED.match(line) or (line and not line[0].isspace())
        if ends:
            if name and any(text.strip() == "Error Message:" for text in body):
                yield _test_finding(name, body)
            name, body = (head[1] if head else ""), []
        elif name:
            body.append(line)


def _test_finding(name: str, body: list[str]) -> Finding:
    frames = tuple(Frame(at[2], int(at[3]), at[1]) for line in body if (at := _AT.match(line)))[
        ::-1
    ]
    said = next(n for n, line in enumerate(body) if line.strip() == "Error Message:")
    message = next((line.strip() for line in body[said + 1 :] if line.strip()), "the test failed")
    place = frames[-1] if frames else Frame("", 0)
    return Finding("dotnet", place.path, place.line, message, frames, cut(body), name)
