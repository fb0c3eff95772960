"""`spark explain`, `spark new`, the person's own commands, AGENTS.md, hooks and --system."""

from __future__ import annotations

import json
import os
import select
import signal
from pathlib import Path

import pytest

from codexspark_tui.actions.hooks import Hooks, SessionHooks
from codexspark_tui.actions.own_commands import OwnCommand
from codexspark_tui.events import facts
from codexspark_tui.state_dir import config_dir
from tests.support.patches import patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import Typist, run, script, scripted

CODE = "import os\n\n\ndef load(path):\n    return open(path).read()\n\n\ndef save():\n    pass\n"


def asked(folder: Path) -> dict[str, object]:
    line: dict[str, object] = json.loads((folder / "asked.jsonl").read_text().splitlines()[-1])
    return line


def test_explain_prints_what_the_model_says_and_writes_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.py": CODE})
    patch = patch_of("a.py", CODE, CODE.replace("pass", "return"))
    answers = script(tmp_path, "It reads a file.\n\n" + patch, record="asked.jsonl")
    before = Untouched.of(repo.root)
    ran = run("explain", "a.py:4-5", *scripted(answers), cwd=repo.root)
    assert ran.code == 0, ran
    assert ran.text.startswith("It reads a file.\n")
    before.check()
    assert "    4 | def load(path):\n    5 |     return" in str(asked(tmp_path)["attached"])
    assert "save" not in str(asked(tmp_path)["attached"])


@pytest.mark.parametrize("command", ["explain", "ask"])
@pytest.mark.parametrize("piece", [1, 4_000])
def test_of_a_patch_that_is_left_out_no_empty_fence_stays(
    repo: Repo, tmp_path: Path, command: str, piece: int
) -> None:
    repo.commit({"a.py": CODE})
    patch = patch_of("a.py", CODE, CODE.replace("pass", "return"))
    text = f"It reads.\n\n```python\nload(1)\n```\n\n```diff\n{patch}```\n\nSo it is."
    answers = script(tmp_path, text, chunk_chars=piece)
    answers.write_text('tools = "text"\n' + answers.read_text())
    asked = ("explain", "a.py") if command == "explain" else ("ask", "why?")
    ran = run(*asked, *scripted(answers), cwd=repo.root)
    said = "It reads.\n\n```python\nload(1)\n```\n\n\nSo it is.\n"
    assert (ran.code, ran.text) == (0, said), ran
    assert "the answer holds changes, which were left out; spark edit makes changes" in ran.err
    assert "left out" not in run(*asked, "-q", *scripted(answers), cwd=repo.root).err


