"""Run a command that the person typed, as it is: their environment, their folder, no sandbox.

    async with aclosing(run_as_is(command, folder, time_s)) as events:
        async for event in events: ...               # Output, Output …, Finished

Its process group is its own: closing the generator, or cancelling the task that reads it, ends the
group, and so does its end for what it left behind. It has nothing on stdin.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import time
from asyncio.subprocess import Process, SubprocessStreamProtocol
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from codexspark_tui.sandbox import Finished, Output, RunEvent
from codexspark_tui.sandbox.plain import Plain, View
from codexspark_tui.sandbox.processes import kill_group

PIECE = 1 << 16
WATCH_S = 0.1
KEPT_CHARS = 4 << 20
GRACE_S = 0.5
DRAIN_S = 1.0


async def run_as_is(
    command: tuple[str, ...],
    folder: Path,
    time_s: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncGenerator[RunEvent, None]:
    """Its output as it comes, then how it ended; after `time_s` seconds it is ended ("time").

    Without an `environment` it has ours."""
    began = time.monotonic()
    try:
        process, transport = await _started(command, folder, environment)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        yield Finished(127, "missing", 0.0, "", f"it cannot be run: {why}")
        return
    plain, view, late = Plain(), View(KEPT_CHARS), False
    ends = began + time_s if time_s is not None else None
    try:
        while (data := await _read(process, ends)) is not None:
            if text := plain.feed(data):
                view.add(text)
                yield Output(text)
        late = not await _waited(process, ends)
        if text := plain.end():
            view.add(text)
            yield Output(text)
    finally:
        await _end(process, transport)
    code = process.returncode if process.returncode is not None else 0
    seconds = time.monotonic() - began
    if late:
        why = f"it was ended after {seconds:.0f} s, when the time was up"
        yield Finished(124, "time", seconds, view.text, why)
    else:
        yield Finished(code if code >= 0 else 128 - code, "exit", seconds, view.text)


async def _started(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str] | None
) -> tuple[Process, asyncio.SubprocessTransport]:
    """The process; where we are cancelled in the middle of its start, none is left behind."""
    loop = asyncio.get_running_loop()

    def reader() -> SubprocessStreamProtocol:
        return SubprocessStreamProtocol(limit=PIECE, loop=loop)

    starting = asyncio.ensure_future(
        loop.subprocess_exec(
            reader,
            *command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    )
    try:
        transport, protocol = await asyncio.shield(starting)
    except asyncio.CancelledError:
        transport, protocol = await starting
        await _end(Process(transport, protocol, loop), transport)
        raise
    return Process(transport, protocol, loop), transport


async def _read(process: Process, ends: float | None) -> bytes | None:
    """The next piece; None at the end, when the time is up, or when only what the command left
    behind still holds the pipe."""
    stream = process.stdout
    assert stream is not None
    reading = asyncio.ensure_future(stream.read(PIECE))
    try:
        while not reading.done():
            left = WATCH_S if ends is None else min(WATCH_S, ends - time.monotonic())
            if left <= 0:
                return None
            over = process.returncode is not None
            await asyncio.wait([reading], timeout=DRAIN_S if over else left)
            if over:
                break
        return (reading.result() or None) if reading.done() else None
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _waited(process: Process, ends: float | None) -> bool:
    """Its output is over: wait for it, too; whether it ended in time.

    `wait` of some versions of Python waits for the pipe, which what is left behind may hold."""
    if process.returncode is not None:
        return True
    try:
        async with asyncio.timeout(None if ends is None else max(0.0, ends - time.monotonic())):
            await process.wait()
    except TimeoutError:
        return process.returncode is not None
    return True


async def _end(process: Process, transport: asyncio.SubprocessTransport) -> None:
    """End the group: asked first, then killed. What has left the group keeps its end of the pipe;
    ours is closed."""
    kill_group(process.pid, signal.SIGTERM)
    if process.returncode is None:
        await _gone(process, GRACE_S)
    kill_group(process.pid, signal.SIGKILL)
    await _gone(process, DRAIN_S)
    transport.close()
    await asyncio.sleep(0)


async def _gone(process: Process, within_s: float) -> None:
    """Wait for its end, and read its output to the end; what has left the group may hold that."""
    stream = process.stdout
    assert stream is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while await stream.read(PIECE):
                pass
            await process.wait()
