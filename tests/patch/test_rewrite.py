"""Changes as a model wrote them, printed again and turned round."""

from __future__ import annotations

from hypothesis import given, settings

from codexspark_tui.patch import PatchReader, diff, render
from codexspark_tui.patch.model import (
    ChangeEnded,
    Create,
    Delete,
    Hunk,
    HunkHint,
    Line,
    ModeChange,
    Proposed,
    Rename,
    Unsupported,
)
from codexspark_tui.patch.rewrite import invert_proposed, render_proposed
from codexspark_tui.patch.whole import Applied, apply_patch
from tests.patch.examples import changes, pairs, read

LINES = (Line(" ", "a"), Line("-", "b"), Line("+", "c", ""))
ALL: list[Proposed] = [
    Rename("old.py", "dir/new.py"),
    ModeChange("dir/new.py", "100755", "100644"),
    Hunk("dir/new.py", LINES, HunkHint(3, 2, 3, 2, "def f():")),
    Create("made.py", (Line("+", "x"),)),
    Create("empty.py"),
    Delete("gone.py", (Line("-", "y"),), "100755"),
]


def by_path(found: list[Proposed]) -> list[str]:
    """The changes without regard to order."""
    return sorted(map(repr, found))


def test_what_is_printed_reads_as_the_same_changes() -> None:
    assert by_path(changes(read(render_proposed(ALL)))) == by_path(ALL)


def test_hunks_keep_their_anchors_and_their_end_of_file() -> None:
    anchored = Hunk("f.py", LINES[:2], HunkHint(anchors=("class A:", "def f():")))
    at_end = Hunk("f.py", LINES[:2], HunkHint(at_end=True))
    assert changes(read(render_proposed([anchored, at_end]))) == [anchored, at_end]


def test_inverting_twice_gives_the_changes_back() -> None:
    assert by_path(invert_proposed(invert_proposed(ALL))) == by_path(ALL)


def test_a_copy_is_taken_back_by_deleting_the_new_file() -> None:
    assert invert_proposed([Rename("a", "b", copy=True)]) == [Delete("b")]


@settings(max_examples=200, deadline=None)
@given(pairs())
def test_a_patch_turned_round_takes_the_file_back(pair: tuple[str, str]) -> None:
    before, after = pair
    facts = read(render(diff("f", before, after)))
    assert not any(isinstance(fact, Unsupported) for fact in facts)
    turned = render_proposed(invert_proposed(changes(facts)))
    if turned:
        outcome = apply_patch(turned, {"f": after}, {})
        assert isinstance(outcome, Applied), outcome
        assert outcome.files["f"] == before


def test_names_are_cut_as_patch_does_when_it_is_told() -> None:
    text = "--- a/lib/x.py\n+++ b/lib/x.py\n@@ -1 +1 @@\n-b\n+c\n"
    for strip, path in ((1, "lib/x.py"), (2, "x.py")):
        reader = PatchReader(strip=strip)
        ended = [f for f in [*reader.feed(text), *reader.close()] if isinstance(f, ChangeEnded)]
        assert [fact.change.path for fact in ended] == [path]


def test_a_name_with_too_few_folders_is_refused() -> None:
    text = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-b\n+c\n"
    facts = read(text, PatchReader(strip=3))
    assert [f.why for f in facts if isinstance(f, Unsupported)] == [
        "b/x.py has not 3 folders to leave out."
    ]
    assert changes(facts) == []
