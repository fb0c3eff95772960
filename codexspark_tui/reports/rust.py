"""cargo build, check, clippy and test: rustc's messages and libtest's panics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from codexspark_tui.reports.text import cut
from codexspark_tui.reports.values import Finding, Frame, Report

_ERROR = re.compile(r"^error(?:\[(E\d{4})\])?: (\S.*)$")
_NEXT = re.compile(r"^(?:error|warning)(?:\[E\d{4}\])?: |^ *(?:Checking|Compiling|Finished) ")
_ARROW = re.compile(r"^\s*--> ([^\s:][^:]*\.rs):(\d+):\d+$")
_STDOUT = re.compile(r"^---- (\S.*) stdout ----$")
_EXAMPLE = re.compile(r"^(\S.*\.(?:rs|md)) - (?:.* )?\(line (\d+)\)(?: - .*)?$")
_PANICKED = re.compile(
    r"^thread '[^']+'(?: \(\d+\))? panicked at (?:'(.*)', )?([^\s:][^:]*\.rs):(\d+):\d+:?$"
)
_RESULT = re.compile(r"^test result: FAILED\. \d+ passed; (\d+) failed;")


def cargo(lines: list[str]) -> Report | None:
    sections = list(_sections(lines)) if any(_RESULT.match(line) for line in lines) else []
    told = {number for start, end, _ in sections for number in range(start, end)}
    rest = [line for number, line in enumerate(lines) if number not in told]
    compiled = tuple(dict.fromkeys(_compiled(rest)))  # a library and its tests say the same
    tested = tuple(_test_finding(name, lines[start + 1 : end]) for start, end, name in sections)
    if not compiled and not tested:
        return None
    count = sum(int(found[1]) for line in lines if (found := _RESULT.match(line)))
    return Report("cargo", (*compiled, *tested), len(compiled) + (count if tested else 0))


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
    """A message to the empty line behind it, or to what another compiler says at the same time."""
    for end in range(number + 1, len(lines)):
        if not lines[end].strip() or _NEXT.match(lines[end]):
            return lines[number:end]
    return lines[number:]


def _sections(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """From where to where each failed test says something, and its name."""
    name, start = "", 0
    for number, line in enumerate([*lines, "failures:"]):
        head = _STDOUT.match(line)
        if head or line == "failures:" or _RESULT.match(line):
            if name:
                yield start, number, name
            name, start = (head[1] if head else ""), number


def _test_finding(name: str, body: list[str]) -> Finding:
    example = _EXAMPLE.match(name)
    if example and (wrong := next(_compiled(body), None)):
        return replace(wrong, detail=cut(body), rule=name, blocks=False)
    for number, line in enumerate(body):
        at = _PANICKED.match(line)
        if at:
            message = at[1] or next((text.strip() for text in body[number + 1 :] if text), "")
            # The lines of an example are counted from its own first one.
            frame = Frame(example[1], int(example[2])) if example else Frame(at[2], int(at[3]))
            return Finding("cargo", frame.path, frame.line, message, (frame,), cut(body), name)
    message = next((line.strip() for line in body if line.strip()), "the test failed")
    place = Frame(example[1], int(example[2])) if example else Frame("", 0)
    return Finding("cargo", place.path, place.line, message, (), cut(body), name)
