"""Run one command: its output as it comes, its limits watched, no process of it left behind.

    async with aclosing(run(mechanism, job)) as events:
        async for event in events: ...               # Output, Output …, Finished

Closing the generator, or cancelling the task that reads it, kills the command and all it started.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from codexspark_tui.sandbox.confine import CannotConfine, Mechanism, wrapped
from codexspark_tui.sandbox.nested import nested
from codexspark_tui.sandbox.placeholders import names_taken
from codexspark_tui.sandbox.plain import Plain, View
from codexspark_tui.sandbox.processes import (
    MARK,
    Use,
    kill_group,
    kill_strays,
    use_of,
    use_of_run,
)
from codexspark_tui.sandbox.values import Ending, Finished, Job, Output, RunEvent

PIECE = 1 << 16
WATCH_S = 0.1
GRACE_S = 0.3
DRAIN_S = 1.0
LEAST_FREE_BYTES = 64 << 20
_SECRET = re.compile(
    r"(?i)(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|COOKIE)S?(_|$)|^(SPARK_|AWS_|SSH_|GPG_)"
    r"|^(DBUS_|DOCKER_|KUBECONFIG|XAUTHORITY|NETRC|WAYLAND_|DISPLAY)"
)
_WHY: dict[Ending, str] = {
    "time": "it took longer than {time_s:.0f} s",
    "memory": "it used more memory than its limit",
    "processes": "it started more processes than its limit",
    "output": "it printed more than its limit",
    "disk": "it filled the disk",
    "cancelled": "it was stopped",
    "missing": "there is no such command",
}


def _never() -> bool:
    return False


async def run(
    mechanism: Mechanism, job: Job, stopped: Callable[[], bool] = _never
) -> AsyncGenerator[RunEvent, None]:
    """Run the job by this mechanism; raises `OSError` only where `job.keep` cannot be written.

    Once `stopped()` (asked each 0.1 s) it ends as "cancelled", with what it had printed.

    A job that cannot be confined by it ends as "missing" with the reason, and is not run.
    """
    began = time.monotonic()
    view = View(job.limits.view_chars)
    id = os.urandom(8).hex()
    with ExitStack() as stack:
        if mechanism.confines:
            job = replace(job, protected=(*job.protected, *await nested(job.root)))
            stack.enter_context(names_taken(job))
        arguments = wrapped(mechanism.name, job)
        if isinstance(arguments, CannotConfine):
            yield Finished(126, "missing", 0.0, "", arguments.why)
            return
        kept = stack.enter_context(job.keep.open("wb")) if job.keep is not None else None
        try:
            process = await _started(arguments, job, id)
        except (OSError, ValueError) as error:  # a NUL, or half of a character
            why = getattr(error, "strerror", None) or str(error)
            yield Finished(127, "missing", 0.0, "", f"it cannot be run: {why}")
            return
        running = _Running(process, job, id, kept, view, mechanism.confines, stopped)
        try:
            async for text in running.output():
                yield Output(text)
            code = await running.end()
        finally:
            await running.stop()
    ended = running.ended
    if ended == "exit" and code == 127:
        ended = "missing"
    why = _WHY[ended].format(time_s=job.limits.time_s or 0) if ended != "exit" else ""
    yield Finished(code, ended, time.monotonic() - began, view.text, why)


async def _started(arguments: list[str], job: Job, id: str) -> asyncio.subprocess.Process:
    """The process; where we are cancelled in the middle of its start, none is left behind."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=job.folder,
            env=environment(id, job.variables),
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            process = await starting
            await _Running(process, job, id, None, View(0), confined=True).stop()
        raise


