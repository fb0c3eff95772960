"""What goes along with a prompt where there is an index, what mentions stand for, and drafts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from codexspark_tui.events import commands, facts
from codexspark_tui.index.index import Index
from codexspark_tui.index.pool import Plan
from codexspark_tui.session.asking import Asking
from codexspark_tui.session.context import choosing
from codexspark_tui.session.context.choosing import RepositoryContext
from codexspark_tui.session.context.model import Chosen, LeftOut, Wanted
from codexspark_tui.session.context.shelf import Shelf
from codexspark_tui.session.conversation import prompt_text
from codexspark_tui.session.tokens import Estimator
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo

BODY = "\n".join(f"def step_{n}(a):\n    return a + {n}\n" for n in range(400))
FILES: dict[str, str | bytes] = {
    "src/io.py": "def read_header(path):\n    return path\n",
    "src/use.py": "from src.io import read_header\n\nread_header(1)\n",
    "src/long.py": BODY,
    "docs/a.md": "# A\n",
}


@pytest.fixture
def files(repo: Repo) -> Repo:
    repo.commit(FILES)
    return repo


@pytest.fixture
def context(files: Repo, tmp_path: Path) -> Iterator[RepositoryContext]:
    workspace = Workspace.open(files.root)
    with closing(Index.open(files.root, folder=tmp_path / "i")) as index, closing(workspace):
        index.refresh()
        index.build(plan=Plan(1))
        yield RepositoryContext(workspace, Estimator(), lambda: index)


def pieces(chosen: Chosen) -> list[tuple[str, str, str]]:
    return [(p.form, p.key, p.reason) for p in chosen.pieces if p.form != "list"]


def choose(context: RepositoryContext, prompt: str, **more: object) -> Chosen:
    return context.choose(replace(Wanted(prompt, (), 8000), **more))  # type: ignore[arg-type]


def test_ranked_files_go_along_with_their_reasons_and_blob_ids(
    context: RepositoryContext, files: Repo
) -> None:
    chosen = choose(context, "let read_header take bytes")
    assert chosen.pieces[0].form == "list"
    assert pieces(chosen) == [
        ("text", "src/io.py", "defines read_header, its words"),
        ("text", "src/use.py", "its words, uses read_header"),
    ]
    said = files.git("rev-parse", "HEAD:src/io.py").decode().strip()
    assert chosen.pieces[1].blob == said


def test_of_a_long_file_only_the_symbol_goes_along(context: RepositoryContext) -> None:
    chosen = choose(context, "make step_77 faster")
    (piece,) = [p for p in chosen.pieces if p.path == "src/long.py"]
    assert (piece.form, piece.ranges) == ("lines", ((232, 233),))
    assert piece.text == "def step_77(a):\n    return a + 77\n"
    assert "File src/long.py, lines 232-233:\n" in prompt_text("x", chosen)


def test_the_lines_of_one_long_file_take_only_a_share_of_the_room(
    context: RepositoryContext,
) -> None:
    asked = "make " + ", ".join(f"step_{n}" for n in range(70, 90)) + " faster"
    chosen = choose(context, asked, budget_tokens=800)
    (piece,) = [p for p in chosen.pieces if p.path == "src/long.py"]
    assert len(piece.ranges) > 1
    assert piece.tokens <= 160


def test_lines_that_were_sent_before_are_not_sent_again(context: RepositoryContext) -> None:
    (first,) = [p for p in choose(context, "make step_77 faster").pieces if p.path == "src/long.py"]
    again = choose(context, "make step_77 faster", known={first.key: first.digest})
    (piece,) = [p for p in again.pieces if p.path == "src/long.py"]
    assert (piece.known, piece.text, piece.tokens) == (True, "", 0)


def test_of_a_long_file_that_was_sent_whole_no_lines_are_sent(
    context: RepositoryContext, files: Repo
) -> None:
    whole = choose(context, "see @src/long.py", budget_tokens=40_000)
    (first,) = [p for p in whole.pieces if p.path == "src/long.py"]
    assert first.form == "text"
    again = choose(context, "make step_77 faster", known={"src/long.py": first.digest})
    (piece,) = [p for p in again.pieces if p.path == "src/long.py"]
    assert (piece.known, piece.text, piece.ranges) == (True, "", ())


def test_mentions_are_files_lines_symbols_folders_and_globs(context: RepositoryContext) -> None:
    prompt = "see @use.py @src/long.py:1-2 @read_header @docs/ @*.md @src/none.py"
    chosen = choose(context, prompt, with_list=False, budget_tokens=3000)
    named = [(p.key, p.reason) for p in chosen.pieces if "mention" in p.reason]
    assert named == [
        ("src/use.py", "mentioned"),
        ("src/long.py:1-2", "mentioned"),
        ("src/io.py:1-2", "mentioned: read_header"),
        ("docs/a.md", "mentioned"),
    ]
    nothing = LeftOut("@src/none.py", "no file, folder or symbol has that name")
    assert nothing in chosen.left_out
    beyond = LeftOut("src/long.py", "it has no such lines, or there is no room for them")
    assert choose(context, "see @src/long.py:9000-9001").left_out == (beyond,)


def test_of_what_is_said_too_long_the_middle_is_left_out_and_that_is_told(
    context: RepositoryContext,
) -> None:
    chosen = choose(context, "see @last-output", output="a failed test\n" * 5000)
    assert LeftOut("@last-output", "it is too long, so its middle was left out") in chosen.left_out
    assert sum(piece.tokens for piece in chosen.pieces) <= 8000


def test_a_mention_of_an_ignored_file_says_that_it_is_ignored(
    context: RepositoryContext, files: Repo
) -> None:
    files.write({".gitignore": "build/\n", "build/out.py": "x = 1\n"})
    files.write({".sparkignore": "src/use.py\n"})
    chosen = choose(context, "see @build/out.py and @src/use.py", with_list=False)
    why = "git or .sparkignore ignores it"
    for name in ("@build/out.py", "@src/use.py"):
        assert LeftOut(name, why) in chosen.left_out


def test_the_diff_and_what_is_staged_are_said(context: RepositoryContext, files: Repo) -> None:
    files.git("config", "filter.evil.clean", f"touch {files.root}/ran; cat")
    files.write({".gitattributes": "*.md filter=evil\n", "docs/a.md": "# B\n"})
    files.write({"src/io.py": "def read_header(name):\n    return name\n"})
    files.git("add", "src/io.py")
    files.write({"src/use.py": "x = 1\n"})
    (files.root / "ran").unlink(missing_ok=True)
    chosen = choose(context, "explain @staged and @diff and @last-output", output="3 failed\n")
    said = {p.reason: p.text for p in chosen.pieces if p.form == "said"}
    assert "+def read_header(name):" in said["@staged"]
    assert "x = 1" not in said["@staged"]
    assert "+# B" in said["@diff"]
    assert "+x = 1" in said["@diff"]
    assert said["@last-output"] == "3 failed\n"
    assert not (files.root / "ran").exists()


def test_a_file_that_has_just_changed_is_ranked_as_it_is_now(
    context: RepositoryContext, files: Repo
) -> None:
    choose(context, "anything")
    files.write({"src/fresh.py": "def brand_new_thing(): pass\n"})
    found = {key: why for _, key, why in pieces(choose(context, "brand_new_thing"))}
    assert found["src/fresh.py"].startswith("defines brand_new_thing")


def test_pins_go_along_and_drops_stay_at_home_unless_named(context: RepositoryContext) -> None:
    more = {"pinned": ("docs/a.md", "src/long.py:1-2"), "dropped": ("src/io.py",)}
    found = pieces(choose(context, "let read_header take bytes", **more))
    assert ("text", "docs/a.md", "pinned") in found
    assert ("lines", "src/long.py:1-2", "pinned") in found
    assert "src/io.py" not in [key for _, key, _ in found]
    again = pieces(choose(context, "in @src/io.py", **more))
    assert ("text", "src/io.py", "mentioned") in again


def test_the_same_beginning_is_sent_whatever_is_named(context: RepositoryContext) -> None:
    """So that a server has it cached: the list, then found files by path, then what was named."""
    one = choose(context, "let read_header take bytes")
    two = choose(context, "let read_header take bytes", files=("docs/a.md",))
    text = prompt_text("", one).removesuffix("\n\nThe prompt:\n")
    assert prompt_text("", two).startswith(text)


def _asking(context: RepositoryContext) -> Asking:
    shelf = Shelf()
    asking = Asking(context, Estimator(), shelf)
    shelf.talk = lambda: (asking, None)
    return asking


def test_what_was_made_for_a_draft_is_used_until_a_file_of_it_changes(
    context: RepositoryContext, files: Repo
) -> None:
    async def run() -> list[bool]:
        asking = _asking(context)
        prompt = commands.Prompt("let read_header take bytes")
        await asking.shelf.arrange(commands.Draft(prompt.text))
        await asyncio.gather(*asking.shelf._tasks)
        made = asking.shelf._made
        assert made is not None
        object.__setattr__(made, "begun_ns", made.begun_ns + 10**9)  # as if files were older
        asking.start(prompt, ())
        first = (await asking.compose(None)).chosen is made.chosen
        files.write({"src/io.py": "def read_header(name): pass\n"})
        object.__setattr__(made, "begun_ns", 0)
        second = (await asking.compose(None)).chosen is made.chosen
        return [first, second]

    assert asyncio.run(run()) == [True, False]


def test_only_the_last_draft_is_looked_at(context: RepositoryContext) -> None:
    async def run() -> str:
        asking = _asking(context)
        for text in ("l", "le", "let read_header"):
            await asking.shelf.arrange(commands.Draft(text))
        await asyncio.gather(*asking.shelf._tasks)
        assert asking.shelf._made is not None
        return asking.shelf._made.wanted.prompt

    assert asyncio.run(run()) == "let read_header"


def test_a_draft_can_be_shown_and_pins_be_taken_away(context: RepositoryContext) -> None:
    async def run() -> list[object]:
        asking = _asking(context)
        await asking.shelf.arrange(commands.Pin("docs/a.md"))
        (event,) = await asking.shelf.arrange(commands.Draft("read_header", shown=True))
        assert isinstance(event, facts.ContextChosen)
        first = (event.turn, "docs/a.md" in event.files)
        await asking.shelf.arrange(commands.Drop("docs/a.md"))
        after = (asking.shelf.pinned, asking.shelf.dropped)
        await asking.shelf.arrange(commands.Drop("docs/a.md"))
        return [first, after, asking.shelf.dropped]

    assert asyncio.run(run()) == [(0, True), ((), ()), ("docs/a.md",)]


def test_a_large_tree_is_not_looked_at_but_what_goes_along_is_as_it_is_now(
    context: RepositoryContext, files: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(context, "let read_header take bytes")  # the index knows the tree
    monkeypatch.setattr(choosing, "MOST_LOOKED_AT", 0)
    files.write({"src/io.py": "x = 1\n\n\ndef read_header(name):\n    return name\n"})
    files.write({"src/new.py": "def write_header(name):\n    return name\n"})
    (piece,) = [
        p for p in choose(context, "read_header takes bytes").pieces if p.path == "src/io.py"
    ]
    assert "x = 1\n" in piece.text
    named = choose(context, "see @src/new.py")  # it is not known yet, and it is there
    assert "src/new.py" in [p.path for p in named.pieces]
