"""`spark watch`: real files, real saves, a scripted model."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from codexspark_tui.actions.marks import marks_in, without
from codexspark_tui.actions.saved_marks import SavedMarks
from codexspark_tui.workspace import Workspace
from tests.support.patches import patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import TIMEOUT_S, Typist, run, script, scripted, started

PLAIN = "def add(a, b):\n    return a + b\n"
ASKED = "def add(a, b):\n    # call it c spark!\n    return a + b\n"
EDITED = "def add(a, c):\n    return a + c\n"


@dataclass
class Watcher:
    """A running `spark watch --json`; what it says is read as it comes."""

    process: subprocess.Popen[bytes]
    seen: list[dict[str, Any]] = field(default_factory=list)
    _rest: bytes = b""

    def until(self, kind: str, times: int = 1) -> dict[str, Any]:
        """Read until there were so many lines of this type; the last of them."""
        deadline = time.monotonic() + TIMEOUT_S
        while len(self.of(kind)) < times:
            assert time.monotonic() < deadline, (kind, self.seen)
            self._read()
        return self.of(kind)[times - 1]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.seen if line["type"] == kind]

    def watching(self) -> None:
        """Wait for the word that it has begun."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if b"watching" in line:
                return
        raise AssertionError("it ended before it watched")

    def end(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        self._take(out)
        return self.process.returncode, err.decode()

    def _read(self) -> None:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 0.5)
        if ready:
            piece = os.read(self.process.stdout.fileno(), 1 << 16)
            assert piece, (self.process.stderr and self.process.stderr.read(), self.seen)
            self._take(piece)

    def _take(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self.seen += [json.loads(line) for line in lines]


@contextmanager
def watching(repo: Repo, answers: Path, *more: str) -> Iterator[Watcher]:
    arguments = ("watch", "--json", *(more or ("--apply",)), *scripted(answers))
    with started(*arguments, cwd=repo.root) as process:
        made = Watcher(process)
        try:
            made.watching()
            yield made
        finally:
            if process.poll() is None:
                process.kill()


def save(repo: Repo, name: str, text: str) -> None:
    """As editors do: a new file takes the place of the old one."""
    new = repo.root / f".{name.replace('/', '-')}.tmp"
    new.write_text(text)
    new.replace(repo.root / name)


@pytest.fixture
def calc(repo: Repo) -> Repo:
    repo.commit({"calc.py": PLAIN, "other.py": "# old spark!\nx = 1\n", ".gitignore": "made/\n"})
    return repo


def test_a_saved_comment_is_carried_out_and_taken_away(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, patch_of("calc.py", ASKED, EDITED), record="asked.jsonl")
    before = Untouched.of(calc.root)
    with watching(calc, answers) as watcher:
        save(calc, "calc.py", ASKED)
        ended = watcher.until("turn_ended")
        assert calc.text("calc.py") == EDITED
        code, err = watcher.end()
    assert (code, watcher.seen[-1]["type"], watcher.seen[-1]["accepted"]) == (0, "result", 1)
    assert "stopped watching; 1 comment done, 1 change written" in err
    (queued,) = watcher.of("queued")
    assert [queued[key] for key in ("path", "line", "asks", "text", "ahead")] == [
        *("calc.py", 2, "edit", "call it c", 0),
    ]
    (asked,) = [json.loads(line) for line in (tmp_path / "asked.jsonl").open()]
    assert asked["prompt"].startswith("call it c")
    assert asked["files"] == ["calc.py"] or asked["prompt"] == "call it c"
    assert run("undo", ended["entry"], cwd=calc.root).code == 0
    assert calc.text("calc.py") == ASKED
    calc.write({"calc.py": PLAIN})
    before.check({"calc.py"})


def test_a_comment_that_the_edit_leaves_is_removed_with_it(calc: Repo, tmp_path: Path) -> None:
    left = ASKED.replace("(a, b)", "(a, c)")
    answers = script(tmp_path, patch_of("calc.py", ASKED, left))
    with watching(calc, answers) as watcher:
        save(calc, "calc.py", ASKED)
        watcher.until("turn_ended")
        assert calc.text("calc.py") == left.replace("    # call it c spark!\n", "")
        assert watcher.end()[0] == 0
    authors = [line["author"] for line in watcher.of("change_opened")]
    assert authors == ["scripted", "spark"]
    assert [line["applied"] for line in run("log", "--json", cwd=calc.root).lines[:-1]] == [2]


def test_what_was_there_or_is_ignored_or_secret_or_ours_begins_nothing(
    calc: Repo, tmp_path: Path
) -> None:
    nested = EDITED + "# and more spark!\n# and why spark?\n"
    answers = script(tmp_path, patch_of("calc.py", ASKED, nested), "It is so.\n")
    with watching(calc, answers) as watcher:
        calc.write({"made/a.py": "# no spark!\n", ".env": "# no spark!\n"})
        save(calc, "other.py", "# old spark!\nx = 2\n")
        save(calc, "calc.py", ASKED)
        watcher.until("turn_ended")
        save(calc, "calc.py", calc.text("calc.py") + "y = 1\n")
        save(calc, "other.py", "x = 2\n# what is it? spark?\n")
        watcher.until("turn_ended", 2)
        assert watcher.end()[0] == 0
    asked = [(line["path"], line["text"]) for line in watcher.of("queued")]
    assert asked == [("calc.py", "call it c"), ("other.py", "what is it?")]


def test_comments_are_done_one_at_a_time_in_their_order(calc: Repo, tmp_path: Path) -> None:
    two = "# first spark!\nx = 1\n\n\n\n\n\n\n\ny = 1\n# second spark!\n"
    one = two.replace("# first spark!\nx = 1", "x = 2")
    done = one.replace("y = 1\n# second spark!\n", "y = 2\n")
    answers = script(tmp_path, patch_of("calc.py", two, one), patch_of("calc.py", one, done))
    with watching(calc, answers) as watcher:
        save(calc, "calc.py", two)
        watcher.until("turn_ended", 2)
        assert calc.text("calc.py") == done
        assert watcher.end()[0] == 0
    kinds = [line["type"] for line in watcher.seen]
    starts = [at for at, kind in enumerate(kinds) if kind == "turn_started"]
    ends = [at for at, kind in enumerate(kinds) if kind == "turn_ended"]
    assert starts[0] < ends[0] < starts[1] < ends[1]
    assert [line["ahead"] for line in watcher.of("queued")] == [0, 1]


def test_a_question_is_answered_on_stdout_and_changes_nothing(calc: Repo, tmp_path: Path) -> None:
    asked = PLAIN + "# why two? spark?\n"
    patch = patch_of("calc.py", asked, EDITED)
    answers = script(tmp_path, f"Because it adds.\n\n```diff\n{patch}```\n")
    with Typist(["watch", *scripted(answers)], calc.root, piped=True) as typist:
        typist.expect("watching")
        save(calc, "calc.py", asked)
        typist.expect("calc.py:3: why two?")
        typist.type("")
        deadline = time.monotonic() + TIMEOUT_S
        out = typist._process.stdout
        assert out is not None
        said = b""
        while b"adds." not in said and time.monotonic() < deadline:
            said += os.read(out.fileno(), 1 << 16)
        typist._process.send_signal(signal.SIGINT)
        ended = typist.end()
    assert ended.code == 0, ended
    assert said.startswith(b"Because it adds.")
    assert calc.text("calc.py") == asked


def test_edits_are_reviewed_on_the_terminal(calc: Repo, tmp_path: Path) -> None:
    left = ASKED.replace("(a, b)", "(a, c)")
    answers = script(tmp_path, patch_of("calc.py", ASKED, left))
    with Typist(["watch", *scripted(answers)], calc.root) as typist:
        typist.expect("watching")
        save(calc, "calc.py", ASKED)
        typist.answer("Take this hunk", "y")
        typist.answer("Take this hunk", "y")
        typist.expect("2 changes written as turn 1")
        typist._process.send_signal(signal.SIGINT)
        assert typist.end().code == 0
    assert calc.text("calc.py") == left.replace("    # call it c spark!\n", "")


def test_what_an_edit_adds_or_an_undo_brings_back_begins_nothing(
    calc: Repo, tmp_path: Path
) -> None:
    rows = [f"let v{n} = {n};\n" for n in range(40)]
    asked = "// go spark!\n" + "".join(rows)
    made = ["/* again,\n * and again spark! */\n", *rows[:30], "// once more spark!\n", *rows[30:]]
    calc.commit({"a.js": "".join(rows)})
    answers = script(tmp_path, patch_of("a.js", asked, "".join(made)), "No.\n", rate_tok_s=100)
    with watching(calc, answers, "--approvals", "auto-edit") as watcher:
        save(calc, "a.js", asked)
        ended = watcher.until("turn_ended")
        assert calc.text("a.js") == "".join(made)
        assert run("undo", ended["entry"], cwd=calc.root).code == 0
        assert calc.text("a.js") == asked
        save(calc, "calc.py", PLAIN + "# why? spark?\n")
        watcher.until("turn_ended", 2)
        assert watcher.end()[0] == 0
    assert [line["text"] for line in watcher.of("queued")] == ["go", "why?"]


@pytest.mark.full
def test_an_answer_that_fails_is_told_and_the_watch_goes_on(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, patch_of("calc.py", "nowhere\n", "else\n"), "Nothing to do.\n")
    with watching(calc, answers) as watcher:
        save(calc, "calc.py", ASKED)
        watcher.until("turn_ended")
        save(calc, "calc.py", ASKED.replace("call it c", "now call it d"))
        watcher.until("turn_ended", 2)
        code, err = watcher.end()
    assert code == 0
    assert "nothing was written" in err
    assert calc.text("calc.py") == ASKED.replace("call it c", "now call it d")


@pytest.mark.full
def test_a_sentence_that_a_codemod_knows_needs_no_model(calc: Repo, tmp_path: Path) -> None:
    with started("watch", "--json", "--apply", cwd=calc.root) as process:
        watcher = Watcher(process)
        watcher.watching()
        save(calc, "calc.py", PLAIN + "\n\n# rename add to plus spark!\n")
        watcher.until("turn_ended")
        assert calc.text("calc.py").startswith("def plus(")
        assert "spark!" not in calc.text("calc.py")
        assert watcher.end()[0] == 0


def test_a_tree_is_watched_by_one_at_a_time(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, "Nothing.\n")
    with watching(calc, answers) as watcher:
        second = run("watch", "--apply", *scripted(answers), cwd=calc.root)
        assert second.code == 2
        assert f"looks at this repository already (process {watcher.process.pid})" in second.err
        assert watcher.end()[0] == 0
    with watching(calc, answers) as watcher:
        assert watcher.end()[0] == 0


def test_without_a_terminal_it_says_what_to_do(calc: Repo) -> None:
    ran = run("watch", cwd=calc.root)
    assert ran.code == 2
    assert "--apply" in ran.err


@pytest.mark.parametrize(
    ("path", "text", "said", "left"),
    [
        ("a.py", "x = 1  # be 2 spark!\n", "be 2", "x = 1\n"),
        ("a.py", "# spark!\nx\n", "", "x\n"),
        ("a.py", "#: use bytes, spark!\r\nx\r\n", "use bytes", "x\r\n"),
        ("a.js", "/* two\n * lines spark! */\nf();\n", "two lines", "f();\n"),
        ("a.js", "f(/* a spark! */ x);\n", "a", "f( x);\n"),
        ("a.go", "package a\n\n// go on spark!\n", "go on", "package a\n\n"),
        ("a.rs", "/// doc spark!\nfn a() {}\n", "doc", "fn a() {}\n"),
        ("a.html", "<p>\n<!-- mend it spark! -->\n", "mend it", "<p>\n"),
        ("a.vue", "<script>\nf() // now spark!\n</script>\n", "now", "<script>\nf()\n</script>\n"),
        ("a.sql", "-- index spark!\nselect 1;\n", "index", "select 1;\n"),
        ("a.sql", "select 1; /* index spark! */\n", "index", "select 1;\n"),
        ("a.lua", "--[[ x spark! ]]\nf()\n", "x", "f()\n"),
        ("a.jl", "#= x spark! =#\nf()\n", "x", "f()\n"),
        ("a.ps1", "<# x spark! #>\nf\n", "x", "f\n"),
        ("a.yaml", "a: 1\n# more spark!", "more", "a: 1\n"),
        ("a.R", "# more spark!\nx\n", "more", "x\n"),
        ("Makefile", "# more spark!\nall:\n", "more", "all:\n"),
        ("a.md", "<!-- say it spark! -->\ntext\n", "say it", "text\n"),
        ("a.ini", "; more spark!\n", "more", ""),
        ("ü.py", "é = '😀' # ü spark!\n", "ü", "é = '😀'\n"),
    ],
)
def test_comments_of_many_languages(path: str, text: str, said: str, left: str) -> None:
    (mark,) = marks_in(path, text)
    assert (mark.asks, mark.text) == ("edit", said)
    assert without(text, mark) == left


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 's = "# no spark!"\n'),
        ("a.py", "# sparkle and spark! in the middle\n"),
        ("a.py", "# bigspark!\n"),
        ("a.js", "s = `// no spark!`\n"),
        ("a.sh", "echo '# no spark!'\n"),
        ("a.md", "# A heading with spark!\n"),
        ("a.txt", "# spark!\n"),
        ("a.json", '{"a": "// spark!"}\n'),
        ("a.py", "spark!\n"),
        ("a.c", 'char *s = "/* spark! */";\n'),
    ],
)
def test_look_alikes_ask_for_nothing(path: str, text: str) -> None:
    assert marks_in(path, text) == []


