"""A worker whose parser breaks: it crashes at one file name and never ends at another."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from codexspark_tui.index.reading import read_file
from codexspark_tui.index.values import FileFacts
from codexspark_tui.index.worker import main


def _read(root: Path, path: str, known: str) -> FileFacts:
    if "crash" in path:
        os.abort()
    while "hang" in path:
        pass
    return read_file(root, path, known)


if __name__ == "__main__":
    sys.exit(main(_read))
