"""The rounds of one conversation in which the model calls tools and reads what came of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from codexspark_tui.errors import LimitReached
from codexspark_tui.events.commands import Run, SetGuard, StopRun
from codexspark_tui.events.facts import Event, Notice
from codexspark_tui.providers.model import Item, Tool, ToolCall, ToolOutput
from codexspark_tui.session.approvals import Approvals
from codexspark_tui.session.guards.rules import with_guard
from codexspark_tui.session.inbox import Inbox
from codexspark_tui.session.judging import Judge
from codexspark_tui.session.models import Setup
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.session.stream import Streams
from codexspark_tui.session.turn import Turn
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:  # a provider that does not converse calls no tools
    from codexspark_tui.session.conversation import Conversation
    from codexspark_tui.session.tooling import Tooling

MOST_ROUNDS = 40
MOST_AT_ONCE = 512
STOPPED = "The person stopped this before it was done."
# The formats in which a model gives its changes that say the same as the patch tool's text.
_BY_PATCH_TOOL = ("envelope",)


class Rounds:
    """`count`: rounds of the prompt that is being answered."""

    def __init__(self, workspace: Workspace, inbox: Inbox, setup: Setup, streams: Streams) -> None:
        self.count = 0
        self.rules = setup.rules
        self._workspace, self._inbox, self._setup = workspace, inbox, setup
        self._streams = streams
        self.judge = Judge(lambda: inbox.is_stopping, setup.keeper)
        self.approvals = Approvals(workspace.root, setup.mode)
        self._made: Tooling | None = None
        self._open: list[ToolCall] = []

    @property
    def tooling(self) -> Tooling:
        if self._made is None:
            from codexspark_tui.session.tooling import Tooling

            self._made = Tooling(self._workspace, self._inbox, self._setup, self.approvals)
        return self._made

    @property
    def last_output(self) -> str:
        """Of the latest command that the person or the model ran, with its exit code."""
        return self._made.last_output if self._made is not None else ""

    @property
    def _kind(self) -> str:
        return self._streams.provider.capabilities.tools if self._setup.tools else "none"

    def turn(self, number: int, prompt: str, desk: Desk, new_id: Callable[[], str]) -> Turn:
        """A new one, whose changes are checked by what holds now."""
        self.judge.begin()
        return Turn(number, prompt, desk, new_id, rules=self.rules, judge=self.judge)

    def arrange(self, command: SetGuard | Run | StopRun) -> list[Event]:
        """Run what the person typed, or end it, or check the next prompts' changes by this, too."""
        if isinstance(command, Run):
            self.tooling.run_beside(command.command)
            return []
        if isinstance(command, StopRun):
            self.tooling.stop_typed(command.run)
            return []
        rules = with_guard(self.rules, command.name, command.value)
        if isinstance(rules, str):
            return [Notice(rules, "warning")]
        self.rules = rules
        return [Notice(rules.listed())]

    def offered(self, edit_format: str) -> tuple[Tool, ...]:
        """The tools that the model may call."""
        if self._kind != "calls":
            return ()
        from codexspark_tui.session.tools import TOOLS

        return tuple(one.tool for one in TOOLS if one.tool.schema or edit_format in _BY_PATCH_TOOL)

    def described(self) -> str:
        """What a model is told that can ask for tools in its text only; else ""."""
        if self._kind != "text":
            return ""
        from codexspark_tui.session.tools import TOOLS
        from codexspark_tui.session.tools.spoken import described

        return described([one.tool for one in TOOLS])

    def calls(self, items: Sequence[Item], text: str) -> list[ToolCall]:
        """The calls of an answer that nothing has answered yet."""
        if self._kind == "text":
            from codexspark_tui.session.tools.spoken import calls_in

            return calls_in(text)
        answered = {item.id for item in items if isinstance(item, ToolOutput)}
        calls = [item for item in items if isinstance(item, ToolCall)]
        return [call for call in calls if call.id not in answered]

    def start(self, calls: list[ToolCall]) -> None:
        """Raises `LimitReached` where the model has called often enough."""
        self.count += 1
        self._open = calls
        if len(calls) > MOST_AT_ONCE:
            raise LimitReached(
                f"the model has called {len(calls):,} tools at once",
                next_step="Ask for less at once, or choose another model.",
            )
        if self.count > MOST_ROUNDS:
            raise LimitReached(
                f"the model has called tools in {MOST_ROUNDS} rounds without an end",
                next_step="Ask for less at once, or say what to look at.",
            )
        self.tooling.start(calls, self._streams.number)

    def answered(self, choice: int | None) -> list[Event]:
        """The person has answered a tool's question; None: they would not."""
        self.tooling.answer(choice)
        return []

    def give(self, held: Conversation, outputs: Sequence[tuple[ToolCall, str]]) -> None:
        """Put the results into the conversation."""
        self._open = []
        if self._kind == "text":
            from codexspark_tui.session.tools.spoken import answered

            held.ask(answered(outputs))
            return
        held.answered([ToolOutput(call.id, said, call.free) for call, said in outputs], "")

    def stop(self, held: Conversation) -> bool:
        """The answer is over: what still runs for it ends. Whether something did."""
        if self._made is not None:
            self._made.stop()
        was_open = bool(self._open)
        if was_open:
            self.give(held, [(call, STOPPED) for call in self._open])
        return was_open

    async def aclose(self) -> None:
        self.judge.close()
        if self._made is not None:
            await self._made.aclose()
