"""Runs a codemod in a worker process, so that it can be cancelled and cannot block the screen.

The worker starts in isolated mode (no PYTHON* variables, no current folder) outside of the project,
and this package is handed to it by its place on disk: nothing in the repository can stand in for a
module. Importing this module is cheap; no refactoring library is loaded here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from codexspark_tui.codemods.model import Answer, CannotDo, Request
from codexspark_tui.codemods.sources import Project

_START = """
import importlib.util as u, sys
sys.path += sys.argv[2:]
s = u.spec_from_file_location("codexspark_tui", sys.argv[1] + "/__init__.py",
                              submodule_search_locations=[sys.argv[1]])
m = u.module_from_spec(s)
sys.modules["codexspark_tui"] = m
s.loader.exec_module(m)
from codexspark_tui.codemods.worker import main
main()
"""
_PACKAGE = Path(__file__).resolve().parent.parent
_GRACE_S = 2.0


async def propose_in_worker(
    request: Request, project: Project, *, timeout_s: float = 120.0
) -> Answer:
    """What `engine.propose` answers, computed by a worker process.

    A worker that fails or takes longer than `timeout_s` gives `CannotDo`. When this is cancelled,
    the worker and all that it started are killed before the cancellation goes on.
    """
    import tempfile  # 5 ms: only where a worker is started

    from codexspark_tui.codemods.wire import encode_request

    sent = encode_request(request, project)
    with tempfile.TemporaryDirectory(prefix="spark-codemod-", ignore_cleanup_errors=True) as own:
        process = await _start(project.root, own)
        try:
            async with asyncio.timeout(timeout_s):
                out, err = await process.communicate(sent)
        except TimeoutError:
            return CannotDo(
                f"the codemod took longer than {timeout_s:g} seconds and was stopped",
                "Ask for fewer files, or split the change",
                "time",
            )
        finally:
            await _end(process)
    return _read(process.returncode, out, err)


async def _start(root: Path, temporary: str) -> asyncio.subprocess.Process:
    """The worker in a process group of its own; cancelled while it starts, it is ended too.

    Its temporary files are in `temporary`, which outlives it, so that a kill leaves none.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *_command(root),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=_PACKAGE.anchor,
            env={**os.environ, "TMPDIR": temporary},
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _end(await starting)
        raise


def _command(root: Path) -> list[str]:
    """The worker's command line; module folders inside the project are not handed on."""
    real_root = root.resolve()
    folders = [
        entry
        for entry in sys.path
        if Path(entry).is_absolute() and not Path(entry).resolve().is_relative_to(real_root)
    ]
    return [sys.executable, "-I", "-X", "utf8", "-c", _START, str(_PACKAGE), *folders]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kills the worker's whole process group if it still runs, and waits for its end."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(process.wait()), _GRACE_S)


def _read(code: int | None, out: bytes, err: bytes) -> Answer:
    import msgspec

    from codexspark_tui.codemods.wire import decode_answer

    if code == 0:
        with contextlib.suppress(KeyError, ValueError, msgspec.ValidationError):
            return decode_answer(out)
    if code is not None and code < 0:
        return CannotDo(
            f"the codemod's worker process was ended by signal {-code}",
            "Try again; if it was out of memory, ask for fewer files",
            "worker",
        )
    return CannotDo(
        f"the codemod's worker process failed{_last_words(err)}",
        "Nothing was changed. Try it on fewer files, and report this if it happens again",
        "worker",
    )


def _last_words(err: bytes) -> str:
    """The kind of error the worker ended with, as " (KeyError)"; never its message."""
    lines = err.decode("utf-8", "replace").strip().splitlines()
    name = lines[-1].partition(":")[0].strip().rpartition(".")[2] if lines else ""
    return f" ({name})" if name.isidentifier() else ""
