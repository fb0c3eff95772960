"""Calls of tools through the gateway: a model behind it, `spark edit` in front of it, each wire."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from codexspark_tui.errors import ProviderError
from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    ItemDone,
    ModelEvent,
    Opaque,
    Opened,
    Request,
    TextDelta,
    ToolCall,
    ToolDelta,
    ToolOutput,
)
from codexspark_tui.state_dir import config_dir
from tests.gateway.support import TOKEN, Served, served
from tests.gateway.test_serve_command import serving
from tests.support.repo import Repo
from tests.support.spark import run, started

WIRES = {
    "websocket": 'wire = "responses"\nwebsocket = true\n',
    "events": 'wire = "responses"\nwebsocket = false\n',
    "chat": 'wire = "chat"\n',
}
TWO = "*** Begin Patch\n*** Update File: a.py\n@@\n-one = 1\n+one = 10\n@@\n-two = 2\n+two = 20\n"
TWO += "*** Update File: b.py\n@@\n-three = 3\n+three = 30\n*** End Patch\n"
WAIT = TextDelta("(wait for the test)")
DIES = TextDelta("(the model dies here)")


@dataclass(slots=True)
class Stepping:
    """A model that calls tools: `answers` in their order; at `WAIT` it waits until `go` is set."""

    answers: Sequence[tuple[ModelEvent, ...]]
    name: str = "test/model-1"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(converses=True, tools="calls")
    )
    go: threading.Event = field(default_factory=threading.Event)
    asked: list[Request] = field(default_factory=list)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        self.asked.append(request)
        yield Opened("test", "model-1")
        for event in self.answers[len(self.asked) - 1]:
            if event == WAIT:
                while not self.go.is_set():
                    await asyncio.sleep(0.001)
            elif event == DIES:
                raise ProviderError("the line is dead")
            else:
                yield event
        yield Ended("stop")

    async def warm(self, request: Request) -> None:
        """It is always warm."""

    async def steer(self, text: str) -> bool:
        return False

    async def aclose(self) -> None:
        """There is nothing to give back."""


def pieces(id: str, name: str, text: str, size: int = 7) -> list[ModelEvent]:
    return [ToolDelta(id, name, text[at : at + size]) for at in range(0, len(text), size)]


def called(id: str, name: str, arguments: object, size: int = 7) -> tuple[ModelEvent, ...]:
    """A call in pieces; text is a custom tool's input."""
    free = isinstance(arguments, str)
    said = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return (*pieces(id, name, said, size), ItemDone(ToolCall(id, name, said, free)))


@pytest.fixture
def three(repo: Repo) -> Repo:
    repo.commit({"a.py": "one = 1\n\n\ntwo = 2\n", "b.py": "three = 3\n"})
    return repo


@contextmanager
def gateway(model: Stepping, wire: str) -> Iterator[Served]:
    """The model behind a gateway, and settings by which `spark` finds it there."""
    with served(model) as server:
        settings(server.base, wire)
        yield server


def settings(base: str, wire: str) -> None:
    config_dir().mkdir(parents=True, exist_ok=True)
    (config_dir() / "config.toml").write_text(
        f'[providers.gate]\nbase_url = "{base}"\nkey_variable = "GATE_KEY"\n'
        + WIRES[wire]
        + '[[providers.gate.models]]\nid = "test/model-1"\nedit_format = "envelope"\n'
    )


ENV = {"GATE_KEY": TOKEN}
EDIT = ("edit", "do it", "--model", "gate/test/model-1", "--no-stdin", "--json")


def client(repo: Repo) -> subprocess.Popen[bytes]:
    return started(*EDIT, cwd=repo.root, env=ENV)


