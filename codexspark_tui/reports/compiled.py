"""tsc, gcc and clang (with their linkers), javac (alone, under Maven and Gradle)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codexspark_tui.reports.text import cut, first_number
from codexspark_tui.reports.values import Finding, Frame, Report

_TSC = re.compile(
    r"^([^\s(][^(\n]*\.[cm]?[jt]sx?|[^\s(]+\.json)\((\d+),\d+\): error (TS\d+): (.+)$"
)
_TSC_PRETTY = re.compile(r"^(\S[^:\n]*\.(?:[cm]?[jt]sx?|json)):(\d+):\d+ - error (TS\d+): (.+)$")
_TSC_GLOBAL = re.compile(r"^error (TS\d+): (.+)$")


def tsc(lines: list[str]) -> Report | None:
    found = []
    for number, line in enumerate(lines):
        placed = _TSC.match(line) or _TSC_PRETTY.match(line)
        if placed:
            frame = Frame(placed[1], int(placed[2]))
            detail = cut([line, *_indented(lines, number + 1)])
            syntax = placed[3].startswith("TS1") and len(placed[3]) == 6
            found.append(
                Finding(
                    "tsc", frame.path, frame.line, placed[4], (frame,), detail, placed[3], syntax
                )
            )
        elif told := _TSC_GLOBAL.match(line):
            found.append(Finding("tsc", "", 0, told[2], (), line, told[1], True))
    return Report("tsc", tuple(found), len(found)) if found else None


def _indented(lines: list[str], start: int, most: int = 20) -> list[str]:
    body: list[str] = []
    for line in lines[start : start + most]:
        if not line.startswith((" ", "\t")):
            break
        body.append(line)
    return body


# -- gcc and clang ---------------------------------------------------------------------------------

_C = r"\.(?:c|cc|cpp|cxx|c\+\+|C|h|hh|hpp|hxx|h\+\+|inl|ipp|tcc|m|mm|S|s|cu|cuh|f|f90|f95|d|adb)"
_OF_CPP = r"/c\+\+/(?:[\w.-]+/)*[a-z_]+"  # <variant>, <tuple>: headers without an ending
_GCC = re.compile(rf"^([^\s:][^:\n]*(?:{_C}|{_OF_CPP})):(\d+):(?:\d+:)? (fatal error|error): (.+)$")
_LINK = re.compile(
    rf"^(?:\S*ld(?:\.\w+)?: )?(?:\S+\.o: in function `[^']+': ?)?"
    rf"(?:([^\s:]+{_C}):)?(?:(\d+): |\([^)]+\): )"
    r"(undefined reference to .+|multiple definition of .+)$"
)
_LINK_FAILED = re.compile(
    r"^collect2: error: ld returned \d+ exit status$"
    r"|^clang(?:\+\+)?(?:-\d+)?: error: linker command"
)
_UNDEFINED = re.compile(
    r"^(?:\S*ld(?:\.\w+)?: )(?:\S+: )?(undefined reference to .+|cannot find .+)$"
)
_INCLUDED = re.compile(rf"^(?:In file included from|\s+from) ([^\s:]+(?:{_C}|{_OF_CPP})):(\d+)[:,]")


def gcc(lines: list[str]) -> Report | None:
    found = [*_compiled(lines), *_linked(lines)]
    return Report("gcc", tuple(found), len(found)) if found else None


def _compiled(lines: list[str]) -> Iterator[Finding]:
    included: list[Frame] = []
    for number, line in enumerate(lines):
        if inside := _INCLUDED.match(line):
            included.append(Frame(inside[1], int(inside[2])))
            continue
        placed = _GCC.match(line)
        if placed:
            frame = Frame(placed[1], int(placed[2]))
            detail = cut([line, *_indented(lines, number + 1)])
            yield Finding(
                "gcc", frame.path, frame.line, placed[4], (*reversed(included), frame), detail,
                _flag(placed[4]), placed[3] == "fatal error",
            )  # fmt: skip
        if not line.startswith(" "):
            included = []


def _flag(message: str) -> str:
    found = re.search(r"\[(?:-Werror,)?(-W[\w=+-]+)\]$", message)
    return found[1] if found else ""


def _linked(lines: list[str]) -> Iterator[Finding]:
    if not any(_LINK_FAILED.match(line) for line in lines):
        return
    for line in lines:
        if placed := _LINK.match(line):
            path, at = placed[1] or "", int(placed[2] or 0)
            frames = (Frame(path, at),) if path else ()
            yield Finding("gcc", path, at, placed[3], frames, line, "link")
        elif told := _UNDEFINED.match(line):
            yield Finding("gcc", "", 0, told[1], (), line, "link")


# -- javac -----------------------------------------------------------------------------------------

_JAVAC = re.compile(r"^(?:\[ERROR\] |e: )?(\S[^:\n]*\.java):(\d+): error: (.+)$")
_WARNED = re.compile(r"^(\S[^:\n]*\.java):(\d+): warning: (.+)$")
_STRICT = "error: warnings found and -Werror specified"
_TOTAL = re.compile(r"^only showing the first \d+ errors, of (\d+) total;")
_MAVEN = re.compile(r"^\[ERROR\] (\S[^:\n]*\.java):\[(\d+),\d+\] (?:error: )?(.+)$")


def javac(lines: list[str]) -> Report | None:
    found: dict[str, Finding] = {}  # Maven says all twice
    strict = _STRICT in lines
    for number, line in enumerate(lines):
        placed = (
            _JAVAC.match(line) or _MAVEN.match(line) or (_WARNED.match(line) if strict else None)
        )
        if placed:
            frame = Frame(placed[1], int(placed[2]))
            detail = cut([line, *_source(lines, number + 1)])
            finding = Finding(
                "javac", frame.path, frame.line, placed[3], (frame,), detail, "", True
            )
            found.setdefault(line if line.startswith("[") else detail, finding)
    if not found:
        return None
    return Report("javac", tuple(found.values()), first_number(_TOTAL, lines) or len(found))


def _source(lines: list[str], start: int) -> list[str]:
    """What follows a message: the source line, its caret, symbol and location."""
    body: list[str] = []
    for line in lines[start : start + 8]:
        if _JAVAC.match(line) or _MAVEN.match(line) or re.match(r"^\d+ errors?$|^\[", line):
            break
        body.append(line)
    return body
