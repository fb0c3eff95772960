"""Hunks carried over to changed texts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.patch import apply_resolved, diff
from codexspark_tui.patch.apply import Mismatch
from codexspark_tui.patch.model import ResolvedHunk
from codexspark_tui.patch.rebase import Conflict, compose, merge, rebase
from tests.patch.examples import pairs, texts

BASE = "".join(f"line {number}\n" for number in range(1, 21))


def hunk(old: str, new: str, text: str = BASE) -> ResolvedHunk:
    (made,) = diff("f", text, text.replace(old, new, 1))
    return made


def test_a_hunk_follows_lines_that_were_added_above() -> None:
    above = hunk("line 2\n", "line 2\nmore\n")
    below = hunk("line 15\n", "LINE 15\n")
    moved = rebase(below, [above])
    assert isinstance(moved, ResolvedHunk)
    assert moved.old_start == below.old_start + 1
    assert moved.lines == below.lines


def test_context_that_a_neighbour_changed_follows_it() -> None:
    first = hunk("line 5\n", "LINE 5\nand more\n")
    second = hunk("line 7\n", "LINE 7\n")
    after_first = apply_resolved(BASE, [first])
    assert isinstance(after_first, str)
    moved = rebase(second, [first])
    assert isinstance(moved, ResolvedHunk)
    both = apply_resolved(after_first, [moved])
    assert both == apply_resolved(BASE, [first, second])


def test_one_line_changed_twice_is_a_conflict_with_both_sides() -> None:
    conflict = rebase(hunk("line 5\n", "ours\n"), [hunk("line 5\n", "theirs\n")])
    assert conflict == Conflict("f", 5, ("line 5\n",), ("ours\n",), ("theirs\n",))


def test_merge_places_a_hunk_beside_the_edit_of_someone_else() -> None:
    now = BASE.replace("line 3\n", "").replace("line 9\n", "line 9, edited\n")
    (moved,) = merge(BASE, now, [hunk("line 8\n", "LINE 8\n")])
    assert isinstance(moved, ResolvedHunk)
    assert apply_resolved(now, [moved]) == now.replace("line 8\n", "LINE 8\n")


def test_merge_says_when_the_base_is_not_the_hunks_own() -> None:
    (found,) = merge("other\n", "other\n", [hunk("line 8\n", "LINE 8\n")])
    assert isinstance(found, Mismatch)


@settings(max_examples=200, deadline=None)
@given(pairs(12), st.data())
def test_any_two_parts_of_a_patch_can_be_applied_one_after_the_other(
    pair: tuple[str, str], data: st.DataObject
) -> None:
    before, after = pair
    hunks = diff("f", before, after, context=1)
    chosen = data.draw(st.sets(st.integers(0, max(len(hunks) - 1, 0))))
    done = [h for number, h in enumerate(hunks) if number in chosen]
    middle = apply_resolved(before, done)
    if isinstance(middle, Mismatch):
        return  # the part alone would leave a line without its end in the middle
    rest = [rebase(h, done) for number, h in enumerate(hunks) if number not in chosen]
    assert not any(isinstance(h, Conflict) for h in rest)
    assert apply_resolved(middle, [h for h in rest if isinstance(h, ResolvedHunk)]) == after


@settings(max_examples=200, deadline=None)
@given(pairs(12), texts(4))
def test_composed_patches_do_what_one_after_the_other_did(pair: tuple[str, str], last: str) -> None:
    before, middle = pair
    second = diff("f", middle, last)
    both = compose(before, diff("f", before, middle), second)
    assert not isinstance(both, Mismatch)
    assert apply_resolved(before, both) == last


@settings(max_examples=200, deadline=None)
@given(pairs(12), pairs(12))
def test_what_merge_gives_always_applies(one: tuple[str, str], two: tuple[str, str]) -> None:
    base, ours = one
    now = two[1]
    for found in merge(base, now, diff("f", base, ours)):
        if isinstance(found, ResolvedHunk):
            new = apply_resolved(now, [found])
            unended = isinstance(new, Mismatch) and "line end" in new.why
            assert isinstance(new, str) or unended, new
