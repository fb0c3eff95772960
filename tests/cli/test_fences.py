"""A fence that holds nothing is left out, wherever its text is cut; every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from codexspark_tui.cli.fences import WithoutEmptyFences

TEXTS = {
    "a\n```diff\n```\nb\n": "a\nb\n",
    "a\n```diff\n\n```": "a\n",
    "```\n```\n~~~diff\n~~~\n": "",
    "```\nx\n```\n```diff\n```\ny": "```\nx\n```\ny",
    "````md\n```diff\n```\n````\n": "````md\n```diff\n```\n````\n",
    "a ``` b\n``` c ``` d\n``": "a ``` b\n``` c ``` d\n``",
    "```diff\n": "```diff\n",
    "~~~\n```\n~~~\n": "~~~\n```\n~~~\n",
    "```diff\n    ```\n```\n": "```diff\n    ```\n```\n",
}


def shown(pieces: list[str]) -> str:
    fences = WithoutEmptyFences()
    return "".join(fences.take(piece) for piece in pieces) + fences.end()


@pytest.mark.parametrize("text", TEXTS)
def test_empty_fences_are_left_out_wherever_the_text_is_cut(text: str) -> None:
    assert shown([text]) == shown(list(text)) == TEXTS[text]
    assert {shown([text[:at], text[at:]]) for at in range(len(text))} == {TEXTS[text]}


@given(some.lists(some.text("a`~ \n", max_size=6)))
def test_any_cut_shows_the_same_and_loses_nothing_but_fences(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert shown(pieces) == shown([text])
    assert shown(pieces).count("a") == text.count("a")


def test_what_can_be_no_fence_is_shown_at_once() -> None:
    fences = WithoutEmptyFences()
    assert [fences.take(piece) for piece in ("It ", "is", ".\n", "``", "`x` y")] == [
        "It ", "is", ".\n", "", "```x` y",
    ]  # fmt: skip
