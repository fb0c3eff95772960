"""Prose, cells and status as plain data."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from codexspark_tui.events import facts, runs
from codexspark_tui.tui.model.cells import clean, cut, shortened, wrapped
from codexspark_tui.tui.model.prose import Prose
from codexspark_tui.tui.model.status import Status


def shown(prose: Prose[str]) -> list[str]:
    found = (prose.row(y) for y in range(prose.height))
    return [block.rows[at] for block, at in filter(None, found)]


def streamed(text: str, *cuts: int) -> Prose[str]:
    prose: Prose[str] = Prose(40)
    places = [0, *sorted(cuts), len(text)]
    for start, end in pairwise(places):
        prose.note(facts.ProseDelta(text[start:end]))
    prose.note(facts.StreamFinished(1))
    return prose


TEXT = "Hello **you**\nsecond line\n\n```python\nx = 1\n\n\ny = 2\n```\nand\n\n\n\nthe end"


def test_the_parts_of_a_split_change_are_no_new_files() -> None:
    prose = streamed("words\n")
    prose.note(facts.ChangeSplit("c1", ("c2", "c3")))
    assert not prose.note(facts.ChangeOpened("c2", "hunk", "a.py"))
    assert shown(prose) == ["words"]
    assert prose.note(facts.ChangeOpened("c4", "hunk", "a.py"))


@pytest.mark.parametrize(
    ("ended", "code", "why", "told"),
    [
        ("exit", 3, "", "exit 3 after 1.5 s"),
        ("cancelled", 130, "it was stopped", "you stopped it after 1.5 s"),
        ("time", 137, "it took longer than 1 s", "it took longer than 1 s after 1.5 s"),
        (
            "missing",
            126,
            "the workspace holds the home folder",
            "the workspace holds the home folder",
        ),
    ],
)
def test_how_a_command_ended_is_told_with_its_reason(
    ended: str, code: int, why: str, told: str
) -> None:
    prose: Prose[str] = Prose()
    prose.note(runs.RunFinished("r1", code, ended, 1.5, why=why))
    assert shown(prose)[-1].strip().endswith(told)


def test_any_cut_of_the_stream_gives_the_same_rows() -> None:
    rows = shown(streamed(TEXT))
    assert rows == [
        "Hello **you**", "second line", "", "```python", "x = 1", "", "", "y = 2", "```", "and", "",
        "the end",
    ]  # fmt: skip
    chance = random.Random(1)
    for _ in range(200):
        cuts = [chance.randrange(len(TEXT)) for _ in range(chance.randrange(30))]
        assert shown(streamed(TEXT, *cuts)) == rows
        assert [b.lines for b in streamed(TEXT, *cuts).blocks] == [
            b.lines for b in streamed(TEXT).blocks
        ]


def test_a_fence_that_holds_only_changes_is_a_row_for_each_file() -> None:
    prose: Prose[str] = Prose(40)
    for event in (
        facts.ProseDelta("Here:\n\n```diff\n"),
        facts.ChangeOpened("c1", "hunk", "a.py"),
        facts.ChangeOpened("c2", "hunk", "a.py"),
        facts.ChangeOpened("c3", "hunk", "b.py"),
        facts.ProseDelta("```\nDone.\n"),
        facts.StreamFinished(1),
    ):
        prose.note(event)
    assert shown(prose) == ["Here:", "", "a.py", "b.py", "Done."]


def test_rendered_rows_take_the_place_of_the_plain_ones_until_the_width_changes() -> None:
    prose: Prose[str] = streamed("one\n\ntwo")
    (first, _) = prose.to_render()
    prose.give_rows(first, ["1", "2", "3"])
    assert prose.height == 4
    found = [prose.row(y) for y in range(4)]
    assert [(f[0] is first, f[1]) for f in found if f] == [
        (True, 0), (True, 1), (True, 2), (False, 0),
    ]  # fmt: skip
    prose.fit(10)
    assert prose.height == 3


@pytest.mark.usefixtures("no_garbage")
def test_the_end_of_a_long_stream_costs_no_more_than_its_beginning() -> None:
    """20,000 tokens of prose and code; the last tenth against the first, in the best of three."""
    assert min(_last_to_first() for _ in range(3)) < 1.5


def _last_to_first() -> float:
    prose: Prose[str] = Prose(70)
    piece = "some words of an answer that goes on\n" * 3 + "\n```python\n" + "x = 1\n" * 8 + "```\n"
    text = piece * 1000
    times = []
    for start in range(0, len(text), 64):
        began = time.process_time()
        prose.note(facts.ProseDelta(text[start : start + 64]))
        for y in range(prose.height - 40, prose.height):
            prose.row(y)
        times.append(time.process_time() - began)
    tenth = len(times) // 10
    return sum(times[-tenth:]) / sum(times[:tenth])


@given(st.text(max_size=200), st.integers(1, 30))
def test_wrapped_rows_fit_and_lose_nothing_but_spaces(text: str, width: int) -> None:
    line = clean(text)
    rows = wrapped(line, width)
    assert all(cell_len(row) <= max(width, 2) for row in rows)
    assert "".join(rows).replace(" ", "") == line.replace(" ", "")


@given(st.text(max_size=120), st.integers(0, 60), st.integers(1, 40))
def test_a_cut_has_exactly_its_width(text: str, start: int, width: int) -> None:
    assert cell_len(cut(clean(text), start, width)) == width


@given(st.text(max_size=120), st.integers(0, 40))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert cell_len(shortened(clean(text), width)) <= width


@given(st.text(max_size=200))
def test_clean_text_holds_no_control_character(text: str) -> None:
    made = clean(text)
    hidden = [c for c in made if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000]
    assert hidden == []
    assert not set(made) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


def test_the_rate_is_that_of_the_stream_and_then_that_of_the_provider() -> None:
    status = Status()
    status.note(facts.TurnStarted(1, "x"), 10.0)
    status.note(facts.ProseDelta("four"), 10.2)
    status.note(facts.ProseDelta("x" * 396), 10.7)
    assert (status.first_token_ms, status.tokens_per_s) == (199.99999999999929, 200.0)
    status.note(facts.Usage(150.0, 1150.0, 400, None, 90), 10.8)
    assert (status.first_token_ms, status.tokens_per_s) == (150.0, 90.0)
    assert status.whole_per_s == pytest.approx(90 / 1.15)


def test_a_wait_is_counted_down_until_something_comes() -> None:
    status = Status()
    status.note(facts.Retrying(4.0, "too many requests", 2, 5), 10.0)
    told = [status.waiting(now) for now in (10.0, 11.5, 13.9, 14.2)]
    assert told == [
        "again in 4 s (2 of 5)",
        "again in 3 s (2 of 5)",
        "again in 1 s (2 of 5)",
        "trying again (2 of 5)",
    ]
    status.note(facts.Retrying(0.0, "a queue"), 15.0)
    assert status.waiting(15.0) == "in the server's queue"
    status.note(facts.ProseDelta("x"), 16.0)
    assert status.waiting(16.0) == ""


def test_a_question_is_told_until_it_is_answered() -> None:
    status = Status()
    status.note(facts.Retrying(4.0, "x", 2, 5), 10.0)
    status.note(facts.Asked("q", "Which?", ("a",)), 11.0)
    assert (status.asks, status.waiting(11.0)) == (True, "")
    status.note(facts.ModelChosen("b"), 12.0)
    assert not status.asks
