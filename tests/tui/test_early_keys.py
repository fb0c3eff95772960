"""What is typed before the app can read it is for the app; the terminal is as it was, however the
start ends. The program is held at a gate in the middle of its imports, in a real terminal."""

from __future__ import annotations

import json
import os
import signal
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.support.repo import Repo
from tests.support.spark import script, scripted
from tests.tui.conftest import TWO
from tests.tui.terminal import TIMEOUT_S, Screen

GATED = """
import os, runpy, sys
gate = sys.argv.pop(1)

class Gate:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            sys.meta_path.remove(self)
            with open(gate) as opened:
                if opened.read():
                    raise RuntimeError("a fault of the start")

sys.meta_path.insert(0, Gate())
runpy.run_module("codexspark_tui", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "gate")
    return tmp_path / "gate"


def begun(shop: Repo, gate: Path, *options: str) -> Screen:
    command = (sys.executable, "-c", GATED, str(gate))
    return Screen(options, shop.root, command=command)


def holds(person: Screen) -> bool:
    flags = termios.tcgetattr(person.terminal)[3]
    return not flags & (termios.ECHO | termios.ICANON)


def wait_at_gate(person: Screen, gate: Path) -> int:
    """The gate, once the program waits behind it."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            return os.open(gate, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody has opened it to read
            assert time.monotonic() < deadline, person.text


def test_keys_typed_while_it_is_imported_are_for_the_app(
    shop: Repo, tmp_path: Path, gate: Path
) -> None:
    told = script(tmp_path, TWO, record="asked.jsonl")
    with begun(shop, gate, *scripted(told)) as person:
        opened = wait_at_gate(person, gate)
        assert holds(person)
        person.type("first\nsecond\r")
        os.close(opened)
        person.wait_for("2 open")
    before, alternate, _ = person.raw.partition(b"\x1b[?1049h")
    assert alternate
    assert b"first" not in before
    assert json.loads((tmp_path / "asked.jsonl").read_text())["prompt"] == "first\nsecond"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_at_the_start_leaves_the_terminal_as_it_was(
    shop: Repo, gate: Path, number: signal.Signals
) -> None:
    with begun(shop, gate) as person:
        before = termios.tcgetattr(person.terminal)
        opened = wait_at_gate(person, gate)
        assert holds(person)
        os.kill(person.pid, number)
        os.close(opened)
        code, _ = person.end()
        assert code == (130 if number is signal.SIGINT else -number)
        assert termios.tcgetattr(person.terminal) == before


@pytest.mark.parametrize("options", [("--theme",), ("--nonsense",)])
def test_an_error_at_the_start_leaves_the_terminal_as_it_was(
    shop: Repo, gate: Path, options: tuple[str, ...]
) -> None:
    with begun(shop, gate, *options) as person:
        opened = wait_at_gate(person, gate)
        assert holds(person)
        os.close(opened)
        assert person.end()[0] == 2
        assert not holds(person)


def test_a_fault_at_the_start_leaves_the_terminal_as_it_was(shop: Repo, gate: Path) -> None:
    with begun(shop, gate) as person:
        opened = wait_at_gate(person, gate)
        os.write(opened, b"x")
        os.close(opened)
        person.end()
        assert not holds(person)


@pytest.mark.parametrize("options", [("--plain",), ("log",), ("--help",)])
def test_what_is_no_app_leaves_the_terminal_alone(
    shop: Repo, gate: Path, options: tuple[str, ...]
) -> None:
    with begun(shop, gate, *options) as person:
        os.close(wait_at_gate(person, gate))
        assert not holds(person)