def test_a_comment_is_new_once_and_again_after_it_was_away(repo: Repo) -> None:
    repo.commit({"a.py": "# a spark!\n"})
    marks = SavedMarks(Workspace.open(repo.root))
    assert [mark.text for mark in marks.begin()] == ["a"]
    repo.write({"a.py": "# a spark!\n# a spark!\n# b spark?\n"})
    assert [(mark.line, mark.text) for mark in marks.saved(["a.py"])] == [(2, "a"), (3, "b")]
    assert marks.saved(["a.py"]) == []
    repo.write({"a.py": ""})
    assert marks.saved(["a.py"]) == []
    repo.write({"a.py": "# a spark!\n# b spark?\n"})
    assert [mark.text for mark in marks.saved(["a.py", "../b.py", "gone.py"])] == ["b"]


def test_what_a_checkout_brings_or_a_rename_moves_asks_for_nothing(repo: Repo) -> None:
    repo.commit({"a.py": "x = 1\n"})
    repo.commit({"a.py": "# theirs spark!\n", "new.py": "# theirs, too spark!\n"})
    repo.git("checkout", "-q", "HEAD~1")
    marks = SavedMarks(Workspace.open(repo.root))
    assert marks.begin() == []
    repo.git("checkout", "-q", "-")
    assert marks.saved(["a.py", "new.py"]) == []
    repo.write({"b.py": "# mine spark!\n"})
    assert [mark.text for mark in marks.saved(["b.py"])] == ["mine"]
    (repo.root / "b.py").rename(repo.root / "c.py")
    assert marks.saved(["b.py", "c.py"]) == []
    repo.write({"c.py": "# mine spark!\n# mine spark!\n"})
    assert [mark.line for mark in marks.saved(["c.py"])] == [2]


