"""Three-way merges: laws, conflicts as data, and git's own merge as a second opinion."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.patch import split_lines
from codexspark_tui.patch.merge3 import MergeConflict, Merged, marked, merge3
from tests.patch.examples import pairs, texts

BASE = [f"line {number}\n" for number in range(1, 11)]


def changed(**lines: str) -> list[str]:
    """BASE with some lines (l3="...") replaced."""
    return [lines.get(f"l{number}", line) for number, line in enumerate(BASE, 1)]


def test_changes_of_different_lines_are_both_taken() -> None:
    merged = merge3(BASE, changed(l2="ours\n"), changed(l8="theirs\n"))
    assert merged == Merged(tuple(changed(l2="ours\n", l8="theirs\n")))


def test_neighbouring_lines_are_no_conflict() -> None:
    merged = merge3(BASE, changed(l2="ours\n"), changed(l3="theirs\n"))
    assert merged == Merged(tuple(changed(l2="ours\n", l3="theirs\n")))


def test_one_line_changed_in_two_ways_is_a_conflict_that_shows_all_three() -> None:
    merged = merge3(BASE, changed(l2="ours\n"), changed(l2="theirs\n"))
    conflict = MergeConflict(1, ("line 2\n",), ("ours\n",), ("theirs\n",))
    assert merged == Merged(tuple(changed(l2="ours\n")), (conflict,))
    assert marked(merged)[1:8] == (
        "<<<<<<< ours\n",
        "ours\n",
        "||||||| base\n",
        "line 2\n",
        "=======\n",
        "theirs\n",
        ">>>>>>> theirs\n",
    )


def test_the_same_change_on_both_sides_is_taken_once() -> None:
    both = changed(l2="same\n")
    assert merge3(BASE, both, both) == Merged(tuple(both))


def test_two_insertions_at_one_place_have_no_order() -> None:
    merged = merge3(["a\n"], ["a\n", "ours\n"], ["a\n", "theirs\n"])
    assert merged.conflicts == (MergeConflict(1, (), ("ours\n",), ("theirs\n",)),)


def test_a_line_that_lost_its_end_is_never_glued_to_what_the_other_side_adds() -> None:
    merged = merge3(["a\n", "b\n"], ["a\n", "b"], ["a\n", "b\n", "c\n"])
    assert not merged.is_clean


@settings(max_examples=300, deadline=None)
@given(texts(), texts())
def test_a_side_that_changed_nothing_gives_way(base: str, other: str) -> None:
    was, side = split_lines(base), split_lines(other)
    assert merge3(was, side, was) == Merged(tuple(side))
    assert merge3(was, was, side) == Merged(tuple(side))
    assert merge3(was, side, side) == Merged(tuple(side))


@settings(max_examples=300, deadline=None)
@given(pairs(), texts())
def test_who_is_called_ours_changes_nothing_but_the_sides_of_conflicts(
    pair: tuple[str, str], third: str
) -> None:
    base, ours, theirs = (split_lines(text) for text in (*pair, third))
    one, two = merge3(base, ours, theirs), merge3(base, theirs, ours)
    assert one.is_clean == two.is_clean
    if one.is_clean:
        assert one == two
    assert [(c.base, c.ours, c.theirs) for c in one.conflicts] == [
        (c.base, c.theirs, c.ours) for c in two.conflicts
    ]


@settings(max_examples=300, deadline=None)
@given(pairs(), texts())
def test_no_line_but_the_last_is_without_its_end(pair: tuple[str, str], third: str) -> None:
    base, ours, theirs = (split_lines(text) for text in (*pair, third))
    merged = merge3(base, ours, theirs)
    if merged.is_clean:
        assert split_lines("".join(merged.lines)) == list(merged.lines)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_git_merges_is_merged_alike(tmp_path_factory: object, data: st.DataObject) -> None:
    base = [f"{number}\n" for number in range(30)]
    sides = []
    for mark in ("o", "t"):
        side = list(base)
        for row in data.draw(st.sets(st.integers(0, 29), max_size=4)):
            side[row] = data.draw(st.sampled_from([f"{mark}{row}\n", "", f"{row}\n{mark}\n"]))
        sides.append(split_lines("".join(side)))
    ours, theirs = sides
    assert hasattr(tmp_path_factory, "mktemp")
    folder: Path = tmp_path_factory.mktemp("merge")
    for name, lines in (("ours", ours), ("base", base), ("theirs", theirs)):
        (folder / name).write_text("".join(lines))
    command = ["git", "merge-file", "-p", "ours", "base", "theirs"]
    theirs_said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    merged = merge3(base, ours, theirs)
    if theirs_said.returncode == 0:
        assert "".join(merged.lines) == theirs_said.stdout
        assert merged.is_clean
