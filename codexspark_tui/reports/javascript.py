"""jest 27–30 and vitest 1–4, default reporters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codexspark_tui.reports.text import cut, first_number
from codexspark_tui.reports.values import Finding, Frame, Report

_JEST_FILE = re.compile(r"^\s*(FAIL|PASS)\s+(?:\S+ )?(\S+\.[cm]?[jt]sx?)(?: \([\d.]+ m?s\))?$")
_JEST_TITLE = re.compile(r"^  ● (.+)$")
_JEST_COUNTS = re.compile(r"^Tests:\s+(\d+) failed")
_JEST_SUITES = re.compile(r"^Test Suites:\s+(\d+) failed")
_JEST_BROKEN = "Test suite failed to run"
_JEST_SYNTAX = re.compile(r"^\s+SyntaxError: (/?[^\s:][^:]*): (.+) \((\d+):\d+\)$")
_AT = re.compile(r"^\s+at (?:(.+?) \()?((?:file://)?[^\s():][^():]*\.[cm]?[jt]sx?):(\d+):\d+\)?$")
_VITEST_HEAD = re.compile(r"^\s*FAIL\s+(?:\|[^|]+\|\s+)?(\S+\.[cm]?[jt]sx?)(?: > (.+)| \[ .+ \])?$")
_VITEST_AT = re.compile(r"^\s*❯ (?:(\S+) )?((?:file://)?[^\s:]+\.[cm]?[jt]sx?):(\d+):\d+$")
_VITEST_FILE = re.compile(r"^\s+File: (?:file://)?(/?[^\s:]+\.\w+):(\d+):\d+$")
_VITEST_COUNTS = re.compile(r"^\s+Tests\s+(\d+) failed")
_VITEST_FILES = re.compile(r"^\s+Test Files\s+(\d+) failed")
_VITEST_SECTION = re.compile(r"^⎯{3,}")


def jest(lines: list[str]) -> Report | None:
    """None where neither the line of a file nor the summary of jest is there."""
    if not any(_JEST_SUITES.match(line) or _JEST_FILE.match(line) for line in lines):
        return None
    found = list(dict.fromkeys(_jest_findings(lines)))
    if not found:
        return None
    return Report("jest", tuple(found), first_number(_JEST_COUNTS, lines) or len(found))


def _jest_findings(lines: list[str]) -> Iterator[Finding]:
    file, title, body = "", "", list[str]()
    for line in [*lines, "Test Suites:"]:
        head, named = _JEST_FILE.match(line), _JEST_TITLE.match(line)
        if head or named or line.startswith(("Test Suites:", "Summary of all failing tests")):
            if title and title != "Console":
                yield _jest_finding(file, title, body)
            title, body = (named[1] if named else ""), []
        elif title:
            body.append(line)
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
    if not any(_VITEST_FILES.match(line) for line in lines):
        return None
    found = list(_vitest_findings(lines))
    if not found:
        return None
    return Report("vitest", tuple(found), first_number(_VITEST_COUNTS, lines) or len(found))


def _vitest_findings(lines: list[str]) -> Iterator[Finding]:
    heads: list[re.Match[str]] = []
    body: list[str] = []
    for line in [*lines, "⎯⎯⎯⎯"]:
        head = _VITEST_HEAD.match(line)
        if head or _VITEST_SECTION.match(line):
            if body and heads:
                yield from (_vitest_finding(one, body) for one in heads)
                heads, body = [], []
            heads = [*heads, head] if head else []
        elif heads and (line.strip() or body):
            body.append(line)


def _vitest_finding(head: re.Match[str], body: list[str]) -> Finding:
    frames = _js_frames(body, _VITEST_AT)
    broken = next((m for line in body if (m := _VITEST_FILE.match(line))), None)
    if broken:
        frames.append(Frame(broken[1], int(broken[2])))
    own = next((f for f in frames if f.path.endswith(head[1])), Frame(head[1], 0))
    place = frames[-1] if broken else own
    message = body[0].strip()
    return Finding(
        "vitest", place.path, place.line, message, tuple(frames), cut(body), head[2] or "",
        head[2] is None,
    )  # fmt: skip
