"""When stdin is read, how far, and what becomes of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.patches import changed, numbered, patch_of
from tests.support.repo import Repo
from tests.support.spark import SPARK, environment, run, script, scripted, shell

TEXT = numbered(20)
CHANGE = patch_of("a.txt", TEXT, changed(TEXT, 3))


@pytest.fixture
def asked(tmp_path: Path, repo: Repo) -> Asked:
    repo.commit({"a.txt": TEXT, "b.txt": TEXT, "c d.txt": TEXT})
    return Asked(repo, tmp_path, script(tmp_path, CHANGE, CHANGE, record="asked.jsonl"))


class Asked:
    """Runs `spark edit` with a scripted provider and tells what that was asked."""

    def __init__(self, repo: Repo, folder: Path, path: Path) -> None:
        self.repo = repo
        self.options = scripted(path)
        self._record = folder / "asked.jsonl"

    def by(
        self,
        *arguments: str,
        stdin: bytes | int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        ran = run("edit", *arguments, *self.options, cwd=self.repo.root, stdin=stdin, env=env)
        assert ran.code == 0, ran
        return self.requests()[-1]

    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._record.read_text().splitlines()]


def test_pipe_beside_a_prompt_is_context(asked: Asked) -> None:
    request = asked.by("why?", "a.txt", stdin=b"traceback\nline 2\n")
    assert request["prompt"] == "why?"
    assert request["files"] == ["a.txt"]
    assert request["attached"] == "traceback\nline 2\n"


def test_bytes_that_are_no_text_are_not_lost(asked: Asked) -> None:
    attached = asked.by("x", stdin=b"caf\xe9 \x00")["attached"]
    assert attached.encode("utf-8", "surrogateescape") == b"caf\xe9 \x00"


def test_regular_file_is_context_and_dev_null_is_nothing(asked: Asked) -> None:
    with (asked.repo.root / "b.txt").open("rb") as file:
        assert asked.by("x", stdin=file.fileno())["attached"] == TEXT
    with Path(os.devnull).open("rb") as file:
        assert asked.by("x", stdin=file.fileno())["attached"] == ""


def test_socket_is_read_only_when_asked_for(asked: Asked) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert asked.by("x", stdin=theirs.fileno())["attached"] == ""
        ours.sendall(b"by socket")
        ours.shutdown(socket.SHUT_WR)
        assert asked.by("x", "--stdin", stdin=theirs.fileno())["attached"] == "by socket"


def test_no_stdin_leaves_the_pipe_alone(asked: Asked) -> None:
    assert asked.by("x", "--no-stdin", stdin=b"ignored")["attached"] == ""
    assert asked.by("x", stdin=b"ignored", env={"SPARK_STDIN": "never"})["attached"] == ""


def held_pipe(asked: Asked, *arguments: str) -> tuple[int, str, bytes]:
    """Run with a pipe that stays silent until the first line on stderr, and then ends."""
    with subprocess.Popen(
        [*SPARK, "edit", *arguments, *asked.options],
        cwd=asked.repo.root,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        out, _ = process.communicate(b"late", timeout=60)
    return process.returncode, said, out


def test_waiting_for_a_silent_pipe_is_said_after_a_second(asked: Asked) -> None:
    code, said, out = held_pipe(asked, "x")
    assert (code, bool(out)) == (0, True)
    assert said.startswith("spark: waiting for standard input")
    assert "--no-stdin" in said
    assert asked.requests()[-1]["attached"] == "late"


def test_pipe_that_does_not_end_in_time_is_2(asked: Asked) -> None:
    for options in (("--stdin-timeout", "0.2"), ("--stdin-timeout", "1e-9")):
        code, said, out = held_pipe(asked, "x", *options)
        assert (code, out) == (2, b"")
        assert "did not end within" in said


def test_prompt_from_stdin(asked: Asked) -> None:
    request = asked.by("-", "a.txt", stdin=b"  do\nthis \n")
    assert (request["prompt"], request["attached"]) == ("do\nthis", "")
    assert request["files"] == ["a.txt"]


def test_prompt_from_a_file_leaves_the_pipe_for_context(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "prompt.md").write_text("from a file\n")
    request = asked.by("--prompt-file", str(tmp_path / "prompt.md"), "a.txt", stdin=b"context")
    assert request["prompt"] == "from a file"
    assert (request["files"], request["attached"]) == (["a.txt"], "context")
    request = asked.by("--prompt-file", "-", "b.txt", stdin=b"from stdin")
    assert (request["prompt"], request["files"]) == ("from stdin", ["b.txt"])


def test_prompt_file_may_be_a_process_substitution(asked: Asked) -> None:
    command = f"spark edit --prompt-file <(echo hello) {' '.join(asked.options)} </dev/null"
    assert shell(command, cwd=asked.repo.root).code == 0
    assert asked.requests()[-1]["prompt"] == "hello"


def test_file_names_from_stdin(asked: Asked) -> None:
    request = asked.by("-0", "x", "a.txt", stdin=b"b.txt\0c d.txt\0\0a.txt\0")
    assert request["files"] == ["a.txt", "b.txt", "c d.txt"]
    assert request["attached"] == ""
    piped = f"git ls-files -z | spark edit -0 x {' '.join(asked.options)}"
    assert shell(piped, cwd=asked.repo.root).code == 0
    assert asked.requests()[-1]["files"] == ["a.txt", "b.txt", "c d.txt"]


def test_loops_over_names_go_on_with_no_stdin(asked: Asked) -> None:
    options = " ".join(asked.options)
    loop = f'while read -r name; do spark edit --no-stdin x "$name" {options}; done'
    ran = shell(f"git ls-files | {loop}", cwd=asked.repo.root)
    assert ran.code == 0
    assert [r["files"] for r in asked.requests()] == [["a.txt"], ["b.txt"], ["c d.txt"]]


def test_file_that_a_loop_reads_is_not_swallowed_silently(asked: Asked) -> None:
    (asked.repo.root / "list").write_text("a.txt\nb.txt\n")
    loop = f'while read -r name; do spark edit x "$name" {" ".join(asked.options)}; done < list'
    ran = shell(loop, cwd=asked.repo.root)
    assert "the rest of standard input" in ran.err
    assert "--no-stdin" in ran.err
    assert [r["attached"] for r in asked.requests()] == ["b.txt\n"]


def test_non_blocking_pipes_are_waited_for(asked: Asked) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.write(writer, b"later")
    os.close(writer)
    assert asked.by("x", stdin=reader)["attached"] == "later"
    os.close(reader)