def test_no_secret_ignored_or_earlier_comment_counts_wherever_it_is_heard_of(repo: Repo) -> None:
    """Each rule by itself: other parts of the watch leave such files out as well."""
    key = "AKIA" + "Q7RZ3MWX5TBN2KLD"
    repo.commit({"a.py": "x = 1\n", ".gitignore": "made/\n"})
    repo.write({"a.py": "# there before the start, not committed spark!\n"})
    marks = SavedMarks(Workspace.open(repo.root))
    assert [mark.text for mark in marks.begin()] == ["there before the start, not committed"]
    secret = {"keys.py": f'# rotate it spark!\nKEY = "{key}"\n', ".env": "# no spark!\n"}
    repo.write({**secret, "made/b.py": "# no spark!\n", "conf/id_rsa": "# no spark!\n"})
    (repo.root / "looks-fine.py").symlink_to(".env")
    repo.write({"unheard.yml": "# no spark!\n"})
    (repo.root / "secrets.yml").symlink_to("unheard.yml")
    repo.write({"ok.py": "# yes spark!\n"})
    heard = ["a.py", *secret, "made/b.py", "conf/id_rsa", "looks-fine.py", "secrets.yml", "ok.py"]
    assert [mark.path for mark in marks.saved(heard)] == ["ok.py"]


