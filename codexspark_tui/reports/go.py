"""go test, go build and go vet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codexspark_tui.reports.text import cut
from codexspark_tui.reports.values import Finding, Frame, Report

_FAILED = re.compile(r"^(\s*)--- FAIL: (\S+) \([\d.]+s\)$")
_OTHER = re.compile(r"^\s*(?:--- (?:PASS|SKIP)|=== (?:RUN|PAUSE|CONT|NAME))\b")
_LOG = re.compile(r"^\s+([\w.@+-]+_test\.go|[\w./@+-]+\.go):(\d+): ?(.*)$")
_PACKAGE = re.compile(r"^FAIL\t(\S+)(?:\t[\d.]+s| \[(build|setup) failed\])$")
_BUILD_HEAD = re.compile(r"^# (\S+)(?: \[\S+\])?$")
_BUILD = re.compile(r"^(?:vet: )?((?:\.{0,2}/)?[\w./@+-]+\.go):(\d+):(?:(\d+):)? (\S.*)$")
_PANIC = re.compile(r"^(?:panic: |fatal error: )(.+)$")
_FRAME = re.compile(r"^\t(/\S+\.go):(\d+)(?: \+0x[0-9a-f]+)?$")
_GO_ROOT = re.compile(r"/go(?:-?[\d.]+)?/src/|/pkg/mod/|/libexec/src/")


def go_test(lines: list[str]) -> Report | None:
    found = [*_built(lines), *_panicked(lines), *_tested(lines)]
    if not found:
        return None
    return Report("go test", tuple(found), len(found))


def _built(lines: list[str]) -> Iterator[Finding]:
    """What the compiler or vet says: lines under "# PACKAGE"."""
    inside = False
    for line in lines:
        placed = _BUILD.match(line)
        if _BUILD_HEAD.match(line):
            inside = True
        elif inside and placed:
            path = placed[1].removeprefix("./")
            frame = Frame(path, int(placed[2]))
            yield Finding("go test", path, frame.line, placed[4], (frame,), line, "", True)
        elif inside and not line.startswith("\t") and line != "too many errors":
            inside = False


def _tested(lines: list[str]) -> Iterator[Finding]:
    """Failed tests that have something to say; a failed parent of failed subtests says nothing."""
    if not any(_PACKAGE.match(line) or line == "FAIL" for line in lines):
        return
    for number, line in enumerate(lines):
        failed = _FAILED.match(line)
        if failed:
            body = _said(lines, number, len(failed[1]), failed[2])
            logged = [found for text in body if (found := _LOG.match(text))]
            if logged:
                yield _test_finding(failed[2], logged, body)


def _said(lines: list[str], number: int, indent: int, name: str) -> list[str]:
    """The log of a test: behind its line, or with -v between its "=== RUN" and its line."""
    body: list[str] = []
    for line in lines[number + 1 :]:
        if not line.startswith(" " * (indent + 4)) or _FAILED.match(line) or _OTHER.match(line):
            break
        body.append(line)
    if body:
        return body
    marks = {f"=== RUN   {name}", f"=== CONT  {name}", f"=== NAME  {name}"}
    start = next((n for n in range(number, -1, -1) if lines[n] in marks), number)
    for line in lines[start + 1 : number]:
        if _OTHER.match(line) or _FAILED.match(line):
            break
        body.append(line)
    return body


def _test_finding(name: str, logged: list[re.Match[str]], body: list[str]) -> Finding:
    first = logged[0]
    frames = tuple(Frame(one[1], int(one[2])) for one in logged)
    message = first[3].strip() or _next_line(body, first[0])
    return Finding("go test", first[1], int(first[2]), message, frames, cut(body), name)


def _next_line(body: list[str], line: str) -> str:
    following = body[body.index(line) + 1 :]
    return next((text.strip() for text in following if text.strip()), "the test failed")


def _panicked(lines: list[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines):
        panic = _PANIC.match(line)
        if panic is None:
            continue
        body = lines[number:]
        if not any(text.startswith("goroutine ") for text in body[:12]):
            continue
        frames = [Frame(at[1], int(at[2])) for text in body if (at := _FRAME.match(text))]
        own = [frame for frame in frames if not _GO_ROOT.search(frame.path)][::-1]
        place = own[-1] if own else Frame("", 0)
        name = next((f[2] for text in lines if (f := _FAILED.match(text))), "")
        message = panic[1].removesuffix(" [recovered]")
        yield Finding("go test", place.path, place.line, message, tuple(own), cut(body), name, True)
        return
