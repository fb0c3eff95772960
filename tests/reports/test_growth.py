"""An output that is four times as long takes about four times as long to read, whatever it says."""

from __future__ import annotations

import re
import time

import pytest

from codexspark_tui.reports import READERS, read
from tests.reports.test_reports import POSITIVES

RUSTC = "error[E0425]: cannot find value `x` in this scope\n --> src/lib.rs:1:5\n"
RUFF = "F401 [*] `os` imported but unused\n --> a.py:1:8\n"
VITEST = " FAIL  a{n}.test.ts > adds\n"
REPEATED = {
    "blank": ("", "\n" * 20, ""),
    "nothing known": ("", "error: foo\n", ""),
    "cargo: error": ("", "error: foo\n --> a.rs:1:1\n", ""),
    "cargo: errors": ("", RUSTC, ""),
    "cargo: a frame alone": ("error: foo\n", " --> a.rs:1:1\n", ""),
    "cargo: panics": (
        "",
        "---- a{n} stdout ----\nthread 'a' panicked at a.rs:1:2:\n",
        "failures:\n",
    ),
    "go: cycles": ("package a\n", "\timports a: import cycle not allowed\n", ""),
    "go: not loaded": ("", "a.go:1:2: no required module provides package x\n", ""),
    "go: built": ("# a\n", "a.go:1:2: undefined: x\n\tmore\n", ""),
    "go: failed": ("", "--- FAIL: Test{n} (0.00s)\n    a_test.go:1: no\n", "FAIL\tx\t0.1s\n"),
    "go: panics": ("", "panic: no\n" * 10, "FAIL\tx\t0.1s\n"),
    "go: nothing said": ("", "\n" * 20, "FAIL\tx\t0.1s\n"),
    "tsc": ("", "a.ts(1,2): error TS2304: no\n  more\n", ""),
    "gcc: included": ("", "In file included from a.h:1:\n", "a.c:1:2: error: no\n"),
    "gcc: errors": ("", "a.c:1:2: error: no\n  1 | x\n", ""),
    "javac": ("", "A.java:1: error: no\n", "1 error\n"),
    "dotnet: crashed": (
        "",
        "Unhandled exception. System.Exception: no\n",
        "   at A.B() in a.cs:line 1\n",
    ),
    "dotnet: built": ("", "a.cs(1,{n}): error CS1002: no [/r/a.csproj]\n", ""),
    "dotnet: failed": ("", "  Failed A{n} [1 ms]\n  Error Message:\n   no\n", "Failed!\n"),
    "jest": ("FAIL a.test.ts\n", "  ● adds {n}\n    no\n", "Test Suites: 1 failed\n"),
    "vitest: heads": ("", VITEST, "no\n ❯ a.test.ts:1:2\n Test Files  1 failed\n"),
    "vitest: frames": (VITEST * 300, " ❯ a.test.ts:1:2\n", " Test Files  1 failed\n"),
    "pytest": (
        "=== FAILURES ===\n",
        "____ test_{n} ____\na.py:1: in f\nE  no\n",
        "1 failed in 1s\n",
    ),
    "pytest: summary": ("", "FAILED a.py::test_{n} - no\n", "1 failed in 1s\n"),
    "unittest": ("", "=" * 70 + "\nFAIL: a (b.C)\n" + "-" * 70 + "\nno\n", "Ran 1 test in 1s\n"),
    "mypy": (
        "",
        "a.py:1: error: no  [misc]\n",
        "Found 1 error in 1 file (checked 1 source file)\n",
    ),
    "ruff": ("", RUFF, "Found 1 error.\n"),
    "eslint": ("/a.js\n", "  1:2  error  no  semi\n", "✖ 1 problem (1 error, 0 warnings)\n"),
}
"""What begins, what is there again and again (with its number), and what ends."""


def seconds(begins: str, again: str, ends: str, times: int) -> float:
    output = (begins + "".join(again.replace("{n}", str(n)) for n in range(times)) + ends).encode()
    took = []
    for _ in range(2):
        start = time.process_time()
        read(output)
        took.append(time.process_time() - start)
    return min(took)


@pytest.mark.parametrize("what", REPEATED)
def test_four_times_the_output_takes_four_times_as_long(what: str) -> None:
    few = seconds(*REPEATED[what], 2_000)
    many = seconds(*REPEATED[what], 8_000)
    assert many < 8 * few + 0.05


@pytest.mark.full
@pytest.mark.parametrize("tool", READERS)
def test_any_line_of_a_known_output_may_be_there_many_times(tool: str) -> None:
    seen = set[str]()
    for name, _, output, _ in POSITIVES:
        lines = output.splitlines(keepends=True) if name == tool else []
        for number, line in enumerate(lines):
            shape = re.sub(r"\w+", "w", line)
            if shape not in seen:
                seen.add(shape)
                parts = ("".join(lines[:number]), line, "".join(lines[number + 1 :]))
                assert seconds(*parts, 6_000) < 8 * seconds(*parts, 1_500) + 0.05, line
    assert seen