def environment(id: str, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours (or what is `given`) without what looks like a key or leads to a socket of the desktop,
    and without colour.

    `id` marks the command's processes. Temporary files go where a sandbox has room for them.
    """
    given = os.environ if given is None else given
    kept = {name: text for name, text in given.items() if not _SECRET.search(name)}
    kept.pop("TMPDIR", None)
    return kept | {MARK: id, "TERM": "dumb", "NO_COLOR": "1", "GIT_TERMINAL_PROMPT": "0"}


@dataclass(slots=True)
class _Running:
    process: asyncio.subprocess.Process
    job: Job
    id: str
    kept: BinaryIO | None
    view: View
    confined: bool
    stopped: Callable[[], bool] = _never
    ended: Ending = "exit"
    _plain: Plain = field(default_factory=Plain)
    _read: int = 0
    _over: bool = False

    async def output(self) -> AsyncGenerator[str, None]:
        """The output to its end; a limit that is broken ends it by killing the command."""
        watcher = asyncio.create_task(self._watch())
        stream = self.process.stdout
        assert stream is not None
        try:
            while data := await stream.read(PIECE):
                self._read += len(data)
                text = self._taken(self._plain.feed(data))
                if text:
                    yield text
                if self._read > self.job.limits.output_bytes:
                    self._break("output")
                    return
            if text := self._taken(self._plain.end()):
                yield text
            await self.process.wait()  # without an output it may run on, within its limits
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    def _taken(self, text: str) -> str:
        self.view.add(text)
        if self.kept is not None:
            self.kept.write(text.encode("utf-8", "replace"))
        return text

    async def end(self) -> int:
        """Its exit code; what broke a limit has been killed."""
        if self.ended != "exit":
            self._kill_all()
            await self._gone(DRAIN_S)
        code = self.process.returncode
        code = -signal.SIGKILL if code is None else code
        return code if code >= 0 else 128 - code

    async def stop(self) -> None:
        """Nothing of it runs after this: first asked to end, then killed."""
        if self.process.returncode is None:
            self.ended = "cancelled" if self.ended == "exit" else self.ended
            kill_group(self.process.pid, signal.SIGTERM)
            await self._gone(GRACE_S)
        self._kill_all()
        await self._gone(DRAIN_S)

    async def _gone(self, within_s: float) -> None:
        """Wait for its end, and read its output to the end: some versions of Python wait for a
        process until its pipe is closed, which is not seen while nobody reads."""
        stream = self.process.stdout
        assert stream is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while await stream.read(PIECE):
                    pass
                await self.process.wait()
        await asyncio.sleep(0)

    def _kill_all(self) -> None:
        kill_group(self.process.pid, signal.SIGKILL)
        if not self._over:
            kill_strays(self.id)
        self._over = self.process.returncode is not None

    def _break(self, limit: Ending) -> None:
        if self.ended == "exit":
            self.ended = limit
            self._kill_all()

    def _use(self, at_most: int) -> Use:
        """Confined processes stay below the first one; others may leave it."""
        if self.confined:
            return use_of(self.process.pid, at_most)
        return use_of_run(self.id, at_most)

    async def _watch(self) -> None:
        limits, began = self.job.limits, time.monotonic()
        free_before = _free_bytes(self.job)
        while True:
            await asyncio.sleep(WATCH_S)
            if self.process.returncode is not None:  # what it left behind holds the pipe
                return self._kill_all()
            if self.stopped():
                return self._break("cancelled")
            if limits.time_s is not None and time.monotonic() - began > limits.time_s:
                return self._break("time")
            free = _free_bytes(self.job)
            filled = limits.disk_bytes is not None and free_before - free > limits.disk_bytes
            if filled or free < min(LEAST_FREE_BYTES, free_before // 2):
                return self._break("disk")
            most = limits.processes or 1 << 16
            use = self._use(most + 8)
            if limits.processes is not None and use.processes > most:
                return self._break("processes")
            if limits.memory_bytes is not None and use.memory_bytes > limits.memory_bytes:
                return self._break("memory")


def _free_bytes(job: Job) -> int:
    try:
        found = os.statvfs(job.root)
    except OSError:
        return 1 << 60
    return found.f_bavail * found.f_frsize
