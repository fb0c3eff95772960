"""Findings of `spark verify`: what tools and a model say, tied to files of the tree. Pure, but for
the list of files that `Places` is made of.

Texts of tools and models are hostile: a finding names a file that the tree has, or none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from codexspark_tui.actions.fix_prompt import Places
from codexspark_tui.reports import Finding, Report

Severity: TypeAlias = Literal["error", "warning", "note"]
MOST_FINDINGS = 500
MOST_CHARACTERS = 2_000
_SAID = re.compile(
    r"FINDING[ \t]+(?P<path>[^\r\n]{1,500}?):(?P<first>\d{1,7})(?:-(?P<last>\d{1,7}))?[ \t]+"
    r"(?P<severity>error|warning|note)[ \t]+(?P<rule>correctness|security|api):[ \t]*"
    r"(?P<message>\S[^\r\n]*)"
)
_NOTHING = re.compile(r"^[\s*_#>-]*NO FINDINGS\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong. `path` from the root, "" where none can be named; lines from 1, 0
    where none is known. `tool`: a tool, a command, or the model that says it; `by_model`: which of
    these. `rule`: the tool's code or test, or the model's kind of finding."""

    tool: str
    path: str
    line: int
    end_line: int
    severity: Severity
    rule: str
    message: str
    by_model: bool = False


def of_report(report: Report, command: str, places: Places) -> list[Found]:
    """The findings of a command that failed; a tool that no parser knows has one, its last line."""
    return [_of_tool(found, command, places) for found in report.findings[:MOST_FINDINGS]]


def _of_tool(found: Finding, command: str, places: Places) -> Found:
    seen = [(found.path, found.line), *((f.path, f.line) for f in reversed(found.frames))]
    own = ((places.find(path), line) for path, line in seen)
    path, line = next(((path, line) for path, line in own if path), ("", 0))
    said = " ".join(found.message.split())[:MOST_CHARACTERS]
    return Found(found.tool or command, path, line, line, "error", found.rule, said)


def of_model(said: str, model: str, places: Places) -> list[Found]:
    """The findings that a review names, in its order."""
    made: list[Found] = []
    for match in list(_SAID.finditer(said))[:MOST_FINDINGS]:
        path = places.find(match["path"].strip().strip("`"))
        first = int(match["first"]) if path else 0
        last = max(first, int(match["last"] or 0)) if path else 0
        severity: Severity = "error"
        if match["severity"] != "error":
            severity = "warning" if match["severity"] == "warning" else "note"
        message = match["message"].strip()[:MOST_CHARACTERS]
        if not path:
            message = f"{match['path'].strip()}: {message}"
        made.append(Found(model, path, first, last, severity, match["rule"], message, True))
    return made


def says_nothing_is_wrong(said: str) -> bool:
    """Whether a review says so itself; silence is no verdict."""
    return _NOTHING.search(said) is not None


def line_of(found: Found) -> str:
    """A finding as compilers print theirs."""
    place = found.path or found.tool
    if found.path and found.line:
        place += f":{found.line}"
    who = found.tool if not found.rule else f"{found.tool} {found.rule}"
    return f"{place}: {found.severity}: {found.message} [{who}]"


def told_to_model(found: Sequence[Found]) -> str:
    """What the checks have found, for the model that reviews."""
    return "\n".join(f"- {line_of(one)}" for one in found[:60])
