"""Whether a command does better than before: pure, over what reports/ has read. Never a guess:
what cannot be compared is "changed"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from codexspark_tui.reports import Finding, Report

Compared: TypeAlias = Literal["green", "better", "changed", "same", "worse"]
COMPILERS = frozenset({"gcc", "cargo", "javac", "dotnet", "tsc", "go test"})
RUNNERS = frozenset({"pytest", "unittest", "jest", "vitest"})
_VARIES = re.compile(r"0x[0-9a-fA-F]+|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of the command. `ended` as in sandbox.Finished; `output` plain text."""

    exit_code: int
    ended: str
    output: str
    report: Report
    why: str = ""

    @property
    def is_green(self) -> bool:
        return self.ended == "exit" and self.exit_code == 0

    @property
    def crashed(self) -> bool:
        return self.exit_code > 128


def compare(before: Ran, after: Ran) -> Compared:
    """How `after` stands to `before`.

    A test runner or linter that finds more is worse. A compiler that finds more is worse only if
    all it found before is still there: an error that is mended uncovers others.
    """
    if after.is_green:
        return "green"
    old, new = before.report, after.report
    if _keys(old) == _keys(new) and before.exit_code == after.exit_code:
        return "same"
    if after.crashed and not before.crashed:
        return "worse"
    if old.tool in RUNNERS and not new.tool:
        return "worse"  # it does not even begin to run the tests
    if old.blocked != new.blocked:
        return "worse" if new.blocked else "better"
    if old.failures is None or new.failures is None or old.tool != new.tool:
        return "changed"
    if new.failures < old.failures:
        return "better"
    if new.failures == old.failures:
        return "changed"
    hides = new.blocked or new.tool in COMPILERS
    return "worse" if not hides or _keys(old) <= _keys(new) else "changed"


def _keys(report: Report) -> frozenset[tuple[str, str, str]]:
    """What the findings are, without what differs from run to run."""
    return frozenset(_key(finding) for finding in report.findings)


def _key(finding: Finding) -> tuple[str, str, str]:
    said = finding.message if finding.tool else finding.detail
    return finding.path, finding.rule, _VARIES.sub("#", said)
