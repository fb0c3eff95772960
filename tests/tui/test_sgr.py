"""The terminal shows the same, whether its colours come in many bytes or in few."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from codexspark_tui.tui.sgr import PLAIN, Look, shortened

ESC = "\x1b["
CODES = ["", "0", "1", "2", "3", "4", "7", "9", "22", "23", "24", "27", "29", "31", "39", "44",
         "49", "95", "104", "38;2;1;2;3", "48;2;9;8;7", "38;5;9", "48;5;200"]  # fmt: skip
TEXTS = ["", "word", "  ", "\r\n", f"{ESC}3;5H", f"{ESC}2K", "ж "]
pieces = st.tuples(
    st.lists(st.sampled_from(CODES), max_size=4).map(lambda codes: f"{ESC}{';'.join(codes)}m"),
    st.sampled_from(TEXTS),
)
streams = st.lists(pieces, max_size=12).map(lambda made: "".join(a + b for a, b in made))


def screen(*data: str) -> list[object]:
    """All that can be seen: of a blank its background and what is drawn on it, of the rest all."""
    shown = pyte.Screen(20, 6)
    stream = pyte.Stream(shown)
    for piece in data:
        stream.feed(piece)
    rows = [[shown.buffer[y][x] for x in range(20)] for y in range(6)]
    return [_seen(char) for row in rows for char in row] + [shown.cursor.x, shown.cursor.y]


def _seen(char: pyte.screens.Char) -> object:
    drawn_on = char.underscore or char.strikethrough or char.reverse
    return (" ", char.bg) if char.data == " " and not drawn_on else char


@given(st.lists(streams, max_size=4))
def test_the_same_is_shown_in_no_more_bytes(data: list[str]) -> None:
    made, look = [], PLAIN
    for piece in data:
        short, look = shortened(piece, look)
        made.append(short)
    assert screen(*made, "end") == screen(*data, "end")
    reset = len(data) * len(f"{ESC}0;1;2;3;4;7;9m")  # a look may be carried past a move
    assert len("".join(made)) <= len("".join(data)) + reset


def test_only_what_differs_is_said() -> None:
    row = (
        f"{ESC}38;2;1;1;1;48;2;9;9;9m+{ESC}0m{ESC}38;2;1;1;1;48;2;9;9;9m {ESC}0m"
        f"{ESC}1;38;2;5;5;5;48;2;9;9;9mtext{ESC}0m{ESC}38;2;5;5;5;48;2;9;9;9m!{ESC}0m\r\n{ESC}2;1H"
        f"{ESC}38;2;5;5;5;48;2;9;9;9mnext{ESC}0m"
    )
    assert shortened(row) == (
        f"{ESC}38;2;1;1;1;48;2;9;9;9m+ {ESC}1;38;2;5;5;5mtext{ESC}22m!\r\n{ESC}2;1Hnext{ESC}0m",
        PLAIN,
    )


def test_a_code_that_nobody_knows_is_taken_back_by_a_reset() -> None:
    data = f"{ESC}53mover{ESC}0mplain"
    assert shortened(data) == (data, PLAIN)


def test_what_is_no_colour_stays_as_it_is() -> None:
    for data in ("", "text", f"{ESC}?1049h", "\x1b]2;a title\x07", f"{ESC}3;4Hx", f"{ESC}>1u"):
        assert shortened(data) == (data, PLAIN)


def test_a_look_that_is_left_is_carried_on() -> None:
    short, look = shortened(f"{ESC}1mbold")
    assert look == Look(frozenset({"1"}))
    assert shortened(f"still {ESC}0mplain", look) == (f"still {ESC}0mplain", PLAIN)
    assert short == f"{ESC}1mbold"
