"""The calls of an answer, carried out: side by side, their results in order and within a budget.

What happens is told to the session through its inbox as `ToolNews`; the session decides what
follows. Commands go to the sandbox, one after the other, each when the person's approvals allow it
or the person says so. A stopped answer stops all that runs for it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from codexspark_tui.errors import SparkError
from codexspark_tui.events.facts import Event, Notice
from codexspark_tui.events.runs import (
    RunFinished,
    RunOutput,
    RunStarted,
    ToolFinished,
    ToolStarted,
)
from codexspark_tui.providers.model import Question, ToolCall
from codexspark_tui.sandbox import Access, Finished, Job, Limits, Output, probe, run
from codexspark_tui.session.approvals import LONGEST, TOOL_QUESTION, Approvals, shown
from codexspark_tui.session.inbox import Inbox, Results, ToolNews
from codexspark_tui.session.models import CodemodAnswer, Setup
from codexspark_tui.session.tools import Hands, ToolRefused, by_name
from codexspark_tui.workspace import Workspace

MOST_CHARACTERS = 24_000
"""What all results of one answer may have together."""
MOST_CALLS = 64
_NOT_ALLOWED = "the person did not allow it"


@dataclass(slots=True)
class Tooling:
    """`approvals` lasts as long as the session; `last_output`: of the latest command, as it is
    told to a model."""

    workspace: Workspace
    inbox: Inbox
    setup: Setup
    approvals: Approvals
    last_output: str = ""
    _task: asyncio.Task[None] | None = None
    _beside: set[asyncio.Task[None]] = field(default_factory=set)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _deciding: asyncio.Lock = field(default_factory=asyncio.Lock)
    _running: asyncio.Lock = field(default_factory=asyncio.Lock)
    _runs: str = ""
    _typed_run: str = ""
    _stopped: str = ""
    _answer: asyncio.Future[int | None] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def start(self, calls: Sequence[ToolCall], stream: int) -> None:
        """Carry them out; the results come as one `ToolNews`."""
        self.stop()
        self._task = asyncio.create_task(self._all(calls, stream))

    def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def run_beside(self, command: str) -> None:
        """A command that the person typed: nothing is asked."""
        task = asyncio.create_task(self._typed(command))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def stop_typed(self, run: str) -> None:
        """End the command of this id, if it is the person's and still runs."""
        if run and run == self._typed_run:
            self._stopped = run

    async def aclose(self) -> None:
        """End all that runs, and wait until nothing of it is left."""
        running = [*self._beside, *([self._task] if self._task is not None else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def answer(self, choice: int | None) -> None:
        """The person has answered the question that was asked last; None: they would not."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(choice)

    # -- calls ---------------------------------------------------------------------------------

    async def _all(self, calls: Sequence[ToolCall], stream: int) -> None:
        done = await asyncio.gather(*(self._one(call, stream) for call in calls[:MOST_CALLS]))
        said = [*done, *["not done: too many calls"] * len(calls[MOST_CALLS:])]
        self._tell(stream, outputs=Results(tuple(zip(calls, _cut(said), strict=True))))

    async def _one(self, call: ToolCall, stream: int) -> str:
        self._tell(stream, ToolStarted(call.id, call.name, " ".join(call.arguments.split())[:300]))
        try:
            ok, said = True, await self._carried_out(call, stream)
        except ToolRefused as error:
            ok, said = False, f"This was not done: {error}"
        except SparkError as error:
            ok, said = False, f"This was not done: {error.title}\n{error.detail}".rstrip()
        except Exception as error:  # noqa: BLE001 - the other calls go on, and the turn ends
            ok, said = False, f"This was not done, spark itself failed: {type(error).__name__}"
        self._tell(stream, ToolFinished(call.id, ok, said.partition("\n")[0][:200]))
        return said

    async def _carried_out(self, call: ToolCall, stream: int) -> str:
        tool = by_name(call.name)
        if tool is None:
            raise ToolRefused(f"there is no tool {call.name!r}")
        if tool.rule == "edit" and self.approvals.mode == "read-only":
            raise ToolRefused("this session is read-only")
        try:
            arguments = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError) as error:
            raise ToolRefused(f"the arguments are no JSON: {error}") from error
        if not isinstance(arguments, dict):
            raise ToolRefused("the arguments must be a JSON object")
        if not is_text(call.arguments, arguments):
            raise ToolRefused("the arguments hold NUL, or half of a character")
        return await tool.call(arguments, self._hands(stream))

    def _hands(self, stream: int) -> Hands:
        async def command(text: str) -> str:
            return await self._command(text, stream)

        async def ask(text: str, options: tuple[str, ...]) -> int:
            return await self._ask(stream, text, options)

        async def codemod(sentence: str) -> str:
            answer: CodemodAnswer = await self.setup.codemod(sentence, str(self.workspace.root))
            if answer.patch:
                self._tell(stream, patch=answer.patch)
            return answer.said

        return Hands(self.workspace, command, ask, codemod, self.setup.keeper)

    async def _ask(self, stream: int, text: str, options: tuple[str, ...]) -> int:
        """One question at a time; who is not answered waits until the answer is stopped."""
        async with self._asking:
            self._answer = asyncio.get_running_loop().create_future()
            id = f"{TOOL_QUESTION}{next(self._numbers)}"
            self._tell(stream, question=Question(id, text, options))
            choice = await self._answer
        if choice is None:
            raise ToolRefused("the person gave no answer; go on without it")
        return choice

    # -- commands ------------------------------------------------------------------------------

    async def _command(self, command: str, stream: int) -> str:
        async with self._deciding:  # a question holds up the model's commands, not the person's
            mechanism = await asyncio.to_thread(probe)
            confined = mechanism.confines
            if len(command) > LONGEST:
                raise ToolRefused(f"the command has more than {LONGEST:,} characters")
            verdict = self.approvals.verdict(command, confined=confined)
            if verdict == "deny":
                raise ToolRefused("this session is read-only, so nothing is run")
            if verdict == "ask":
                options = self.approvals.options(command, confined=confined)
                note = "" if confined else f" ({mechanism.line})"
                text = f"The model wants to run: {shown(command)}{note}"
                choice = await self._ask(stream, text, options)
                try:
                    if not self.approvals.take(command, options, choice):
                        raise ToolRefused(_NOT_ALLOWED)
                except OSError as error:
                    self._tell(stream, Notice(f"your answer cannot be kept: {error}", "warning"))
            async with self._running:
                return await self._run(command, lambda event: self._tell(stream, event))

    async def _typed(self, command: str) -> None:
        if self._running.locked():
            waits = f"$ {shown(command)} waits until the command that runs has ended"
            self._tell(None, Notice(f"{waits}: $ {shown(self._runs)}"))
        async with self._running:
            await self._run(command, lambda event: self._tell(None, event), typed=True)

    async def _run(
        self, command: str, tell: Callable[[Event], None], *, typed: bool = False
    ) -> str:
        """Run it now; what the model is told of it."""
        id, root = f"r{next(self._numbers)}", self.workspace.root
        self._runs, self._typed_run = command, id if typed else ""
        mechanism = await asyncio.to_thread(probe)
        tell(RunStarted(id, (command,), mechanism.name, typed))
        job = Job(
            ("/bin/sh", "-c", command),
            root,
            root,
            keep=self.setup.keep_output(id),
            access=Access(network=self.setup.network),
            limits=Limits(time_s=self.setup.run_timeout_s),
        )
        said = ""
        async with aclosing(run(mechanism, job, lambda: self._stopped == id)) as events:
            async for event in events:
                match event:
                    case Output(text=text):
                        tell(RunOutput(id, text))
                    case Finished():
                        kept = str(job.keep) if job.keep is not None else ""
                        how = (event.exit_code, event.ended, event.seconds, kept, event.why)
                        tell(RunFinished(id, *how))
                        said = _finished(event)
                        self.last_output = f"$ {command}\n{said}\n"
        return said

    def _tell(
        self,
        stream: int | None,
        *events: Event,
        question: Question | None = None,
        patch: str = "",
        outputs: Results | None = None,
    ) -> None:
        self.inbox.put(ToolNews(stream, events, question, patch, outputs))


def is_text(raw: str, value: object) -> bool:
    """Whether all texts in it can be names and arguments of commands."""
    if raw.isascii() and "\\u" not in raw:
        return True
    match value:
        case str():
            return "\0" not in value and value.encode("utf-8", "replace").decode() == value
        case dict():
            return all(is_text(raw, one) for pair in value.items() for one in pair)
        case list():
            return all(is_text(raw, one) for one in value)
        case _:
            return True


def _finished(event: Finished) -> str:
    how = f"exit code {event.exit_code}" if event.ended == "exit" else event.why
    return f"{how} after {event.seconds:.1f} s\n{event.view}".rstrip()


def _cut(said: Sequence[str]) -> list[str]:
    """Each result within its part of the budget: the beginning, the end, and a note between; what
    short ones leave is for the long ones."""
    left, many = MOST_CHARACTERS, len(said)
    most: dict[int, int] = {}
    for index in sorted(range(many), key=lambda i: len(said[i])):
        most[index] = min(len(said[index]), left // many)
        left, many = left - most[index], many - 1
    return [_middle_cut(text, most[index]) for index, text in enumerate(said)]


def _middle_cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    head, tail = most * 2 // 3, most // 3
    note = f"[… {len(text) - head - tail:,} characters were left out here; ask for less …]"
    return f"{text[:head]}\n{note}\n{text[len(text) - tail :]}"
