"""Without a screen: linear, every change asked about; hostile text is harmless."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.patches import many_hunks, numbered
from tests.support.repo import Repo
from tests.support.spark import Typist, script, scripted

TEXT = numbered(60)


@pytest.mark.parametrize("by_variable", [True, False])
def test_changes_are_asked_about_one_by_one_and_taken_back(
    repo: Repo, tmp_path: Path, by_variable: bool
) -> None:
    repo.commit({"a.txt": TEXT})
    answer = "Here \x1b]0;title\x07 it is.\n" + many_hunks("a.txt", TEXT, (10, 30))
    path = script(tmp_path, answer)
    plain = () if by_variable else ("--plain",)
    env = {"SPARK_PLAIN": "1"} if by_variable else {}
    with Typist(("app", *plain, *scripted(path)), repo.root, env=env) as typist:
        typist.answer("What should change? ", "make it loud")
        typist.answer("]? ", "y")
        typist.answer("]? ", "n")
        typist.expect("1 accepted, 1 rejected. /undo 1 takes it back.")
        assert "line 10!" in repo.text("a.txt")
        typist.answer("What should change? ", "/undo")
        typist.expect("undo: 1.1 in a.txt")
        typist.answer("What should change? ", "/help")
        typist.expect("/redo WHAT")
        typist.answer("What should change? ", "/quit")
        ended = typist.end()
    assert ended.code == 0
    assert repo.text("a.txt") == TEXT
    assert "\x1b]" not in typist.screen
    assert "\x1b[?1049h" not in typist.screen