def test_what_a_merge_brings_asks_for_nothing_also_in_a_conflict(repo: Repo) -> None:
    rows = "".join(f"x{n} = {n}\n" for n in range(20))
    repo.commit({"a.py": rows, "b.py": rows})
    repo.git("checkout", "-q", "-b", "theirs")
    their = "# theirs spark!\n"
    repo.commit({"a.py": rows + their, "b.py": "y\n" + rows + their, "c.py": their})
    repo.git("checkout", "-q", "main")
    repo.commit({"b.py": "z\n" + rows})
    marks = SavedMarks(Workspace.open(repo.root))
    assert marks.begin() == []
    merged = ["git", "merge", "-q", "theirs"]
    assert subprocess.run(merged, cwd=repo.root, check=False, capture_output=True).returncode == 1
    assert their in repo.text("b.py")
    assert marks.saved(["a.py", "b.py", "c.py"]) == []
    repo.write({"c.py": their + "# mine spark!\n"})
    assert [mark.text for mark in marks.saved(["c.py"])] == ["mine"]


def test_what_comes_out_of_a_stash_asks_for_nothing(repo: Repo) -> None:
    repo.commit({"a.py": "x = 1\n"})
    marks = SavedMarks(Workspace.open(repo.root))
    assert marks.begin() == []
    repo.write({"a.py": "x = 1\n# mine spark!\n", "b.py": "# new spark!\n"})
    assert len(marks.saved(["a.py", "b.py"])) == 2
    repo.git("stash", "-q", "-u")
    assert marks.saved(["a.py", "b.py"]) == []
    repo.write({"c.py": "# another spark!\n"})
    assert [mark.text for mark in marks.saved(["c.py"])] == ["another"]
    repo.git("stash", "pop", "-q")
    assert marks.saved(["a.py", "b.py"]) == []
    repo.write({"a.py": "x = 1\n# mine spark!\n# more spark!\n"})
    assert [mark.text for mark in marks.saved(["a.py"])] == ["more"]


