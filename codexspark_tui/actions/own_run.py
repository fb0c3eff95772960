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
import time
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from codexspark_tui.sandbox import Finished, Output, RunEvent
from codexspark_tui.sandbox.plain import Plain, View
from codexspark_tui.sandbox.processes import kill_group

PIECE = 1 << 16
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
        process = await _started(command, folder, environment)
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
        await _end(process)
    code = process.returncode if process.returncode is not None else 0
    seconds = time.monotonic() - began
    if late:
        why = f"it was ended after {seconds:.0f} s, when the time was up"
        yield Finished(124, "time", seconds, view.text, why)
    else:
        yield Finished(code if code >= 0 else 128 - code, "exit", seconds, view.text)


async def _started(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str] | None
) -> asyncio.subprocess.Process:
    """The process; where we are cancelled in the middle of its start, none is left behind."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _end(await starting)
        raise


async def _read(process: asyncio.subprocess.Process, ends: float | None) -> bytes | None:
    """The next piece; None at the end, when the time is up, or when only what the command left
    behind still holds the pipe."""
    stream = process.stdout
    assert stream is not None
    reading = asyncio.ensure_future(stream.read(PIECE))
    waiting = asyncio.ensure_future(process.wait())
    left = None if ends is None else max(0.0, ends - time.monotonic())
    try:
        await asyncio.wait([reading, waiting], timeout=left, return_when="FIRST_COMPLETED")
        if not reading.done() and waiting.done():
            await asyncio.wait([reading], timeout=DRAIN_S)
        return (reading.result() or None) if reading.done() else None
    finally:
        for task in (reading, waiting):
            task.cancel()
        await asyncio.gather(reading, waiting, return_exceptions=True)


async def _waited(process: asyncio.subprocess.Process, ends: float | None) -> bool:
    """Its output is over: wait for it, too; whether it ended in time."""
    try:
        async with asyncio.timeout(None if ends is None else max(0.0, ends - time.monotonic())):
            await process.wait()
    except TimeoutError:
        return process.returncode is not None
    return True


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the group: asked first, then killed."""
    kill_group(process.pid, signal.SIGTERM)
    if process.returncode is None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE_S)
    kill_group(process.pid, signal.SIGKILL)
    await process.wait()
    stream = process.stdout
    assert stream is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while await stream.read(PIECE):
                pass
