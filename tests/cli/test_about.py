"""Help, completion, codemods, settings, doctor and demo: what the tool says of itself."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from codexspark_tui.cli.app import build
from codexspark_tui.cli.commands import COMMANDS
from codexspark_tui.cli.parts import PARTS
from codexspark_tui.codemods.model import Understood
from codexspark_tui.codemods.registry import CODEMODS
from codexspark_tui.codemods.sentences import understand
from codexspark_tui.sandbox import probe
from tests.support.repo import Repo, Untouched
from tests.support.spark import SPARK, run, shell
from tests.support.unconfined import unconfined

EXAMPLES = [e for info in COMMANDS.values() for e in info.examples]
EXAMPLES += [info.command_example for info in CODEMODS]


def parsed(arguments: list[str]) -> dict[str, Any]:
    """The values that the command line makes of these arguments, without running the command."""
    if not arguments or arguments[0].startswith("-"):
        arguments = ["app", *arguments]
    command: Any = typer.main.get_command(build(arguments[0]))
    with command.make_context("spark", arguments) as context:
        name, inner, rest = command.resolve_command(context, arguments)
        while hasattr(inner, "resolve_command"):
            name, inner, rest = inner.resolve_command(context, rest)
        with inner.make_context(name, rest, parent=context) as made:
            values: dict[str, Any] = made.params
            return values


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_parsed(example: str) -> None:
    part = next(p for p in example.split(" | ") if p.startswith(("spark", "eval")))
    words = shlex.split(part.split(" > ")[0])
    if words[0] == "eval":
        words = ["spark", "completion", "bash"]
    assert words[0] == "spark"
    assert parsed(words[1:]) is not None


def test_examples_of_codemods_mean_what_they_say() -> None:
    by_name = {info.name: parsed(shlex.split(info.command_example)[1:]) for info in CODEMODS}
    assert by_name["rename module"]["kind"] == "module"
    assert by_name["move module"]["module"] is True
    assert by_name["extract"]["lines"] == "pkg/io.py:10-18"
    assert by_name["tidy"]["files"] == ["src"]


@pytest.mark.parametrize("info", CODEMODS, ids=lambda info: info.name)
def test_every_sentence_is_understood(info: Any) -> None:
    assert isinstance(understand(info.sentence_example), Understood)


def test_list_of_commands_is_whole(tmp_path: Path) -> None:
    ran = run("--help", cwd=tmp_path)
    for name, info in COMMANDS.items():
        assert len(info.summary) <= 60
        assert f"  {name:<12}{info.summary}\n" in ran.text
    assert "..." not in ran.text.partition("Options:")[2]
    assert run(cwd=tmp_path).out == ran.out
    assert "Exit codes:" in ran.text


def test_every_command_is_in_one_part_of_the_list() -> None:
    assert sorted(name for names in PARTS.values() for name in names) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_ends_with_examples(name: str, tmp_path: Path) -> None:
    ran = run(name, "--help", cwd=tmp_path)
    assert ran.code == 0
    assert ran.text.rstrip().splitlines()[-1].strip() == COMMANDS[name].examples[-1]


def test_codemods_lists_each_one_twice(tmp_path: Path) -> None:
    text = run("codemods", cwd=tmp_path).text
    for info in CODEMODS:
        assert info.command_example in text
        assert f'spark edit "{info.sentence_example}"' in text


def completed(line: str, cwd: Path) -> set[str]:
    """What bash would offer after `line`, by the script that `spark completion bash` prints."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    program = f"""
    eval "$(spark completion bash)" || exit 9
    COMP_WORDS=({" ".join(shlex.quote(word) for word in words)}); COMP_CWORD={len(words) - 1}
    mkdir -p bin; printf '#!/bin/sh\\nexec %s "$@"\\n' "$PROGRAM" > bin/spark; chmod +x bin/spark
    PATH=$PWD/bin:$PATH; unset -f spark
    function_name=$(complete -p spark | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    $function_name spark; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    from tests.support.spark import SPARK

    ran = shell(program, cwd=cwd, env={"PROGRAM": " ".join(SPARK)})
    assert ran.code == 0, ran
    return set(ran.text.split())


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    assert set(COMMANDS) <= completed("spark ", tmp_path)
    assert completed("spark un", tmp_path) == {"undo"}
    assert {"--json", "--partial"} <= completed("spark apply --", tmp_path)
    assert completed("spark config ", tmp_path) == {"list"}


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_script_is_accepted_by_its_shell(name: str, tmp_path: Path) -> None:
    ran = run("completion", name, cwd=tmp_path)
    assert ran.code == 0
    assert "_SPARK_COMPLETE" in ran.text
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed here")
    (tmp_path / "script").write_bytes(ran.out)
    assert shell(f"{name} -n script", cwd=tmp_path).code == 0


def test_five_layers_of_settings(repo: Repo, isolated_home: Path) -> None:
    user = isolated_home / "config" / "spark" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('stdin = "never"\npartial = true\ncodemod_timeout = 7\ncolor = "never"\n')
    repo.write({".spark/config.toml": "partial = false\nmentions = true\nstdin_timeout = 3\n"})
    env = {"SPARK_MENTIONS": "no", "SPARK_COLOR": "always"}
    ran = run("config", "list", "--show-origin", cwd=repo.root, env=env)
    assert ran.code == 0
    lines = {value: origin for origin, value in (x.split("\t") for x in ran.text.splitlines())}
    there = str(repo.root / ".spark" / "config.toml")
    assert lines['provider = "codemods"'] == "built in"
    assert lines['stdin = "never"'] == str(user)
    assert lines["codemod_timeout = 7.0"] == str(user)
    assert lines["partial = false"] == there
    assert lines["stdin_timeout = 3.0"] == there
    assert lines["mentions = false"] == "$SPARK_MENTIONS"
    assert lines['color = "always"'] == "$SPARK_COLOR"
    values = {
        line["key"]: line["value"]
        for line in run("config", "list", "--json", cwd=repo.root).lines
        if line["type"] == "setting"
    }
    assert values["stdin_timeout"] == 3.0


def test_flag_beats_the_variable(repo: Repo) -> None:
    repo.commit({"a.py": "import os\n"})
    ran = run("tidy", "--imports", "--color", "never", cwd=repo.root, env={"SPARK_COLOR": "always"})
    assert b"\x1b" not in ran.out


HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "keys that need trust": ('provider = "script"\nscript = "/etc/passwd"\n', "may not set it"),
    "unknown keys": ("".join(f"key{n} = 1\n" for n in range(1000)), "990 more keys"),
    "long key": (f'"{"x" * 100_000}" = 1\n', "unknown key"),
    "control characters": ('"\\u001b[31m\\u0007" = 1\n', "unknown key"),
    "wrong type": ('partial = "yes"\n', "partial must be true or false"),
    "not a number of seconds": ("codemod_timeout = nan\n", "seconds"),
    "broken": ("partial = = true\n", "cannot be read"),
    "no text": (b"\xff\xfe\x00", "cannot be read"),
    "too deep": ("a = " + "[" * 100_000, "cannot be read"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_repository_settings_are_a_warning(name: str, repo: Repo) -> None:
    content, says = HOSTILE[name]
    repo.commit({"a.py": "import os\n", ".spark/config.toml": content})
    ran = run("tidy", "--imports", cwd=repo.root)
    assert (ran.code, bool(ran.out)) == (0, True), ran
    assert says in ran.err
    assert "\x1b" not in ran.err
    assert len(ran.err) < 4000
    assert run("config", "list", cwd=repo.root).code == 0


def test_settings_that_are_no_file_are_a_warning(repo: Repo) -> None:
    repo.commit({"a.py": "import os\n"})
    (repo.root / ".spark").mkdir()
    path = repo.root / ".spark" / "config.toml"
    makers = {
        "not a regular file": "mkfifo",
        "longer than": "truncate -s 1G",
        ".spark/config.toml cannot be read": "mkdir",
        "no such file": "ln -s /nowhere",
    }
    for says, make in makers.items():
        assert shell(f"rm -rf {path}; {make} {path}", cwd=repo.root).code == 0
        ran = run("tidy", "--imports", cwd=repo.root, timeout_s=20)
        assert ran.code == 0, ran
        assert says in ran.err, ran


def test_mistake_in_the_users_own_settings_is_an_error(repo: Repo, isolated_home: Path) -> None:
    user = isolated_home / "config" / "spark" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('color = "green"\n')
    ran = run("config", "list", cwd=repo.root)
    assert ran.code == 2
    assert str(user) in ran.err


def test_doctor_inside_and_outside_of_a_repository(repo: Repo, tmp_path: Path) -> None:
    before = Untouched.of(repo.root)
    inside = run("doctor", cwd=repo.root)
    assert (inside.code, inside.err) == (0, "")
    assert f"workspace: {repo.root}" in inside.text
    before.check()
    outside = run("doctor", cwd=tmp_path)
    assert outside.code == 0
    assert "git init" in outside.text


def test_doctor_names_a_problem_and_the_next_step(repo: Repo, tmp_path: Path) -> None:
    ran = run("doctor", cwd=repo.root, env={"PATH": str(tmp_path)})
    assert ran.code == 1
    assert "PROBLEM  git: git was not found" in ran.text
    assert "Install git" in ran.text


def test_demo_without_a_terminal_prints_what_it_did(tmp_path: Path, isolated_home: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (isolated_home / ".gitconfig").write_text("[user]\n\tname = Me\n")
    env = {"TMPDIR": str(temporary), "SPARK_PROVIDER": "script", "SPARK_PARTIAL": "1"}
    ran = run("demo", cwd=tmp_path, env=env)
    assert ran.code == 0, ran
    for word in ("+def read_settings(", "-import sys", "spark undo 1", "as it was committed"):
        assert word in ran.text
    assert list(temporary.iterdir()) == []
    assert [path.name for path in isolated_home.iterdir()] == [".gitconfig"]
    kept = run("demo", "--keep", cwd=tmp_path, env=env)
    assert kept.code == 0
    (folder,) = temporary.iterdir()
    assert (folder / "shop" / ".git").is_dir()


def test_schema_of_commands_is_one_too(tmp_path: Path) -> None:
    made = json.loads(run("schema", "commands", cwd=tmp_path).out)
    assert "Prompt" in made["$defs"]


def test_doctor_says_what_confines_a_command(repo: Repo, tmp_path: Path) -> None:
    here = probe()
    said = run("doctor", cwd=repo.root).text
    assert f"{'ok     ' if here.confines else 'note   '}  sandbox: {here.line}" in said
    (tmp_path / "jail").mkdir()
    command = (*unconfined(tmp_path / "jail", repo.root), *SPARK, "doctor", "--json")
    ran = subprocess.run(command, cwd=repo.root, capture_output=True, check=False)
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    (found,) = [line for line in told if line.get("name") == "sandbox"]
    assert (ran.returncode, found["state"]) == (0, "note")
    assert "so each command asks first" in found["says"]
    assert "Install bubblewrap" in found["next_step"]
