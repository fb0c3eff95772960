"""Colours of code come late, and never hold up what is painted."""

from __future__ import annotations

import sys
from types import FrameType

from tests.support.repo import Repo
from tests.tui.conftest import hunk, opened


async def test_a_lexer_is_looked_for_in_a_thread_of_its_own(repo: Repo) -> None:
    repo.commit({"a.zig": "const a = 1;\n", "b.kt": "val x = 1\n"})
    answer = hunk("a.zig", "-const a = 1;", "+const a = 2;") + hunk("b.kt", "-val x = 1", "+val x")
    in_the_loop: list[str] = []

    def called(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name == "get_lexer_for_filename":
            in_the_loop.append(frame.f_code.co_name)

    async with opened(repo, answer) as run:
        highlighter = run.screen.pane.diff.highlighter
        sys.setprofile(called)  # of this thread
        try:
            await run.send("go")
            await run.until(lambda: {".zig", ".kt"} <= highlighter._loaded)
            await run.until(lambda: not highlighter.has_work)
        finally:
            sys.setprofile(None)
        roles = {
            role for lines in highlighter._known.values() for line in lines for *_, role in line
        }
    assert in_the_loop == []
    assert {"keyword", "number"} <= roles
