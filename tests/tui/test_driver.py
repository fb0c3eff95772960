"""What the terminal tells is heard, also when a signal was lost on the way."""

from __future__ import annotations

import fcntl
import struct
import sys
import termios
from pathlib import Path

from tests.support.repo import Repo
from tests.support.spark import SPARK, script, scripted
from tests.tui.conftest import hunk
from tests.tui.terminal import Screen

_DEAF = (
    "import os, signal, sys, runpy\n"
    "import textual.drivers.linux_driver as driver\n"
    "real = signal.signal\n"
    "signal.signal = lambda n, h: None if n == signal.SIGWINCH else real(n, h)\n"
    "sys.argv = ['spark', *sys.argv[1:]]\n"
    "runpy.run_module('codexspark_tui', run_name='__main__')\n"
)


def test_a_change_of_size_is_seen_without_its_signal(shop: Repo, tmp_path: Path) -> None:
    deaf = [SPARK[0], "-c", _DEAF]
    assert SPARK[0] == sys.executable
    with Screen(scripted(script(tmp_path, "x")), shop.root, (80, 24), command=deaf) as person:
        person.wait_for("Say what to change")
        person._screen.resize(30, 100)
        fcntl.ioctl(person.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        person.wait_for(lambda text: any(row == "─" * 100 for row in text.split("\n")))
        person.type("\x04")
        assert person.end()[0] == 0


def test_enter_typed_before_the_app_is_there_sends(shop: Repo, tmp_path: Path) -> None:
    with Screen(scripted(script(tmp_path, "Here it is.")), shop.root, (80, 24)) as person:
        while termios.tcgetattr(person.terminal)[0] & termios.ICRNL:
            assert person._process.poll() is None
        assert "Say what to change" not in person.text
        person.type("go on\r")
        person.wait_for("Here it is.")
        person.type("\x04")
        assert person.end()[0] == 0


def test_an_editor_has_the_terminal_in_its_usual_mode(shop: Repo, tmp_path: Path) -> None:
    told = tmp_path / "told"
    answer = hunk("shop/tax.py", "-rate = 2", "+rate = 3", " same")
    editor = f"sh -c 'stty -a </dev/tty >{told}.new; mv {told}.new {told}'"
    with Screen(
        scripted(script(tmp_path, answer)), shop.root, (80, 24), env={"EDITOR": editor}
    ) as person:
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for("y accept  n reject")
        person.type("E")
        person.wait_for(lambda _: told.exists())
        assert {"icrnl", "echo", "icanon", "isig"} <= set(told.read_text().replace(";", "").split())
        person.wait_for("y accept  n reject")
        person.type("\x04y")
        assert person.end()[0] == 0
        assert termios.tcgetattr(person.terminal)[0] & termios.ICRNL
