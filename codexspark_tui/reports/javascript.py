"""jest 27–30 and vitest 1–4, default reporters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codexspark_tui.reports.text import cut, first_number
from codexspark_tui.reports.values import Finding, Frame, Report

_NAME = r"\S+(?: \S+){0,3}"  # of a project
_JEST_FILE = re.compile(
    rf"^\s*(FAIL|PASS)\s+(?:{_NAME}\s+)?(\S+\.[cm]?[jt]sx?)(?: \([\d.]+ m?s\))?$"
)
_JEST_TITLE = re.compile(r"^  ● (.+)$")
_JEST_COUNTS = re.compile(r"^Tests:\s+(\d+) failed")
_JEST_SUITES = re.compile(r"^Test Suites:\s+(\d+) failed")
_JEST_AGAIN = "Summary of all failing tests"
_JEST_ENDS = ("Test Suites:", _JEST_AGAIN)
_JEST_BROKEN = "Test suite failed to run"
_JEST_SYNTAX = re.compile(r"^\s+SyntaxError: (/?[^\s:][^:]*): (.+) \((\d+):\d+\)$")
_AT = re.compile(r"^\s+at (?:(.+?) \()?((?:file://)?[^\s():][^():]*\.[cm]?[jt]sx?):(\d+):\d+\)?$")
_VITEST_HEAD = re.compile(
    rf"^\s*FAIL\s+(?:\|[^|]+\|\s+|{_NAME}  )?(\S+\.[cm]?[jt]sx?)(?: > (.+)| \[ .+ \])?$"
)
_VITEST_AT = re.compile(r"^\s*❯ (?:(\S+) )?((?:file://)?[^\s:]+\.[cm]?[jt]sx?):(\d+):\d+$")
_VITEST_FILE = re.compile(r"^\s+File: (?:file://)?(/?[^\s:]+\.\w+):(\d+):\d+$")
_VITEST_COUNTS = re.compile(r"^\s+Tests\s+(\d+) failed")
_VITEST_FILES = re.compile(r"^\s+Test Files\s+(\d+) failed")
_VITEST_ERRORS = re.compile(r"^\s+Errors\s+(\d+) errors?$")
_VITEST_LOOSE = re.compile(r"^⎯+ (?:Unhandled Rejection|Uncaught Exception|Unhandled Error) ⎯+$")
_VITEST_ORIGIN = re.compile(r'^This error originated in "(.+)" test file\.')
_VITEST_LATEST = re.compile(r'^The latest test that might\'ve caused the error is "(.+)"\. It ')
_NEAREST = 100  # frames of what is told of many tests at once: the innermost
_VITEST_SECTION = re.compile(r"^⎯{3,}")


def jest(lines: list[str]) -> Report | None:
    """None where neither the line of a file nor the summary of jest is there."""
    if not any(_JEST_SUITES.match(line) or _JEST_FILE.match(line) for line in lines):
        return None
    found = list(_jest_findings(lines))
    if not found:
        return None
    return Report("jest", tuple(found), first_number(_JEST_COUNTS, lines) or len(found))


def _jest_findings(lines: list[str]) -> Iterator[Finding]:
    """Each once: after many suites jest prints all that failed a second time."""
    seen = set[tuple[str, int, str, str]]()
    for file, title, body, again in _jest_parts(lines):
        one = _jest_finding(file, title, body)
        key = (one.path, one.line, one.rule, one.message)
        if not (again and key in seen):
            yield one
        seen.add(key)


def _jest_parts(lines: list[str]) -> Iterator[tuple[str, str, list[str], bool]]:
    """(file, title, what is said of it, whether that is a summary) of all that failed."""
    file, title, body, again = "", "", list[str](), False
    for line in [*lines, "Test Suites:"]:
        head, named = _JEST_FILE.match(line), _JEST_TITLE.match(line)
        left = bool(body and not body[-1] and line[:2].strip())
        if head or named or left or line.startswith(_JEST_ENDS):
            if title and title != "Console":
                yield file, title, body, again
            title, body = (named[1] if named else ""), []
            again = again or line == _JEST_AGAIN
        elif title:
            body.append(line.rstrip())
        if head:
            file = head[2].removeprefix("./") if head[1] == "FAIL" else ""
        if named and not file:
            title = ""


def _jest_finding(file: str, title: str, body: list[str]) -> Finding:
    frames = _js_frames(body, _AT)
    message = next((line.strip() for line in body if line.strip()), title)
    own = next((f for f in frames if f.path.endswith(file)), frames[-1] if frames else None)
    place = own or Frame(file, 0)
    blocks = title == _JEST_BROKEN
    syntax = next((m for line in body if (m := _JEST_SYNTAX.match(line))), None)
    if blocks and syntax:
        place, message = Frame(syntax[1], int(syntax[3])), f"SyntaxError: {syntax[2]}"
        frames = [place]
    return Finding("jest", place.path, place.line, message, tuple(frames), cut(body), title, blocks)


def _js_frames(body: list[str], pattern: re.Pattern[str]) -> list[Frame]:
    """The frames outside of packages, the innermost last."""
    found = [
        Frame(at[2].removeprefix("file://"), int(at[3]), at[1] or "")
        for line in body
        if (at := pattern.match(line)) and "node_modules/" not in line
    ]
    return found[::-1]


def vitest(lines: list[str]) -> Report | None:
    if not any(_VITEST_FILES.match(line) or _VITEST_ERRORS.match(line) for line in lines):
        return None
    found = list(_vitest_findings(lines))
    if not found:
        return None
    counted = (first_number(form, lines) or 0 for form in (_VITEST_COUNTS, _VITEST_ERRORS))
    return Report("vitest", tuple(found), sum(counted) or len(found))


def _vitest_findings(lines: list[str]) -> Iterator[Finding]:
    heads: list[re.Match[str]] = []
    body: list[str] = []
    loose = False
    for line in [*lines, "⎯⎯⎯⎯"]:
        head = _VITEST_HEAD.match(line)
        if head or _VITEST_SECTION.match(line):
            if body and heads:
                yield from _vitest_told(heads, body)
            elif body:
                yield _vitest_loose(body)
            heads = [*([] if body else heads), head] if head else []
            body = []
            loose = bool(_VITEST_LOOSE.match(line))
        elif (heads or loose) and (line.strip() or body):
            body.append(line)


def _vitest_loose(body: list[str]) -> Finding:
    """What no test waited for: the test that ran then is the only trace of it."""
    frames = _js_frames(body, _VITEST_AT)
    file = next((m[1] for line in body if (m := _VITEST_ORIGIN.match(line))), "")
    name = next((m[1] for line in body if (m := _VITEST_LATEST.match(line))), "")
    own = [frame for frame in frames if file and frame.path.endswith(file)]
    place = [*own, *frames[-1:], Frame(file, 0)][0]
    return Finding(
        "vitest", place.path, place.line, body[0].strip(), tuple(frames), cut(body), name
    )


def _vitest_told(heads: list[re.Match[str]], body: list[str]) -> Iterator[Finding]:
    """What is told once of all that failed alike, with the place in one of their files."""
    frames = tuple(_js_frames(body, _VITEST_AT))
    broken = next((m for line in body if (m := _VITEST_FILE.match(line))), None)
    ends = {one[1] for one in heads if broken and broken[1].endswith(one[1])}
    there = (Frame(broken[1], int(broken[2])),) if broken else ()
    message, detail = body[0].strip(), cut(body)
    for head in heads:
        file = head[1]
        near = there if ends <= {file} else ()
        way = (*frames[-_NEAREST:], *near) if len(heads) > 1 else (*frames, *near)
        own = next((f for f in way if f.path.endswith(file)), Frame(file, 0))
        place = near[0] if near else own
        yield Finding(
            "vitest", place.path, place.line, message, way, detail, head[2] or "", head[2] is None
        )
