"""`spark serve` as a process: token, signals, what it says, what it refuses."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from codexspark_tui.gateway.server import Address, listen
from tests.support.repo import Repo, Untouched
from tests.support.spark import SPARK, environment, run

TOKEN = "a-token-for-the-command"


@dataclass
class Process:
    """A running `spark serve`; `said` is what it said on stderr up to now."""

    popen: subprocess.Popen[str]
    base: str = ""
    said: str = ""

    def until(self, pattern: str) -> re.Match[str]:
        assert self.popen.stderr is not None
        while not (match := re.search(pattern, self.said)):
            line = self.popen.stderr.readline()
            assert line, self.said
            self.said += line
        return match

    def end(self, number: int) -> int:
        self.popen.send_signal(number)
        _, rest = self.popen.communicate(timeout=30)
        self.said += rest
        return self.popen.returncode


@contextmanager
def serving(
    cwd: Path, *options: str, env: Mapping[str, str | None] | None = None
) -> Iterator[Process]:
    with subprocess.Popen(
        [*SPARK, "serve", "--port", "0", *options],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as popen:
        process = Process(popen)
        try:
            process.base = process.until(r"served at (http://\S+)").group(1)
            yield process
        finally:
            popen.kill()


def ask(process: Process, token: str, **fields: Any) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{process.base}/responses",
        json.dumps(fields).encode(),
        {"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        made: dict[str, Any] = json.load(answer)
        return made


def test_codemods_answer_with_a_patch_and_write_nothing(repo: Repo) -> None:
    repo.commit({"a.py": "def load():\n    return 1\n\n\nprint(load())\n"})
    before = Untouched.of(repo.root)
    with serving(repo.root) as process:
        token = process.until(r"the token, for this run only: (\S+)").group(1)
        with OpenAI(base_url=process.base, api_key=token, max_retries=0) as client:
            (model,) = client.models.list().data
            answer = client.responses.create(model=model.id, input="rename load to read")
        assert process.end(signal.SIGTERM) == 0
    before.check()
    assert model.id == "codemods"
    (repo.root / "../answer.diff").write_text(answer.output_text)
    assert run("apply", "--check", "../answer.diff", cwd=repo.root).code == 0
    assert token not in process.said.replace(f"only: {token}", "")


def test_ctrl_c_ends_it_with_130_and_junk_is_not_logged(repo: Repo) -> None:
    with serving(repo.root) as process:
        process.until("the token")
        port = int(process.base.rpartition(":")[2].removesuffix("/v1"))
        with pytest.raises(ConnectionRefusedError):  # this machine, by another address than ours
            socket.create_connection(("127.0.0.2", port))
        for junk in (b"\x16\x03\x01", b"GET / HTTP/7\r\n\r\n", b"\xff" * 300 + b"\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port)) as raw:
                raw.sendall(junk)
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(1000):
                    continue
        assert process.end(signal.SIGINT) == 130
    assert process.said.count("\n") == 2, process.said


def test_tokens_come_from_a_file_or_the_environment(repo: Repo, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# for the team\n{TOKEN}\n\nanother-{TOKEN}\n")
    file.chmod(0o600)
    script = tmp_path / "script.toml"
    script.write_text('[[answer]]\ntext = "hello"\n[[answer]]\ntext = "again"\n')
    options = ("--provider", "script", "--script", str(script))
    with serving(repo.root, "--token-file", str(file), *options) as process:
        assert ask(process, TOKEN, input="x")["status"] == "completed"
        assert ask(process, f"another-{TOKEN}", input="x")["status"] == "completed"
        assert process.end(signal.SIGTERM) == 0
    assert TOKEN not in process.said
    with serving(repo.root, *options, env={"SPARK_SERVE_TOKEN": TOKEN}) as process:
        assert ask(process, TOKEN, input="x")["output"][0]["content"][0]["text"] == "hello"
        assert process.end(signal.SIGTERM) == 0
    assert TOKEN not in process.said


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--no-token", "--host", "0.0.0.0"), "without a token"),
        (("--token-file", "nothing"), "cannot be read"),
        (("--token-file", "short"), "16 or more"),
        (("--token-file", "empty"), "no token"),
        (("--host", "300.1.1.1"), "cannot listen"),
        (("--port", "70000"), "65535"),
        (("--max-seconds", "nan"), "from 1 to"),
        (("--provider", "script"), "needs a script"),
    ],
)
def test_what_cannot_be_served_is_said_before_it_listens(
    repo: Repo, options: tuple[str, ...], why: str
) -> None:
    repo.write({"short": "abc\n", "empty": "# nothing\n"})
    ran = run("serve", *options, cwd=repo.root)
    assert ran.code == 2
    assert why in ran.err
    assert "Traceback" not in ran.err


def test_codemods_need_a_repository_and_a_model_does_not(tmp_path: Path) -> None:
    assert "repository" in run("serve", "--port", "0", cwd=tmp_path).err
    replay = ("--provider", "replay", "--recording", "shipped:types", "--replay-speed", "0")
    with serving(tmp_path, *replay, "--no-token", "--record", "r.jsonl") as process:
        for _ in range(2):
            answer = ask(process, "", input="add type hints to the shop")
            assert answer["model"] == "scripted answer (recording)"
        assert process.end(signal.SIGTERM) == 0
    assert (tmp_path / "r.jsonl").read_text().count('"request"') == 2


def test_requests_are_not_delayed_by_nagle() -> None:
    with closing(listen(Address())) as made:
        assert made.proto == socket.IPPROTO_TCP  # asyncio sets TCP_NODELAY for these only


def test_a_port_that_is_taken_is_said(repo: Repo) -> None:
    with serving(repo.root) as process:
        port = process.base.rpartition(":")[2].removesuffix("/v1")
        ran = run("serve", "--port", port, cwd=repo.root)
    assert (ran.code, f"port {port}: address already in use" in ran.err) == (2, True)


@pytest.mark.parametrize("missing", ["starlette", "websockets"])
def test_without_the_extra_a_sentence_says_how_to_install_it(repo: Repo, missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from codexspark_tui.cli.frame import run\n"
        "sys.exit(run(['serve', '--port', '0']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repo.root,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert "pip install 'codexspark-tui[serve]'" in ran.stderr
    assert "Traceback" not in ran.stderr
