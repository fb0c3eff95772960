"""Another user than root, so that file permissions count."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys

import pytest

NOBODY = 65534


def as_nobody() -> tuple[str, ...]:
    """What to put before a command; nothing where root does not run the tests.

    Skips the test where that cannot be had.
    """
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root sees no permissions, and setpriv is not installed")
    before = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    if not _starts(before):
        pytest.skip("root sees no permissions, and this Python is not for other users")
    return before


@functools.cache
def _starts(before: tuple[str, ...]) -> bool:
    command = [*before, sys.executable, "-c", "import codexspark_tui"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
