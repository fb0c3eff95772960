"""The app in a real terminal does not get slower: ratios within one run, never times."""

from __future__ import annotations

import pytest

from codexspark_tui.tui.bench import key_bytes, paint_ratio
from codexspark_tui.tui.bench_long import long_session
from codexspark_tui.tui.bench_terminal import PICTURE, PICTURE_END, Phase, pictures, stream

TRIES = 3


@pytest.mark.parametrize("turns", [30, pytest.param(300, marks=pytest.mark.full)])
def test_the_last_tenth_of_a_long_session_is_as_fast_as_its_first(turns: int) -> None:
    assert any(long_session(turns).last_to_first < 1.5 for _ in range(TRIES))


@pytest.mark.parametrize("kind", ["prose", pytest.param("diff", marks=pytest.mark.full)])
def test_twenty_times_the_tokens_are_painted_as_often(kind: str) -> None:
    """At 1,000 tokens a second each of the 100 lines can be painted; at 20,000 a frame has many."""
    ratios: list[float] = []
    while not any(0.7 < ratio < 2.5 for ratio in ratios) and len(ratios) < TRIES:
        ratios.append(paint_ratio(kind))
    assert any(0.7 < ratio < 2.5 for ratio in ratios), ratios


def test_a_letter_that_is_typed_repaints_its_row_and_not_the_screen() -> None:
    assert max(key_bytes()) < 160 * 48 / 10


@pytest.mark.full
def test_the_list_of_files_costs_a_frame_only_the_rows_that_changed() -> None:
    done = stream("diff", Phase(120, 1000))
    sizes = sorted(size for at, size in done.terminal.pictures() if at < done.sent[-1])
    assert sizes[-1] < 1.25 * sizes[len(sizes) // 2]


def test_painted_frames_are_counted_however_they_are_cut_up() -> None:
    stream = b"x" + PICTURE + b"one" + PICTURE_END + b"between" + PICTURE + b"four" + PICTURE_END
    one = len(PICTURE + b"one" + PICTURE_END)
    for cut in range(len(stream)):
        found = list(pictures([(1.0, stream[:cut]), (2.0, stream[cut:])]))
        assert [size for _, size in found] == [one, one + 1]
    whole = list(pictures([(float(n), stream[n : n + 1]) for n in range(len(stream))]))
    assert [at for at, _ in whole] == [one, len(stream) - 1]
