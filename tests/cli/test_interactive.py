"""Hunk by hunk in a pseudo-terminal, with the keys of `git add -p`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.support.patches import changed, many_hunks, numbered, patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import Typist, run, script, scripted

TEXT = numbered(60)
THREE = many_hunks("a.txt", TEXT, (10, 30, 50))
ASKED = "Take this hunk"


@pytest.fixture
def lines(repo: Repo) -> Repo:
    repo.commit({"a.txt": TEXT, "b.txt": TEXT})
    return repo


def keys_give(
    lines: Repo, tmp_path: Path, keys: str, answer: str = THREE, code: int | None = None
) -> str:
    """Type these lines at the questions of `spark edit -i`; returns the screen."""
    path = script(tmp_path, answer)
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root) as typist:
        for key in keys.split(" "):
            typist.answer("]? ", key)
        ended = typist.end()
        assert typist.mode_is_kept
    assert "Traceback" not in typist.screen
    if code is not None:
        assert ended.code == code, typist.screen
    return typist.screen


@pytest.mark.parametrize(
    ("keys", "taken", "code"),
    [
        ("y y y", (10, 30, 50), 0),
        ("n n n", (), 1),
        ("n y n", (30,), 1),
        ("y q", (10,), 1),
        ("a", (10, 30, 50), 0),
        ("y d", (10,), 1),
        ("n a", (30, 50), 1),
        ("j y y y", (10, 30, 50), 0),
        ("J J K n n y", (10,), 1),
        ("j j k n y y", (10, 50), 1),
        ("j j n K y y", (10, 30), 1),
        ("g3 y q", (50,), 1),
        ("/50 y q", (50,), 1),
        ("p ? y q", (10,), 1),
        ("n K y y y", (10, 30, 50), 0),
    ],
)
def test_keys(keys: str, taken: tuple[int, ...], code: int, lines: Repo, tmp_path: Path) -> None:
    before = Untouched.of(lines.root)
    keys_give(lines, tmp_path, keys, code=code)
    assert lines.text("a.txt") == changed(TEXT, *taken)
    before.check(touched={"a.txt"})


def test_a_and_d_are_for_one_file_only(lines: Repo, tmp_path: Path) -> None:
    both = THREE + many_hunks("b.txt", TEXT, (10, 30))
    keys_give(lines, tmp_path, "a n y", both, code=1)
    assert (lines.text("a.txt"), lines.text("b.txt")) == (
        changed(TEXT, 10, 30, 50),
        changed(TEXT, 30),
    )


def test_go_lists_the_hunks_with_their_states(lines: Repo, tmp_path: Path) -> None:
    path = script(tmp_path, THREE)
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root) as typist:
        typist.answer("]? ", "y")
        typist.answer("]? ", "g")
        listed = typist.answer("which hunk? ", "3")
        assert "1. a.txt:7 written" in listed
        assert "3. a.txt:47\n" in listed
        assert "+line 50!" in typist.answer("]? ", "q")


def test_split_hunk_is_decided_part_by_part(lines: Repo, tmp_path: Path) -> None:
    joined = patch_of("a.txt", TEXT, changed(TEXT, 10, 13))
    keys_give(lines, tmp_path, "s n y", joined, code=1)
    assert lines.text("a.txt") == changed(TEXT, 13)


CODE = "def add(a, b):\n    return a + b\n\n\nadd(1, 2)\n"


def heavy(tmp_path: Path, answer: str) -> dict[str, str]:
    """The codemods answer first, and this script is the heavy model."""
    path = script(tmp_path, answer, rate_tok_s=200)
    return {"SPARK_LOOP_HEAVY": "script", "SPARK_SCRIPT": str(path)}


@pytest.mark.parametrize("writes", [True, False])
def test_h_asks_the_heavy_model_and_its_version_is_decided(
    repo: Repo, tmp_path: Path, writes: bool
) -> None:
    repo.commit({"a.py": CODE})
    better = patch_of("a.py", CODE, CODE.replace("add(1, 2)", "plus(1, 2)  # better"))
    arguments = ("edit", "-i", *(("--apply",) if writes else ()), "rename add to plus in a.py")
    env = heavy(tmp_path, better)
    with Typist(arguments, repo.root, env=env, piped=not writes) as typist:
        typist.answer(ASKED, "h quieter")
        typist.expect("This hunk is another one now: press Enter to see it.")
        typist.type("y\n")  # was meant for what was shown before: nothing is taken
        typist.expect("+plus(1, 2)  # better")
        typist.answer(ASKED, "y")
        ended = typist.end()
    assert ended.code == 0, typist.screen
    assert " · scripted" in typist.screen
    wanted = CODE.replace("add(1, 2)", "plus(1, 2)  # better")
    if writes:
        assert run("log", cwd=repo.root).text.splitlines()[0].endswith("  [scripted]")
        assert run("commit", "--trailer", cwd=repo.root).code == 0
        assert b"Assisted-by: spark (scripted)" in repo.git("log", "-1", "--format=%b")
    if not writes:
        assert repo.text("a.py") == CODE
        assert run("apply", "-", cwd=repo.root, stdin=ended.out).code == 0
    assert repo.text("a.py") == wanted


def test_h_without_a_heavy_model_says_how_to_choose_one(lines: Repo, tmp_path: Path) -> None:
    helped = keys_give(lines, tmp_path, "? q")
    assert "h - send this hunk with a reason to the heavy model" in helped
    screen = keys_give(lines, tmp_path, "hlouder y y y", code=0)
    assert "under [loop] in the settings" in screen


def test_parts_of_a_split_come_before_the_next_hunk(lines: Repo, tmp_path: Path) -> None:
    joined = patch_of("a.txt", TEXT, changed(TEXT, 10, 13, 50))
    screen = keys_give(lines, tmp_path, "s y n y", joined, code=1)
    assert lines.text("a.txt") == changed(TEXT, 10, 50)
    assert "(2/3)" in screen


def test_hunk_that_cannot_be_split_stays(lines: Repo, tmp_path: Path) -> None:
    screen = keys_give(lines, tmp_path, "s y", many_hunks("a.txt", TEXT, (10,)), code=0)
    assert "cannot be split" in screen


@pytest.fixture
def editor(tmp_path: Path) -> str:
    """An editor that writes TYPED where the hunk has an exclamation mark."""
    path = tmp_path / "editor.py"
    path.write_text(
        "import pathlib, sys\n"
        "p = pathlib.Path(sys.argv[1])\n"
        "p.write_text(p.read_text().replace('!', ' TYPED'))\n"
    )
    return f"{sys.executable} {path}"


def test_hunk_edited_in_an_editor(lines: Repo, tmp_path: Path, editor: str) -> None:
    path = script(tmp_path, THREE)
    env = {"SPARK_EDITOR": editor, "EDITOR": "false"}
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root, env=env) as typist:
        typist.answer("]? ", "e")
        assert "+line 10 TYPED" in typist.answer("]? ", "y")
        typist.answer("]? ", "q")
        assert typist.end().code == 1
    assert lines.text("a.txt") == TEXT.replace("line 10\n", "line 10 TYPED\n")


def test_editor_that_fails_changes_nothing(lines: Repo, tmp_path: Path) -> None:
    path = script(tmp_path, THREE)
    for command in ("false", "no-such-editor", "'unclosed"):
        env = {"SPARK_EDITOR": command}
        with Typist(("edit", "x", "-i", *scripted(path)), lines.root, env=env) as typist:
            typist.answer("]? ", "e")
            assert "did not end well" in typist.answer("]? ", "q")
            assert typist.end().code == 1
    assert lines.text("a.txt") == TEXT


def test_ctrl_c_in_an_editor_is_the_editors_affair(lines: Repo, tmp_path: Path) -> None:
    path = script(tmp_path, THREE)
    waiting = tmp_path / "waiting.sh"
    waiting.write_text("stty raw -echo; echo editing; head -c1; exit 1\n")
    env = {"SPARK_EDITOR": f"sh {waiting}"}
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root, env=env) as typist:
        typist.answer("]? ", "e")
        typist.expect("editing")
        typist.type("\x03")
        assert "did not end well" in typist.answer("]? ", "y")
        typist.answer("]? ", "q")
        assert typist.end().code == 1
        assert typist.mode_is_kept
    assert lines.text("a.txt") == changed(TEXT, 10)


def test_ambiguous_hunk_is_chosen_by_number(repo: Repo, tmp_path: Path) -> None:
    text = "start\nsame\n" * 3
    repo.commit({"a.txt": text})
    path = script(tmp_path, "--- a/a.txt\n+++ b/a.txt\n@@ @@\n start\n-same\n+other\n")
    with Typist(("edit", "x", "-i", *scripted(path)), repo.root) as typist:
        asked = typist.answer("]? ", "y")
        assert "fits in 3 places" in asked
        assert "  2. line 3" in asked
        assert "+other" in asked
        assert "choose one by its number" in typist.answer("[1-3,n,q", "2")
        typist.answer("[y,n,q", "y")
        assert typist.end().code == 0
    assert repo.text("a.txt") == "start\nsame\nstart\nother\nstart\nsame\n"


def test_taken_hunk_is_on_disk_before_the_stream_has_ended(lines: Repo, tmp_path: Path) -> None:
    slow = THREE + "and so on\n" * 10_000
    path = script(tmp_path, slow, rate_tok_s=300.0)
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root) as typist:
        typist.answer("(1/", "y")
        typist.answer("(2/", "n")
        typist.expect("(3/3…)")
        assert lines.text("a.txt") == changed(TEXT, 10)
        typist.type("\x03")
        ended = typist.end()
        assert ended.code == 130
        assert "1 change had been written before as turn 1" in ended.err
        assert typist.mode_is_kept
    assert lines.text("a.txt") == changed(TEXT, 10)
    assert run("undo", cwd=lines.root).code == 0
    assert lines.text("a.txt") == TEXT


def test_ctrl_c_at_the_question_keeps_what_was_accepted(lines: Repo, tmp_path: Path) -> None:
    path = script(tmp_path, THREE)
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root) as typist:
        typist.answer("]? ", "y")
        typist.expect("]? ")
        typist.type("\x03")
        assert typist.end().code == 130
        assert typist.mode_is_kept
    assert lines.text("a.txt") == changed(TEXT, 10)


def test_ctrl_d_is_quit(lines: Repo, tmp_path: Path) -> None:
    path = script(tmp_path, THREE)
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root) as typist:
        typist.answer("]? ", "y")
        typist.expect("]? ")
        typist.type("\x04")
        assert typist.end().code == 1
    assert lines.text("a.txt") == changed(TEXT, 10)


def test_in_a_pipe_the_chosen_part_is_printed_and_nothing_written(
    lines: Repo, tmp_path: Path
) -> None:
    joined = patch_of("a.txt", TEXT, changed(TEXT, 10, 13)) + many_hunks("b.txt", TEXT, (20, 40))
    path = script(tmp_path, joined)
    before = Untouched.of(lines.root)
    arguments = ("edit", "x", "-i", *scripted(path))
    with Typist(arguments, lines.root, stdin=b"context", piped=True) as typist:
        for key in ("s", "j", "y", "n", "y", "y"):
            typist.answer("]? ", key)
        ended = typist.end()
    assert ended.code == 1
    before.check()
    lines.git("apply", "--check", stdin=ended.out)
    lines.git("apply", stdin=ended.out)
    assert lines.text("a.txt") == changed(TEXT, 10, 13)
    assert lines.text("b.txt") == changed(TEXT, 40)


def test_in_a_pipe_a_taken_hunk_can_be_given_back(lines: Repo, tmp_path: Path) -> None:
    path = script(tmp_path, THREE)
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root, piped=True) as typist:
        for key in ("y", "y", "K", "n", "n"):
            typist.answer("]? ", key)
        ended = typist.end()
    assert ended.code == 1
    lines.git("apply", stdin=ended.out)
    assert lines.text("a.txt") == changed(TEXT, 10)


def test_with_apply_the_pipe_gets_nothing_and_the_tree_the_choice(
    lines: Repo, tmp_path: Path
) -> None:
    path = script(tmp_path, THREE)
    arguments = ("edit", "x", "-i", "--apply", *scripted(path))
    with Typist(arguments, lines.root, piped=True) as typist:
        for key in ("n", "a"):
            typist.answer("]? ", key)
        ended = typist.end()
    assert (ended.code, ended.out) == (1, b"")
    assert lines.text("a.txt") == changed(TEXT, 30, 50)


def test_apply_interactively_reads_the_patch_from_the_pipe(lines: Repo) -> None:
    with Typist(("apply", "-i"), lines.root, stdin=THREE.encode(), piped=True) as typist:
        for key in ("y", "n", "y"):
            typist.answer("]? ", key)
        assert typist.end().code == 1
    assert lines.text("a.txt") == changed(TEXT, 10, 50)


def test_json_beside_the_questions_tells_what_was_taken(lines: Repo, tmp_path: Path) -> None:
    path = script(tmp_path, THREE)
    arguments = ("edit", "x", "-i", "--json", *scripted(path))
    with Typist(arguments, lines.root, piped=True) as typist:
        for key in ("y", "n", "q"):
            typist.answer("]? ", key)
        ended = typist.end()
    decided = {
        line["change"]: line["state"] for line in ended.lines if line["type"] == "change_decided"
    }
    assert decided == {"c1": "accepted", "c2": "rejected"}
    assert ended.result["accepted"] == 1
    assert lines.text("a.txt") == TEXT


def test_hunk_that_needs_a_rename_takes_it_along(lines: Repo, tmp_path: Path) -> None:
    renamed = "diff --git a/a.txt b/c.txt\nrename from a.txt\nrename to c.txt\n" + many_hunks(
        "a.txt", TEXT, (10,)
    ).split("\n", 1)[1].replace("+++ b/a.txt", "+++ b/c.txt")
    path = script(tmp_path, renamed)
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root, piped=True) as typist:
        typist.answer("Take this rename", "j")
        typist.answer(ASKED, "y")
        ended = typist.end()
    assert ended.code == 0
    lines.git("apply", stdin=ended.out)
    assert lines.text("c.txt") == changed(TEXT, 10)
    assert not (lines.root / "a.txt").exists()


def test_changes_on_offer_are_asked_for_and_not_taken_by_a(repo: Repo) -> None:
    repo.commit({"a.py": 'def load_it():\n    """load_it loads."""\n\n\nprint("load_it")\n'})
    with Typist(("rename", "load_it", "read_it", "-i"), repo.root) as typist:
        typist.answer("]? ", "a")
        assert "(offered)" in typist.answer("]? ", "q")
        assert typist.end().code == 0
    assert repo.text("a.py").startswith("def read_it():\n")
    assert 'print("load_it")' in repo.text("a.py")


def test_ambiguous_name_is_asked_on_the_terminal(repo: Repo) -> None:
    repo.commit({"one.py": "def load():\n    pass\n", "two.py": "def load():\n    pass\n"})
    with Typist(("rename", "load", "read"), repo.root, env={"NO_COLOR": "1"}) as typist:
        assert "two.py:1" in typist.answer("Which one? [1-2", "2")
        ended = typist.end()
        assert ended.code == 0
    assert "+def read():" in typist.screen
    with Typist(("rename", "load", "read"), repo.root) as typist:
        typist.answer("Which one? [1-2", "")
        assert typist.end().code == 2


def test_control_characters_never_reach_the_terminal(repo: Repo, tmp_path: Path) -> None:
    name = "evil\x1b[31m.txt"
    repo.commit({name: "one\ntwo\n", "a.txt": "one\x1b]0;title\x07\ntwo\n"})
    lines = "@@ -1,2 +1,2 @@\n one\x1b]0;title\x07\n-two\n+\x1b[2J\x9b31m\u202e\n"
    named = '--- "a/evil\\033[31m.txt"\n+++ "b/evil\\033[31m.txt"\n@@ @@\n-one\n+1\n'
    path = script(tmp_path, "--- a/a.txt\n+++ b/a.txt\n" + lines + named)
    for options in (("-i",), ("--partial",), ("--partial", "--color", "always")):
        arguments = ("edit", "x", *options, *scripted(path))
        shown_anyway = {"NO_COLOR": None, "SPARK_GUARD_CONTROL_CHARACTERS": "off"}
        with Typist(arguments, repo.root, env=shown_anyway) as typist:
            if "-i" in options:
                for _ in range(2):
                    typist.answer("]? ", "n")
            typist.end()
        assert "evil\x1b" not in typist.screen
        shown = re.sub(r"\x1b\[(?:0|1|2|31|32|36|1;31)m", "", typist.screen)
        assert "\x1b" not in shown
        assert "\x9b" not in shown
        assert "\u202e" not in shown
        assert "^[[2J\\x9b31m\\u202e" in shown


def test_colour_follows_option_then_no_color_then_force_then_terminal(
    lines: Repo, tmp_path: Path
) -> None:
    path = script(tmp_path, THREE)
    green = "\x1b[32m+line 10!"
    table: list[tuple[tuple[str, ...], dict[str, str | None], bool, bool]] = [
        ((), {}, False, True),
        ((), {"TERM": "dumb"}, False, False),
        ((), {"NO_COLOR": "1"}, False, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True, True),
        (("--color", "never"), {"CLICOLOR_FORCE": "1"}, False, False),
        ((), {"CLICOLOR_FORCE": "1"}, True, True),
        ((), {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, True, False),
        ((), {}, True, False),
        ((), {"SPARK_COLOR": "always"}, True, True),
    ]
    for options, env, piped, coloured in table:
        arguments = ("edit", "x", "--no-stdin", *options, *scripted(path))
        typist = Typist(arguments, lines.root, piped=piped, env={"NO_COLOR": None, **env})
        with typist:
            ended = typist.end()
        shown = ended.text if piped else typist.screen
        assert (green in shown) == coloured, (options, env, piped)


def test_demo_in_a_terminal_opens_the_app_and_leaves_nothing_behind(
    tmp_path: Path, isolated_home: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (isolated_home / ".gitconfig").write_text("[user]\n\tname = Me\n")
    before = sorted(str(p) for p in isolated_home.rglob("*"))
    with Typist(("demo",), tmp_path, env={"TMPDIR": str(temporary)}) as typist:
        typist.expect("rename the function load_settings")
        assert [path.name[:11] for path in temporary.iterdir()] == ["spark-demo-"]
        typist.type("\x11")
        ended = typist.end()
        assert typist.mode_is_kept
    assert ended.code == 0, typist.screen
    assert list(temporary.iterdir()) == []
    assert sorted(str(p) for p in isolated_home.rglob("*")) == before


def test_a_file_that_becomes_a_link_is_asked_for_as_such_and_taken_whole(
    lines: Repo, tmp_path: Path
) -> None:
    before = lines.text("a.txt")
    (lines.root / "a.txt").unlink()
    (lines.root / "a.txt").symlink_to("b.txt")
    link = lines.git("diff").decode()
    (lines.root / "a.txt").unlink()
    lines.git("checkout", "-q", "--", "a.txt")
    path = script(tmp_path, link)
    with Typist(("edit", "x", "-i", *scripted(path)), lines.root) as typist:
        typist.answer("Take this deletion", "j")
        shown = typist.answer("Take this new symbolic link", "y")
        assert "+b.txt" in shown
        assert typist.end().code == 0
    assert (lines.root / "a.txt").readlink() == Path("b.txt")
    assert run("undo", cwd=lines.root).code == 0
    assert not (lines.root / "a.txt").is_symlink()
    assert lines.text("a.txt") == before