def test_what_was_stashed_before_the_start_asks_for_nothing(repo: Repo) -> None:
    repo.commit({"a.py": "x = 1\n"})
    for text in ("first", "second"):
        repo.write({"a.py": f"x = 1\n# {text} spark!\n"})
        repo.git("stash", "-q")
    marks = SavedMarks(Workspace.open(repo.root))
    assert marks.begin() == []
    repo.git("stash", "pop", "-q", "stash@{1}")
    assert marks.saved(["a.py"]) == []


def test_a_file_that_is_away_for_a_moment_brings_back_nothing_new(repo: Repo) -> None:
    repo.write({"a.py": "# old spark!\n"})
    marks = SavedMarks(Workspace.open(repo.root))
    assert [mark.text for mark in marks.begin()] == ["old"]
    (repo.root / "a.py").rename(repo.root / "a.py~")
    assert marks.saved(["a.py", "a.py~"]) == []
    (repo.root / "a.py~").rename(repo.root / "a.py")
    assert marks.saved(["a.py", "a.py~"]) == []


def test_git_is_waited_for_while_it_changes_the_tree(repo: Repo) -> None:
    marks = SavedMarks(Workspace.open(repo.root))
    assert not marks.git_is_busy()
    (repo.root / ".git/index.lock").touch()
    assert marks.git_is_busy()


def test_an_interrupted_edit_says_what_of_it_is_written(calc: Repo, tmp_path: Path) -> None:
    left = ASKED.replace("(a, b)", "(a, c)")
    answers = script(tmp_path, patch_of("calc.py", ASKED, left))
    with Typist(["watch", *scripted(answers)], calc.root) as typist:
        typist.expect("watching")
        save(calc, "calc.py", ASKED)
        typist.answer("Take this hunk", "y")
        typist.expect("Take this hunk")
        typist._process.send_signal(signal.SIGINT)
        ended = typist.end()
    assert (ended.code, calc.text("calc.py")) == (130, left)
    assert "0 comments done, 1 change written; spark undo 1 takes back" in ended.err
    assert run("undo", "1", cwd=calc.root).code == 0
    assert calc.text("calc.py") == ASKED


def test_the_mode_auto_edit_takes_what_is_exact_with_the_comment(
    calc: Repo, tmp_path: Path
) -> None:
    left = ASKED.replace("(a, b)", "(a, c)")
    answers = script(tmp_path, patch_of("calc.py", ASKED, left))
    with watching(calc, answers, "--approvals", "auto-edit") as watcher:
        save(calc, "calc.py", ASKED)
        watcher.until("file_written", 2)
        assert watcher.end()[0] == 0
    assert calc.text("calc.py") == left.replace("    # call it c spark!\n", "")


def test_read_only_edits_nothing_and_an_interrupted_edit_is_exit_130(
    calc: Repo, tmp_path: Path
) -> None:
    slow = script(tmp_path, patch_of("calc.py", ASKED, EDITED), rate_tok_s=1)
    with watching(calc, slow, "--approvals", "read-only") as watcher:
        save(calc, "calc.py", ASKED)
        watcher.until("queued")
        save(calc, "calc.py", PLAIN)
        assert watcher.end()[0] == 0
    assert watcher.of("turn_started") == []
    with watching(calc, slow) as watcher:
        save(calc, "calc.py", ASKED)
        watcher.until("turn_started")
        code, err = watcher.end()
    assert code == 130
    assert "0 comments done, 0 changes written" in err
    assert calc.text("calc.py") == ASKED
