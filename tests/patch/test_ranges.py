"""A hunk taken line range by line range."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codexspark_tui.patch import apply_resolved
from codexspark_tui.patch.model import Line, ResolvedHunk, Sign
from codexspark_tui.patch.transform import changes_something, keep_range, ordered

SIGNS: tuple[Sign, ...] = (" ", "-", "+")


@given(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=10), st.data())
def test_ranges_taken_one_by_one_are_the_whole_hunk(signs: list[Sign], data: st.DataObject) -> None:
    lines = ordered([Line(sign, f"{n}") for n, sign in enumerate(signs)])
    hunk = ResolvedHunk("a", 1, lines)
    first = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(first, len(lines)))
    old = "".join(f"{line.text}\n" for line in lines if line.sign != "+")
    new = "".join(f"{line.text}\n" for line in lines if line.sign != "-")
    cuts = ((0, first), (first, end), (end, len(lines)))
    parts = [keep_range(hunk, a, b) for a, b in cuts]
    parts = [part for part in parts if changes_something(part)]
    assert (apply_resolved(old, parts) if parts else old) == new
