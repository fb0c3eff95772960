"""The process that reads and parses files for an index: batches in, facts out, until stdin ends.

A parser that crashes takes this process along, and one that hangs is ended with it; whoever
started it (pool.py) finds out which file it was. It runs at the lowest priority.

Each message is four bytes of length and a value in the form of `marshal`, between two processes of
the same program.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from codexspark_tui.index.reading import read_file
from codexspark_tui.index.values import FileFacts

LENGTH_BYTES = 4
NICENESS = 19
ALARM_S = 90  # for a batch; more than the starter waits
_values = attrgetter(*(field.name for field in fields(FileFacts)))  # `astuple` copies symbols, too


def send(stream: IO[bytes], value: list[Any]) -> None:
    data = marshal.dumps(value)
    stream.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
    stream.flush()


def receive(stream: IO[bytes]) -> object:
    """The next value; raises `EOFError` at the end of the stream."""
    head = stream.read(LENGTH_BYTES)
    data = stream.read(int.from_bytes(head, "big")) if len(head) == LENGTH_BYTES else b""
    if len(head) < LENGTH_BYTES or not data:
        raise EOFError
    return marshal.loads(data)  # written by our own worker or starter


def main(read: Callable[[Path, str, str], FileFacts] = read_file) -> int:
    """Serve until stdin ends. `read` reads one file."""
    os.nice(NICENESS)
    gc.freeze()
    gc.set_threshold(100_000)  # what is read is in no circles
    root = Path(os.fsdecode(sys.argv[1]))
    while True:
        try:
            batch = receive(sys.stdin.buffer)
        except EOFError:
            return 0
        assert isinstance(batch, list)
        signal.alarm(ALARM_S)  # whoever started it may be gone, and cannot end a hanging parser
        found = [_values(read(root, path, known)) for path, known in batch]
        signal.alarm(0)
        try:
            send(sys.stdout.buffer, found)
        except BrokenPipeError:
            return 0


if __name__ == "__main__":
    sys.exit(main())
