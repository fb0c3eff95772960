"""Deltas: exact both ways, small, and able to say where a line has gone."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from codexspark_tui.workspace.delta import (
    Delta,
    LineEdit,
    between,
    forward,
    inverted,
    lines_now,
    of_edits,
    pack,
    unpack,
)
from codexspark_tui.workspace.steps import Side, Step, through

LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "é\r\n", "日本\n"]), max_size=12)


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[str], list[LineEdit]]:
    lines = draw(LINES)
    found: list[LineEdit] = []
    at = 0
    while at <= len(lines) and draw(st.booleans()):
        line = draw(st.integers(at, len(lines)))
        old = draw(st.integers(0, len(lines) - line))
        found.append(LineEdit(line, old, tuple(draw(LINES))))
        at = line + old + 1
    return lines, found


def edited(lines: list[str], found: list[LineEdit]) -> list[str]:
    out, done = list[str](), 0
    for edit in found:
        out += [*lines[done : edit.line], *edit.new]
        done = edit.line + edit.old_lines
    return out + lines[done:]


@given(edits(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le"]))
def test_forward_and_back_give_the_exact_bytes(
    given_edits: tuple[list[str], list[LineEdit]], encoding: str
) -> None:
    lines, found = given_edits

    def encode(text: str) -> bytes:
        return text.encode(encoding)

    before, after = encode("".join(lines)), encode("".join(edited(lines, found)))
    delta = of_edits(lines, found, encode)
    assert forward(before, delta) == after
    assert forward(after, inverted(delta)) == before
    assert inverted(inverted(delta)) == delta
    assert unpack(pack([delta, ()])) == (delta, ())


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_one_splice_leads_from_any_bytes_to_any_bytes(before: bytes, after: bytes) -> None:
    delta = between(before, after)
    assert forward(before, delta) == after
    assert forward(after, inverted(delta)) == before


@given(edits(), st.data())
def test_a_line_is_followed_or_said_to_be_gone(
    given_edits: tuple[list[str], list[LineEdit]], data: st.DataObject
) -> None:
    lines, found = given_edits
    unique = [f"{number}\n" for number, _ in enumerate(lines)]
    delta = of_edits(unique, found, str.encode)
    after = edited(unique, found)
    for number, line in enumerate(unique):
        kept = not any(e.line <= number < e.line + e.old_lines for e in found)
        now = lines_now([delta], number, 1)
        assert (now is not None) == kept
        assert now is None or after[now] == line
        assert lines_now([delta, inverted(delta)], number, 1) == number


def splice(lines: list[str], line: int, old: int, *new: str) -> Delta:
    return of_edits(lines, [LineEdit(line, old, new)], str.encode)


def test_lines_that_were_replaced_and_put_back_are_there_again_and_where() -> None:
    lines = [f"{n}\n" for n in range(8)]
    change = splice(lines, 3, 3, "x\n")
    changed = [*lines[:3], "x\n", *lines[6:]]
    above = splice(changed, 0, 0, "top\n", "top\n")
    moved = ["top\n", "top\n", *changed]
    back = splice(moved, 5, 1, *lines[3:6])
    assert lines_now([change], 4, 1) is None
    assert lines_now([change, above], 4, 1) is None
    assert lines_now([change, above, back], 4, 1) == 6
    assert lines_now([change, above, back], 2, 1) == 4
    other = splice(moved, 5, 1, "y\n", "y\n", "y\n")
    assert lines_now([change, above, other], 4, 1) is None


def test_a_step_of_several_deltas_leads_back_the_way_it_came() -> None:
    """Each delta counts in the text that the one before it has made."""
    start = b"one\ntwo\nthree\n"
    texts = [start, b"one\nand a half\ntwo\nthree\n", b"one\nand a half\ntwo\n3\n", b"two\n3\n"]
    deltas = tuple(between(old, new) for old, new in itertools.pairwise(texts))
    step = Step("f", Side("b"), Side("a"), deltas)
    assert through(start, deltas) == texts[-1]
    assert step.content_after(start) == texts[-1]
    assert step.turned().content_after(texts[-1]) == start
    assert step.turned().turned().content_after(start) == texts[-1]
