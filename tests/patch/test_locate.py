"""Where hunks are found, and where they are not."""

from __future__ import annotations

from codexspark_tui.patch import FilePlacer, locate, resolve, split_lines
from codexspark_tui.patch.model import (
    Ambiguous,
    Hunk,
    HunkHint,
    Line,
    Missing,
    Placed,
    Placement,
    ResolvedHunk,
    Sign,
)
from codexspark_tui.patch.whole import Applied, apply_patch


def hunk(text: str, hint: HunkHint = HunkHint()) -> Hunk:  # noqa: B008 (a frozen value)
    signs: dict[str, Sign] = {" ": " ", "-": "-", "+": "+"}
    lines = [Line(signs[line[0]], line[1:]) for line in text.split("\n") if line]
    return Hunk("f", tuple(lines), hint)


def place(file: str, text: str, hint: HunkHint = HunkHint()) -> Placement:  # noqa: B008
    return locate(hunk(text, hint), split_lines(file))


def how(file: str, text: str) -> str:
    found = place(file, text)
    assert isinstance(found, Placed), found
    return found.how


def test_each_strategy_is_tried_only_when_the_stricter_ones_fail() -> None:
    assert how("a b\n", "-a b") == "exact"
    assert how("a b  \n", "-a b") == "trailing blanks"
    assert how("“a” b\n", '-"a" b') == "look-alikes"
    assert how("    a b\n", "-a b") == "indentation"
    assert how("a  b\n", "-a b") == "spacing"
    assert how("a( b )\n", "-a(b)") == "no blanks"
    assert how("x\n\ny\n", " x\n-y") == "look-alikes, blank lines aside"


def test_two_equal_places_are_never_settled_by_taking_the_first() -> None:
    assert place("a\nb\na\n", "-a") == Ambiguous((0, 2), "exact")


def test_a_number_that_fits_its_lines_settles_a_tie() -> None:
    file = "a\n" + "x\n" * 40 + "a\n"
    near = HunkHint(41, 1, 41, 1)
    found = place(file, "-a\n+b", near)
    assert found == Placed(41, "exact; by its line number", moved=1)
    wrong_counts = HunkHint(41, 3, 41, 7)
    assert isinstance(place(file, "-a\n+b", wrong_counts), Ambiguous)
    between = HunkHint(20, 1, 20, 1)
    assert isinstance(place(file, "-a\n+b", between), Ambiguous)


def test_an_anchor_settles_a_tie_inside_its_scope() -> None:
    file = "def f():\n    return 1\n\ndef g():\n    return 1\n"
    found = place(file, "-    return 1\n+    return 2", HunkHint(anchors=("def g():",)))
    assert found == Placed(4, "exact; by its anchor")


def test_a_removed_line_must_be_found() -> None:
    found = place("a\nb\nc\n", " a\n-B\n c")
    assert found == Missing(
        "The removed line 'B' is not in the file. Line 2, nearest to it, is 'b'.",
        nearest=0,
        reason="line_absent",
        wanted="B",
        seen="b",
    )


def test_blank_lines_alone_are_no_place() -> None:
    assert isinstance(place("a\n\nb\n", "-\n+x".replace("-", "-")), Missing)


def test_lines_that_an_earlier_hunk_changes_are_taken() -> None:
    placer = FilePlacer("f", "a\nb\n")
    assert isinstance(placer.place(hunk("-a\n+x")), Placed)
    assert isinstance(placer.place(hunk("-a\n+y")), Missing)


def test_hunks_in_the_files_order_settle_a_tie() -> None:
    placer = FilePlacer("f", "a\nm\na\n")
    assert isinstance(placer.place(hunk("-m\n+M")), Placed)
    assert placer.place(hunk("-a\n+b")) == Placed(2, "exact; by order")


def test_a_later_hunk_settles_an_earlier_one_and_moves_no_placed_one() -> None:
    placer = FilePlacer("f", "a\nm\na\n")
    first = hunk("-a\n+b")
    assert isinstance(placer.place(first), Ambiguous)
    assert isinstance(placer.place(hunk("-m\n+M")), Placed)
    settled = placer.retry(first)
    assert isinstance(settled, Placed)
    assert settled.at == 0


