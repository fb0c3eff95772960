"""go test, go build and go vet."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import takewhile

from codexspark_tui.reports.text import cut
from codexspark_tui.reports.values import Finding, Frame, Report

_FAILED = re.compile(r"^(\s*)--- FAIL: (\S+) \([\d.]+s\)$")
_MARK = re.compile(r"^=== (RUN|PAUSE|CONT|NAME)\s+(\S+)$")
_DONE = re.compile(r"^\s*--- (?:PASS|SKIP|BENCH): (\S+)")
_LOG = re.compile(r"^\s+([\w.@+-]+_test\.go|[\w./@+-]+\.go):(\d+): ?(.*)$")
_PACKAGE = re.compile(r"^(?:FAIL|ok  |\?   )\t(\S+)(?:\t.*| \[(?:build|setup) failed\])?$")
_PACKAGE_FAILED = re.compile(r"^FAIL\t(\S+)(?:\t[\d.]+s| \[(?:build|setup) failed\])$")
_RAN = re.compile(r"^FAIL\t(\S+)\t[\d.]+s$")
_TESTIFY = re.compile(r"^\s+Error:\s+(\S.*)$")
_TESTIFY_NEXT = re.compile(r"^\s+(?:Test|Messages):\s")
_EXIT = re.compile(r"^(?:FAIL|PASS|exit status \d+|signal: .+)$|^coverage: ")
_PANIC = re.compile(r"^(?:panic: |fatal error: )(.+)$")
_FRAME = re.compile(r"^\t(/\S+\.go):(\d+)(?: \+0x[0-9a-f]+)?$")
_GO_ROOT = re.compile(r"/go(?:-?[\d.]+)?/src/|/pkg/mod/|/libexec/src/")


def go_test(lines: list[str]) -> Report | None:
    unbuilt = {one.detail.partition("\n")[0]: one for one in (*_built(lines), *_not_loaded(lines))}
    found = (*unbuilt.values(), *_ran(lines))
    return Report("go test", found, len(found)) if found else None


# -- what is not built -----------------------------------------------------------------------------

_BUILD_HEAD = re.compile(r"^# (?:\S+|\[\S+\])(?: \[\S+\])?$")
_BUILD = re.compile(
    r"^(?:vet: )?([^\s:][^:]*\.(?:go|s|c|h|cc|cpp)):(\d+):(?:\d+:)? "
    r"(?!(?:warning|note): |too many errors$)(\S.*)$"
)
_LINK = re.compile(
    r"^\S+: (relocation target \S+ not defined.*|function main is undeclared in .+)$"
)
_RESULT = re.compile(r"^(?:FAIL|ok  |\?   )\t|^(?:--- |=== |FAIL$|PASS$)")
_LOAD = re.compile(
    r"^(\t?)([^\s:][^:]*\.go):(\d+):\d+: ("
    r"(?:no required module provides|missing go\.sum entry|use of (?:internal|vendored) package"
    r"|package \S+ is not in|cannot find (?:module|package)|ambiguous import: found package"
    r"|module \S+ provides package|import \"[^\"]+\" is a program|malformed import path"
    r"|code in directory \S+ expects import|expected |missing |illegal |invalid |comment not "
    r"|(?:raw )?(?:string|rune) literal not |escape sequence |newline in |imports must appear"
    r"|import path |relative import |local import |unknown escape|pattern ).*)$"
)
_CYCLE = re.compile(r"^\timports (\S+): (import cycle not allowed.*)$")
_TWO_NAMES = re.compile(r"^found packages \S+ \((\S+\.go)\) and \S+ \(\S+\.go\) in (\S.*)$")
_MODULE = re.compile(r"^(\S[^:]*go\.(?:mod|work)):(\d+): (\S.*)$")


def _built(lines: list[str]) -> Iterator[Finding]:
    """What compiler, linker or vet say: lines under "# PACKAGE"."""
    inside = False
    for number, line in enumerate(lines):
        if _BUILD_HEAD.match(line):
            inside = True
        elif _RESULT.match(line):
            inside = False
        elif inside and (placed := _BUILD.match(line)):
            more = takewhile(lambda text: text.startswith("\t"), lines[number + 1 : number + 20])
            yield _blocking(placed[1], int(placed[2]), placed[3], [line, *more])
        elif inside and (told := _LINK.match(line)):
            yield _blocking("", 0, told[1], [line])


def _not_loaded(lines: list[str]) -> Iterator[Finding]:
    """What `go` says before it calls the compiler; of an import or a syntax error without a head,
    so that only its own words tell it from what other tools say."""
    head = -1
    for number, line in enumerate(lines):
        if line.startswith("package "):
            head = number
        if placed := _LOAD.match(line):
            if not placed[1] or lines[number - 1].startswith(("package ", "\timports ")):
                more = takewhile(
                    lambda text: text.startswith("\tgo get "), lines[number + 1 : number + 2]
                )
                yield _blocking(placed[2], int(placed[3]), placed[4], [line, *more])
        elif cycle := _CYCLE.match(line):
            if head >= 0:
                yield _blocking("", 0, f"{cycle[2]}: {cycle[1]}", lines[head : number + 1])
            head = -1  # a cycle is told under a package of its own
        elif named := _TWO_NAMES.match(line):
            yield _blocking(f"{named[2]}/{named[1]}", 0, line, [line])
        elif lines[number - 1] == "go: errors parsing go.mod:" and (told := _MODULE.match(line)):
            yield _blocking(told[1], int(told[2]), told[3], [line])


def _blocking(path: str, line: int, message: str, body: list[str]) -> Finding:
    path = path.removeprefix("./")
    frames = (Frame(path, line),) if path else ()
    return Finding("go test", path, line, message, frames, cut(body), "", True)


# -- what is tested --------------------------------------------------------------------------------


def _ran(lines: list[str]) -> Iterator[Finding]:
    """Of each package what panicked and which tests failed; a package that says neither, by its
    last line. Outside of any package (a program that was run): panics only."""
    start = 0
    for number, line in enumerate(lines):
        if _PACKAGE.match(line):
            if _PACKAGE_FAILED.match(line):
                yield from _package(lines[start:number], line)
            start = number + 1
    rest = lines[start:]
    if any(line == "FAIL" for line in rest):
        yield from _package(rest, "")
    else:
        yield from _panicked(rest)


def _package(lines: list[str], end: str) -> Iterator[Finding]:
    panics = list(_panicked(lines))
    failed = list(_tested(lines, {one.rule for one in panics}))
    yield from (*panics, *failed)
    ran = _RAN.match(end)
    if ran and not panics and not failed:
        said = [line for line in lines if line.strip() and not _EXIT.match(line)]
        message = said[-1].strip() if said else "the tests of the package did not end well"
        yield Finding("go test", "", 0, message, (), cut([*lines, end]), ran[1])


def _tested(lines: list[str], known: set[str]) -> Iterator[Finding]:
    """Failed tests; neither those that are known nor a parent of failed ones that says nothing."""
    failed = [found[2] for line in lines if (found := _FAILED.match(line))]
    said = _said(lines)
    names = sorted({*failed, *known})
    for name in dict.fromkeys(failed):
        body = said.get(name, [])
        logged = [found for text in body if (found := _LOG.match(text))]
        below = bisect_left(names, f"{name}/")
        above = below < len(names) and names[below].startswith(f"{name}/")
        if name not in known and (logged or not above):
            yield _test_finding(name, logged, body)


def _said(lines: list[str]) -> dict[str, list[str]]:
    """What each test says: behind its end, or with -v behind the marks that name it."""
    said: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if mark := _MARK.match(line):
            name = "" if mark[1] == "PAUSE" else mark[2]
        elif end := _FAILED.match(line):
            name = end[2]
        elif done := _DONE.match(line):
            name = done[1]
        elif _EXIT.match(line):
            name = ""
        elif name:
            said.setdefault(name, []).append(line)
    return said


def _test_finding(name: str, logged: list[re.Match[str]], body: list[str]) -> Finding:
    if not logged:
        own = [line for line in body if line in ("got:", "want:")] == ["got:", "want:"]
        message = "the example prints something else" if own else "the test failed"
        return Finding("go test", "", 0, message, (), cut(body), name)
    first = logged[0]
    frames = tuple(Frame(one[1], int(one[2])) for one in logged)
    message = first[3].strip() or _next_line(body, first[0])
    return Finding("go test", first[1], int(first[2]), message, frames, cut(body), name)


def _next_line(body: list[str], line: str) -> str:
    """What stands below a place alone; of testify's table the error, not the place once more."""
    following = body[body.index(line) + 1 :]
    for number, text in enumerate(following[:20]):
        if error := _TESTIFY.match(text):
            rest = takewhile(lambda one: not _TESTIFY_NEXT.match(one), following[number + 1 :])
            more = [one.strip() for one in rest][:2]
            told = " ".join(more) if error[1].rstrip().endswith(":") else ""
            return f"{error[1].rstrip()} {told}".strip()
    return next((text.strip() for text in following if text.strip()), "the test failed")


def _panicked(lines: list[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines):
        panic = _PANIC.match(line)
        if panic is None:
            continue
        if not any(text.startswith("goroutine ") for text in lines[number : number + 12]):
            continue
        body = lines[number:]
        frames = [Frame(at[1], int(at[2])) for text in body if (at := _FRAME.match(text))]
        own = [frame for frame in frames if not _GO_ROOT.search(frame.path)][::-1]
        place = own[-1] if own else Frame("", 0)
        before = [f[2] for text in lines[:number] if (f := _FAILED.match(text))]
        name = before[-1] if before else ""
        message = panic[1].removesuffix(" [recovered]")
        yield Finding("go test", place.path, place.line, message, tuple(own), cut(body), name, True)
        return