def until(process: subprocess.Popen[bytes], true: Callable[[dict[str, Any]], bool]) -> list[Any]:
    """The events up to the first one of which this is true."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(json.loads(line))
        if true(seen[-1]):
            return seen
    assert process.stderr is not None
    raise AssertionError((seen, process.stderr.read().decode()))


def of(events: list[Any], type: str) -> list[Any]:
    return [event for event in events if event["type"] == type]


def rest(process: subprocess.Popen[bytes]) -> tuple[int, list[Any]]:
    out, _ = process.communicate(timeout=60)
    return process.returncode, [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize(
    ("wire", "form"),
    [
        ("websocket", "custom"),
        ("websocket", "function"),
        ("events", "custom"),
        ("chat", "function"),
    ],
)
def test_changes_of_a_call_are_there_before_it_is_whole(three: Repo, wire: str, form: str) -> None:
    said = TWO if form == "custom" else json.dumps({"input": TWO})
    cut = said.index("-three")
    call = ItemDone(ToolCall("c1", "apply_patch", said, form == "custom"))
    first = pieces("c1", "apply_patch", said[:cut])
    model = Stepping(((*first, WAIT, *pieces("c1", "apply_patch", said[cut:]), call),))
    with gateway(model, wire), client(three) as process:
        early = until(process, lambda e: e["type"] == "change_closed" and e["change"] == "c2")
        assert [e["state"] for e in of(early, "change_closed")] == ["placed", "placed"]
        assert not of(early, "stream_finished")
        model.go.set()
        code, late = rest(process)
    assert code == 0
    assert [e["change"] for e in of(late, "change_closed")] == ["c3"]
    assert late[-1]["files"] == ["a.py", "b.py"]


@pytest.mark.parametrize("wire", WIRES)
def test_calls_side_by_side_keep_their_order_and_go_back_with_their_results(
    three: Repo, wire: str
) -> None:
    """The second call's arguments come while the first one is not whole yet."""
    one, two = json.dumps({"path": "a.py"}), json.dumps({"path": "b.py"})
    mixed: list[ModelEvent] = []
    for left, right in zip(pieces("c1", "read", one), pieces("c2", "read", two), strict=True):
        mixed += [left, right]
    whole = [ItemDone(ToolCall("c1", "read", one)), ItemDone(ToolCall("c2", "read", two))]
    mixed += whole if wire != "events" else whole[::-1]
    model = Stepping(((*mixed, *called("c3", "list", {"pattern": "*.py"})), (TextDelta("So."),)))
    with gateway(model, wire):
        done = run(*EDIT, cwd=three.root, env=ENV)
    assert done.code == 1, done
    items = [i for i in model.asked[1].items if isinstance(i, ToolCall | ToolOutput)]
    assert items == [
        ToolCall("c1", "read", one), ToolCall("c2", "read", two),
        ToolCall("c3", "list", json.dumps({"pattern": "*.py"})),
        ToolOutput("c1", "1\tone = 1\n2\t\n3\t\n4\ttwo = 2"), ToolOutput("c2", "1\tthree = 3"),
        ToolOutput("c3", "a.py\nb.py"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wire", ["websocket", pytest.param("events", marks=pytest.mark.full), "chat"]
)
def test_call_that_is_cut_in_its_middle_loses_nothing_that_was_whole(
    three: Repo, wire: str
) -> None:
    """The model behind the gateway dies: what had closed stays, the rest is asked for once more."""
    said = TWO if wire != "chat" else json.dumps({"input": TWO})
    cut = said.index("+three") + 3
    again = "*** Begin Patch\n*** Update File: b.py\n@@\n-three = 3\n+three = 30\n*** End Patch\n"
    torn = (*pieces("c1", "apply_patch", said[:cut]), DIES)
    model = Stepping((torn, called("c2", "apply_patch", again)))
    with gateway(model, wire):
        done = run(*EDIT, "--apply", cwd=three.root, env=ENV)
    assert done.code == 0, done
    assert three.text("a.py") == "one = 10\n\n\ntwo = 20\n"
    assert three.text("b.py") == "three = 30\n"
    said = "".join(e["text"] for e in of(done.lines, "notice"))
    assert "lost" in said, done


SLOW = """\
tools = "calls"
[[answer]]
call = "apply_patch"
arguments = {arguments}
rate_tok_s = 200
"""


@pytest.mark.full  # the client tries for seconds to reach it again
@pytest.mark.parametrize("wire", WIRES)
def test_server_that_dies_in_the_middle_of_a_call_is_said(
    three: Repo, tmp_path: Path, wire: str
) -> None:
    """Nothing answers any more: nothing half is written, what was whole is told, exit 3."""
    said = TWO.replace("+three = 30\n", "+three\n" * 2000)
    arguments = said if wire != "chat" else json.dumps({"input": said})
    (tmp_path / "slow.toml").write_text(SLOW.format(arguments=json.dumps(arguments)))
    options = ("--provider", "script", "--script", str(tmp_path / "slow.toml"), "--alias", "*")
    with serving(three.root, *options, env={"SPARK_SERVE_TOKEN": TOKEN}) as server:
        settings(server.base, wire)
        process = started(*EDIT, "--apply", cwd=three.root, env=ENV)
        early = until(process, lambda e: e["type"] == "change_closed" and e["change"] == "c2")
        server.popen.kill()
        code, late = rest(process)
    assert (code, late[-1]["type"]) == (3, "result"), late
    assert [e["state"] for e in of(early, "change_closed")] == ["placed", "placed"]
    assert three.git("status", "--porcelain") == b""
    assert late[-1]["error"]["title"]


@pytest.mark.parametrize("wire", ["websocket", "chat"])
def test_what_is_said_to_every_model_arrives_there(three: Repo, wire: str) -> None:
    """The built-in prompt for this model's format, the person's own words, the nearest AGENTS.md
    last."""
    three.commit({"AGENTS.md": "Root rule.\n", "src/AGENTS.md": "Near rule.\n", "src/c.py": "x\n"})
    model = Stepping(((TextDelta("So."),),))
    with gateway(model, wire):
        edit, prompt, *options = EDIT
        run(
            edit,
            prompt,
            "src/c.py",
            *options,
            "--system",
            "Speak plainly.",
            cwd=three.root,
            env=ENV,
        )
    said = "\n".join([model.asked[0].instructions, *map(str, model.asked[0].items)])
    places = [said.find(part) for part in ("*** Begin Patch", "Speak plainly.")]
    assert min(places) >= 0, said
    assert 0 <= said.find("Root rule.") < said.find("Near rule.")


HOSTED = {"type": "apply_patch_call", "id": "apc_1", "call_id": "h1", "status": "completed"}
HOSTED["operation"] = {
    "type": "update_file",
    "path": "b.py",
    "diff": "@@\n-three = 3\n+three = 30\n",
}  # type: ignore[assignment]


@pytest.mark.parametrize("wire", ["websocket", "events"])
def test_patch_item_of_a_server_goes_through_with_what_follows(three: Repo, wire: str) -> None:
    """Also back again: in the next request it is part of the conversation."""
    first = (ItemDone(Opaque(json.dumps(HOSTED))), *called("c1", "read", {"path": "a.py"}))
    model = Stepping((first, (TextDelta("So."),)))
    with gateway(model, wire):
        done = run(*EDIT, "--apply", cwd=three.root, env=ENV)
    assert done.code == 0, done
    assert three.text("b.py") == "three = 30\n"
    types = [json.loads(i.data)["type"] for i in model.asked[1].items if isinstance(i, Opaque)]
    assert types == ["apply_patch_call", "apply_patch_call_output"]