def test_a_person_can_choose_among_the_candidates() -> None:
    placer = FilePlacer("f", "a\nm\na\n")
    first = hunk("-a\n+b")
    placer.place(first)
    chosen = placer.settle(first, 2)
    assert chosen.at == 2
    assert resolve(placer.lines, first, chosen).old_start == 1
    assert placer.place(hunk("-a\n+c")) == Placed(0, "exact")


def test_a_hunk_that_shows_nothing_of_the_file_needs_a_number_or_an_end() -> None:
    assert isinstance(place("a\nb\n", "+x"), Missing)
    assert place("a\nb\n", "+x", HunkHint(at_end=True)) == Placed(2, "end of file")
    numbered = place("a\nb\n", "+x", HunkHint(1, 0, 2, 1))
    assert isinstance(numbered, Placed)
    assert numbered.at == 1
    assert place("", "+x") == Placed(0, "empty file")


def test_an_addition_that_is_there_already_is_not_made_twice() -> None:
    assert isinstance(place("a\nb\n", " a\n+b"), Missing)


def resolved(file: str, text: str) -> ResolvedHunk:
    lines = split_lines(file)
    wanted = hunk(text)
    placed = locate(wanted, lines)
    assert isinstance(placed, Placed), placed
    return resolve(lines, wanted, placed)


def test_a_resolved_hunk_has_the_files_own_lines_and_its_context() -> None:
    found = resolved("1\n2\n3\n4\nx \n5\n6\n7\n8\n", "-x\n+y")
    assert found == ResolvedHunk(
        "f",
        2,
        (
            *(Line(" ", str(number)) for number in (2, 3, 4)),
            Line("-", "x "),
            Line("+", "y"),
            *(Line(" ", str(number)) for number in (5, 6, 7)),
        ),
    )


def added(file: str, text: str) -> list[str]:
    return [line.text + line.end for line in resolved(file, text).lines if line.sign == "+"]


def test_added_lines_are_fitted_to_a_shifted_block() -> None:
    assert added("    if a:\n        b\n", " if a:\n-    b\n+    c\n+        d") == [
        "        c\n",
        "            d\n",
    ]


def test_added_lines_take_the_files_indentation_character() -> None:
    assert added("if a:\n\tb\n\tc\n", " if a:\n-    b\n+    d\n+        e\n     c") == [
        "\td\n",
        "\t\te\n",
    ]


def test_added_lines_take_the_files_line_end() -> None:
    assert added("a\r\nb\r\n", "-a\n+c") == ["c\r\n"]


def test_a_blank_line_of_very_many_is_found_by_an_exact_number() -> None:
    text = "x\n\n" * 200
    patch = "--- a/f\n+++ b/f\n@@ -300 +300,2 @@\n \n+y\n"
    outcome = apply_patch(patch, {"f": text}, {"f": "100644"})
    assert isinstance(outcome, Applied)
    assert outcome.files["f"] == "x\n\n" * 150 + "y\n" + "x\n\n" * 50
    wrong = apply_patch(patch.replace("300 +300", "299 +299"), {"f": text}, {"f": "100644"})
    assert not isinstance(wrong, Applied)


def test_of_very_many_places_the_last_one_looked_at_is_not_the_only_one() -> None:
    placer = FilePlacer("f", "a\nb\n" * 60)
    for number in range(39):
        hint = HunkHint(2 * number + 1, 1, 2 * number + 1, 1)
        assert placer.place(hunk("-a\n+x", hint)) == Placed(2 * number, "exact; by its line number")
    last = hunk("-a\n+y")
    assert isinstance(placer.place(last), Ambiguous)
    assert isinstance(placer.retry(last), Ambiguous)
    hint = HunkHint(101, 1, 101, 1)
    assert placer.place(hunk("-a\n+z", hint)) == Placed(100, "exact; by its line number")
    assert isinstance(placer.place(hunk("-a\n+q", hint)), Ambiguous)  # that one is taken


def test_context_that_lost_its_blank_shifts_nothing() -> None:
    assert added("  a\n  b\n", "  a\n+  x\n  b") == ["  x\n"]
