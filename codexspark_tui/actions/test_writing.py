"""`spark tests FILE` with a model: what it is asked for, and how its tests are run afterwards."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from codexspark_tui.actions.edit import EditRequest
from codexspark_tui.actions.test_files import tests_that_mention
from codexspark_tui.events import runs
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.index.kinds import is_test
from codexspark_tui.reports import Report, read
from codexspark_tui.sandbox import Access, Finished, Job, Limits, Mechanism, Output, RunEvent, run
from codexspark_tui.session.instructions import task

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class TestsRan:
    """How the tests ended. `report`: what is wrong, where something is."""

    command: str
    passed: bool
    exit_code: int
    seconds: float
    report: Report
    why: str = ""


def request_for(root: Path, path: str, target: str | None) -> EditRequest:
    """What the model is asked for, with the tests that speak of the file as examples."""
    stem = PurePosixPath(path).stem
    examples = [found for found in tests_that_mention(root, stem) if found != path]
    to = f"Write them to {path_text(target)}." if target else ""
    if target and (root / target).is_file():
        examples = [target, *(found for found in examples if found != target)]
    prompt = f"Write tests for {path_text(path)}. {to}".strip() + f"\n\n{task('tests')}"
    return EditRequest(prompt, (path, *examples[:MOST_EXAMPLES]))


def command_for(root: Path, written: Sequence[str], configured: str) -> str:
    """The command that runs the tests; "" where none is known."""
    tests = [path for path in written if is_test(path) and (root / path).is_file()]
    if configured or not tests:
        return configured
    suffixes = {PurePosixPath(path).suffix for path in tests}
    if suffixes == {".py"}:
        python = "python" if shutil.which("python") else "python3"
        return shlex.join([python, "-m", "pytest", "-q", *tests])
    if suffixes == {".go"}:
        folders = dict.fromkeys(f"./{PurePosixPath(path).parent}" for path in tests)
        return shlex.join(["go", "test", *folders])
    if suffixes == {".rs"}:
        return "cargo test"
    is_node = suffixes <= {".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs"}
    return "npm test" if is_node and (root / "package.json").is_file() else ""


async def run_tests(
    root: Path, command: str, mechanism: Mechanism, limits: tuple[float | None, bool], show: Show
) -> TestsRan:
    """Run it in the tree, confined as far as that can be. `limits`: seconds, and the network."""
    time_s, network = limits
    job = Job(
        ("/bin/sh", "-c", command),
        root,
        root,
        access=Access(network=network),
        limits=Limits(time_s=time_s, view_chars=4 << 20),
    )
    show(runs.RunStarted("t1", (command,), mechanism.name))
    ended = Finished(1, "cancelled", 0.0, "")
    events: AsyncGenerator[RunEvent, None] = run(mechanism, job)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Output):
                show(runs.RunOutput("t1", event.text))
            else:
                ended = event
    seconds = round(ended.seconds, 3)
    show(runs.RunFinished("t1", ended.exit_code, ended.ended, seconds, why=ended.why))
    report = Report("", ()) if ended.is_green else read(ended.view.encode())
    return TestsRan(command, ended.is_green, ended.exit_code, seconds, report, ended.why)


Show = Callable[[Event], None]