def test_explain_of_a_change_sends_its_prompt_and_its_patch(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.py": CODE})
    assert run("edit", "--apply", "remove unused imports", "a.py", cwd=repo.root).code == 0
    answers = script(tmp_path, "It was not used.\n", record="asked.jsonl")
    for what in ((), ("1",), ("1.1",)):
        assert run("explain", *what, *scripted(answers), cwd=repo.root).text == "It was not used.\n"
        assert "remove unused imports" in str(asked(tmp_path)["attached"])
        assert "-import os" in str(asked(tmp_path)["attached"])


def test_explain_sends_nothing_of_files_that_hold_secrets(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.py": CODE, ".env": "PLACE=1\n"})
    key = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fL3kR6"
    both = patch_of("a.py", CODE, f"# {key}\n{CODE}") + patch_of(".env", "PLACE=1\n", "PLACE=hid\n")
    env = {"SPARK_GUARD_SECRETS": "false"}
    assert run("apply", "-", cwd=repo.root, stdin=both.encode(), env=env).code == 0
    answers = script(tmp_path, "It was.\n", record="asked.jsonl")
    for what in ("1", "1.1", "1.2"):
        assert run("explain", what, *scripted(answers), cwd=repo.root).code == 0
        sent = (tmp_path / "asked.jsonl").read_text()
        assert "PLACE" not in sent
        assert key not in sent
        assert "held back" in sent


def test_explain_without_a_model_tells_the_record(repo: Repo) -> None:
    repo.commit({"a.py": CODE})
    ran = run("explain", "a.py", cwd=repo.root)
    assert ran.code == 0
    assert "def load(path)" in ran.text
    assert "no model is connected" in ran.err
    assert run("edit", "--apply", "rename load to read", cwd=repo.root).code == 0
    assert "for the prompt: rename load to read" in run("explain", "1", cwd=repo.root).text
    lines = run("explain", "a.py:1-4", cwd=repo.root).text
    assert "def read(path)" in lines
    assert "save" not in lines
    assert "for the prompt: rename load to read" in lines


def test_explain_of_lines_that_are_not_there_is_a_usage_error(repo: Repo) -> None:
    repo.commit({"a.py": CODE})
    for lines in ("0", "10", "5-2", "99999"):
        assert run("explain", f"a.py:{lines}", cwd=repo.root).code == 2
    assert "lines 5 to 9\n" in run("explain", "a.py:5-99", cwd=repo.root).text


def test_explain_of_a_folder_is_a_usage_error_with_a_next_step(repo: Repo) -> None:
    repo.commit({"src/a.py": "x = 1\n"})
    for name in (".", "src", "src/"):
        ran = run("explain", name, cwd=repo.root)
        assert (ran.code, ran.out) == (2, b"")
        assert f"{name} is a folder" in ran.err
        assert "Name a file in it." in ran.err


def test_explain_of_what_is_not_there_is_a_usage_error(repo: Repo) -> None:
    repo.commit({"a.py": CODE, ".env": "KEY=1\n"})
    for what in ("none.py", "../out.py", "7", "a.py:5-2", ".env"):
        assert run("explain", what, cwd=repo.root).code == 2


def test_new_makes_files_in_an_empty_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    patch = "--- /dev/null\n+++ b/hello.py\n@@ -0,0 +1 @@\n+print('hello')\n"
    answers = script(tmp_path, patch, record="asked.jsonl")
    shown = run("new", "says hello", *scripted(answers), cwd=folder)
    assert (shown.code, shown.text.count("+++ b/hello.py")) == (0, 1), shown
    assert list(folder.iterdir()) == []
    ran = run("new", "says hello", "--apply", *scripted(answers), cwd=folder)
    assert ran.code == 0, ran
    assert "; spark undo --no-git 1 takes it back" in ran.err
    assert (folder / "hello.py").read_text() == "print('hello')\n"
    assert run("new", "again", *scripted(answers), cwd=folder).code == 2
    assert run("undo", "--no-git", cwd=folder).code == 0
    assert list(folder.iterdir()) == []
    assert "no model is connected" in run("new", "x", cwd=folder).err


def test_own_commands_stand_for_their_text(repo: Repo, tmp_path: Path, isolated_home: Path) -> None:
    repo.commit({".spark/commands/fixme.md": "Mend $1 in $2, that is: $ARGUMENTS. $$1\n"})
    answers = script(tmp_path, "no\n", "no\n", record="asked.jsonl")
    denied = run("edit", "/fixme", "--no-stdin", *scripted(answers), cwd=repo.root)
    assert (denied.code, not (tmp_path / "asked.jsonl").exists()) == (2, True)
    assert "you have not trusted it as it is" in denied.err
    assert "spark trust" in denied.err
    said = run("trust", cwd=repo.root).err
    assert "/fixme stands for .spark/commands/fixme.md" in said
    run("edit", "/fixme 'a b' c.py", "--no-stdin", *scripted(answers), cwd=repo.root)
    assert asked(tmp_path)["prompt"] == "Mend a b in c.py, that is: 'a b' c.py. $1"
    own = isolated_home / "config/spark/commands"
    assert run("edit", "/none", "--no-stdin", *scripted(answers), cwd=repo.root).code == 2
    own = config_dir() / "commands"
    own.mkdir(parents=True)
    (own / "fixme.md").write_text("Mine.\n")
    run("edit", "/fixme x", "--no-stdin", *scripted(answers), cwd=repo.root)
    assert asked(tmp_path)["prompt"] == "Mine.\n\nx"


@pytest.mark.parametrize(
    ("text", "arguments", "prompt"),
    [
        ("Port $1.", "a 'b c' d", "Port a.\n\nb c d"),
        ("Port $2.", "a b c", "Port b.\n\na c"),
        ("Port $1 of $ARGUMENTS.", "a b", "Port a of a b."),
        ("Port it for $$1.", "a 'b", "Port it for $1.\n\na 'b"),
        ("Port $1.", "'$1 $ARGUMENTS'", "Port $1 $ARGUMENTS."),
    ],
)
def test_arguments_that_have_no_slot_follow(text: str, arguments: str, prompt: str) -> None:
    assert OwnCommand("port", text, "here").filled(arguments) == prompt


@pytest.mark.parametrize(
    ("text", "arguments", "prompt"),
    [
        ("Port $1 to ${2:-3.11}.", "a", "Port a to 3.11."),
        ("Port $1 to ${2:-3.11}.", "a 3.12", "Port a to 3.12."),
        ("Port $1 to ${2:-}.", "a", "Port a to ."),
        ("Port $2 to ${2:-3.11}, ${2:-4}.", "a", "Port 3.11 to 3.11, 3.11.\n\na"),
        ("Say $ARGUMENTS.", "", "Say ."),
        ("It costs $$1 and $10.", "five", "It costs $1 and five0."),
        ("Port ${1}, ${HOME:-x}, $x.", "a", "Port ${1}, ${HOME:-x}, $x.\n\na"),
        ("---\ndescription: Port it\nallowed-tools: run\n---\nPort $1.", "a", "Port a."),
        ("---\nnot closed: x\nPort $1.", "a", "---\nnot closed: x\nPort a."),
        ("Port $1.\n---\nx: y\n---\n", "a", "Port a.\n---\nx: y\n---\n"),
    ],
)
def test_arguments_that_may_be_missing_and_what_is_said_about_a_command(
    text: str, arguments: str, prompt: str
) -> None:
    assert OwnCommand("port", text, "here").filled(arguments) == prompt


@pytest.mark.parametrize(
    ("text", "usage", "about"),
    [
        ("Port $1 to $3.", "/port <1> <2> <3>", "Port $1 to $3."),
        ("# Port\n$1 ${2:-main}", "/port <1> [2=main]", "Port"),
        ("Port $ARGUMENTS", "/port [ARGUMENTS]", "Port $ARGUMENTS"),
        ("Port it.", "/port", "Port it."),
        ("---\ndescription: 'To 3.11'\nargument-hint: FILE NAME\n---\n\nPort $1",
         "/port FILE NAME", "To 3.11"),
        ("---\ndescription: a\x1b[31mb\nargument-hint: \x07\n---\nPort", "/port ^G", "a^[[31mb"),
    ],
)  # fmt: skip
def test_how_a_command_is_called_is_read_from_its_text(text: str, usage: str, about: str) -> None:
    command = OwnCommand("port", text, "here")
    assert (command.usage, command.about) == (usage, about)


def test_command_whose_argument_is_missing_says_so_and_sends_nothing(
    repo: Repo, tmp_path: Path
) -> None:
    own = config_dir() / "commands"
    own.mkdir(parents=True)
    (own / "port.md").write_text("---\nargument-hint: FILE VERSION\n---\nPort $1 to $2.\n")
    answers = script(tmp_path, "no\n", record="asked.jsonl")
    for call, said in (
        ("/port", "/port wants arguments $1 and $2, and it got none"),
        ("/port 'a b'", "/port wants the argument $2, and it got 1: 'a b'"),
    ):
        ran = run("edit", call, "--no-stdin", *scripted(answers), cwd=repo.root)
        assert ran.code == 2
        assert said in ran.err
        assert "It is called so: /port FILE VERSION" in ran.err
        assert f"or write a default into {own}/port.md: ${{" in ran.err
    assert not (tmp_path / "asked.jsonl").exists()
    run("edit", "/port a 3", "--no-stdin", *scripted(answers), cwd=repo.root)
    assert asked(tmp_path)["prompt"] == "Port a to 3."


def test_own_command_and_hooks_work_without_a_screen(repo: Repo, tmp_path: Path) -> None:
    repo.commit({".spark/commands/fixme.md": "Mend $1.\n"})
    answers = script(tmp_path, "So.\n", record="asked.jsonl")
    config_dir().mkdir(parents=True)
    (config_dir() / "config.toml").write_text("[hooks]\nturn_ended = 'cat > ended; exit 3'\n")
    with Typist(("--plain", *scripted(answers)), repo.root) as person:
        person.answer("change? ", "/fixme a.py")
        person.expect("you have not trusted it as it is")
        assert run("trust", cwd=repo.root).code == 0
        person.answer("change? ", "/fixme")
        person.expect("/fixme wants the argument $1, and it got none")
        person.answer("change? ", "/fixme a.py")
        person.expect("/fixme stands for .spark/commands/fixme.md")
        person.answer("change? ", "/quit")
        person.expect("the hook turn_ended (cat > ended; exit 3) ended with code 3")
        assert person.end().code == 0
    assert asked(tmp_path)["prompt"] == "Mend a.py."
    assert json.loads(repo.text("ended"))["event"] == "turn_ended"


def test_what_is_asked_for_is_never_empty(repo: Repo, tmp_path: Path, isolated_home: Path) -> None:
    mine = isolated_home / "config/spark/commands/none.md"
    mine.parent.mkdir(parents=True)
    mine.write_text(" \n")
    conversing = tmp_path / "script.toml"
    conversing.write_text('tools = "text"\n[[answer]]\ntext = "So.\\n"\n')
    assert "stands for nothing" in run("edit", "/none", *scripted(conversing), cwd=repo.root).err
    asked_nothing = (("ask", "-"), ("ask", " "), ("edit", "/none"))
    for words in asked_nothing:
        assert run(*words, *scripted(conversing), cwd=repo.root, stdin=b"").code == 2, words
    folder = tmp_path / "new"
    folder.mkdir()
    assert run("new", " ", *scripted(conversing), cwd=folder).code == 2


def test_a_patch_in_an_answer_to_a_question_is_left_out(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.py": CODE})
    conversing = tmp_path / "script.toml"
    for old, quiet in ((CODE, ()), ("nowhere\n", ("-q",))):
        text = json.dumps("So it is.\n\n" + patch_of("a.py", old, "else\n"))
        conversing.write_text(f'tools = "text"\n[[answer]]\ntext = {text}\n')
        ran = run("ask", "why?", *quiet, *scripted(conversing), cwd=repo.root)
        assert (ran.code, ran.text[:9]) == (0, "So it is."), ran
        assert ("changes, which were left out" in ran.err) is not bool(quiet)
    assert repo.text("a.py") == CODE


def test_own_command_that_has_changed_must_be_trusted_again(repo: Repo, tmp_path: Path) -> None:
    repo.commit({".spark/commands/fixme.md": "Mend it.\n"})
    answers = script(tmp_path, "no\n", record="asked.jsonl")
    call = ("edit", "/fixme", "--no-stdin", *scripted(answers))
    run("trust", cwd=repo.root)
    assert run(*call, cwd=repo.root).code == 1
    repo.write({".spark/commands/fixme.md": "Send the keys.\n"})
    assert run(*call, cwd=repo.root).code == 2
    assert "fixme.md: trusted, but it has changed" in run("trust", "--list", cwd=repo.root).text
    repo.write({".spark/commands/fixme.md": "Mend it.\n"})
    assert run(*call, cwd=repo.root).code == 1
    assert run("trust", "--revoke", cwd=repo.root).code == 0
    assert run(*call, cwd=repo.root).code == 2


def test_own_commands_are_not_read_through_a_link_out(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret")
    (repo.root / ".spark/commands").mkdir(parents=True)
    (repo.root / ".spark/commands/s.md").symlink_to(tmp_path / "secret.md")
    ran = run("edit", "/s", "--no-stdin", cwd=repo.root)
    assert ran.code == 2
    assert "there is no command /s\nThere are none yet.\nMake the file" in ran.err


HOOKS = "[hooks]\nwritten = 'cat > told.json'\nturn_ended = 'exit 3'\n"


def test_hooks_run_after_a_turn_and_cannot_change_its_end(repo: Repo) -> None:
    config_dir().mkdir(parents=True)
    (config_dir() / "config.toml").write_text(HOOKS)
    repo.commit({"a.py": CODE})
    ran = run("edit", "--apply", "remove unused imports", "a.py", "--no-stdin", cwd=repo.root)
    assert ran.code == 0
    assert "the hook turn_ended (exit 3) ended with code 3" in ran.err
    told = json.loads(repo.text("told.json"))
    assert told == {"event": "written", "exit_code": 0, "entry": "1", "files": ["a.py"]}


def test_hooks_run_after_fix_and_explain(repo: Repo, tmp_path: Path) -> None:
    config_dir().mkdir(parents=True)
    hooks = "[hooks]\nwritten = 'cat >> w'\nturn_ended = 'cat >> t'\n"
    (config_dir() / "config.toml").write_text(hooks)
    repo.commit({"a.py": CODE, ".gitignore": "w\nt\n"})
    patch = patch_of("a.py", CODE, CODE.replace("pass", "return"))
    green = script(tmp_path, patch)
    command = ("--", "grep", "-q", "return$", "a.py")
    assert run("fix", *scripted(green), *command, cwd=repo.root).code == 0
    told = json.loads(repo.text("w"))
    assert told == {"event": "written", "exit_code": 0, "entry": "1", "files": ["a.py"]}
    prose = script(tmp_path, "It reads.\n")
    assert run("explain", "a.py", *scripted(prose), cwd=repo.root).code == 0
    events = [json.loads(line) for line in repo.text("t").splitlines()]
    assert [(e["exit_code"], e["entry"]) for e in events] == [(0, "1"), (0, "")]
    assert repo.text("w").count("\n") == 1


def is_running(mark: Path) -> bool:
    pid = mark.read_text().strip()
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def has_ended(mark: Path) -> bool:
    """What was killed has a moment to go, as a busy machine may need one."""
    try:
        process = os.pidfd_open(int(mark.read_text()))
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 10)[0])
    finally:
        os.close(process)


def test_a_hook_that_hangs_is_ended_with_all_that_it_began(tmp_path: Path) -> None:
    hooks = Hooks(turn_ended="sleep 300 & echo $! > pid; wait; true", time_s=0.5)
    (wrong,) = hooks.run(tmp_path, {"exit_code": 0, "entry": "", "files": []})
    assert wrong.endswith(") was ended after 0 s")
    assert has_ended(tmp_path / "pid")


STUBBORN = "trap '' TERM; sleep 300 & echo $! > pid; wait; wait"


@pytest.mark.parametrize("hook", ["sleep 300 & echo $! > pid; wait", STUBBORN])
def test_hooks_that_still_run_when_a_session_is_over_are_ended(tmp_path: Path, hook: str) -> None:
    """One that asks for more, too; those that wait for their turn are left out, and it is said."""
    wrong: list[str] = []
    hooks = Hooks(turn_ended=hook, time_s=300)
    with SessionHooks(hooks, tmp_path, wrong.append, end_s=0.2) as session:
        for turn in (1, 2, 3):
            session.note(facts.TurnStarted(turn, "x"))
            session.note(facts.TurnEnded(turn, "done"))
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            os.sched_yield()
    assert has_ended(tmp_path / "pid")
    assert wrong == [
        f"the hook turn_ended ({hook}) was ended, as spark was left and it still ran",
        *[f"the hook turn_ended ({hook}) was not run: spark was left before its turn"] * 2,
    ]


@pytest.mark.full  # it takes the whole time that a hook is given
@pytest.mark.parametrize("face", [("--plain",), ()])
def test_who_leaves_spark_is_not_held_by_a_hook(
    repo: Repo, tmp_path: Path, face: tuple[str, ...]
) -> None:
    repo.commit({"a.py": CODE})
    config_dir().mkdir(parents=True)
    (config_dir() / "config.toml").write_text(f"[hooks]\nturn_ended = {json.dumps(STUBBORN)}\n")
    with Typist((*face, *scripted(script(tmp_path, "So.\n"))), repo.root) as person:
        person.expect("hat should change?")
        person.type("go\r" if not face else "go\n")
        while not (repo.root / "pid").exists() or not repo.text("pid").strip():
            person.look()
        person.type("/quit\r" if not face else "/quit\n")
        ended = person.end()
    assert ended.code == 0, person.screen
    assert "was ended, as spark was left and it still ran" in person.screen
    assert has_ended(repo.root / "pid")


def test_what_a_hook_leaves_behind_is_not_waited_for(tmp_path: Path) -> None:
    hooks = Hooks(turn_ended="sleep 300 & echo $! > pid", time_s=30)
    assert hooks.run(tmp_path, {"exit_code": 0, "entry": "", "files": []}) == []
    assert is_running(tmp_path / "pid")
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_what_a_hook_says_controls_no_terminal_and_it_has_none(tmp_path: Path) -> None:
    said = r"printf 'one\n\033]0;owned\007\033[31mbad\342\200\256x' >&2; exit 4"
    hooks = Hooks(turn_ended=said, written="echo x > /dev/tty")
    wrong = hooks.run(tmp_path, {"exit_code": 0, "entry": "1", "files": ["a"]})
    assert "ended with code 4: " in wrong[0]
    assert wrong[0].isprintable()
    assert "ended with code" in wrong[1]
    assert "signal 9" in Hooks("kill -9 $$").run(tmp_path, {})[0]


def test_hooks_of_a_repository_need_trust(repo: Repo) -> None:
    repo.commit({"a.py": CODE, ".spark/config.toml": HOOKS})
    ran = run("edit", "--apply", "remove unused imports", "a.py", "--no-stdin", cwd=repo.root)
    assert ran.code == 0
    assert "hook_written was left out" in ran.err
    assert not (repo.root / "told.json").exists()


def test_agents_files_go_with_the_prompt_the_nearest_last(repo: Repo) -> None:
    from codexspark_tui.session.context.choosing import RepositoryContext
    from codexspark_tui.session.context.model import Wanted
    from codexspark_tui.session.conversation import prompt_text
    from codexspark_tui.session.tokens import Estimator
    from codexspark_tui.workspace import Workspace

    long = "x" * 79 + "\n"
    repo.commit(
        {
            "AGENTS.md": "Root rule.\n",
            "src/AGENTS.md": long * 1000,
            "other/AGENTS.md": "Other rule.\n",
            "src/a.py": CODE,
        }
    )
    workspace = Workspace.open(repo.root)
    context = RepositoryContext(workspace, Estimator(), None)
    chosen = context.choose(Wanted("do it", ("src/a.py",), 100_000))
    first = [(p.path, p.reason) for p in chosen.pieces if p.form == "text"][:3]
    assert first == [
        ("AGENTS.md", "instructions"),
        ("src/AGENTS.md", "instructions"),
        ("src/a.py", "named"),
    ]
    assert len(next(p.text for p in chosen.pieces if p.path == "src/AGENTS.md")) <= 16_384
    assert [x.path for x in chosen.left_out] == ["src/AGENTS.md"]
    text = prompt_text("do it", chosen)
    assert "How the repository wants to be worked on (AGENTS.md):\n```\nRoot rule." in text
    workspace.close()


def test_agents_files_of_a_file_that_the_prompt_leads_to_go_along(
    repo: Repo, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("Outer rule.\n")
    repo.commit(
        {
            "AGENTS.md": "Root rule.\n",
            "src/AGENTS.md": "Rule about wobble.\n",
            "src/deep/AGENTS.md": b"\x00\xff\x00",
            "src/deep/er/wobble.py": "def wobble():\n    return 1\n",
            "other/AGENTS.md": "Other rule about wobble.\n",
        }
    )
    (repo.root / "src/deep/er/AGENTS.md").symlink_to(outside)
    answers = script(tmp_path, "Nothing.", record="asked.jsonl")
    answers.write_text('tools = "calls"\n' + answers.read_text())
    ran = run("edit", "change src/deep/er/wobble.py", *scripted(answers), cwd=repo.root)
    assert ran.code == 1, ran
    (asked,) = (tmp_path / "asked.jsonl").read_text().splitlines()
    said = "".join(item["text"] for item in json.loads(asked)["items"])
    rules = " wants to be worked on ("
    named = [line for line in said.splitlines() if rules in line]
    assert named == [f"How the repository{rules}AGENTS.md):", f"How src{rules}src/AGENTS.md):"]
    assert "Outer rule" not in said
