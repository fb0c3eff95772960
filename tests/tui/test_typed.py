"""Keys and pastes, however the bytes are cut up."""

from __future__ import annotations

import time

import pytest
from textual.constants import ESCAPE_DELAY
from textual.events import Key, Paste

from codexspark_tui.tui.typed import BEGIN, END, Typed

STREAM = f"a{BEGIN}one\nж\x1b[201 two{BEGIN}\x00{END}\x1b[Ab{BEGIN}{END}c"


def events(*pieces: str) -> list[str]:
    typed = Typed()
    made = [event for piece in pieces for event in typed.feed(piece)]
    return [e.text if isinstance(e, Paste) else e.key for e in made if isinstance(e, Key | Paste)]


WHOLE = ["a", f"one\nж\x1b[201 two{BEGIN}", "up", "b", "", "c"]


def test_a_paste_is_one_event_between_the_keys() -> None:
    assert events(STREAM) == WHOLE


BEHIND_ESCAPE = [n + 1 for n in range(len(STREAM)) if STREAM.startswith(BEGIN, n)]


@pytest.mark.parametrize("cut", [n for n in range(1, len(STREAM)) if n not in BEHIND_ESCAPE])
def test_a_stream_cut_anywhere_is_read_the_same(cut: int) -> None:
    assert events(STREAM[:cut], STREAM[cut:]) == WHOLE


def test_a_paste_whose_escape_came_alone_is_one_all_the_same() -> None:
    """Textual's parser has it then, which reads letter by letter."""
    assert events("a\x1b", f"{BEGIN[1:]}one\n{END}b") == ["a", "one\n", "b"]
    assert events(*f"a{BEGIN}one{END}b") == ["a", "one", "b"]


def test_an_escape_that_waited_is_a_key_before_what_comes_next() -> None:
    typed = Typed()
    assert not list(typed.feed("\x1b"))
    waits_from = time.perf_counter()
    while time.perf_counter() - waits_from < ESCAPE_DELAY:
        continue
    assert [e.key for e in typed.feed("y") if isinstance(e, Key)] == ["escape", "y"]


def test_line_ends_of_a_paste_are_those_of_a_text() -> None:
    assert events(f"{BEGIN}one\rtwo\r\nthree\n{END}\r") == ["one\ntwo\nthree\n", "enter"]
    assert events(f"{BEGIN}one\r", f"\ntwo{END}") == ["one\ntwo"]


def test_an_escape_that_nothing_follows_is_a_key() -> None:
    typed = Typed()
    assert not list(typed.feed("\x1b[20"))
    assert not list(typed.tick())
    (key,) = typed.feed("~")
    assert isinstance(key, Key)
    assert key.key == "f9"
