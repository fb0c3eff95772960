"""cargo build, check, clippy and test: rustc's messages and libtest's panics."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codexspark_tui.reports.text import cut, first_number
from codexspark_tui.reports.values import Finding, Frame, Report

_ERROR = re.compile(r"^error(?:\[(E\d{4})\])?: (\S.*)$")
_ARROW = re.compile(r"^\s*--> ([^\s:][^:]*\.rs):(\d+):\d+$")
_STDOUT = re.compile(r"^---- (\S.*) stdout ----$")
_PANICKED = re.compile(
    r"^thread '[^']+'(?: \(\d+\))? panicked at (?:'(.*)', )?([^\s:][^:]*\.rs):(\d+):\d+:?$"
)
_RESULT = re.compile(r"^test result: FAILED\. \d+ passed; (\d+) failed;")


def cargo(lines: list[str]) -> Report | None:
    compiled = list(_compiled(lines))
    if compiled:
        return Report("cargo", tuple(compiled), len(compiled))
    tested = list(_tested(lines)) if any(_RESULT.match(line) for line in lines) else []
    if tested:
        return Report("cargo", tuple(tested), first_number(_RESULT, lines) or len(tested))
    return None


def _compiled(lines: list[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines):
        error = _ERROR.match(line)
        if error is None:
            continue
        body = _block(lines, number)
        arrow = next((found for text in body[1:] if (found := _ARROW.match(text))), None)
        if arrow is not None:
            frames = tuple(Frame(at[1], int(at[2])) for text in body if (at := _ARROW.match(text)))[
                ::-1
            ]
            place = Frame(arrow[1], int(arrow[2]))
            yield Finding(
                "cargo", place.path, place.line, error[2], frames, cut(body), error[1] or "", True
            )


def _block(lines: list[str], number: int) -> list[str]:
    """A message to the empty line behind it."""
    end = next((n for n in range(number, len(lines)) if not lines[n].strip()), len(lines))
    return lines[number:end]


def _tested(lines: list[str]) -> Iterator[Finding]:
    name, body = "", list[str]()
    for line in [*lines, "failures:"]:
        head = _STDOUT.match(line)
        if head or line == "failures:" or _RESULT.match(line):
            if name:
                yield _test_finding(name, body)
            name, body = (head[1] if head else ""), []
        elif name:
            body.append(line)


def _test_finding(name: str, body: list[str]) -> Finding:
    for number, line in enumerate(body):
        at = _PANICKED.match(line)
        if at:
            message = at[1] or next((text.strip() for text in body[number + 1 :] if text), "")
            frame = Frame(at[2], int(at[3]))
            return Finding("cargo", frame.path, frame.line, message, (frame,), cut(body), name)
    message = next((line.strip() for line in body if line.strip()), "the test failed")
    return Finding("cargo", "", 0, message, (), cut(body), name)
