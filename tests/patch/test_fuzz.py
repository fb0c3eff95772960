"""Hostile answers and files: nothing fails or leaves the tree, and no cut changes what is read."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.patch import FilePlacer, PatchReader, split_lines
from codexspark_tui.patch.model import Ambiguous, Fact, Hunk, HunkHint, Line, Placed
from codexspark_tui.patch.view import LEVELS, MOST_PLACES, FileView, Level
from codexspark_tui.patch.whole import Applied, TreeLines, apply_facts, apply_patch
from tests.patch.fuzz_patch import FILES, MODES

_TEXT = ["a", "b", " a", "\ta", "  b ", "", " ", "a b", "ab", "“a”", '"a"', "—", "- a", "+ b", "é"]
_LINES = st.lists(st.sampled_from(_TEXT), max_size=12)
_WORDS = [
    *("--- a/x.py\n", "+++ b/x.py\n", "@@\n", "@@ -1,2 +1,2 @@\n", "@@ def a():\n", "diff --git "),
    *("```\n", "```python\n", "~~~~\n", "x.py\n", "`n.py`\n", "n.py (new file)\n", "\n", "..."),
    *("*** Begin Patch\n", "*** Update File: x.py\n", "*** Add File: n.py\n", "*** End Patch\n"),
    *(
        "*** Move to: y.py\n",
        "*** End of File\n",
        "<<<<<<< SEARCH\n",
        "=======\n",
        ">>>>>>> REPLACE",
    ),
    *(
        "def a():\n",
        "    return 1\n",
        "-    return 1\n",
        "+    return 2\n",
        " def a():\n",
        "- it\n",
    ),
    *(
        "x",
        " ",
        "-",
        "+",
        "\r\n",
        "\\ No newline at end of file\n",
        "&lt;a&gt;\n",
        "é\u2028\ufeff\n",
    ),
]
_ANSWERS = st.lists(st.sampled_from(_WORDS), max_size=24).map("".join)


def facts_of(answer: str, cuts: list[int], whole_files: bool) -> list[Fact]:
    tree = TreeLines(FILES)
    reader = PatchReader(tree.exists, tree.has_line, whole_files=FILES.get if whole_files else None)
    pieces = [answer[a:b] for a, b in pairwise([0, *cuts, max(len(answer), *cuts, 0)])]
    return [*(fact for piece in pieces for fact in reader.feed(piece)), *reader.close()]


@settings(max_examples=300, deadline=None)
@given(_ANSWERS, st.lists(st.integers(0, 300), max_size=8).map(sorted), st.booleans())
def test_any_cut_is_read_alike_with_a_tree_to_ask(
    answer: str, cuts: list[int], whole_files: bool
) -> None:
    assert facts_of(answer, cuts, whole_files) == facts_of(answer, [0], whole_files)


@settings(max_examples=300, deadline=None)
@given(_ANSWERS, st.booleans())
def test_any_answer_is_applied_or_refused(answer: str, whole_files: bool) -> None:
    outcome = apply_facts(facts_of(answer, [0], whole_files), FILES, MODES)
    if isinstance(outcome, Applied):
        assert all(not path.startswith(("/", "../")) for path in outcome.files)


def naive(lines: list[str], wanted: list[str], level: Level) -> list[int]:
    """Where `wanted` stands in `lines`, line by line."""
    have, keys = level.line_keys(lines), level.line_keys(wanted)
    return [at for at in range(len(have)) if have[at : at + len(keys)] == keys][:MOST_PLACES]


@settings(max_examples=400, deadline=None)
@given(_LINES, st.lists(st.sampled_from(_TEXT), min_size=1, max_size=4))
def test_the_search_without_blanks_finds_what_each_level_would(
    lines: list[str], wanted: list[str]
) -> None:
    view = FileView("".join(f"{line}\n" for line in lines))
    for level in LEVELS:
        assert view.places(level, wanted) == naive(lines, wanted, level), level.name


_SIGNED = st.builds(Line, st.sampled_from((" ", "-", "+")), st.sampled_from(_TEXT))
_HUNKS = st.builds(
    Hunk,
    st.just("f"),
    st.lists(_SIGNED, min_size=1, max_size=7).map(tuple),
    st.builds(HunkHint, st.none() | st.integers(0, 9), st.none() | st.integers(0, 4)),
)


@settings(max_examples=400, deadline=None)
@given(_LINES, st.lists(_HUNKS, max_size=4))
def test_any_hunks_are_placed_inside_the_file_or_explained(
    lines: list[str], hunks: list[Hunk]
) -> None:
    text = "".join(f"{line}\n" for line in lines)
    placer = FilePlacer("f", text)
    total = len(split_lines(text))
    for hunk in hunks:
        found = placer.place(hunk)
        match found:
            case Placed(at=at):
                assert 0 <= at <= total
            case Ambiguous(candidates=places):
                assert len(places) > 1
                assert list(places) == sorted(set(places))
            case _:
                assert found.why


def hostile(size: int) -> list[tuple[str, str]]:
    """Answers and files that would be slow if anything were quadratic."""
    head = "--- a/f\n+++ b/f\n"
    return [
        (head + "@@\n" + " x\n" * size + "-z\n", "x\n" * size),
        (head + ("@@\n x\n" + "\n" * 40) * (size // 40), "x\n\n" * size),
        (head + "@@\n" + "-  x\n" * (size // 4) + "+y\n", " x\n" * size),
        (head + "@@ -1 +1 @@\n x\n+y\n" * (size // 4), "x\n" * size),
        (head + "@@\n" + "...\n x\n" * (size // 2), "x\n" * size),
        ("f\n<<<<<<< SEARCH\n" + "a\nb\n" * size + "=======\n" + "b\na\n" * size, "a\nb\n" * size),
        ("f\n```\n" + "```x\n" * size, "b\na\n" * size),
        ("*** Begin Patch\n*** Update File: f\n" + "@@ a\n" * size + "+b\n", "a\n" * size),
        ("- " * size + "\n" + "+++ f\n" * size, "a\n"),
    ]


@pytest.mark.parametrize("number", range(len(hostile(0))))
def test_hostile_answers_cost_no_more_than_their_length(number: int) -> None:
    def took(size: int) -> float:
        answer, text = hostile(size)[number]
        start = time.process_time()
        apply_patch(answer, {"f": text}, {})
        return time.process_time() - start

    took(200)
    small, large = (min(took(size) for _ in range(3)) for size in (2_000, 16_000))
    assert large < 8 * 5 * max(small, 0.002)  # quadratic would be 64 times as much


@pytest.mark.full
@pytest.mark.timeout(120)
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_guided_fuzzing_finds_nothing(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for case in (Path(__file__).parent.parent / "cases").glob("*.txt"):
        (corpus / case.stem).write_bytes(case.read_bytes())
    command = [
        sys.executable,
        "-m",
        "tests.patch.fuzz_patch",
        "-max_total_time=45",
        "-max_len=4096",
    ]
    ran = subprocess.run([*command, str(corpus)], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-4000:]
