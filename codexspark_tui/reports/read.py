"""Which parser reads an output: the first whose form is there; else the tail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from codexspark_tui.reports import checkers, compiled, dotnet, go, javascript, python, rust
from codexspark_tui.reports.text import lines_of
from codexspark_tui.reports.values import Finding, Frame, Report

Reader: TypeAlias = Callable[[list[str]], Report | None]
TAIL_LINES = 40
READERS: dict[str, Reader] = {
    "pytest": python.pytest,
    "unittest": python.unittest,
    "vitest": javascript.vitest,
    "jest": javascript.jest,
    "go test": go.go_test,
    "cargo": rust.cargo,
    "dotnet": dotnet.dotnet,
    "tsc": compiled.tsc,
    "javac": compiled.javac,
    "gcc": compiled.gcc,
    "mypy": checkers.mypy,
    "ruff": checkers.ruff,
    "eslint": checkers.eslint,
}
"""By name; runners before compilers, as a runner prints what a compiler says."""
_PLACE = re.compile(r"(?:^|[\s(\"'])((?:[\w.@~+-]*/)*[\w.@+-]+\.[A-Za-z]\w{0,7}):(\d{1,7})\b")
_ERROR = re.compile(r"(?i)^(?!\s*at ).*?(?:error|exception|fatal|panic)\b[^:\n]{0,30}:\s*\S")
_PYTHON = re.compile(r'^\s*File "([^"\n]+)", line (\d{1,7})(?:, in (\S+))?')


def read(output: bytes) -> Report:
    """The findings of the tool that printed `output`; no finding only where there is no output."""
    lines = lines_of(output)
    for reader in READERS.values():
        report = reader(lines)
        if report is not None and report.findings:
            return report
    return _tail(lines)


def _tail(lines: list[str]) -> Report:
    """The end of an output that no parser knows, with the places that it names."""
    last = next((n for n in range(len(lines), 0, -1) if lines[n - 1].strip()), 0)
    tail = lines[max(0, last - TAIL_LINES) : last]
    if not tail:
        return Report("", ())
    frames = tuple(dict.fromkeys(frame for line in tail for frame in _places(line)))
    where = frames[-1] if frames else Frame("", 0)
    named = (line for line in reversed(tail) if _ERROR.search(line))
    message = next(named, tail[-1]).strip()
    return Report(
        "", (Finding("", where.path, where.line, message, frames, "\n".join(tail)),), None
    )


def _places(line: str) -> list[Frame]:
    python = _PYTHON.match(line)
    if python:
        return [Frame(python[1], int(python[2]), python[3] or "")]
    return [Frame(found[1], int(found[2])) for found in _PLACE.finditer(line)]
