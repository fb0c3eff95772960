"""The app as it is measured: a real session, whose answer comes over a socket.

Run as `python -m codexspark_tui.tui.bench_app ROOT SOCKET`. Nothing here is for people.
"""

from __future__ import annotations

import asyncio
import codecs
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    ModelEvent,
    Opened,
    Request,
    TextDelta,
    Unconnected,
)
from codexspark_tui.workspace import Workspace

PIECE = 1 << 16


@dataclass(slots=True)
class SocketProvider(Unconnected):
    """Each prompt opens the socket at `path`; what comes out of it is the answer."""

    path: str
    name: str = "socket"
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        reader, writer = await asyncio.open_unix_connection(self.path)
        yield Opened("socket", "")
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            while piece := await reader.read(PIECE):
                yield TextDelta(decoder.decode(piece))
        finally:
            writer.close()
        yield Ended("stop")


def main() -> None:
    from codexspark_tui.tui.launch import Start, run_session

    root, path = sys.argv[1:3]
    workspace = Workspace.open(Path(root))
    run_session(workspace, SocketProvider(path), start=Start(kept=False))
    workspace.close()


if __name__ == "__main__":
    main()
