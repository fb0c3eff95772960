"""What tools print is read as findings; what only looks like it is not.

`cases/TOOL.txt`: outputs as the tools print them, each with the findings that are to be read as
"PATH:LINE: MESSAGE". `look_alikes.txt`: "TOOL|OUTPUT",
an output that the parser of this tool must leave alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from codexspark_tui.reports import READERS, Report, read
from codexspark_tui.reports.text import lines_of

CASES = Path(__file__).with_name("cases")
MARK, EXPECTED = "=== yes: ", "--- expected"


def positives() -> Iterator[tuple[str, str, str, list[str]]]:
    for path in sorted(CASES.glob("*.txt")):
        for part in path.read_text("utf-8").split(MARK)[1:]:
            name, _, rest = part.partition("\n")
            output, _, expected = rest.partition(f"{EXPECTED}\n")
            yield path.stem.replace("_", " "), name, output, expected.splitlines()


POSITIVES = list(positives())
LOOK_ALIKES = [
    line.split("|", 1) for line in (CASES / "look_alikes.txt").read_text("utf-8").splitlines()
]


def said(report: Report) -> list[str]:
    return [f"{f.path}:{f.line}: {f.message}" for f in report.findings]


@pytest.mark.parametrize("tool", READERS)
def test_each_tool_has_ten_outputs_and_ten_look_alikes(tool: str) -> None:
    assert sum(case[0] == tool for case in POSITIVES) >= 10
    assert sum(name == tool for name, _ in LOOK_ALIKES) >= 10


@pytest.mark.parametrize(
    ("tool", "output", "expected"),
    [pytest.param(tool, out, wanted, id=f"{tool}: {n}") for tool, n, out, wanted in POSITIVES],
)
def test_output_is_read_as_its_findings(tool: str, output: str, expected: list[str]) -> None:
    report = read(output.encode())
    assert (report.tool, said(report)) == (tool, expected)
    coloured = "".join(f"\x1b[31m{line}\x1b[0m\r\n" for line in output.splitlines())
    assert said(read(coloured.encode())) == expected


@pytest.mark.parametrize(("tool", "output"), LOOK_ALIKES)
def test_what_only_looks_like_it_is_left_alone(tool: str, output: str) -> None:
    text = output.replace("\\n", "\n").replace("\\t", "\t")
    assert READERS[tool](lines_of(text.encode())) is None


@pytest.mark.parametrize("tool", READERS)
def test_no_parser_takes_the_output_of_another_tool(tool: str) -> None:
    taken = [
        f"{other}: {name}"
        for other, name, output, _ in POSITIVES
        if other != tool and READERS[tool](lines_of(output.encode())) is not None
    ]
    assert taken == []


def test_what_no_parser_knows_is_told_by_its_tail_with_its_places() -> None:
    lines = [f"line {n}" for n in range(100)]
    output = "\n".join([*lines, 'File "a.py", line 3, in f', "src/b.sh:7: not found", ""])
    report = read(output.encode())
    (finding,) = report.findings
    assert (report.tool, report.failures) == ("", None)
    assert [(f.path, f.line) for f in finding.frames] == [("a.py", 3), ("src/b.sh", 7)]
    assert finding.message == "src/b.sh:7: not found"
    assert len(finding.detail.splitlines()) == 40


def test_of_a_tail_the_last_line_that_names_an_error_is_the_message() -> None:
    output = b"start\nTypeError: no such thing\n    at error: (a.js:3:5)\n\nNode.js v20\n"
    (finding,) = read(output).findings
    assert (finding.message, finding.path, finding.line) == ("TypeError: no such thing", "a.js", 3)


@pytest.mark.parametrize("output", [b"", b"\n\n", b"  \n"])
def test_no_output_has_no_finding(output: bytes) -> None:
    assert read(output) == Report("", ())


@given(some.binary(max_size=300))
def test_any_bytes_are_read(output: bytes) -> None:
    read(output)


@given(some.lists(some.sampled_from([line for c in POSITIVES for line in c[2].splitlines()])))
def test_any_order_of_lines_is_read(lines: list[str]) -> None:
    read("\n".join(lines).encode())


@pytest.mark.parametrize("piece", ["a", " ", "_ ", ":", "=", "(", "[", "a.py:1", "> ", "\t"])
def test_a_line_of_any_length_takes_no_longer_than_its_length(piece: str) -> None:
    read((piece * 500_000).encode())


@pytest.mark.parametrize("flags", ["-Werror=unused-variable", "-Werror,-Wunused-variable"])
def test_the_flag_of_a_warning_is_its_rule(flags: str) -> None:
    (finding,) = read(f"a.c:2:7: error: unused variable 'x' [{flags}]\n".encode()).findings
    assert finding.rule == flags.rpartition(",")[2]


def test_failures_of_all_test_programs_are_counted() -> None:
    one = (
        "---- it stdout ----\n\nthread 'it' panicked at src/lib.rs:5:9:\nbad\n\n"
        "failures:\n    it\n\n"
        "test result: FAILED. 0 passed; {} failed; 0 ignored;\n"
    )
    assert read((one.format(2) + one.format(3)).encode()).failures == 5


def test_errors_of_javac_beyond_those_that_it_shows_are_counted() -> None:
    more = (
        "only showing the first 1 errors, of 226 total; use -Xmaxerrs if you would like to see more"
    )
    report = read(
        f"A.java:2: error: ';' expected\n    int x\n         ^\n1 error\n{more}\n".encode()
    )
    assert (len(report.findings), report.failures) == (1, 226)
