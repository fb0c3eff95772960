"""What the terminal tells is heard, also when a signal was lost on the way."""

from __future__ import annotations

import fcntl
import struct
import sys
import termios
from pathlib import Path

from tests.support.repo import Repo
from tests.support.spark import SPARK, script, scripted
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
