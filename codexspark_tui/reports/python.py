"""pytest (styles auto, long, short, line, native, no) and unittest, as these print since 2020."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from codexspark_tui.reports.text import cut, first_number
from codexspark_tui.reports.values import Finding, Frame, Report

_TITLE = re.compile(r"^=+ (FAILURES|ERRORS|short test summary info) =+$")
_ENDS = re.compile(r"^=+ .+ =+$|^=+$")
_SECTION = re.compile(r"^_{3,} (.+?) _{3,}$|^_ (ERROR .+?) _$")
_SEPARATOR = re.compile(r"^(?:_ ){5,}_?\s*$")
_PLACE = re.compile(r"^([^\s:][^:\n]*\.\w+):(\d+): (?:in (.+)|(\w[\w.]*)?)$")
_PLACE_LINE = re.compile(r"^(/?[^\s:][^:\n]*\.py):(\d+): (\S.*)$")
_FILE = re.compile(r'^\s*(?:E\s+)?File "([^"]+)", line (\d+)(?:, in (.+))?$')
_DEFINED = re.compile(r"^file (/?[^\n]+\.py), line (\d+)$")  # of a test whose fixture is missing
_CHAINED = re.compile(
    r"^(?:The above exception was the direct cause of the following exception"
    r"|During handling of the above exception, another exception occurred):$"
)
_SUMMARY = re.compile(r"^(FAILED|ERROR) ([^\s:]+?\.\w+)((?:::[^\n]*?)?)(?: - (.+))?$")
_COUNTS = re.compile(r"^(?:=+ )?(?=.*\b(?:failed|errors?)\b).*\d+ .* in [\d.]+s\b")
_FAILED = re.compile(r"(\d+) failed")
_ERRORS = re.compile(r"(\d+) errors?\b")
_USAGE = re.compile(r"^ERROR: (file or directory not found: .+|not found: .+)$")
_INTERNAL = re.compile(r"^INTERNALERROR> (\S.*)$")


def pytest(lines: list[str]) -> Report | None:
    found = list(_pytest_sections(lines))
    counted = next((line for line in reversed(lines) if _COUNTS.match(line)), "")
    if not found and counted:
        found = [_of_summary(m) for line in lines if (m := _SUMMARY.match(line))]
    if not found and counted == "" and any(line == "no tests ran" in line for line in lines):
        return None
    if not found:
        found = _pytest_refusal(lines)
    if not found:
        return None
    failed, errors = _FAILED.search(counted), _ERRORS.search(counted)
    told = sum(int(match[1]) for match in (failed, errors) if match)
    return Report("pytest", tuple(found), told or len(found))


def _pytest_sections(lines: list[str]) -> Iterator[Finding]:
    """The sections under FAILURES and ERRORS."""
    inside, name, body = "", "", list[str]()
    for line in [*lines, "="]:
        title = _TITLE.match(line)
        section = _SECTION.match(line) if inside else None
        if inside and (title or section or _ENDS.match(line)):
            yield from _pytest_finding(inside, name, body)
            name, body = (section[1] or section[2]) if section else "", []
        if title:
            inside = title[1] if title[1] in ("FAILURES", "ERRORS") else ""
        elif inside and not section:
            if _ENDS.match(line):
                inside = ""
            else:
                body.append(line)


def _pytest_finding(inside: str, name: str, body: list[str]) -> Iterator[Finding]:
    if not name:
        for line in body if inside == "FAILURES" else ():  # --tb=line has no titles
            if placed := _PLACE_LINE.match(line):
                frame = Frame(placed[1], int(placed[2]))
                yield Finding("pytest", frame.path, frame.line, placed[3], (frame,), line)
        return
    own = body
    for number, line in enumerate(body):
        if re.match(r"^-+ (Captured|live) .+ -+$", line):
            own = body[:number]
            break
    frames = _frames(own)
    raised = own[max((n for n, line in enumerate(own) if _CHAINED.match(line)), default=0) :]
    said = [line[1:].strip() for line in raised if re.match(r"^E(\s|$)", line)]
    message = next((text for text in said if text), "") or _raised(raised)
    innermost = frames[-1] if frames else Frame("", 0)
    collecting = name.startswith("ERROR collecting")
    if collecting and not frames:
        innermost = Frame(name.removeprefix("ERROR collecting").strip(), 0)
    if collecting:
        message = _named_error(said) or message
    yield Finding(
        "pytest",
        innermost.path,
        innermost.line,
        message,
        tuple(frames),
        cut(own),
        name,
        collecting,
    )


def _frames(body: list[str]) -> list[Frame]:
    frames = []
    for line in body:
        if placed := _PLACE.match(line) or _FILE.match(line):
            frames.append(Frame(placed[1], int(placed[2]), placed[3] or ""))
        elif defined := _DEFINED.match(line):
            frames.append(Frame(defined[1], int(defined[2])))
    return frames


def _named_error(said: list[str]) -> str:
    """The line that names the exception, of those that a failed import prints."""
    return next(
        (text for text in reversed(said) if re.match(r"^[\w.]+(Error|Exception)\b", text)), ""
    )


def _last_said(body: list[str]) -> str:
    return next((line.strip() for line in reversed(body) if line.strip()), "")


def _of_summary(found: re.Match[str]) -> Finding:
    rule = found[3].removeprefix("::")
    return Finding(
        "pytest",
        found[2],
        0,
        found[4] or found[1].lower(),
        (),
        found[0],
        rule,
        found[1] == "ERROR" and not rule,
    )


def _pytest_refusal(lines: list[str]) -> list[Finding]:
    """pytest could not begin: a wrong path, a fault inside a plugin."""
    for line in lines:
        if refused := _USAGE.match(line):
            return [Finding("pytest", "", 0, refused[1], (), line, blocks=True)]
    internal = [found[1] for line in lines if (found := _INTERNAL.match(line))]
    if not internal:
        return []
    frames = _frames([line.removeprefix("INTERNALERROR> ") for line in lines])
    place = frames[-1] if frames else Frame("", 0)
    message = internal[-1]
    return [
        Finding(
            "pytest", place.path, place.line, message, tuple(frames), cut(internal), blocks=True
        )
    ]


# -- unittest --------------------------------------------------------------------------------------

_RAN = re.compile(r"^Ran \d+ tests? in [\d.]+s$")
_FAIL = re.compile(r"^(FAIL|ERROR): (\S+) \(([^)]+)\)")
_UNITTEST_COUNTS = re.compile(
    r"^FAILED \((?=.*(?:failures|errors)=)(?:failures=(\d+))?(?:, )?(?:errors=(\d+))?"
)
_RULE, _THIN = "=" * 70, "-" * 70


def unittest(lines: list[str]) -> Report | None:
    if not any(_RAN.match(line) for line in lines):
        return None
    starts = [n for n, line in enumerate(lines) if line == _RULE] + [len(lines)]
    found = [
        finding
        for begin, end in pairwise(starts)
        if (finding := _unittest_finding(lines[begin + 1 : end]))
    ]
    if not found:
        return None
    return Report("unittest", tuple(found), first_number(_UNITTEST_COUNTS, lines) or len(found))


def _unittest_finding(block: list[str]) -> Finding | None:
    head = _FAIL.match(block[0]) if block else None
    if head is None:
        return None
    begin = next((n + 1 for n, line in enumerate(block) if line == _THIN), len(block))
    end = next(
        (n for n, line in enumerate(block) if n > begin and (line == _THIN or _RAN.match(line))),
        len(block),
    )
    body = block[begin:end]
    stdout = next((n for n, line in enumerate(body) if line in ("Stdout:", "Stderr:")), len(body))
    own = body[:stdout]
    frames = tuple(_frames(own))
    message = _raised(own)
    place = frames[-1] if frames else Frame("", 0)
    blocks = head[3].startswith("unittest.loader")
    return Finding(
        "unittest", place.path, place.line, message, frames, cut(own), f"{head[2]} ({head[3]})",
        blocks,
    )  # fmt: skip


def _raised(body: list[str]) -> str:
    """The line in which a traceback says what was raised: the first at its margin after a frame."""
    seen, message = False, ""
    for line in body:
        if _FILE.match(line):
            seen, message = True, ""
        elif seen and not message and line and not line[0].isspace():
            message = line.strip()
    return message or _last_said(body)
