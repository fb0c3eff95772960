"""The provider that is told what to say."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from codexspark_tui.errors import KeyMissing, LimitReached, ProviderError, UsageError
from codexspark_tui.providers.model import (
    Counted,
    Ended,
    ModelEvent,
    Opened,
    Question,
    Request,
    TextDelta,
)
from codexspark_tui.providers.scripted import Failure, Scripted, ScriptedProvider, load_script
from tests.support import clock

REQUEST = Request("p", "/repo", ("a.py",), "piped", (("q1", 1),))


async def _timed(provider: ScriptedProvider) -> list[tuple[float, ModelEvent]]:
    loop = asyncio.get_running_loop()
    return [(round(loop.time(), 6), event) async for event in provider.stream(REQUEST)]


def _said(answer: Scripted) -> list[ModelEvent]:
    return [event for _, event in clock.run(_timed(ScriptedProvider((answer,))))]


def test_text_comes_at_its_rate_after_the_first_delay_on_the_clock_of_the_loop() -> None:
    answer = Scripted("123456789", rate_tok_s=100, first_token_ms=500)
    assert clock.run(_timed(ScriptedProvider((answer,)))) == [
        (0.0, Opened("script", "scripted")),
        (0.5, TextDelta("1234")),
        (0.51, TextDelta("5678")),
        (0.52, TextDelta("9")),
        (0.52, Counted(None, 2)),
        (0.52, Ended("stop")),
    ]


def test_delays_of_the_reader_do_not_add_up() -> None:
    async def slow() -> float:
        loop = asyncio.get_running_loop()
        provider = ScriptedProvider((Scripted("x" * 400, rate_tok_s=100),))
        async for event in provider.stream(REQUEST):
            if isinstance(event, TextDelta):
                await asyncio.sleep(0.005)
        return loop.time()

    assert clock.run(slow()) == pytest.approx(0.995)


def test_without_a_rate_others_get_their_turn_as_well() -> None:
    async def run(rate: float) -> int:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        provider = ScriptedProvider((Scripted("x" * 4000, rate, chunk_chars=1),))
        async for _ in provider.stream(REQUEST):
            pass
        task.cancel()
        return turns

    assert clock.run(run(0)) >= 10
    assert clock.run(run(1e12)) >= 10


def test_chunks_and_a_cut() -> None:
    assert _said(Scripted("abcdef", chunk_chars=3, cut_after=4))[1:] == [
        TextDelta("abc"),
        TextDelta("d"),
        Counted(None, 1),
        Ended("cut"),
    ]
    assert _said(Scripted("abc", cut_after=0))[1:] == [Counted(None, 0), Ended("cut")]


def test_an_answer_that_reached_its_length() -> None:
    assert _said(Scripted("", finish="length"))[-1] == Ended("length")


def test_a_question_ends_the_answer() -> None:
    assert _said(Scripted(ask="Which?", options=("a", "b")))[1:] == [
        Question("q1", "Which?", ("a", "b")),
        Ended("question"),
    ]


@pytest.mark.parametrize(
    ("fail", "error"),
    [
        ("network", ProviderError),
        ("key", KeyMissing),
        ("limit", LimitReached),
        ("crash", RuntimeError),
    ],
)
def test_it_fails_after_its_text(fail: Failure, error: type[Exception]) -> None:
    async def run() -> None:
        stream = ScriptedProvider((Scripted("abcd", fail=fail),)).stream(REQUEST)
        assert [await anext(stream), await anext(stream)][1:] == [TextDelta("abcd")]
        with pytest.raises(error):
            await anext(stream)

    clock.run(run())


def test_it_records_what_it_was_asked_and_runs_out_with_a_next_step() -> None:
    provider = ScriptedProvider((Scripted("a"),))

    async def run() -> None:
        await _timed(provider)
        with pytest.raises(ProviderError) as caught:
            await _timed(provider)
        assert caught.value.title == "the script has 1 answer and was asked once more"
        assert caught.value.next_step

    clock.run(run())
    assert provider.asked == [REQUEST, REQUEST]


def test_a_script_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.diff").write_bytes(b"caf\xe9\n")
    path = tmp_path / "s.toml"
    path.write_text(
        '[[answer]]\ntext_file = "a.diff"\nrate_tok_s = 10\nchunk_chars = 2\ncut_after = 3\n'
        '[[answer]]\ntext = "x"\nfail = "limit"\nfinish = "length"\nfirst_token_ms = 1.5\n'
        '[[answer]]\nask = "Which?"\noptions = ["a", "b"]\n'
    )
    assert load_script(path).answers == (
        Scripted("caf\udce9\n", 10, chunk_chars=2, cut_after=3),
        Scripted("x", first_token_ms=1.5, fail="limit", finish="length"),
        Scripted(ask="Which?", options=("a", "b")),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no [[answer]]"),
        ("answer = 1", "has no [[answer]]"),
        ("answer = [1]", "answer 1 is not a table; write [[answer]] above it"),
        ("title = 'x'", "'title' is not known; there are only record, tools and [[answer]]"),
        ("[[answer]]\ntext = 'a'\n[[answer]]", "answer 2: text: it is missing"),
        ("[[answer]]\ntext = 1", "answer 1: text: it must be a string, not 1"),
        ("[[answer]]\ntext = 'a'\nrate = 1", "answer 1: rate: is not known; known are text,"),
        ("[[answer]]\ntext = 'a'\nrate_tok_s = 'x'", "rate_tok_s: it must be a number from 0"),
        ("[[answer]]\ntext = 'a'\nrate_tok_s = nan", "rate_tok_s: it must be a number from 0"),
        ("[[answer]]\ntext = 'a'\nfirst_token_ms = -1", "first_token_ms: it must be a number"),
        (
            "[[answer]]\ntext = 'a'\nchunk_chars = 0",
            "chunk_chars: it must be a whole number from 1",
        ),
        ("[[answer]]\ntext = 'a'\ncut_after = 1.5", "cut_after: it must be a whole number"),
        ("[[answer]]\ntext = 'a'\ncut_after = true", "cut_after: it must be a whole number"),
        (
            "[[answer]]\ntext = 'a'\nfail = 'x'",
            "fail: it must be one of network, key, limit, crash",
        ),
        ("[[answer]]\ntext = 'a'\nfinish = 'cut'", "finish: it must be one of stop, length"),
        ("[[answer]]\ntext = 'a'\ntext_file = 'b'", "text_file: there is a text already"),
        ("[[answer]]\ntext_file = 'missing.diff'", "text_file: "),
        ("[[answer]]\ntext_file = 3", "text_file: it must be a string, not 3"),
        ("[[answer]]\nask = 'x'", "ask: a question needs options"),
        ("[[answer]]\nask = 'x'\noptions = [1]", "options: it must be a list of strings"),
        ("[[answer]\n", "cannot be read: "),
        ("x = " + "[" * 20_000, "cannot be read: "),
    ],
)
def test_what_is_wrong_in_a_script_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_script(path)
    assert f"the script {path}" in caught.value.title
    assert said in caught.value.title


def test_what_it_was_asked_is_added_to_a_file_as_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('record = "asked.jsonl"\n[[answer]]\ntext = "a"\n[[answer]]\ntext = "b"\n')
    provider = load_script(path)

    async def run() -> None:
        await _timed(provider)
        await _timed(provider)

    clock.run(run())
    lines = (tmp_path / "asked.jsonl").read_text().splitlines()
    asked = {"prompt": "p", "root": "/repo", "files": ["a.py"], "attached": "piped"}
    talk = {"answers": [["q1", 1]], "instructions": "", "items": [], "tools": []}
    limits = {"max_output_tokens": None, "total_s": None, "prediction": ""}
    assert [json.loads(line) for line in lines] == [asked | talk | limits] * 2


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: no such file or directory$"):
        load_script(tmp_path / "none.toml")
