"""Without a screen: linear, every change asked about; hostile text is harmless."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from codexspark_tui import allowed
from codexspark_tui.actions.confined_check import needs_asking
from codexspark_tui.cli.plain_words import PlainWords
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.config import load
from codexspark_tui.tui.actions_list import ACTIONS
from codexspark_tui.workspace import Workspace
from tests.support.patches import many_hunks, numbered
from tests.support.repo import Repo
from tests.support.session import patch
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
        assert "Change 1 of 2" in typist.answer("]? ", "y").replace("…", "")
        assert "Change 2 of 2: a.txt, open, 1 added, 1 removed." in typist.answer("]? ", "n")
        typist.expect("1 accepted, 1 rejected. /undo 1 takes it back.")
        assert "line 10!" in repo.text("a.txt")
        typist.answer("What should change? ", "/undo")
        typist.expect("undo: 1.1 in a.txt")
        typist.answer("What should change? ", "/help")
        typist.expect("/redo TURN[.CHANGE]")
        typist.answer("What should change? ", "/quit")
        ended = typist.end()
    assert ended.code == 0
    assert repo.text("a.txt") == TEXT
    assert "\x1b]" not in typist.screen
    assert "\x1b[?1049h" not in typist.screen
    assert typist.screen.count("\a") == 1, "the end of the turn rings, and nothing else"


def test_what_the_model_says_at_a_question_waits_for_the_answer(
    repo: Repo, tmp_path: Path, isolated_home: Path
) -> None:
    repo.commit({"a.txt": TEXT})
    answer = "First.\n```diff\n" + many_hunks("a.txt", TEXT, (10,)) + "```\nThat was it.\n"
    told = script(tmp_path, answer, rate_tok_s=400)
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        typist.answer("What should change? ", "make it loud")
        asked = typist.expect("]? ")
        assert "First." in asked
        while not any("stream_finished" in kept for kept in sessions(isolated_home)):
            assert "That was it" not in typist.screen
        typist.type("y\n")
        assert "y\nThat was it.\n" in typist.expect("1 accepted")
        typist.answer("What should change? ", "/quit")
        assert typist.end().code == 0


CALLS = """\
tools = "calls"
[[answer]]
text_file = "hunk.diff"
call = "run"
arguments = '{"command": "echo it-ran"}'
[[answer]]
text = "Then it ends."
"""


@pytest.fixture
def running(repo: Repo, tmp_path: Path) -> tuple[str, ...]:
    """The options for a model that gives two hunks, runs a command, and says something."""
    if needs_asking():
        pytest.skip("nothing confines a command here")
    repo.commit({"a.txt": TEXT})
    (tmp_path / "hunk.diff").write_text(many_hunks("a.txt", TEXT, (10, 30)))
    (tmp_path / "script.toml").write_text(CALLS)
    return ("app", "--plain", *scripted(tmp_path / "script.toml"))


def read_until_kept(typist: Typist, home: Path, words: str) -> None:
    """Until the transcript has it; what comes to the screen meanwhile is read."""
    deadline = time.monotonic() + 20.0
    while not any(words in kept for kept in sessions(home)):
        assert time.monotonic() < deadline, typist.screen
        typist.look()
    typist.look()


def test_what_a_command_prints_does_not_break_into_a_question(
    repo: Repo, running: tuple[str, ...], isolated_home: Path
) -> None:
    allowed.allow(repo.root, "echo")
    with Typist(running, repo.root) as typist:
        typist.answer("What should change? ", "make it loud")
        typist.expect("]? ")
        typist.type("y")
        read_until_kept(typist, isolated_home, "stream_finished")
        assert typist.screen.endswith("]? y")
        typist.type("\n")
        behind = typist.expect("Change 2 of 2")
        assert behind.startswith("y\nspark: $ echo it-ran\nit-ran\n"), behind
        assert "Then it ends.\n" in behind
        typist.answer("]? ", "n")
        typist.answer("What should change? ", "/quit")
        assert typist.end().code == 0


def test_a_question_of_the_model_and_one_about_a_change_are_asked_one_by_one(
    repo: Repo, running: tuple[str, ...], isolated_home: Path
) -> None:
    with Typist(running, repo.root) as typist:
        typist.answer("What should change? ", "make it loud")
        typist.expect("]? ")
        read_until_kept(typist, isolated_home, '"asked"')
        assert typist.screen.endswith("]? ")
        typist.type("y\n")
        asked = typist.expect("empty: none] ")
        assert "The model wants to run: echo it-ran" in asked
        typist.look()
        assert typist.screen.endswith("empty: none] ")
        typist.type("1\n")
        typist.answer("]? ", "n")
        typist.answer("What should change? ", "/quit")
        assert typist.end().code == 0
        assert "it-ran\n" in typist.screen.partition("empty: none] 1\n")[2]


def test_a_command_that_fails_says_with_which_code(repo: Repo, tmp_path: Path) -> None:
    told = script(tmp_path, "Nothing.\n")
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        typist.answer("change? ", "!echo said; exit 3")
        seen = typist.expect("spark: exit 3")
        assert "said" in seen
        typist.answer("change? ", "/quit")
        assert typist.end().code == 0


def sessions(home: Path) -> list[str]:
    return [path.read_text() for path in (home / "state").rglob("sessions/*.jsonl")]


def test_prompts_belong_to_one_conversation_and_what_is_left_is_rejected(
    repo: Repo, tmp_path: Path, isolated_home: Path
) -> None:
    repo.commit({"a.txt": TEXT})
    first, second = (many_hunks("a.txt", TEXT, at) for at in ((10, 30), (50,)))
    told = script(tmp_path, first, second)
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        typist.answer("change? ", "the first \\")
        typist.answer("… ", "and more")
        typist.answer("]? ", "q")
        typist.expect("0 accepted, 2 rejected.")
        typist.answer("change? ", "the second")
        typist.answer("]? ", "y")
        typist.expect("1 accepted, 0 rejected.")
        typist.answer("change? ", "/older")
        typist.expect("2. the second")
        typist.answer("change? ", "/export all.md")
        typist.answer("change? ", "/quit")
        assert typist.end().code == 0
    (transcript,) = sessions(isolated_home)
    assert transcript.count('"type":"turn_started"') == 2
    assert "the first \\nand more" in transcript
    exported = repo.text("all.md")
    assert [exported.count(word) for word in (": rejected", ": accepted")] == [2, 1]
    assert "the first" in exported


def test_a_change_is_decided_in_every_way_by_words(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.txt": TEXT, "b.txt": TEXT})
    answer = many_hunks("a.txt", TEXT, (10, 30, 50)) + many_hunks("b.txt", TEXT, (20, 40))
    with Typist(("app", "--plain", *scripted(script(tmp_path, answer))), repo.root) as typist:
        typist.answer("change? ", "go")
        typist.answer("]? ", "/last")
        assert "b.txt" in typist.answer("]? ", "/first")
        typist.answer("]? ", "/reason too loud")
        assert "Change 2 of 5" in typist.answer("]? ", "/accept")
        assert "Change 3 of 5" in typist.answer("]? ", "/previous-any")
        assert "written" in typist.answer("]? ", "/undo")
        typist.answer("]? ", "/search-again line 40")
        typist.answer("]? ", "/whole-file")
        assert "60 line 60" in typist.answer("]? ", "/previous-file")
        typist.answer("]? ", "/accept-all")
        typist.answer("changes? [y/N] ", "y")
        typist.expect("accepted, ")
        typist.answer("change? ", "/quit")
        assert typist.end().code == 0
    assert "line 10!" not in repo.text("a.txt")
    assert ["line 50!" in repo.text("a.txt"), "line 20!" in repo.text("b.txt")] == [True, True]


def test_what_is_open_is_shown_on_the_file_as_it_is(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.txt": TEXT})
    new = TEXT.replace("line 10\n", "ten\nmore\n").replace("line 12\n", "twelve\n")
    told = script(tmp_path, patch("a.txt", TEXT, new.replace("line 40\n", "forty\n")))
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        typist.answer("change? ", "go")
        assert "a.txt:7" in typist.answer("]? ", "s")
        assert "a.txt:7" in typist.answer("]? ", "y")
        shown = typist.answer("]? ", "/more-context")
        assert "a.txt:10" in shown
        assert "\n ten\n more\n line 11\n-line 12\n+twelve" in shown
        assert "10 ten\n11 more\n12 line 11" in typist.answer("]? ", "y")
        assert "a.txt:38" in typist.answer("]? ", "/copy")
        assert "@@ -38,7 +38,7 @@" in typist.answer("]? ", "n")
        typist.answer("change? ", "/quit")
        assert typist.end().code == 0
    assert repo.text("a.txt") == new


def test_a_turn_is_verified_confined(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if needs_asking():
        pytest.skip("nothing confines a command here")
    repo.commit({"a.txt": TEXT})
    checks = f"grep -q 'line 10!' a.txt\n! touch {repo.root}/made"
    monkeypatch.setenv("SPARK_VERIFY_COMMANDS", checks)
    told = script(tmp_path, many_hunks("a.txt", TEXT, (10,)))
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        typist.answer("change? ", "go")
        typist.answer("]? ", "y")
        typist.answer("change? ", "/verify")
        typist.expect("Clean.")
        typist.answer("change? ", "/quit")
        assert typist.end().code == 0


def test_every_action_of_the_app_is_understood_at_a_change_and_at_the_prompt(
    repo: Repo, tmp_path: Path
) -> None:
    repo.commit({"a.txt": TEXT})
    told = script(tmp_path, many_hunks("a.txt", TEXT, (10, 30)))
    ends = {"leave", "accept_all", "reject_all", "reason", "select", "escalate", "model"}
    ends |= {"stop", "edit", "edit_outside", "open_file", "goto", "jump", "search", "search_again"}
    ends |= {"search_back", "accept", "reject", "accept_file", "reject_file", "context", "help"}
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        for question in ("]? ", "change? "):
            if question == "]? ":
                typist.answer("change? ", "go")
            for action in ACTIONS:
                if action.name not in ends:
                    typist.answer(question, action.command)
            if question == "]? ":
                typist.answer(question, "q")
        typist.answer("change? ", "/nonsense")
        typist.expect("There is no command /nonsense")
        typist.answer("change? ", "/quit")
        assert typist.end().code == 0
    assert typist.screen.count("There is no command") == 1
    assert "Traceback" not in typist.screen


def test_every_action_of_the_app_has_a_way_here(repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    with closing(Workspace.open(repo.root)) as workspace:
        words = PlainWords(Terminal(0, False), workspace, load())
        assert [action.name for action in ACTIONS if not words.understands(action.name)] == []


def test_a_session_is_gone_on_with_and_an_interruption_ends_it_quietly(
    repo: Repo, tmp_path: Path, isolated_home: Path
) -> None:
    repo.commit({"a.txt": TEXT})
    options = ("app", "--plain", *scripted(script(tmp_path, many_hunks("a.txt", TEXT, (10,)))))
    with Typist(options, repo.root) as typist:
        typist.answer("change? ", "go")
        typist.expect("]? ")
        typist.type("\x03")
        ended = typist.end()
    assert (ended.code, "Traceback" in typist.screen) == (130, False)
    with Typist((*options, "--session", "last"), repo.root) as typist:
        typist.answer("change? ", "/quit")
        assert typist.end().code == 0
    (transcript,) = sessions(isolated_home)
    assert transcript.count('"type":"session_started"') == 2


def with_tools(told: Path) -> Path:
    """A script of a model that converses."""
    told.write_text('tools = "text"\n' + told.read_text())
    return told


def test_other_versions_are_waited_for_and_shown(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.txt": TEXT})
    change = "--- a/a.txt\n+++ b/a.txt\n@@ @@\n line 9\n-line 10\n+{}\n line 11\n"
    told = with_tools(script(tmp_path, change.format("one"), change.format("two")))
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        typist.answer("change? ", "go")
        typist.answer("]? ", "/reroll shorter")
        assert "+two" in typist.answer("]? ", "y")
        typist.answer("change? ", "/quit")
        typist.end()
    assert "two\n" in repo.text("a.txt")


@pytest.mark.parametrize("converses", [True, False])
def test_no_other_version_is_said_and_the_change_is_asked_about_again(
    repo: Repo, tmp_path: Path, converses: bool
) -> None:
    repo.commit({"a.txt": TEXT})
    change = "--- a/a.txt\n+++ b/a.txt\n@@ @@\n line 9\n-line 10\n+one\n line 11\n"
    told = script(tmp_path, change, "I know of none.")
    told = with_tools(told) if converses else told
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        typist.answer("change? ", "go")
        typist.answer("]? ", "/reroll")
        said = typist.answer("]? ", "y")
        wanted = "no other version that fits" if converses else "has one answer only"
        assert wanted in " ".join(said.split())
        typist.answer("change? ", "/quit")
        typist.end()
    assert "one\n" in repo.text("a.txt")


def test_an_edit_outside_is_told_at_the_question_it_concerns(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.txt": TEXT})
    told = script(tmp_path, many_hunks("a.txt", TEXT, (10,)))
    with Typist(("app", "--plain", *scripted(told)), repo.root) as typist:
        typist.answer("What should change? ", "make it loud")
        typist.expect("]? ")
        repo.write({"a.txt": "inserted\n" * 12 + TEXT})
        typist.expect("This hunk is another one now: press Enter to see it.")
        typist.type("\n")
        assert "line 10" in typist.expect("]? ")
        repo.write({"a.txt": "all of it is another text\n"})
        typist.expect("This hunk cannot be had now: the file has moved on")
        typist.type("q\n")
        typist.answer("What should change? ", "/quit")
        assert typist.end().code == 0
