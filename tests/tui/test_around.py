"""Around the review: export, palette, calls, title."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandInput, CommandPalette

from codexspark_tui.errors import UsageError
from codexspark_tui.tui.calls import Caller
from codexspark_tui.tui.export import export
from codexspark_tui.tui.palette import Things
from tests.support.repo import Repo
from tests.tui.conftest import TWO, opened, painted
from tests.tui.made import Desk, decided, missing, placed, whole
from tests.tui.made import opened as begun

HOSTILE = "a\x1b]0;x\x07\x1b[31m[bold]```"


def session() -> Desk:
    desk = Desk(
        *whole("c1"), *whole("c2", "b.py"), begun("c3", "c.py"),
        placed("c3", "c.py", 1, "-`````", f"+{HOSTILE}"),
    )  # fmt: skip
    desk.note(decided("c1", "written", "1.1"), decided("c2", "rejected", reason="no"))
    return desk


@pytest.mark.parametrize("form", ["patch", "md", "html", "svg"])
def test_a_session_is_exported_in_the_form_of_its_name(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"out.{form}"
    export(path, session().board, [("prompt", ["do it"]), ("prose", ["Two **changes**."])])
    text = path.read_text()
    if form == "patch":
        assert (
            text == "--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,1 @@\n-old\n+new\n"
            or "-old\n+new\n" in text
        )
        assert "b.py" not in text
    else:
        assert "do it" in text.replace("&#160;", " ")
        assert "rejected" in text
        assert "\x1b" not in text
        assert "\x07" not in text
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="is there already"):
        export(path, session().board, [])


def test_another_ending_names_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none of the endings \.patch"):
        export(tmp_path / "x.doc", session().board, [])


def test_an_exported_page_colours_the_changes_and_shows_no_marks(tmp_path: Path) -> None:
    said = [("prompt", ["do it"]), ("prose", ["- one", "> cited"])]
    for form in ("html", "svg"):
        path = tmp_path / f"out.{form}"
        export(path, session().board, said)
        text = path.read_text().replace("&#160;", " ")
        assert ("```diff" in text, "###" in text) == (False, False)
        assert "❯ do it" in text
        assert "- one" in text
    assert '<svg xml:space="preserve"' in text
    export(tmp_path / "out.md", session().board, said)
    assert "> do it\n\n- one\n> cited\n" in (tmp_path / "out.md").read_text()


def test_what_has_no_place_is_exported_without_an_empty_one(tmp_path: Path) -> None:
    export(tmp_path / "out.md", Desk(begun("c1"), missing("c1", "lost")).board, [])
    assert "\n### a.py: cannot be placed\n" in (tmp_path / "out.md").read_text()


async def test_export_writes_beside_the_files_and_says_where(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y")
        await run.until(lambda: "written" in run.states().values())
        run.screen.act("export", "session.md")
        assert "LINE 5" in shop.text("session.md")


async def test_the_palette_finds_changes_themes_and_checkpoints(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y")
        await run.until(lambda: "written" in run.states().values())
        provider = Things(run.screen)
        await provider.startup()
        found = {}
        for query in ("prices line 27", "file shop", "theme light", "checkpoint 1"):
            hits = [hit async for hit in provider.search(query)]
            found[query] = [str(hit.text) for hit in hits]
        assert all(found.values()), found
        hit = next(iter([h async for h in provider.search("prices line 27")]))
        hit.command()
        assert run.screen.pane.control.cursor == "c2"
        await run.press("ctrl+p")
        await run.until(lambda: isinstance(run.app.screen, CommandPalette))
        await run.press("escape")


NASTY = "[@click=app.quit]x[/] [/no] \\\\[b] $x \x1b]0;t\x07"
"""Markup of more than one kind, and a control sequence."""


async def test_names_and_prompts_are_no_markup_in_the_palette(shop: Repo) -> None:
    name = f"shop/{NASTY.replace('/', '')}.py"
    shop.write({name: "line 1\n"})
    patch = f'--- "a/{quoted(name)}"\n+++ "b/{quoted(name)}"\n@@ -1 +1 @@\n-line 1\n+LINE\n'
    async with opened(shop, f"```diff\n{patch}```\n") as run:
        await run.until(lambda: len(run.screen.prompt.files.paths) > 2)
        await run.send(NASTY)
        await run.until(lambda: run.rested)
        await run.press("y")
        await run.until(lambda: "written" in run.states().values())
        await run.press("ctrl+p")
        await run.until(lambda: isinstance(run.app.screen, CommandPalette))
        for query in ("x", "checkpoint", "file", "@shop"):
            run.app.screen.query_one(CommandInput).value = query
            await run.until(lambda: "[@click=app.quit]x" in painted(run.app))
        assert "\x1b" not in painted(run.app)
        assert run.app.is_running


def quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace("\x1b", "\\033").replace("\x07", "\\a")


async def test_the_palette_names_files_of_the_repository_in_the_prompt(shop: Repo) -> None:
    async with opened(shop) as run:
        await run.until(lambda: "shop/tax.py" in run.screen.prompt.files.paths)
        await run.press(*"mend", "ctrl+p")
        await run.until(lambda: isinstance(run.app.screen, CommandPalette))
        run.app.screen.query_one(CommandInput).value = "tax.py"
        await run.until(lambda: "@shop/tax.py" in painted(run.app))
        await run.press("enter")
        await run.until(lambda: run.screen.prompt.text == "@shop/tax.py mend")


class Tape:
    """A terminal that remembers what was written to it."""

    is_headless = False

    def __init__(self) -> None:
        self.said = ""

    def write(self, text: str) -> None:
        self.said += text

    def flush(self) -> None:
        """Nothing waits."""


@pytest.mark.parametrize(
    ("way", "looked_at", "rung"),
    [
        ("auto", False, ["\x07", "\x1b]9;2 changes"]),
        ("bell", False, ["\x07"]),
        ("off", False, []),
        ("auto", True, []),
    ],
)
def test_a_person_who_looks_elsewhere_is_called(way: str, looked_at: bool, rung: list[str]) -> None:
    tape = Tape()
    caller = Caller(tape, way)  # type: ignore[arg-type]  # all that is used of a driver
    caller.looked_at = looked_at
    caller.call("2 changes")
    assert [part in tape.said for part in rung] == [True] * len(rung)
    assert bool(tape.said) == bool(rung)
    caller.title("spark 2 open")
    caller.title("spark 2 open")
    assert tape.said.count("\x1b]2;spark 2 open\x07") == 1


async def test_the_turn_calls_once_when_it_needs_the_person(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        calls: list[str] = []
        run.app.calls.call = calls.append  # type: ignore[assignment, method-assign]  # what it would say
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.pilot.pause()
        await run.press("j", "k")
        assert calls == ["spark: 2 changes to decide"]
