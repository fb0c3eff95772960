"""The laws of patch/, over texts with odd line ends and many equal lines."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from unidiff.patch import PatchSet

from codexspark_tui.patch import (
    PatchReader,
    apply_resolved,
    decode,
    diff,
    invert_hunks,
    keep_lines,
    locate,
    moved_to,
    relocate,
    render,
    resolve,
    split,
    split_lines,
    unsafe_path,
)
from codexspark_tui.patch.model import Hunk, Placed, ResolvedHunk
from codexspark_tui.patch.text import TextFile
from codexspark_tui.patch.transform import changes_something
from codexspark_tui.patch.whole import Applied, apply_patch
from tests.patch.examples import changes, pairs, read, texts

quick = settings(max_examples=150, deadline=None)
slow = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(texts(30))
def test_lines_joined_are_the_text(text: str) -> None:
    assert "".join(split_lines(text)) == text
    assert all(line.endswith("\n") for line in split_lines(text)[:-1])


@quick
@given(st.binary(max_size=60))
def test_decoded_bytes_are_encoded_to_the_same_bytes(data: bytes) -> None:
    decoded = decode(data)
    if isinstance(decoded, TextFile):
        assert decoded.encode(decoded.text) == data


@quick
@given(pairs(30), st.integers(0, 4))
def test_diff_applied_gives_the_second_text(pair: tuple[str, str], context: int) -> None:
    before, after = pair
    assert apply_resolved(before, diff("f", before, after, context=context)) == after


@quick
@given(pairs(20))
def test_inverted_hunks_take_the_change_back(pair: tuple[str, str]) -> None:
    before, after = pair
    assert apply_resolved(after, invert_hunks(diff("f", before, after))) == before


@quick
@given(pairs(20))
def test_inverting_twice_changes_nothing(pair: tuple[str, str]) -> None:
    hunks = diff("f", *pair)
    assert invert_hunks(invert_hunks(hunks)) == hunks


@quick
@given(pairs(20))
def test_split_hunks_do_together_what_the_whole_did(pair: tuple[str, str]) -> None:
    before, after = pair
    parts = [part for hunk in diff("f", before, after) for part in split(hunk)]
    assert apply_resolved(before, parts) == after


@quick
@given(pairs(12), st.data())
def test_kept_lines_always_apply(pair: tuple[str, str], data: st.DataObject) -> None:
    before, _ = pair
    for hunk in diff("f", *pair):
        wanted = data.draw(st.sets(st.integers(0, len(hunk.lines) - 1)))
        kept = keep_lines(hunk, wanted)
        assert isinstance(apply_resolved(before, [kept]), str)
        if not changes_something(kept):
            assert apply_resolved(before, [kept]) == before


@quick
@given(pairs(12), texts(5, lf_only=True))
def test_a_hunk_is_found_again_only_where_it_applies(pair: tuple[str, str], above: str) -> None:
    before, _ = pair
    if above and not above.endswith("\n"):
        above += "\n"
    for hunk in diff("f", *pair):
        found = relocate(above + before, hunk)
        if isinstance(found, Placed):
            moved = moved_to(hunk, found)
            assert isinstance(apply_resolved(above + before, [moved]), str)
            assert found.moved == moved.old_start - hunk.old_start


@quick
@given(pairs(20))
def test_our_reader_reads_what_render_prints(pair: tuple[str, str]) -> None:
    hunks = diff("some dir/f.py", *pair)
    read_back = [change for change in changes(read(render(hunks))) if isinstance(change, Hunk)]
    starts = [max(hunk.hint.old_start or 0, 1) for hunk in read_back]
    assert [(h.path, h.lines) for h in read_back] == [(h.path, h.lines) for h in hunks]
    shown = [_first(hunk) for hunk in hunks]
    assert starts == shown


def _first(hunk: ResolvedHunk) -> int:
    has_old = any(line.sign != "+" for line in hunk.lines)
    return hunk.old_start if has_old else max(hunk.old_start - 1, 1)


@quick
@given(pairs(20))
def test_unidiff_reads_the_same_lines(pair: tuple[str, str]) -> None:
    before, after = (re.sub("[\r\x0c\u2028]", "", side) for side in pair)
    hunks = diff("f.py", before, after)
    if not hunks:
        return
    theirs = PatchSet(render(hunks))[0]
    ours = [(line.sign, line.text) for hunk in hunks for line in hunk.lines]
    lines = [line for hunk in theirs for line in hunk if line.line_type != "\\"]
    assert [(line.line_type, line.value.rstrip("\n")) for line in lines] == ours


@slow
@given(pair=pairs(20))
@example(pair=("a\n", "")).via("everything removed")
@example(pair=("", "a")).via("an empty file gets a line")
def test_git_applies_what_render_prints(pair: tuple[str, str], tmp_path: Path) -> None:
    before, after = pair
    hunks = diff("f.py", before, after)
    if not hunks:
        return
    (tmp_path / "f.py").write_bytes(before.encode())
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=tmp_path,
        input=render(hunks).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "f.py").read_bytes() == after.encode()


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no patch command")
@slow
@given(pair=pairs(20))
@example(pair=("a\n", "")).via("everything removed")
@example(pair=("", "a")).via("an empty file gets a line")
def test_gnu_patch_applies_what_render_prints(pair: tuple[str, str], tmp_path: Path) -> None:
    before, after = pair
    hunks = diff("f.py", before, after)
    if not hunks:
        return
    (tmp_path / "f.py").write_bytes(before.encode())
    done = subprocess.run(
        ["patch", "-p1", "--batch", "--binary", "--fuzz=0", "--silent"],
        cwd=tmp_path,
        input=render(hunks).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()
    left = tmp_path / "f.py"  # an empty file is removed by it
    assert (left.read_bytes() if left.exists() else b"") == after.encode()


@slow
@given(pair=pairs(20), context=st.sampled_from([1, 3, 10]))
def test_what_git_prints_does_to_us_what_it_says(
    pair: tuple[str, str], context: int, tmp_path: Path
) -> None:
    before, after = pair
    (tmp_path / "x").write_bytes(before.encode())
    (tmp_path / "y").write_bytes(after.encode())
    command = ["git", "diff", "--no-index", f"-U{context}", "x", "y"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout.decode()
    patch = shown.replace("a/x", "a/f").replace("b/y", "b/f")
    if before != after and "Binary files" not in patch:
        outcome = apply_patch(patch, {"f": before}, {})
        assert isinstance(outcome, Applied), outcome
        assert outcome.files["f"] == after


_PIECES = st.sampled_from(
    [
        "Some prose.\n",
        "\n",
        "```diff\n",
        "```\n",
        "--- a/x.py\n+++ b/x.py\n",
        "diff --git a/x.py b/y.py\nrename from x.py\nrename to y.py\n",
        "@@ -1,3 +1,3 @@ def f():\n",
        "@@\n",
        "@@ ... @@\r\n",
        " context\n",
        "-removed\n",
        "+added\n",
        "+\n",
        "-- \n",
        "--- maybe a header\n",
        "unsigned\n",
        "\\ No newline at end of file\n",
        "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+one\n",
        "*** Begin Patch\n",
        "*** Update File: z.py\n",
        "*** Add File: q.py\n",
        "*** End Patch\n",
        "q.py\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n",
        "<<<<<<< SEARCH\n",
        "=======\n",
        "> --- a/x\n> +++ b/x\n> @@\n> -a\n",
        "GIT binary patch\n",
        "é\u2028x\r",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join), st.data())
def test_any_cut_of_the_text_gives_the_same_facts(text: str, data: st.DataObject) -> None:
    whole = read(text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    reader = PatchReader()
    facts = []
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        facts += reader.feed(text[start:end])
    assert [*facts, *reader.close()] == whole
    single = PatchReader()
    each = [fact for character in text for fact in single.feed(character)]
    assert [*each, *single.close()] == whole


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join), st.integers(0, 10_000))
def test_what_was_read_stays_when_more_arrives(text: str, cut: int) -> None:
    early = PatchReader().feed(text[: cut % (len(text) + 1)])
    assert PatchReader().feed(text)[: len(early)] == early


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join), texts(8), st.data())
def test_no_text_makes_us_fail_or_leave_the_tree(text: str, file: str, data: st.DataObject) -> None:
    spoiled = list(text)
    for at in data.draw(st.lists(st.integers(0, max(len(text) - 1, 0)), max_size=3)):
        if spoiled:
            spoiled[at] = data.draw(st.sampled_from("+- @\n\\/.*\t\r\0é\ud800"))
    files = {"x.py": file, "z.py": "old\n", "q.py": "old\nb\n"}
    outcome = apply_patch("".join(spoiled), dict(files), {})
    if isinstance(outcome, Applied):
        assert all(unsafe_path(path) is None for path in outcome.files)


@quick
@given(pairs(14), st.data())
def test_a_hunk_is_never_put_where_a_removed_line_is_not(
    pair: tuple[str, str], data: st.DataObject
) -> None:
    other = data.draw(texts(14))
    for hunk in diff("f", *pair):
        asked = Hunk("f", hunk.lines)
        lines = split_lines(other)
        found = locate(asked, lines)
        if isinstance(found, Placed):
            resolved = resolve(lines, asked, found)
            assert isinstance(apply_resolved(other, [resolved]), str)
            removed = [line.text.split() for line in hunk.lines if line.sign == "-"]
            gone = Counter(line.text for line in resolved.lines if line.sign == "-")
            gone -= Counter(line.text for line in resolved.lines if line.sign == "+")  # its end
            assert all(text.split() in removed for text in gone)
